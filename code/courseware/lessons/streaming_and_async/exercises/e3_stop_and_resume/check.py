"""Check: A letter that can be stopped and resumed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from courseware.exercises import chance, expect
from courseware.lessons.streaming_and_async.exercises.common import (
    Writer,
    draw_letter,
    letter_graph,
    others,
    settle,
    wait_until,
)

_CONFIG: Any = {"configurable": {"thread_id": "letter"}}


async def check(write_letter: Callable[..., Awaitable[str]]) -> None:
    """Press stop while words come and while none come, and resume; and press nothing."""
    draw = chance()
    await _unpressed(write_letter, draw_letter(draw, draw.randint(5, 9)))
    for silent in (False, True, True):
        words = draw_letter(draw, draw.randint(8, 12))
        await _pressed(write_letter, words, draw.randint(2, 5), silent)


async def _unpressed(write_letter: Any, words: list[str]) -> None:
    sent, shown = list[str](), list[str]()
    graph = letter_graph(Writer(words=words, written=[], cancelled=[]), sent)
    before, pressed = others(), asyncio.Event()
    ended = await write_letter(graph, _CONFIG, "Write.", pressed, shown.append)
    expect(
        sent == [" ".join(words)],
        "does-not-finish",
        f"Nobody pressed stop, and these letters were sent: {sent}.",
    )
    expect(
        "".join(shown).strip() == " ".join(words),
        "shows-something-else",
        f"The letter was {' '.join(words)!r}, and `show` was given {''.join(shown)!r}. Show each"
        " piece of text once, as it comes.",
    )
    expect(
        len([piece for piece in shown if piece.strip()]) > 1,
        "shows-all-at-once",
        "`show` was called once, with the whole letter. Show the tokens as they come.",
    )
    expect(
        ended == "finished",
        "says-nothing-of-the-end",
        f"The letter was written, and `write_letter` returned {ended!r}. Return 'finished'.",
    )
    await settle(before)
    expect(
        not others() - before,
        "leaves-work-running",
        "Nobody pressed stop, and a task still waits for it after the end. `finally` is the place"
        " to cancel it.",
    )


async def _pressed(write_letter: Any, words: list[str], at: int, silent: bool) -> None:
    sent, shown = list[str](), list[str]()
    pause: Any = {"silent_after" if silent else "slow_after": at}
    writer = Writer(words=words, written=[], cancelled=[], **pause)
    graph, pressed = letter_graph(writer, sent), asyncio.Event()
    before = others()
    task = asyncio.ensure_future(write_letter(graph, _CONFIG, "Write.", pressed, shown.append))
    await wait_until(lambda: task.done() or len("".join(shown).split()) >= at)
    pressed.set()
    await asyncio.wait({task}, timeout=3)
    moment = "while the model was silent" if silent else f"after {at} words"
    stopped = task.done()
    if not stopped:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    expect(
        stopped,
        "waits-for-the-next-token",
        f"Stop was pressed {moment}, and `write_letter` went on waiting. A flag that is looked at"
        " after each token helps only while tokens come, and `drain()` waits for the step to end."
        " `stream.stop()` interrupts the wait.",
    )
    ended = task.result()
    await settle(before | {task})
    expect(
        not sent,
        "sends-all-the-same",
        f"Stop was pressed {moment}, and the letter was sent.",
    )
    expect(
        not others() - before,
        "leaves-work-running",
        f"Stop was pressed {moment}, and {len(others() - before)} tasks still ran afterwards. The"
        " one that waits for the button has to end with the run.",
    )
    expect(
        ended == "stopped",
        "says-nothing-of-the-end",
        f"Stop was pressed {moment}, and `write_letter` returned {ended!r}. Return 'stopped'.",
    )
    await _resumed(write_letter, graph, words, sent, moment)


async def _resumed(
    write_letter: Any, graph: Any, words: list[str], sent: list[str], moment: str
) -> None:
    shown: list[str] = []
    try:
        async with asyncio.timeout(5):
            ended = await write_letter(graph, _CONFIG, None, asyncio.Event(), shown.append)
    except TimeoutError:
        ended = "never"
    steps = (await graph.aget_state(_CONFIG)).values.get("steps")
    expect(
        sent == [" ".join(words)] and ended == "finished",
        "cannot-be-resumed",
        f"After a stop {moment}, `write_letter(…, None, …)` should resume the thread and send the"
        f" letter once. Sent: {sent}; returned: {ended!r}.",
    )
    expect(
        steps == ["look_up", "write", "send"],
        "starts-over",
        f"After a stop {moment}, the thread ran {steps}. `None` as the input resumes it; anything"
        " else starts it over.",
    )
