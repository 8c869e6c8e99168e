"""The summary that keeps names and numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from agent_patterns.memory import SummaryMemory, TokenCounter, missing_details
from agent_patterns.memory.errors import ContextError
from agent_patterns.memory.summary import Summarized

count = TokenCounter(len)


@pytest.mark.parametrize(
    ("text", "summary", "missing"),
    [
        ("My order is MF-1042.", "She has an order.", ["MF-1042"]),
        ("It cost 12.90 euros.", "It cost 12.9 euros.", ["12.90"]),
        ("Please ask Clara Weiss.", "Ask clara.", ["Clara Weiss"]),
        ("Write to clara@example.org!", "She gave an address.", ["clara@example.org"]),
        ("Deliver on 2026-12-01 at 9:30.", "Deliver on 2026-12-01.", ["9:30"]),
        ("I paid 3 times, 3 times!", "Paid 3 times.", []),
        ("My number is 10.", "It is 100.", ["10"]),
        ("Hello there.", "", []),
    ],
)
def test_missing_details(text: str, summary: str, missing: list[str]) -> None:
    assert missing_details(text, summary) == missing


@given(st.lists(st.integers(1, 9_999).map(lambda n: f"MF-{n:04}"), min_size=1, max_size=8))
def test_details_that_are_added_are_no_longer_missing(ids: list[str]) -> None:
    text = " ".join(f"Order {each} is late." for each in ids)
    assert missing_details(text, "Also mentioned: " + ", ".join(missing_details(text, ""))) == []


def _graph(memory: SummaryMemory) -> Any:
    builder = StateGraph(Summarized)
    builder.add_node("remember", memory.update)
    builder.add_node("answer", lambda state: {"messages": [AIMessage("Noted.")]})
    builder.add_edge(START, "remember")
    builder.add_edge("remember", "answer")
    return builder.compile(checkpointer=InMemorySaver())


FACTS = [
    "My name is Clara Weiss.",
    "My order is MF-1042.",
    "I paid 12.90 for ink.",
    "Send it to Graz.",
]


def test_a_forgetful_model_loses_no_detail_over_many_turns() -> None:
    model = FakeListChatModel(responses=["The customer wrote about an order."])
    memory = SummaryMemory(model, max_tokens=150, count=count, keep=1)
    graph = _graph(memory)
    config: Any = {"configurable": {"thread_id": "clara"}}
    out: Any = {}
    for turn in range(30):
        fact = FACTS[turn] if turn < len(FACTS) else f"And what about parcel {turn}?"
        out = graph.invoke({"messages": [HumanMessage(fact)]}, config)
        assert len(out["messages"]) < 12
    for detail in ("Clara Weiss", "MF-1042", "12.90", "Graz", "20"):
        assert detail in out["summary"]
    request = memory.request(out, "Be kind.")
    assert request[0].text.startswith("Be kind.\n\nThe conversation so far:\n")
    assert request[1:] == out["messages"]


def test_nothing_happens_while_it_fits() -> None:
    model = FakeListChatModel(responses=["never asked"])
    memory = SummaryMemory(model, max_tokens=10_000, count=count)
    state: Any = {"messages": [HumanMessage("Hi")], "summary": ""}
    assert memory.update(state) == {}
    assert memory.request(state)[1:] == state["messages"]


def test_a_model_that_fails_removes_nothing() -> None:
    class Down(FakeListChatModel):
        def _call(self, *args: Any, **kwargs: Any) -> str:
            raise ConnectionError("down")

    graph = _graph(SummaryMemory(Down(responses=[]), max_tokens=10, count=count, keep=1))
    config: Any = {"configurable": {"thread_id": "clara"}}
    with pytest.raises(ConnectionError):
        graph.invoke({"messages": [HumanMessage("One two three"), HumanMessage("Four")]}, config)
    assert len(graph.get_state(config).values["messages"]) == 2


def test_the_question_itself_is_never_summarized() -> None:
    with pytest.raises(ContextError, match="Keep one"):
        SummaryMemory(FakeListChatModel(responses=[""]), max_tokens=1, count=count, keep=0)
    memory = SummaryMemory(FakeListChatModel(responses=["x"]), max_tokens=1, count=count, keep=1)
    assert memory.update({"messages": [HumanMessage("Hi", id="1")], "summary": ""}) == {}
