from __future__ import annotations

import asyncio

import pytest

from agent_patterns.testing import FakeClock


async def test_time_passes_only_when_told_to() -> None:
    clock = FakeClock(100.0)
    clock.advance(2)
    clock.sleep(3)
    assert (clock(), clock.slept) == (105.0, [3])
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="never goes back"):
        clock.sleep(-1)
    assert (clock(), clock.slept) == (105.0, [3])


async def test_its_async_sleep_lets_other_tasks_run() -> None:
    clock = FakeClock()
    ran: list[float] = []

    async def other() -> None:
        ran.append(clock())

    task = asyncio.create_task(other())
    await clock.async_sleep(5)
    assert ran == [5]
    await task
