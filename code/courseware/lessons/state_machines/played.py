"""Play the care desk: events sent one after another, and the panel of the experiment."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from agent_patterns.machines import Machine, MachineError
from courseware.lessons.state_machines.care import SLOTS
from courseware.widgets import MachineView
from practice_model.server.faults import Fault

DOWN = "the model is down"


def show(now: Any) -> None:
    """Print a snapshot: its state, its question or error, and the events that are possible."""
    asked = (now.question or {}).get("question", now.error)
    print(f"{now.state:<11}{asked:<32} possible: {', '.join(now.legal)}")


def send_all(session: Any, *events: tuple[Any, ...]) -> None:
    """Send events, each with its value if it has one; print the snapshot, or why one is refused."""
    for event, *value in events:
        try:
            show(session.send(event, *value))
        except MachineError as error:
            print(textwrap.fill(str(error), 88, initial_indent="    ", subsequent_indent="    "))


def care_view(
    machine: Machine[Any, Any], graph: Any, practice: Any, answers: Iterable[tuple[str, Any]]
) -> MachineView:
    """Return the panel for a new thread, with a box that takes the model away.

    Args:
        machine: the care desk.
        graph: its compiled graph.
        practice: the practice model, which fails while the box is ticked.
        answers: unattended, the events up to the last answer.
    """

    def model_down(down: bool) -> None:
        practice.clear()
        if down:
            practice.inject(Fault.unavailable(), rate=1.0)  # every request

    *first, last = answers
    script = [*first, (DOWN, True), last, ("approve", None), (DOWN, False)]
    script += [("retry", None), ("correct", {"approach": "refund"})]
    return MachineView(
        machine, graph, "panel", slots=SLOTS, values={"complain": "My pen leaks."},
        switches={DOWN: model_down}, script=script,
    )  # fmt: skip
