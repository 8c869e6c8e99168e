"""What a circuit breaker says of itself: its state, its changes, and why."""

from __future__ import annotations

import functools
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from agent_patterns.resilience.kinds import Kind

logger = logging.getLogger(__name__)


class State(Enum):
    """The three states of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, as listeners are told of it, in the order in which they happened."""

    breaker: str
    before: State
    after: State
    at: float
    """Monotonic seconds on the breaker's clock."""
    reason: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The reason why a breaker is in its state, and until when; `str()` of it is a few lines."""

    breaker: str
    state: State
    reason: str
    for_seconds: float
    """Seconds in this state."""
    seconds_left: float
    """Until the next call is let through as a probe; 0 when that may happen now."""
    failures: Mapping[Kind, int]
    """Failures by kind since the last success."""
    refused: int
    """Calls refused since it last was closed."""
    failed_probes: int
    """Probes that failed, or never came back, since it last was closed."""
    probe_out_for: float | None
    """Seconds since the probe that is out now was sent; None when there is none."""
    last_error: str | None
    """The last failure that counted."""

    @property
    def stuck(self) -> bool:
        """Return True after three failed probes in a row: waiting longer alone will hardly help."""
        return self.failed_probes >= 3

    def __str__(self) -> str:
        parts = [f"{self.breaker}: {self.state.value} for {self.for_seconds:.3g} s"]
        if self.reason:
            parts.append(f"because {self.reason}")
        if self.state is State.OPEN:
            parts.append(
                f"the next call in {self.seconds_left:.3g} s is the probe"
                if self.seconds_left > 0
                else "the next call is the probe"
            )
        if self.state is State.HALF_OPEN:
            parts.append(
                "waiting for the next call to be the probe"
                if self.probe_out_for is None
                else f"a probe has been out for {self.probe_out_for:.3g} s"
            )
        if self.refused:
            parts.append(f"{self.refused} {'call' if self.refused == 1 else 'calls'} refused")
        if self.last_error is not None and self.state is not State.CLOSED:
            parts.append(f"last failure: {self.last_error}")
        if self.stuck:
            parts.append(
                f"{self.failed_probes} probes have failed in a row, so look at the service "
                "rather than wait"
            )
        return "\n  ".join(parts)


class Listeners:
    """The listeners to a breaker's transitions, in the order in which they happened."""

    __slots__ = ("_draining", "_events", "_lock", "_name", "_ones")

    def __init__(self, name: str, ones: tuple[Callable[[Transition], None], ...]) -> None:
        self._name = name
        self._ones = tuple(ones)
        self._events: deque[Transition] = deque()
        self._lock = threading.Lock()
        self._draining = threading.Lock()

    def add(self, listener: Callable[[Transition], None]) -> Callable[[], None]:
        """Add a listener; the function returned takes it off again."""
        added = functools.partial(listener)  # itself alone, though the same listener came twice
        with self._lock:
            self._ones = (*self._ones, added)

        def remove() -> None:
            with self._lock:
                self._ones = tuple(one for one in self._ones if one is not added)

        return remove

    def put(self, event: Transition) -> None:
        """Queue what happened, under the breaker's lock; `tell` is called after it."""
        if self._ones:
            self._events.append(event)

    def tell(self) -> None:
        """Tell the listeners; one thread at a time keeps the order."""
        while self._events:
            if not self._draining.acquire(blocking=False):
                return  # whoever holds it looks at the queue again before leaving
            try:
                while self._events:
                    event = self._events.popleft()
                    for listener in self._ones:
                        try:
                            listener(event)
                        except Exception:
                            logger.exception("a listener of breaker %s failed", self._name)
            finally:
                self._draining.release()
