"""Counting tokens, compared with what the practice model's server bills."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from agent_patterns.memory import TokenCounter
from agent_patterns.memory.errors import ContextError
from agent_patterns.memory.tokens import llama_tokens
from courseware import connect
from practice_model.server import tokens as billing

CHINESE = "您好，我上周订购了三本笔记本和一瓶墨水，但是包裹还没有到。请帮我查一下订单的状态。"
CODE = "def total(order):\n    return sum(line['price'] * line['quantity'] for line in order)\n"
ENGLISH = "Please send me three notebooks and a bottle of ink, as soon as you can."


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    return "on its way"


@pytest.fixture(scope="module")
def llm() -> ChatOpenAI:
    return ChatOpenAI(model=connect().model)


TALKS: list[list[AnyMessage]] = [
    [HumanMessage("Hi")],
    [SystemMessage("Be kind."), HumanMessage(ENGLISH)],
    [HumanMessage(CHINESE)],
    [HumanMessage(CODE)],
    [
        HumanMessage("Where is MF-1042?"),
        AIMessage("", tool_calls=[{"name": "look_up", "args": {"order": "É-1"}, "id": "c1"}]),
        ToolMessage("on its way", tool_call_id="c1", name="look_up"),
    ],
    [HumanMessage([{"type": "text", "text": "One"}, {"type": "text", "text": "two"}])],
]


@pytest.mark.parametrize("tools", [[], [look_up]])
@pytest.mark.parametrize("talk", TALKS)
def test_the_frame_is_what_the_server_bills(
    llm: ChatOpenAI, talk: list[AnyMessage], tools: list[Any]
) -> None:
    count = TokenCounter(billing.count)
    answer = (llm.bind_tools(tools) if tools else llm).invoke(talk)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == count(talk, tools)


def test_four_characters_are_not_a_token() -> None:
    for text, low, high in ((ENGLISH, 0.8, 1.4), (CODE, 1.1, 2.5), (CHINESE, 2.5, 9)):
        for real in (billing.count(text), llama_tokens()(text)):
            assert low <= real / (len(text) / 4) <= high, text


def test_llama_tokens_count_what_they_are_given() -> None:
    tokens = llama_tokens()
    assert tokens("") == 0
    assert tokens("cat " * 1_000) >= 1_000  # nothing is cut off
    assert llama_tokens() is tokens


def test_a_missing_tokenizer_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(ContextError, match="pip install"):
        llama_tokens.__wrapped__()


def test_pictures_cost_something() -> None:
    picture: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    count = TokenCounter(len, per_attachment=85)
    assert count([HumanMessage([picture])]) == 3 + 3 + 85
