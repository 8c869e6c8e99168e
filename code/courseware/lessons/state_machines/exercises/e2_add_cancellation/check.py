"""Check: Add cancellation."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.machines import Machine, MachineError, Transition
from agent_patterns.machines.errors import IllegalTransition, InvalidTable
from courseware.exercises import Wrong, chance, expect
from courseware.lessons.state_machines.care import SLOTS, TABLE, care_machine

ROWS = [row for row in TABLE if row.event != "cancel"]


def check(with_cancel: Callable[[list[Any]], Any]) -> None:
    """Cancel wherever it is possible and wherever it must not be, with answers that are drawn."""
    draw = chance()
    given = list(ROWS)
    rows = with_cancel(given)
    expect(
        isinstance(rows, Sequence),
        "returns-no-rows",
        f"`with_cancel` returned {type(rows).__name__}. Return a list of `Transition`s.",
    )
    for row in rows:
        expect(
            isinstance(row, Transition),
            "returns-no-rows",
            f"The list holds {row!r}, a {type(row).__name__}. Each row is a `Transition`.",
        )
    expect(
        given == ROWS,
        "changes-the-given-rows",
        "`with_cancel` changed the list that it was given, and with it the table that runs"
        " already. Return a new list: `[*rows, …]`.",
    )
    desk = _Desk(list(rows))
    _where_it_is_possible(desk.machine)
    for answers in (0, 1, 2):
        _cancel_after(desk, draw, answers)
    _nothing_is_lost(desk, draw)


class _Desk:
    def __init__(self, rows: list[Any]) -> None:
        self.sent: list[str] = []
        try:
            self.machine = care_machine(self._draft, self._send, rows)
        except InvalidTable as error:
            raise Wrong("table-cannot-work", f"The rows make no machine. {error}") from None
        self.graph = self.machine.compile(InMemorySaver())
        self._number = 0

    def _draft(self, data: dict[str, Any]) -> tuple[str, str]:
        return "drafted", f"We {data['approach']} it, {data['timeline']}."

    def _send(self, data: dict[str, Any]) -> str:
        self.sent.append(data["letter"])
        return "sent"

    def begin(self, draw: random.Random, answers: int) -> Any:
        """Return a new thread with so many answers given."""
        self._number += 1
        session = self.machine.session(self.graph, f"thread {self._number}")
        session.send("complain", f"Order {draw.randrange(1000, 9999)} leaks.")
        for options in list(SLOTS.values())[:answers]:
            session.send("answer", draw.choice(options))
        return session


def _where_it_is_possible(machine: Machine[str, str]) -> None:
    for state, misconception, why in (
        ("acting", "stops-what-is-on-its-way", "the letter is on its way"),
        ("processing", "stops-what-is-on-its-way", "no question waits there"),
        ("error", "hides-an-error", "a cancelled error is one that nobody has seen"),
        ("idle", "cancels-nothing", "there is nothing to cancel"),
    ):
        expect(
            "cancel" not in machine.table.legal(state),
            misconception,
            f"`cancel` is possible in {state!r}, and should not be: {why}.",
        )


def _cancel_after(desk: _Desk, draw: random.Random, answers: int) -> None:
    session = desk.begin(draw, answers)
    before = session.snapshot()
    told = f"After {answers} answer{'' if answers == 1 else 's'}, in {before.state!r},"
    try:
        now = session.send("cancel")
    except IllegalTransition as refused:
        raise Wrong("not-everywhere", f"{told} `cancel` was refused. {refused}") from None
    except MachineError as error:
        raise Wrong("cancel-fails", f"{told} `cancel` raised: {error}") from None
    expect(
        now.state == "idle",
        "leads-elsewhere",
        f"{told} `cancel` led to {now.state!r} and not to 'idle'. {now.error}",
    )
    expect(not desk.sent, "sends-all-the-same", f"{told} `cancel` sent a letter.")
    kept = [slot for slot in (*SLOTS, "letter") if now.data.get(slot)]
    expect(
        not kept,
        "keeps-answers",
        f"{told} `cancel` came, and the desk still knows the {' and the '.join(kept)}. Give"
        " the row an `action=`, the one that `start_over` has.",
    )


def _nothing_is_lost(desk: _Desk, draw: random.Random) -> None:
    session = desk.begin(draw, 2)
    letter = session.snapshot().data["letter"]
    session.send("approve")
    expect(
        desk.sent == [letter],
        "loses-rows",
        f"Without `cancel` the desk should work as before, and sent {desk.sent}.",
    )
    for event, value in (("start_over", None), ("correct", {"approach": "refund"})):
        try:
            desk.begin(draw, 1).send(event, value)
        except IllegalTransition as refused:
            raise Wrong("loses-rows", f"{event!r} was possible before. {refused}") from None
