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
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from agent_patterns.durable.database import Database, is_transient, open_database
from agent_patterns.durable.errors import (
    AnswerRefused,
    DatabaseUnavailable,
    LeaseHeld,
    LeaseLost,
    NothingToRun,
)
from agent_patterns.durable.fencing import fenced
from agent_patterns.durable.leases import Lease, Leases
from agent_patterns.durable.runs import TURN, Call, Run, RunTable, answers_fit

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
        self._table = RunTable(self.database, self._leases, graph.checkpointer.serde)

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
        """Run each thread of `open_runs` once; return what came of them.

        A run that fails is among the results, with its error, and keeps the others from nothing.
        """
        finished: dict[str, Run] = {}
        while threads := [each for each in self.open_runs() if each not in finished]:
            for thread_id in threads:
                try:
                    finished[thread_id] = self.run(thread_id)
                except Exception as error:
                    finished[thread_id] = self._failed(thread_id, error)
        return [run for run in finished.values() if run.worked]

    async def awork(self) -> list[Run]:
        """Do `work` for a graph with asynchronous nodes or checkpointer."""
        finished: dict[str, Run] = {}
        while threads := [
            each for each in await asyncio.to_thread(self.open_runs) if each not in finished
        ]:
            for thread_id in threads:
                try:
                    finished[thread_id] = await self.arun(thread_id)
                except Exception as error:
                    finished[thread_id] = await asyncio.to_thread(self._failed, thread_id, error)
        return [run for run in finished.values() if run.worked]

    def forget(self, thread_id: str) -> None:
        """Delete a run and its checkpoints; what it has done in the world stays in the effects.

        Raises:
            LeaseHeld: A living worker holds it.
        """
        lease = self._table.claim(thread_id, even_done=True)  # nobody else may be at it
        assert lease is not None
        fenced(self.graph, self.database, lease).checkpointer.delete_thread(thread_id)
        self._table.forget(lease)

    def answers(self, thread_id: str, state: Any) -> dict[str, Any]:
        """Return answers that are there already to what a run waits for, by interrupt id.

        Called whenever the graph has come to rest; override it to ask people (see
        `agent_patterns.approval.ApprovalRuns`).
        """
        return {}

    def _steps(self, thread_id: str, resume: Command[Any] | None) -> Steps:
        """Run a thread; yields the calls of the graph that its driver shall make."""
        recover = getattr(self.graph.checkpointer, "recover", lambda thread_id: None)
        while True:
            lease = self._table.claim(thread_id)
            if lease is None:
                state = yield Call(self.graph, "get_state", (_config(thread_id),))
                if resume is not None:
                    raise AnswerRefused(thread_id, 0)
                return Run(thread_id, "done", state.values)
            graph = fenced(self.graph, self.database, lease)
            with self._leases.kept(lease), self._let_go(lease):
                recovery = recover(thread_id)
                status, state = yield from self._persist(graph, lease, resume)
                more_to_do = self._table.release(lease, status)
            if not more_to_do:
                asked = state.interrupts
                return Run(thread_id, status, state.values, asked, True, None, lease, recovery)
            resume = None

    def _persist(self, graph: Any, lease: Lease, resume: Command[Any] | None) -> Any:
        """Take turns, and once more from the last checkpoint if the database cut them off."""
        for attempt in range(ATTEMPTS):
            try:
                return (yield from self._turns(graph, lease, resume, again=attempt > 0))
            except Exception as error:
                if not is_transient(error) or attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _turns(self, graph: Any, lease: Lease, resume: Command[Any] | None, again: bool) -> Any:
        """Bring a run from wherever it stands to its end, or to questions without an answer."""
        thread_id = lease.key
        state = yield Call(graph, "get_state", (_config(thread_id),))
        turn = yield from _turn_of(graph, thread_id, state)
        if resume is not None and answers_fit(resume, state.interrupts):
            state = yield from _go(graph, thread_id, resume, turn)
        elif resume is not None and not again:
            raise AnswerRefused(thread_id, len(state.interrupts))
        # Not `next`: that is empty too when a worker died after the last node of a step.
        elif state.tasks and (again or lease.found != "waiting" or not state.interrupts):
            state = yield from _go(graph, thread_id, None, turn)  # it was cut off, or failed
        while True:
            answers = self.answers(thread_id, state)
            if answers:
                state = yield from _go(graph, thread_id, Command(resume=answers), turn)
            elif state.tasks:
                return "waiting", state
            elif (following := self._table.next_input(lease, turn)) is not None:
                turn, value = following
                state = yield from _go(graph, thread_id, value, turn)
            else:
                return "done", state

    @contextmanager
    def _let_go(self, lease: Lease) -> Iterator[None]:
        """Free a run for the next worker when its work was broken off."""
        try:
            yield
        except LeaseLost:
            raise
        except BaseException as error:
            status: str = "failed"
            if isinstance(error, AnswerRefused):
                status = lease.found
            elif isinstance(error, NothingToRun):
                status = "forgotten"
            elif is_transient(error) or isinstance(error, LeaseHeld):
                status = "queued"  # no fault of the run's: the database, or who is at its effect
            elif not isinstance(error, Exception):
                status = "queued"  # stopped by hand
            said = f"{type(error).__name__}: {error}" if status == "failed" else None
            try:
                self._table.release(lease, status, said)
            except (LeaseLost, DatabaseUnavailable) as unreleased:
                error.add_note(f"Its lease runs out by itself: {unreleased}")
            raise

    def _failed(self, thread_id: str, error: Exception) -> Run:
        """Return a run that `run` has raised for; it worked if this was its own failure."""
        if isinstance(error, LeaseHeld | LeaseLost):
            return Run(thread_id, "running")
        run = self.get(thread_id)
        return replace(run, worked=True, error=run.error or f"{type(error).__name__}: {error}")


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _go(graph: Any, thread_id: str, value: Any, turn: int) -> Generator[Call, Any, Any]:
    """Run the graph, and look where it stands then."""
    config: RunnableConfig = {**_config(thread_id), "metadata": {TURN: turn}}
    yield Call(graph, "invoke", (value, config))
    return (yield Call(graph, "get_state", (_config(thread_id),)))


def _turn_of(graph: Any, thread_id: str, state: Any) -> Generator[Call, Any, int]:
    """Return the number of the input that a state comes from; 0 if it comes from none."""
    states = [state]
    if state.created_at is not None and TURN not in state.metadata:  # somebody changed it by hand
        states = yield Call(graph, "get_state_history", (_config(thread_id),))
    turns = (each.metadata[TURN] for each in states if TURN in (each.metadata or {}))
    return int(next(turns, 0))


def _advance(step: Callable[[Any], Call], value: Any) -> Call | Run:
    """Go on with the steps of a run until the next call, or to its end."""
    try:
        return step(value)
    except StopIteration as end:
        run: Run = end.value
        return run
