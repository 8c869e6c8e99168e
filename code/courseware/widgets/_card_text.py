"""Write what waits, and what came of it, as plain text."""

from __future__ import annotations

from typing import Any

from langgraph.types import StateSnapshot

from courseware.widgets._outcome import Card, describe
from courseware.widgets._requests import NOTHING_OFFERED, Ask, Request, read
from courseware.widgets._text import one_line, readable, text_table


def waiting_requests(snapshot: StateSnapshot) -> list[Request]:
    """Return what waits at a state: interrupts, a breakpoint, or a step that failed."""
    requests = [read(interrupt) for interrupt in snapshot.interrupts]
    if requests or not snapshot.next:
        return requests
    checkpoint = str(snapshot.config.get("configurable", {}).get("checkpoint_id", ""))
    failed = {task.name: task.error for task in snapshot.tasks if task.error is not None}
    names = ", ".join(snapshot.next)
    if failed:
        errors = tuple((name, readable(_plain(error))) for name, error in failed.items())
        ask = Ask("retry", f"Try {names} again?", {}, errors, ("approve",))
    else:
        about = (("stands before", names),)
        ask = Ask("breakpoint", f"Go on with {names}?", {}, about, ("approve",))
    return [Request(f"{ask.kind}:{checkpoint}", (ask,))]


def _plain(error: Any) -> Any:
    return describe(error) if isinstance(error, BaseException) else error


def ask_rows(ask: Ask) -> list[tuple[str, Any]]:
    """Return what is known about an ask, as names and values."""
    known = [
        (f"{name}, {label}", value)
        for name, facts in ask.facts.items()
        for label, value in facts.items()
    ]
    options = [("options", [label for label, _ in ask.options])] if ask.options else []
    return [*ask.args.items(), *known, *ask.details, *options]


def ask_text(ask: Ask, indent: str = "  ") -> str:
    """Return an ask as plain text."""
    title = readable(ask.title).replace("\n", f"\n{indent}")
    rows = text_table(ask_rows(ask), indent + "    ")
    return f"{indent}{title}" + (f"\n{rows}" if rows else "")


def told(value: Any) -> str:
    """Return a value of an outcome: a text whole, a structure in words."""
    return value if isinstance(value, str) else one_line(value, 200)


def card_text(card: Card) -> str:
    """Return a card as plain text."""
    lines = [ask_text(ask) for ask in card.request.asks]
    if card.outcome is not None and card.state != "sent":
        lines.append(f"  -> {card.outcome.decided}")
        lines.append(f"     {card.outcome.summary()}")
        if card.outcome.error is None and card.outcome.changes:
            changes = [(name, told(value)) for name, value in card.outcome.changes.items()]
            lines.append(text_table(changes, "       "))
    elif card.state == "waiting":
        offers = dict.fromkeys(kind for ask in card.request.asks for kind in ask.allowed)
        lines.append(f"     offers: {', '.join(offers)}" if offers else f"     {NOTHING_OFFERED}")
    if card.message:
        lines.append(f"     {card.message}")
    return "\n".join(lines)
