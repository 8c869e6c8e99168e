"""What a circuit breaker says of itself: its state, its changes, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from agent_patterns.resilience.kinds import Kind


class State(Enum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state, as listeners are told of it, in the order in which they happened."""

    breaker: str
    before: State
    after: State
    at: float
    """Monotonic seconds on the breaker's clock."""
    reason: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a breaker is in its state, and until when.  `str()` of it is a few short lines."""

    breaker: str
    state: State
    reason: str
    for_seconds: float
    """How long it has been in this state."""
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
        """Three probes or more in a row were in vain: waiting longer alone will hardly help."""
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
