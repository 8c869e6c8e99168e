"""Runs of a graph that end well whatever happens to their workers.

Read this file first; it says what guards each failure, and in which file beside it.

    what happens                    what guards it
    ------------------------------  -------------------------------------------------
    two workers take up one run     its row has one lease; the second gets `LeaseHeld` (`leases`)
    a message for a run that exists `RunExists`; with `queue=True` it is the next turn (`submit`)
    a worker dies in mid-run        its lease is free at once on this machine (or container), else
                                    when it runs out; the next `run`, or `work` (call it again and
                                    again), goes on from the checkpoint: that node starts anew
    a node outlasts the lease       a heartbeat renews the lease while the run lasts
    a worker sleeps, then wakes up  each lease has a higher token than the last; a write checks in
                                    its own transaction (on another database: just before) that its
                                    token is still the row's: if not, `LeaseLost` (`fenced`); asleep
                                    in a transaction: PostgreSQL ends it; on SQLite, kill it
    a worker dies before the first  `submit` has stored the input; each checkpoint carries the
      checkpoint, or soon after     number of its turn, so no input is used twice (`runs`)
    a node runs twice, and would    an effect has the same key on every attempt; its row in the log
      charge the card twice         is leased too (for 60 s: `LeaseHeld`, the run stays queued) and
                                    keeps the result for the second attempt (`effects`)
    an effect's end is not          `EffectLog` attempts it again under its key, as if its receiver
      recorded (its worker died,    honoured keys; with `repeatable=False`, which a ledger of
      slept, or it raised)          approvals assumes, it is `uncertain` and the run fails: once its
                                    worker is gone, look, `settle` it, then `run` again (`effects`)
    the database drops connections, each transaction is begun anew for 30 s; one that may have been
      or is locked                  committed only if that is safe; `submit`, `decide`: look first
    the database is away for long   `DatabaseUnavailable`, from `work` too; the run is released, or
      (or a node says so: its own   its lease runs out: it is not `failed`, so call `work` again
      `psycopg.OperationalError`)   (a node's own error is raised as it is)
    a checkpoint is damaged, or a   by `checkpoints` alone: found before loading (`recover` sets it
      value has the wrong type      aside, unless the run is done), or not saved: the run fails. Of
                                    turns that are lost, only the last one's input runs again
    a clock is behind, or ahead     behind: a lease is cut to its length from now (`leases`), and
                                    checkpoints still sort in order (`outrun`); ahead: a living
                                    worker may lose its run, as if it had slept
    two answers to one question     an answer names its interrupt; the second: `AnswerRefused`

    submit ──> queued ──lease──> running ──> done ──submit(queue=True)──> queued
                  ^                 ├──> waiting ──run(resume=…), or wake──> running
                  └── worker died ──┘
                                    └──> failed ──run──> running
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

from langgraph.types import Command

from agent_patterns.driving import Call, Steps, adriven, driven
from agent_patterns.durable import errors
from agent_patterns.durable.database import Database, Where, is_transient
from agent_patterns.durable.leases import Lease
from agent_patterns.durable.runs import Run, RunTable, config_of, fenced


class Runner(RunTable):
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
        self, graph: Any, where: Where | None = None, *, lease: float = 30.0, **options: Any
    ) -> None:
        if not graph.checkpointer:
            raise ValueError("The graph needs a checkpointer: nothing is durable without one.")
        if where is None and not isinstance(
            where := getattr(graph.checkpointer, "database", None), Database
        ):
            raise ValueError("Say where the runs are kept: Runner(graph, 'runs.db').")
        super().__init__(where, graph.checkpointer.serde, lease=lease, **options)
        self.graph = graph

    def start(self, thread_id: str, value: Any, *, queue: bool = False) -> Run:
        """Do `submit` and `run`."""
        self.submit(thread_id, value, queue=queue)
        return self.run(thread_id)

    async def astart(self, thread_id: str, value: Any, *, queue: bool = False) -> Run:
        """Do `submit` and `arun`."""
        await asyncio.to_thread(self.submit, thread_id, value, queue=queue)
        return await self.arun(thread_id)

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
        return driven(self._steps(thread_id, resume))

    async def arun(self, thread_id: str, *, resume: Command[Any] | None = None) -> Run:
        """Do `run` for a graph with asynchronous nodes or checkpointer; never block the loop."""
        return await adriven(self._steps(thread_id, resume))

    def work(self) -> list[Run]:
        """Run each thread of `open_runs` once; return what came of them, failed ones too."""
        return driven(self._work())

    async def awork(self) -> list[Run]:
        """Do `work` for a graph with asynchronous nodes or checkpointer."""
        return await adriven(self._work())

    def forget(self, thread_id: str) -> None:
        """Delete a run and its checkpoints; what it has done in the world stays in the effects.

        Raises:
            LeaseHeld: A living worker holds it.
        """
        lease = self.claim(thread_id, even_done=True)  # nobody else may be at it
        assert lease is not None
        fenced(self.graph, self.database, lease).checkpointer.delete_thread(thread_id)
        self.forgotten(lease)

    def _work(self) -> Steps[list[Run]]:
        finished: dict[str, Run] = {}
        while threads := [each for each in self.open_runs() if each not in finished]:
            for thread_id in threads:
                try:
                    finished[thread_id] = yield from self._steps(thread_id, None)
                except (errors.LeaseHeld, errors.LeaseLost):  # in better hands
                    finished[thread_id] = Run(thread_id, "running")
                except Exception as error:
                    run, said = self.get(thread_id), f"{type(error).__name__}: {error}"
                    finished[thread_id] = replace(run, worked=True, error=run.error or said)
        return [run for run in finished.values() if run.worked]

    def _steps(self, thread_id: str, resume: Command[Any] | None) -> Steps[Run]:
        """Run a thread; yields the calls of the graph that its driver shall make."""
        while True:
            lease = self.claim(thread_id)
            if lease is None:
                if resume is not None:
                    raise errors.AnswerRefused(thread_id, 0)
                state = yield Call.of(self.graph, "get_state", config_of(thread_id))
                return Run(thread_id, "done", state.values)
            graph = fenced(self.graph, self.database, lease)
            recover = getattr(graph.checkpointer, "recover", lambda thread_id: None)
            with self.kept(lease, partial(_status_after, lease)):
                recovery = recover(thread_id)
                status, state = yield from self.turns(graph, lease, resume)
                more_to_do = self.release(lease, status)
            if not more_to_do:
                asked = state.interrupts
                return Run(thread_id, status, state.values, asked, True, None, lease, recovery)
            resume = None


def _status_after(lease: Lease, error: BaseException) -> str:
    """Return what becomes of a run that was broken off."""
    if isinstance(error, errors.AnswerRefused):
        return lease.found
    if isinstance(error, errors.NothingToRun):
        return "forgotten"
    # No fault of the run's: the database, another worker, or a person who stops this one.
    others = (errors.DatabaseUnavailable, errors.LeaseHeld, errors.LeaseLost)
    faultless = isinstance(error, others) or is_transient(error) or not isinstance(error, Exception)
    return "queued" if faultless else "failed"
