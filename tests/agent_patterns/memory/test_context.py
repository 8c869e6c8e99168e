"""The context manager: what it keeps, whatever the conversation and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
)
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.loops.agents import Provider
from tests.agent_patterns.loops.transcripts import call, complaint, result
from tests.agent_patterns.loops.transcripts import exchanges as conversations

from agent_patterns.memory import ContextManager, ContextMiddleware, TokenCounter
from agent_patterns.memory.context import exchanges
from agent_patterns.memory.errors import BudgetTooSmallError, ContextError

count = TokenCounter(len)


@given(conversations(most=8), st.integers(1, 400))
def test_what_survives_every_budget(messages: list[AnyMessage], budget: int) -> None:
    before = list(messages)
    system_and_last = [m for m in messages if isinstance(m, SystemMessage)]
    system_and_last += exchanges(messages)[-1]
    if count(system_and_last) > budget:
        with pytest.raises(BudgetTooSmallError, match="Raise the budget"):
            ContextManager(budget, count=count).fit(messages)
        return
    kept = ContextManager(budget, count=count).fit(messages)
    assert messages == before
    assert count(kept) <= budget
    assert complaint(kept) is None
    system = [m for m in messages if isinstance(m, SystemMessage)]
    body = messages[len(system) :]
    assert kept[: len(system)] == system
    tail = kept[len(system) :]
    assert tail == body[len(body) - len(tail) :]
    assert isinstance(tail[0], HumanMessage)
    assert tail[-1] is messages[-1]


@given(conversations(most=8), st.integers(1, 400))
def test_it_keeps_as_much_as_fits(messages: list[AnyMessage], budget: int) -> None:
    try:
        kept = ContextManager(budget, count=count).fit(messages)
    except BudgetTooSmallError:
        return
    if len(kept) == len(messages):
        return
    all_of_them = exchanges(messages)
    more = all_of_them[-len(exchanges(kept)) - 1]
    assert count([*kept, *more]) > budget


@given(conversations(most=8), st.integers(1, 400), st.integers(0, 200))
def test_more_budget_never_keeps_less(messages: list[AnyMessage], budget: int, more: int) -> None:
    try:
        little = ContextManager(budget, count=count).fit(messages)
    except BudgetTooSmallError:
        return
    assert len(ContextManager(budget + more, count=count).fit(messages)) >= len(little)
    assert ContextManager(budget, count=count).fit(little) == little


@given(conversations(most=8), st.integers(1, 10))
def test_a_window_counts_exchanges(messages: list[AnyMessage], window: int) -> None:
    kept = ContextManager(None, count=count, max_exchanges=window).fit(messages)
    assert exchanges(kept) == exchanges(messages)[-window:]


@given(conversations())
def test_exchanges_are_the_conversation(messages: list[AnyMessage]) -> None:
    flat = [message for each in exchanges(messages) for message in each]
    assert flat == [m for m in messages if not isinstance(m, SystemMessage)]


TALK: list[AnyMessage] = [
    SystemMessage("Be kind."),
    HumanMessage("Hi"),
    AIMessage("Hello."),
    HumanMessage("Where is it?"),
]


def test_a_budget_below_the_system_prompt_says_so() -> None:
    with pytest.raises(BudgetTooSmallError, match=r"14.*\(14\).*\(15\).*Raise the budget"):
        ContextManager(14, count=count).fit(TALK)
    with pytest.raises(BudgetTooSmallError):
        ContextManager(13, count=count).fit(TALK[:1])
    assert ContextManager(29, count=count).fit(TALK) == [TALK[0], TALK[3]]


def test_a_conversation_that_begins_in_the_middle() -> None:
    middle = [AIMessage("Hello, this is Marlow & Finch."), HumanMessage("Hi")]
    assert ContextManager(99, count=count).fit(middle) == middle
    assert ContextManager(15, count=count).fit(middle) == middle[1:]
    orphan = [result("lost"), HumanMessage("Hi")]
    with pytest.raises(ContextError, match=r"message 0 answers no call: lost.*repair_transcript"):
        ContextManager(99, count=count).fit(orphan)
    assert ContextManager(10, count=count).fit(orphan) == orphan[1:]
    with pytest.raises(ContextError, match="results of"):
        ContextManager(99, count=count).fit([HumanMessage("Hi"), call("a")])


def test_nothing_at_all() -> None:
    assert ContextManager(5, count=count).fit([]) == []
    assert exchanges([]) == exchanges([SystemMessage("x")]) == []


@pytest.mark.parametrize(
    "limits", [{"max_tokens": 0}, {"max_tokens": None}, {"max_tokens": 5, "max_exchanges": 0}]
)
def test_limits_that_keep_nothing_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ContextError, match="Give"):
        ContextManager(**limits, count=count)


def test_only_what_is_kept_is_counted() -> None:
    counted = 0

    def counting(messages: Sequence[BaseMessage]) -> int:
        nonlocal counted
        counted += len(messages)
        return len(messages)

    talk = [m for n in range(5_000) for m in (HumanMessage(f"{n}"), AIMessage("ok"))]
    assert len(ContextManager(20, count=counting).fit(talk)) == 20
    assert counted <= 22


# in an agent -------------------------------------------------------------------------------------


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    return "on its way"


def test_the_thread_keeps_what_the_request_leaves_out() -> None:
    model = Provider(rounds=0)
    manager = ContextManager(200, count=count)
    agent = create_agent(
        model,
        [look_up],
        system_prompt="Be kind.",
        middleware=[ContextMiddleware(manager)],
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "clara"}}
    out: dict[str, Any] = {}
    for turn in range(12):
        out = agent.invoke({"messages": [("user", f"Question {turn}")]}, config)
    assert len(out["messages"]) == 24
    assert all(count(request) <= 200 for request in model.requests)
    assert {request[0].text for request in model.requests} == {"Be kind."}
    assert [request[-1].text for request in model.requests] == [f"Question {t}" for t in range(12)]
    assert len(model.requests[-1]) < 15


async def test_tools_are_part_of_the_bill() -> None:
    def agent(model: Provider, budget: int) -> Any:
        manager = ContextManager(budget, count=count)
        return create_agent(
            model, [look_up], middleware=[ContextMiddleware(manager, count_tools=count)]
        )

    ask: Any = {"messages": [("user", "Hi")]}
    needed = count([HumanMessage("Hi")], [look_up])
    model = Provider(rounds=0)
    await agent(model, needed).ainvoke(ask)
    with pytest.raises(BudgetTooSmallError):
        await agent(model, needed - 1).ainvoke(ask)
    assert len(model.requests) == 1
