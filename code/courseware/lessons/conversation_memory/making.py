"""Draw conversations at random for the checks of the exercises."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

WORDS = ("paper", "ink", "parcel", "pen", "late", "blue", "gift", "thanks", "today", "broken")


def some_words(draw: random.Random, most: int = 12) -> str:
    """Return a few words."""
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, most)))


def an_exchange(draw: random.Random, number: int) -> list[BaseMessage]:
    """Return an exchange: a question, up to two rounds of tool calls, an answer."""
    messages: list[BaseMessage] = [HumanMessage(f"{number}: {some_words(draw)}")]
    for round_ in range(draw.randint(0, 2)):
        ids = [
            f"c{number}.{round_}.{at}.{draw.randint(10, 99)}" for at in range(draw.randint(1, 2))
        ]
        calls: list[Any] = [{"name": "look_up", "args": {"n": i}, "id": i} for i in ids]
        messages.append(AIMessage("", tool_calls=calls))
        messages += [ToolMessage(some_words(draw), tool_call_id=i) for i in ids]
    return [*messages, AIMessage(some_words(draw))]


def a_talk(draw: random.Random, count: int, *, system: bool = True) -> list[list[BaseMessage]]:
    """Return a conversation in parts: the system prompt, which may be empty, and exchanges."""
    prompt: list[BaseMessage] = [SystemMessage(f"Rule {draw.randint(10, 99)}: {some_words(draw)}")]
    return [prompt if system else [], *(an_exchange(draw, number) for number in range(count))]


def types(messages: Sequence[BaseMessage]) -> str:
    """Return the types of messages in a short line."""
    return ", ".join(message.type for message in messages)
