"""What approval costs: an action through the ledger and the desk against two bare transactions."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from agent_patterns.approval import ApprovalDesk, ApprovalLedger, approve
from agent_patterns.approval.protocol import Action, ApprovalRequest
from benchmarks import Measurement, interleaved


def run(quick: bool) -> list[Measurement]:
    """Time one approved action against two committed inserts of the same text into SQLite."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        times = _times(Path(folder), rounds=5 if quick else 40)
    bare = times["bare"]
    note = "against two committed inserts into SQLite"
    return [
        Measurement("approved action through the ledger", times["ledger"] / bare, note=note),
        Measurement("request, approval, action at the desk", times["desk"] / bare, note=note),
    ]


def _times(folder: Path, rounds: int) -> dict[str, float]:
    numbers = itertools.count()
    ledger = ApprovalLedger(folder / "ledger.sqlite")
    desk = ApprovalDesk(
        folder / "desk.sqlite", chains={"refund": ["billing"]}, people={"Priya": ["billing"]}
    )
    bare = folder / "bare.sqlite"

    def transaction(statement: str) -> None:
        with closing(sqlite3.connect(bare, isolation_level=None)) as connection:
            connection.execute(statement, (f"refund {next(numbers)}",) if "?" in statement else ())

    transaction("CREATE TABLE actions (text TEXT)")

    def two_inserts() -> None:
        for _ in range(2):
            transaction("INSERT INTO actions VALUES (?)")

    def through_the_ledger() -> None:
        key = f"key {next(numbers)}"
        action: Action = {"name": "refund", "args": {"amount": "12.90"}}
        ledger.record(key, action)
        ledger.execute(key, action, lambda args, _: args["amount"])

    def through_the_desk() -> None:
        request: ApprovalRequest = {"action": "refund", "args": {"amount": "12.90"}}
        ticket = desk.decide(desk.submit(request).id, approve(), by="Priya")
        desk.ledger.execute(ticket.id, ticket.action, lambda args, _: args["amount"])

    variants = {"bare": two_inserts, "ledger": through_the_ledger, "desk": through_the_desk}
    return interleaved(variants, rounds=rounds)
