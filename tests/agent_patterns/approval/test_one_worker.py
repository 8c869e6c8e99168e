"""A node that takes longer than its run's lease runs once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalRuns

LEASE, NODE = 0.5, 1.5
"""Seconds; the node takes three leases."""


class State(TypedDict, total=False):
    done: bool


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_node_longer_than_the_lease_runs_once(
    backend: str, fresh_url: Callable[[str], str], tmp_path: Path
) -> None:
    entered: list[str] = []
    begun, begun_again = threading.Event(), threading.Event()

    def slow(state: State) -> State:
        entered.append(threading.current_thread().name)
        (begun_again if begun.is_set() else begun).set()
        begun_again.wait(NODE)
        return {"done": True}

    graph: Any = StateGraph(State).add_node("slow", slow).add_edge(START, "slow")
    graph = graph.compile(checkpointer=InMemorySaver())

    where = fresh_url(backend) if backend == "postgresql" else tmp_path / "desk.db"

    def worker() -> ApprovalRuns:
        return ApprovalRuns(graph, ApprovalDesk(where, chains={}, people={}), lease=LEASE)

    first, second = worker(), worker()
    driving = threading.Thread(target=first.start, args=("t", {}), name="first")
    driving.start()
    assert begun.wait(30)
    while driving.is_alive():
        second.work()
        driving.join(0.05)
    assert entered == ["first"]
    assert first.result("t") == {"done": True}
