"""Transcripts as a provider judges them, and strategies that break them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)


def complaint(messages: Sequence[BaseMessage]) -> str | None:
    """Return what a strict provider would answer 400 with, or None."""
    waiting: list[str] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in waiting:
                return f"result {message.tool_call_id} answers no open call"
            waiting.remove(message.tool_call_id)
            continue
        if waiting:
            return f"calls {waiting} have no result"
        if isinstance(message, AIMessage):
            waiting = [str(call["id"]) for call in message.tool_calls]
            waiting += [str(call["id"]) for call in message.invalid_tool_calls]
    return f"calls {waiting} have no result" if waiting else None


def call(*ids: str, name: str = "look_up") -> AIMessage:
    """Return an answer that calls a tool once for each id."""
    return AIMessage("", tool_calls=[{"name": name, "args": {"x": i}, "id": i} for i in ids])


def result(call_id: str, text: str = "fine", *, failed: bool = False) -> ToolMessage:
    """Return the result of a call."""
    return ToolMessage(text, tool_call_id=call_id, status="error" if failed else "success")


@st.composite
def exchanges(draw: st.DrawFn, most: int = 6) -> list[AnyMessage]:
    """Draw a valid conversation: questions, rounds of tool calls, answers."""
    messages: list[AnyMessage] = []
    if draw(st.booleans()):
        messages.append(SystemMessage("You work for Marlow & Finch."))
    for turn in range(draw(st.integers(1, most))):
        messages.append(HumanMessage(draw(st.text("abc ", min_size=1, max_size=30))))
        for round_ in range(draw(st.integers(0, 2))):
            ids = [f"{turn}.{round_}.{n}" for n in range(draw(st.integers(1, 3)))]
            messages.append(call(*ids))
            messages += [result(i, draw(st.text("xyz", max_size=40))) for i in ids]
        messages.append(AIMessage(draw(st.text("abc ", min_size=1, max_size=30))))
    return messages


@st.composite
def broken(draw: st.DrawFn) -> list[AnyMessage]:
    """Draw a conversation in which messages got lost, doubled, moved and strayed in."""
    messages = list(draw(exchanges()))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, max(len(messages) - 1, 0)))
        to = draw(st.integers(0, len(messages)))
        how = draw(st.sampled_from(["lose", "double", "move", "stray", "call"]))
        if how == "stray":
            messages.insert(to, result(f"stray {to}"))
        elif how == "call":
            messages.insert(to, call(f"new {to}"))
        elif messages:
            message = messages[at] if how == "double" else messages.pop(at)
            if how == "double" and not isinstance(message, ToolMessage):
                continue
            if how != "lose":
                messages.insert(min(to, len(messages)), message)
    return messages
