"""Check: A context manager."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import BaseMessage

from agent_patterns.loops import repair_transcript
from agent_patterns.memory import TokenCounter
from courseware.exercises import Wrong, chance, expect, expecting
from courseware.lessons.conversation_memory.making import a_talk, types


def check(fit: Callable[..., Any]) -> None:
    """Fit drawn conversations into budgets on both sides of every exchange's limit."""
    draw = chance()
    for per_message in (0, draw.randint(2, 9)):
        count = TokenCounter(len, per_message=per_message, per_request=draw.randint(0, 9))
        parts = a_talk(draw, draw.randint(3, 5), system=bool(per_message))
        for kept in range(len(parts) - 1, 0, -1):
            exact = count(_last(parts, kept))
            _judge(fit, parts, exact, count, kept)
            _judge(fit, parts, exact - 1, count, kept - 1)
        _judge(fit, parts, 10**6, count, len(parts) - 1)


def _last(parts: list[list[BaseMessage]], kept: int) -> list[BaseMessage]:
    return [m for part in [parts[0], *(parts[1:][-kept:] if kept else [])] for m in part]


def _judge(
    fit: Callable[..., Any],
    parts: list[list[BaseMessage]],
    budget: int,
    count: TokenCounter,
    kept: int,
) -> None:
    talk = [message for part in parts for message in part]
    said = f"The conversation has {count(talk)} tokens, the budget is {budget}."
    try:
        with expecting(f"{said} A list of messages comes back, or a ValueError is raised."):
            found = list(fit(list(talk), budget, count) or ())
    except ValueError as error:
        if kept:
            raise Wrong(
                "refuses-what-fits",
                f"{said} The system prompt and the last exchange fit, and you raised: {error}",
            ) from None
        return
    if not kept:
        raise Wrong(
            "sends-too-much-or-half",
            f"{said} Not even the system prompt and the last exchange fit, and you returned"
            f" {len(found)} messages. Raise a ValueError: half an exchange is worse than none.",
        )
    expect(
        all(message in found for message in parts[0]),
        "drops-the-system-prompt",
        f"{said} The system prompt is gone. You kept: {types(found)}.",
    )
    broken = repair_transcript(found).changes
    expect(
        not broken and found and found[len(parts[0])].type == "human",
        "parts-an-exchange",
        f"{said} Your result begins in the middle of an exchange: {types(found)}.",
    )
    expect(
        count(found) <= budget,
        "over-budget",
        f"{said} Your result has {count(found)} tokens. Count the whole list, frame included.",
    )
    expect(
        found[-1] is talk[-1],
        "drops-the-question",
        f"{said} The last exchange is not at the end of your result. It must always be kept.",
    )
    wanted = _last(parts, kept)
    expect(
        len(found) >= len(wanted),
        "keeps-too-little",
        f"{said} You kept {count(found)} tokens; {count(wanted)} would fit. A budget that is"
        " just used up still fits, and each call of `count` adds a frame: count the list whole.",
    )
    expect(
        found == wanted,
        "leaves-a-hole",
        f"{said} You returned {types(found)}, and {types(wanted)} would be the newest in a row.",
    )
