"""Old checkpoints go; every thread can still go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.channels import DeltaChannel
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.checkpoints.stored import inspect
from tests.agent_patterns.durable.graphs import OrderState, order_graph, thread

from agent_patterns.checkpoints import open_checkpointer, prune
from agent_patterns.checkpoints.errors import CheckpointError


def rounds(graph: Any, name: str, number: int) -> None:
    for _ in range(number):
        graph.invoke({"order": name, "log": []}, thread(name))


def test_by_count(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        rounds(graph, "a", 3)
        rounds(graph, "b", 1)
        before = graph.get_state(thread("a"))
        report = prune(checkpointer, keep=2)
        assert (report.threads, report.kept) == (2, 4)
        assert graph.get_state(thread("a")) == before
        assert len(list(graph.get_state_history(thread("a")))) == 2
        assert inspect(checkpointer, "a") == ()
        graph.invoke({"order": "a", "log": []}, thread("a"))
        assert prune(checkpointer, "a", keep=1).kept == 1
        assert len(checkpointer.rows.index("b")) == 2


def test_keeping_nothing_is_refused(url: str) -> None:
    with open_checkpointer(url) as checkpointer, pytest.raises(ValueError, match="at least 1"):
        prune(checkpointer, keep=0)


class Waiting(TypedDict, total=False):
    answer: str
    steps: int


def test_a_waiting_subgraph_survives_and_finished_calls_go(url: str) -> None:
    def ask(state: Waiting) -> dict[str, Any]:
        return {"answer": interrupt("may I?")}

    inner = StateGraph(Waiting)
    inner.add_node("count", lambda state: {"steps": state.get("steps", 0) + 1})
    inner.add_node("ask", ask)
    inner.add_edge(START, "count")
    inner.add_edge("count", "ask")
    builder = StateGraph(Waiting)
    builder.add_node("inner", inner.compile())
    builder.add_edge(START, "inner")
    with open_checkpointer(url) as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
        for _ in range(3):
            graph.invoke({"answer": ""}, thread("w"))
            graph.invoke(Command(resume="yes"), thread("w"))
        graph.invoke({"answer": ""}, thread("w"))
        spaces = {entry.namespace for entry in checkpointer.rows.index("w")}
        assert len(spaces) == 5
        prune(checkpointer, keep=1)
        spaces = {entry.namespace for entry in checkpointer.rows.index("w")}
        assert len(spaces) == 2
        final = graph.invoke(Command(resume="go"), thread("w"))
        assert final == {"answer": "go", "steps": 4}


def gather(old: list[str] | None, new: Sequence[list[str]]) -> list[str]:
    return [*(old or []), *(item for items in new for item in items)]


class Growing(TypedDict):
    log: Annotated[list[str], DeltaChannel(gather)]


@pytest.mark.filterwarnings("ignore")
def test_a_thread_that_builds_on_its_past_is_left_whole(url: str) -> None:
    builder = StateGraph(Growing)
    builder.add_node("add", lambda state: {"log": ["added"]})
    builder.add_edge(START, "add")
    with open_checkpointer(url) as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
        for _ in range(3):
            values = graph.invoke({"log": ["in"]}, thread("d"))
        assert values["log"] == ["in", "added"] * 3
        assert inspect(checkpointer, "d") == ()
        with pytest.raises(CheckpointError, match="DeltaChannel"):
            prune(checkpointer, "d", keep=1)
        assert prune(checkpointer, keep=1).removed == 0
        assert graph.get_state(thread("d")).values["log"] == ["in", "added"] * 3


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(runs=st.integers(1, 3), keep=st.integers(1, 9))
def test_what_is_kept_is_what_was_newest(runs: int, keep: int) -> None:
    with open_checkpointer("memory://", schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        rounds(graph, "a", runs)
        before = list(graph.get_state_history(thread("a")))
        prune(checkpointer, keep=keep)
        assert list(graph.get_state_history(thread("a"))) == before[:keep]
