"""What a breaker remembers of failures, in a fixed amount of memory, and when it is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent_patterns.resilience.kinds import Kind


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Open when `share` of the calls within the last `seconds` failed, `calls` or more of them.

    `calls` keeps one failure out of one call at four in the morning from being "100 %".

    Raises:
        ValueError: a share that is not a part of one, no seconds or no calls.
    """

    share: float
    """Between 0 (exclusive) and 1."""
    seconds: float = 60.0
    calls: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share is a part of one, such as 0.5, not {self.share:g}")
        if self.seconds <= 0 or self.calls < 1:
            raise ValueError("seconds must be positive and calls at least 1")


class Evidence:
    """Failures since the last success, and within the window of a rate.

    Not locked: its breaker is.
    """

    __slots__ = ("_failures", "_kinds", "_shared", "streak", "watching", "window")

    def __init__(
        self, failures: int | None, kinds: Mapping[Kind, int | None], rate: FailureRate | None
    ) -> None:
        self._failures = failures
        self._kinds = dict(kinds)
        self.window = RateWindow(rate) if rate is not None else None
        self.streak: dict[Kind, int] = {}
        self._shared = 0  # failures of the kinds without a number of their own
        self.watching = self.window is not None
        """A success changes something: there is a window to fill, or a streak to end."""

    def number(self, kind: Kind) -> int | None:
        """Return a kind's own number; None if it never counts, 0 if it shares `failures`."""
        return self._kinds.get(kind, 0)

    def succeeded(self, now: float) -> None:
        """Note a success at `now` (monotonic seconds)."""
        if self.window is not None:
            self.window.succeeded(now)
        if self.streak:
            self.streak.clear()
            self._shared = 0
            self.watching = self.window is not None

    def count(self, kind: Kind) -> int:
        """Note a failure in the streak; return how many of its kind there are."""
        count = self.streak[kind] = self.streak.get(kind, 0) + 1
        return count

    def failed(self, kind: Kind, now: float) -> str | None:
        """Note a failure at `now`; return why the breaker must open, or None."""
        self.watching = True
        number, count = self.number(kind), self.count(kind)
        if number:
            return f"{count} × {kind.value} in a row" if count >= number else None
        self._shared += 1
        if self.window is not None:
            self.window.failed(now)
        if self._failures is not None and self._shared >= self._failures:
            kinds = ", ".join(
                f"{times} × {one.value}"
                for one, times in self.streak.items()
                if one not in self._kinds
            )
            failures = "1 failure" if self._shared == 1 else f"{self._shared} failures in a row"
            return f"{failures}: {kinds}"
        return self.window.verdict(now) if self.window is not None else None

    def clear(self) -> None:
        """Forget everything."""
        self.streak.clear()
        self._shared = 0
        self.watching = self.window is not None
        if self.window is not None:
            self.window.clear()


class RateWindow:
    """Counts calls and failures in ten slices of the window; the oldest slice falls out whole.

    So a call is forgotten between nine tenths of the window and all of it after it happened.
    """

    SLICES = 10

    __slots__ = ("_calls", "_end", "_failures", "_number", "_place", "_width", "rate")

    def __init__(self, rate: FailureRate) -> None:
        self.rate = rate
        self._width = rate.seconds / self.SLICES
        self._number = 0  # of the newest slice, counted since time 0
        self._place = 0
        self._end = self._width
        self._calls = [0] * self.SLICES
        self._failures = [0] * self.SLICES

    def succeeded(self, now: float) -> None:
        """Count a call that succeeded at `now` (monotonic seconds)."""
        if now >= self._end:
            self._advance(now)
        self._calls[self._place] += 1

    def failed(self, now: float) -> None:
        """Count a call that failed at `now` (monotonic seconds)."""
        self.succeeded(now)
        self._failures[self._place] += 1

    def verdict(self, now: float) -> str | None:
        """Return why the rate is too high, in words, or None."""
        if now >= self._end:
            self._advance(now)
        calls, failures = sum(self._calls), sum(self._failures)
        if calls < self.rate.calls or failures < self.rate.share * calls:
            return None
        return f"{failures} of {calls} calls within {self.rate.seconds:g} s failed"

    def clear(self) -> None:
        """Forget everything."""
        self._calls = [0] * self.SLICES
        self._failures = [0] * self.SLICES

    def _advance(self, now: float) -> None:
        """Begin the slice that `now` lies in, and forget those that fall out."""
        newest = int(now // self._width)
        for number in range(max(newest - self.SLICES, self._number) + 1, newest + 1):
            self._calls[number % self.SLICES] = 0
            self._failures[number % self.SLICES] = 0
        self._number = newest
        self._place = newest % self.SLICES
        self._end = (newest + 1) * self._width
