"""A table that cannot work is refused with all of its faults; one that can answers questions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.machines import Machine, MachineError, State, Transition
from agent_patterns.machines.errors import IllegalTransition, InvalidTable
from agent_patterns.machines.table import EXCEPTION, Table


class Data(TypedDict, total=False):
    note: str


def yes(data: dict[str, Any], value: Any) -> bool:
    return True


REST = [State("idle"), State("busy"), State("error")]
ROWS = [
    Transition("idle", "go", "busy"),
    Transition("busy", "done", "idle"),
    Transition("error", "reset", "idle"),
]


def table(
    states: Sequence[State[str, str]] = REST,
    rows: Sequence[Transition[str, str]] = ROWS,
    error: str = "error",
) -> Table[str, str]:
    return Table("desk", states, rows, error)


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("it has no states", {"states": []}),
    ("'idle' is the first state, and must rest",
     {"states": [State("idle", ask=str), *REST[1:]]}),
    ("'idle' is the first state, and must rest",
     {"states": [State("idle", run=lambda data: "go"), *REST[1:]]}),
    ("state 'idle' is there twice", {"states": [*REST, State("idle")]}),
    ("event 'go' names 'bsuy', which is no state", {"rows": [Transition("idle", "go", "bsuy")]}),
    ("the error state names 'failed', which is no state", {"error": "failed"}),
    ("event 'go' has no source", {"rows": [*ROWS, Transition([], "go", "busy")]}),
    ("nobody reaches 'attic'", {"states": [*REST, State("attic")],
                               "rows": [*ROWS, Transition("attic", "down", "idle")]}),
    ("from 'busy' no event leads back to 'idle'", {"rows": [ROWS[0], ROWS[2]]}),
    ("from 'error' no event leads back to 'idle'", {"rows": ROWS[:2]}),
    ("'busy' works and asks", {"states": [REST[0], State("busy", run=str, ask=str), REST[2]]}),
    ("'busy' is final, and has", {"states": [REST[0], State("busy", final=True), REST[2]]}),
    ("'error' is the error state and must not work",
     {"states": [*REST[:2], State("error", run=lambda data: "reset")]}),
    ("'go' in 'idle': a row without a guard hides those after it",
     {"rows": [*ROWS, Transition("idle", "go", "idle", guard=yes)]}),
    ("'exception' is the machine's own event",
     {"rows": [*ROWS, Transition("idle", EXCEPTION, "error")]}),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "parts"), BROKEN)
def test_a_table_that_cannot_work_is_refused_before_anything_runs(
    fault: str, parts: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTable) as refused:
        table(**parts)
    assert any(told.startswith(fault) for told in refused.value.faults), refused.value.faults


def test_every_fault_is_told_at_once() -> None:
    rows = [Transition("idle", "go", "bsuy"), Transition("eror", "reset", "idle")]
    with pytest.raises(MachineError, match=r"'bsuy'[^~]*'eror'"):
        table(rows=rows)


def test_two_states_that_only_send_each_other_round_are_a_trap() -> None:
    states = [*REST, State("a"), State("b")]
    rows = [*ROWS, Transition("idle", "in", "a"), *(
        Transition(one, "on", other) for one, other in (("a", "b"), ("b", "a"))
    )]  # fmt: skip
    with pytest.raises(InvalidTable) as refused:
        table(states, rows)
    assert [told.split()[1] for told in refused.value.faults] == ["'a'", "'b'"]


def test_a_final_state_is_an_end_and_no_trap() -> None:
    states = [*REST, State("closed", final=True)]
    made = table(states, [*ROWS, Transition("busy", "close", "closed")])
    assert made.legal("closed") == ()


def test_the_first_row_whose_guard_agrees_is_taken() -> None:
    rows = [
        Transition("idle", "go", "busy", guard=lambda data, value: value > data["limit"]),
        Transition("idle", "go", "idle"),
        *ROWS[1:],
    ]
    made = table(rows=rows)
    assert made.choose("idle", "go", {"limit": 50}, 51).target == "busy"
    assert made.choose("idle", "go", {"limit": 50}, 50).target == "idle"


def test_a_guard_cannot_change_the_data() -> None:
    def spoil(data: dict[str, Any], value: Any) -> bool:
        data["note"] = "spoilt"
        return False

    data = {"note": "kept"}
    made = table(rows=[Transition("idle", "go", "busy", guard=spoil), *ROWS])
    made.choose("idle", "go", data, None)
    assert data == {"note": "kept"}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("done", "'done' is not possible in 'idle'. Possible: go."),
        ("goo", "There is no event 'goo'. Did you mean 'go'? The state is 'idle'. Possible: go."),
        ("", "There is no event ''. The state is 'idle'. Possible: go."),
        (7, "There is no event '7'. The state is 'idle'. Possible: go."),
    ],
)
def test_a_refusal_names_what_is_possible(event: Any, told: str) -> None:
    with pytest.raises(IllegalTransition) as refused:
        table().choose("idle", event, {}, None)
    assert str(refused.value) == told
    assert refused.value.legal == ("go",)


def test_a_refusing_guard_says_what_it_needs() -> None:
    rows = [
        Transition("idle", "go", "busy", guard=lambda data, value: False, needs="a date"),
        *ROWS[1:],
    ]
    with pytest.raises(IllegalTransition, match="'go' is refused in 'idle': it needs a date"):
        table(rows=rows).choose("idle", "go", {}, None)


def test_edges_hold_every_exception_and_nothing_twice() -> None:
    edges = list(table().edges())
    assert ("idle", EXCEPTION, "error") in edges
    assert ("busy", EXCEPTION, "error") in edges
    assert ("error", EXCEPTION, "error") not in edges
    assert len(edges) == len(set(edges)) == 5


@pytest.mark.parametrize("key", ["idle", "machine_state"])
def test_a_key_of_the_data_cannot_be_a_state_or_the_machines_own(key: str) -> None:
    schema: Any = TypedDict("schema", {key: str})  # type: ignore[misc]
    with pytest.raises(InvalidTable, match=f"'{key}' names a key of the data"):
        Machine("desk", schema, REST, ROWS, error="error")


def test_enumerations_are_typed_names_and_stored_as_text() -> None:
    class Place(StrEnum):
        IDLE = "idle"
        BUSY = "busy"
        ERROR = "error"

    class Said(StrEnum):
        GO = "go"
        DONE = "done"
        RESET = "reset"

    rows = [
        Transition(Place.IDLE, Said.GO, Place.BUSY),
        Transition(Place.BUSY, Said.DONE, Place.IDLE),
        Transition([Place.ERROR], Said.RESET, Place.IDLE),
    ]
    machine = Machine("desk", Data, [State(each) for each in Place], rows, error=Place.ERROR)
    graph = machine.compile(InMemorySaver())
    now = machine.session(graph, "1").send(Said.GO)
    assert now.state == Place.BUSY
    assert now.legal == (Said.DONE,)
    stored = graph.get_state({"configurable": {"thread_id": "1"}}).values["machine_state"]
    assert type(stored) is str
    with pytest.raises(IllegalTransition, match="'go' is not possible in 'busy'"):
        machine.session(graph, "1").send(Said.GO)
