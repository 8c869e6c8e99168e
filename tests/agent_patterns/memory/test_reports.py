"""Public reports about conversation memory, each with the right value."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from tests.agent_patterns.loops.transcripts import call, complaint, result

from agent_patterns.memory import ContextManager, TokenCounter
from agent_patterns.memory.errors import BudgetTooSmallError, ContextError

count = TokenCounter(len)


def each_one(messages: Any) -> int:
    return len(messages)


TALK: list[AnyMessage] = [
    SystemMessage("You work for Marlow & Finch."),
    HumanMessage("Where is MF-1042?"),
    call("a", "b"),
    result("a"),
    result("b"),
    AIMessage("On its way."),
    HumanMessage("Thanks. And MF-1043?"),
    AIMessage("Also on its way."),
]


def test_langchain_33245_trim_messages_may_begin_with_a_lone_result() -> None:
    trimmed = trim_messages(TALK, max_tokens=5, strategy="last", token_counter=len)
    assert trimmed[0].type == "tool"
    assert complaint(trimmed) is not None
    kept = ContextManager(5, count=each_one).fit(TALK)
    assert [m.type for m in kept] == ["system", "human", "ai"]
    assert complaint(kept) is None


def test_trim_messages_drops_the_system_prompt_unless_told() -> None:
    trimmed = trim_messages(TALK, max_tokens=3, strategy="last", token_counter=len)
    assert "system" not in [m.type for m in trimmed]
    assert ContextManager(3, count=each_one).fit(TALK)[0] is TALK[0]


def test_litellm_6505_a_short_conversation_keeps_its_tool_result() -> None:
    talk = [*TALK[:2], call("a"), result("a")]
    assert ContextManager(10_000, count=count).fit(talk) == talk


def test_langchain_29637_tools_belong_to_the_count() -> None:
    @tool
    def look_up(order: str) -> str:
        """Look an order up in the shop's books."""
        return "on its way"

    bare = count([HumanMessage("Hi")])
    assert count([HumanMessage("Hi")], [look_up]) > bare + 100
    with pytest.raises(BudgetTooSmallError):
        ContextManager(bare + 50, count=count).fit([HumanMessage("Hi")], extra=100)


def test_lossless_claw_266_four_characters_are_no_token_of_chinese() -> None:
    chinese = "我上周订购了三本笔记本和一瓶墨水，但是包裹还没有到。"
    guess = count_tokens_approximately([HumanMessage(chinese)])
    real = TokenCounter(len)([HumanMessage(chinese)])  # about a token a character
    assert real > 2 * guess


def test_langchain_academy_24_trimming_a_request_does_not_trim_the_thread() -> None:
    manager = ContextManager(None, count=count, max_exchanges=1)
    sent: list[int] = []

    def answer(state: MessagesState) -> dict[str, Any]:
        sent.append(len(manager.fit(state["messages"])))
        return {"messages": [AIMessage("Noted.")]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    graph = builder.compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "clara"}}
    for turn in range(3):
        out = graph.invoke({"messages": [HumanMessage(f"Fact {turn}")]}, config)
    assert sent == [1, 1, 1]
    assert len(out["messages"]) == 6


@pytest.mark.parametrize("budget", range(1, 12))
def test_langchain_34282_no_budget_parts_a_call_from_its_results(budget: int) -> None:
    talk = TALK[:6]
    try:
        kept = ContextManager(budget, count=each_one).fit(talk)
    except BudgetTooSmallError:
        assert budget < 6
        return
    assert kept == talk


def test_deepagents_270_a_history_that_others_broke_is_refused_and_not_sent() -> None:
    others: list[AnyMessage] = [HumanMessage("Summary: …"), ToolMessage("x", tool_call_id="gone")]
    with pytest.raises(ContextError, match="answers no call: gone"):
        ContextManager(1_000, count=count).fit(others)
