"""A clock that moves when told to, and openai's exceptions as its client builds them."""

from __future__ import annotations

import httpx2
import openai


class FakeClock:
    """Monotonic seconds that pass only in `advance` and in `sleep`."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
CLASSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}


def status_error(
    status: int, headers: dict[str, str] | None = None, body: object | None = None
) -> openai.APIStatusError:
    response = httpx2.Response(status, headers=headers or {}, request=REQUEST)
    cls = CLASSES.get(
        status, openai.InternalServerError if status >= 500 else openai.APIStatusError
    )
    return cls(f"status {status}", response=response, body=body)


def timeout_error() -> openai.APITimeoutError:
    return openai.APITimeoutError(request=REQUEST)


def connection_error() -> openai.APIConnectionError:
    return openai.APIConnectionError(request=REQUEST)
