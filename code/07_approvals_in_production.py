"""Approvals in production, in a terminal: refunds at a desk, paid once, safe in a crash.

    python3 course.py run 07                  asks you
    python3 course.py run 07 --script approve reject:"no receipt" edit:12.90
    python3 course.py run 07 --folder shop    goes on where the last run stopped

Small refunds pass, larger ones wait at a desk for Priya, who does the billing.  Stop the program
while it asks, and start it again with the same folder: what waited still waits, and what was
approved but not yet paid is paid, once.  Without a terminal and without a script everything is
rejected.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

try:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import START, StateGraph
    from langgraph.types import Command
    from pydantic import BaseModel, Field
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random
    from typing_extensions import TypedDict

    from agent_patterns.approval import (
        Amount,
        ApprovalDesk,
        ApprovalRuns,
        AutoApproval,
        approve,
        ask,
        edit,
        reject,
    )
    from agent_patterns.approval.errors import ApprovalError
    from agent_patterns.approval.gate import pass_without_asking
    from agent_patterns.approval.protocol import ApprovalRequest, Decision, Review
    from agent_patterns.approval.ticket import Ticket
    from agent_patterns.errors import PatternError
    from courseware.runtime.tracing import stop_tracing
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing}: this Python does not have the course's packages.\n"
        "Start the program in the project's folder with:  python3 course.py run 07"
    )

REFUNDS = {"MF-1042": "12.90", "MF-1061": "129.00", "MF-1077": "64.50", "MF-1090": "1290"}

PATIENT = Retrying(
    retry=retry_if_exception_type(ConnectionError),
    wait=wait_random(0.5, 5),
    stop=stop_after_attempt(5),
    reraise=True,
)
"""Goes on trying while the bank is away; every attempt has the key of the approval."""

HOW = "a (approve), r: why (reject), or e: 12.90 (another amount)"


class RefundArgs(BaseModel):
    """Accept an order of the shop and an amount."""

    order: str = Field(pattern=r"^MF-[0-9]{4}$")
    amount: Amount


class State(TypedDict, total=False):
    """A refund on its way."""

    order: str
    amount: str
    review: Review
    outcome: str


def build_runs(folder: Path, saved: sqlite3.Connection) -> ApprovalRuns:
    """Return the graph, saved in a database, with desk and bank in files of `folder`."""
    desk = ApprovalDesk(
        folder / "desk.sqlite",
        chains={"refund": ["billing"]},
        people={"Priya": ["billing"]},
        args={"refund": RefundArgs},
    )
    policy = AutoApproval({"refund": Decimal("50.00")})

    def request_of(state: State) -> ApprovalRequest:
        return {
            "action": "refund",
            "args": {"order": state["order"], "amount": state["amount"]},
            "requested_by": "support agent",
        }

    def triage(state: State) -> Command[Literal["review", "pay"]]:
        request = request_of(state)
        verdict = policy({"name": request["action"], "args": request["args"]})
        if not verdict.automatic:
            return Command(goto="review")
        review = pass_without_asking(request, verdict, key=state["order"], ledger=desk.ledger)
        return Command(goto="pay", update={"review": review})

    def review(state: State) -> State:
        request, key = request_of(state), state["order"]
        return {"review": ask(request, key=key, ledger=desk.ledger, args=RefundArgs)}

    def pay(state: State) -> State:
        review = state["review"]
        if not review["approved"]:
            return {"outcome": f"not paid: {review['message'] or 'no reason given'}"}
        bank = Bank(folder / "bank.sqlite")
        approved = (review["key"], review["action"], bank.pay)
        return {"outcome": PATIENT(desk.ledger.execute, *approved, repeatable=True)}

    builder = StateGraph(State).add_node(triage).add_node(review).add_node(pay)
    builder.add_edge(START, "triage").add_edge("review", "pay")
    return ApprovalRuns(builder.compile(checkpointer=SqliteSaver(saved)), desk)


class Bank:
    """Pays, once for each idempotency key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pay(self, args: dict[str, Any], key: str) -> str:
        """Pay, unless this key has been paid."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("CREATE TABLE IF NOT EXISTS payments (key TEXT PRIMARY KEY, amount TEXT)")
            db.execute("INSERT OR IGNORE INTO payments VALUES (?, ?)", (key, args["amount"]))
        return f"{args['amount']} euros paid for {args['order']}"


def understood(said: str, ticket: Ticket) -> Decision:
    """Return the decision in what somebody typed.

    Raises:
        ValueError: It is none; the text says how one looks.
    """
    word, _, rest = (part.strip() for part in said.partition(":"))
    if word in ("approve", "a", "yes", "y"):
        return approve()
    if word in ("reject", "r", "no", "n"):
        return reject(rest)
    if word in ("edit", "e") and rest:
        return edit("refund", {**ticket.request["args"], "amount": rest})
    raise ValueError(f"{said.strip()!r} is no answer. Type {HOW}.")


def in_words(decision: Decision) -> str:
    """Return in words how a decision was understood."""
    if decision["type"] == "edit":
        return f"approved with the amount {decision['edited_action']['args']['amount']}"
    if decision["type"] == "reject":
        return f"rejected: {decision['message'] or 'no reason given'}"
    return "approved as it stands"


def answers(script: Iterator[str] | None) -> Iterator[str]:
    """Yield what somebody types; or the script, and then rejections."""
    while script is None:
        yield input(f"  {HOW}? ")
    for said in script:
        print(f"  scripted: {said}")
        yield said
    while True:
        print("  nobody is there")
        yield "reject: nobody was there"


def decide(runs: ApprovalRuns, ticket: Ticket, said: Iterator[str]) -> None:
    """Show one request, ask until there is an answer that holds, and let the run go on."""
    args = ticket.request["args"]
    print(f"{ticket.id}: refund of {args['amount']} euros for order {args['order']}")
    for text in said:
        try:
            decision = understood(text, ticket)
            runs.desk.decide(ticket.id, decision, by="Priya", seen=ticket.digest)
        except ValueError as error:  # no answer, or one that the desk does not accept
            print(f"  {error}")
            continue
        except ApprovalError as error:  # somebody else was faster
            print(f"  {type(error).__name__}: {error}")
        else:
            print(f"  {in_words(decision)}")
        break
    if ticket.source:
        runs.run(ticket.source.thread_id)


def main(arguments: list[str]) -> int:
    """Run the shop for one round of refunds."""
    stop_tracing()
    parser = argparse.ArgumentParser(prog="course.py run 07", description="Refunds that ask first.")
    parser.add_argument("--folder", type=Path, help="where everything is kept")
    parser.add_argument("--script", nargs="*", metavar="ANSWER", help="answers, in order")
    options = parser.parse_args(arguments)
    attended = options.script is None and sys.stdin.isatty()
    script = None if attended else iter(options.script or [])
    folder = options.folder or Path(tempfile.mkdtemp())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"{folder} cannot be a folder: {error.strerror}")
    with closing(sqlite3.connect(folder / "graph.sqlite", check_same_thread=False)) as saved:
        runs = build_runs(folder, saved)
        with closing(runs.desk):
            return work_through(runs, folder, script)


def work_through(runs: ApprovalRuns, folder: Path, script: Iterator[str] | None) -> int:
    """Take up what was left, start what is new, and have Priya decide what waits."""
    for run in runs.work():
        print(f"taken up again: {run.thread_id} is {run.status}")
    for order, amount in REFUNDS.items():
        try:
            runs.start(order, {"order": order, "amount": amount})
        except PatternError:
            continue  # this folder knows the order from an earlier run
    waiting = runs.desk.pending()
    if not waiting:
        print("Nothing waits for a decision.")
    said = answers(script)
    try:
        for ticket in waiting:
            decide(runs, ticket, said)
    except (KeyboardInterrupt, EOFError):
        print(f"\nStopped. To go on:  python3 course.py run 07 --folder {folder}")
        return 130
    print()
    for order in REFUNDS:
        print(f"{order}: {runs.result(order).get('outcome', runs.get(order).status)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
