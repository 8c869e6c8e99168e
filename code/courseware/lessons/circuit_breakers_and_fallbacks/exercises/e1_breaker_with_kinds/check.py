"""Check: A breaker that knows kinds of failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from agent_patterns.testing import FakeClock
from courseware.exercises import Wrong, chance, expect, expecting
from courseware.exercises.slips import is_a_slip


class _ReadTimeout(TimeoutError):
    """As the libraries have it: their time-outs are classes of their own."""


class _Desk:
    """A learner's breaker, and what becomes of calls through it."""

    def __init__(
        self,
        breaker_class: Callable[..., Any],
        timeouts: int = 2,
        failures: int = 4,
        open_for: float = 30.0,
    ) -> None:
        self.clock = FakeClock(5000.0)  # a monotonic clock begins anywhere
        self.breaker = breaker_class(
            self.clock, timeouts=timeouts, failures=failures, open_for=open_for
        )
        self.said = ""

    def call(self, service: Callable[[], Any]) -> str:
        """Return `answered`, `failed` or `refused`."""
        asked = False
        raised: BaseException | None = None

        def watched() -> Any:
            nonlocal asked, raised
            asked = True
            try:
                return service()
            except (Exception, asyncio.CancelledError) as error:
                raised = error
                raise

        try:
            with expecting("The service's answer, its own exception, or a refusal of yours."):
                result = self.breaker.call(watched)
        except NotImplementedError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if error is not raised and is_a_slip(error):
                raise  # in the breaker's own code, no refusal
            if not asked:
                expect(
                    type(error) not in (TimeoutError, ConnectionError),
                    "refuses-as-the-service-fails",
                    f"The breaker refused with a plain {type(error).__name__}, which is what a"
                    " failing service raises. The caller can't tell one from the other: raise an"
                    " exception of your own.",
                )
                self.said = f" (It raised {type(error).__name__}: {error}.)"
                return "refused"
            if error is raised:
                return "failed"
            if raised is None:
                raise
            raise Wrong(
                "replaces-the-error",
                f"The service raised {type(raised).__name__}, the caller got"
                f" {type(error).__name__}. Let the service's own exception through: the caller"
                " decides by it what to do.",
            ) from error
        if not asked:
            raise Wrong(
                "refuses-silently",
                f"The breaker did not call the service and returned {result!r}. The caller must be"
                " able to tell a refusal from an answer: raise an exception of your own.",
            )
        if raised is not None:
            raise Wrong(
                "swallows-errors",
                f"The service raised {type(raised).__name__}, and the breaker returned {result!r}"
                " as if all were well. Count the failure and raise it again.",
            )
        if result != "fine":
            raise Wrong("loses-the-answer", f"The service said 'fine', call returned {result!r}.")
        return "answered"

    def fail(self, error: type[BaseException], times: int = 1) -> list[str]:
        def service() -> str:
            raise error("the service failed")

        return [self.call(service) for _ in range(times)]

    def fine(self) -> str:
        return self.call(lambda: "fine")


@dataclass(frozen=True)
class _Numbers:
    """The numbers that `__init__` is given in one check."""

    make: Callable[..., Any]
    timeouts: int
    failures: int
    open_for: float

    def desk(self) -> _Desk:
        """Return a new breaker with these numbers."""
        return _Desk(self.make, self.timeouts, self.failures, self.open_for)

    def opened(self) -> _Desk:
        """Return a breaker that time-outs have opened."""
        desk = self.desk()
        desk.fail(TimeoutError, self.timeouts)
        return desk

    def half_open(self) -> _Desk:
        """Return one whose next call is the probe."""
        desk = self.opened()
        desk.clock.now += self.open_for + 1
        return desk

    def __str__(self) -> str:
        return f"timeouts={self.timeouts}, failures={self.failures}, open_for={self.open_for:g}"


def _opens(numbers: _Numbers, default: bool) -> None:
    desk = numbers.desk()
    expect(
        desk.fine() == "answered",
        "refuses-from-the-start",
        "A new breaker refused its first call. It begins closed: every call goes through."
        + desk.said,
    )
    for kind, limit, early, late in (
        (TimeoutError, numbers.timeouts, "opens-too-early", "one-count-for-all"),
        (ConnectionError, numbers.failures, "one-count-for-all", "never-opens"),
    ):
        desk = numbers.desk()
        expect(
            desk.fail(kind, limit) == ["failed"] * limit,
            early if default else "ignores-its-numbers",
            f"With {numbers} the breaker refused a call before {limit} {kind.__name__}s had come."
            " Each kind counts up to its own number, and it opens *after* the last." + desk.said,
        )
        expect(
            desk.fine() == "refused",
            late if default else "ignores-its-numbers",
            f"With {numbers} the service was still asked after {limit} {kind.__name__}s in a row."
            " Each kind has a number of its own, which `__init__` is given.",
        )


def _keeps_apart(numbers: _Numbers) -> None:
    one, other = numbers.desk(), numbers.desk()
    most = numbers.timeouts - 1
    one.fail(TimeoutError, most)
    other.fail(TimeoutError, most)
    expect(
        (one.fine(), other.fine()) == ("answered", "answered"),
        "shared-between-breakers",
        f"Each of two breakers had {most} time-outs, with {numbers}, and one of them opened: they"
        " count together. Keep the state on `self`, made anew in `__init__`, not on the class.",
    )
    desk = numbers.desk()
    for _ in range(6):
        desk.fail(ConnectionError, numbers.failures - 1)
        desk.fail(TimeoutError, 1)
        expect(
            desk.fine() == "answered",
            "never-resets",
            "Between any two of these failures there were successes, and still the breaker opened."
            " A success shows that the service works: set the counts back to zero.",
        )
    for mistake in (ValueError, FileNotFoundError, KeyError):
        desk = numbers.desk()
        expect(
            desk.fail(mistake, 9) == ["failed"] * 9 and desk.fine() == "answered",
            "counts-the-callers-mistakes",
            f"Nine {mistake.__name__}s, mistakes of the caller, opened the breaker: now nobody can"
            " use a service that is perfectly well. Count TimeoutError and ConnectionError only,"
            " not the OSError above them.",
        )
    desk = numbers.desk()
    desk.fail(TimeoutError, numbers.timeouts - 1)
    desk.fail(ValueError)
    desk.fail(TimeoutError)
    expect(
        desk.fine() == "refused",
        "takes-a-mistake-for-a-success",
        f"With {numbers}, {numbers.timeouts} time-outs came with only a ValueError among them, and"
        " the breaker stayed closed. A mistake of the caller never counts: neither as a failure nor"
        " as a success.",
    )
    for derived, number in (
        (ConnectionResetError, numbers.failures),
        (_ReadTimeout, numbers.timeouts),
    ):
        desk = numbers.desk()
        desk.fail(derived, number)
        expect(
            desk.fine() == "refused",
            "misses-subclasses",
            f"The service failed {number} times with a {derived.__name__.lstrip('_')}, and the"
            " breaker is still closed. A service nearly always raises a subclass: ask with"
            " `isinstance` or `except`, not by `type(error)`.",
        )


def _waits_and_probes(numbers: _Numbers, default: bool) -> None:
    desk = numbers.opened()
    desk.clock.now += numbers.open_for - 1
    expect(
        desk.fine() == "refused",
        "opens-not-long-enough" if default else "ignores-its-numbers",
        f"With {numbers}, the breaker let a call through {numbers.open_for - 1:g} seconds after it"
        " had opened. Read the time from the clock you are given.",
    )
    desk.clock.now += 2
    outcomes: list[str] = []

    def probe() -> str:
        outcomes.append(desk.fine())
        outcomes.extend(desk.fail(TimeoutError))
        return "fine"

    expect(
        desk.call(probe) == "answered",
        "never-probes" if default else "ignores-its-numbers",
        f"With {numbers}, the breaker still refuses {numbers.open_for + 1:g} seconds after it had"
        " opened. One call must be let through to find out if the service is back. (Did you read"
        " the clock you were given?)",
    )
    expect(
        outcomes == ["refused", "refused"],
        "lets-everyone-through",
        "While the probe was under way, other calls went through too. A service that is getting up"
        " gets the whole crowd at once. Note that a probe is out, and refuse everybody else until"
        " it is back.",
    )
    expect(
        desk.fail(TimeoutError) == ["failed"],
        "does-not-close",
        "The probe succeeded, but the breaker did not go back to closed.",
    )
    expect(
        desk.fine() == "answered",
        "keeps-the-old-count",
        "After the probe had succeeded, a single time-out opened the breaker again. Closing it sets"
        " all counts back.",
    )


def _failed_probes(numbers: _Numbers, draw: Random) -> None:
    desk = numbers.half_open()
    for number in range(1, draw.randint(3, 5)):
        kind = draw.choice([ConnectionError, TimeoutError])
        expect(
            desk.fail(kind) == ["failed"],
            "probe-never-comes-back",
            f"Probe number {number} was refused although the wait before it was over. A failed"
            " probe begins another wait, and after that the next call is a probe again: clear the"
            " flag however the probe ends.",
        )
        desk.clock.now += numbers.open_for - 1
        expect(
            desk.fine() == "refused",
            "failed-probe-does-not-reopen",
            f"Probe number {number} failed, and yet calls go through. A failed probe opens the"
            " breaker again for another `open_for` seconds.",
        )
        desk.clock.now += 2
    expect(
        desk.fine() == "answered",
        "probe-never-comes-back",
        "The service was well at last, and the probe after the last wait was refused.",
    )
    expect(
        desk.fine() == "answered",
        "does-not-close",
        "After several failed probes one succeeded, and the next call was refused.",
    )


def _strange_probes(numbers: _Numbers) -> None:
    for ending, why in (
        (ValueError, "raised a ValueError, which says nothing about the service"),
        (asyncio.CancelledError, "was cancelled (a CancelledError is no `Exception`)"),
    ):
        desk = numbers.half_open()
        desk.fail(ending)
        desk.fail(TimeoutError)
        expect(
            desk.fine() != "answered",
            "takes-a-mistake-for-a-success",
            f"The probe {why}, and the breaker closed: one time-out after it should have opened it"
            " again. Nobody knows yet if the service is back, so the next call is a probe too.",
        )
        desk = numbers.half_open()
        for _ in range(2):
            desk.fail(ending)
            expect(
                desk.fine() == "answered",
                "probe-never-comes-back",
                f"The probe {why}, and the next call was refused. However the probe ends, unless"
                " the service failed, the next call must get its chance.",
            )
            desk.fail(TimeoutError, numbers.timeouts)
            desk.clock.now += numbers.open_for + 1


def check(Breaker: Callable[..., Any]) -> None:
    """Walk breakers with several numbers through their states."""
    draw = chance()
    known = _Numbers(Breaker, 2, 4, 30.0)
    seconds = float(draw.choice([draw.randint(7, 20), draw.randint(45, 99)]))  # never near 30
    drawn = _Numbers(Breaker, draw.randint(3, 5), draw.randint(6, 9), seconds)
    for numbers in (known, drawn):
        _opens(numbers, numbers is known)
        _keeps_apart(numbers)
        _waits_and_probes(numbers, numbers is known)
        _failed_probes(numbers, draw)
        _strange_probes(numbers)
