"""The rule-based mind behind the practice server: pure functions, no I/O, no randomness.

`respond` answers one chat request, `embed` turns a text into a vector. The same
request always gets the same answer. Nothing here knows a lesson.

How a request goes: `conversation` reads it; `tools`, `phrases`, `arguments` and `planner`
decide on calls, with `deeds` for verbs, `polarity` for booleans, `conversions` and `durations`
for quantities; `structured` fills schemas; `options`, `routing` and `classify` choose
among what instructions list; `embeddings` knows families of `everyday` words;
`writing` drafts, revises, reviews and summarises; `answers` says the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from practice_model.brain import answers, handoffs, planner, research, structured
from practice_model.brain import tools as offered
from practice_model.brain.conversation import Conversation, read, shortened
from practice_model.brain.embeddings import embed
from practice_model.brain.reply import Reply, ToolCall

__all__ = ["Reply", "ToolCall", "embed", "respond"]


def respond(
    messages: Sequence[dict[str, Any]],
    *,
    tools: Sequence[dict[str, Any]] = (),
    tool_choice: str | dict[str, Any] | None = None,
    response_format: dict[str, Any] | None = None,
    parallel_tool_calls: bool = True,
    seed: int = 0,
    variant: int = 0,
) -> Reply:
    """Answer a chat request given in the terms of the Chat Completions API.

    `seed` and `variant` are accepted for the API's sake; the answer does not depend on them.
    """
    conv = read(messages)
    known = offered.read(tools) if tools and tool_choice != "none" else []
    if known:
        forced = _forced(tool_choice)
        chosen = next((tool for tool in known if tool.name == forced), None)
        if chosen is not None:
            return Reply(None, [_fill(chosen, messages, conv)])
        near = shortened(conv)
        required = tool_choice in ("required", "any") or forced is not None
        if required and len(known) == 1 and not known[0].open_search:
            repeated = planner.decide(near, known, parallel=parallel_tool_calls)
            if len(repeated.calls) > 1:
                return Reply(None, repeated.calls)
            return Reply(None, [_fill(known[0], messages, conv)])
        handed = handoffs.decide(near, known)
        if handed is not None:
            if handed.calls:
                return Reply(None, handed.calls[: None if parallel_tool_calls else 1])
            if not required:
                names = tuple(tool.name for tool in known)
                return Reply(handed.text or answers.text(messages, conv, names))
        searches = research.decide(messages, near, known)
        if searches:
            return Reply(None, searches[: None if parallel_tool_calls else 1])
        if searches is not None and not required:
            return Reply(answers.text(messages, conv, tuple(tool.name for tool in known)))
        decision = planner.decide(near, known, required=required, parallel=parallel_tool_calls)
        if decision.calls:
            return Reply(None, decision.calls)
        if decision.ask is not None:
            return Reply(planner.question(*decision.ask))
    kind = (response_format or {}).get("type")
    if kind == "json_schema":
        spec = (response_format or {}).get("json_schema") or {}
        schema = spec.get("schema")
        about = f"{spec.get('description') or ''}"
        value = structured.fill(schema if isinstance(schema, dict) else {}, messages, conv, about)
        return Reply(json.dumps(value, ensure_ascii=False))
    if kind == "json_object":
        return Reply(json.dumps(structured.free_object(messages, conv), ensure_ascii=False))
    names = tuple(tool.name for tool in known)
    if conv.answered and (told := research.answer(messages, conv)):
        return Reply(told)
    return Reply(answers.text(messages, conv, names) or "I have nothing to say to that.")


def _forced(tool_choice: str | dict[str, Any] | None) -> str | None:
    if isinstance(tool_choice, dict):
        function = tool_choice.get("function") or tool_choice
        if isinstance(function, dict) and function.get("name"):
            return str(function["name"])
    return None


def _fill(tool: offered.Tool, messages: Sequence[dict[str, Any]], conv: Conversation) -> ToolCall:
    value = structured.fill(tool.schema, messages, conv, tool.description)
    return ToolCall(tool.name, value if isinstance(value, dict) else {})
