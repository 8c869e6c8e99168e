"""The worker of the history test: a module of its own, for the fork server to preload."""

from __future__ import annotations

import json
import operator
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

import psycopg
from langgraph.graph import START, StateGraph

from agent_patterns.approval import ApprovalDesk, ApprovalRuns, ask
from agent_patterns.approval.protocol import Review
from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import EffectLog
from agent_patterns.durable.database import Database, Session, is_transient
from agent_patterns.durable.errors import EffectUncertain
from agent_patterns.errors import PatternError

LEASE = 0.4
"""Seconds; a pause is longer."""


class Order(TypedDict, total=False):
    name: str
    amount: str
    review: Review
    log: Annotated[list[str], operator.add]


class World:
    """What lies outside the database: a bank that honours keys, a mailbox that does not.

    Everything that is asked of them is appended to the history, also what they then drop.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "history"

    def note(self, what: str, **facts: Any) -> None:
        line = json.dumps({"what": what, "pid": os.getpid(), **facts}) + "\n"
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, line.encode())  # one write of a short line: whole, or not at all
        os.close(handle)

    def pay(self, args: dict[str, Any], key: str) -> str:
        self.note("asked", key=key, amount=args["amount"])
        linger()
        try:
            with (self.folder / f"paid-{key}").open("x", encoding="utf-8") as receipt:
                receipt.write(args["amount"])
        except FileExistsError:
            pass  # the key is known: the first payment stands
        linger()
        return f"paid {args['amount']}"

    def send(self, payload: Any, key: str) -> str:
        linger()
        self.note("mailed", key=key)
        linger()
        return "sent"

    def history(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


def linger() -> None:
    """Take a moment in which a fault may strike."""
    threading.Event().wait(random.random() * 0.02)


def open_desk(where: Database | str, clock: Callable[[], float] = time.time) -> ApprovalDesk:
    people = {"Priya": ["billing"], "Pavel": ["billing"]}
    return ApprovalDesk(
        where, chains={"refund": ["billing"]}, people=people, lease=LEASE, clock=clock
    )


def build(checkpointer: SafeCheckpointer, desk: ApprovalDesk, world: World) -> Any:
    """draft -> review (waits for a human) -> pay -> mail -> count."""
    effects = EffectLog(checkpointer.database, lease=LEASE)

    def draft(order: Order) -> Order:
        linger()
        return {"log": ["draft"]}

    def review(order: Order) -> Order:
        request: Any = {"action": "refund", "args": {"amount": order["amount"]}}
        return {"review": ask(request, key="", ledger=desk.ledger), "log": ["review"]}

    def pay(order: Order) -> Order:
        found = order["review"]
        if found["approved"]:
            desk.ledger.execute(found["key"], found["action"], world.pay, repeatable=True)
        return {"log": ["pay"]}

    def mail(order: Order) -> Order:
        try:
            effects.perform(f"mail-{order['name']}", world.send, kind="mail", repeatable=False)
        except EffectUncertain:
            world.note("uncertain", key=f"mail-{order['name']}")
        return {"log": ["mail"]}

    def count(order: Order) -> Order:
        def once(session: Session) -> None:
            if effects.plan_in(session, f"count-{order['name']}", "count"):
                session.run("INSERT INTO counted VALUES (?)", (order["name"],))

        checkpointer.database.transact(once, repeatable=True)
        return {"log": ["count"]}

    builder: Any = StateGraph(Order).add_sequence([draft, review, pay, mail, count])
    return builder.add_edge(START, "draft").compile(checkpointer=checkpointer)


def worker(url: str, folder: str, clock_file: str) -> None:
    """Runs whatever there is to run, until it is killed."""
    world = World(Path(folder))

    def clock() -> float:
        return time.time() + float(Path(clock_file).read_text(encoding="utf-8") or 0)

    with open_checkpointer(url, schema=Order) as checkpointer:
        desk = open_desk(checkpointer.database)
        graph = build(checkpointer, desk, world)
        runs = ApprovalRuns(graph, desk, lease=LEASE, clock=clock)
        while True:
            try:
                for run in runs.work():
                    if run.status == "failed":
                        world.note("failed", thread=run.thread_id, error=run.error)
            except (PatternError, psycopg.Error) as error:
                if not is_transient(error):
                    world.note("error", error=repr(error))
            threading.Event().wait(0.02)
