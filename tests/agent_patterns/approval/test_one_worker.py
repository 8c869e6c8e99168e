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
from agent_patterns.testing import FakeClock

LEASE = 0.5
"""Seconds; the heart beats in real time, and the lease runs out on a clock of the test."""


class State(TypedDict, total=False):
    done: bool


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_node_longer_than_the_lease_runs_once(
    backend: str,
    fresh_url: Callable[[str], str],
    tmp_path: Path,
    eventually: Callable[[Callable[[], object]], None],
) -> None:
    entered: list[str] = []
    begun, over = threading.Event(), threading.Event()
    clock = FakeClock(1000.0)

    def slow(state: State) -> State:
        entered.append(threading.current_thread().name)
        begun.set()
        assert over.wait(280)
        return {"done": True}

    graph: Any = StateGraph(State).add_node("slow", slow).add_edge(START, "slow")
    graph = graph.compile(checkpointer=InMemorySaver())

    where = fresh_url(backend) if backend == "postgresql" else tmp_path / "desk.db"

    def worker() -> ApprovalRuns:
        desk = ApprovalDesk(where, chains={}, people={})
        return ApprovalRuns(graph, desk, lease=LEASE, clock=clock)

    first, second = worker(), worker()

    def lease_until() -> float:
        (row,) = second.database.transact(
            lambda session: session.run("SELECT lease_until FROM agent_runs")
        )
        return float(row.lease_until)

    driving = threading.Thread(target=first.start, args=("t", {}), name="first")
    driving.start()
    try:
        assert begun.wait(60)
        for _ in range(6):  # four leases in all
            clock.advance(LEASE * 2 / 3)
            eventually(lambda: lease_until() >= clock.now + LEASE * 0.99)
            assert second.work() == []
    finally:
        over.set()
        driving.join()
    assert entered == ["first"]
    assert first.result("t") == {"done": True}
