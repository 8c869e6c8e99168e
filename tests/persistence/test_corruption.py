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
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from tests.persistence.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.persistence import (
    CheckpointCorrupted,
    Outbox,
    SafeCheckpointer,
    StateInvalid,
    Supervisor,
    UnknownBackend,
    inspect,
    open_checkpointer,
    recover,
)
from agent_patterns.persistence.sealing import SealedSerializer

EXECUTED: list[str] = []


def trap(text: str) -> str:
    """What a forged checkpoint would call."""
    EXECUTED.append(text)
    return text


class Rows:
    """The stored cells of a backend, to be damaged one at a time."""

    # table, column holding bytes or text, condition
    SQLITE = (
        ("checkpoints", "checkpoint"),
        ("checkpoints", "metadata"),
        ("checkpoints", "type"),
        ("checkpoints", "parent_checkpoint_id"),
        ("writes", "value"),
        ("writes", "type"),
        ("writes", "channel"),
        ("writes", "task_id"),
    )
    POSTGRES = (
        ("checkpoint_blobs", "blob"),
        ("checkpoint_blobs", "type"),
        ("checkpoint_blobs", "channel"),
        ("checkpoint_writes", "blob"),
        ("checkpoint_writes", "type"),
        ("checkpoint_writes", "channel"),
        ("checkpoints", "checkpoint"),
        ("checkpoints", "metadata"),
        ("checkpoints", "parent_checkpoint_id"),
    )

    def __init__(self, url: str) -> None:
        self.postgres = url.startswith("postgresql")
        self.connection: Any = (
            psycopg.connect(url, autocommit=True)
            if self.postgres
            else sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        )
        self.columns = self.POSTGRES if self.postgres else self.SQLITE

    def cells(self, table: str, column: str) -> list[tuple[str, bytes]]:
        where = f"WHERE thread_id = 'order' AND {column} IS NOT NULL"
        if self.postgres:
            as_bytes = column if column == "blob" else f"convert_to({column}::text, 'UTF8')"
            rows = self.connection.execute(
                f"SELECT ctid::text, {as_bytes} FROM {table} {where} ORDER BY ctid"
            ).fetchall()
        else:
            rows = self.connection.execute(
                f"SELECT rowid, CAST({column} AS BLOB) FROM {table} {where} ORDER BY rowid"
            ).fetchall()
        return [(str(row), bytes(value)) for row, value in rows if len(value)]

    def overwrite(self, table: str, column: str, row: str, value: bytes) -> bool:
        """Stores other bytes; `False` if the database itself refuses them."""
        if not self.postgres:
            text = column in ("type", "parent_checkpoint_id", "channel", "task_id")
            cast = "CAST(? AS TEXT)" if text else "?"
            try:
                self.connection.execute(
                    f"UPDATE {table} SET {column} = {cast} WHERE rowid = ?", (value, row)
                )
            except sqlite3.IntegrityError:
                return False
            return True
        kind = {"blob": "%s", "checkpoint": "convert_from(%s, 'UTF8')::jsonb"}.get(
            column, "convert_from(%s, 'UTF8')"
        )
        if column == "metadata":
            kind = "convert_from(%s, 'UTF8')::jsonb"
        try:
            self.connection.execute(
                f"UPDATE {table} SET {column} = {kind} WHERE ctid = %s::tid".encode(), (value, row)
            )
        except (psycopg.DataError, psycopg.IntegrityError):
            return False
        return True


def interrupted_run(url: str) -> None:
    """A thread that stopped in the node `close`, with finished neighbours behind it."""

    def during(node: str, state: dict[str, Any]) -> None:
        if node == "close":
            raise RuntimeError("the worker stops here")

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        with pytest.raises(RuntimeError, match="stops here"):
            graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")


def same_meaning(postgres: bool, column: str, before: bytes, after: bytes) -> bool:
    """A flip that leaves the same JSON document is no damage: the database stores the document."""
    if postgres and column in ("checkpoint", "metadata"):
        try:
            return bool(json.loads(before) == json.loads(after))
        except ValueError:
            return False
    return before == after


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_every_flipped_byte_is_found_and_the_run_goes_on(
    backend: str, fresh_url: Callable[[str], str]
) -> None:
    chance = random.Random(f"flip {backend}")
    url = fresh_url(backend)
    rows = Rows(url)
    tried = 0
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        for table, column in rows.columns * 4:
            checkpointer.delete_thread("order")
            interrupted_run(url)
            assert inspect(checkpointer, "order") == ()
            cells = rows.cells(table, column)
            row, before = cells[chance.randrange(len(cells))]
            after = bytearray(before)
            place = chance.randrange(len(after))
            after[place] ^= 1 << chance.randrange(8)
            if same_meaning(rows.postgres, column, before, bytes(after)):
                continue
            if not rows.overwrite(table, column, row, bytes(after)):
                continue  # the database's own types refuse it
            tried += 1
            damaged = inspect(checkpointer, "order")
            assert damaged, f"{table}.{column}, byte {place}: not found"

            supervisor = Supervisor(checkpointer, order_graph)
            supervisor.submit("order", {"order": "order", "log": []})
            run = supervisor.run("order")
            assert run.status == "done"
            assert sorted(run.values["log"]) == sorted(NODES)
            assert run.values["note"] == "order closed at 4200"
            with checkpointer.database.transaction() as session:
                session.run("DELETE FROM agent_runs")
    assert tried > 2 * len(rows.columns)
    rows.connection.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_newest_checkpoint_damaged_costs_only_that_checkpoint(
    backend: str, fresh_url: Callable[[str], str]
) -> None:
    url = fresh_url(backend)
    interrupted_run(url)
    rows = Rows(url)
    table, column = ("checkpoints", "metadata")
    row, before = rows.cells(table, column)[-1]
    assert rows.overwrite(table, column, row, before.replace(b'"loop"', b'"lo0p"'))
    ran: list[str] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        with pytest.raises(CheckpointCorrupted, match="seal does not match"):
            graph.get_state(thread("order"))
        report = recover(checkpointer, "order")
        assert [item.part for item in report.damaged] == ["checkpoint"]
        assert report.resumes_from is not None
        assert checkpointer.storage.set_aside_count("order") >= 1
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
        newest = checkpointer.storage.index("order")[0]
        pending = checkpointer.storage.pending(newest)
        assert pending, "pack has finished and notify has not"
    rows = Rows(url)
    table, column = rows.columns[3] if rows.postgres else rows.columns[4]
    for row, before in rows.cells(table, column):
        if before in [value for _, _, value in pending]:
            rows.overwrite(table, column, row, before[:-1] + bytes([before[-1] ^ 1]))
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
    serializer = SealedSerializer()
    value = {"log": ["check"], "total": 4200, "deep": [{"a": None}, b"\x00\xff", 1.5]}
    kind, stored = serializer.dumps_typed(value)
    assert serializer.loads_typed((kind, stored)) == value
    change = data.draw(st.sampled_from(["flip", "cut", "grow", "kind", "any"]))
    if change == "flip":
        place = data.draw(st.integers(0, len(stored) - 1))
        flipped = bytearray(stored)
        flipped[place] ^= data.draw(st.integers(1, 255))
        stored = bytes(flipped)
    elif change == "cut":
        stored = stored[: data.draw(st.integers(0, len(stored) - 1))]
    elif change == "grow":
        stored += data.draw(st.binary(min_size=1, max_size=8))
    elif change == "kind":
        kind = data.draw(st.sampled_from(["msgpack", "pickle", "json", "empty", "null+blake2b"]))
    else:
        stored = data.draw(st.binary(max_size=200))
    with pytest.raises(CheckpointCorrupted):
        serializer.loads_typed((kind, stored))


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
    rows = Rows(shared_url)
    table = "checkpoint_blobs" if rows.postgres else "checkpoints"
    column = "blob" if rows.postgres else "checkpoint"
    honest = SealedSerializer()  # the forger can compute a plain checksum
    sealed_kind = f"{kind}+blake2b"
    sealed = honest.digest(sealed_kind.encode() + payload) + payload
    for stored, name in ((payload, kind), (sealed, sealed_kind)):
        for row, _ in rows.cells(table, column):
            rows.overwrite(table, column, row, stored)
        for row, _ in rows.cells(table, "type"):
            rows.overwrite(table, "type", row, name.encode())
        with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
            graph = order_graph(checkpointer)
            with pytest.raises((CheckpointCorrupted, StateInvalid)):
                graph.get_state(thread("order"))
    assert EXECUTED == []
    assert sys.modules[__name__].trap is trap


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
        assert len(damaged) == len(checkpointer.storage.index("order"))


def test_nothing_good_is_left_and_the_run_starts_anew_from_its_input(shared_url: str) -> None:
    interrupted_run(shared_url)
    rows = Rows(shared_url)
    for row, before in rows.cells("checkpoints", "metadata"):
        rows.overwrite("checkpoints", "metadata", row, before.replace(b'"step"', b'"stop"'))
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        supervisor = Supervisor(checkpointer, order_graph)
        supervisor.submit("order", {"order": "order", "log": []})
        run = supervisor.run("order")
        assert run.recovery is not None
        assert run.recovery.resumes_from is None
        assert "no good checkpoint left" in str(run.recovery)
        assert run.values["note"] == "order closed at 4200"


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


# table, column, how it is changed: the address of the newest row, or the row itself
ADDRESSES = (
    ("checkpoints", "thread_id = 'orden'"),
    ("checkpoints", "checkpoint_id = '0' || substr(checkpoint_id, 2)"),
    ("checkpoints", ""),
    ("writes", "thread_id = 'orden'"),
    ("writes", "checkpoint_id = '0' || substr(checkpoint_id, 2)"),
    ("writes", ""),
)


@pytest.mark.parametrize(("table", "change"), ADDRESSES)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_row_that_is_gone_costs_steps_and_no_effect(
    table: str, change: str, backend: str, fresh_url: Callable[[str], str]
) -> None:
    url = fresh_url(backend)
    charged: list[str] = []

    def during(outbox: Outbox, failing: bool) -> Callable[[str, dict[str, Any]], None]:
        def node(name: str, state: dict[str, Any]) -> None:
            outbox.perform(f"{name}-order", lambda effect: charged.append(effect.key))
            if failing and name == "notify":
                raise ConnectionError("the worker stops here")

        return node

    def supervisor(checkpointer: SafeCheckpointer, failing: bool) -> Supervisor:
        outbox = Outbox(checkpointer)
        return Supervisor(
            checkpointer, lambda opened: order_graph(opened, during=during(outbox, failing))
        )

    with open_checkpointer(url, schema=OrderState) as checkpointer:
        first = supervisor(checkpointer, True)
        first.submit("order", {"order": "order", "log": []})
        with pytest.raises(ConnectionError):
            first.run("order")
    rows = Rows(url)
    name = f"checkpoint_{table}" if rows.postgres and table == "writes" else table
    newest = f"(SELECT max(checkpoint_id) FROM {name})"
    action = f"UPDATE {name} SET {change}" if change else f"DELETE FROM {name}"
    rows.connection.execute(f"{action} WHERE checkpoint_id = {newest}")
    rows.connection.close()
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        run = supervisor(checkpointer, False).run("order")
        assert run.values["note"] == "order closed at 4200"
        assert sorted(run.values["log"]) == sorted(NODES)
    assert sorted(charged) == sorted(f"{node}-order" for node in NODES)


def test_writes_that_changed_places_are_found(shared_url: str) -> None:
    with open_checkpointer(shared_url) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")
    rows = Rows(shared_url)
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


def quarantined(checkpointer: SafeCheckpointer) -> int:
    return checkpointer.storage.set_aside_count()


def test_recovery_of_a_healthy_thread_changes_nothing(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"))
        before = checkpointer.storage.usage("order")
        report = recover(checkpointer, "order", everything=True)
        assert report.healthy
        assert report.checked == before.checkpoints
        assert checkpointer.storage.usage("order") == before
        assert quarantined(checkpointer) == 0
        assert recover(checkpointer, "unknown").resumes_from is None
