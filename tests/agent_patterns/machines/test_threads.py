"""Restarts, killed processes, and two events at once on one thread."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from tests.agent_patterns.durable.graphs import START_METHOD
from tests.agent_patterns.machines.desk import COMPLAINT, TO_APPROVAL, Desk
from tests.agent_patterns.machines.worker import work

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.machines.errors import Busy, IllegalTransition


@contextmanager
def stands_still(url: str, events: list[Any], stop_in: str) -> Iterator[Any]:
    """A process that has sent the events and stands still; killed at the end."""
    context: Any = multiprocessing.get_context(START_METHOD)
    pipe, other = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(url, events, stop_in, other), daemon=True)
    process.start()
    other.close()
    try:
        told = None
        while told != ("stands", stop_in):
            assert pipe.poll(120), "the worker fell silent"
            told = pipe.recv()
        yield process
    finally:
        process.kill()
        process.join(60)


def test_a_process_killed_in_the_middle_of_a_question(shared_url: str) -> None:
    with stands_still(shared_url, TO_APPROVAL[:2], "question"):
        pass
    with open_checkpointer(shared_url) as saver:
        desk = Desk(saver)
        now = desk.thread().snapshot()
        assert (now.state, now.data["approach"]) == ("listening", "repair")
        assert now.question["question"] == "Which timeline do you prefer?"
        assert desk.thread().send("answer", "by next month").state == "waiting"
        desk.thread().send("approve")
        assert desk.outbox == ["We repair it by next month."]


def test_a_process_killed_at_work_leaves_it_to_the_next_one(shared_url: str) -> None:
    with stands_still(shared_url, TO_APPROVAL, "draft"), open_checkpointer(shared_url) as saver:
        other = Desk(saver).thread()
        assert other.snapshot().state == "processing"
        for busy in (lambda: other.send("cancel"), other.resume):
            with pytest.raises(Busy, match="'clara' is busy in 'processing'"):
                busy()
    with open_checkpointer(shared_url) as saver:
        desk = Desk(saver)
        assert desk.thread().resume().state == "waiting"
        assert desk.drafted == 1
        assert desk.thread().resume().state == "waiting"
        assert desk.drafted == 1


def test_the_next_event_finishes_what_a_dead_process_left(shared_url: str) -> None:
    with stands_still(shared_url, TO_APPROVAL, "draft"):
        pass
    with open_checkpointer(shared_url) as saver:
        desk = Desk(saver)
        assert desk.thread().send("approve").state == "idle"
        assert (desk.drafted, desk.outbox) == (1, ["We repair it this week."])


@pytest.mark.parametrize("where", ["plain", "memory", "sqlite", "postgresql"])
def test_of_two_events_at_once_one_is_taken_and_one_is_told_busy(
    where: str, fresh_url: Callable[[str], str]
) -> None:
    saver: Any = InMemorySaver() if where == "plain" else open_checkpointer(fresh_url(where))
    desk = Desk(saver)
    at_work, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        at_work.set()
        assert go_on.wait(60)

    desk._may_fail = hold  # type: ignore[method-assign]
    for event in TO_APPROVAL[:2]:
        desk.thread().send(*event)
    first = threading.Thread(target=lambda: desk.thread().send(*TO_APPROVAL[2]))
    first.start()
    assert at_work.wait(60)
    with pytest.raises(Busy) as busy:
        desk.thread().send("answer", "by next month")
    assert busy.value.state == "processing"
    assert desk.thread("ben").send(*COMPLAINT).state == "listening"  # nobody else waits for it
    go_on.set()
    first.join(60)
    assert desk.thread().snapshot().data["letter"] == "We repair it this week."
    assert desk.thread().send("cancel").state == "idle"  # and it is free again
    if where != "plain":
        saver.close()


def test_two_answers_that_arrive_together_fill_one_slot() -> None:
    desk, tries = Desk(), 8
    asked = desk.thread().send(*COMPLAINT).question_id
    start, told = threading.Barrier(tries), list[str]()

    def answer() -> None:
        start.wait(60)
        try:
            told.append(desk.thread().send("answer", "repair", to=asked).state)
        except Exception as error:
            told.append(type(error).__name__)

    threads = [threading.Thread(target=answer) for _ in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told.count("listening") == 1
    assert set(told) <= {"listening", "Busy", "Answered"}
    assert desk.thread().snapshot().data["timeline"] is None


async def test_two_tasks_of_one_loop_at_once() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def draft(data: dict[str, Any]) -> tuple[str, str]:
        begun.set()
        await go_on.wait()
        return "drafted", "A letter."

    desk = Desk(draft=draft)
    clara = desk.thread()
    for event in TO_APPROVAL[:2]:
        await clara.asend(*event)
    first = asyncio.create_task(clara.asend(*TO_APPROVAL[2]))
    await begun.wait()
    with pytest.raises(Busy):
        await desk.thread().asend("cancel")
    go_on.set()
    assert (await first).state == "waiting"


async def test_an_asynchronous_checkpointer_keeps_the_thread_too(tmp_path: Path) -> None:
    file = str(tmp_path / "care.db")
    async with AsyncSqliteSaver.from_conn_string(file) as saver:
        desk = Desk(saver)
        desk.fails = 1
        for event in TO_APPROVAL:
            now = await desk.thread().asend(*event)
        assert (now.state, now.error.split(":")[0]) == ("error", "ConnectionError")
        with pytest.raises(IllegalTransition):
            await desk.thread().asend("approve")
    async with AsyncSqliteSaver.from_conn_string(file) as saver:
        desk = Desk(saver)
        assert (await desk.thread().asnapshot()).legal == ("retry", "reset")
        assert (await desk.thread().asend("retry")).state == "waiting"


def test_a_thread_is_free_after_a_refusal_and_after_an_error() -> None:
    desk = Desk()
    desk.fails = 1
    clara = desk.thread()
    for event in TO_APPROVAL:
        clara.send(*event)
    for _ in range(2):
        with pytest.raises(IllegalTransition):
            clara.send("approve")
    assert clara.send("retry").state == "waiting"
