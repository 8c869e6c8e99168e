"""What is kept of each run: one row, changed in short transactions."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langgraph.types import Command, Interrupt

from agent_patterns.durable.canonical import plain_text
from agent_patterns.durable.database import Session, transacted
from agent_patterns.durable.errors import InvalidInput, LeaseLost, NothingToRun, RunExists
from agent_patterns.durable.leases import Lease, LeasedTable

Status = Literal["queued", "running", "waiting", "done", "failed"]

TABLE = f"""
CREATE TABLE IF NOT EXISTS agent_runs (
    thread_id TEXT PRIMARY KEY,
    {LeasedTable.COLUMNS},
    turn INTEGER NOT NULL DEFAULT 0,
    input TEXT,
    queue TEXT NOT NULL DEFAULT '[]',
    wakes INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    submitted_at DOUBLE PRECISION NOT NULL DEFAULT 0
)"""


@dataclass(frozen=True)
class Run:
    """The state of a run.

    Attributes:
        status: `done`, `waiting` at an interrupt, `failed`; or `queued` or `running`.
        values: The state's values, from `run` and `start`.
        interrupts: What it waits for; each has an `id` and a `value`.
        worked: True if this call ran anything; a run that was done already is not run again.
        error: What a failed run raised.
        lease: The lease it ran under, if it ran.
        recovery: What the checkpointer's `recover` found before it went on, if it has one.
    """

    thread_id: str
    status: Status
    values: Any = None
    interrupts: tuple[Interrupt, ...] = ()
    worked: bool = False
    error: str | None = None
    lease: Lease | None = None
    recovery: Any = None


class RunTable(LeasedTable):
    """The table of runs, of which `Runner` is the driver."""

    table, key, definition = "agent_runs", "thread_id", TABLE

    def __init__(self, where: Any, serde: Any, **options: Any) -> None:
        super().__init__(where, **options)
        self._serde = serde

    def submit(self, thread_id: str, value: Any, *, queue: bool = False) -> None:
        """Queue a run with its input; the input is stored, so no crash loses it.

        If the thread has a run already, `queue` makes this its next turn: at once if it is done,
        else when it is.

        Raises:
            RunExists: The thread has a run, and `queue` is False.
            InvalidInput: The id or the input cannot be stored.
        """
        plain_text(thread_id, "A thread's id")
        stored = self._stored(value)

        def work(session: Session) -> None:
            now = self.now(session)
            if session.changed(
                "INSERT INTO agent_runs (thread_id, status, turn, input, submitted_at) "
                "VALUES (?, 'queued', 1, ?, ?) ON CONFLICT DO NOTHING",
                (thread_id, stored, now),
            ):
                return
            row = self.row(session, thread_id)
            if row.status != "forgotten" and not queue:
                raise RunExists(
                    f"Thread {thread_id!r} has a run, which is {row.status}. Choose another id, "
                    "or make this its next turn with queue=True."
                )
            if row.status in ("done", "forgotten"):
                turn = row.turn + 1 if row.status == "done" else 1
                anew: dict[str, Any] = {"status": "queued", "turn": turn, "input": stored}
                anew |= {"queue": "[]", "error": None, "submitted_at": now}
                self.set(session, thread_id, **anew)
            else:
                self.set(session, thread_id, queue=json.dumps([*json.loads(row.queue), stored]))

        self.database.transact(work)  # not repeatable: the input would be queued twice

    def get(self, thread_id: str) -> Run:
        """Return how a run stands, without its values; raise `NothingToRun` if there is none."""
        rows = self.rows("thread_id = ? AND status <> 'forgotten'", thread_id)
        if not rows:
            raise NothingToRun(f"There is no run {thread_id!r}.")
        return Run(thread_id, rows[0].status, error=rows[0].error)

    @transacted
    def open_runs(self, session: Session) -> list[str]:
        """Return the threads that a worker should take up, oldest first.

        Queued ones, abandoned ones, and those that wait and have been woken; not those that wait
        for a human, have failed, or are in the hands of a living worker.
        """
        rows = session.run(
            "SELECT * FROM agent_runs WHERE status IN ('queued', 'running') "
            "OR (status = 'waiting' AND wakes > seen) ORDER BY submitted_at, thread_id"
        )
        now = self.now(session)
        return [row.thread_id for row in rows if self.is_free(row, now)]

    def claim(self, thread_id: str, *, even_done: bool = False) -> Lease | None:
        """Take the lease of a thread; None if its run is done."""

        def look(session: Session, row: Any, held: bool) -> str | None:
            if row is None or row.status == "forgotten":
                session.run(
                    "INSERT INTO agent_runs (thread_id, status) VALUES (?, 'queued') "
                    "ON CONFLICT (thread_id) DO UPDATE SET status = 'queued', turn = 0, "
                    "input = NULL, queue = '[]'",
                    (thread_id,),
                )
            elif row.status == "done" and not even_done:
                return "done"
            elif not held:
                self.set(session, thread_id, seen=row.wakes)
            return None

        plain_text(thread_id, "A thread's id")
        taken = self.take(thread_id, look)
        return taken if isinstance(taken, Lease) else None

    @transacted
    def next_input(self, session: Session, lease: Lease, turn: int) -> tuple[int, Any] | None:
        """Return the input that follows turn `turn`, with its number; None if there is none."""
        row = self._mine(session, lease)
        if turn == row.turn == 0:
            raise NothingToRun(
                f"Thread {lease.key!r} has no checkpoint and no stored input; "
                "submit(thread_id, input) before running it."
            )
        number, stored, queue = row.turn, row.input, json.loads(row.queue)
        if turn >= number and queue:
            number, stored = number + 1, queue.pop(0)
            self.set(session, lease.key, turn=number, input=stored, queue=json.dumps(queue))
        return (number, self._loaded(stored)) if turn < number else None

    @transacted
    def release(
        self, session: Session, lease: Lease, status: str, error: str | None = None
    ) -> bool:
        """Give a run back; return True if there is something to do about it at once."""
        row = self._mine(session, lease)
        more = status == "done" and row.queue != "[]"
        self.give_back(session, lease, "queued" if more else status, error)
        return more or (status == "waiting" and row.wakes > row.seen)

    @transacted
    def forgotten(self, session: Session, lease: Lease) -> None:
        """Note that a run is deleted; its token lives on, so late workers are still refused."""
        if self.give_back(session, lease, "forgotten", None):
            self.set(session, lease.key, token=lease.token + 1)

    def _mine(self, session: Session, lease: Lease) -> Any:
        row = self.row(session, lease.key)
        if row is None or row.token != lease.token:
            raise LeaseLost(f"Thread {lease.key!r}")
        return row

    def _stored(self, value: Any) -> str:
        try:
            kind, data = self._serde.dumps_typed(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidInput(f"The input cannot be stored: {error}") from error
        return json.dumps([kind, base64.b64encode(data).decode()])

    def _loaded(self, stored: str) -> Any:
        kind, data = json.loads(stored)
        return self._serde.loads_typed((kind, base64.b64decode(data)))


def wake(session: Session, thread_id: str) -> None:
    """Have a waiting run, or one about to wait, taken up again; as part of a transaction."""
    session.run("UPDATE agent_runs SET wakes = wakes + 1 WHERE thread_id = ?", (thread_id,))


_ID = re.compile("[0-9a-f]{32}")


def answers_fit(answer: Command[Any], waiting: Sequence[Interrupt]) -> bool:
    """Tell whether something waits for an answer."""
    given = answer.resume
    if isinstance(given, dict) and given and all(_ID.fullmatch(str(key)) for key in given):
        return set(given) <= {question.id for question in waiting}
    return given is None or bool(waiting)
