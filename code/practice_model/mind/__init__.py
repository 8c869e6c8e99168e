"""The mind behind the practice server: pure functions, no I/O, no randomness.

`respond` answers one chat request, `embed` turns a text into a vector. The same request always
gets the same answer. A request is read once (`reading`); a plan is made of the reading: calls
(`plan`, `tools`, `assign`), a filled schema (`schema`) or a text (`writing`).
"""

import json
from collections.abc import Sequence
from typing import Any

from practice_model.mind import plan, roles, schema
from practice_model.mind.bounds import SchemaTooLarge
from practice_model.mind.parameters import Param, Tool, name_words, read_tools
from practice_model.mind.reading import Reading, read
from practice_model.mind.reply import Reply, ToolCall
from practice_model.mind.vectors import embed

__all__ = ["Reply", "SchemaTooLarge", "ToolCall", "embed", "respond"]


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
    Raises `SchemaTooLarge` for a schema that cannot be filled within bounds.
    """
    known = read_tools(tools) if tool_choice != "none" else []
    verbs = frozenset(tool.verbs[0] for tool in known if len(tool.verbs[0]) > 2)
    reading = read(messages, verbs)
    if known:
        reply = _with_tools(reading, known, tool_choice, parallel_tool_calls)
        if reply is not None:
            return reply
    kind = (response_format or {}).get("type")
    if kind == "json_schema":
        spec = (response_format or {}).get("json_schema") or {}
        asked = spec.get("schema")
        value = schema.fill(
            asked if isinstance(asked, dict) else {}, reading, str(spec.get("description") or "")
        )
        return Reply(json.dumps(value, ensure_ascii=False))
    if kind == "json_object":
        from practice_model.mind import writing

        return Reply(json.dumps(schema.free_object(reading, writing.answer), ensure_ascii=False))
    return Reply(_text(reading, known) or "I have nothing to say to that.")


def _with_tools(
    reading: Reading, tools: list[Tool], tool_choice: Any, parallel: bool
) -> Reply | None:
    forced = _forced(tool_choice)
    chosen = next((tool for tool in tools if tool.name == forced), None)
    if chosen is not None:
        return Reply(None, [_filled(chosen, reading)])
    required = tool_choice in ("required", "any") or forced is not None
    handed = roles.hand_over(reading, tools)
    if handed is not None and (handed.tool_calls or not required):
        return handed
    searches = roles.searches(reading, tools)
    if searches is not None and (searches or not required):
        return Reply(None, searches[: None if parallel else 1]) if searches else None
    decision = plan.decide(reading, tools, required=required)
    if decision.calls:
        return Reply(None, decision.calls[: None if parallel else 1])
    if required:
        # An API answers "required" with a call always, also when every result is there already.
        names = [tool.name for tool in tools]
        if decision.ask is None and reading.since and reading.since[-1].name in names:
            again = reading.since[-1]  # nothing is left to ask for: the same again
            return Reply(None, [ToolCall(again.name, again.arguments)])
        wanted = decision.ask[0] if decision.ask else tools[0]
        return Reply(None, [_filled(wanted, reading)])
    if decision.ask is not None and not reading.answered:
        return Reply(question(*decision.ask))
    call = None if reading.since else roles.open_search(reading, tools)
    return Reply(None, [call]) if call else None


def _forced(tool_choice: Any) -> str | None:
    if isinstance(tool_choice, dict):
        function = tool_choice.get("function") or tool_choice
        if isinstance(function, dict) and function.get("name"):
            return str(function["name"])
    return None


def _filled(tool: Tool, reading: Reading) -> ToolCall:
    """Fill a tool that has to be called from whatever the request says."""
    value = schema.fill(tool.schema, reading, tool.description)
    return ToolCall(tool.name, value if isinstance(value, dict) else {})


def question(tool: Tool, missing: Sequence[Param]) -> str:
    """Ask for the arguments that a call lacks."""
    wanted = [
        f"{param.label} ({param.description.strip(' .')})"
        if 0 < len(param.description) < 80 and param.description.lower() != param.label
        else param.label
        for param in missing
    ]
    told = wanted[0] if len(wanted) == 1 else ", ".join(wanted[:-1]) + " and " + wanted[-1]
    deed = " ".join(name_words(tool.name))
    return f"To {deed}, I need the {told}. Could you tell me?"


def _text(reading: Reading, tools: list[Tool]) -> str:
    from practice_model.mind import writing

    return writing.answer(reading, [tool.name for tool in tools])
