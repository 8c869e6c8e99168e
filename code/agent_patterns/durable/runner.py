"""Runs of a graph that end well whatever happens to their workers.

Read this file first; it says what guards each failure, and in which file beside it.

    what happens                    what guards it
    ------------------------------  -------------------------------------------------
    two workers take up one run     its row has one lease; the second worker gets
                                    `LeaseHeld` (`leases`)
    a worker dies in mid-run        its lease is free at once on this machine, or when
                                    it runs out; the next worker continues from the
                                    checkpoint
    a node takes longer than the    a heartbeat renews the lease while the run lasts
      lease
    a worker sleeps, then wakes up  each lease has a higher token than the last; a write
                                    checks in its own transaction (on another database:
                                    just before) that its token is still the row's: if
                                    not, `LeaseLost` (`fenced` in `runs`)
    a worker dies before the first  `submit` has stored the input (`runs`)
      checkpoint
    an input is about to be used    each checkpoint carries the number of its turn
      twice                         (`runs`)
    a node runs twice, and would    an effect has the same key on every attempt; its
      charge the card twice         row in the log is leased like a run and keeps the
                                    result for the second attempt (`effects`)
    a worker dies between an        if you say that its receiver honours keys
      effect and its record         (`repeatable`), it is attempted again; if not, it is
                                    `uncertain` until a person settles it (`effects`)
    the database drops connections  each is checked before use; a transaction cut off
                                    before its commit is repeated on another (`database`)
    the database is away for long   the run is released, or its lease runs out; it does
                                    not count as failed (`_status_after`)
    a stored row is damaged, or a   the checkpointer finds it before loading, or refuses
      value has the wrong type      to save it; `recover` sets the damaged row aside
                                    under the lease (`checkpoints.checkpointer`)
    a clock is set back             a lease that reaches further than its length from
                                    now is cut to that length (`leases`)
    two answers to one question     an answer names its interrupt; the second is refused
                                    with `AnswerRefused` (`runs`)

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

    `submit`, `get` and `open_runs` are those of `RunTable`.

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
