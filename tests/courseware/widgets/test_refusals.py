"""Refused answers in words, at their fields; and what a request does not need to repeat."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Interrupt
from pydantic import BaseModel, TypeAdapter, ValidationError

from agent_patterns.approval import Amount
from agent_patterns.approval.decisions import answer_schema
from agent_patterns.approval.protocol import edit
from courseware.widgets._fields import FieldError, FormModel
from courseware.widgets._outcome import complaints
from courseware.widgets._requests import read


class Refund(BaseModel):
    amount: Amount


def test_what_a_schema_of_decisions_refuses_is_told_by_field() -> None:
    request: Any = {"action": "refund", "args": {"amount": "12.90"}}
    schema: Any = TypeAdapter(answer_schema(request, Refund))
    with pytest.raises(ValidationError) as refused:
        schema.validate_python(edit("refund", {"amount": "a lot"}))
    ((name, why),) = complaints(refused.value)
    assert (name, why[:28]) == ("amount", "'a lot' is not a positive am")


def test_a_pattern_with_a_description_is_told_in_words() -> None:
    with pytest.raises(FieldError) as wrong:
        FormModel({"amount": "1"}, Refund.model_json_schema()).validate({"amount": "-3"})
    assert wrong.value.problems == (("amount", "'-3' is not a positive amount such as 12.90"),)


@pytest.mark.parametrize("reason", ["", "Refunds are rare"])
def test_only_an_own_description_of_a_tool_call_is_shown(reason: str) -> None:
    lead = reason or "Tool execution requires approval"
    call = {"name": "refund", "args": {}, "description": f"{lead}\n\nTool: refund\nArgs: {{}}"}
    review = {"action_name": "refund", "allowed_decisions": ["approve"]}
    value = {"action_requests": [call], "review_configs": [review]}
    (ask,) = read(Interrupt(value, id="1")).asks
    assert ask.details == ((("reason", reason),) if reason else ())
