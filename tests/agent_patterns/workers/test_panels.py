"""Approval panels of several connections and processes on one thread: one decision, one act."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from tests.agent_patterns.workers import deciding
from tests.agent_patterns.workers.deciding import CONFIG, approve_in, graph_of, opened, panel_on

from agent_patterns.approval import approve
from courseware.runtime.paths import ROOT
from courseware.widgets import ApprovalPanel


@pytest.fixture(autouse=True)
def _unattended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")


class Act:
    """Stands still the first time until it is let go; counts."""

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        self.inside.set()
        assert self.go_on.wait(60)


async def test_two_asynchronous_connections_carry_a_decision_out_once(shared_url: str) -> None:
    act = Act()
    async with opened(shared_url, True) as one, opened(shared_url, True) as two:
        await graph_of(one, act).ainvoke({}, CONFIG)
        first = await panel_on(graph_of(one, act))
        second = await panel_on(graph_of(two, act))
        first.press(first.waiting[0], approve())
        await asyncio.to_thread(act.inside.wait, 60)
        await approve_in(second)
        assert "another decision of this thread is being carried out" in second.text()
        act.go_on.set()
        await deciding.settled(first)
        await deciding.settled(second)
        assert "Decided elsewhere" in second.text()
    assert act.times == 1


@pytest.fixture(params=["connection", "pool"])
def connect(
    request: pytest.FixtureRequest, fresh_url: Callable[[str], str]
) -> Callable[[], PostgresSaver]:
    """A function: one more checkpointer on one PostgreSQL, over a connection or a pool of one."""
    url = fresh_url("postgresql")

    def saver() -> PostgresSaver:
        options: Any = {"autocommit": True, "row_factory": dict_row}
        made: Any
        if request.param == "pool":
            made = ConnectionPool(url, min_size=1, max_size=1, kwargs=options, open=True)
        else:
            made = psycopg.connect(url, **options)
        request.addfinalizer(made.close)
        made = PostgresSaver(made)
        made.setup()
        return made

    return saver


def test_two_connections_to_one_database_carry_a_decision_out_once(
    connect: Callable[[], PostgresSaver],
) -> None:
    act = Act()
    one, two = graph_of(connect(), act), graph_of(connect(), act)
    one.invoke({}, CONFIG)
    first, second = ApprovalPanel(one, CONFIG), ApprovalPanel(two, CONFIG)
    worker = threading.Thread(target=first.press, args=(first.waiting[0], approve()))
    worker.start()
    assert act.inside.wait(60)
    second.press(second.waiting[0], approve())
    assert "another decision of this thread is being carried out" in second.text()
    act.go_on.set()
    worker.join()
    assert "Decided elsewhere" in second.text()
    assert act.times == 1


@pytest.mark.slow
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_decision_is_another_processs_until_that_dies(
    shared_url: str, asynchronous: bool
) -> None:
    act = Act()
    act.go_on.set()
    async with opened(shared_url, asynchronous) as saver:
        graph = graph_of(saver, act)
        await graph.ainvoke({}, CONFIG) if asynchronous else graph.invoke({}, CONFIG)
        panel = await panel_on(graph)
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.agent_patterns.workers.deciding",
                shared_url,
                "async" if asynchronous else "sync",
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "inside\n"
            await approve_in(panel)
            assert "another process is carrying out a decision of this thread" in panel.text()
            assert act.times == 0
            other.kill()
        while panel.waiting:  # PostgreSQL hears of the death a moment later
            await approve_in(panel)
    assert act.times == 1
