"""A hundred workers are killed at random moments; their runs all end well."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.agent_patterns.durable.graphs import NODES, START_METHOD, OrderState, order_graph, thread
from tests.agent_patterns.durable.killing import Ledger, worker

from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import Runner

KILLS = 100
KILLS_PER_RUN = 4
AFTER = {
    "reserve": {"check"},
    "charge": {"check", "reserve"},
    "pack": {"check", "reserve", "charge"},
    "notify": {"check", "reserve", "charge"},
    "close": {"check", "reserve", "charge", "pack", "notify"},
}


def finished_nodes(checkpointer: SafeCheckpointer, thread_id: str) -> set[str]:
    """Nodes whose result is stored: in the newest checkpoint, or among its pending writes."""
    found = checkpointer.get_tuple(thread(thread_id))
    if found is None:
        return set()
    stored = list(found.checkpoint["channel_values"].get("log", []))
    for _, channel, value in found.pending_writes or []:
        if channel == "log":
            stored += value
    return set(stored)


class Attempt:
    """One worker process, and what it said."""

    def __init__(
        self, context: Any, url: str, folder: Path, thread_id: str, stand_still: bool = False
    ) -> None:
        self.pipe, other = context.Pipe(duplex=False)
        self.process = context.Process(
            target=worker, args=(url, str(folder), thread_id, other, stand_still), daemon=True
        )
        self.process.start()
        other.close()
        self.started: list[str] = []
        self.values: dict[str, Any] | None = None

    def listen(self, events: int | None = None, until: str = "") -> None:
        """Listens for so many events, for one of a kind, or until the process has ended."""
        with suppress(EOFError, ConnectionResetError):
            while events is None or events > 0:
                assert self.pipe.poll(60), "the worker fell silent"
                kind, what = self.pipe.recv()
                if kind == "starts":
                    self.started.append(what)
                elif kind == "done":
                    self.values = what
                if kind == until:
                    return
                if events is not None:
                    events -= 1

    def kill(self) -> None:
        self.process.kill()
        self.listen()
        self.process.join(60)
        assert not self.process.is_alive()


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_hundred_killed_workers_lose_and_repeat_nothing(
    backend: str, fresh_url: Callable[[str], str], tmp_path: Path
) -> None:
    url = fresh_url(backend)
    chance = random.Random(f"kill {backend}")
    context = multiprocessing.get_context(START_METHOD)
    context.set_forkserver_preload(["tests.agent_patterns.durable.killing"])
    ledger = Ledger(tmp_path)
    kills = 0
    moments: Counter[int] = Counter()
    threads = []
    repeated: list[str] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        runner = Runner(order_graph(checkpointer))
        while kills < KILLS:
            thread_id = f"order-{len(threads)}"
            threads.append(thread_id)
            runner.submit(thread_id, {"order": thread_id, "log": []})
            for number in range(KILLS_PER_RUN):
                before = finished_nodes(checkpointer, thread_id)
                marked = number == 0 and len(threads) % 2 == 0
                attempt = Attempt(context, url, tmp_path, thread_id, marked)
                if marked:  # charged, and not noted
                    attempt.listen(until="charged")
                    repeated.append(f"charge-{thread_id}")
                else:
                    # Any moment from before the claim to after the last node, and a little more or
                    # less, so that stores are hit half-way too.
                    attempt.listen(chance.randrange(2 * (len(NODES) - len(before)) + 2))
                    attempt.pipe.poll(chance.random() * 0.004)
                attempt.kill()
                assert not before & set(attempt.started), "a finished node ran again"
                if attempt.values is not None:
                    break  # it was done before the kill
                kills += 1
                stored = finished_nodes(checkpointer, thread_id)
                moments[len(stored)] += 1
                for node in attempt.started:
                    assert AFTER.get(node, set()) <= stored, "a node began before its past was safe"
            before = finished_nodes(checkpointer, thread_id)
            last = Attempt(context, url, tmp_path, thread_id)
            last.listen()
            last.process.join(60)
            assert last.process.exitcode == 0
            assert not before & set(last.started), "a finished node ran again"
            assert last.values is not None
            assert Counter(last.values["log"]) == Counter(NODES)
            assert last.values["note"] == f"{thread_id} closed at 4200"
            assert runner.get(thread_id).status == "done"
        with checkpointer.database.transaction() as session:
            reserved = session.run("SELECT item FROM reserved ORDER BY item")
    assert kills >= KILLS
    assert sorted(item for (item,) in reserved) == sorted(threads)
    expected = [f"{kind}-{thread_id}" for kind in ("charge", "mail") for thread_id in threads]
    assert ledger.charged() == sorted(expected)
    requests = Counter(ledger.requested())
    assert set(requests) == set(expected)
    # The bank was asked again, under the same key: without the key these would be charged twice.
    assert len(repeated) > 10
    assert all(requests[key] > 1 for key in repeated)
    assert len(moments) >= len(NODES) - 1, "the kills were spread over the whole run"
