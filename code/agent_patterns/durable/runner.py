"""Runs of a graph that end well whatever happens to their workers.

Read this file first; it says what guards each failure.

    what happens                        what guards it
    ----------------------------------  --------------------------------------------------------
    a worker dies in mid-run            its lease is free at once on this machine, elsewhere when
                                        it runs out; the next worker goes on from the checkpoint
    a node takes longer than the lease  a heartbeat renews the lease while the run lasts
    a worker sleeps, then wakes up      its writes carry an old token and are refused (`fenced`)
    a worker dies before the first      the input is stored when it is submitted
      checkpoint
    an input is about to be used twice  each checkpoint carries the number of its turn
    a node runs twice                   effects happen once under their key (`EffectLog`)
    the database drops connections      they are checked before use; what was cut off is repeated
    the database is away for long       the run is let go, or its lease runs out; it is not failed
    a clock is set back                 a lease never reaches further than its length from now
    two answers to one question         an answer names its interrupt; the second is refused

    submit ──> queued ──lease──> running ──> done ──submit(queue=True)──> queued
                  ^                 ├──> waiting ──run(resume=…), or wake──> running
                  └── worker died ──┘
                                    └──> failed ──run──> running
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph.types import Command

from agent_patterns.durable.database import Database, is_transient, open_database
from agent_patterns.durable.errors import AnswerRefused, DatabaseUnavailable, LeaseHeld, LeaseLost
from agent_patterns.durable.fencing import fenced
from agent_patterns.durable.leases import Lease, Leases
from agent_patterns.durable.runs import Call, Run, RunTable, answers_fit, storable

ATTEMPTS = 3
"""How often a run is driven on after the database has cut it off."""

Steps = Generator[Call, Any, Run]


class Runner:
    """Runs threads of a graph, each by one worker at a time; start one in every worker process.

    Args:
        graph: Compiled with a durable checkpointer.
        where: The database of the runs, its URL or a SQLite file's path; default: that of the
            graph's checkpointer, if `agent_patterns.checkpoints` opened it.
        lease: Seconds after which a silent worker loses its run; the same in all workers.
        name: What others see as the holder of a run.
        clock: Seconds since the epoch; default: the database's clock on PostgreSQL, this
            machine's on SQLite (whose workers share the machine).
        heartbeat: Renew the lease in the background while a run lasts.
    """

    def __init__(
        self,
        graph: Any,
        where: str | Path | Database | None = None,
        *,
        lease: float = 30.0,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
        heartbeat: bool = True,
    ) -> None:
        if not graph.checkpointer:
            raise ValueError("The graph needs a checkpointer: nothing is durable without one.")
        if where is None and not isinstance(
            where := getattr(graph.checkpointer, "database", None), Database
        ):
            raise ValueError("Say where the runs are kept: Runner(graph, 'runs.db').")
        self.graph = graph
        self.database = open_database(where)
        self._leases = Leases(
            self.database,
            "agent_runs",
            "thread_id",
            seconds=lease,
            clock=clock,
            heartbeat=heartbeat,
            name=name,
        )
        self._table = RunTable(self.database, self._leases, graph.checkpointer)

    def submit(self, thread_id: str, value: Any, *, queue: bool = False) -> None:
        """Queue a run with its input; the input is stored, so no crash loses it.

        Args:
            thread_id: The thread.
            value: The graph's input.
            queue: If the thread has a run already, make this its next turn: at once if it is
                done, else when it is.

        Raises:
            RunExists: The thread has a run, and `queue` is False.
            InvalidInput: The id or the input cannot be stored.
        """
        self._table.submit(thread_id, value, queue)

    def start(self, thread_id: str, value: Any, *, queue: bool = False) -> Run:
        """Do `submit` and `run`."""
        self.submit(thread_id, value, queue=queue)
        return self.run(thread_id)

    async def astart(self, thread_id: str, value: Any, *, queue: bool = False) -> Run:
        """Do `submit` and `arun`."""
        await asyncio.to_thread(self.submit, thread_id, value, queue=queue)
        return await self.arun(thread_id)

    def get(self, thread_id: str) -> Run:
        """Return how a run stands, without its values.

        Raises:
            NothingToRun: There is none.
        """
        return self._table.get(thread_id)

    def open_runs(self) -> list[str]:
        """Return the threads that a worker should take up, oldest first.

        Queued ones, abandoned ones, and those that wait and have been woken; not those that wait
        for a human, have failed, or are in the hands of a living worker.
        """
        return self._table.open_runs()

    def run(self, thread_id: str, *, resume: Command[Any] | None = None) -> Run:
        """Run a thread to its end, or to its next interrupt, from wherever it stands.

        A run that is done is not run again; a failed one goes on at the node that failed.

        Args:
            thread_id: The thread.
            resume: For a thread that waits: `Command(resume={interrupt.id: value})` answers that
                question and no other, even if it is sent twice (`Run.interrupts` has the ids); a
                plain value answers whatever waits by now.

        Raises:
            AnswerRefused: Nothing waits for that answer; the run stands as it stood.
            LeaseHeld: A living worker is running it.
            LeaseLost: This worker fell silent so long that another took over.
            NothingToRun: There is neither a checkpoint nor a submitted input.
            Exception: What a node raised; the run is `failed`, and says so.
        """
        steps = self._steps(thread_id, resume)
        call = _advance(steps.send, None)
        while isinstance(call, Call):
            try:
                answer = call.make()
            except BaseException as error:
                call = _advance(steps.throw, error)
            else:
                call = _advance(steps.send, answer)
        return call

    async def arun(self, thread_id: str, *, resume: Command[Any] | None = None) -> Run:
        """Do `run` for a graph with asynchronous nodes or checkpointer; never block the loop."""
        steps = self._steps(thread_id, resume)
        call = await asyncio.to_thread(_advance, steps.send, None)
        while isinstance(call, Call):
            try:
                answer = await call.amake()
            except BaseException as error:
                call = await asyncio.to_thread(_advance, steps.throw, error)
            else:
                call = await asyncio.to_thread(_advance, steps.send, answer)
        return call

    def work(self) -> list[Run]:
        """Run whatever is queued or abandoned, until nothing is left that this worker may take.

        A run that fails is among the results and keeps the others from nothing.
        """
        finished: list[Run] = []
        while threads := self._untried(finished):
            for thread_id in threads:
                finished.append(self._outcome(thread_id, lambda t=thread_id: self.run(t)))
        return [run for run in finished if run.worked]
