"""Check: The right order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from agent_patterns.resilience import CircuitBreaker, FullJitter, Retry
from agent_patterns.resilience.diagnosis import State
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock
from courseware.exercises import chance, expect


class _Night:
    """A service that fails as it is told, three real guards, and the learner's order of them."""

    def __init__(self, protect: Callable[..., Any], draw: Random) -> None:
        self.attempts = draw.randint(2, 4)
        self.failures = draw.randint(self.attempts, 5)  # one hiccup must not open the breaker
        self.left = 0  # failures to come
        self.asked: list[str] = []
        self.replaced: list[str] = []
        self.clock = FakeClock()
        self.breaker = CircuitBreaker(
            "service", failures=self.failures, open_for=30, clock=self.clock
        )
        retry = Retry(self.attempts, backoff=FullJitter(1), sleep=lambda _seconds: None)
        self.call = protect(self._service, retry, self.breaker, self._fallback)
        expect(
            callable(self.call),
            "returns-no-function",
            f"protect returned {self.call!r}. Return the function that callers will use.",
        )

    def _service(self, question: str) -> str:
        self.asked.append(question)
        if self.left > 0:
            self.left -= 1
            raise ConnectionError("the service hung up")
        return f"the service on {question}"

    def _fallback(self, fn: Callable[[str], str]) -> Callable[[str], str]:
        def called(question: str) -> str:
            try:
                return fn(question)
            except (ConnectionError, CircuitOpenError):
                self.replaced.append(question)
                return f"a substitute on {question}"

        return called

    def ask(self, question: str, failures: int = 0) -> Any:
        """Ask one question while the next requests fail."""
        self.left = failures
        return self.call(question)


def _hiccup(protect: Callable[..., Any], draw: Random) -> None:
    for _ in range(2):
        night = _Night(protect, draw)
        failures = night.attempts - 1
        question = f"order {draw.randint(1000, 9999)}"
        said = night.ask(question, failures)
        told = f"{failures} of {night.attempts} attempts failed, and the next would have worked"
        expect(
            said == f"the service on {question}",
            "no-retry-inside",
            f"{told}, but the caller got {said!r} after {len(night.asked)} requests. The retry"
            " must see the service's error before anybody else does: it goes innermost.",
        )
        expect(
            not sum(night.breaker.diagnosis().failures.values())
            and night.breaker.state is State.CLOSED,
            "no-retry-inside",
            f"{told}. The breaker still counted failures: it must see only what is left after the"
            " retries.",
        )


def _outage(protect: Callable[..., Any], draw: Random) -> None:
    night = _Night(protect, draw)
    forever = 10**6
    for number in range(1, night.failures + 1):
        question = f"order {draw.randint(1000, 9999)}"
        said = night.ask(question, forever)
        expect(
            said == f"a substitute on {question}",
            "no-fallback-outside",
            f"The service was down, and question {number} got {said!r} instead of the substitute.",
        )
        opened = night.breaker.state is State.OPEN
        expect(
            opened == (number == night.failures),
            "breaker-counts-attempts" if opened else "breaker-sees-no-failure",
            f"The breaker has failures={night.failures}. After {number} failed questions of"
            f" {night.attempts} attempts each it is {night.breaker.state.value}. It should count"
            " one failure per question: outside the retry, inside the fallback.",
        )
    before = len(night.asked)
    said = night.ask("the next order", forever)
    expect(
        said == "a substitute on the next order",
        "no-fallback-outside",
        f"The breaker was open, and the caller got {said!r} instead of the substitute.",
    )
    expect(
        len(night.asked) == before,
        "asks-past-an-open-breaker",
        "The breaker was open, and the service was asked all the same. An open breaker ends the"
        " question: after it comes only the fallback.",
    )
    night.clock.now += 31
    said = night.ask("a last order")
    expect(
        said == "the service on a last order" and night.breaker.state is State.CLOSED,
        "never-recovers",
        f"The service was well again after 31 s, and the caller got {said!r}.",
    )


def check(protect: Callable[..., Any]) -> None:
    """Play a hiccup and an outage through the learner's order."""
    draw = chance()
    try:
        _hiccup(protect, draw)
        _outage(protect, draw)
    except (ConnectionError, CircuitOpenError) as error:
        expect(
            False,
            "no-fallback-outside",
            f"The caller got a {type(error).__name__}. The fallback must be outermost, so that it"
            " answers whatever happens inside.",
        )
