"""A tool that must be called is called, however much is known already."""

from __future__ import annotations

import json
from typing import Any

import pytest

from practice_model.mind import respond


def _tool(name: str, parameter: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": name.replace("_", " "),
            "parameters": {
                "type": "object",
                "properties": {parameter: {"type": "string"}},
                "required": [parameter],
            },
        },
    }


@pytest.mark.parametrize("tools", [["look_up_order"], ["look_up_order", "check_stock"]])
@pytest.mark.parametrize("choice", ["required", "any"])
def test_required_gives_a_call_in_every_round(tools: list[str], choice: str) -> None:
    known = {"look_up_order": "order_id", "check_stock": "item"}
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Where is order MF-1042?"}]
    for number in range(4):
        reply = respond(
            messages, tools=[_tool(name, known[name]) for name in tools], tool_choice=choice
        )
        assert reply.tool_calls, f"round {number} gave no call"
        call = reply.tool_calls[0]
        arguments = call.arguments
        assert arguments == {"order_id": "MF-1042"}, "what was asked does not change"
        said = json.dumps(arguments)
        function = {"name": call.name, "arguments": said}
        asked = {"id": f"c{number}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [asked]})
        messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": "on its way"})
