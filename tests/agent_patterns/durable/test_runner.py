"""One worker per thread; a successor when it dies or falls silent."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, TypedDict

import psutil
import psycopg
import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.durable.graphs import NODES, START_METHOD, OrderState, order_graph, thread

from agent_patterns.durable.holder import Holder
from agent_patterns.persistence import (
    AnswerRefused,
    ClaimLost,
    ClaimRefused,
    NothingToRecover,
    Supervisor,
    database,
    open_async_checkpointer,
    open_checkpointer,
)

pytestmark = pytest.mark.slow

ORDER = {"order": "order", "log": []}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def paused_worker(url: str, pause_at: str, lease: float, pipe: Connection) -> None:
    """Runs the order; stops in one node until the other side of the pipe says go."""

    def during(node: str, state: dict[str, Any]) -> None:
        pipe.send(node)
        if node == pause_at:
            pipe.recv()

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(
            checkpointer,
            lambda opened: order_graph(opened, during=during),
            name="the first worker",
            lease_seconds=lease,
        )
        try:
            supervisor.run("order")
            pipe.send("done")
        except (ClaimLost, ClaimRefused) as refused:
            pipe.send(type(refused).__name__)


def start(url: str, pause_at: str, lease: float) -> tuple[Any, Connection]:
    context = multiprocessing.get_context(START_METHOD)
    context.set_forkserver_preload(["tests.agent_patterns.durable.test_runner"])
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
        assert pipe.poll(30), f"silence after {heard}"
        heard.append(pipe.recv())
    return heard


def test_a_run_is_done_once_and_asked_for_twice(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        assert supervisor.status("order") is None
        assert supervisor.submit("order", ORDER)
        assert not supervisor.submit("order", {"order": "another", "log": []})
        first = supervisor.run("order")
        second = supervisor.run("order")
        assert (first.status, first.worked) == ("done", True)
        assert (second.status, second.worked) == ("done", False)
        assert second.values == first.values
        assert supervisor.open_runs() == []


def test_two_that_resume_at_once_do_the_work_once(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        ran: list[str] = []
        inside, leave = threading.Event(), threading.Event()

        def during(node: str, state: dict[str, Any]) -> None:
            ran.append(node)
            inside.set()
            assert leave.wait(30)

        Supervisor(checkpointer, order_graph).submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=60)
        hear(pipe, "charge")
        here = Supervisor(checkpointer, lambda opened: order_graph(opened, during=during))
        with pytest.raises(ClaimRefused, match="the first worker"):
            here.run("order")
        assert here.work() == []
        pipe.send("go on")
        hear(pipe, "done")
        process.join(30)
        assert ran == []
        assert here.run("order").worked is False


def test_many_threads_resume_at_once(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        ran: list[str] = []
        build = lambda opened: order_graph(  # noqa: E731
            opened, during=lambda node, state: ran.append(node)
        )
        supervisors = [Supervisor(checkpointer, build) for _ in range(4)]
        supervisors[0].submit("order", ORDER)
        barrier = threading.Barrier(4)
        outcomes: list[str] = []

        def resume(supervisor: Supervisor) -> None:
            barrier.wait(30)
            try:
                outcomes.append("worked" if supervisor.run("order").worked else "was done")
            except ClaimRefused:
                outcomes.append("refused")

        threads = [threading.Thread(target=resume, args=(each,)) for each in supervisors]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
        assert outcomes.count("worked") == 1
        assert len(outcomes) == 4
        assert sorted(ran) == sorted(NODES)


def test_a_dead_worker_is_replaced_at_once(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        ran: list[str] = []
        supervisor = Supervisor(
            checkpointer,
            lambda opened: order_graph(opened, during=lambda node, state: ran.append(node)),
        )
        supervisor.submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=3600)
        hear(pipe, "charge")
        process.kill()
        process.join(30)
        run = supervisor.run("order")
        assert run.claim is not None
        assert run.claim.took_over_from == "the first worker"
        assert sorted(ran) == ["charge", "close", "notify", "pack"]
        assert sorted(run.values["log"]) == sorted(NODES)


def test_a_frozen_worker_that_wakes_up_late_may_write_no_more(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        supervisor.submit("order", ORDER)
        process, pipe = start(shared_url, "charge", lease=0.5)
        hear(pipe, "charge")
        # Not while it writes: nothing could take SQLite's lock from a process that sleeps.
        with checkpointer.database.transaction():
            psutil.Process(process.pid).suspend()
        waiting = threading.Event()
        while True:
            with suppress(ClaimRefused):
                run = supervisor.run("order")
                break
            waiting.wait(0.05)
        assert run.claim is not None
        assert run.claim.token == 2
        before = checkpointer.storage.index("order")
        psutil.Process(process.pid).resume()
        pipe.send("go on")
        assert "done" not in hear(pipe, "ClaimLost")
        process.join(30)
        assert checkpointer.storage.index("order") == before
        assert supervisor.status("order") == "done"


def test_postgres_takes_the_row_from_a_worker_frozen_within_a_transaction(
    fresh_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = database.NO_IDLING.replace("10s", "100ms")
    monkeypatch.setattr(database, "NO_IDLING", soon)
    url = fresh_url("postgresql")
    with (
        open_checkpointer(url, schema=OrderState) as first,
        open_checkpointer(url, schema=OrderState) as second,
    ):
        Supervisor(first, order_graph).submit("order", ORDER)

        def fall_silent() -> None:
            with first.database.transaction() as frozen:
                frozen.run("SELECT token FROM agent_runs WHERE thread_id = 'order' FOR UPDATE")
                assert Supervisor(second, order_graph).claim("order") is not None
                frozen.run("SELECT 1")

        with pytest.raises(psycopg.Error):
            fall_silent()


def test_postgres_takes_the_row_from_a_worker_frozen_within_a_pipeline(
    fresh_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "END_SILENT", database.END_SILENT.replace("10 s", "0.1 s"))
    url = fresh_url("postgresql")
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        supervisor.submit("order", ORDER)

        def fall_silent() -> None:
            with psycopg.connect(url, autocommit=True) as frozen, frozen.pipeline():
                frozen.execute("BEGIN")
                frozen.execute("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
                frozen.execute("SELECT token FROM agent_runs FOR SHARE").fetchone()
                assert supervisor.claim("order") is not None
                frozen.execute("SELECT 1").fetchone()

        with pytest.raises(psycopg.Error):
            fall_silent()


def test_setting_the_clock_makes_no_worker_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    here = Holder.this_process()
    there = replace(here, pid=sleeper.pid)
    assert there.is_dead()  # another process has got the id
    created = psutil.Process.create_time
    if sys.platform == "linux":  # elsewhere there is nothing but this to go by
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + 3600)
    assert not here.is_dead()
    sleeper.communicate(b"\n")
    assert there.is_dead()
    assert not replace(here, machine="elsewhere", pid=sleeper.pid).is_dead()


def test_a_lease_keeps_others_out_until_it_has_run_out(url: str) -> None:
    clock = Clock()
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        first = Supervisor(
            checkpointer, order_graph, lease_seconds=10, clock=clock, heartbeat=False, name="A"
        )
        second = Supervisor(checkpointer, order_graph, lease_seconds=10, clock=clock, name="B")
        first.submit("order", ORDER)
        claim = first.claim("order")
        assert claim is not None
        clock.now += 9
        with pytest.raises(ClaimRefused, match="run by A"):
            second.claim("order")
        first.renew(claim)
        clock.now += 9
        with pytest.raises(ClaimRefused):
            second.claim("order")
        clock.now += 2
        taken = second.claim("order")
        assert taken is not None
        assert taken.took_over_from == "A"
        assert taken.token > claim.token
        with pytest.raises(ClaimLost):
            first.renew(claim)


def test_writes_under_an_old_token_are_refused(url: str) -> None:
    clock = Clock()
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph, clock=clock, lease_seconds=1)
        supervisor.submit("order", ORDER)
        old = supervisor.claim("order")
        assert old is not None
        clock.now += 2
        supervisor.claim("order")
        late = checkpointer.under("order", old.token)
        graph = order_graph(late)
        with pytest.raises(ClaimLost):
            graph.invoke(ORDER, thread("order"), durability="sync")
        assert checkpointer.storage.index("order") == []
        graph.invoke(ORDER, thread("another"))  # other threads are not concerned
        late.close()  # ends nothing
        order_graph(checkpointer).invoke(ORDER, thread("order"))  # by hand, and under no claim
        with pytest.raises(ClaimLost):
            late.delete_thread("order")
        assert len(checkpointer.storage.index("order")) == 7


def test_two_supervisors_of_one_process_and_checkpointer_fence_each_other(url: str) -> None:
    clock = Clock()
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        successor = Supervisor(checkpointer, order_graph, clock=clock, lease_seconds=10)

        def during(node: str, state: dict[str, Any]) -> None:
            if node == "charge":
                clock.now += 60
                assert successor.run("order").status == "done"

        late = Supervisor(
            checkpointer,
            lambda opened: order_graph(opened, during=during),
            clock=clock,
            lease_seconds=10,
            heartbeat=False,
        )
        late.submit("order", ORDER)
        with pytest.raises(ClaimLost):
            late.run("order")
        values = order_graph(checkpointer).get_state(thread("order")).values
        assert sorted(values["log"]) == sorted(NODES)
        order_graph(checkpointer).update_state(thread("order"), {"total": 1})  # by hand, afterwards
        assert successor.status("order") == "done"


def test_threads_are_deleted_while_others_are_written(url: str) -> None:
    errors: list[BaseException] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)

        def work(name: str) -> None:
            try:
                for _ in range(5):
                    supervisor.submit(name, {"order": name, "log": []})
                    supervisor.run(name)
                    supervisor.forget(name)
            except BaseException as error:
                errors.append(error)

        running = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
        for each in running:
            each.start()
        for each in running:
            each.join(60)
        assert errors == []
        assert checkpointer.storage.threads() == []


def test_a_failed_run_is_free_for_another_try(url: str) -> None:
    failing = True

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "charge" and failing:
            raise ConnectionError("the bank is away")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, lambda opened: order_graph(opened, during=during))
        supervisor.submit("order", ORDER)
        with pytest.raises(ConnectionError):
            supervisor.run("order")
        assert supervisor.status("order") == "failed"
        assert supervisor.open_runs() == []
        failing = False
        assert supervisor.run("order").status == "done"


class Waiting(TypedDict, total=False):
    answer: str
    second: str


def build_asking(opened: Any) -> Any:
    """Two questions, one after the other."""
    builder = StateGraph(Waiting)
    builder.add_node("ask", lambda state: {"answer": interrupt("may I?")})
    builder.add_node("again", lambda state: {"second": interrupt("sure?")})
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "again")
    return builder.compile(checkpointer=opened)


def test_a_run_that_waits_for_a_human_is_resumed_by_hand(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        supervisor = Supervisor(checkpointer, build_asking)
        supervisor.submit("order", {"answer": ""})
        run = supervisor.run("order")
        assert (run.status, [question.value for question in run.interrupts]) == (
            "waiting",
            ["may I?"],
        )
        assert supervisor.open_runs() == []
        run = supervisor.run("order", resume=Command(resume="yes"))
        assert [question.value for question in run.interrupts] == ["sure?"]
        run = supervisor.run("order", resume=Command(resume="no"))
        assert (run.status, run.interrupts) == ("done", ())
        assert run.values == {"answer": "yes", "second": "no"}


def test_an_answer_by_id_answers_no_other_question(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        supervisor = Supervisor(checkpointer, build_asking)
        supervisor.submit("order", {"answer": ""})
        with pytest.raises(AnswerRefused, match="waits for no answer"):
            supervisor.run("order", resume=Command(resume="yes"))  # nothing has been asked
        assert supervisor.status("order") == "queued"
        (first,) = supervisor.run("order").interrupts
        yes = Command(resume={first.id: "yes"})
        (second,) = supervisor.run("order", resume=yes).interrupts
        with pytest.raises(AnswerRefused, match="1 other questions"):
            supervisor.run("order", resume=yes)  # a second click
        assert supervisor.status("order") == "waiting"
        run = supervisor.run("order", resume=Command(resume={second.id: {"deep": 1}}))
        assert run.values == {"answer": "yes", "second": {"deep": 1}}


def test_without_input_and_checkpoint_there_is_nothing_to_run(
    fresh_url: Callable[[str], str],
) -> None:
    with open_checkpointer(fresh_url("memory")) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        with pytest.raises(NothingToRecover, match="submit"):
            supervisor.run("unheard of")
        with pytest.raises(ValueError, match="lease_seconds"):
            Supervisor(checkpointer, order_graph, lease_seconds=0)


def test_work_empties_the_queue(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        for number in range(5):
            supervisor.submit(f"o{number}", {"order": f"o{number}", "log": []})
        done = supervisor.work()
        assert [run.thread_id for run in done] == [f"o{number}" for number in range(5)]
        assert supervisor.work() == []


def test_work_goes_on_after_a_run_that_fails(url: str) -> None:
    def during(node: str, state: dict[str, Any]) -> None:
        if state["order"] == "o1":
            raise ConnectionError("the bank is away")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, lambda opened: order_graph(opened, during=during))
        for number in range(3):
            supervisor.submit(f"o{number}", {"order": f"o{number}", "log": []})
        runs = supervisor.work()
        assert [(run.thread_id, run.status) for run in runs] == [
            ("o0", "done"),
            ("o1", "failed"),
            ("o2", "done"),
        ]
        assert isinstance(runs[1].error, ConnectionError)
        assert supervisor.status("o1") == "failed"


def test_work_does_not_try_for_ever_what_no_run_can_help(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(thread_id: str) -> None:
        raise ConnectionError("the database is away")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        supervisor.submit("order", ORDER)
        monkeypatch.setattr(supervisor, "claim", away)
        with pytest.raises(ConnectionError):
            supervisor.work()


def test_a_forgotten_run_may_be_submitted_again(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        supervisor.submit("order", ORDER)
        supervisor.run("order")
        late = order_graph(checkpointer.under("order", 1))
        supervisor.forget("order")
        assert supervisor.status("order") is None
        assert supervisor.open_runs() == []
        assert checkpointer.storage.index("order") == []
        assert supervisor.submit("order", {"order": "anew", "log": []})
        assert not supervisor.submit("order", ORDER)
        assert supervisor.run("order").values["note"] == "anew closed at 4200"
        with pytest.raises(ClaimLost):
            late.update_state(thread("order"), {"total": 1})


async def test_async_writes_under_an_old_token_are_refused(url: str) -> None:
    async with await open_async_checkpointer(url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph, lease_seconds=60)
        claim = supervisor.claim("order")
        assert claim is not None
        await order_graph(checkpointer.under("order", claim.token)).ainvoke(ORDER, thread("order"))
        assert len(checkpointer.storage.index("order")) == 7
        late = checkpointer.under("order", claim.token - 1)
        with pytest.raises(ClaimLost):
            await order_graph(late).aupdate_state(thread("order"), {"total": 1})
        with pytest.raises(ClaimLost):
            await late.adelete_thread("order")
        assert len(checkpointer.storage.index("order")) == 7
        if not url.startswith("memory"):
            with pytest.raises(RuntimeError, match="Await"):
                checkpointer.delete_thread("order")
        await checkpointer.adelete_thread("order")
        assert checkpointer.storage.index("order") == []
