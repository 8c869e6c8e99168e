"""A recovery recovers: the thread can be loaded whole afterwards, whatever was damaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels import DeltaChannel
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.checkpoints.stored import Stored, inspect
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import CheckpointCorrupted, open_checkpointer, recover
from agent_patterns.durable.errors import LeaseLost

pytestmark = pytest.mark.filterwarnings("ignore:.*DeltaChannel")


def run(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"), durability="sync")


@pytest.mark.parametrize("column", ["checkpoint_id", "checkpoint_ns", "parent_checkpoint_id"])
@pytest.mark.parametrize("changed", [b"\xb1f0", b"zzz\xff", b"", b"\xff\xfe"])
def test_a_row_whose_key_has_a_high_bit_is_really_set_aside(
    column: str, changed: bytes, shared_url: str
) -> None:
    """Its text cannot even be decoded, so no row matches what was decoded of it."""
    run(shared_url)
    stored = Stored(shared_url)
    row, before = stored.cells("checkpoints", column, "order")[-1]
    assert before is not None
    if not stored.overwrite("checkpoints", column, row, changed + before[len(changed) :]):
        return  # PostgreSQL refuses what is no UTF-8
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        rows = len(checkpointer.rows.index("order"))
        report = recover(checkpointer, "order")
        if not report.damaged:
            assert changed == b""  # nothing has changed
            return
        assert len(checkpointer.rows.index("order")) == rows - len(report.damaged)
        assert {item.source for item in checkpointer.rows.aside()} >= {"checkpoints"}
        graph = order_graph(checkpointer)
        assert graph.get_state(thread("order")).values["order"] == "order"
        assert sorted(graph.invoke(None, thread("order"))["log"]) == sorted(NODES)
        assert inspect(checkpointer, "order") == ()


def test_what_cannot_be_set_aside_is_not_reported_as_set_aside(
    shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(shared_url)
    stored = Stored(shared_url)
    row, before = stored.cells("checkpoints", "metadata", "order")[-1]
    assert before
    stored.overwrite("checkpoints", "metadata", row, before.replace(b'"step"', b'"stop"'))
    with open_checkpointer(shared_url) as checkpointer:
        monkeypatch.setattr(checkpointer.rows, "_at", lambda entry: ("1 = 0", ()))
        with pytest.raises(CheckpointCorrupted, match="could not be found to be set aside"):
            recover(checkpointer, "order")


def test_a_worker_that_has_lost_its_thread_sets_nothing_aside(shared_url: str) -> None:
    run(shared_url)
    stored = Stored(shared_url)
    row, before = stored.cells("checkpoints", "metadata", "order")[-1]
    assert before
    stored.overwrite("checkpoints", "metadata", row, before.replace(b'"step"', b'"stop"'))
    transactions: list[Any] = []

    def check(session: Any) -> None:
        transactions.append(session)
        if len(transactions) > 1:  # taken over after it has read the index
            raise LeaseLost("Thread 'order'")

    with open_checkpointer(shared_url) as checkpointer:
        with pytest.raises(LeaseLost):
            recover(checkpointer.fenced(check), "order")
        assert checkpointer.rows.aside() == []
        assert recover(checkpointer, "order").damaged


@pytest.mark.parametrize("null", [None, b"null"])
@pytest.mark.parametrize("column", ["metadata", "checkpoint", "type", "parent_checkpoint_id"])
def test_null_is_damage_like_any_other(column: str, null: bytes | None, shared_url: str) -> None:
    run(shared_url)
    stored = Stored(shared_url)
    row, _ = stored.cells("checkpoints", column, "order")[-1]
    if not stored.overwrite("checkpoints", column, row, null):
        return  # PostgreSQL's own constraint
    with open_checkpointer(shared_url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        if stored.postgres and column == "type":  # which PostgreSQL's saver does not use
            assert graph.get_state(thread("order")).values["total"] == 4200
            return
        with pytest.raises(CheckpointCorrupted):
            graph.get_state(thread("order"))
        with pytest.raises(CheckpointCorrupted):
            list(graph.get_state_history(thread("order")))
        assert recover(checkpointer, "order").damaged
        assert graph.invoke(None, thread("order"))["note"] == "order closed at 4200"


def gather(old: list[str] | None, new: Sequence[list[str]]) -> list[str]:
    return [*(old or []), *(item for items in new for item in items)]


class Growing(TypedDict):
    log: Annotated[list[str], DeltaChannel(gather)]
    count: int


def growing_graph(checkpointer: Any) -> Any:
    """Two nodes in parallel and one after them, each of which adds to the log."""
    builder = StateGraph(Growing)
    for name in ("first", "beside", "second"):
        builder.add_node(name, lambda state, name=name: {"log": [name]})
    builder.add_edge(START, "first")
    builder.add_edge(START, "beside")
    builder.add_edge(["first", "beside"], "second")
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_a_healthy_chain_is_healthy(durability: Any, url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = growing_graph(checkpointer)
        for turn in range(3):
            graph.invoke(
                {"log": [f"turn {turn}"], "count": turn}, thread("d"), durability=durability
            )
        config = graph.update_state(thread("d"), {"log": ["by hand"]})
        await graph.ainvoke({"log": ["async"], "count": 4}, config, durability=durability)
        state = graph.get_state(thread("d"))
        assert state.values["log"].count("second") == 4
        assert "by hand" in state.values["log"]
        assert inspect(checkpointer, "d") == ()
        assert not recover(checkpointer, "d").damaged
        checkpointer.copy_thread("d", "copy")
        assert graph.get_state(thread("copy")).values == state.values
        past = list(graph.get_state_history(thread("d")))[3]
        fork = graph.update_state(past.config, {"log": ["forked"]})
        assert graph.get_state(fork).values["log"] == [*past.values["log"], "forked"]
        assert inspect(checkpointer, "d") == ()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE {writes} SET {value} = ? WHERE checkpoint_id = ? AND channel = 'log'",
        "DELETE FROM {writes} WHERE checkpoint_id = ? AND channel = 'log'",
        "DELETE FROM checkpoints WHERE checkpoint_id = ?",
        "UPDATE checkpoints SET parent_checkpoint_id = NULL WHERE checkpoint_id = ?",
    ],
)
def test_a_checkpoint_whose_older_ones_are_damaged_is_not_good(
    damage: str, shared_url: str
) -> None:
    with open_checkpointer(shared_url) as checkpointer:
        graph = growing_graph(checkpointer)
        for turn in range(2):
            graph.invoke({"log": [f"turn {turn}"], "count": turn}, thread("d"), durability="sync")
        saved = [state.values for state in graph.get_state_history(thread("d"))]
        entry = checkpointer.rows.index("d")[5]  # with the write of the first turn's `second`
    stored = Stored(shared_url)
    sql = damage.format(
        writes="checkpoint_writes" if stored.postgres else "writes",
        value="blob" if stored.postgres else "value",
    )
    stored.run(sql, *([b"x"] * ("= ? WHERE" in sql)), entry.checkpoint_id)
    with open_checkpointer(shared_url) as checkpointer:
        graph = growing_graph(checkpointer)
        with pytest.raises(CheckpointCorrupted):
            graph.get_state(thread("d"))
        report = recover(checkpointer, "d")
        assert report.damaged
        state = graph.get_state(thread("d"))
        assert state.values in saved[4:]
        assert not recover(checkpointer, "d").damaged
        graph.invoke(None, thread("d"))
        assert graph.get_state(thread("d")).values["log"].count("second") >= 1


def test_another_threads_answer_to_an_interrupt_is_no_answer(shared_url: str) -> None:
    """All answers are stored under one task id, so only their place tells them apart."""

    class Asked(TypedDict, total=False):
        amount: str

    def ask(state: Asked) -> Asked:
        return {"amount": interrupt("how much?")}

    def fail(state: Asked) -> Asked:
        raise ConnectionError

    builder = StateGraph(Asked).add_node(ask).add_node(fail).add_edge(START, "ask")
    builder.add_edge(START, "fail")
    with open_checkpointer(shared_url) as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
        for name, answer in (("victim", "450"), ("donor", "45000")):
            with pytest.raises(ConnectionError):
                graph.invoke({}, thread(name), durability="sync")
            with pytest.raises(ConnectionError):
                graph.invoke(Command(resume=answer), thread(name), durability="sync")
        stored = Stored(shared_url)
        table, value = ("checkpoint_writes", "blob") if stored.postgres else ("writes", "value")
        stored.run(
            f"UPDATE {table} SET {value} = (SELECT {value} FROM {table} WHERE channel = "
            "'__resume__' AND thread_id = 'donor' LIMIT 1) WHERE channel = '__resume__' "
            "AND thread_id = 'victim'"
        )
        with pytest.raises(CheckpointCorrupted):
            graph.get_state(thread("victim"))
        (damage,) = recover(checkpointer, "victim").damaged
        assert damage.part == "writes"
