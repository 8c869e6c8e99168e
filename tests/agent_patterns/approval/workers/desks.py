"""The desk and the graph that the tests' processes share."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalRuns, ask
from agent_patterns.approval.protocol import Review

CHAINS = {"refund": ["billing"], "deploy": ["technical", "security"]}
PEOPLE = {
    "Priya": ["billing"],
    "Pavel": ["billing"],
    "Jonas": ["technical"],
    "Sofia": ["security"],
    "Ines": ["owner", "technical", "security"],
}


def open_desk(path: Path | str, **options: Any) -> ApprovalDesk:
    return ApprovalDesk(path, chains=CHAINS, people=PEOPLE, **options)


def say(text: str) -> None:
    print(text, flush=True)


def hear() -> None:
    sys.stdin.readline()


def pay(outbox: Path, args: dict[str, Any], key: str) -> str:
    """A payment service that drops a second request with the same key."""
    with closing(sqlite3.connect(outbox, timeout=30, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS payments (key TEXT PRIMARY KEY, amount TEXT, tries INTEGER)"
        )
        connection.execute(
            "INSERT INTO payments VALUES (?, ?, 1)"
            " ON CONFLICT (key) DO UPDATE SET tries = tries + 1",
            (key, args["amount"]),
        )
    return f"paid {args['amount']}"


def payments(outbox: Path) -> list[tuple[str, str, int]]:
    if not outbox.exists():
        return []
    with closing(sqlite3.connect(outbox)) as connection:
        return connection.execute("SELECT key, amount, tries FROM payments").fetchall()


class State(TypedDict, total=False):
    amount: str
    review: Review
    outcome: str


def open_runs(folder: Path, **options: Any) -> ApprovalRuns:
    desk = open_desk(folder / "desk.sqlite")
    saver = SqliteSaver(sqlite3.connect(folder / "graph.sqlite", check_same_thread=False))

    def review(state: State) -> State:
        request = {"action": "refund", "args": {"amount": state["amount"]}}
        return {"review": ask(request, key="unused", ledger=desk.ledger)}

    def execute(state: State) -> State:
        found = state["review"]
        if not found["approved"]:
            return {"outcome": f"refused: {found['message']}"}

        def effect(args: dict[str, Any], key: str) -> str:
            return pay(folder / "payments.sqlite", args, key)

        return {
            "outcome": desk.ledger.execute(found["key"], found["action"], effect, repeatable=True)
        }

    graph = (
        StateGraph(State)
        .add_node("review", review)
        .add_node("execute", execute)
        .add_edge(START, "review")
        .add_edge("review", "execute")
        .add_edge("execute", END)
        .compile(checkpointer=saver)
    )
    return ApprovalRuns(graph, desk, **options)
