"""How long to wait before the next try.

Each strategy is one small object with one method, `delay`, and is a tenacity wait strategy too:
`tenacity.retry(wait=FullJitter(0.5, cap=8))` works, and so do tenacity's sums of waits.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.wait import wait_base

Uniform = Callable[[float, float], float]
"""Draws a number between two others, as `random.uniform` does."""


class Backoff(wait_base):
    """A wait strategy: seconds from the number of the failed attempt and the wait before it."""

    __slots__ = ()

    def delay(self, attempt: int, previous: float) -> float:
        """Return the seconds to wait after failed attempt `attempt` (1 is the first).

        `previous` is the wait before that attempt in seconds, 0 for the first.
        """
        raise NotImplementedError

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return the wait after a failed attempt, as tenacity asks for it."""
        return self.delay(retry_state.attempt_number, retry_state.upcoming_sleep)


class Constant(Backoff):
    """The same wait every time; `Constant(0)` retries at once.

    Raises:
        ValueError: negative seconds.
    """

    __slots__ = ("seconds",)

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = _not_negative("seconds", seconds)

    def delay(self, attempt: int, previous: float) -> float:
        """Return the constant."""
        return self.seconds


class Exponential(Backoff):
    """`base`, `base * factor`, `base * factor²` … seconds, never more than `cap`.

    Without jitter: clients that failed together come back together.

    Raises:
        ValueError: negative seconds, or a factor below 1.
    """

    __slots__ = ("base", "cap", "factor")

    def __init__(self, base: float = 0.5, *, cap: float = 30.0, factor: float = 2.0) -> None:
        self.base = _not_negative("base", base)
        self.cap = _not_negative("cap", cap)
        if factor < 1:
            raise ValueError(f"factor must be at least 1, not {factor:g}: waits must not shrink")
        self.factor = factor

    def ceiling(self, attempt: int) -> float:
        """Return the wait after `attempt` before any jitter, in seconds."""
        try:
            return min(self.cap, self.base * self.factor ** (attempt - 1))
        except OverflowError:
            return self.cap

    def delay(self, attempt: int, previous: float) -> float:
        """Return the ceiling itself."""
        return self.ceiling(attempt)


class FullJitter(Exponential):
    """A wait drawn evenly from 0 up to the exponential ceiling.

    The best of the strategies compared in Marc Brooker, "Exponential Backoff And Jitter" (AWS
    Architecture Blog, 2015): it spreads clients over the whole interval.

    Raises:
        ValueError: negative seconds, or a factor below 1.
    """

    __slots__ = ("uniform",)

    def __init__(
        self,
        base: float = 0.5,
        *,
        cap: float = 30.0,
        factor: float = 2.0,
        uniform: Uniform = random.uniform,
    ) -> None:
        super().__init__(base, cap=cap, factor=factor)
        self.uniform = uniform

    def delay(self, attempt: int, previous: float) -> float:
        """Draw a wait between 0 and the ceiling."""
        return self.uniform(0.0, self.ceiling(attempt))


class DecorrelatedJitter(Backoff):
    """A wait drawn evenly from `base` up to three times the wait before, never more than `cap`.

    From the same article: it forgets the number of the attempt, so that clients that started
    together soon have nothing in common.  Never waits less than `base`.

    Raises:
        ValueError: negative seconds, or a `cap` below `base`.
    """

    __slots__ = ("base", "cap", "uniform")

    def __init__(
        self, base: float = 0.5, *, cap: float = 30.0, uniform: Uniform = random.uniform
    ) -> None:
        self.base = _not_negative("base", base)
        self.cap = _not_negative("cap", cap)
        if cap < base:
            raise ValueError(f"cap ({cap:g} s) must not be below base ({base:g} s)")
        self.uniform = uniform

    def delay(self, attempt: int, previous: float) -> float:
        """Draw a wait between `base` and three times `previous`, at most `cap`."""
        return min(self.cap, self.uniform(self.base, max(self.base, previous * 3)))


def _not_negative(name: str, seconds: float) -> float:
    if seconds < 0:
        raise ValueError(f"{name} must not be negative, it is {seconds:g} s")
    return float(seconds)
