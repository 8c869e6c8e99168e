"""See who blocks the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType


@dataclass(frozen=True)
class Stall:
    """A time in which the event loop did nothing else.

    Attributes:
        began: seconds from the start of the watch.
        seconds: how long it lasted.
        where: the function that blocked, as ``name (file:line)``.
    """

    began: float
    seconds: float
    where: str


@dataclass
class LoopWatch:
    """Collect what a watch has seen.

    Attributes:
        beats: when the loop had a turn, in seconds from the start; evenly spaced if all is well.
        stalls: when it had none for too long.
    """

    beats: list[float] = field(default_factory=list)
    stalls: list[Stall] = field(default_factory=list)


@asynccontextmanager
async def watch_loop(
    threshold: float = 0.1,
    *,
    on_stall: Callable[[str], object] = lambda where: None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[LoopWatch]:
    """Watch the running event loop for calls that block it.

    Args:
        threshold: seconds without a turn that count as a stall.
        on_stall: called from another thread while the loop still stands, with what blocks it.
        clock: monotonic seconds.
    """
    watch, over = LoopWatch(), threading.Event()
    began, loop_thread = clock(), threading.get_ident()
    last, blocker = began, ""

    async def beat() -> None:
        nonlocal last, blocker
        while True:
            now = clock()
            if now - last > threshold:
                watch.stalls.append(Stall(last - began, now - last, blocker or "unknown"))
            last, blocker = now, ""
            watch.beats.append(now - began)
            await asyncio.sleep(threshold / 4)

    def look() -> None:
        nonlocal blocker
        while not over.wait(threshold / 4):
            if not blocker and clock() - last > threshold:
                blocker = _innermost(sys._current_frames().get(loop_thread))
                on_stall(blocker)

    heart = asyncio.ensure_future(beat())
    watcher = threading.Thread(target=look, name="watch-loop", daemon=True)
    watcher.start()
    try:
        yield watch
        await asyncio.sleep(0)  # a stall that has just ended is noted at the next beat
    finally:
        over.set()
        if (now := clock()) - last > threshold:
            watch.stalls.append(Stall(last - began, now - last, blocker or "unknown"))
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        await asyncio.to_thread(watcher.join)


def _innermost(frame: FrameType | None) -> str:
    """Return the innermost function outside the standard library, else the innermost one."""
    library = asyncio.__file__.rsplit("asyncio", 1)[0]
    found = frame
    while found is not None:
        path = found.f_code.co_filename
        if not path.startswith((library, "<frozen")) or "site-packages" in path:
            break
        found = found.f_back
    found = found or frame
    if found is None:
        return "unknown"
    name = found.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{found.f_code.co_qualname} ({name}:{found.f_lineno})"
