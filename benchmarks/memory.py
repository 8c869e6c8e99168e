"""What it costs to fit a conversation of 10 to 10,000 messages, beside `trim_messages`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)

from agent_patterns.memory import ContextManager, TokenCounter
from benchmarks import Measurement, interleaved

_count = TokenCounter(len)


def _talk(messages: int) -> list[BaseMessage]:
    talk: list[BaseMessage] = [SystemMessage("You work for Marlow & Finch.")]
    for n in range(messages // 4):
        call: Any = {"name": "look_up", "args": {"order": f"MF-{n}"}, "id": f"c{n}"}
        talk += [
            HumanMessage(f"Where is order MF-{n}?"),
            AIMessage("", tool_calls=[call]),
            ToolMessage("on its way", tool_call_id=f"c{n}"),
            AIMessage(f"MF-{n} is on its way."),
        ]
    return talk


def _langchain(talk: Sequence[BaseMessage], budget: int) -> Sequence[BaseMessage]:
    return trim_messages(
        talk,
        max_tokens=budget,
        token_counter=_count,
        strategy="last",
        start_on="human",
        include_system=True,
    )


def run(quick: bool = False) -> Sequence[Measurement]:
    """Measure with a budget of half the conversation, and with one of 2,000 tokens."""
    found = []
    sizes = (10, 100, 1_000) if quick else (10, 100, 1_000, 10_000)
    for size in sizes:
        talk = _talk(size)
        for name, budget in (("half", _count(talk) // 2 + 200), ("2,000 tokens", 2_000)):
            manager = ContextManager(budget, count=_count)
            seconds = interleaved(
                {
                    "ours": partial(manager.fit, talk),
                    "trim": partial(_langchain, talk, budget),
                },
                rounds=3 if size > 1_000 else 10,
            )
            found.append(
                Measurement(
                    f"fit {size:,} messages into {name} / trim_messages",
                    seconds["ours"] / seconds["trim"],
                    "times",
                    "the same counter for both",
                )
            )
    small, large = sizes[-2:]
    found.append(_growth(small, large))
    return found


def _growth(small: int, large: int) -> Measurement:
    """Measure both sizes alone, so that trimming the other way does not empty the caches."""
    variants = {}
    for size in (small, large):
        talk = _talk(size)
        manager = ContextManager(_count(talk) // 2 + 200, count=_count)
        variants[str(size)] = partial(manager.fit, talk)
    seconds = interleaved(variants, rounds=25)
    return Measurement(
        f"fit {large:,} / {small:,} messages into half",
        seconds[str(large)] / seconds[str(small)],
        "times",
        f"linear growth is {large / small:g}",
    )
