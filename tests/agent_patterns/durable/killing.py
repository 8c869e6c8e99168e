"""The worker that the kill test kills: a module of its own, for the fork server to preload."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.agent_patterns.durable.graphs import OrderState, order_graph

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.durable import EffectLog, Runner
from agent_patterns.durable.database import Session


class Ledger:
    """A payment service outside the database that honours idempotency keys.

    One file per key, created exclusively, as such a service keeps one charge per key; and a file
    of all requests, to prove that some were repeated.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def charge(self, key: str, amount: int) -> int:
        with (self.folder / "requests").open("a", encoding="utf-8") as requests:
            requests.write(f"{key}\n")
        try:
            with (self.folder / f"charge-{key}").open("x", encoding="utf-8") as receipt:
                receipt.write(str(amount))
        except FileExistsError:
            pass  # asked again with the same key: the first charge stands
        return amount

    def charged(self) -> list[str]:
        return sorted(path.name.removeprefix("charge-") for path in self.folder.glob("charge-*"))

    def requested(self) -> list[str]:
        return (self.folder / "requests").read_text(encoding="utf-8").split()


def worker(url: str, folder: str, thread_id: str, pipe: Connection, stand_still: bool) -> None:
    """Runs one order to its end, telling through the pipe where it is.

    Args:
        stand_still: wait to be killed between the charge and the note of it.
    """
    ledger = Ledger(Path(folder))
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        effects = EffectLog(checkpointer.database)
        checkpointer.database.create("reserved", "CREATE TABLE IF NOT EXISTS reserved (item TEXT)")

        def charge(amount: int, key: str) -> int:
            ledger.charge(key, amount)
            if stand_still:
                pipe.send(("charged", ""))
                threading.Event().wait()
            return amount

        def reserve(session: Session) -> None:
            if effects.plan_in(session, f"reserve:{thread_id}", "reserve"):
                session.run("INSERT INTO reserved VALUES (?)", (thread_id,))

        def during(node: str, state: dict[str, Any]) -> None:
            pipe.send(("starts", node))
            if node == "reserve":  # a change in this database
                checkpointer.database.transact(reserve, repeatable=True)
            if node == "charge":  # a change outside, by a service with idempotency keys
                effects.perform(f"charge-{thread_id}", charge, state["total"])
            if node == "notify":  # noted now, delivered by a dispatcher later
                effects.plan(f"mail-{thread_id}", "mail", {"order": thread_id})
            pipe.send(("ends", node))

        runner = Runner(order_graph(checkpointer, during=during), lease=60)
        pipe.send(("ready", ""))
        run = runner.run(thread_id)
        effects.deliver({"mail": lambda payload, key: ledger.charge(key, 0)})
        pipe.send(("done", run.values))
