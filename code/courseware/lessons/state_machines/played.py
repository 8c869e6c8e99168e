"""Play the care desk: by hand, at random, and in the panel of the experiment."""

from __future__ import annotations

import asyncio
import random
import textwrap
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.machines import MachineError
from courseware.lessons.state_machines.care import SLOTS, care_machine
from courseware.widgets import MachineView
from practice_model.server.faults import Fault

DOWN = "the model is down"
EVENTS = ("complain", "answer", "correct", "approve", "start_over", "retry", "reset")


def talk(message: Callable[[str], str], messages: Sequence[str]) -> None:
    """Print each message with its answer, or with the name of the exception it meets."""
    for text in messages:
        try:
            print(f"{text:<18}", message(text))
        except Exception as error:
            print(f"{text:<18}", type(error).__name__)


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


def slow_session(
    draft: Callable[[dict[str, Any]], Any], send: Callable[[dict[str, Any]], Any], rows: list[Any]
) -> tuple[Any, asyncio.Event]:
    """Return a thread of a desk that takes 0.3 s to draft, and the event that tells it began."""
    at_work = asyncio.Event()

    async def slow_draft(data: dict[str, Any]) -> Any:
        at_work.set()
        await asyncio.sleep(0.3)
        return draft(data)

    desk = care_machine(slow_draft, send, rows)
    return desk.session(desk.compile(open_checkpointer("memory://")), "ben"), at_work


def shaky_desk(rows: list[Any], chance: random.Random, letters: list[str]) -> Any:
    """Return a new thread of a desk whose drafts fail half of the time; it sends to `letters`."""

    def draft(data: dict[str, Any]) -> tuple[str, str]:
        if chance.random() < 0.5:
            raise ConnectionError(DOWN)
        return "drafted", f"We {data['approach']} it."

    def send(data: dict[str, Any]) -> str:
        letters.append(data["letter"])
        return "sent"

    desk = care_machine(draft, send, rows)
    return desk.session(desk.compile(InMemorySaver()), "ida")


def any_event(now: Any, chance: random.Random) -> tuple[str, Any]:
    """Draw an event, mostly one that is possible, and a value for it."""
    event = chance.choice([*EVENTS, *now.legal * 5])
    options = (now.question or {}).get("options", [None])
    return event, {"approach": "refund"} if event == "correct" else chance.choice(options)


def care_view(
    draft: Callable[[dict[str, Any]], Any],
    send: Callable[[dict[str, Any]], Any],
    rows: list[Any],
    practice: Any,
    answers: Sequence[tuple[str, Any]],
) -> MachineView:
    """Return the panel for a new desk, with a box that takes the model away from this desk alone.

    Args:
        draft: writes the letter, by way of the practice model.
        send: sends it.
        rows: the table.
        practice: the practice model, which fails for this desk while the box is ticked.
        answers: unattended, the events up to the last answer.
    """
    down = False

    def switch(ticked: bool) -> None:
        nonlocal down
        down = ticked

    def draft_if_up(data: dict[str, Any]) -> Any:
        with practice.inject(Fault.unavailable(), rate=1.0) if down else nullcontext():
            return draft(data)

    desk = care_machine(draft_if_up, send, rows)
    *first, last = answers
    script = [*first, (DOWN, True), last, ("approve", None), (DOWN, False)]
    script += [("retry", None), ("correct", {"approach": "refund"})]
    return MachineView(
        desk, desk.compile(InMemorySaver()), "panel", slots=SLOTS,
        values={"complain": "My pen leaks."}, switches={DOWN: switch}, script=script,
    )  # fmt: skip
