"""What a tool has just done is not declined as well."""

from __future__ import annotations

from typing import Any

import pytest

from practice_model.mind import respond

DECLINED = "no weather"


@pytest.mark.parametrize(("name", "declined"), [("get_weather", False), ("look_up_order", True)])
def test_only_what_no_tool_has_done_is_declined(name: str, declined: bool) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Where is MF-1042, and what's the weather in Oslo?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain in Oslo"},
    ]
    assert (DECLINED in (respond(messages).content or "")) == declined
