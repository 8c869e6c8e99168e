"""Conditions and waits compose as in tenacity; a wrong part is refused when it is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tenacity
from langgraph.errors import GraphInterrupt
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import CircuitBreaker, FallbackChain, Kind, Policy, Retry, Rule
from agent_patterns.resilience.backoff import Constant, Exponential
from agent_patterns.resilience.retry import if_kind, if_retryable
from agent_patterns.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def attempts(clock: FakeClock, error: Exception, **options: Any) -> int:
    """How often a call that always fails is made."""
    calls = 0
    options.setdefault("backoff", Constant(0))

    def service() -> None:
        nonlocal calls
        calls += 1
        raise error

    with pytest.raises(type(error)):
        Retry(3, clock=clock, sleep=clock.sleep, **options).call(service)
    return calls


def test_conditions_compose(clock: FakeClock) -> None:
    more = if_retryable() | if_kind(Kind.UNKNOWN)
    assert attempts(clock, RuntimeError(), on=more) == 3
    assert attempts(clock, timeout_error(), on=more) == 3
    assert attempts(clock, status_error(401), on=more) == 1
    fewer = if_retryable() & tenacity.retry_unless_exception_type(ConnectionError)
    assert attempts(clock, ConnectionError(), on=fewer | if_kind(Kind.CONFLICT)) == 1
    assert attempts(clock, status_error(409), on=fewer | if_kind(Kind.CONFLICT)) == 3
    said = tenacity.retry_if_exception_message(match=".*shutting down")
    assert attempts(clock, RuntimeError("the worker is shutting down"), on=more & said) == 3
    assert attempts(clock, RuntimeError("else"), on=more & said) == 1


def test_no_condition_repeats_control_flow(clock: FakeClock) -> None:
    assert attempts(clock, GraphInterrupt(), on=tenacity.retry_always) == 1
    group = ExceptionGroup("", [timeout_error(), timeout_error()])
    assert attempts(clock, group, on=if_kind(Kind.TIMEOUT)) == 3


def test_waits_compose(clock: FakeClock) -> None:
    attempts(clock, timeout_error(), backoff=Exponential(1) + Constant(10))
    assert clock.slept == [11, 12]
    clock.slept.clear()
    attempts(clock, timeout_error(), backoff=tenacity.wait_chain(Constant(5), Exponential(1)))
    assert clock.slept == [5, 2]
    clock.slept.clear()
    rules = {Kind.TIMEOUT: Rule(2, Constant(1) + Constant(2))}
    attempts(clock, timeout_error(), kinds=rules)
    assert clock.slept == [3]


async def test_the_same_in_async(clock: FakeClock) -> None:
    async def down() -> None:
        raise connection_error()

    retry = Retry(
        3,
        on=if_kind(Kind.CONNECTION),
        backoff=Constant(1) + Constant(2),
        clock=clock,
        async_sleep=clock.async_sleep,
    )
    with pytest.raises(type(connection_error())):
        await retry.acall(down)
    assert clock.slept == [3, 3]


@pytest.mark.parametrize(
    ("build", "advice"),
    [
        (lambda: Retry(3, backoff=2), r"backoff .* such as Constant\(2\)"),
        (lambda: Retry(3, backoff=Constant), "backoff"),
        (lambda: Retry(Constant(2)), "attempts"),
        (lambda: Retry("3"), "attempts"),
        (lambda: Retry(3, on=lambda error: True), "on .* if_retryable"),
        (lambda: Retry(3, kinds={"time-out": Rule(3)}), "kinds"),
        (lambda: Retry(3, kinds={Kind.TIMEOUT: 3}), r"kinds .* Rule\("),
        (lambda: Rule(3, 2), "backoff"),
        (lambda: CircuitBreaker(rate=0.5), r"rate .* FailureRate"),
        (lambda: CircuitBreaker(kinds={"time-out": 2}), "kinds"),
        (lambda: Policy(retry=3), r"retry .* Retry\("),
        (lambda: Policy(breaker="chat"), r"breaker .* CircuitBreaker\("),
        (lambda: Policy(fallbacks=[lambda: "kept"]), r"Link\("),
        (lambda: FallbackChain(lambda: "kept"), r"Link\("),
    ],
)
def test_a_wrong_part_is_refused_when_built(build: Callable[[], Any], advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        build()
