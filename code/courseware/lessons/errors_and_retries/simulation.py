"""Many clients, one service and a fake clock: what a retry policy or a breaker does at scale.

The policies are the real ones of `agent_patterns.resilience`; only time and the service are
simulated, so that minutes pass in milliseconds and every run is the same.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent_patterns.resilience import CircuitBreaker, CircuitOpenError, Kind, Retry
from agent_patterns.resilience.diagnosis import State, Transition
from agent_patterns.resilience.kinds import Verdict
from agent_patterns.testing import FakeClock


@dataclass
class Recovery:
    """The load that a service has to stand when it comes back after an outage."""

    requests: list[int]
    """Requests that arrived in each second."""
    served: list[int]
    """How many of them were answered."""
    capacity: int
    outage: float
    clients: int

    @property
    def total(self) -> int:
        """All requests, of which one per client was needed."""
        return sum(self.requests)

    @property
    def peak(self) -> int:
        """The most requests in one second after the service was back."""
        return max(self.requests[int(self.outage) :], default=0)

    @property
    def all_served_after(self) -> int | None:
        """Seconds until every client had its answer; None if some never got one."""
        done = 0
        for second, served in enumerate(self.served, 1):
            done += served
            if done == self.clients:
                return second
        return None


TICK = 0.1
"""Seconds between two looks of the simulated service at what has arrived."""


def recovery(
    policy: Retry,
    *,
    clients: int = 1000,
    outage: float = 10.0,
    capacity: int = 100,
    refusal_cost: float = 0.1,
    seconds: int = 120,
) -> Recovery:
    """Cuts off `clients` within one second and let each retry by `policy` until it is served.

    The service answers nothing for `outage` seconds, and then `capacity` requests a second if it
    does nothing else.  A request it refuses costs it `refusal_cost` of an answer (the connection
    is accepted, the key is checked), which is how load alone can keep a service down.  In no
    second, wherever it begins, does it do more than that; what arrived in the last second of the
    outage weighs on the first after it.  The policy's waits are taken, its number of attempts is
    not: everybody goes on until the end.
    """
    spread = random.Random(1)
    arrivals = [(spread.uniform(0, 1), client, 1, 0.0) for client in range(clients)]
    heapq.heapify(arrivals)
    requests, served = [0] * seconds, [0] * seconds
    refused = Verdict(Kind.SERVER, "503 in the simulation", 503)
    lately: deque[float] = deque(maxlen=round(1 / TICK) - 1)  # work of the second before this tick
    for tick in range(round(seconds / TICK)):
        end = (tick + 1) * TICK
        second = int(tick * TICK + TICK / 2)
        batch = []
        while arrivals and arrivals[0][0] < end:
            batch.append(heapq.heappop(arrivals))
        requests[second] += len(batch)
        free = 0.0
        if tick * TICK >= outage and refusal_cost < 1:
            free = (capacity - sum(lately) - refusal_cost * len(batch)) / (1 - refusal_cost)
        answered = max(0, min(len(batch), math.floor(free + 1e-9)))
        lately.append(refusal_cost * len(batch) + (1 - refusal_cost) * answered)
        served[second] += answered
        for at, client, attempt, waited in batch[answered:]:
            wait = policy.wait(refused, attempt, waited)
            heapq.heappush(arrivals, (max(at + wait, end), client, attempt + 1, wait))
    return Recovery(requests, served, capacity, outage, clients)


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


def breaker_run(
    breaker: CircuitBreaker,
    clock: FakeClock,
    failure_rate: float | Sequence[float],
    *,
    seconds: int = 120,
    calls_per_second: int = 10,
    takes: float = 0.05,
    spread: Literal["at random", "evenly"] = "at random",
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
