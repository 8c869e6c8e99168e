"""A breaker in front of a simulated service: two minutes on a fake clock.

The breaker is the real one of `agent_patterns.resilience`; only time and the service are simulated.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from agent_patterns.resilience import CircuitBreaker
from agent_patterns.resilience.diagnosis import State, Transition
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock


@dataclass
class BreakerRun:
    """The doings of a breaker over time."""

    seconds: int
    answered: list[int]
    failed: list[int]
    refused: list[int]
    """Calls per second, by what became of them."""
    changes: list[Transition] = field(default_factory=list)

    def spans(self) -> list[tuple[float, float, State]]:
        """From when to when the breaker was in which state."""
        result: list[tuple[float, float, State]] = []
        since, state = 0.0, State.CLOSED
        for change in self.changes:
            result.append((since, change.at, state))
            since, state = change.at, change.after
        return [*result, (since, float(self.seconds), state)]

    def share(self, state: State) -> float:
        """Return the share of the time in `state`."""
        return sum(end - start for start, end, at in self.spans() if at is state) / self.seconds

    @property
    def openings(self) -> list[Transition]:
        """Every change to open, with its reason."""
        return [change for change in self.changes if change.after is State.OPEN]

    @property
    def opened(self) -> int:
        """Return the number of times that it opened."""
        return len(self.openings)

    @property
    def reopened(self) -> int:
        """Return the openings by a failed probe; the others were the breaker's rule."""
        return sum(change.before is State.HALF_OPEN for change in self.openings)


Spread = Literal["at random", "evenly"]


def rule_run(
    rule: dict[str, Any], open_for: float, failure_rate: float, spread: Spread
) -> BreakerRun:
    """Send two minutes of calls through a breaker with a rule like ``{"failures": 5}``."""
    clock = FakeClock()
    breaker = CircuitBreaker(**rule, open_for=open_for, clock=clock)
    return breaker_run(breaker, clock, failure_rate, spread=spread)


def breaker_run(
    breaker: CircuitBreaker,
    clock: FakeClock,
    failure_rate: float | Sequence[float],
    *,
    seconds: int = 120,
    calls_per_second: int = 10,
    takes: float = 0.05,
    spread: Spread = "at random",
    seed: int = 15,
) -> BreakerRun:
    """Send calls through `breaker` to a service that fails in a given share of them.

    Args:
        breaker: made with `clock`; gets a listener of this run.
        clock: its clock, which this function moves on.
        failure_rate: between 0 and 1, for all the time or for each second.
        seconds: how long.
        calls_per_second: evenly spaced.
        takes: seconds that a call lasts.
        spread: each call fails with that probability, or exactly that share of the calls that
            reach the service fail, as regularly as possible (at 0.5 every second one).
        seed: of the failures at random.
    """
    chance = random.Random(seed)
    owed = 0.0
    run = BreakerRun(seconds, [0] * seconds, [0] * seconds, [0] * seconds)
    remove = breaker.add_listener(run.changes.append)

    def fails(rate: float) -> bool:
        nonlocal owed
        if spread == "at random":
            return chance.random() < rate
        owed += rate
        due = owed > 1 - 1e-9
        owed -= due
        return due

    def service(rate: float) -> None:
        clock.now += takes
        if fails(rate):
            raise ConnectionError("the simulated service failed")

    for number in range(seconds * calls_per_second):
        clock.now = max(clock.now, number / calls_per_second)
        second = min(int(clock.now), seconds - 1)
        rate = failure_rate if isinstance(failure_rate, int | float) else failure_rate[second]
        try:
            breaker.call(service, rate)
        except CircuitOpenError:
            run.refused[second] += 1
        except ConnectionError:
            run.failed[second] += 1
        else:
            run.answered[second] += 1
    remove()
    return run
