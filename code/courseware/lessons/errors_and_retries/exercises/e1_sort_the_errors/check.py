"""Check: Sort the errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx2
import openai

from courseware.exercises import chance, expect, expecting

_CLASSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}
_REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def _status(code: int, draw: Random) -> openai.APIStatusError:
    """Return a subclass of what openai raises, as LangChain raises one."""
    base = _CLASSES.get(code, openai.InternalServerError)
    kind: type[openai.APIStatusError] = type(f"Wrapped{draw.randint(10, 99)}", (base,), {})
    said = draw.choice(["the service said no", "please look at your request", "not this time"])
    return kind(said, response=httpx2.Response(code, request=_REQUEST), body=None)


def _cut() -> json.JSONDecodeError:
    return json.JSONDecodeError("Expecting value", '{"choices": [', 13)


def _passing(draw: Random) -> Iterator[tuple[str, BaseException, str]]:
    """Yield errors that pass, with the misconception of leaving them alone."""
    yield "misses-rate-limits", _status(429, draw), "a 429: the service is busy for the moment"
    for code in (500, draw.choice([502, 503, 504]), draw.randint(520, 599)):
        yield "misses-server-errors", _status(code, draw), f"a {code}: the service failed"
    timeout = openai.APITimeoutError(request=_REQUEST)
    yield "misses-connections", timeout, "a time-out: no answer came"
    lost = openai.APIConnectionError(message="hung up", request=_REQUEST)
    yield "misses-connections", lost, "a lost connection: no answer came"
    yield "misses-cut-answers", _cut(), "a JSONDecodeError: the answer was cut off on its way"


def _staying(draw: Random) -> Iterator[tuple[str, BaseException, str]]:
    """Yield errors that stay, with the misconception of repeating them."""
    yield "retries-authentication", _status(401, draw), "a 401: the key stays refused"
    codes = [400, 403, 404, 422]
    draw.shuffle(codes)
    for code in codes:
        yield "retries-what-stays", _status(code, draw), f"a {code}: an answer, and it is no"
    mistakes = [TypeError("no such argument"), ValueError("two pieces"), KeyError("price")]
    for error in (*mistakes, RuntimeError("nobody foresaw this")):
        told = f"a {type(error).__name__} of our own code, or one that nobody foresaw"
        yield "retries-mistakes", error, told


def check(worth_a_retry: Callable[[BaseException], Any]) -> None:
    """Show the function both kinds, in turn."""
    draw = chance()
    for wanted, cases in ((True, list(_passing(draw))), (False, list(_staying(draw)))):
        for misconception, error, told in cases:
            with expecting(f"True or False for {told}."):
                said = worth_a_retry(error)
            expect(
                said is not None,
                "returns-nothing",
                f"For {told}, your function returned None. Return True or False for every error.",
            )
            expect(
                bool(said) == wanted,
                misconception,
                f"For {told}. Your function returned {said!r}. "
                + (
                    "The same request may succeed a little later."
                    if wanted
                    else "The same request will fail the same way: don't repeat it."
                ),
            )
