"""Human in the loop, in a terminal: a refund that asks first and never exceeds what was paid.

    python3 course.py run 05                                    asks you
    python3 course.py run 05 --script approve edit:999999999 edit:12.90

Without a terminal and without a script the refund is rejected.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

try:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import START, StateGraph
    from langgraph.types import Command
    from pydantic import BaseModel, ValidationError, ValidationInfo, field_validator
    from typing_extensions import TypedDict

    from agent_patterns.approval import Amount, ApprovalLedger, approve, ask, edit, reject
    from agent_patterns.approval.protocol import Decision, Review
    from courseware.runtime.tracing import stop_tracing
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing}: this Python does not have the course's packages.\n"
        "Start the program in the project's folder with:  python3 course.py run 05"
    )

PAID = {"MF-1042": Decimal("12.90")}
WANTED = {"order": "MF-1042", "amount": "1290"}
HOW = "a (approve), r: why (reject), or e: 12.90 (another amount)"


class RefundArgs(BaseModel):
    """Accept an order of the shop and an amount that was paid for it."""

    order: str
    amount: Amount

    @field_validator("amount")
    @classmethod
    def at_most_what_was_paid(cls, amount: str, info: ValidationInfo) -> str:
        """Refuse more than the customer paid."""
        paid = PAID.get(info.data.get("order", ""), Decimal(0))
        if Decimal(amount) > paid:
            raise ValueError(f"{amount} is more than the {paid} that was paid")
        return amount


class State(TypedDict, total=False):
    """Hold a refund on its way."""

    wanted: dict[str, Any]
    review: Review
    outcome: str


def build(ledger: ApprovalLedger) -> Any:
    """Return the graph that asks, and executes what was approved."""

    def review(state: State) -> State:
        wanted = state["wanted"]
        return {"review": ask({"action": "refund", "args": wanted}, key="refund", ledger=ledger)}

    def execute(state: State) -> State:
        found = state["review"]
        if not found["approved"]:
            return {"outcome": f"nothing paid: {found['message'] or 'no reason given'}"}
        return {"outcome": ledger.execute(found["key"], found["action"], pay)}

    builder = StateGraph(State).add_sequence([review, execute]).add_edge(START, "review")
    return builder.compile(checkpointer=InMemorySaver())


def pay(args: dict[str, Any], key: str) -> str:
    """Say what a bank would do; `key` lets it drop a second payment."""
    return f"{args['amount']} euros paid for {args['order']}"


def understood(said: str) -> Decision | None:
    """Return the decision that somebody typed, or None."""
    word, _, rest = (part.strip() for part in said.partition(":"))
    if word in ("a", "approve"):
        return approve()
    if word in ("r", "reject"):
        return reject(rest)
    return edit("refund", {**WANTED, "amount": rest}) if word in ("e", "edit") and rest else None


def answers(script: list[str] | None) -> Iterator[str]:
    """Yield what somebody types; or the script, and then a rejection."""
    while script is None:
        yield input(f"  {HOW}? ")
    for said in [*script, "reject: nobody was there"]:
        print(f"  scripted: {said}")
        yield said


def main(arguments: list[str]) -> int:
    """Ask about one refund until an answer is accepted."""
    stop_tracing()
    parser = argparse.ArgumentParser(prog="course.py run 05", description="A refund, asked first.")
    parser.add_argument("--script", nargs="*", metavar="ANSWER", help="answers, in order")
    options = parser.parse_args(arguments)
    script = None if options.script is None and sys.stdin.isatty() else options.script or []
    folder = Path(tempfile.mkdtemp())
    graph = build(ApprovalLedger(folder / "ledger.sqlite", args={"refund": RefundArgs}))
    config = {"configurable": {"thread_id": "refund"}}
    graph.invoke({"wanted": WANTED}, config)
    paid = PAID[WANTED["order"]]
    print(f"refund {WANTED['amount']} euros for {WANTED['order']}? {paid} euros were paid")
    try:
        for said in answers(script):
            decision = understood(said)
            if decision is None:
                print(f"  {said.strip()!r} is no answer. Type {HOW}.")
                continue
            try:
                state = graph.invoke(Command(resume=decision), config)
            except ValidationError as error:
                print(f"  refused: {error.errors()[0]['msg'].removeprefix('Value error, ')}")
                continue
            print(state["outcome"])
            break
    except (KeyboardInterrupt, EOFError):
        print("\nStopped. Nothing was paid.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
