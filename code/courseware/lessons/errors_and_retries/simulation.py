"""Many clients, one service and a fake clock: a retry policy at scale.

The policies are the real ones of `agent_patterns.resilience`; only time and the service are
simulated, so that minutes pass in milliseconds and every run is the same.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass

from agent_patterns.resilience import Kind, Retry
from agent_patterns.resilience.kinds import Verdict


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
    """Cut off `clients` within one second and let each retry by `policy` until it is served.

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
