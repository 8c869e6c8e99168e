"""The share of calls that failed within the last seconds, in a fixed amount of memory."""

from __future__ import annotations

from dataclasses import dataclass


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


class RateWindow:
    """Counts calls and failures in ten slices of the window; the oldest slice falls out whole.

    So a call is forgotten between nine tenths of the window and all of it after it happened.  Not
    locked: its breaker is.
    """

    SLICES = 10

    __slots__ = ("_failures", "_number", "_width", "calls", "place", "rate", "slice_end")

    def __init__(self, rate: FailureRate) -> None:
        self.rate = rate
        self._width = rate.seconds / self.SLICES
        self._number = 0  # of the newest slice, counted since time 0
        self.place = 0
        self.slice_end = self._width
        self.calls = [0] * self.SLICES
        self._failures = [0] * self.SLICES

    def succeeded(self, now: float) -> None:
        """Counts a call that succeeded at `now` (monotonic seconds)."""
        if now >= self.slice_end:
            self.advance(now)
        self.calls[self.place] += 1

    def failed(self, now: float) -> None:
        """Counts a call that failed at `now` (monotonic seconds)."""
        self.succeeded(now)
        self._failures[self.place] += 1

    def counts(self, now: float) -> tuple[int, int]:
        """Calls and failures within the window."""
        if now >= self.slice_end:
            self.advance(now)
        return sum(self.calls), sum(self._failures)

    def verdict(self, now: float) -> str | None:
        """Why the rate is too high, in words, or None."""
        calls, failures = self.counts(now)
        if calls < self.rate.calls or failures < self.rate.share * calls:
            return None
        return f"{failures} of {calls} calls within {self.rate.seconds:g} s failed"

    def clear(self) -> None:
        """Forgets everything."""
        self.calls = [0] * self.SLICES
        self._failures = [0] * self.SLICES

    def advance(self, now: float) -> None:
        """Begins the slice that `now` lies in, and forgets those that fall out."""
        newest = int(now // self._width)
        for number in range(max(newest - self.SLICES, self._number) + 1, newest + 1):
            self.calls[number % self.SLICES] = 0
            self._failures[number % self.SLICES] = 0
        self._number = newest
        self.place = newest % self.SLICES
        self.slice_end = (newest + 1) * self._width
