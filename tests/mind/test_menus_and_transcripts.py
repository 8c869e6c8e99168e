"""Menus of described names, and conversations handed over to be summarized."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from langchain.agents.middleware import LLMToolSelectorMiddleware, SummarizationMiddleware
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.messages.utils import get_buffer_string
from langchain_core.tools import tool

from practice_model.mind import respond


@tool
def look_up_order(order_id: str) -> str:
    """Look up the status of an order by its id."""
    return ""


@tool
def check_stock(item: str) -> str:
    """Say how many pieces of an item are in stock."""
    return ""


@tool
def cancel_subscription(number: str) -> str:
    """Cancel the customer's subscription by its number."""
    return ""


TOOLS = [look_up_order, check_stock, cancel_subscription]


def _selected(question: str) -> list[str]:
    """Ask as LangChain's tool selector does: with its own prompt, and its kind of schema."""
    menu = [{"const": t.name, "description": t.description, "type": "string"} for t in TOOLS]
    tools = {"type": "array", "items": {"anyOf": menu}, "description": "Tools to use."}
    schema = {"type": "object", "properties": {"tools": tools}, "required": ["tools"]}
    system = LLMToolSelectorMiddleware().system_prompt
    reply = respond(
        [{"role": "system", "content": system}, {"role": "user", "content": question}],
        response_format={"type": "json_schema", "json_schema": {"schema": schema}},
    )
    found: dict[str, Any] = json.loads(reply.content or "")
    return cast("list[str]", found["tools"])


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Where is order MF-1042?", "look_up_order"),
        ("How many notebooks are in stock?", "check_stock"),
        ("Please cancel my subscription number 77.", "cancel_subscription"),
    ],
)
def test_the_tool_selector_gets_the_tool_that_suits(question: str, first: str) -> None:
    chosen = _selected(question)
    assert chosen[0] == first
    assert set(chosen) <= {each.name for each in TOOLS}


def test_two_wishes_get_two_tools() -> None:
    assert set(_selected("Cancel my subscription 77, and look up order MF-1042.")) == {
        "cancel_subscription",
        "look_up_order",
    }


CALL: Any = {"name": "read_log", "args": {"order": "MF-1042"}, "id": "c1"}
LOG = "\n".join(f"line {line}: parcel scanned, all is well" for line in range(20))
TALK = [
    HumanMessage("Hello, my name is Clara Weiss."),
    AIMessage("Hello!"),
    HumanMessage("I paid 12.90 euros for order MF-1042 & more."),
    AIMessage("", tool_calls=[CALL]),
    ToolMessage(LOG, tool_call_id="c1"),
    AIMessage("All is well."),
    HumanMessage("Do you wrap gifts?"),
]


def _summary(prompt: str) -> str:
    text = prompt.format(messages=get_buffer_string(TALK, format="xml"))
    return respond([{"role": "user", "content": text}]).content or ""


def test_langchains_own_prompt_summarizes_what_the_user_said() -> None:
    default = SummarizationMiddleware.__init__.__kwdefaults__["summary_prompt"]
    told = _summary(default)
    assert "Clara Weiss" in told
    assert "12.90 euros for order MF-1042 & more" in told
    assert "scanned" not in told
    assert "<message" not in told


def test_a_limit_in_front_of_the_conversation_holds() -> None:
    assert _summary("Summarize this in one sentence.\n\n{messages}").count(".") <= 2


def test_twenty_lines_alike_are_no_list_of_contradictions() -> None:
    text = f"Write a report from these notes.\n\nNotes:\n{LOG}"
    told = respond([{"role": "user", "content": text}]).content or ""
    assert told.count("contradict") <= 3


def test_an_enum_may_hold_lists() -> None:
    city = {"type": "string", "enum": [["Lisbon"], "Tokyo"]}
    schema = {"type": "object", "properties": {"city": city}, "required": ["city"]}
    reply = respond(
        [{"role": "user", "content": "Lisbon, 3 days, in json"}],
        response_format={"type": "json_schema", "json_schema": {"schema": schema}},
    )
    assert json.loads(reply.content or "")["city"] in city["enum"]
