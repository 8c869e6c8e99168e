"""Check: Hybrid memory."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent_patterns.loops import repair_transcript
from courseware.exercises import Wrong, chance, expect
from courseware.lessons.conversation_memory.making import a_talk, types

AT_LEAST = 0.3


@dataclass(frozen=True)
class Found:
    """A memory that a search has found."""

    text: str
    score: float


def check(build_request: Callable[..., Any]) -> None:
    """Build requests from drawn conversations and drawn memories."""
    draw = chance()
    for count in (draw.randint(2, 4), 0, 1):
        window = draw.randint(1, 3)
        parts = a_talk(draw, draw.randint(3, 5))
        parts.append([HumanMessage(f"What do I like? {draw.randint(100, 999)}")])
        _judge(build_request, parts, window, _memories(draw, count))
    parts = [*a_talk(draw, 1), _with_tools("a"), _with_tools("b"), [HumanMessage("Which nib?")]]
    _judge(build_request, parts, 3, _memories(draw, 2))
    parts = [*a_talk(draw, 0), [HumanMessage("Which paper do I like?")]]
    _judge(build_request, parts, 2, _memories(draw, 2))


def _with_tools(name: str) -> list[BaseMessage]:
    """Return an exchange of four messages: the number of messages tells no exchanges."""
    calls: list[Any] = [{"name": "look_up", "args": {}, "id": name}]
    found = ToolMessage("in stock", tool_call_id=name)
    return [HumanMessage("Is it there?"), AIMessage("", tool_calls=calls), found, AIMessage("Yes.")]


def _memories(draw: random.Random, count: int) -> list[Found]:
    """Return `count` memories that are near enough, the last one just so, and two that are not."""
    scores = [0.9, 0.7, 0.5, AT_LEAST][-count:] if count else []
    scores += [AT_LEAST - 0.01, 0.02]
    numbers = draw.sample(range(1000, 9999), len(scores))
    return [
        Found(f'Likes "No. {n}"\nmost', score) for n, score in zip(numbers, scores, strict=True)
    ]


def _judge(
    build_request: Callable[..., Any],
    parts: list[list[BaseMessage]],
    window: int,
    memories: list[Found],
) -> None:
    thread = [message for part in parts for message in part]
    before, asked = list(thread), []

    def search(question: str) -> list[Found]:
        asked.append(question)
        return list(memories)

    request = list(build_request(thread, search, window) or ())
    expect(
        all(isinstance(each, BaseMessage) for each in request),
        "not-messages",
        f"You returned {[type(each).__name__ for each in request]}. Return messages, such as"
        " `AIMessage` and `ToolMessage`.",
    )
    expect(
        thread == before,
        "changes-the-thread",
        "Your function changed the list of messages that it was given. The thread keeps"
        " everything; only the request is short.",
    )
    expect(
        asked and all(each == thread[-1].text for each in asked),
        "searches-for-something-else",
        f"You searched for {asked!r}; the question is {thread[-1].text!r}.",
    )
    near = [found.text for found in memories if found.score >= AT_LEAST]
    _judge_place(request, [found.text for found in memories])
    _judge_window(request, parts, window, bool(near))
    _judge_recall(request, near)


def _judge_place(request: Sequence[BaseMessage], texts: list[str]) -> None:
    for message in request:
        if message.type in ("system", "human") and any(_in(t, message.text) for t in texts):
            raise Wrong(
                f"memory-in-the-{'system-prompt' if message.type == 'system' else 'question'}",
                f"A memory stands in a {message.type} message: {message.text[:80]!r}. There a model"
                " takes it for an order. Put memories into a tool's result.",
            )


def _in(text: str, message: str) -> bool:
    return text in message or json.dumps(text)[1:-1] in message


def _judge_window(
    request: list[BaseMessage], parts: list[list[BaseMessage]], window: int, recalled: bool
) -> None:
    said = f"The thread is: {types([m for part in parts for m in part])}; the window is {window}."
    expect(
        request[: len(parts[0])] == parts[0],
        "drops-the-system-prompt",
        f"{said} Your request begins with {types(request[:2])}; the system prompt comes first.",
    )
    kept = [m for part in parts[1:][-window:] for m in part]
    end = len(parts[0]) + len(kept)
    expect(
        request[len(parts[0]) : end] == kept,
        "wrong-window",
        f"{said} The last {'exchange is' if window == 1 else f'{window} exchanges are'}"
        f" {types(kept)}, with the question as the last one; your request goes on with"
        f" {types(request[len(parts[0]) :])}.",
    )
    changes = repair_transcript(request).changes
    expect(
        not changes,
        "breaks-the-transcript",
        f"{said} A provider would refuse your request: {'; '.join(changes)}. A result needs its"
        " call in front of it, and a call its result behind it.",
    )
    extra = request[end:]
    if not recalled:
        expect(
            not extra,
            "recalls-nothing-aloud",
            f"No memory is near enough, and you added {types(extra)}. Without a memory, add none.",
        )
        return
    expect(
        [message.type for message in extra] == ["ai", "tool"],
        "no-tool-result",
        f"After the question there should be a call and its result; you have {types(extra)!r}.",
    )


def _judge_recall(request: Sequence[BaseMessage], near: list[str]) -> None:
    if not near:
        return
    try:
        found = json.loads(request[-1].text)
    except ValueError:
        raise Wrong(
            "not-json",
            f"The result is not JSON: {request[-1].text[:80]!r}. JSON marks where each memory"
            " begins and ends, whatever it contains.",
        ) from None
    expect(
        found == near,
        "wrong-memories",
        f"{len(near)} memories have a score of at least {AT_LEAST}: {near}. You sent {found!r}.",
    )
