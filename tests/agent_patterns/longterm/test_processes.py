"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest
from tests.agent_patterns.longterm.stores import Vectors
from tests.agent_patterns.longterm.working import Model, submitting, telling, writing

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.longterm import MemoryWriter, open_memories

pytestmark = pytest.mark.slow

_spawn = multiprocessing.get_context("spawn")


def test_processes_that_tell_the_same_facts_lose_no_source(shared_url: str) -> None:
    """They also create the tables together."""
    start, names, count = _spawn.Event(), ("a", "b", "c"), 15
    workers = [_spawn.Process(target=telling, args=(shared_url, n, count, start)) for n in names]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    with open_memories(shared_url, Vectors(32)) as memories:
        mine = {each.text: each for each in memories.of("u-1").all()}
        assert set(mine) == {"I like green ink.", f"I live at number {count - 1}."}
        told = {f"{name}-{n}" for name in names for n in range(count)}
        assert set(mine["I like green ink."].sources) == told
        home = mine[f"I live at number {count - 1}."]
        assert [each.said_at for each in home.statements] == [float(n) for n in range(count)][::-1]
        assert {each.sources for each in home.statements} == {names}


def test_a_killed_process_leaves_whole_batches(shared_url: str) -> None:
    ours, theirs = _spawn.Pipe()
    worker = _spawn.Process(target=writing, args=(shared_url, theirs))
    worker.start()
    done = [_received(ours) for _ in range(5)]
    worker.kill()
    worker.join(30)
    with open_memories(shared_url, Vectors(32)) as memories:
        mine = memories.of("u-1")
        keys = {each.key for each in mine.all()}
        assert len(keys) % 50 == 0
        assert keys >= {f"{batch}-{n}" for batch in done for n in range(50)}
        assert mine.search("Fact 7.", k=1)[0].score == pytest.approx(1, abs=1e-5)
        assert len(mine.search("Fact 7.", k=len(keys))) == len(keys)  # none without its vector
        mine.put("I ski.")


def test_a_job_of_a_killed_process_is_recovered_once(shared_url: str) -> None:
    ours, theirs = _spawn.Pipe()
    worker = _spawn.Process(target=submitting, args=(shared_url, theirs))
    worker.start()
    assert _received(ours) == "at work"
    worker.kill()
    worker.join(30)
    with (
        open_checkpointer(shared_url) as checkpointer,
        open_memories(shared_url, Vectors(32)) as memories,
    ):
        assert memories.of("u-1").all() == []
        model: Any = Model()
        writer = MemoryWriter(memories, model, topics={}, checkpointer=checkpointer)
        assert writer.recover() == 1
        writer.drain(60)
        (only,) = memories.of("u-1").all()
        assert (only.text, only.sources) == ("I live in Porto.", ("t1",))
        assert writer.recover() == 0
        assert list(checkpointer.list(None)) == []
        writer.close()


def _received(pipe: Any) -> Any:
    assert pipe.poll(60), "the other process says nothing"
    return pipe.recv()
