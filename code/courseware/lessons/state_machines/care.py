"""The care desk of Marlow & Finch: two questions, a draft, an approval, a letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from agent_patterns.machines import Machine, State, Transition

SLOTS = {
    "approach": ["repair", "replace", "refund"],
    "timeline": ["this week", "this month", "by next month"],
}
"""What has to be known, in this order, and what may be said."""


class Care(TypedDict, total=False):
    """Hold what is known of one complaint."""

    complaint: str
    approach: str | None
    timeline: str | None
    letter: str | None


def missing(data: dict[str, Any]) -> list[str]:
    """Return the slots that are still empty."""
    return [slot for slot in SLOTS if not data.get(slot)]


def ask(data: dict[str, Any]) -> dict[str, Any]:
    """Ask for the first slot that is empty."""
    slot = missing(data)[0]
    return {"question": f"Which {slot} do you prefer?", "options": SLOTS[slot]}


def fits(data: dict[str, Any], value: object) -> bool:
    """Tell whether a value may be said of the slot that is asked for."""
    return value in SLOTS[missing(data)[0]]


def last(data: dict[str, Any], value: object) -> bool:
    """Tell whether an answer fills the last slot."""
    return fits(data, value) and len(missing(data)) == 1


def fill(data: dict[str, Any], value: str) -> dict[str, Any]:
    """Fill the slot that is asked for."""
    return {missing(data)[0]: value}


def corrects(data: dict[str, Any], value: object) -> bool:
    """Tell whether a correction names slots that were filled, and what may be said of them."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(data.get(slot) and said in SLOTS[slot] for slot, said in value.items())
    )


def forget(data: dict[str, Any], value: object = None) -> dict[str, Any]:
    """Forget all answers, and what was made of them."""
    return dict.fromkeys((*SLOTS, "letter"))


def begin(data: dict[str, Any], value: str) -> dict[str, Any]:
    """Take up a complaint; nothing of an earlier one counts."""
    return {**forget(data), "complaint": value}


NEEDS_ANSWER = "one of the options"
NEEDS_CORRECTION = "slots that were answered, such as {'approach': 'refund'}"
TABLE: list[Transition[str, str]] = [
    Transition("idle", "complain", "listening", action=begin),
    Transition("listening", "answer", "processing", last, NEEDS_ANSWER, fill),
    Transition("listening", "answer", "listening", fits, NEEDS_ANSWER, fill),
    Transition("listening", "correct", "listening", corrects, NEEDS_CORRECTION, dict.__or__),
    Transition("waiting", "correct", "processing", corrects, NEEDS_CORRECTION, dict.__or__),
    Transition(["listening", "waiting"], "start_over", "listening", action=forget),
    Transition(["listening", "waiting"], "cancel", "idle", action=forget),
    Transition("processing", "drafted", "waiting", action=lambda data, text: {"letter": text}),
    Transition("waiting", "approve", "acting"),
    Transition("waiting", "reject", "listening", action=forget),
    Transition("acting", "sent", "idle"),
    Transition("error", "retry", "processing", lambda data, _: not missing(data), "all answers"),
    Transition("error", "reset", "idle", action=forget),
]
"""The finished table."""


def review(data: dict[str, Any]) -> dict[str, Any]:
    """Show what the letter promises, and the letter."""
    return {"question": "Send this letter?", "options": ["approve", "reject"], **data}


def care_machine(
    draft: Callable[[dict[str, Any]], Any],
    send: Callable[[dict[str, Any]], Any],
    table: list[Transition[str, str]] = TABLE,
) -> Machine[str, str]:
    """Return the care desk.

    Args:
        draft: writes the letter and returns `("drafted", text)`.
        send: sends it and returns `"sent"`.
        table: its transitions.
    """
    states: list[State[str, str]] = [
        State("idle"),
        State("listening", ask=ask),
        State("processing", run=draft),
        State("waiting", ask=review),
        State("acting", run=send),
        State("error"),
    ]
    return Machine("care desk", Care, states, table, error="error")
