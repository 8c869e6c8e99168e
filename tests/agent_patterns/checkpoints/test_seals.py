"""What is healthy verifies, whatever it went through; a wrong key is not taken for damage."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg.types.json import Jsonb
from tests.agent_patterns.checkpoints.stored import inspect
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import StateInvalid, open_checkpointer, recover
from agent_patterns.checkpoints.errors import NotSealed, SealKeyMismatch
from agent_patterns.checkpoints.integrity.sealing import Sealer, canonical

ORDER = {"order": "order", "log": []}


def fail_in_close(node: str, state: dict[str, Any]) -> None:
    if node == "close":
        raise ConnectionError("the worker stops here")


def run_half(checkpointer: Any) -> None:
    with pytest.raises(ConnectionError):
        order_graph(checkpointer, during=fail_in_close).invoke(
            ORDER, thread("order"), durability="sync"
        )


@pytest.mark.parametrize(
    ("saved", "opened"), [(b"one", b"another"), (b"one", None), (None, b"another")]
)
def test_a_worker_with_another_key_sets_nothing_aside(
    saved: bytes | None, opened: bytes | None, shared_url: str
) -> None:
    with open_checkpointer(shared_url, schema=OrderState, key=saved) as checkpointer:
        run_half(checkpointer)
        before = checkpointer.rows.index("order")
    with open_checkpointer(shared_url, schema=OrderState, key=opened) as checkpointer:
        for _ in range(2):
            with pytest.raises(SealKeyMismatch, match=r"cannot be verified.*key="):
                recover(checkpointer, "order")
        with pytest.raises(SealKeyMismatch):
            order_graph(checkpointer).get_state(thread("order"))
        assert len(inspect(checkpointer, "order")) == len(before)
        assert checkpointer.rows.aside() == []
    ran: list[str] = []
    with open_checkpointer(shared_url, schema=OrderState, key=saved) as checkpointer:
        assert checkpointer.rows.index("order") == before
        graph = order_graph(checkpointer, during=lambda node, state: ran.append(node))
        assert sorted(graph.invoke(None, thread("order"))["log"]) == sorted(NODES)
    assert ran == ["close"]


def test_what_is_stored_beside_the_checkpoints_is_sealed_as_well() -> None:
    stored = Sealer(key=b"one").dumps_typed(ORDER)
    assert Sealer(key=b"one").loads_typed(stored) == ORDER
    with pytest.raises(SealKeyMismatch):
        Sealer(key=b"another").loads_typed(stored)


def test_a_thread_of_langgraphs_own_saver_is_left_to_it(shared_url: str) -> None:
    plain: Any = SqliteSaver if shared_url.startswith("sqlite") else PostgresSaver
    place = shared_url.removeprefix("sqlite:///")
    with plain.from_conn_string(place) as saver:
        saver.setup()
        run_half(saver)
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        with pytest.raises(NotSealed, match=r"cannot be verified.*checkpointer that saved it"):
            recover(checkpointer, "order")
        assert checkpointer.rows.aside() == []
    with plain.from_conn_string(place) as saver:
        assert sorted(order_graph(saver).invoke(None, thread("order"))["log"]) == sorted(NODES)


def test_one_checkpoint_under_another_key_among_good_ones_is_set_aside(shared_url: str) -> None:
    with open_checkpointer(shared_url, key=b"one") as checkpointer:
        run_half(checkpointer)
        newest = checkpointer.rows.index("order")[0]
    with open_checkpointer(shared_url, key=b"another") as forger:
        order_graph(forger).update_state(thread("order-2"), {"total": 1}, as_node="check")
        with forger.database.transaction() as session:
            session.run(
                "UPDATE checkpoints SET metadata = (SELECT metadata FROM checkpoints WHERE "
                "thread_id = 'order-2') WHERE checkpoint_id = ?",
                (newest.checkpoint_id,),
            )
    with open_checkpointer(shared_url, key=b"one") as checkpointer:
        report = recover(checkpointer, "order")
        assert [item.checkpoint_id for item in report.damaged] == [newest.checkpoint_id]


@pytest.mark.parametrize("key", [b"", b"k" * 65])
def test_a_key_that_would_seal_nothing_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="must have 1 to 64"):
        Sealer(key=key)
    assert Sealer(key=b"k" * 64).seal(1)


def test_what_was_set_aside_is_listed_and_sql_takes_it_back(url: str) -> None:
    with open_checkpointer(url, schema=OrderState, key=b"key") as checkpointer:
        graph = order_graph(checkpointer)
        run_half(checkpointer)
        history = list(graph.get_state_history(thread("order")))
        entries = checkpointer.rows.index("order")
        for entry in entries:
            checkpointer.rows.set_writes_aside(entry, None, "by mistake")
            assert checkpointer.rows.remove([entry], "by mistake") == 1
        assert checkpointer.rows.index("order") == []
        listed = checkpointer.rows.aside()
        moved = {item.checkpoint_id for item in listed if item.checkpoint_id}
        assert moved == {entry.checkpoint_id for entry in entries}
        assert {item.reason for item in listed} == {"by mistake"}
        with checkpointer.database.transaction() as session:
            for table in checkpointer.rows.tables:
                names = session.execute(f"SELECT * FROM {table} WHERE 1 = 0", ()).description
                columns = ", ".join(name[0] for name in names)
                held = f"SELECT {columns} FROM quarantined_{table} WHERE thread_id = 'order'"
                session.run(f"INSERT INTO {table} ({columns}) {held}")
        assert checkpointer.rows.index("order") == entries
        assert list(graph.get_state_history(thread("order"))) == history
        assert inspect(checkpointer, "order") == ()


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30)
documents = st.recursive(
    numbers | st.booleans() | st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(numbers | st.booleans(), inner),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents)
def test_a_document_keeps_its_seal_in_a_real_jsonb(postgres: Any, document: Any) -> None:
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        ((back,),) = connection.execute("SELECT %s::jsonb", [Jsonb(document)]).fetchall()
    assert canonical(back) == canonical(document)


@pytest.mark.parametrize("number", [1.7641920001234568e18, 1e308, -1e22, 5e-324, 0.1])
def test_a_large_float_is_no_damage(number: float, url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = order_graph(checkpointer)
        config = {**thread("order"), "metadata": {"share": number, "writes": number}}
        graph.update_state(config, {"order": "order", "total": number}, as_node="check")
        assert graph.get_state(thread("order")).values["total"] == number
        assert inspect(checkpointer, "order") == ()


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), "half \ud83d"])
def test_metadata_that_json_cannot_hold_is_refused_with_its_key(value: Any, url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = order_graph(checkpointer)
        config = {**thread("order"), "metadata": {"who": value}}
        with pytest.raises(StateInvalid, match="metadata who"):
            graph.update_state(config, {"note": "fine"}, as_node="check")
        assert checkpointer.rows.index("order") == []
