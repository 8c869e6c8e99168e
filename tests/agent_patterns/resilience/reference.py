"""What a circuit breaker should do, written as plainly as possible: the model it is tested against.

It keeps every event of the current period and derives everything from that list, slowly; it shares
no code and no design with the breaker.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SHARED = "shared"


@dataclass
class Settings:
    failures: int = 3
    kinds: dict[str, int | None] = field(default_factory=dict)
    share: float | None = None
    window: float = 10.0
    calls: int = 4
    open_for: float = 8.0
    successes: int = 1
    probe_timeout: float = 20.0


@dataclass
class Call:
    """A call that was let through: in which period, and whether as a probe."""

    period: int
    probe: bool


class Reference:
    def __init__(self, settings: Settings, now: float) -> None:
        self.settings = settings
        self.state = "closed"
        self.until = 0.0
        self.period = 0
        self.history: list[tuple[float, str]] = []  # (time, "success" or kind) while closed
        self.probe: Call | None = None
        self.probe_since = 0.0
        self.good_probes = 0
        self.streak: dict[str, int] = {}
        self.transitions: list[tuple[str, str]] = []

    def start(self, now: float) -> Call | None:
        if self.state == "open":
            if now < self.until:
                return None
            self._go("half-open")
            self.good_probes = 0
        if self.state == "closed":
            return Call(self.period, probe=False)
        if self.probe is not None and now - self.probe_since < self.settings.probe_timeout:
            return None
        self.probe = Call(self.period, probe=True)
        self.probe_since = now
        return self.probe

    def finish(self, call: Call, outcome: str, now: float, retry_after: float = 0.0) -> None:
        """`outcome`: "success", "nothing" (proves nothing), or the kind of a counted failure."""
        if call.probe:
            if call is not self.probe:
                return
            self.probe = None
            if outcome == "success":
                self.good_probes += 1
                if self.good_probes >= self.settings.successes:
                    self._close()
            elif outcome != "nothing":
                self.streak[outcome] = self.streak.get(outcome, 0) + 1
                self._open(now, retry_after)
            return
        if self.state != "closed" or call.period != self.period or outcome == "nothing":
            return
        self.history.append((now, outcome))
        since_success: list[str] = []
        for _, event in self.history:
            since_success = [] if event == "success" else [*since_success, event]
        self.streak = {kind: since_success.count(kind) for kind in since_success}
        if outcome != "success" and self._should_open(outcome, since_success, now):
            self._open(now, retry_after)

    def _should_open(self, kind: str, since_success: list[str], now: float) -> bool:
        own = self.settings.kinds.get(kind)
        if own is not None:
            return since_success.count(kind) >= own
        shared = [one for one in since_success if one not in self.settings.kinds]
        if len(shared) >= self.settings.failures:
            return True
        if self.settings.share is None:
            return False
        width = self.settings.window / 10
        newest = math.floor(now / width)
        recent = [
            event
            for at, event in self.history
            if newest - math.floor(at / width) < 10 and event not in self.settings.kinds
        ]
        failed = [event for event in recent if event != "success"]
        return (
            len(recent) >= self.settings.calls and len(failed) / len(recent) >= self.settings.share
        )

    def trip(self, now: float) -> None:
        self._open(now, 0.0)

    def reset(self) -> None:
        self._close()

    def _open(self, now: float, retry_after: float) -> None:
        self.until = now + max(self.settings.open_for, retry_after)
        self._go("open")

    def _close(self) -> None:
        self.streak = {}
        self._go("closed")

    def _go(self, state: str) -> None:
        if state != self.state:
            self.transitions.append((self.state, state))
        self.state = state
        self.period += 1
        self.history = []
        self.probe = None
