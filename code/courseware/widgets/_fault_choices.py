"""What the practice server can be told to do wrong, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from practice_model import Fault


@dataclass(frozen=True)
class Choice:
    """Name one thing that the server can be told to do."""

    label: str
    make: Callable[[float], Fault]
    """From the seconds that were entered."""
    seconds: str = ""
    """What the seconds mean; empty where there are none."""


CHOICES: dict[str, Choice] = {
    "rate limit": Choice("429 rate limit", Fault.rate_limit, "Retry-After"),
    "server error": Choice("500 server error", lambda _: Fault.server_error()),
    "unavailable": Choice("503 unavailable", Fault.unavailable, "Retry-After"),
    "unauthorized": Choice("401 key refused", lambda _: Fault.unauthorized()),
    "slow": Choice("slow first byte", Fault.slow, "Silence"),
    "stall": Choice("stall within the answer", lambda s: Fault.stall(1, s), "Silence"),
    "drop": Choice("drop before the answer", lambda _: Fault.drop()),
    "drop mid": Choice("drop within the answer", lambda _: Fault.drop_mid()),
    "truncated": Choice("answer cut off", lambda _: Fault.truncated()),
}


@dataclass(frozen=True)
class Span:
    """For how long a fault is in force."""

    label: str
    requests: int | None = None
    rate: float | None = None
    seconds: float | None = None


SPANS: dict[str, Span] = {
    "next request": Span("the next request", requests=1),
    "next 2 requests": Span("the next 2 requests", requests=2),
    "next 5 requests": Span("the next 5 requests", requests=5),
    "next 10 requests": Span("the next 10 requests", requests=10),
    "every second": Span("about every second request", rate=0.5),
    "5 seconds": Span("all requests for 5 seconds", rate=1.0, seconds=5),
    "30 seconds": Span("all requests for 30 seconds", rate=1.0, seconds=30),
    "until stopped": Span("all requests, until stopped", rate=1.0),
}
