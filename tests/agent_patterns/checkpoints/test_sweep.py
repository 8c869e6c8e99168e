"""Every cell of every table is damaged in every way: found, or without effect; never loaded."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.agent_patterns.checkpoints.stored import ADDRESS, Stored, inspect
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import (
    CheckpointCorrupted,
    SafeCheckpointer,
    open_checkpointer,
    recover,
)

DAMAGES = ("swap", "rollback", "flip", "high bit", "truncation", "null", "empty")


def half_run(checkpointer: SafeCheckpointer, name: str, total: int) -> None:
    """Run an order until `notify` fails, with the finished writes of `pack` beside it."""

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "notify":
            raise ConnectionError("the worker stops here")

    graph = order_graph(checkpointer, during=during, total=total)
    with pytest.raises(ConnectionError):
        graph.invoke({"order": name, "log": []}, thread(name), durability="sync")


def damaged(
    kind: str, cells: list[bytes | None], others: list[bytes | None]
) -> Iterator[tuple[int, bytes | None]]:
    """Yield (position, other bytes) for the newest cell, or for one in the middle."""
    chance = random.Random(f"{kind} {cells}")
    place = chance.choice((len(cells) - 1, len(cells) - 1, len(cells) // 2))
    value = cells[place] or b""
    if kind == "swap":
        yield place, others[min(place, len(others) - 1)]
    elif kind == "rollback":
        yield place, cells[place - 1]
    elif kind in ("flip", "high bit") and value:
        bit = 7 if kind == "high bit" else chance.randrange(7)
        changed = bytearray(value)
        changed[chance.randrange(len(value))] ^= 1 << bit
        yield place, bytes(changed)
    elif kind == "truncation" and value:
        yield place, value[: len(value) // 2]
    elif kind == "null":
        yield place, None
        yield place, b"null"
    elif kind == "empty":
        yield place, b""
        yield place, b"{}"


def states(checkpointer: SafeCheckpointer) -> list[Any]:
    """Return what a graph would see of the thread, newest first."""
    graph = order_graph(checkpointer)
    newest = graph.get_state(thread("victim"))
    history = list(graph.get_state_history(thread("victim")))
    return [(each.values, each.next, each.tasks) for each in (newest, *history)]


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, b"secret"], ids=["checksum", "key"])
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_no_damaged_cell_is_ever_loaded_and_recovery_goes_on(
    backend: str, key: bytes | None, fresh_url: Callable[[str], str]
) -> None:
    url = fresh_url(backend)
    stored = Stored(url)
    tried = found = 0
    with open_checkpointer(url, schema=OrderState, key=key) as checkpointer:
        half_run(checkpointer, "victim", 450)
        half_run(checkpointer, "donor", 45_000)
        saved = states(checkpointer)
        values = [state[0] for state in saved]
        stored.keep()
        for table, column in stored.columns():
            others = [value for _, value in stored.cells(table, column, "donor")]
            before = [value for _, value in stored.cells(table, column, "victim")]
            for kind in DAMAGES:
                for place, value in damaged(kind, before, others):
                    if before[place] == value:
                        continue
                    with stored.put_back():
                        row, _ = stored.cells(table, column, "victim")[place]
                        if not stored.overwrite(table, column, row, value):
                            continue  # the database's own types refuse it
                        tried += 1
                        what = f"{table}.{column}: {kind} to {value!r:.60}"
                        try:
                            seen = states(checkpointer)
                        except CheckpointCorrupted:
                            found += 1
                            assert inspect(checkpointer, "victim"), f"{what}: not found"
                        else:
                            lost = column in ADDRESS and seen[0][0] in [*values, {}]
                            assert seen == saved or lost, f"{what}: loaded"
                        report = recover(checkpointer, "victim")
                        left = states_after(checkpointer)
                        assert left in [*values, {}], f"{what}: {report}"
    assert tried > 100
    assert found > tried / 2
    stored.connection.close()


def states_after(checkpointer: SafeCheckpointer) -> Any:
    return order_graph(checkpointer).get_state(thread("victim")).values


@pytest.mark.parametrize("key", [None, b"secret"], ids=["checksum", "key"])
@pytest.mark.parametrize("source", ["donor", "victim"])
def test_another_blob_of_the_same_channel_is_not_charged(
    source: str, key: bytes | None, fresh_url: Callable[[str], str]
) -> None:
    """Copy another thread's values, or older ones, over PostgreSQL's newest rows."""
    url = fresh_url("postgresql")
    stored = Stored(url)
    with open_checkpointer(url, schema=OrderState, key=key) as checkpointer:
        half_run(checkpointer, "victim", 450)
        half_run(checkpointer, "donor", 45_000)
        stored.run(
            "UPDATE checkpoint_blobs v SET blob = d.blob, type = d.type FROM ("
            "  SELECT DISTINCT ON (channel) channel, blob, type FROM checkpoint_blobs"
            "  WHERE thread_id = ? ORDER BY channel, version) d "
            "WHERE v.thread_id = 'victim' AND v.channel = d.channel AND v.version = ("
            "  SELECT max(version) FROM checkpoint_blobs n"
            "  WHERE n.thread_id = 'victim' AND n.channel = v.channel) AND v.blob <> d.blob",
            source,
        )
        with pytest.raises(CheckpointCorrupted, match="not what was saved in its place"):
            order_graph(checkpointer).get_state(thread("victim"))
        assert recover(checkpointer, "victim").damaged
        final = order_graph(checkpointer, total=450).invoke(
            None if states_after(checkpointer) else {"order": "victim", "log": []},
            thread("victim"),
        )
        assert final["note"] == "victim closed at 450"
        assert sorted(final["log"]) == sorted(NODES)
    stored.connection.close()
