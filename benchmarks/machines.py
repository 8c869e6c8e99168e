"""What a transition costs, beside a bare graph's step and the same table in another library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypedDict

import statemachine
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.machines import Machine, State, Transition
from benchmarks import Measurement, interleaved


class _Data(TypedDict, total=False):
    note: int


def _machine(saver: Any) -> Callable[[], object]:
    rows = [
        Transition("off", "press", "on", action=lambda data, value: {"note": value}),
        Transition("on", "press", "off", action=lambda data, value: {"note": value}),
        Transition("error", "reset", "off"),
    ]
    states = [State("off"), State("on"), State("error")]
    machine = Machine("switch", _Data, states, rows, error="error")
    session, numbers = machine.session(machine.compile(saver), "1"), count()
    return lambda: session.send("press", next(numbers))


def _bare(saver: Any) -> Callable[[], object]:
    builder: Any = StateGraph(_Data).add_node("step", lambda state: {"note": state["note"]})
    graph = builder.add_edge(START, "step").compile(checkpointer=saver)
    config, numbers = {"configurable": {"thread_id": "1"}}, count()
    return lambda: graph.invoke({"note": next(numbers)}, config, durability="sync")


class _Switch(statemachine.StateChart[Any]):
    off = statemachine.State(initial=True)
    on = statemachine.State()
    press = off.to(on) | on.to(off)


def run(quick: bool = False) -> Sequence[Measurement]:
    """Measure one event between two resting states, by checkpointer."""
    rounds = 20 if quick else 80
    found = []
    switch = _Switch()
    memory = interleaved(
        {"machine": _machine(InMemorySaver()), "bare": _bare(InMemorySaver()),
         "statemachine": switch.press},
        rounds=rounds,
    )  # fmt: skip
    file = f"{Path(tempfile.mkdtemp()).as_posix()}/"
    with (
        SqliteSaver.from_conn_string(f"{file}bare.db") as bare,
        SqliteSaver.from_conn_string(f"{file}own.db") as own,
        open_checkpointer(f"sqlite:///{file}leased.db") as leased,
    ):
        sqlite = interleaved({"bare": _bare(bare), "machine": _machine(own)}, rounds=rounds)
        under_lease = interleaved({"bare": _bare(bare), "leased": _machine(leased)}, rounds=rounds)
    for name, of, work, note in (
        ("one event / a bare graph's step, in memory", memory, "machine", "same checkpoints"),
        ("one event / a bare graph's step, SQLite", sqlite, "machine", "one process at a time"),
        ("one event under a lease / a bare graph's step, SQLite", under_lease, "leased",
         "sealed checkpoints, other processes kept out"),
        ("python-statemachine / a bare graph's step, in memory", memory, "statemachine",
         "stores nothing"),
    ):  # fmt: skip
        found.append(Measurement(name, of[work] / of["bare"], "times", note))
    return found
