"""What somebody whose job is research looks up: the topic of a request, and each of its points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from practice_model.brain import writing
from practice_model.brain.conversation import Conversation, PastCall
from practice_model.brain.reply import ToolCall
from practice_model.brain.tools import Tool
from practice_model.brain.words import stems

_EACH_POINT = re.compile(
    r"\b(?:search|look up|look for|find|research)\b[^.\n]{0,60}"
    r"\b(?:each|every|all(?: the)?) points?\b",
    re.I,
)
"""A system prompt that sends a writer to look up one point after the other."""


def _rules(messages: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        str(m.get("content") or "") for m in messages if m.get("role") in ("system", "developer")
    )


def decide(
    messages: Sequence[dict[str, Any]], conv: Conversation, tools: Sequence[Tool]
) -> list[ToolCall] | None:
    """The searches that are still to be made; empty when all are done, None for another job.

    It applies when the instructions make research the job and one of the tools searches
    everything. A search that has failed is not repeated.
    """
    tool = next((entry for entry in tools if entry.open_search and entry.parameters), None)
    kind = writing.kind(messages)
    if tool is None or not (
        kind == "notes" or (kind == "draft" and _EACH_POINT.search(_rules(messages)))
    ):
        return None
    task = writing.read_task(messages, kind)
    if task is None or not (task.topic or task.points):
        return None
    if any(entry.name in conv.request for entry in tools):
        return None
    name = next((p.path for p in tool.parameters if p.role == "query"), tool.parameters[0].path)
    if len(name) != 1:
        return None
    wanted = [" ".join(filter(None, (task.topic, point))) for point in task.points]
    asked = {
        stems(str(call.arguments.get(name[0]))) for call in conv.since if call.name == tool.name
    }
    queries = wanted or [task.topic]
    left = [query for query in queries if stems(query) not in asked]
    return [ToolCall(tool.name, {name[0]: query}) for query in left]


def _searched_in_vain(call: PastCall) -> bool:
    """Whether a search came back with an empty list."""
    kind = re.match(r"(?:search|find|look|query|retriev)", call.name, re.I)
    return bool(kind) and (call.result or "").strip() in ("[]", "{}", "null", '""')


def answer(messages: Sequence[dict[str, Any]], conv: Conversation) -> str | None:
    """Answer a question from documents that a search has found, with their ids.

    None when the results are no documents, or when something is to be written from them.
    """
    found = [
        source
        for call in conv.since
        if call.result and not call.failed
        for source in writing.read_sources(str(call.result))
        if source.id and len(source.text) >= 60
    ]
    if writing.kind(messages) is not None:
        return None
    if not found and conv.since and all(_searched_in_vain(call) for call in conv.since):
        asked = next((s for s in writing.split(conv.request) if s.endswith("?")), "")
        return f"My search found nothing about {writing.as_said(asked) if asked else 'that'}."
    if not found:
        return None
    statements = writing.best_statements(found, conv.request)
    if not statements:
        return "The documents found do not say that."
    return " ".join(statements)
