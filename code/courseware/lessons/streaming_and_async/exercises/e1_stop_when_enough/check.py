"""Check: Stop when it is enough."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.errors import EmptyInputError

from courseware.exercises import chance, expect
from courseware.lessons.streaming_and_async.exercises.common import (
    Writer,
    draw_letter,
    letter_graph,
    others,
    settle,
)


async def check(read_until: Callable[..., Awaitable[str]]) -> None:
    """Read letters whose length, and the moment of enough, are drawn."""
    draw = chance()
    for stops in (True, True, False):
        words = draw_letter(draw, draw.randint(8, 14))
        at = draw.randint(2, len(words) - 4) if stops else len(words) + 1
        await _check_one(read_until, words, at)


async def _check_one(read_until: Any, words: list[str], at: int) -> None:
    writer, sent = Writer(words=words, written=[], cancelled=[]), list[str]()
    graph = letter_graph(writer, sent)
    config = {"configurable": {"thread_id": "letter"}}
    before = others()

    def enough(text: str) -> bool:
        return len(text.split()) >= at

    text = await read_until(graph, {"question": "Write."}, config, enough)
    stops = at <= len(words)
    await settle(before)
    if stops:
        expect(
            not sent,
            "sends-all-the-same",
            f"It was enough after {at} words, and the letter of {len(words)} words was sent: the"
            " run went on behind the reader's back. Leaving the loop doesn't end a run; leaving the"
            " `async with` block of a `RunStream` does.",
        )
        expect(
            len(writer.written) < len(words),
            "writes-on",
            f"It was enough after {at} of {len(words)} words, and the model wrote all of them."
            " Every token costs money. End the run, and not only the reading.",
        )
    expect(
        not others() - before,
        "leaves-work-running",
        f"{len(others() - before)} tasks were still running after `read_until` had returned.",
    )
    expect(
        isinstance(text, str),
        "returns-no-text",
        f"`read_until` returned {text!r}. Return the text as far as it was read.",
    )
    wanted = " ".join(words[:at])
    expect(
        text.strip() == wanted,
        "returns-another-text",
        f"It was enough at {wanted!r}, and `read_until` returned {text!r}. Ask `enough` with all"
        " text so far, after each token, and return the text at that moment.",
    )
    if not stops:
        expect(
            sent == [" ".join(words)],
            "ends-too-early",
            "It was never enough, and the letter was not sent. Read to the end then.",
        )
        return
    try:
        done = await graph.ainvoke(None, config)
    except EmptyInputError:
        done = {"steps": "nothing: nothing is stored for it"}
    expect(
        sent == [" ".join(words)] and done["steps"] == ["look_up", "write", "send"],
        "cannot-be-resumed",
        f"After the stop the thread was resumed, and ran {done['steps']}. It should write and send"
        " the letter once, without looking things up again: pass the `config` on.",
    )
