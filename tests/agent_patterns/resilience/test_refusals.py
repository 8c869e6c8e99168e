"""Not so, not here, not now; groups by their members; what nobody knows stays unknown."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import openai
import psycopg
import psycopg_pool
import pytest
import sqlalchemy.exc
from langgraph.errors import GraphInterrupt
from langgraph.types import Interrupt
from tests.agent_patterns.resilience.support import (
    REQUEST,
    connection_error,
    status_error,
    timeout_error,
)

from agent_patterns.resilience import CircuitBreaker, FallbackChain, Kind, Link, Retry, classify
from agent_patterns.resilience.kinds import Refusal
from agent_patterns.testing import FakeClock


class StrangeError(ValueError):
    """An error of a library that nobody here has heard of."""


class StrangeDiskError(OSError):
    """The same for an OSError."""


def streamed(code: str) -> openai.APIError:
    return openai.APIError("an error event", request=REQUEST, body={"message": "", "code": code})


def over_httpx(status: int, code: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1/")
    response = httpx.Response(status, json={"error": {"code": code}})
    return httpx.HTTPStatusError("", request=request, response=response)


TOO_LONG = {"code": "context_length_exceeded"}
FILTERED = {"code": "content_filter"}


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (status_error(400), Refusal.NOT_SO),
        (status_error(422), Refusal.NOT_SO),
        (ValueError("bug"), Refusal.NOT_SO),
        (status_error(400, body=TOO_LONG), Refusal.NOT_HERE),
        (status_error(400, body=FILTERED), Refusal.NOT_HERE),
        (status_error(400, body={"error": TOO_LONG}), Refusal.NOT_HERE),
        (status_error(429, body={"code": "insufficient_quota"}), Refusal.NOT_HERE),
        (status_error(429, body={"type": "insufficient_quota"}), Refusal.NOT_HERE),
        (status_error(400, body={"code": "billing_hard_limit_reached"}), Refusal.NOT_HERE),
        (streamed("context_length_exceeded"), Refusal.NOT_HERE),
        (over_httpx(400, "context_length_exceeded"), Refusal.NOT_HERE),
        (over_httpx(400, "content_filter"), Refusal.NOT_HERE),
        (over_httpx(400, "something else"), Refusal.NOT_SO),
        (openai.ContentFilterFinishReasonError(), Refusal.NOT_HERE),
        (status_error(401), Refusal.NOT_HERE),
        (status_error(404), Refusal.NOT_HERE),
        (status_error(429), Refusal.NOT_NOW),
        (streamed("rate_limit_exceeded"), Refusal.NOT_NOW),
        (status_error(503), Refusal.NOT_NOW),
        (timeout_error(), Refusal.NOT_NOW),
        (RuntimeError("?"), None),
        (GraphInterrupt(), None),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_refusal_says_what_to_change(error: Exception, refusal: Refusal | None) -> None:
    verdict = classify(error)
    assert verdict.refusal is refusal
    if refusal is not None:
        assert verdict.retryable is (refusal is Refusal.NOT_NOW)
        assert verdict.fall_back is (refusal is not Refusal.NOT_SO)
    if refusal is Refusal.NOT_HERE:
        assert not verdict.counts


def test_what_is_too_long_for_one_model_is_asked_of_another_and_opens_nothing() -> None:
    breaker = CircuitBreaker(failures=1)
    calls = 0

    @breaker
    def small(text: str) -> str:
        nonlocal calls
        calls += 1
        raise status_error(400, body=TOO_LONG)

    chain = FallbackChain(Link("small", Retry(3)(small)), Link("large", str.upper))
    answers = [chain.call("hello").link for _ in range(3)]
    assert (answers, calls, breaker.state.value) == (["large"] * 3, 3, "closed")


# --- connections ----------------------------------------------------------------------------------


async def test_a_refused_connection_of_aiohttp() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.get("http://127.0.0.1:1/")
    assert classify(refused.value).kind is Kind.CONNECTION


def multiple(*numbers: int) -> OSError:
    said = ", ".join(f"[Errno {number}] Connect call failed" for number in numbers)
    return OSError(f"Multiple exceptions: {said}")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StrangeDiskError(errno.ECONNREFUSED, "refused"), Kind.CONNECTION),
        (StrangeDiskError(errno.ECONNRESET, "reset"), Kind.CONNECTION),
        (StrangeDiskError(errno.ETIMEDOUT, "timed out"), Kind.TIMEOUT),
        (StrangeDiskError(errno.ENOSPC, "full"), Kind.UNKNOWN),
        (OSError(errno.ENOSPC, "full"), Kind.CALLER),
        (aiohttp.ServerTimeoutError(), Kind.TIMEOUT),
        (aiohttp.ServerDisconnectedError(), Kind.CONNECTION),
        (aiohttp.ClientPayloadError(), Kind.CONNECTION),
        (multiple(errno.ECONNREFUSED, errno.ECONNREFUSED), Kind.CONNECTION),
        (multiple(errno.ECONNREFUSED, errno.ENETUNREACH), Kind.CONNECTION),
        (multiple(errno.ECONNREFUSED, errno.EACCES), Kind.UNKNOWN),
        (OSError("Multiple exceptions: "), Kind.UNKNOWN),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_errors_with_a_number(error: Exception, kind: Kind) -> None:
    assert classify(error).kind is kind


async def test_asyncio_when_both_addresses_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()

    async def two_addresses(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", 1)), (2, 1, 6, "", ("127.0.0.2", 1))]

    monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
    with pytest.raises(OSError, match="Multiple exceptions") as refused:
        await asyncio.open_connection("localhost", 1)
    assert (refused.value.errno, classify(refused.value).kind) == (None, Kind.CONNECTION)


# --- databases ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("server closed the connection"), Kind.CONNECTION),
        (psycopg.errors.AdminShutdown(), Kind.CONNECTION),
        (psycopg.errors.CannotConnectNow(), Kind.CONNECTION),
        (psycopg.errors.TooManyConnections(), Kind.CONNECTION),
        (psycopg_pool.PoolTimeout(), Kind.TIMEOUT),
        (psycopg.errors.QueryCanceled(), Kind.TIMEOUT),
        (psycopg.errors.DeadlockDetected(), Kind.CONFLICT),
        (psycopg.errors.SerializationFailure(), Kind.CONFLICT),
        (psycopg.errors.LockNotAvailable(), Kind.CONFLICT),
        (psycopg.errors.InvalidPassword(), Kind.AUTHENTICATION),
        (psycopg.errors.UniqueViolation(), Kind.INVALID_REQUEST),
        (psycopg.errors.SyntaxError(), Kind.CALLER),
        (sqlite3.OperationalError("database is locked"), Kind.CONFLICT),
        (sqlite3.OperationalError("no such table: runs"), Kind.UNKNOWN),
        (
            sqlalchemy.exc.OperationalError("SELECT 1", {}, psycopg.errors.AdminShutdown()),
            Kind.CONNECTION,
        ),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_databases(error: Exception, kind: Kind) -> None:
    assert classify(error).kind is kind


def test_a_connection_that_nobody_takes_and_a_file_that_is_locked(tmp_path: Path) -> None:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect("postgresql://127.0.0.1:1/none", connect_timeout=2)
    assert classify(refused.value).retryable
    one, other = (sqlite3.connect(tmp_path / "runs.db", timeout=0) for _ in range(2))
    one.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        other.execute("CREATE TABLE runs (id)")
    assert classify(locked.value).retryable
    assert not classify(locked.value).counts
    one.close()
    other.close()


# --- unknown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [ValueError, TypeError, KeyError, AttributeError, AssertionError])
def test_an_unknown_class_is_not_the_callers_mistake(base: type[Exception]) -> None:
    strange = type("SpaceWeatherError", (base,), {"__module__": "satellites.errors"})
    verdict = classify(strange("a solar storm"))
    assert (verdict.kind, verdict.retryable, verdict.counts) == (Kind.UNKNOWN, False, True)
    assert classify(base("a bug")).kind is Kind.CALLER


def test_pythons_own_subclasses_are_still_the_callers_mistake() -> None:
    for bug in (UnicodeDecodeError("ascii", b"", 0, 1, ""), IndexError(), OverflowError()):
        assert classify(bug).kind is Kind.CALLER


# --- groups ---------------------------------------------------------------------------------------


def group(*errors: Exception) -> ExceptionGroup[Exception]:
    return ExceptionGroup("from a TaskGroup", list(errors))


@pytest.mark.parametrize(
    ("errors", "kind", "retryable"),
    [
        ([timeout_error()], Kind.TIMEOUT, True),
        ([timeout_error(), connection_error()], Kind.TIMEOUT, True),
        ([timeout_error(), status_error(401)], Kind.AUTHENTICATION, False),
        ([timeout_error(), RuntimeError()], Kind.UNKNOWN, False),
        ([timeout_error(), ValueError()], Kind.CALLER, False),
        ([timeout_error(), group(connection_error(), ValueError())], Kind.CALLER, False),
        ([ValueError(), GraphInterrupt()], Kind.CONTROL_FLOW, False),
        ([timeout_error(), group(GraphInterrupt())], Kind.CONTROL_FLOW, False),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_group_is_judged_by_its_members(
    errors: list[Exception], kind: Kind, retryable: bool
) -> None:
    verdict = classify(group(*errors))
    assert (verdict.kind, verdict.retryable) == (kind, retryable)


def test_a_group_waits_as_long_as_its_slowest_member_asks() -> None:
    asked = [status_error(429, {"retry-after": seconds}) for seconds in ("2", "7", "3")]
    assert classify(group(*asked)).retry_after == 7


async def test_an_interrupt_in_a_group_comes_out_of_it() -> None:
    """LangGraph pauses for an interrupt, not for a group with one inside."""
    pause = GraphInterrupt((Interrupt("may I?"),))

    def node() -> str:
        raise group(timeout_error(), group(pause))

    async def anode() -> str:
        return node()

    clock = FakeClock()
    retry = Retry(3, clock=clock, sleep=clock.sleep, async_sleep=clock.async_sleep)
    chain = FallbackChain(Link("node", node), Link("never asked", lambda: "hides the question"))
    achain = FallbackChain(Link("node", anode), Link("never asked", lambda: "hides the question"))
    breaker = CircuitBreaker(failures=1)
    for call in (retry(node), breaker(node), chain.call):
        with pytest.raises(GraphInterrupt) as raised:
            call()
        assert raised.value is pause
    for acall in (retry(anode), breaker(anode), achain.acall):
        with pytest.raises(GraphInterrupt):
            await acall()
    assert (clock.slept, breaker.state.value) == ([], "closed")
