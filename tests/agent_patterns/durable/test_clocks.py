"""A worker whose clock is behind that of the worker before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.base import id as ids
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import StateInvalid, open_checkpointer
from agent_patterns.durable import Runner

ORDER = {"order": "order", "log": []}
Restart = Callable[[], None]


@pytest.fixture
def restart_an_hour_behind(monkeypatch: pytest.MonkeyPatch) -> Restart:
    """A function: be a new process on a machine whose clock is an hour behind.

    LangGraph's ids begin with the time, and rise within a process whatever its clock does.
    """

    def restart() -> None:
        behind = SimpleNamespace(time_ns=lambda: time.time_ns() - 3600 * 10**9)
        monkeypatch.setattr(ids, "time", behind)
        monkeypatch.setattr(ids, "_last_v6_timestamp", None)

    return restart


@contextmanager
def saver_for(kind: str, url: str) -> Iterator[Any]:
    if kind == "langgraph's":
        yield InMemorySaver()
    else:
        with open_checkpointer(url, schema=OrderState) as checkpointer:
            yield checkpointer


@pytest.mark.parametrize("kind", ["ours", "langgraph's"])
def test_a_worker_with_a_clock_behind_goes_on_and_loses_no_step(
    kind: str, url: str, restart_an_hour_behind: Restart
) -> None:
    ran: list[str] = []

    def during(node: str, state: dict[str, Any]) -> None:
        ran.append(node)
        if node == "charge" and ran.count(node) == 1:
            raise ConnectionError("the bank is away")

    with saver_for(kind, url) as saver:
        runner = Runner(order_graph(saver, during=during), None if kind == "ours" else url)
        with pytest.raises(ConnectionError):
            runner.start("order", ORDER)
        restart_an_hour_behind()
        run = runner.run("order")
        assert (run.status, sorted(ran)) == ("done", sorted([*NODES, "charge"]))
        assert run.values["note"] == "order closed at 4200"
        restart_an_hour_behind()
        run = runner.start("order", {"log": ["again"]}, queue=True)
        assert run.values["log"].count("again") == 1
        assert run.values["log"][-1] == "close"


class Asked(TypedDict, total=False):
    answers: list[str]


@pytest.mark.parametrize("kind", ["ours", "langgraph's"])
def test_a_subgraph_that_waits_is_resumed_by_a_worker_with_a_clock_behind(
    kind: str, url: str, restart_an_hour_behind: Restart
) -> None:
    def ask(state: Asked) -> Asked:
        return {"answers": [interrupt("may I?"), interrupt("sure?")]}

    inner: Any = StateGraph(Asked).add_sequence([("begin", lambda state: {}), ("ask", ask)])
    inner = inner.add_edge(START, "begin").compile()
    outer: Any = StateGraph(Asked).add_node("inner", inner).add_edge(START, "inner")
    with saver_for(kind, url) as saver:
        runner = Runner(outer.compile(checkpointer=saver), None if kind == "ours" else url)
        run = runner.start("t", {"answers": []})
        for answer in ("yes", "sure"):
            assert run.status == "waiting"
            restart_an_hour_behind()
            run = runner.run("t", resume=Command(resume=answer))
        assert (run.status, run.values["answers"]) == ("done", ["yes", "sure"])


def test_the_same_without_a_runner(url: str, restart_an_hour_behind: Restart) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke(ORDER, thread("order"))
        restart_an_hour_behind()
        graph.update_state(thread("order"), {"note": "by hand"})
        assert graph.get_state(thread("order")).values["note"] == "by hand"


def test_a_checkpoint_that_would_sort_below_its_parent_is_refused(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        order_graph(checkpointer).invoke(ORDER, thread("order"))
        newest = checkpointer.get_tuple(thread("order"))
        assert newest is not None
        older = {**newest.checkpoint, "id": "0" + newest.checkpoint["id"][1:]}
        with pytest.raises(StateInvalid, match="below its parent"):
            checkpointer.put(newest.config, older, newest.metadata, {})  # type: ignore[arg-type]
