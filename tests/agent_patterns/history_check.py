"""Whether a recorded history is one that was promised, whatever faults struck."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

NODES = ["draft", "review", "pay", "mail", "count"]


@dataclass(frozen=True)
class Outcome:
    """What is left of one order in the end.

    Attributes:
        name: The order.
        log: The nodes in its state.
        ticket: The request that it put at the desk.
        decision: The decision that the desk has recorded, as type and amount.
        paid: What the bank has paid under the ticket's key; None for nothing.
        counted: How often it is in the table of counted orders.
        mail: The status of its mail in the log of effects.
    """

    name: str
    log: list[str]
    ticket: str
    decision: tuple[str, str]
    paid: str | None
    counted: int
    mail: str


def problems(history: list[dict[str, Any]], outcomes: list[Outcome]) -> list[str]:
    """Everything in a history that breaks a promise."""
    found = []
    won = Counter(event["ticket"] for event in history if event["what"] == "decided")
    mailed = Counter(event["key"] for event in history if event["what"] == "mailed")
    asked: dict[str, list[tuple[int, str]]] = {}
    decided = {e["ticket"]: n for n, e in enumerate(history) if e["what"] == "deciding"}
    for number, event in enumerate(history):
        if event["what"] == "asked":
            asked.setdefault(event["key"], []).append((number, event["amount"]))
        if event["what"] in ("failed", "error"):
            found.append(f"{event['what']}: {event.get('error')}")
    for each in outcomes:
        kind, amount = each.decision
        requests = asked.pop(each.ticket, [])
        if each.log != NODES:
            found.append(f"{each.name}: its state holds {each.log}")
        if won[each.ticket] != 1:
            found.append(f"{each.ticket}: {won[each.ticket]} decisions won")
        if each.counted != 1:
            found.append(f"{each.name}: counted {each.counted} times")
        if each.paid != (amount if kind != "reject" else None):
            found.append(f"{each.ticket}: {kind} {amount}, and the bank has paid {each.paid}")
        for when, sum_asked in requests:
            if kind == "reject" or sum_asked != amount:
                found.append(f"{each.ticket}: {kind} {amount}, and the bank was asked {sum_asked}")
            if when < decided.get(each.ticket, len(history)):
                found.append(f"{each.ticket}: the bank was asked before anybody decided")
        times = mailed[f"mail-{each.name}"]
        if times > 1 or (each.mail == "done" and times != 1):
            found.append(f"{each.name}: mailed {times} times, and it is {each.mail}")
    found += [f"{key}: the bank was asked, and there is no such order" for key in asked]
    return found
