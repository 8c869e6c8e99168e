from __future__ import annotations

import asyncio
import errno
import http.client
import json
import socket
import ssl
import time
import urllib.error
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime

import httpx
import httpx2
import openai
import pytest
import requests
from langchain_core.exceptions import ModelRateLimitError, OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.output_parsers.openai_tools import PydanticToolsParser
from langchain_core.outputs import ChatGeneration
from langchain_openai.chat_models.base import OpenAIAPIContextOverflowError
from langgraph.errors import GraphInterrupt
from langgraph.types import RetryPolicy
from pydantic import BaseModel
from tests.agent_patterns.resilience.support import (
    REQUEST,
    connection_error,
    status_error,
    timeout_error,
)

from agent_patterns.resilience import Kind, NoAnswerError, classify
from agent_patterns.resilience.classification import classifier, is_retryable, retry_after
from agent_patterns.resilience.errors import CircuitOpenError, DeadlineExceededError
from agent_patterns.resilience.kinds import TRAITS


def http_error(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "http://127.0.0.1/")
    return httpx.HTTPStatusError("", request=request, response=httpx.Response(status))


def requests_error(status: int) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(response=response)


def urllib_error(status: int, headers: Message | None = None) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("http://127.0.0.1/", status, "", headers or Message(), None)


class Order(BaseModel):
    amount: int


def answer_that_does_not_fit() -> Exception:
    call = {"name": "Order", "args": {"amount": "lots"}, "id": "1"}
    answer = ChatGeneration(message=AIMessage("", tool_calls=[call]))
    with pytest.raises(ValueError, match="Order") as error:
        PydanticToolsParser(tools=[Order]).parse_result([answer])
    return error.value


def in_stream(cls: type[openai.APIError], code: str) -> openai.APIError:
    return cls("an error event", request=REQUEST, body={"message": "", "code": code})


CASES: list[tuple[BaseException, Kind, bool]] = [
    (status_error(429), Kind.RATE_LIMIT, True),
    (status_error(429, body={"code": "insufficient_quota"}), Kind.QUOTA, False),
    (status_error(500), Kind.SERVER, True),
    (status_error(503), Kind.SERVER, True),
    (status_error(501), Kind.INVALID_REQUEST, False),
    (status_error(408), Kind.TIMEOUT, True),
    (status_error(409), Kind.CONFLICT, True),
    (status_error(400), Kind.INVALID_REQUEST, False),
    (status_error(413), Kind.INVALID_REQUEST, False),
    (status_error(401), Kind.AUTHENTICATION, False),
    (status_error(403), Kind.AUTHENTICATION, False),
    (status_error(404), Kind.NOT_FOUND, False),
    (timeout_error(), Kind.TIMEOUT, True),
    (connection_error(), Kind.CONNECTION, True),
    (in_stream(openai.APIError, "server_error"), Kind.SERVER, True),
    (in_stream(openai.APIError, "insufficient_quota"), Kind.QUOTA, False),
    (in_stream(OpenAIAPIContextOverflowError, ""), Kind.TOO_LONG, False),
    (ModelRateLimitError(), Kind.RATE_LIMIT, True),
    (OutputParserException("not JSON"), Kind.MALFORMED, True),
    (answer_that_does_not_fit(), Kind.MALFORMED, True),
    (json.JSONDecodeError("cut off", "{", 1), Kind.MALFORMED, True),
    (http_error(503), Kind.SERVER, True),
    (http_error(404), Kind.NOT_FOUND, False),
    (httpx.ReadTimeout(""), Kind.TIMEOUT, True),
    (httpx.ConnectError(""), Kind.CONNECTION, True),
    (httpx2.RemoteProtocolError(""), Kind.CONNECTION, True),
    (httpx2.ConnectTimeout(""), Kind.TIMEOUT, True),
    (httpx.UnsupportedProtocol(""), Kind.CALLER, False),
    (httpx2.LocalProtocolError(""), Kind.CALLER, False),
    (requests_error(502), Kind.SERVER, True),
    (requests.Timeout(), Kind.TIMEOUT, True),
    (requests.ConnectionError(), Kind.CONNECTION, True),
    (requests.exceptions.ChunkedEncodingError(), Kind.CONNECTION, True),
    (requests.exceptions.ContentDecodingError(), Kind.MALFORMED, True),
    (requests.exceptions.JSONDecodeError("cut off", "{", 1), Kind.MALFORMED, True),
    (requests.exceptions.InvalidJSONError(), Kind.CALLER, False),
    (requests.exceptions.InvalidURL(), Kind.CALLER, False),
    (requests.exceptions.TooManyRedirects(), Kind.UNKNOWN, False),
    (urllib_error(503), Kind.SERVER, True),
    (urllib_error(401), Kind.AUTHENTICATION, False),
    (urllib.error.URLError(ConnectionRefusedError()), Kind.CONNECTION, True),
    (urllib.error.URLError(TimeoutError()), Kind.TIMEOUT, True),
    (urllib.error.URLError("unknown url type: htp"), Kind.CALLER, False),
    (urllib.error.ContentTooShortError("", (b"", Message())), Kind.CONNECTION, True),
    (http.client.IncompleteRead(b""), Kind.CONNECTION, True),
    (http.client.RemoteDisconnected(), Kind.CONNECTION, True),
    (http.client.BadStatusLine(""), Kind.CONNECTION, True),
    (http.client.InvalidURL(), Kind.CALLER, False),
    (ssl.SSLError(1, "bad record"), Kind.CONNECTION, True),
    (ssl.SSLEOFError(8, "cut off"), Kind.CONNECTION, True),
    (OSError(errno.ENETUNREACH, "Network is unreachable"), Kind.CONNECTION, True),
    (OSError(errno.EHOSTUNREACH, "No route to host"), Kind.CONNECTION, True),
    (OSError(errno.ENOSPC, "No space left on device"), Kind.CALLER, False),
    (OSError("without a number"), Kind.UNKNOWN, False),
    (ConnectionResetError(), Kind.CONNECTION, True),
    (socket.gaierror(), Kind.CONNECTION, True),
    (TimeoutError(), Kind.TIMEOUT, True),
    (asyncio.IncompleteReadError(b"", 1), Kind.CONNECTION, True),
    (FileNotFoundError(), Kind.CALLER, False),
    (ValueError(), Kind.CALLER, False),
    (KeyError("x"), Kind.CALLER, False),
    (ZeroDivisionError(), Kind.CALLER, False),
    (NoAnswerError(), Kind.NO_ANSWER, False),
    (CircuitOpenError("chat", "why", 3.0), Kind.CIRCUIT_OPEN, False),
    (DeadlineExceededError(5), Kind.TIMEOUT, True),
    (DeadlineExceededError(5, inherited=True), Kind.DEADLINE, False),
    (GraphInterrupt(), Kind.CONTROL_FLOW, False),
    (asyncio.CancelledError(), Kind.CONTROL_FLOW, False),
    (KeyboardInterrupt(), Kind.CONTROL_FLOW, False),
    (RuntimeError("?"), Kind.UNKNOWN, False),
]


@pytest.mark.parametrize(("error", "kind", "retryable"), CASES, ids=lambda value: repr(value)[:50])
def test_kinds(error: BaseException, kind: Kind, retryable: bool) -> None:
    verdict = classify(error)
    assert verdict.kind is kind
    assert verdict.retryable is is_retryable(error) is retryable


def test_every_kind_has_its_traits() -> None:
    assert set(TRAITS) == set(Kind)
    for kind, traits in TRAITS.items():
        assert traits.reason
        assert traits.user_message or kind is Kind.CONTROL_FLOW
        assert not (kind.needs_repair and traits.retryable)
        assert not (traits.retryable and not traits.fall_back)


def test_user_messages_leak_nothing() -> None:
    error = openai.AuthenticationError(
        "Incorrect API key provided: sk-secret",
        response=httpx2.Response(401, request=REQUEST),
        body=None,
    )
    verdict = classify(error)
    assert "sk-secret" not in verdict.user_message + verdict.reason


def test_long_messages_are_shortened() -> None:
    assert len(classify(ValueError("word " * 1000)).error) < 200


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_retry_after_in_numbers(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(status_error(429, headers)) == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(90, 90.0), (-90, 0.0)])
def test_retry_after_as_a_date(ahead: int, seconds: float) -> None:
    now = 1_800_000_000
    date = format_datetime(datetime.fromtimestamp(now + ahead, UTC), usegmt=True)
    assert retry_after(status_error(503, {"retry-after": date}), clock=lambda: now) == seconds


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94 08:50:37 GMT",
        "Sun Nov  6 08:50:37 1994",
        "Sun, 06 Nov 1994 08:50:37 -0000",
    ],
)
def test_every_form_of_a_date_is_in_utc(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "EST+5")
        set_zone = getattr(time, "tzset", lambda: None)  # Windows reads TZ by itself
        set_zone()
        asked = retry_after(status_error(429, {"retry-after": date}), clock=lambda: 784111777.0)
    set_zone()
    assert asked == 60


def test_urllibs_error_is_its_own_response() -> None:
    headers = Message()
    headers["Retry-After"] = "7"
    verdict = classify(urllib_error(429, headers))
    assert (verdict.kind, verdict.status, verdict.retry_after) == (Kind.RATE_LIMIT, 429, 7.0)


def test_an_error_that_cannot_say_what_it_is_is_classified_all_the_same() -> None:
    class Mute(ConnectionError):
        def __str__(self) -> str:
            raise ZeroDivisionError

    verdict = classify(Mute())
    assert verdict.kind is Kind.CONNECTION
    assert verdict.error.startswith("Mute: ")


def test_an_open_breaker_says_when() -> None:
    assert retry_after(CircuitOpenError("chat", "why", 3.0)) == 3.0


def test_own_exceptions() -> None:
    class ShopDown(RuntimeError): ...

    class TillDown(ShopDown): ...

    known = classifier({ShopDown: Kind.SERVER})
    assert known(TillDown()).kind is Kind.SERVER
    assert known(timeout_error()).kind is Kind.TIMEOUT


def test_what_the_lesson_says_of_langgraphs_default() -> None:
    repeats = RetryPolicy().retry_on
    assert callable(repeats)
    assert repeats(http_error(503))
    assert not repeats(http_error(401))
    assert repeats(requests_error(503))
    assert repeats(requests_error(401)), "it tests the response, which is falsy, for None"
    assert repeats(requests_error(404))
    assert repeats(ConnectionError())
    assert repeats(status_error(401)), "a class that it does not know"
    for error in (ValueError(), TypeError(), RuntimeError(), OSError(), TimeoutError()):
        assert not repeats(error)
    assert not is_retryable(requests_error(401))
