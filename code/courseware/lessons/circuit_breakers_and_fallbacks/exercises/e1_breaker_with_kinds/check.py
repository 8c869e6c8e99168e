"""Check: A breaker that knows kinds of failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from courseware.exercises import Wrong, expect
from courseware.exercises.slips import is_a_slip


class _ReadTimeout(TimeoutError):
    """As the libraries have it: their time-outs are classes of their own."""


class _Clock:
    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


class _Desk:
    """A learner's breaker, and what becomes of calls through it."""

    def __init__(
        self,
        breaker_class: Callable[..., Any],
        timeouts: int = 2,
        failures: int = 4,
        open_for: float = 30.0,
    ) -> None:
        self.clock = _Clock()
        self.breaker = breaker_class(
            self.clock, timeouts=timeouts, failures=failures, open_for=open_for
        )
        self.said = ""

    def call(self, service: Callable[[], Any]) -> str:
        """One of: answered, failed, refused, swallowed."""
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
            result = self.breaker.call(watched)
        except NotImplementedError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if error is not raised and is_a_slip(error):
                raise  # in the breaker's own code, no refusal
            if not asked:
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


def check(Breaker: Callable[..., Any]) -> None:
    """Walk the breaker through its states."""
    desk = _Desk(Breaker)
    expect(
        desk.fine() == "answered",
        "refuses-from-the-start",
        "A new breaker refused its first call. It begins closed: every call goes through."
        + desk.said,
    )

    desk = _Desk(Breaker)
    expect(
        desk.fail(TimeoutError, 2) == ["failed"] * 2,
        "opens-too-early",
        "With timeouts=2 the breaker refused the second call already. It opens *after* the second"
        " time-out." + desk.said,
    )
    expect(
        desk.fine() == "refused",
        "one-count-for-all",
        "After two TimeoutErrors with timeouts=2 the service was still asked. Time-outs have a"
        " number of their own, lower than that of other failures.",
    )
    one, other = _Desk(Breaker), _Desk(Breaker)
    expect(
        [*one.fail(TimeoutError), *other.fail(TimeoutError), one.fine(), other.fine()]
        == ["failed", "failed", "answered", "answered"],
        "shared-between-breakers",
        "Of two breakers each had one time-out, with timeouts=2, and one of them opened: they count"
        " together. Each guards a service of its own, so keep its state on `self`, made anew in"
        " `__init__`, not on the class.",
    )

    desk = _Desk(Breaker)
    expect(
        desk.fail(ConnectionError, 4) == ["failed"] * 4,
        "one-count-for-all",
        "With failures=4 the breaker opened before the fourth ConnectionError. Only TimeoutErrors"
        " are judged by `timeouts`.",
    )
    expect(
        desk.fine() == "refused",
        "never-opens",
        "After four ConnectionErrors with failures=4 the service was still asked.",
    )

    desk = _Desk(Breaker)
    for _ in range(6):
        desk.fail(ConnectionError, 3)
        desk.fail(TimeoutError, 1)
        expect(
            desk.fine() == "answered",
            "never-resets",
            "Between any two of these failures there were successes, and still the breaker opened."
            " A success shows that the service works: set the counts back to zero.",
        )

    desk = _Desk(Breaker)
    for mistake in (ValueError, FileNotFoundError):
        expect(
            desk.fail(mistake, 9) == ["failed"] * 9 and desk.fine() == "answered",
            "counts-the-callers-mistakes",
            f"Nine {mistake.__name__}s, mistakes of the caller, opened the breaker: now nobody can"
            " use a service that is perfectly well. Count TimeoutError and ConnectionError only,"
            " not the OSError above them.",
        )

    for derived, kind, number in (
        (ConnectionResetError, "ConnectionError", 4),
        (_ReadTimeout, "TimeoutError", 2),
    ):
        desk = _Desk(Breaker)
        desk.fail(derived, number)
        expect(
            desk.fine() == "refused",
            "misses-subclasses",
            f"The service failed {number} times with a subclass of {kind}"
            f" ({derived.__name__.lstrip('_')}), and the breaker is still closed. What a service"
            " really raises is nearly always a subclass: ask with `isinstance` or `except`, not"
            " by `type(error)`.",
        )

    desk = _Desk(Breaker)
    desk.fail(TimeoutError, 2)
    desk.clock.now += 29
    expect(
        desk.fine() == "refused",
        "opens-not-long-enough",
        "29 seconds after it opened, with open_for=30, the breaker let a call through. Read the"
        " time from the clock you are given.",
    )
    desk.clock.now += 2
    outcomes: list[str] = []

    def probe() -> str:
        outcomes.append(desk.fine())
        outcomes.extend(desk.fail(TimeoutError))
        return "fine"

    through = desk.call(probe)
    expect(
        through == "answered",
        "never-probes",
        "31 seconds after it opened, with open_for=30, the breaker still refuses. One call must be"
        " let through to find out whether the service is back. (Did you read the clock you were"
        " given?)",
    )
    expect(
        outcomes == ["refused", "refused"],
        "lets-everyone-through",
        "While the probe was under way, other calls went through too. A service that is just"
        " getting up gets the whole crowd at once. Note that a probe is out, and refuse everybody"
        " else until it is back.",
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

    desk = _Desk(Breaker)
    desk.fail(TimeoutError, 2)
    desk.clock.now += 31
    desk.fail(ConnectionError)
    desk.clock.now += 29
    expect(
        desk.fine() == "refused",
        "failed-probe-does-not-reopen",
        "The probe failed, and yet calls go through. A failed probe opens the breaker again for"
        " another `open_for` seconds.",
    )

    for ending, why in (
        (ValueError, "raised a ValueError, which says nothing about the service"),
        (asyncio.CancelledError, "was cancelled (a CancelledError is no `Exception`)"),
    ):
        desk = _Desk(Breaker)
        desk.fail(TimeoutError, 2)
        desk.clock.now += 31
        desk.fail(ending)
        expect(
            desk.fine() == "answered",
            "probe-never-comes-back",
            f"The probe {why}, and the next call was refused. Whatever comes of the probe, unless"
            " the service failed, the next call must get its chance.",
        )

    asked_for = "With timeouts=3, failures=5 and open_for=10"
    for error, number in ((TimeoutError, 3), (ConnectionError, 5)):
        desk = _Desk(Breaker, timeouts=3, failures=5, open_for=10.0)
        kept = desk.fail(error, number) == ["failed"] * number and desk.fine() == "refused"
        expect(
            kept,
            "ignores-its-numbers",
            f"{asked_for} the breaker should open after {number} {error.__name__}s, neither before"
            " nor later. Count up to the numbers that `__init__` is given, not to 2 and 4.",
        )
    desk.clock.now += 9
    early = desk.fine()
    desk.clock.now += 2
    expect(
        (early, desk.fine()) == ("refused", "answered"),
        "ignores-its-numbers",
        f"{asked_for} the breaker should refuse after 9 seconds and let a probe through after 11."
        " Use the `open_for` that `__init__` is given.",
    )
