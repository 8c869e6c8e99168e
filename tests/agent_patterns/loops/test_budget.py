"""Budgets in a real agent and in a graph of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from tests.agent_patterns.loops.agents import Provider
from tests.agent_patterns.loops.transcripts import complaint

from agent_patterns.loops import Budget, BudgetGate, BudgetMiddleware
from agent_patterns.loops.budget import Spending, add_spent, spent_by
from agent_patterns.loops.errors import LoopError
from agent_patterns.testing import FakeClock

ASK: Any = {"messages": [("user", "Where is order MF-1042?")]}
ran: list[str] = []


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    ran.append(order)
    return "on its way"


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


def _agent(model: Provider, budget: Budget, **options: Any) -> Any:
    tools = options.pop("tools", [look_up])
    before = options.pop("before", [])
    clock = options.pop("clock", FakeClock())
    return create_agent(
        model, tools, middleware=[*before, BudgetMiddleware(budget, clock=clock)], **options
    )


@pytest.mark.parametrize(
    ("budget", "requests", "calls", "limit", "words"),
    [
        (Budget(iterations=4), 4, 3, "iterations", "4 steps"),
        (Budget(tool_calls=3), 4, 3, "tool_calls", "3 look-ups"),
        (Budget(tokens=250), 3, 2, "tokens", "250 tokens"),
        (Budget(iterations=9, tool_calls=2), 3, 2, "tool_calls", "2 look-ups"),
    ],
)
def test_a_runaway_loop_stops_politely(
    budget: Budget, requests: int, calls: int, limit: str, words: str
) -> None:
    model = Provider()
    out = _agent(model, budget).invoke(ASK)
    assert (len(model.requests), len(ran)) == (requests, calls)
    assert out["spent"]["stopped"] == limit
    last = out["messages"][-1]
    assert isinstance(last, AIMessage)
    assert not last.tool_calls
    assert words in last.text
    assert complaint(out["messages"]) is None


async def test_the_same_asynchronously() -> None:
    model = Provider()
    out = await _agent(model, Budget(tool_calls=2)).ainvoke(ASK)
    assert (out["spent"]["stopped"], len(ran)) == ("tool_calls", 2)
    assert complaint(out["messages"]) is None


def test_a_batch_that_is_too_large_does_not_run_at_all() -> None:
    model = Provider(width=8)
    out = _agent(model, Budget(tool_calls=5)).invoke(ASK)
    assert ran == []
    assert out["spent"]["tool_calls"] == 8
    assert complaint(out["messages"]) is None


def test_a_turn_within_the_budget_is_left_alone() -> None:
    model = Provider(rounds=3)
    out = _agent(model, Budget(iterations=4, tool_calls=3, tokens=400, seconds=1)).invoke(ASK)
    assert out["messages"][-1].text == "It is on its way."
    assert out["spent"] == {"iterations": 4, "tool_calls": 3, "tokens": 400, "seconds": 0.0}


def test_every_turn_has_a_budget_of_its_own() -> None:
    model = Provider()
    agent = _agent(model, Budget(iterations=2), checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "clara"}}
    for turn in (1, 2, 3):
        out = agent.invoke(ASK, config)
        assert len(model.requests) == 2 * turn
        assert out["spent"]["iterations"] == 2
        assert complaint(out["messages"]) is None


def test_an_approval_in_the_middle_gives_nothing_back() -> None:
    @tool
    def look_up(order: str) -> str:
        """Look an order up, if somebody agrees."""
        return str(interrupt(order))

    model = Provider()
    agent = _agent(model, Budget(iterations=3), tools=[look_up], checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "clara"}}
    agent.invoke(ASK, config)
    out: dict[str, Any] = {}
    for _ in range(3):
        out = agent.invoke(Command(resume="yes"), config)
    assert out["spent"]["stopped"] == "iterations"
    assert len(model.requests) == 3


def test_seconds_count_work_in_the_model_and_in_tools() -> None:
    clock = FakeClock()

    @tool
    def look_up(order: str) -> str:
        """Look an order up, slowly."""
        clock.advance(4)
        return "on its way"

    class Slow(Provider):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            clock.advance(1)
            return super()._generate(*args, **kwargs)

    model = Slow()
    out = _agent(model, Budget(seconds=12), tools=[look_up], clock=clock).invoke(ASK)
    assert out["spent"]["stopped"] == "seconds"
    assert out["spent"]["seconds"] == 15.0
    assert len(model.requests) == 3


def test_retries_inside_are_not_free_of_charge() -> None:
    attempts = []

    class Flaky(Provider):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            attempts.append(1)
            if len(attempts) == 1:
                raise ConnectionError("down")
            return super()._generate(*args, **kwargs)

    model = Flaky(rounds=1)
    retry = ModelRetryMiddleware(max_retries=2, initial_delay=0, jitter=False)
    out = _agent(model, Budget(iterations=5), before=[retry]).invoke(ASK)
    assert out["messages"][-1].text == "It is on its way."
    assert out["spent"]["iterations"] == 2


def test_a_provider_that_reports_no_usage() -> None:
    with pytest.raises(LoopError, match="stream_usage=True"):
        _agent(Provider(tokens=None), Budget(tokens=500)).invoke(ASK)
    out = _agent(Provider(tokens=None, rounds=1), Budget(iterations=5)).invoke(ASK)
    assert out["spent"]["tokens"] == 0


def test_your_own_words() -> None:
    agent = create_agent(
        Provider(),
        [look_up],
        middleware=[
            BudgetMiddleware(Budget(iterations=1), farewell=lambda limit, budget: f"Stop: {limit}")
        ],
    )
    assert agent.invoke(ASK)["messages"][-1].text == "Stop: iterations"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"iterations": 0}, {"tool_calls": -1}, {"tokens": True}, {"seconds": float("nan")}],
)
def test_a_budget_that_cannot_work_is_refused_when_built(wrong: dict[str, Any]) -> None:
    with pytest.raises(LoopError, match=r"Set (at least one|it above zero)"):
        Budget(**wrong)


amounts = st.fixed_dictionaries(
    {}, optional={"iterations": st.integers(0, 9), "tokens": st.integers(0, 9)}
)


@given(amounts, amounts, amounts)
def test_adding_is_associative_and_starts_from_nothing(a: Any, b: Any, c: Any) -> None:
    assert add_spent(add_spent(a, b), c) == add_spent(a, add_spent(b, c))
    assert add_spent(None, a) == add_spent(a, None) == a


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 4),
    rounds=st.integers(0, 6),
    iterations=st.none() | st.integers(1, 5),
    tool_calls=st.none() | st.integers(1, 9),
    tokens=st.none() | st.integers(1, 500),
)
def test_no_limit_is_passed_and_every_transcript_is_valid(
    width: int, rounds: int, iterations: int | None, tool_calls: int | None, tokens: int | None
) -> None:
    if iterations is tool_calls is tokens is None:
        iterations = 3
    ran.clear()
    model = Provider(width=width, rounds=rounds, requests=[])
    budget = Budget(iterations=iterations, tool_calls=tool_calls, tokens=tokens)
    out = _agent(model, budget).invoke(ASK)
    assert iterations is None or len(model.requests) <= iterations
    assert tool_calls is None or len(ran) <= tool_calls
    assert tokens is None or len(model.requests) <= -(-tokens // 100)
    assert complaint(out["messages"]) is None
    assert ("stopped" in out["spent"]) == (out["messages"][-1].text != "It is on its way.")


# a graph of one's own ----------------------------------------------------------------------------


class State(MessagesState, Spending):
    """Messages, and what they cost."""


def _graph(model: Provider, budget: Budget) -> Any:
    def ask(state: State) -> dict[str, Any]:
        answer = model.invoke(state["messages"])
        return {"messages": [answer], "spent": spent_by(answer)}

    gate = BudgetGate(budget)
    builder = StateGraph(State)
    builder.add_node("gate", gate, destinations=gate.destinations)
    builder.add_node("model", ask)
    builder.add_node("tools", ToolNode([look_up]))
    builder.add_edge(START, "gate")
    builder.add_edge("model", "gate")
    builder.add_edge("tools", "gate")
    return builder.compile(checkpointer=InMemorySaver())


def test_the_gate_in_a_graph_of_ones_own() -> None:
    model = Provider()
    graph = _graph(model, Budget(iterations=3))
    config: Any = {"configurable": {"thread_id": "clara"}}
    for turn in (1, 2):
        out = graph.invoke(ASK, config)
        assert len(model.requests) == 3 * turn
        assert out["spent"]["stopped"] == "iterations"
        assert "3 steps" in out["messages"][-1].text
        assert complaint(out["messages"]) is None


def test_the_gate_lets_an_answer_through() -> None:
    out = _graph(Provider(rounds=2), Budget(iterations=3)).invoke(
        ASK, {"configurable": {"thread_id": "1"}}
    )
    assert out["messages"][-1].text == "It is on its way."
    assert "stopped" not in out["spent"]


def test_the_gate_runs_no_call_of_a_batch_that_is_too_large() -> None:
    model = Provider(width=2)
    out = _graph(model, Budget(tool_calls=3)).invoke(ASK, {"configurable": {"thread_id": "1"}})
    assert out["spent"]["stopped"] == "tool_calls"
    assert (len(model.requests), len(ran)) == (2, 2)
    assert complaint(out["messages"]) is None


@pytest.mark.parametrize(
    ("budget", "tokens", "missing"),
    [(Budget(seconds=1), 100, "seconds"), (Budget(tokens=700), None, "tokens")],
)
def test_the_gate_refuses_a_limit_that_nothing_counts(
    budget: Budget, tokens: int | None, missing: str
) -> None:
    model = Provider(tokens=tokens)
    with pytest.raises(LoopError, match=f"nothing reports any.*Return {missing} under `spent`"):
        _graph(model, budget).invoke(ASK, {"configurable": {"thread_id": "1"}})
    assert (len(model.requests), len(ran)) == (1, 0)


def test_the_gate_is_drawn_with_its_ways_out() -> None:
    drawn = _graph(Provider(), Budget(iterations=1)).get_graph()
    assert {(e.source, e.target) for e in drawn.edges} >= {("gate", "model"), ("gate", "__end__")}
