"""One thread of a machine: where it stands, and the events that are sent to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic
from weakref import WeakKeyDictionary

from langgraph.types import Command

from agent_patterns.driving import Call, Steps, adriven, driven
from agent_patterns.durable.database import Database, is_transient
from agent_patterns.durable.errors import DurableError, LeaseHeld
from agent_patterns.durable.runs import RunTable, config_of, fenced
from agent_patterns.machines.errors import Answered, Busy, MachineError, UnknownState
from agent_patterns.machines.table import E, S, Table, plain

STATE, EVENT, ERROR = "machine_state", "machine_event", "machine_error"
REFUSED, STEPS = "machine_refused", "machine_steps"
OWN = {STATE: str, EVENT: Any, ERROR: str, REFUSED: str, STEPS: int}
"""What a machine keeps beside the data."""
LEASE = 30.0
"""Seconds after which a silent process loses its thread."""


@dataclass(frozen=True)
class Snapshot(Generic[S, E]):
    """Say where a thread stands.

    Attributes:
        state: its state.
        data: the values of the schema's keys that are set.
        question: what is asked, if it waits for an answer.
        question_id: changes with every question.
        legal: the events that are possible.
        error: the exception that led to the error state; empty in any other.
    """

    state: S
    data: dict[str, Any]
    question: Any
    question_id: str
    legal: tuple[E, ...]
    error: str


class Session(Generic[S, E]):
    """Send events to one thread; `Machine.session` makes one.

    It holds nothing of the thread's: any number of sessions, in any process, see the same thread.
    With a checkpointer of `agent_patterns.checkpoints` one of them at a time is at work, in all
    processes; with any other, in this process.
    """

    def __init__(
        self, table: Table[S, E], graph: Any, thread_id: str, keys: Mapping[str, Any]
    ) -> None:
        if not graph.checkpointer:
            raise MachineError("Compile the machine with a checkpointer: its state is kept there.")
        if not isinstance(thread_id, str) or not thread_id:
            raise MachineError(f"A thread's id is a text that is not empty, and not {thread_id!r}.")
        self.thread_id = thread_id
        self._table, self._graph, self._keys = table, graph, keys
        self._config: Any = config_of(thread_id)

    def send(self, event: E, value: Any = None, *, to: str = "") -> Snapshot[S, E]:
        """Send an event and run to the next rest or question.

        An exception of the machine's work is not raised here: it leads to the error state.

        Args:
            event: the event.
            value: what comes with it.
            to: the `question_id` that it answers; default: whatever is asked by now.

        Raises:
            IllegalTransition: it is not possible there; nothing has changed.
            Busy: the thread is at work.
            Answered: another question is asked by now, or none.
            UnknownState: it stands in a state that the table does not have.
        """
        return driven(self._alone(plain(event), value, to))

    async def asend(self, event: E, value: Any = None, *, to: str = "") -> Snapshot[S, E]:
        """Do `send` for a machine with asynchronous work or checkpointer."""
        return await adriven(self._alone(plain(event), value, to))

    def resume(self) -> Snapshot[S, E]:
        """Finish the work that a dead process left, if there is any.

        Raises:
            Busy: the thread is at work.
        """
        return driven(self._alone())

    async def aresume(self) -> Snapshot[S, E]:
        """Do `resume` for a machine with asynchronous work or checkpointer."""
        return await adriven(self._alone())

    def snapshot(self) -> Snapshot[S, E]:
        """Say where the thread stands; also while it is at work."""
        return driven(self._snapshot())

    async def asnapshot(self) -> Snapshot[S, E]:
        """Do `snapshot` for an asynchronous checkpointer."""
        return await adriven(self._snapshot())

    def _alone(self, *sent: Any) -> Steps[Snapshot[S, E]]:
        try:
            with _alone(self._graph, self.thread_id) as graph:
                stored = yield Call.of(graph, "get_state", self._config)
                if stored.tasks and not stored.interrupts:  # its process died at work
                    yield from self._go(graph, None)
                    stored = yield Call.of(graph, "get_state", self._config)
                if sent:
                    yield from self._go(graph, self._input(stored, *sent))
        except LeaseHeld:
            at_work = yield from self._snapshot()
            raise Busy(self.thread_id, at_work.state) from None
        return (yield from self._snapshot())

    def _go(self, graph: Any, payload: Any) -> Steps[None]:
        """Invoke the graph; go to the error state if what it did cannot be stored."""
        try:
            yield Call.of(graph, "invoke", payload, self._config, durability="sync")
        except Exception as error:
            if isinstance(error, DurableError) or is_transient(error):
                raise  # the database's, or who holds the lease; the work is finished later
            stored = yield Call.of(graph, "get_state", self._config)
            if not stored.tasks or stored.interrupts:
                raise  # it was the event's value: nothing has changed
            told = f"{type(error).__name__}: {error}"
            update = {STATE: self._table.error, ERROR: told, EVENT: None, STEPS: 0}
            yield Call.of(graph, "update_state", self._config, update, stored.tasks[0].name)

    def _input(self, stored: Any, event: str, value: Any, to: str) -> Any:
        """Return what the graph is invoked with, if the event is possible."""
        now = self._read(stored)
        if to and to != now.question_id:
            raise Answered(self.thread_id, now.state)
        if refused := self._table.refusal(now.state, event, now.data, value):
            raise refused
        if now.question_id:
            return Command(resume={now.question_id: {"event": event, "value": value}})
        return {EVENT: (event, value)}

    def _snapshot(self) -> Steps[Snapshot[S, E]]:
        return self._read((yield Call.of(self._graph, "get_state", self._config)))

    def _read(self, stored: Any) -> Snapshot[S, E]:
        state = stored.values.get(STATE, self._table.initial)
        if state not in self._table.states:
            raise UnknownState(self.thread_id, state, self._table.states)
        asked = next(iter(stored.interrupts), None)
        return Snapshot(
            state,
            {key: stored.values[key] for key in self._keys if key in stored.values},
            asked.value if asked else None,
            asked.id if asked else "",
            self._table.legal(state),
            stored.values.get(ERROR, ""),
        )


_here = threading.Lock()
_at_work: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@contextmanager
def _alone(graph: Any, thread_id: str) -> Iterator[Any]:
    """Give the graph to one caller at a time; under a lease where its database has leases.

    Raises:
        LeaseHeld: somebody else has it.
    """
    database = getattr(graph.checkpointer, "database", None)
    if isinstance(database, Database):
        runs = RunTable(database, graph.checkpointer.serde, lease=LEASE)
        lease = runs.claim(thread_id, even_done=True)
        assert lease is not None
        with runs.kept(lease, lambda error: "done"):
            yield fenced(graph, database, lease)
            runs.release(lease, "done")
        return
    with _here:
        busy = _at_work.setdefault(graph.checkpointer, set())
        if thread_id in busy:
            raise LeaseHeld(thread_id, "this process")
        busy.add(thread_id)
    try:
        yield graph
    finally:
        with _here:
            busy.discard(thread_id)
