"""The run supervisor: one worker per thread, and a successor when it dies."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt

from agent_patterns.checkpoints import SafeCheckpointer, recover
from agent_patterns.checkpoints.recovery import RecoveryReport
from agent_patterns.durable.holder import Holder
from agent_patterns.persistence import database
from agent_patterns.persistence.errors import (
    AnswerRefused,
    ClaimLost,
    ClaimRefused,
    NothingToRecover,
)

TABLE = """
CREATE TABLE IF NOT EXISTS agent_runs (
    thread_id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    input TEXT,
    token INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    lease_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    error TEXT
)"""

Status = Literal["queued", "running", "waiting", "done", "failed"]


@dataclass(frozen=True)
class Claim:
    """The right to run a thread.

    Attributes:
        thread_id: the thread.
        token: grows with every claim; the newest wins.
        took_over_from: name of the worker that died or fell silent in mid-run, if one did.
        found: the run's status before the claim; `queued` for a run that was cut off.
    """

    thread_id: str
    token: int
    took_over_from: str | None = None
    found: str = "queued"


@dataclass(frozen=True)
class Run:
    """What came of a run.

    Attributes:
        status: `done`, or `waiting` at an interrupt, or (from `work`) `failed`.
        values: the state's values.
        worked: whether this call ran anything; `False` if the run was done already.
        claim: the claim it ran under, if it ran.
        recovery: what was found in the stored checkpoints before it went on.
        interrupts: what it waits for; each has an `id` and a `value`.
        error: what a failed run raised.
    """

    thread_id: str
    status: Status
    values: Any
    worked: bool
    claim: Claim | None = None
    recovery: RecoveryReport | None = None
    interrupts: tuple[Interrupt, ...] = ()
    error: Exception | None = None


class Supervisor:
    """Runs threads of a graph so that each is run by one worker at a time.

    Start one in every worker process, all on one database.  A claim is a lease with a heartbeat;
    a holder that died on this machine is noticed at once, one on another machine when its lease
    runs out.  Writes of a worker that lost its claim are refused by the checkpointer (a fencing
    token, checked in the transaction of the write).

    Args:
        checkpointer: from `open_checkpointer`; runs are synchronous, so `run` needs no async one.
        build: compiles the graph with the checkpointer it is given; called for each run, whose
            checkpointer carries its claim.
        name: what others see as the holder.
        lease_seconds: how long a silent worker keeps its claim.
        clock: seconds since the epoch; default: the database's clock on PostgreSQL, this
            machine's on SQLite (whose workers share the machine).
        heartbeat: renew the lease in the background while a run lasts.
    """

    def __init__(
        self,
        checkpointer: SafeCheckpointer,
        build: Callable[[SafeCheckpointer], Any],
        *,
        name: str | None = None,
        lease_seconds: float = 30.0,
        clock: Callable[[], float] | None = None,
        heartbeat: bool = True,
    ) -> None:
        if lease_seconds <= 0:
            raise ValueError("lease_seconds must be more than 0.")
        self.checkpointer = checkpointer
        self._database = checkpointer.database
        self._share_row = " FOR SHARE" if self._database.dialect == "postgresql" else ""
        self._lock_row = " FOR UPDATE" if self._database.dialect == "postgresql" else ""
        self._lease = lease_seconds
        self._clock = clock
        self._heartbeat = heartbeat
        self._holder = Holder.this_process(name)
        self._build = build
        database.create_table(self._database, "agent_runs", TABLE)

    @cached_property
    def graph(self) -> Any:
        """The graph without a claim, to look at threads with."""
        return self._build(self.checkpointer)

    def submit(self, thread_id: str, value: Any) -> bool:
        """Queues a run with its input; returns whether it is new.

        The input is stored, so a worker that dies before its first checkpoint loses nothing.
        """
        kind, data = self.checkpointer.serde.dumps_typed(value)
        stored = json.dumps([kind, base64.b64encode(data).decode()])
        with self._database.transaction() as session:
            added = session.changed(
                "INSERT INTO agent_runs (thread_id, status, input) VALUES (?, 'queued', ?) "
                "ON CONFLICT (thread_id) DO UPDATE SET status = 'queued', input = excluded.input "
                "WHERE agent_runs.status = 'forgotten'",
                (thread_id, stored),
            )
        return bool(added == 1)

    def forget(self, thread_id: str) -> None:
        """Deletes a run and everything stored for its thread; what is in quarantine stays.

        Raises:
            ClaimRefused: a living worker holds it.
        """
        claim = self.claim(thread_id)  # nobody else may be at it
        held = self.checkpointer if claim is None else self._view(claim)
        held.delete_thread(thread_id)
        with self._database.transaction() as session:
            # The row and its token live on, so that a worker that wakes up late is still refused.
            session.changed(
                "UPDATE agent_runs SET status = 'forgotten', input = NULL, holder = NULL, "
                "lease_until = 0, error = NULL, token = token + 1 WHERE thread_id = ?",
                (thread_id,),
            )

    def status(self, thread_id: str) -> Status | None:
        """Where a run stands; `None` for a thread that was never submitted or run."""
        with self._database.transaction() as session:
            rows = session.run(
                "SELECT status FROM agent_runs WHERE thread_id = ? AND status <> 'forgotten'",
                (thread_id,),
            )
        return rows[0][0] if rows else None

    def open_runs(self) -> list[str]:
        """Threads that are queued, or running or abandoned; not those that wait for a human."""
        with self._database.transaction() as session:
            rows = session.run(
                "SELECT thread_id FROM agent_runs WHERE status IN ('queued', 'running') "
                "ORDER BY thread_id"
            )
        return [str(row[0]) for row in rows]

    def claim(self, thread_id: str) -> Claim | None:
        """Takes the right to run a thread; `None` if its run is done already.

        For writing by hand: `checkpointer.under(thread_id, claim.token)` writes under the claim.

        Raises:
            ClaimRefused: a living worker holds it.
        """
        while True:
            try:
                return self._claim(thread_id)
            except psycopg.errors.LockNotAvailable:  # a writer holds the row, or fell silent there
                with self._database.transaction() as session:
                    session.run(database.END_SILENT)

    def _claim(self, thread_id: str) -> Claim | None:
        with self._database.transaction() as session:
            if self._database.dialect == "postgresql":
                session.run(f"SELECT {database.WAIT_A_SECOND}")
            session.changed(
                "INSERT INTO agent_runs (thread_id, status) VALUES (?, 'queued') "
                "ON CONFLICT DO NOTHING",
                (thread_id,),
            )
            status, token, text, until = session.run(
                "SELECT status, token, holder, lease_until FROM agent_runs "
                f"WHERE thread_id = ?{self._lock_row}",
                (thread_id,),
            )[0]
            if status == "done":
                return None
            now = self._now(session)
            previous = Holder.read(text) if text else None
            if status == "running" and previous and until > now and not previous.is_dead():
                raise ClaimRefused(thread_id, previous.name)
            session.run(
                "UPDATE agent_runs SET status = 'running', token = ?, holder = ?, lease_until = ?, "
                "error = NULL WHERE thread_id = ?",
                (token + 1, self._holder.text(), now + self._lease, thread_id),
            )
        cut_off = status == "running"
        taken_from = previous.name if cut_off and previous else None
        return Claim(thread_id, token + 1, taken_from, "queued" if cut_off else status)

    def renew(self, claim: Claim) -> None:
        """Prolongs a claim's lease.

        Raises:
            ClaimLost: another worker holds the thread now.
        """
        with self._database.transaction() as session:
            changed = session.changed(
                "UPDATE agent_runs SET lease_until = ? WHERE thread_id = ? AND token = ?",
                (self._now(session) + self._lease, claim.thread_id, claim.token),
            )
        if not changed:
            raise ClaimLost(claim.thread_id)

    def run(self, thread_id: str, *, resume: Command[Any] | None = None) -> Run:
        """Runs a thread to its end, or to its next interrupt, from wherever it stands.

        Claims the thread, checks what is stored (`recover`), goes on from the last good
        checkpoint, or starts anew from the submitted input if there is none, with `sync`
        durability.  A finished run is not run again.

        Args:
            thread_id: the thread.
            resume: `Command(resume=…)` for a thread that waits at an interrupt.  A plain value
                answers whatever waits by now; `Command(resume={interrupt.id: value})` answers that
                question and no other, even if it is sent twice (`Run.interrupts` has the ids).

        Raises:
            AnswerRefused: nothing waits for that answer; the run stands as it stood.
            ClaimRefused: a living worker is running it.
            ClaimLost: this worker fell silent so long that another took over.
            NothingToRecover: there is neither a good checkpoint nor a submitted input.
        """
        config: RunnableConfig = {"configurable": {"thread_id": thread_id}}
        claim = self.claim(thread_id)
        if claim is None:
            values = self.graph.get_state(config).values
            return Run(thread_id, "done", values, worked=False)
        with self._kept(claim):
            report = recover(self.checkpointer, thread_id)
            graph = self._build(self._view(claim))
            if resume is None:
                start = self._start(thread_id, report)
            else:
                start = _fitting(resume, graph.get_state(config).interrupts, thread_id)
            values = graph.invoke(start, config, durability="sync")
            snapshot = graph.get_state(config)
            status: Status = "waiting" if snapshot.next else "done"
            self._release(claim, status)
        return Run(thread_id, status, values, True, claim, report, snapshot.interrupts)

    def work(self) -> list[Run]:
        """Runs whatever is queued or abandoned, until nothing is left that it may claim.

        A run that fails is among the results, with its error, and keeps the others from nothing.
        """
        finished: list[Run] = []
        while True:
            before = len(finished)
            for thread_id in self.open_runs():
                try:
                    run = self.run(thread_id)
                except (ClaimRefused, ClaimLost):
                    continue  # in better hands
                except Exception as error:
                    if self.status(thread_id) != "failed":
                        raise  # no run's own fault: it would be tried for ever
                    run = Run(thread_id, "failed", None, worked=True, error=error)
                if run.worked:
                    finished.append(run)
            if len(finished) == before:
                return finished

    def _view(self, claim: Claim) -> SafeCheckpointer:
        def check(session: Any) -> None:
            rows = session.run(
                f"SELECT token FROM agent_runs WHERE thread_id = ?{self._share_row}",
                (claim.thread_id,),
            )
            if not rows or int(rows[0][0]) != claim.token:
                raise ClaimLost(claim.thread_id)

        return self.checkpointer.fenced(claim.thread_id, check)

    def _start(self, thread_id: str, report: RecoveryReport) -> Any:
        if report.resumes_from is not None:
            return None
        with self._database.transaction() as session:
            (stored,) = session.run(
                "SELECT input FROM agent_runs WHERE thread_id = ?", (thread_id,)
            )[0]
        if stored is None:
            raise NothingToRecover(
                f"Thread {thread_id!r} has no good checkpoint and no stored input; "
                "submit(thread_id, input) before running it."
            )
        kind, data = json.loads(stored)
        return self.checkpointer.serde.loads_typed((kind, base64.b64decode(data)))

    @contextmanager
    def _kept(self, claim: Claim) -> Iterator[None]:
        """Renews the lease until the block is left; a failing block frees the claim."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self._lease / 3):
                try:
                    self.renew(claim)
                except ClaimLost:
                    return  # the run's next write is refused
                except (sqlite3.Error, psycopg.Error):
                    continue  # the next beat tries again; the lease runs out if none gets through

        pulse = threading.Thread(target=beat, name="lease", daemon=True)
        if self._heartbeat:
            pulse.start()
        try:
            yield
        except ClaimLost:
            raise
        except AnswerRefused:
            self._release(claim, claim.found)
            raise
        except Exception as error:
            self._release(claim, "failed", f"{type(error).__name__}: {error}")
            raise
        except BaseException:  # stopped by hand: free it for the next worker
            self._release(claim, "queued")
            raise
        finally:
            over.set()
            if self._heartbeat:
                pulse.join()

    def _release(self, claim: Claim, status: str, error: str | None = None) -> None:
        with self._database.transaction() as session:
            session.changed(
                "UPDATE agent_runs SET status = ?, holder = NULL, lease_until = 0, error = ? "
                "WHERE thread_id = ? AND token = ?",
                (status, error, claim.thread_id, claim.token),
            )

    def _now(self, session: Any) -> float:
        if self._clock is not None:
            return self._clock()
        if self._database.dialect == "postgresql":
            return float(session.run("SELECT extract(epoch FROM clock_timestamp())")[0][0])
        return time.time()


def _fitting(answer: Command[Any], waiting: Sequence[Interrupt], thread_id: str) -> Command[Any]:
    """The answer, if something waits for it."""
    given = answer.resume
    fits = given is None or bool(waiting)
    if isinstance(given, dict) and given and all(_ID.fullmatch(str(key)) for key in given):
        fits = set(given) <= {question.id for question in waiting}
    if not fits:
        raise AnswerRefused(thread_id, len(waiting))
    return answer


_ID = re.compile("[0-9a-f]{32}")
