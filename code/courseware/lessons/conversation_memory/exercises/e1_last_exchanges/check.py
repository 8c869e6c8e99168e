"""Check: The last exchanges."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import BaseMessage

from agent_patterns.loops import repair_transcript
from courseware.exercises import chance, expect, expecting
from courseware.lessons.conversation_memory.making import a_talk, types


def check(last_exchanges: Callable[..., Any]) -> None:
    """Cut drawn conversations at, below and above their number of exchanges."""
    draw = chance()
    for system in (True, False, True):
        size = draw.randint(3, 6)
        parts = a_talk(draw, size, system=system)
        for count in (1, draw.randint(2, size - 1), size, size + draw.randint(1, 3)):
            _judge(last_exchanges, parts, count)


def _judge(last_exchanges: Callable[..., Any], parts: list[list[BaseMessage]], count: int) -> None:
    talk = [message for part in parts for message in part]
    before = list(talk)
    wanted = [m for part in [parts[0], *parts[1:][-count:]] for m in part]
    system = "with a" if parts[0] else "without a"
    said = f"Keep {count} of {len(parts) - 1} exchanges {system} system prompt."
    with expecting(f"{said} If there are fewer, all of them."):
        found = list(last_exchanges(talk, count) or ())
    expect(
        all(isinstance(message, BaseMessage) for message in found),
        "no-messages",
        f"{said} You returned {[type(each).__name__ for each in found]}. Return one flat list of"
        " messages.",
    )
    expect(talk == before, "changes-its-argument", f"{said} Your function changed the list it got.")
    expect(
        all(message in found for message in parts[0]),
        "drops-the-system-prompt",
        f"{said} The system prompt is gone, and with it the rules. You kept: {types(found)}.",
    )
    broken = [change.partition(":")[0] for change in repair_transcript(found).changes]
    expect(
        not broken,
        "parts-a-pair",
        f"{said} A provider would refuse your result: {broken[:1]}. Cut in front of a user's"
        " message only.",
    )
    kept = [message for message in found if message.type == "human"]
    expected = [message for message in wanted if message.type == "human"]
    expect(
        len(kept) == len(expected),
        "wrong-number",
        f"{said} You kept {len(kept)}; there should be {len(expected)}.",
    )
    expect(
        found == wanted,
        "other-messages",
        f"{said} You returned {types(found)}, and the last exchanges are {types(wanted)}.",
    )
