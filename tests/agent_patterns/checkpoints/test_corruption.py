"""Bytes of stored checkpoints are changed: always found, never loaded, never executed."""

from __future__ import annotations

import json
import pickle
import random
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import ormsgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.checkpoints.stored import Stored, inspect
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import CheckpointCorrupted, StateInvalid, open_checkpointer, recover
from agent_patterns.checkpoints.integrity.sealing import Sealer
from agent_patterns.durable.errors import UnknownBackend

EXECUTED: list[str] = []


def trap(text: str) -> str:
    """What a forged checkpoint would call."""
    EXECUTED.append(text)
    return text


def interrupted_run(url: str) -> None:
    """A thread that stopped in the node `close`, with finished neighbours behind it."""

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "close":
            raise RuntimeError("the worker stops here")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        with pytest.raises(RuntimeError, match="stops here"):
            graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_newest_checkpoint_damaged_costs_only_that_checkpoint(
    backend: str, fresh_url: Callable[[str], str]
) -> None:
    url = fresh_url(backend)
    interrupted_run(url)
    rows = Stored(url)
    table, column = ("checkpoints", "metadata")
    row, before = rows.cells(table, column, "order")[-1]
    assert before
    assert rows.overwrite(table, column, row, before.replace(b'"loop"', b'"lo0p"'))
    ran: list[str] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        with pytest.raises(CheckpointCorrupted, match="seal does not match"):
            graph.get_state(thread("order"))
        report = recover(checkpointer, "order")
        assert [item.part for item in report.damaged] == ["checkpoint"]
        assert report.resumes_from is not None
        assert checkpointer.rows.aside()
        graph.invoke(None, thread("order"), durability="sync")
    # The damaged one came after pack and notify; their writes are kept with its parent.
    assert ran == ["close"]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_damaged_pending_writes_cost_only_their_own_task(
    backend: str, fresh_url: Callable[[str], str]
) -> None:
    url = fresh_url(backend)

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "notify":
            raise RuntimeError("the worker stops here")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        with pytest.raises(RuntimeError):
            graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")
        newest = checkpointer.rows.index("order")[0]
    rows = Stored(url)
    table, column = ("checkpoint_writes", "blob") if rows.postgres else ("writes", "value")
    ids = rows.cells(table, "checkpoint_id", "order")
    for (row, before), (_, its) in zip(rows.cells(table, column, "order"), ids, strict=True):
        if its == newest.checkpoint_id.encode():
            assert before
            assert rows.overwrite(table, column, row, before[:-1] + bytes([before[-1] ^ 1]))
    ran: list[str] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        report = recover(checkpointer, "order")
        assert {item.part for item in report.damaged} == {"writes"}
        assert report.resumes_from == newest.checkpoint_id
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        assert sorted(graph.invoke(None, thread("order"))["log"]) == sorted(NODES)
    assert sorted(ran) == ["close", "notify", "pack"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_changed_bytes_pass_the_seal(data: st.DataObject) -> None:
    sealer = Sealer()
    value = {"log": ["check"], "total": 4200, "deep": [{"a": None}, b"\x00\xff", 1.5]}
    stored = sealer.seal(value, "order", "", "log", 1)
    assert sealer.unseal(stored, "order", "", "log", 1) == value
    change = data.draw(st.sampled_from(["flip", "cut", "grow", "place", "any"]))
    place = ["order", "", "log", "1"]
    if change == "flip":
        flipped = bytearray(stored)
        flipped[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
        stored = bytes(flipped)
    elif change == "cut":
        stored = stored[: data.draw(st.integers(0, len(stored) - 1))]
    elif change == "grow":
        stored += data.draw(st.binary(min_size=1, max_size=8))
    elif change == "place":
        place[data.draw(st.integers(0, 3))] = data.draw(st.sampled_from(["orde", "log1", "2"]))
    else:
        stored = data.draw(st.binary(max_size=200))
    with pytest.raises(CheckpointCorrupted):
        sealer.unseal(stored, *place)


def forged_payloads() -> list[tuple[str, bytes]]:
    call = ormsgpack.packb([__name__, "trap", "msgpack"])
    forged = ormsgpack.packb(ormsgpack.Ext(0, call))

    class Bomb:
        def __reduce__(self) -> tuple[Callable[[str], str], tuple[str]]:
            return trap, ("pickle",)

    return [("msgpack", forged), ("pickle", pickle.dumps(Bomb()))]


@pytest.mark.parametrize(("kind", "payload"), forged_payloads())
def test_code_in_a_forged_checkpoint_never_runs(kind: str, payload: bytes, shared_url: str) -> None:
    EXECUTED.clear()
    interrupted_run(shared_url)
    rows = Stored(shared_url)
    (table, column), writes = (
        (("checkpoint_blobs", "blob"), ("checkpoint_writes", "blob"))
        if rows.postgres
        else (("checkpoints", "checkpoint"), ("writes", "value"))
    )
    forger = Sealer()  # the forger can compute a plain checksum
    body = ormsgpack.packb(["", kind, payload, None])
    checkpoint, address = newest(rows)
    sealed = forger._digest(address, body) + body
    if not rows.postgres:
        checkpoint["channel_values"]["log"] = sealed
        sealed = ormsgpack.packb(checkpoint)
    for forged, name in ((payload, kind), (sealed, "sealed" if rows.postgres else "plain")):
        for target, columns in ((table, column), writes):
            for row, _ in rows.cells(target, columns, "order"):
                rows.overwrite(target, columns, row, forged)
            for row, _ in rows.cells(target, "type", "order"):
                rows.overwrite(target, "type", row, name.encode())
        with open_checkpointer(shared_url) as checkpointer:
            graph = order_graph(checkpointer)
            with pytest.raises((CheckpointCorrupted, StateInvalid)):
                graph.get_state(thread("order"))
    assert EXECUTED == []
    assert sys.modules[__name__].trap is trap


def newest(rows: Stored) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Return the newest checkpoint as it is stored, and the place of its `log`."""
    _, stored = rows.cells("checkpoints", "checkpoint", "order")[-1]
    assert stored
    checkpoint = json.loads(stored) if rows.postgres else ormsgpack.unpackb(stored)
    return checkpoint, ("order", "", "log", checkpoint["channel_versions"]["log"])


def test_the_default_loader_would_have_run_it() -> None:
    """The control: LangGraph's permissive default does call what a checkpoint names."""
    EXECUTED.clear()
    kind, payload = forged_payloads()[0]
    InMemorySaver().serde.loads_typed((kind, payload))
    assert EXECUTED == ["msgpack"]


def test_a_key_finds_forgery_as_well(shared_url: str) -> None:
    with open_checkpointer(shared_url, schema=OrderState, key=b"secret") as checkpointer:
        order_graph(checkpointer).invoke({"order": "order", "log": []}, thread("order"))
        assert inspect(checkpointer, "order") == ()
    with open_checkpointer(shared_url, schema=OrderState, key=b"another") as checkpointer:
        damaged = inspect(checkpointer, "order")
        assert len(damaged) == len(checkpointer.rows.index("order"))


def test_nothing_good_is_left_and_the_thread_starts_anew(shared_url: str) -> None:
    interrupted_run(shared_url)
    rows = Stored(shared_url)
    for row, before in rows.cells("checkpoints", "metadata", "order"):
        assert before
        rows.overwrite("checkpoints", "metadata", row, before.replace(b'"step"', b'"stop"'))
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        report = recover(checkpointer, "order")
        assert report.resumes_from is None
        assert "no good one left" in str(report)
        graph = order_graph(checkpointer)
        assert graph.get_state(thread("order")).values == {}
        final = graph.invoke({"order": "order", "log": []}, thread("order"))
        assert final["note"] == "order closed at 4200"


@pytest.mark.slow
def test_a_flipped_byte_anywhere_in_the_file_never_gives_a_state_that_was_never_saved(
    fresh_url: Callable[[str], str],
) -> None:
    url = fresh_url("sqlite")
    interrupted_run(url)
    path = url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    with open(path, "rb") as file:
        content = file.read()
    with open_checkpointer(url) as checkpointer:
        graph = order_graph(checkpointer)
        saved = [snapshot.values for snapshot in graph.get_state_history(thread("order"))]
    before = stored_rows(path)
    chance = random.Random("file")
    changed = lost = 0
    for number in range(120):
        damaged = bytearray(content)
        place = chance.randrange(len(damaged))
        damaged[place] ^= 1 << chance.randrange(8)
        copy = f"{path}-{number}"
        with open(copy, "wb") as file:
            file.write(damaged)
        try:
            after = stored_rows(copy)
            with open_checkpointer(f"sqlite:///{copy}") as checkpointer:
                found = inspect(checkpointer, "order")
                values = order_graph(checkpointer).get_state(thread("order")).values
        except (CheckpointCorrupted, UnknownBackend, sqlite3.DatabaseError):
            changed += 1
            continue
        if any(after[address] != before[address] for address in after.keys() & before.keys()):
            changed += 1
            assert found, f"byte {place}: not found"
        elif before.keys() - after.keys():  # a row lies elsewhere: see `recover`
            lost += 1
            assert values in [*saved, {}]
        else:
            assert values == saved[0]
    assert changed > 10
    assert changed > lost


def stored_rows(path: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Address -> content of every row, raw."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        kept = connection.execute(
            "SELECT thread_id, checkpoint_ns, checkpoint_id, '', 0, parent_checkpoint_id, type, "
            "checkpoint, metadata FROM checkpoints WHERE thread_id = 'order'"
        ).fetchall()
        written = connection.execute(
            "SELECT thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, value "
            "FROM writes WHERE thread_id = 'order'"
        ).fetchall()
    finally:
        connection.close()
    return {row[:5]: row[5:] for row in [*kept, *written]}


def test_writes_that_changed_places_are_found(shared_url: str) -> None:
    with open_checkpointer(shared_url) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")
    rows = Stored(shared_url)
    name = "checkpoint_writes" if rows.postgres else "writes"
    (row,) = rows.connection.execute(
        f"SELECT checkpoint_id, task_id FROM {name} GROUP BY checkpoint_id, task_id "
        "HAVING count(*) > 1 ORDER BY checkpoint_id DESC LIMIT 1"
    ).fetchall()
    mark = "%s" if rows.postgres else "?"
    rows.connection.execute(
        f"UPDATE {name} SET idx = 8 WHERE idx = 0 AND checkpoint_id = {mark} AND task_id = {mark}",
        row,
    )
    rows.connection.close()
    with open_checkpointer(shared_url) as checkpointer:
        (damage,) = inspect(checkpointer, "order")
        assert damage.part == "writes"


def test_recovery_of_a_healthy_thread_changes_nothing(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"))
        before = checkpointer.rows.index("order")
        assert not recover(checkpointer, "order").damaged
        assert inspect(checkpointer, "order") == ()
        assert checkpointer.rows.index("order") == before
        assert checkpointer.rows.aside() == []
        assert recover(checkpointer, "unknown").resumes_from is None
