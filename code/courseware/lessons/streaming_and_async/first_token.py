"""Measure the time to the first token against the whole answer, over the real HTTP stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from courseware.widgets._svg import PALETTE, Svg
from practice_model.server.faults import Fault
from practice_model.server.server import PracticeServer

THINKING = 0.3
"""Seconds before the first byte, in every run."""


@dataclass(frozen=True)
class Wait:
    """Hold one run: seconds per chunk, to the first token, and to the end."""

    per_chunk: float
    first: float
    whole: float


async def measure_waits(
    model: BaseChatModel,
    question: str,
    server: PracticeServer,
    delays: Sequence[float] = (0.0, 0.01, 0.02, 0.04),
) -> list[Wait]:
    """Stream one answer for each delay that the server is told to put between chunks."""
    waits = []
    for delay in delays:
        with server.inject(Fault.slow(THINKING, per_chunk=delay)):
            began, first = time.monotonic(), 0.0
            async for chunk in model.astream(question):
                if chunk.text and not first:
                    first = time.monotonic() - began
            waits.append(Wait(delay, first, time.monotonic() - began))
    return waits


def waits_picture(waits: Sequence[Wait]) -> Callable[[int], str]:
    """Return a function that draws all runs, with the chosen one marked."""

    def draw(run: int) -> str:
        svg = Svg(720, 54 + 44 * len(waits), "Time to the first token and to the whole answer")
        longest = max(wait.whole for wait in waits)
        scale = 460 / longest
        for row, wait in enumerate(waits):
            top, here = 30 + 44 * row, row == run - 1
            label = f"{wait.per_chunk * 1000:.0f} ms a chunk"
            svg.text(150, top + 17, label, anchor="end", weight=700 if here else 400)
            svg.rect(160, top, wait.whole * scale, 24, fill=PALETTE["panel"], radius=3)
            svg.rect(
                160, top, wait.first * scale, 24, fill=PALETTE["blue"], stroke="none", radius=3
            )
            if here:
                svg.text(166 + wait.whole * scale, top + 17, f"{wait.whole:.2f} s", anchor="start")
                svg.text(160, top - 3, f"first: {wait.first:.2f} s", anchor="start", size=11)
        bottom = 46 + 44 * len(waits)
        svg.rect(160, bottom - 12, 12, 12, fill=PALETTE["blue"], stroke="none")
        svg.text(178, bottom - 2, "until the first token", anchor="start", size=11)
        svg.rect(320, bottom - 12, 12, 12, fill=PALETTE["panel"])
        svg.text(338, bottom - 2, "until the last", anchor="start", size=11)
        return str(svg)

    return draw


def waits_text(waits: Sequence[Wait]) -> Callable[[int], str]:
    """Return a function that says what is the same every run."""

    def tell(run: int) -> str:
        chosen = waits[run - 1]
        quicker = all(wait.first < wait.whole / 2 for wait in waits if wait.per_chunk)
        return (
            f"{len(waits)} answers; marked: {chosen.per_chunk * 1000:.0f} ms a chunk\n"
            f"with a delay, the first token came in less than half of the time: {quicker}"
        )

    return tell
