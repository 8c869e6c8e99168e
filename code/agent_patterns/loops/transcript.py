"""Repair a transcript that a strict provider would refuse.

Providers answer 400 unless every tool call is followed at once by exactly one result, and every
result follows its call.  Crashes, trimming, summaries, a user who writes while a tool runs, and
two processes on one thread break that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, RemoveMessage, ToolMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from agent_patterns.loops.errors import TranscriptError

LOST = "This call has no result: it was not run, or its result was lost. Nothing is known about it."


@dataclass(frozen=True)
class Repair:
    """A valid transcript, and what had to be done for it."""

    messages: list[BaseMessage]
    changes: tuple[str, ...] = ()
    """One sentence for each change; empty when the transcript was valid."""
    removed: list[BaseMessage] = field(default_factory=list)
    """The results that have no place: orphans and duplicates."""

    def as_update(self) -> list[BaseMessage]:
        """Return the update that puts the repaired transcript into a graph's ``messages``."""
        if not self.changes:
            return []
        return [RemoveMessage(id=REMOVE_ALL_MESSAGES), *self.messages]


def repair_transcript(messages: Sequence[BaseMessage], *, lost: str = LOST) -> Repair:
    """Return the transcript with every tool call followed by its one result.

    A call without a result gets an error message that says so: the model must not believe that
    it has run.  Of several results the last successful one is kept.  A result that stands
    elsewhere is moved behind its call.  A result without a call is taken out.  Everything else
    keeps its place, and a valid transcript comes back as it is.

    Args:
        messages: the transcript; it is not changed.
        lost: the text of a result that is missing.

    Raises:
        TranscriptError: if a tool call has no id, so that nothing can answer it.
    """
    calls = [_calls(message, place) for place, message in enumerate(messages)]
    results = _results(messages, calls)
    repaired: list[BaseMessage] = []
    changes: list[str] = []
    used: set[int] = set()
    for place, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            continue
        repaired.append(message)
        for offset, (call_id, name) in enumerate(calls[place].items(), start=1):
            found = results.get((place, call_id), [])
            if not found:
                repaired.append(ToolMessage(lost, tool_call_id=call_id, name=name, status="error"))
                changes.append(f"call {call_id} of {name} had no result: one was added")
                continue
            good = [at for at, result in found if result.status != "error"]
            chosen = good[-1] if good else found[-1][0]
            used.add(chosen)
            repaired.append(messages[chosen])
            if chosen != place + offset and len(found) == 1:
                changes.append(f"the result of call {call_id} was moved behind its call")
    duplicates = {at for found in results.values() for at, _ in found}
    removed: list[BaseMessage] = []
    for place, message in enumerate(messages):
        if isinstance(message, ToolMessage) and place not in used:
            removed.append(message)
            why = (
                "a duplicate" if place in duplicates else "an orphan: no call before it has its id"
            )
            changes.append(f"result {message.tool_call_id} was {why}, and was removed")
    return Repair(repaired, tuple(changes), removed)


def check_tools(tools: Iterable[Any]) -> None:
    """Raise `TranscriptError` when two tools have one name: only the last would ever be called."""
    names: set[str] = set()
    for tool in tools:
        name = str(getattr(tool, "name", None) or getattr(tool, "__name__", tool))
        if name in names:
            raise TranscriptError(
                f"Two tools are called {name!r}; a call would always reach the second one. "
                "Give each tool a name of its own."
            )
        names.add(name)


def _calls(message: BaseMessage, place: int) -> dict[str, str]:
    """Return the names of a message's calls by id.

    Calls whose arguments are no JSON count too: the client sends them, so they need a result.
    """
    if not isinstance(message, AIMessage):
        return {}
    calls: dict[str, str] = {}
    for call in (*message.tool_calls, *message.invalid_tool_calls):
        name, call_id = call.get("name") or "unknown", call.get("id")
        if not call_id:
            raise TranscriptError(
                f"Message {place} calls {name!r} without an id, so no result can belong to it. "
                "Give the call an id, or remove it."
            )
        calls.setdefault(call_id, name)
    return calls


def _results(
    messages: Sequence[BaseMessage], calls: Sequence[dict[str, str]]
) -> dict[tuple[int, str], list[tuple[int, ToolMessage]]]:
    """Return the results of each call: they belong to the last call before them with their id."""
    asked: dict[str, int] = {}
    found: dict[tuple[int, str], list[tuple[int, ToolMessage]]] = {}
    for place, message in enumerate(messages):
        asked.update(dict.fromkeys(calls[place], place))
        if isinstance(message, ToolMessage) and message.tool_call_id in asked:
            call = (asked[message.tool_call_id], message.tool_call_id)
            found.setdefault(call, []).append((place, message))
    return found
