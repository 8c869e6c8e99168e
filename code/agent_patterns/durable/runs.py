"""A run: its row, changed in short transactions, and its turns, the calls of its graph."""

from __future__ import annotations

import base64
import copy
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import id as ids
from langgraph.types import Command, Interrupt

from agent_patterns.driving import Call, Steps, adriven, driven
from agent_patterns.durable import errors
from agent_patterns.durable.canonical import plain_text
from agent_patterns.durable.database import Database, Session, is_transient, transacted
from agent_patterns.durable.leases import Holder, Lease, LeasedTable
from agent_patterns.errors import PatternError

TURN = "agent_run_turn"
"""Key in a checkpoint's metadata: the number of the input that it comes from."""
_ID = re.compile("[0-9a-f]{32}")
Status = Literal["queued", "running", "waiting", "done", "failed"]


@dataclass(frozen=True)
class Run:
    """The state of a run.

    Attributes:
        status: `done`, `waiting` at an interrupt, `failed`; or `queued` or `running`.
        values: The state's values, from `run` and `start`.
        interrupts: What it waits for; each has an `id` and a `value`.
        worked: True if this call ran anything; a run that was done already is not run again.
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

    table, key = "agent_runs", "thread_id"
    definition = f"""
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

    def __init__(self, where: Any, serde: Any, **options: Any) -> None:
        super().__init__(where, **options)
        self._serde = serde

    def submit(self, thread_id: str, value: Any, *, queue: bool = False) -> None:
        """Queue a run with its input; the input is stored, so no crash loses it.

        If the thread has a run already, `queue` makes this its next turn, once it is done.

        Raises:
            RunExists: The thread has a run, and `queue` is False.
            InvalidInput: The id or the input cannot be stored.
        """
        stored = self._stored(value)

        def work(session: Session) -> None:
            row = self._row(session, thread_id)
            if row.status != "forgotten" and not queue:
                raise errors.RunExists(
                    f"Thread {thread_id!r} has a run, which is {row.status}. Choose another id, "
                    "or make this its next turn with queue=True."
                )
            if row.status in ("done", "forgotten"):
                begun = {"status": "queued", "submitted_at": self.now(session), "error": None}
                self.set(session, thread_id, turn=row.turn + 1, input=stored, **begun)
            else:
                self.set(session, thread_id, queue=json.dumps([*json.loads(row.queue), stored]))

        self.database.transact(work)  # not repeatable: the input would be queued twice

    def get(self, thread_id: str) -> Run:
        """Return how a run stands, without its values; raise `NothingToRun` if there is none."""
        rows = self.rows("thread_id = ? AND status <> 'forgotten'", thread_id)
        if not rows:
            raise errors.NothingToRun(f"There is no run {thread_id!r}.")
        return Run(thread_id, rows[0].status, error=rows[0].error)

    @transacted
    def open_runs(self, session: Session) -> list[str]:
        """Return the threads that are queued, abandoned, or woken from waiting, oldest first."""
        rows = session.run(
            "SELECT * FROM agent_runs WHERE status IN ('queued', 'running') "
            "OR (status = 'waiting' AND wakes > seen) ORDER BY submitted_at, thread_id"
        )
        now = self.now(session)
        return [row.thread_id for row in rows if self.is_free(session, row, now)]

    def claim(self, thread_id: str, *, even_done: bool = False) -> Lease | None:
        """Take the lease of a thread; None if its run is done."""

        def work(session: Session, holder: Holder) -> Lease | errors.LeaseHeld | None:
            row = self._row(session, thread_id)
            if row.status == "done" and not even_done:
                return None
            return self.take(session, row, holder, seen=row.wakes)

        return self.leased(work)

    @transacted
    def next_input(self, session: Session, lease: Lease, turn: int) -> tuple[int, Any] | None:
        """Return the input that follows turn `turn`, with its number; None if there is none."""
        row = self._mine(session, lease)
        number, stored, queue = row.turn, row.input, json.loads(row.queue)
        if turn >= number and queue:
            number, stored = number + 1, queue.pop(0)
            self.set(session, lease.key, turn=number, input=stored, queue=json.dumps(queue))
        if turn == number == 0:
            raise errors.NothingToRun(
                f"Thread {lease.key!r} has no checkpoint and no stored input; "
                "submit(thread_id, input) before running it."
            )
        return (number, self._loaded(stored)) if turn < number else None

    @transacted
    def release(self, session: Session, lease: Lease, status: str) -> bool:
        """Give a run back; return True if there is something to do about it at once."""
        row = self._mine(session, lease)
        more = status == "done" and row.queue != "[]"
        self.give_back(session, lease, "queued" if more else status)
        return more or (status == "waiting" and row.wakes > row.seen)

    @transacted
    def forgotten(self, session: Session, lease: Lease) -> None:
        """Note that a run is deleted; its token lives on, so late workers are still refused."""
        if self.give_back(session, lease, "forgotten"):
            anew = {"turn": 0, "input": None, "queue": "[]"}
            self.set(session, lease.key, token=lease.token + 1, **anew)

    def answers(self, thread_id: str, state: Any) -> dict[str, Any]:
        """Return answers that are there already, by interrupt id; `ApprovalRuns` asks people."""
        return {}

    def turns(self, graph: Any, lease: Lease, resume: Any) -> Steps[tuple[Status, Any]]:
        """Take turns; and again from the last checkpoint if the database cut them off."""
        for again in (False, True):
            try:
                return (yield from self._turns(graph, lease, resume, again))
            except Exception as error:
                if not is_transient(error):
                    raise
        return (yield from self._turns(graph, lease, resume, again=True))

    def _turns(self, graph: Any, lease: Lease, resume: Any, again: bool) -> Steps[tuple[Any, Any]]:
        config = config_of(lease.key)
        state = yield Call.of(graph, "get_state", config)
        turn = yield from _turn_of(graph, state)
        if resume is not None and _waits_for(resume.resume, state):
            state = yield from _go(graph, config, resume, turn)
        elif resume is not None and not again:
            raise errors.AnswerRefused(lease.key, len(state.interrupts))
        # Not `next`: that is empty too when a worker died after the last node of a step.
        elif state.tasks and (again or lease.found != "waiting" or not state.interrupts):
            state = yield from _go(graph, config, None, turn)  # it was cut off, or failed
        while True:
            if found := self.answers(lease.key, state):
                state = yield from _go(graph, config, Command(resume=found), turn)
            elif state.tasks:
                return "waiting", state
            elif (following := self.next_input(lease, turn)) is not None:
                turn, value = following
                state = yield from _go(graph, config, value, turn)
            else:
                return "done", state

    def _row(self, session: Session, thread_id: str) -> Any:
        """Return a thread's row, locked; that of a new one is like that of a forgotten one."""
        session.run(
            "INSERT INTO agent_runs (thread_id, status) VALUES (?, 'forgotten') "
            "ON CONFLICT DO NOTHING",
            (plain_text(thread_id, "A thread's id"),),
        )
        return self.row(session, thread_id)

    def _mine(self, session: Session, lease: Lease) -> Any:
        row = self.row(session, lease.key)
        if row is None or row.token != lease.token:
            raise errors.LeaseLost(f"Thread {lease.key!r}")
        return row

    def _stored(self, value: Any) -> str:
        try:
            kind, data = self._serde.dumps_typed(value)
        except (TypeError, ValueError, RecursionError, PatternError) as error:
            raise errors.InvalidInput(f"The input cannot be stored: {error}") from error
        return json.dumps([kind, base64.b64encode(data).decode()])

    def _loaded(self, stored: str) -> Any:
        kind, data = json.loads(stored)
        return self._serde.loads_typed((kind, base64.b64decode(data)))


def wake(session: Session, thread_id: str) -> None:
    """Have a waiting run, or one about to wait, taken up again; as part of a transaction."""
    session.run("UPDATE agent_runs SET wakes = wakes + 1 WHERE thread_id = ?", (thread_id,))


def config_of(thread_id: str) -> RunnableConfig:
    """Return the configuration of a thread."""
    return {"configurable": {"thread_id": thread_id}}


def _waits_for(answer: Any, state: Any) -> bool:
    if isinstance(answer, dict) and answer and all(_ID.fullmatch(str(key)) for key in answer):
        return set(answer) <= {question.id for question in state.interrupts}
    return answer is None or bool(state.interrupts)


def _go(graph: Any, config: RunnableConfig, value: Any, turn: int) -> Steps[Any]:
    """Run the graph, and look where it stands then."""
    noted: RunnableConfig = {**config, "metadata": {TURN: turn}}
    yield Call.of(graph, "invoke", value, noted, durability="sync")
    return (yield Call.of(graph, "get_state", config))


def _turn_of(graph: Any, state: Any) -> Steps[int]:
    """Return the number of the input that a state comes from; 0 if it comes from none."""
    while TURN not in (state.metadata or {}):  # somebody changed it by hand
        if state.parent_config is None:
            return 0
        state = yield Call.of(graph, "get_state", state.parent_config)
    return int(state.metadata[TURN])


def fenced(graph: Any, database: Database, lease: Lease) -> Any:
    """Return the graph with a checkpointer that refuses to write once the lease is lost.

    One of `agent_patterns.checkpoints` on the same database checks the token in the transaction of
    each write, any other just before it: a worker that falls asleep in between may write again.
    """
    held, saver = copy.copy(graph), graph.checkpointer

    def check(session: Session) -> None:
        lock = database.for_update.replace("UPDATE", "SHARE")
        sql = f"SELECT token FROM agent_runs WHERE thread_id = ?{lock}"
        if session.run(sql, (lease.key,)) != [(lease.token,)]:
            raise errors.LeaseLost(f"Thread {lease.key!r}")

    if getattr(saver, "database", None) is database and hasattr(saver, "fenced"):
        held.checkpointer = saver.fenced(check)
        return held

    def fence(name: str) -> None:
        def steps(*args: Any, **options: Any) -> Steps[Any]:
            if name == "get_tuple":
                return outrun((yield Call.of(saver, name, *args, **options)))
            database.transact(check, repeatable=True)
            return (yield Call.of(saver, name, *args, **options))

        setattr(held.checkpointer, name, lambda *a, **o: driven(steps(*a, **o)))
        setattr(held.checkpointer, f"a{name}", lambda *a, **o: adriven(steps(*a, **o)))

    held.checkpointer = copy.copy(saver)
    for name in ("get_tuple", "put", "put_writes", "delete_thread"):
        fence(name)
    return held


def outrun(found: Any) -> Any:
    """Return a checkpoint; the next ids sort above its own, even if this clock is behind."""
    with suppress(ValueError):  # an id of somebody's own making
        if found is not None and (read := ids.UUID(found.checkpoint["id"])).version == 6:
            vars(ids)["_last_v6_timestamp"] = max(read.time, ids._last_v6_timestamp or 0)
    return found
