"""Public reports about agent loops, each with the right value."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ToolCallLimitMiddleware,
    hook_config,
)
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from tests.agent_patterns.loops.agents import Provider
from tests.agent_patterns.loops.transcripts import call, complaint, result

from agent_patterns.loops import Budget, BudgetMiddleware, check_tools, repair_transcript
from agent_patterns.loops.errors import TranscriptError

ASK: Any = {"messages": [("user", "Where is order MF-1042?")]}


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    return "on its way"


def test_langchain_34159_a_limit_hit_by_parallel_calls_leaves_the_thread_usable() -> None:
    config: Any = {"configurable": {"thread_id": "clara"}}
    agent = create_agent(
        Provider(width=4),
        [look_up],
        middleware=[BudgetMiddleware(Budget(tool_calls=3))],
        checkpointer=InMemorySaver(),
    )
    first = agent.invoke(ASK, config)
    second = agent.invoke(ASK, config)  # the strict provider would answer 400
    assert complaint(first["messages"]) is complaint(second["messages"]) is None


def test_pydantic_ai_2978_no_call_of_a_batch_over_the_limit_starts() -> None:
    started: list[str] = []

    @tool
    def look_up(order: str) -> str:
        """Look an order up."""
        started.append(order)
        return "on its way"

    agent = create_agent(
        Provider(width=8), [look_up], middleware=[BudgetMiddleware(Budget(tool_calls=6))]
    )
    out = agent.invoke(ASK)
    assert started == []
    assert "6 look-ups" in out["messages"][-1].text


def test_langgraph_2075_a_new_message_while_a_call_is_open() -> None:
    stored = [HumanMessage("Cancel my order."), call("c1"), HumanMessage("Wait, don't!")]
    with pytest.raises(ValueError, match="400"):
        Provider().invoke(stored)
    repaired = repair_transcript(stored).messages
    assert [m.type for m in repaired] == ["human", "ai", "tool", "human"]
    Provider(rounds=0).invoke(repaired)


@pytest.mark.parametrize("report", ["langgraph-supervisor-py 122", "deepagents 270"])
def test_a_result_whose_call_is_gone(report: str) -> None:
    stored = [SystemMessage("Summary: order MF-1042."), result("gone"), HumanMessage("And?")]
    assert complaint(stored) is not None
    repair = repair_transcript(stored)
    assert [m.type for m in repair.messages] == ["system", "human"]
    assert [m.content for m in repair.removed] == ["fine"]


def test_langchain_38352_one_result_of_several_lost_its_call() -> None:
    stored = [
        HumanMessage("Summary so far"),
        result("summarized away"),
        call("kept"),
        result("kept"),
        result("summarized away"),
    ]
    repair = repair_transcript(stored)
    assert [getattr(m, "tool_call_id", m.type) for m in repair.messages] == ["human", "ai", "kept"]
    assert len(repair.removed) == 2


class _Review(AgentMiddleware):
    """Writes down that it has seen an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def after_model(self, state: Any, runtime: Any) -> None:
        self.seen.append(state["messages"][-1].text)

    def after_agent(self, state: Any, runtime: Any) -> None:
        self.seen.append("after the agent")


class _Impatient(AgentMiddleware):
    """Ends the turn as soon as the model has spoken."""

    @hook_config(can_jump_to=["end"])
    def after_model(self, state: Any, runtime: Any) -> dict[str, Any]:
        return {"jump_to": "end"}


def test_a_jump_passes_by_the_middleware_that_is_listed_before_it() -> None:
    def seen(*order: AgentMiddleware, review: _Review) -> list[str]:
        create_agent(Provider(rounds=0), [look_up], middleware=order).invoke(ASK)
        return review.seen

    review = _Review()
    assert seen(review, _Impatient(), review=review) == ["after the agent"]
    review = _Review()
    assert seen(_Impatient(), review, review=review) == ["It is on its way.", "after the agent"]


def test_langchainjs_11207_a_model_call_limit_still_runs_what_comes_after_the_agent() -> None:
    review = _Review()
    limit = ModelCallLimitMiddleware(run_limit=1, exit_behavior="end")
    create_agent(Provider(), [look_up], middleware=[limit, review]).invoke(ASK)
    assert review.seen[-1] == "after the agent"


def test_the_recursion_limit_raises_and_shows_the_user_nothing() -> None:
    agent = create_agent(Provider(), [look_up])
    with pytest.raises(GraphRecursionError):
        agent.invoke(ASK, {"recursion_limit": 9})
    polite = create_agent(
        Provider(), [look_up], middleware=[BudgetMiddleware(Budget(iterations=4))]
    )
    assert "4 steps" in polite.invoke(ASK, {"recursion_limit": 20})["messages"][-1].text


def test_counting_messages_that_have_the_attribute_counts_them_all() -> None:
    messages = [HumanMessage("hi"), AIMessage("Hello."), call("a"), result("a"), AIMessage("Done.")]
    assert sum(hasattr(m, "tool_calls") for m in messages) == 3
    assert sum(bool(getattr(m, "tool_calls", None)) for m in messages) == 1


def test_langchain_run_limit_still_blocks_single_calls() -> None:
    limit = ToolCallLimitMiddleware(run_limit=2)  # the default goes on, with error results
    model = Provider(rounds=4)
    out = create_agent(model, [look_up], middleware=[limit]).invoke(ASK)
    statuses = [m.status for m in out["messages"] if isinstance(m, ToolMessage)]
    assert statuses == ["success", "success", "error", "error"]
    assert complaint(out["messages"]) is None


def test_an_approval_gives_back_the_calls_of_langchains_limit_and_not_of_the_budget() -> None:
    @tool
    def look_up(order: str) -> str:
        """Look an order up, if somebody agrees."""
        return str(interrupt(order))

    def asked(limit: Any) -> int:
        model = Provider()
        agent = create_agent(model, [look_up], middleware=[limit], checkpointer=InMemorySaver())
        config: Any = {"configurable": {"thread_id": "clara"}}
        agent.invoke(ASK, config)
        for _ in range(6):
            if agent.get_state(config).next:
                agent.invoke(Command(resume="yes"), config)
        return len(model.requests)

    assert asked(ModelCallLimitMiddleware(run_limit=3)) == 7
    assert asked(BudgetMiddleware(Budget(iterations=3))) == 3


# bad input ---------------------------------------------------------------------------------------


def _run_tool(function: Any) -> ToolMessage:
    builder = StateGraph(MessagesState)
    builder.add_node("tools", ToolNode([function]))
    builder.add_edge(START, "tools")
    asked = AIMessage("", tool_calls=[{"name": function.__name__, "args": {}, "id": "a"}])
    last = builder.compile().invoke({"messages": [asked]})["messages"][-1]
    assert isinstance(last, ToolMessage)
    return last


def test_a_tool_that_returns_nothing_still_answers_its_call() -> None:
    def archive() -> None:
        """Archive the order."""

    assert _run_tool(archive).content == "null"


def test_a_tool_that_raises_ends_the_run() -> None:
    def archive() -> str:
        """Archive the order."""
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        _run_tool(archive)


def test_after_a_tool_that_raised_the_thread_is_repaired_and_nothing_is_lost() -> None:
    @tool
    def look_up(order: str) -> str:
        """Look an order up."""
        raise OSError("disk full")

    model = Provider(rounds=1)
    agent: Any = create_agent(model, [look_up], checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "clara"}}
    with pytest.raises(OSError, match="disk full"):
        agent.invoke(ASK, config)
    stored = agent.get_state(config).values["messages"]
    assert [m.type for m in stored] == ["human", "ai"]
    repair = repair_transcript(stored)
    assert "had no result" in repair.changes[0]
    agent.update_state(config, {"messages": repair.as_update()}, as_node="tools")
    out = agent.invoke(None, config)
    assert [m.type for m in out["messages"]] == ["human", "ai", "tool", "ai"]
    assert complaint(out["messages"]) is None


def test_a_tool_with_the_name_of_another() -> None:
    def one() -> str:
        """Return one."""
        return "one"

    def other() -> str:
        """Return two."""
        return "two"

    other.__name__ = "one"
    with pytest.raises(TranscriptError, match="Two tools are called 'one'"):
        check_tools([one, other])
    node = ToolNode([one, other])
    assert list(node.tools_by_name) == ["one"]
    assert node.tools_by_name["one"].invoke({}) == "two"
