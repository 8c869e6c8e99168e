"""One worker per thread; a successor when it dies or falls silent; no late writes."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import psutil
import psycopg
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.durable.graphs import (
    NODES,
    START_METHOD,
    OrderState,
    order_graph,
    thread,
)

from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import Runner, database
from agent_patterns.durable.database import open_database
from agent_patterns.durable.errors import LeaseHeld, LeaseLost
from agent_patterns.durable.leases import Holder, Lease
from agent_patterns.durable.runs import fenced
from agent_patterns.testing import FakeClock

pytestmark = pytest.mark.slow

ORDER = {"order": "order", "log": []}


def claim(runner: Runner, thread_id: str = "order") -> Lease:
    lease = runner.claim(thread_id)
    assert lease is not None
    return lease


def saved(checkpointer: SafeCheckpointer) -> list[str]:
    return [each.checkpoint["id"] for each in checkpointer.list(thread("order"))]


def paused_worker(url: str, pause_at: str, lease: float, pipe: Connection) -> None:
    """Runs the order; stops in one node until the other side of the pipe says go."""

    def during(node: str, state: dict[str, Any]) -> None:
        pipe.send(node)
        if node == pause_at:
            pipe.recv()

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        try:
            Runner(graph, name="the first worker", lease=lease).run("order")
            pipe.send("done")
        except (LeaseLost, LeaseHeld) as refused:
            pipe.send(type(refused).__name__)


def start(url: str, pause_at: str, lease: float) -> tuple[Any, Connection]:
    context = multiprocessing.get_context(START_METHOD)
    context.set_forkserver_preload(["tests.agent_patterns.durable.test_leases"])
    ours, theirs = context.Pipe()
    process = context.Process(
        target=paused_worker, args=(url, pause_at, lease, theirs), daemon=True
    )
    process.start()
    theirs.close()
    return process, ours


def hear(pipe: Connection, word: str) -> list[str]:
    heard: list[str] = []
    while word not in heard:
        assert pipe.poll(60), f"silence after {heard}"
        heard.append(pipe.recv())
    return heard


def test_two_workers_do_the_work_once(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        ran: list[str] = []
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        here = Runner(graph)
        here.submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=60)
        hear(pipe, "charge")
        with pytest.raises(LeaseHeld, match="the first worker"):
            here.run("order")
        assert here.work() == []
        pipe.send("go on")
        hear(pipe, "done")
        process.join(30)
        assert ran == []
        assert here.run("order").worked is False


def test_a_dead_worker_is_replaced_at_once(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        ran: list[str] = []
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        runner = Runner(graph)
        runner.submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=3600)
        hear(pipe, "charge")
        assert runner.open_runs() == []
        process.kill()
        process.join(30)
        assert runner.open_runs() == ["order"]
        run = runner.run("order")
        assert run.lease is not None
        assert run.lease.took_over_from == "the first worker"
        assert sorted(ran) == ["charge", "close", "notify", "pack"]
        assert sorted(run.values["log"]) == sorted(NODES)


def test_a_frozen_worker_that_wakes_up_late_may_write_no_more(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        runner = Runner(order_graph(checkpointer))
        runner.submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=0.5)
        hear(pipe, "charge")
        # Not while it writes: nothing could take SQLite's lock from a process that sleeps.
        with checkpointer.database.transaction():
            psutil.Process(process.pid).suspend()
        waiting = threading.Event()
        while True:
            with suppress(LeaseHeld):
                run = runner.run("order")
                break
            waiting.wait(0.05)
        assert run.lease is not None
        assert run.lease.token == 2
        before = saved(checkpointer)
        psutil.Process(process.pid).resume()
        pipe.send("go on")
        assert "done" not in hear(pipe, "LeaseLost")
        process.join(30)
        assert saved(checkpointer) == before
        assert runner.get("order").status == "done"


def test_postgres_takes_the_row_from_a_worker_frozen_within_a_transaction(
    fresh_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "NO_IDLING", database.NO_IDLING.replace("10s", "100ms"))
    url = fresh_url("postgresql")
    with (
        open_checkpointer(url, schema=OrderState) as first,
        open_checkpointer(url, schema=OrderState) as second,
    ):
        Runner(order_graph(first)).submit("order", ORDER)

        def fall_silent() -> None:
            with first.database.transaction() as frozen:
                frozen.run("SELECT token FROM agent_runs WHERE thread_id = 'order' FOR UPDATE")
                claim(Runner(order_graph(second)))
                frozen.run("SELECT 1")

        with pytest.raises(psycopg.Error):
            fall_silent()


def test_postgres_takes_the_row_from_a_worker_frozen_within_a_pipeline(
    fresh_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "END_SILENT", database.END_SILENT.replace("10 s", "0.1 s"))
    url = fresh_url("postgresql")
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        runner = Runner(order_graph(checkpointer))
        runner.submit("order", ORDER)

        def fall_silent() -> None:
            with psycopg.connect(url, autocommit=True) as frozen, frozen.pipeline():
                frozen.execute("BEGIN")
                frozen.execute("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
                frozen.execute("SELECT token FROM agent_runs FOR SHARE").fetchone()
                claim(runner)
                frozen.execute("SELECT 1").fetchone()

        with pytest.raises(psycopg.Error):
            fall_silent()


def test_setting_the_clock_makes_no_worker_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    here = Holder.this_process()
    there = replace(here, pid=sleeper.pid)
    assert there.is_alive() is False  # another process has got the id
    created = psutil.Process.create_time
    if sys.platform == "linux":  # elsewhere there is nothing but this to go by
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + 3600)
    assert here.is_alive()
    sleeper.communicate(b"\n")
    assert there.is_alive() is False
    assert replace(here, machine="elsewhere", pid=sleeper.pid).is_alive() is None


def test_a_lease_keeps_others_out_until_it_has_run_out(url: str) -> None:
    clock = FakeClock(1000.0)
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        first = Runner(graph, lease=10, clock=clock, heartbeat=False, name="A")
        second = Runner(graph, lease=10, clock=clock, name="B")
        first.submit("order", ORDER)
        lease = claim(first)
        clock.now += 9
        with pytest.raises(LeaseHeld, match="run by A"):
            claim(second)
        first.renew(lease)
        clock.now += 9
        with pytest.raises(LeaseHeld):
            claim(second)
        clock.now += 2
        taken = claim(second)
        assert taken.took_over_from == "A"
        assert taken.token > lease.token
        with pytest.raises(LeaseLost):
            first.renew(lease)


def test_a_clock_set_back_keeps_nobody_out_for_longer_than_a_lease(url: str) -> None:
    clock = FakeClock(1000.0)
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        silent = Runner(graph, lease=10, clock=clock, heartbeat=False)
        silent.submit("order", ORDER)
        claim(silent)
        clock.now -= 900
        with pytest.raises(LeaseHeld):
            claim(silent)
        clock.now += 11
        assert claim(silent).token == 2


def test_a_clock_set_back_hides_no_abandoned_run_from_the_workers(url: str) -> None:
    clock = FakeClock(1000.0)
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        silent = Runner(order_graph(checkpointer), lease=10, clock=clock, heartbeat=False)
        silent.submit("order", ORDER)
        claim(silent)
        clock.now -= 900
        assert silent.open_runs() == []
        clock.now += 11
        assert silent.open_runs() == ["order"]


@pytest.mark.parametrize("same_database", [True, False])
def test_writes_under_an_old_token_are_refused(url: str, same_database: bool) -> None:
    clock = FakeClock(1000.0)
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer if same_database else InMemorySaver())
        runner = Runner(graph, checkpointer.database, clock=clock, lease=1)
        runner.submit("order", ORDER)
        old = claim(runner)
        clock.now += 2
        claim(runner)
        late = fenced(graph, checkpointer.database, old)
        with pytest.raises(LeaseLost):
            late.invoke(ORDER, thread("order"), durability="sync")
        assert graph.get_state(thread("order")).created_at is None
        graph.invoke(ORDER, thread("order"))  # by hand, and under no lease
        with pytest.raises(LeaseLost):
            late.checkpointer.delete_thread("order")
        assert len(list(graph.get_state_history(thread("order")))) == 7


@pytest.mark.parametrize("same_database", [True, False])
async def test_asynchronous_writes_under_an_old_token_are_refused(
    url: str, same_database: bool
) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer if same_database else InMemorySaver())
        lease = claim(Runner(graph, checkpointer.database, lease=60))
        held = fenced(graph, checkpointer.database, lease)
        await held.ainvoke(ORDER, thread("order"))
        late = fenced(graph, checkpointer.database, replace(lease, token=lease.token - 1))
        with pytest.raises(LeaseLost):
            await late.aupdate_state(thread("order"), {"total": 1})
        with pytest.raises(LeaseLost):
            await late.checkpointer.adelete_thread("order")
        assert len(list(graph.get_state_history(thread("order")))) == 7


@pytest.mark.parametrize("same_database", [True, False])
def test_two_runners_of_one_process_fence_each_other(url: str, same_database: bool) -> None:
    clock = FakeClock(1000.0)
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        saver = checkpointer if same_database else InMemorySaver()
        where = checkpointer.database
        successor = Runner(order_graph(saver), where, clock=clock, lease=10)

        def during(node: str, state: dict[str, Any]) -> None:
            if node == "charge":
                clock.now += 60
                assert successor.run("order").status == "done"

        graph = order_graph(saver, during=during)
        late = Runner(graph, where, clock=clock, lease=10, heartbeat=False)
        with pytest.raises(LeaseLost):
            late.start("order", ORDER)
        values = order_graph(saver).get_state(thread("order")).values
        assert sorted(values["log"]) == sorted(NODES)
        assert successor.get("order").status == "done"


def test_two_kinds_of_urls_open_one_database(fresh_url: Callable[[str], str]) -> None:
    url = fresh_url("sqlite")
    with open_database(url) as first, open_database(url.removeprefix("sqlite:///")) as second:
        Runner(order_graph(InMemorySaver()), first).submit("order", ORDER)
        assert Runner(order_graph(InMemorySaver()), second).open_runs() == ["order"]
