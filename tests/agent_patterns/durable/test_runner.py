"""Runs: queued, driven to their end, resumed, continued with a next turn."""

from __future__ import annotations

import asyncio
import operator
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict

import psycopg
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import Runner
from agent_patterns.durable.errors import (
    AnswerRefused,
    DatabaseUnavailable,
    InvalidInput,
    LeaseHeld,
    NothingToRun,
    RunExists,
)

ORDER = {"order": "order", "log": []}


@pytest.fixture
def checkpointer(url: str) -> Iterator[SafeCheckpointer]:
    with open_checkpointer(url, schema=OrderState) as opened:
        yield opened


class Waiting(TypedDict, total=False):
    answers: Annotated[list[str], operator.add]


def asking(checkpointer: Any) -> Any:
    """Two questions, one after the other."""
    builder = StateGraph(Waiting)
    builder.add_node("ask", lambda state: {"answers": [interrupt("may I?")]})
    builder.add_node("again", lambda state: {"answers": [interrupt("sure?")]})
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "again")
    return builder.compile(checkpointer=checkpointer)


def test_a_run_is_done_once_and_asked_for_twice(checkpointer: SafeCheckpointer) -> None:
    runner = Runner(order_graph(checkpointer))
    runner.submit("order", ORDER)
    assert runner.open_runs() == ["order"]
    first, second = runner.run("order"), runner.run("order")
    assert (first.status, first.worked) == ("done", True)
    assert (second.status, second.worked) == ("done", False)
    assert second.values == first.values
    assert runner.open_runs() == []


def test_a_second_input_is_refused_or_a_turn_of_its_own(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        runner = Runner(asking(checkpointer))
        runner.start("t", {"answers": ["one"]})
        with pytest.raises(RunExists, match="is waiting"):
            runner.submit("t", {"answers": ["two"]})
        runner.submit("t", {"answers": ["two"]}, queue=True)
        runner.run("t", resume=Command(resume="yes"))
        run = runner.run("t", resume=Command(resume="sure"))
        assert run.values["answers"] == ["one", "yes", "sure", "two"]
        assert [each.value for each in run.interrupts] == ["may I?"]
        runner.run("t", resume=Command(resume="y"))
        assert runner.run("t", resume=Command(resume="s")).status == "done"
        with pytest.raises(RunExists, match="is done"):
            runner.start("t", {"answers": ["three"]})
        run = runner.start("t", {"answers": ["three"]}, queue=True)
        assert run.values["answers"][-3:] == ["y", "s", "three"]


def test_no_input_is_lost_or_used_twice_by_a_worker_that_fails(url: str) -> None:
    failing = {"before", "after"}

    def first(state: Waiting) -> Waiting:
        if "before" in failing and state["answers"] == ["one"]:
            raise ConnectionError("first")
        return {"answers": ["first"]}

    def second(state: Waiting) -> Waiting:
        if "after" in failing:
            raise ConnectionError("second")
        return {"answers": ["second"]}

    graph: Any = StateGraph(Waiting).add_sequence([first, second]).add_edge(START, "first")
    with open_checkpointer(url) as checkpointer:
        runner = Runner(graph.compile(checkpointer=checkpointer))
        for failure in ("before", "after"):
            with pytest.raises(ConnectionError):
                runner.run("t") if failure == "after" else runner.start("t", {"answers": ["one"]})
            failing.remove(failure)
            runner.submit("t", {"answers": [failure]}, queue=True)
        log = ["one", "first", "second", "before", "first", "second", "after", "first", "second"]
        assert runner.run("t").values["answers"] == log


def test_a_state_that_was_changed_by_hand_takes_its_next_turn_once(url: str) -> None:
    def answer(state: Waiting) -> Waiting:
        return {"answers": ["answer"]}

    graph: Any = StateGraph(Waiting).add_node(answer).add_edge(START, "answer")
    with open_checkpointer(url) as checkpointer:
        graph = graph.compile(checkpointer=checkpointer)
        runner = Runner(graph)
        runner.start("t", {"answers": ["one"]})
        graph.update_state(thread("t"), {"answers": ["by hand"]}, as_node="answer")
        run = runner.start("t", {"answers": ["two"]}, queue=True)
        assert run.values["answers"] == ["one", "answer", "by hand", "two", "answer"]
        graph.invoke({"answers": ["hand-made"]}, thread("other"))
        run = runner.start("other", {"answers": ["two"]})
        assert run.values["answers"] == ["hand-made", "answer", "two", "answer"]


def test_many_threads_run_it_at_once(checkpointer: SafeCheckpointer) -> None:
    ran: list[str] = []
    graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
    runners = [Runner(graph) for _ in range(4)]
    runners[0].submit("order", ORDER)
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def resume(runner: Runner) -> None:
        barrier.wait(30)
        try:
            outcomes.append("worked" if runner.run("order").worked else "was done")
        except LeaseHeld:
            outcomes.append("refused")

    threads = [threading.Thread(target=resume, args=(each,)) for each in runners]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert outcomes.count("worked") == 1
    assert len(outcomes) == 4
    assert sorted(ran) == sorted(NODES)


def test_a_failed_run_is_free_for_another_try(checkpointer: SafeCheckpointer) -> None:
    failing = True

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "charge" and failing:
            raise ConnectionError("the bank is away")

    runner = Runner(order_graph(checkpointer, during=during))
    with pytest.raises(ConnectionError):
        runner.start("order", ORDER)
    failed = runner.get("order")
    assert (failed.status, failed.error) == ("failed", "ConnectionError: the bank is away")
    assert runner.open_runs() == []
    failing = False
    assert runner.run("order").status == "done"


def test_an_answer_by_id_answers_no_other_question(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        runner = Runner(asking(checkpointer))
        runner.submit("t", {"answers": []})
        with pytest.raises(AnswerRefused, match="waits for no answer"):
            runner.run("t", resume=Command(resume="yes"))  # nothing has been asked
        assert runner.get("t").status == "queued"
        (first,) = runner.run("t").interrupts
        assert runner.open_runs() == []
        yes = Command(resume={first.id: "yes"})
        (second,) = runner.run("t", resume=yes).interrupts
        with pytest.raises(AnswerRefused, match="1 other questions"):
            runner.run("t", resume=yes)  # a second click
        assert runner.get("t").status == "waiting"
        run = runner.run("t", resume=Command(resume={second.id: {"deep": 1}}))
        assert run.values["answers"] == ["yes", {"deep": 1}]
        with pytest.raises(AnswerRefused):
            runner.run("t", resume=yes)


def test_what_cannot_be_run_is_said(fresh_url: Callable[[str], str]) -> None:
    with open_checkpointer(fresh_url("memory")) as checkpointer:
        runner = Runner(order_graph(checkpointer))
        with pytest.raises(NothingToRun, match="submit"):
            runner.run("unheard of")
        for unknown in ("unheard of", "other"):
            with pytest.raises(NothingToRun):
                runner.get(unknown)
        with pytest.raises(ValueError, match="longer than 0"):
            Runner(order_graph(checkpointer), lease=0)
        wrong: Any
        for wrong in (None, 5, b"t", "", "a\0b", "\ud800", "x" * 2000):
            with pytest.raises(InvalidInput):
                runner.submit(wrong, ORDER)
        with pytest.raises(InvalidInput, match=r"cannot be stored: .*_thread\.lock"):
            runner.submit("t", {"order": threading.Lock()})
        with pytest.raises(ValueError, match="checkpointer"):
            Runner(StateGraph(Waiting).add_node("n", print).add_edge(START, "n").compile())
        with pytest.raises(ValueError, match="where"):
            Runner(order_graph(InMemorySaver()))


def test_work_empties_the_queue_and_goes_on_after_a_failure(checkpointer: SafeCheckpointer) -> None:
    def during(node: str, state: dict[str, Any]) -> None:
        if state["order"] == "o1":
            raise ConnectionError("the bank is away")

    runner = Runner(order_graph(checkpointer, during=during))
    for number in range(3):
        runner.submit(f"o{number}", {"order": f"o{number}", "log": []})
    runs = runner.work()
    assert [(run.thread_id, run.status) for run in runs] == [
        ("o0", "done"),
        ("o1", "failed"),
        ("o2", "done"),
    ]
    assert runs[1].error == "ConnectionError: the bank is away"
    assert runner.work() == []


async def test_the_same_for_an_asynchronous_graph(url: str) -> None:
    async def ask(state: Waiting) -> Waiting:
        await asyncio.sleep(0)
        return {"answers": [interrupt("may I?")]}

    graph: Any = StateGraph(Waiting).add_node("ask", ask).add_edge(START, "ask")
    with open_checkpointer(url) as checkpointer:
        runner = Runner(graph.compile(checkpointer=checkpointer))
        assert (await runner.astart("t", {"answers": ["one"]})).status == "waiting"
        with pytest.raises(RunExists):
            await runner.astart("t", {"answers": ["two"]})
        run = await runner.arun("t", resume=Command(resume="yes"))
        assert (run.status, run.values["answers"]) == ("done", ["one", "yes"])
        await asyncio.to_thread(runner.submit, "t", {"answers": ["two"]}, queue=True)
        assert [run.status for run in await runner.awork()] == ["waiting"]
        run = await runner.arun("t", resume=Command(resume="y"))
        assert run.values["answers"] == ["one", "yes", "two", "y"]


async def test_a_cancelled_run_is_free_for_the_next_worker(url: str) -> None:
    begun = asyncio.Event()

    async def slow(state: Waiting) -> Waiting:
        begun.set()
        await asyncio.sleep(3600)
        return {}

    graph: Any = StateGraph(Waiting).add_node("slow", slow).add_edge(START, "slow")
    with open_checkpointer(url) as checkpointer:
        runner = Runner(graph.compile(checkpointer=checkpointer), lease=3600)
        task = asyncio.create_task(runner.astart("t", {"answers": []}))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert runner.get("t").status == "queued"
        assert runner.open_runs() == ["t"]


def test_a_forgotten_run_may_be_submitted_again(checkpointer: SafeCheckpointer) -> None:
    graph = order_graph(checkpointer)
    runner = Runner(graph)
    for name in ("order", "anew"):
        run = runner.start("order", {"order": name, "log": []})
        assert run.values["note"] == f"{name} closed at 4200"
        runner.forget("order")
        assert runner.open_runs() == []
        assert graph.get_state(thread("order")).created_at is None
        with pytest.raises(NothingToRun):
            runner.get("order")


def test_runs_are_deleted_while_others_are_written(checkpointer: SafeCheckpointer) -> None:
    errors: list[BaseException] = []
    runner = Runner(order_graph(checkpointer))

    def work(name: str) -> None:
        try:
            for _ in range(3):
                runner.start(name, {"order": name, "log": []})
                runner.forget(name)
        except BaseException as error:
            errors.append(error)

    running = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for each in running:
        each.start()
    for each in running:
        each.join(60)
    assert errors == []
    assert list(checkpointer.list(None)) == []


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (psycopg.OperationalError("the server closed the connection"), 3),
        (sqlite3.OperationalError("database is locked"), 3),
        (DatabaseUnavailable("it does not answer"), 1),
    ],
)
def test_a_run_that_the_database_cuts_off_is_tried_again_and_not_failed(
    checkpointer: SafeCheckpointer, error: Exception, times: int
) -> None:
    ran: list[str] = []

    def during(node: str, state: dict[str, Any]) -> None:
        ran.append(node)
        if node == "charge" and ran.count("charge") <= times:
            raise error

    runner = Runner(order_graph(checkpointer, during=during))
    runner.submit("order", ORDER)
    (run,) = runner.work()
    assert (run.status, ran) == ("queued", ["check", "reserve", *["charge"] * times])
    assert run.error == f"{type(error).__name__}: {error}"
    assert [run.status for run in runner.work()] == ["done"]
