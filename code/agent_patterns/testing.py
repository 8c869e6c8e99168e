"""What tests of these patterns need beside real parts: a clock that moves when told to."""

from __future__ import annotations

import asyncio


class FakeClock:
    """Monotonic seconds that pass only in `advance` and in the two sleeps.

    Hand the clock itself to what asks for the time, and its `sleep` or `async_sleep` to what
    waits: ``Retry(clock=clock, sleep=clock.sleep)``.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the seconds on the clock."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass.

        Raises:
            ValueError: `seconds` is negative; monotonic time never goes back.
        """
        if seconds < 0:
            raise ValueError(f"monotonic time never goes back, not even by {-seconds:g} s")
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once, and note them in `slept`."""
        self.advance(seconds)
        self.slept.append(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let `seconds` pass, and give other tasks their turn."""
        self.sleep(seconds)
        await asyncio.sleep(0)
