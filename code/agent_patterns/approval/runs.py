"""Runs of a graph whose interrupts wait at an approval desk."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from agent_patterns.approval.database import reading, transaction
from agent_patterns.approval.desk import ApprovalDesk
from agent_patterns.approval.digest import canonical
from agent_patterns.approval.errors import ApprovalError, UnknownApproval
from agent_patterns.approval.payloads import read_payload
from agent_patterns.approval.ticket import Source, Ticket

RunStatus = Literal["running", "waiting", "finished", "failed"]
Graph = CompiledStateGraph[Any, Any, Any, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    thread_id TEXT PRIMARY KEY,
    input TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'running',
    error TEXT,
    owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
)
"""


class RunExists(ApprovalError):
    """There is a run with this thread id already; choose another id."""


@dataclass(frozen=True)
class Run:
    """A run as it stands now."""

    thread_id: str
    status: RunStatus
    error: str | None
    """Why it failed, for a failed run."""
    pending: tuple[Ticket, ...]
    """What it waits for."""


@dataclass(frozen=True)
class _Look:
    """Ask the driver for the state of the thread."""


@dataclass(frozen=True)
class _Invoke:
    """Ask the driver to run the graph with this input."""

    input: Any


@dataclass(frozen=True)
class _Done:
    """Tell the driver how the run stands."""

    status: RunStatus


_Plan = Generator[_Look | _Invoke | _Done, Any, None]


class ApprovalRuns:
    """Drives a graph from interrupt to interrupt: files what it asks, resumes it when decided.

    Everything it knows is in the desk's file and in the graph's checkpointer, so another process
    goes on where a dead one stopped: `recover` at the start of each.  A run is driven by one
    worker at a time.

    Args:
        graph: A graph with a durable checkpointer.
        desk: Where its interrupts wait.
        kind: The desk's kind of request for one; without it the name of the action.
        lease: Seconds after which a worker that holds a run counts as dead; longer than the graph
            ever runs between two interrupts.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        graph: Graph,
        desk: ApprovalDesk,
        *,
        kind: Callable[[Any], str] | None = None,
        lease: float = 300.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not graph.checkpointer:
            raise ValueError("the graph needs a checkpointer: nothing can wait without one")
        if graph.interrupt_before_nodes or graph.interrupt_after_nodes:
            raise ValueError("static breakpoints ask nobody; use interrupt() in a node")
        self.graph = graph
        self.desk = desk
        self.lease = lease
        self._kind = kind
        self._clock = clock
        with transaction(desk.path) as connection:
            connection.execute(_SCHEMA)

    def register(self, thread_id: str, graph_input: dict[str, Any]) -> None:
        """Write down that a run shall be made; `drive` makes it, now or after a restart.

        Raises:
            RunExists: There is one with this thread id.
            InvalidRequest: The input is not JSON.
        """
        with transaction(self.desk.path) as connection:
            cursor = connection.execute(
                "INSERT INTO runs (thread_id, input) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (thread_id, canonical(graph_input)),
            )
            if cursor.rowcount == 0:
                raise RunExists(f"there is a run {thread_id!r} already; choose another id")

    def start(self, thread_id: str, graph_input: dict[str, Any]) -> Run:
        """`register` and `drive`."""
        self.register(thread_id, graph_input)
        return self.drive(thread_id)

    async def astart(self, thread_id: str, graph_input: dict[str, Any]) -> Run:
        """`start` for a graph with asynchronous nodes or checkpointer."""
        await asyncio.to_thread(self.register, thread_id, graph_input)
        return await self.adrive(thread_id)

    def drive(self, thread_id: str, *, retry: bool = True) -> Run:
        """Run the graph until it waits for people, ends or fails.

        Does nothing when another worker drives it.  A failure of a node is kept in the run and
        raised; the next call goes on at that node.

        Args:
            thread_id: The run.
            retry: False leaves a run alone that has failed.

        Raises:
            UnknownApproval: There is no such run.
        """
        while self._has_work(thread_id):
            claim = self._claim(thread_id, retry)
            if claim is None:
                break
            with claim:
                plan = self._plan(thread_id, claim.taken_over)
                call = _send(plan, None)
                while not isinstance(call, _Done):
                    call = _send(plan, self._answer(thread_id, call))
                claim.status = call.status
        return self.get(thread_id)

    async def adrive(self, thread_id: str, *, retry: bool = True) -> Run:
        """`drive` for a graph with asynchronous nodes or checkpointer; never blocks the loop."""
        while await asyncio.to_thread(self._has_work, thread_id):
            claim = await asyncio.to_thread(self._claim, thread_id, retry)
            if claim is None:
                break
            with claim:
                plan = self._plan(thread_id, claim.taken_over)
                call = await asyncio.to_thread(_send, plan, None)
                while not isinstance(call, _Done):
                    answer = await self._aanswer(thread_id, call)
                    call = await asyncio.to_thread(_send, plan, answer)
                claim.status = call.status
        return await asyncio.to_thread(self.get, thread_id)

    def recover(self) -> list[Run]:
        """Go on with every run that a dead worker left, and deliver every decision it did not.

        A run that a worker held when it died is free once its lease is over: call this at the
        start and from time to time.  A run that fails is among the result, with its error; it
        then stands still until somebody calls `drive`, for it would fail again and again.
        """
        return [self._recovered(thread_id) for thread_id in self.left_behind()]

    async def arecover(self) -> list[Run]:
        """`recover` for a graph with asynchronous nodes or checkpointer."""
        runs = []
        for thread_id in await asyncio.to_thread(self.left_behind):
            try:
                runs.append(await self.adrive(thread_id, retry=False))
            except Exception:  # kept in the run, where the caller finds it
                runs.append(await asyncio.to_thread(self.get, thread_id))
        return runs

    def left_behind(self) -> list[str]:
        """Threads that nobody drives and that have something to do, oldest first.

        Failed ones are not among them.
        """
        with reading(self.desk.path) as connection:
            rows = connection.execute(
                "SELECT thread_id FROM runs WHERE status = 'running'"
                " AND (owner IS NULL OR lease_until <= ?) ORDER BY rowid",
                (self._clock(),),
            ).fetchall()
            failed = connection.execute(
                "SELECT thread_id FROM runs WHERE status = 'failed'"
            ).fetchall()
        threads = [row["thread_id"] for row in rows]
        known = {*threads, *(row["thread_id"] for row in failed)}
        for ticket in self.desk.undelivered():
            if ticket.source and ticket.source.thread_id not in known:
                known.add(ticket.source.thread_id)
                threads.append(ticket.source.thread_id)
        return threads

    def get(self, thread_id: str) -> Run:
        """How a run stands.

        Raises:
            UnknownApproval: There is no such run.
        """
        row = self._row(thread_id)
        pending = tuple(
            ticket
            for ticket in self.desk.pending()
            if ticket.source is not None and ticket.source.thread_id == thread_id
        )
        return Run(thread_id, row["status"], row["error"], pending)

    def result(self, thread_id: str) -> dict[str, Any]:
        """The values of the graph's state."""
        return dict(self.graph.get_state(_config(thread_id)).values)

    async def aresult(self, thread_id: str) -> dict[str, Any]:
        """`result` for an asynchronous checkpointer."""
        return dict((await self.graph.aget_state(_config(thread_id))).values)

    def _plan(self, thread_id: str, taken_over: bool) -> _Plan:
        """What to do with the graph, as questions to a driver, synchronous or not."""
        snapshot: StateSnapshot = yield _Look()
        if snapshot.created_at is None:
            yield _Invoke(json.loads(self._row(thread_id)["input"]))
            snapshot = yield _Look()
        elif snapshot.next and (taken_over or not snapshot.interrupts) and _unfinished(snapshot):
            yield _Invoke(None)
            snapshot = yield _Look()
        while True:
            self._file(thread_id, snapshot)
            answers, tickets = self._decided(thread_id, snapshot)
            if not answers:
                break
            yield _Invoke(Command(resume=answers))
            self.desk.mark_delivered(tickets)
            snapshot = yield _Look()
        yield _Done("waiting" if snapshot.next else "finished")

    def _file(self, thread_id: str, snapshot: StateSnapshot) -> None:
        """Put what the graph asks on the desk, and take note of what it no longer asks."""
        waiting = {interrupt.id for interrupt in snapshot.interrupts}
        for interrupt in snapshot.interrupts:
            asked = read_payload(interrupt.value, interrupt.response_schema)
            for index, request in enumerate(asked.requests):
                self.desk.submit(
                    request,
                    kind=self._kind(request) if self._kind else None,
                    source=Source(thread_id, interrupt.id, index),
                )
        self.desk.mark_delivered(
            ticket
            for ticket in self.desk.undelivered(thread_id)
            if ticket.source and ticket.source.interrupt_id not in waiting
        )

    def _decided(
        self, thread_id: str, snapshot: StateSnapshot
    ) -> tuple[dict[str, Any], list[Ticket]]:
        """The answers to those interrupts of which every request is decided."""
        answers: dict[str, Any] = {}
        delivered: list[Ticket] = []
        for interrupt in snapshot.interrupts:
            tickets = self.desk.of_interrupt(thread_id, interrupt.id)
            decisions = [ticket.decision for ticket in tickets if ticket.decision is not None]
            if len(decisions) == len(tickets):
                asked = read_payload(interrupt.value, interrupt.response_schema)
                answers[interrupt.id] = asked.resume_value(decisions)
                delivered.extend(tickets)
        return answers, delivered

    def _answer(self, thread_id: str, call: _Look | _Invoke) -> Any:
        config = _config(thread_id)
        if isinstance(call, _Look):
            return self.graph.get_state(config)
        return self.graph.invoke(call.input, config, durability="sync")

    async def _aanswer(self, thread_id: str, call: _Look | _Invoke) -> Any:
        config = _config(thread_id)
        if isinstance(call, _Look):
            return await self.graph.aget_state(config)
        return await self.graph.ainvoke(call.input, config, durability="sync")

    def _recovered(self, thread_id: str) -> Run:
        try:
            return self.drive(thread_id, retry=False)
        except Exception:  # kept in the run, where the caller finds it
            return self.get(thread_id)

    def _has_work(self, thread_id: str) -> bool:
        if self._row(thread_id)["status"] in ("running", "failed"):
            return True
        return any(
            all(
                other.decision is not None
                for other in self.desk.of_interrupt(thread_id, ticket.source.interrupt_id)
            )
            for ticket in self.desk.undelivered(thread_id)
            if ticket.source
        )

    def _row(self, thread_id: str) -> sqlite3.Row:
        with reading(self.desk.path) as connection:
            row: sqlite3.Row | None = connection.execute(
                "SELECT * FROM runs WHERE thread_id = ?", (thread_id,)
            ).fetchone()
        if row is None:
            raise UnknownApproval(f"no run {thread_id!r}")
        return row

    def _claim(self, thread_id: str, retry: bool = True) -> _Claim | None:
        now = self._clock()
        owner = uuid.uuid4().hex
        with transaction(self.desk.path) as connection:
            row = connection.execute(
                "SELECT * FROM runs WHERE thread_id = ?", (thread_id,)
            ).fetchone()
            if row["owner"] is not None and row["lease_until"] > now:
                return None
            if row["status"] == "failed" and not retry:
                return None
            connection.execute(
                "UPDATE runs SET owner = ?, lease_until = ?, status = 'running', error = NULL"
                " WHERE thread_id = ?",
                (owner, now + self.lease, thread_id),
            )
        return _Claim(self.desk.path, thread_id, owner, row["status"] in ("running", "failed"))


class _Claim:
    """A worker's hold on a run, given back at the end of the ``with`` block."""

    def __init__(self, path: Path, thread_id: str, owner: str, taken_over: bool) -> None:
        self.taken_over = taken_over
        self.status: RunStatus = "running"
        self._path = path
        self._thread_id = thread_id
        self._owner = owner

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, failure: BaseException | None, traceback: object) -> None:
        error = None
        if isinstance(failure, Exception):
            self.status, error = "failed", f"{type(failure).__name__}: {failure}"
        with transaction(self._path) as connection:
            connection.execute(
                "UPDATE runs SET owner = NULL, status = ?, error = ?"
                " WHERE thread_id = ? AND owner = ?",
                (self.status, error, self._thread_id, self._owner),
            )


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _unfinished(snapshot: StateSnapshot) -> bool:
    return any(not task.interrupts and task.result is None for task in snapshot.tasks)


def _send(plan: _Plan, answer: Any) -> _Look | _Invoke | _Done:
    return plan.send(answer)
