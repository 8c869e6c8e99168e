"""One thread of one graph: what waits in it, and resuming it exactly once.

The same code serves graphs that run synchronously and graphs that need an event loop: a `Port`
hides which of the two it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import platformdirs
from filelock import FileLock, Timeout
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.pregel import Pregel
from langgraph.types import StateSnapshot, StreamMode

T = TypeVar("T")
Event = tuple[tuple[str, ...], str, Any]
"""Namespace of the (sub)graph, stream mode, and what it sent."""
Mark = tuple[str, tuple[tuple[str, ...], ...]]
"""A thread's newest checkpoint, and what has been written since: changes when anybody runs it."""
AnyGraph = Pregel[Any, Any, Any, Any]

MODES: list[StreamMode] = ["tasks", "values"]
ELSEWHERE = "another process is carrying out a decision of this thread at this moment"


class PanelError(Exception):
    """Base of what can keep a decision from being carried out."""


class NotWaiting(PanelError):
    """Nothing waits here for this decision (any more)."""


class Busy(PanelError):
    """The thread is carrying out another decision at this moment."""


class NotLocked(PanelError):
    """Nothing keeps other processes from carrying out the same decision."""


class NoCheckpointer(PanelError):
    """The graph has no checkpointer, so it cannot wait for anybody."""

    def __init__(self) -> None:
        super().__init__(
            "this graph has no checkpointer, so it cannot wait for a decision: "
            "compile it with one, for example builder.compile(checkpointer=InMemorySaver())"
        )


class NoThread(PanelError):
    """The configuration names no thread."""

    def __init__(self) -> None:
        super().__init__(
            'the config names no thread: pass {"configurable": {"thread_id": "..."}}, '
            "the same one the graph was started with"
        )


class Port(Protocol):
    """Read a thread and run it."""

    needs_loop: bool

    async def state(self) -> StateSnapshot:
        """Return the newest state of the thread."""

    def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Run the graph on `value` and yield what it streams, `inner` graphs included."""

    async def mark(self) -> Mark:
        """Return how far the thread has come, by one look-up."""


def _mark(saved: CheckpointTuple | None) -> Mark:
    if saved is None:
        return "", ()
    writes = [
        (task, channel, repr(value) if channel == "__resume__" else "")
        for task, channel, value in saved.pending_writes or ()
    ]
    return str(saved.checkpoint["id"]), tuple(writes)


class SyncPort:
    """Reads and run a graph synchronously: none of its awaits ever suspends."""

    needs_loop = False

    def __init__(self, graph: AnyGraph, config: RunnableConfig, **options: Any) -> None:
        self._graph, self._config, self._options = graph, config, options

    async def state(self) -> StateSnapshot:
        """Return the newest state of the thread."""
        return self._graph.get_state(self._config)

    async def mark(self) -> Mark:
        """Return how far the thread has come, by one look-up."""
        return _mark(_saver(self._graph).get_tuple(self._config))

    async def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Run the graph on `value` and yield what it streams, `inner` graphs included."""
        for event in self._graph.stream(
            value, self._config, stream_mode=MODES, subgraphs=inner, **self._options
        ):
            yield event if inner else ((), *event)


class AsyncPort:
    """Reads and run a graph in the running event loop."""

    needs_loop = True

    def __init__(self, graph: AnyGraph, config: RunnableConfig, **options: Any) -> None:
        self._graph, self._config, self._options = graph, config, options

    async def state(self) -> StateSnapshot:
        """Return the newest state of the thread."""
        return await self._graph.aget_state(self._config)

    async def mark(self) -> Mark:
        """Return how far the thread has come, by one look-up."""
        return _mark(await _saver(self._graph).aget_tuple(self._config))

    async def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Run the graph on `value` and yield what it streams, `inner` graphs included."""
        async for event in self._graph.astream(
            value, self._config, stream_mode=MODES, subgraphs=inner, **self._options
        ):
            yield event if inner else ((), *event)


def _saver(graph: AnyGraph) -> BaseCheckpointSaver[Any]:
    saver = graph.checkpointer
    if not isinstance(saver, BaseCheckpointSaver):
        raise NoCheckpointer
    return saver


def port(graph: AnyGraph, config: RunnableConfig, **options: Any) -> Port:
    """Return the port that suits the graph: asynchronous only where it has to be."""
    kind = AsyncPort if needs_loop(graph) else SyncPort
    return kind(graph, config, **options)


def needs_loop(graph: AnyGraph) -> bool:
    """Return True for a graph with an asynchronous checkpointer or an async-only node."""
    saver = graph.checkpointer
    if isinstance(saver, BaseCheckpointSaver) and isinstance(
        getattr(saver, "loop", None), asyncio.AbstractEventLoop
    ):
        return True
    for node in graph.nodes.values():
        bound = node.bound
        if getattr(bound, "func", True) is None and getattr(bound, "afunc", None) is not None:
            return True
    return any(
        needs_loop(sub)
        for _, sub in graph.get_subgraphs()
        if isinstance(sub, Pregel) and sub is not graph
    )


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Drives a coroutine that never suspends, without an event loop."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise RuntimeError("a synchronous graph tried to wait in an event loop")


def thread_config(config: RunnableConfig | Mapping[str, Any]) -> RunnableConfig:
    """Return the configuration of the thread itself, whatever checkpoint `config` points at."""
    configurable = dict(config.get("configurable") or {})
    if configurable.get("thread_id") in (None, ""):
        raise NoThread
    configurable.pop("checkpoint_id", None)
    result: dict[str, Any] = {**config, "configurable": configurable}
    return result  # type: ignore[return-value]


def thread_name(config: RunnableConfig) -> str:
    """Return the thread's id."""
    return str(config.get("configurable", {}).get("thread_id", ""))


@dataclass(frozen=True)
class Place:
    """Name the place where a thread is kept."""

    key: str
    """Names the thread among all that this process knows."""
    lock: Callable[[], AbstractContextManager[Any]] = nullcontext
    """Holds the thread against the other processes that can reach it; raises `Busy`."""


async def place_of(graph: AnyGraph, config: RunnableConfig) -> Place:
    """Return where a thread is kept: a SQLite file, a PostgreSQL database, or memory."""
    saver: Any = getattr(graph.checkpointer, "inner", graph.checkpointer)
    connection = getattr(saver, "conn", None)
    thread = f"{config.get('configurable', {}).get('checkpoint_ns', '')}|{thread_name(config)}"
    kinds = {base.__module__.partition(".")[0] for base in type(connection).__mro__}
    if not kinds.isdisjoint({"psycopg", "psycopg_pool"}):
        info = await _server(connection)
        schema = info.get_parameters().get("options", "")  # where a search path stands
        key = f"postgresql:{info.host}:{info.port}/{info.dbname}{schema}|{thread}"
        return Place(key, partial(_server_lock, info.dsn, info.password, thread))
    if file := await _file(saver, connection, kinds):
        key = f"sqlite:{Path(file).resolve()}|{thread}"
        return Place(key, partial(_file_lock, key))
    return Place(f"object:{id(graph.checkpointer)}|{thread}")


async def _file(saver: Any, connection: Any, kinds: set[str]) -> str:
    """Return the file of a SQLite connection, synchronous or not; empty for one in memory."""
    question = "PRAGMA database_list"
    rows: Iterable[Any] = ()
    if isinstance(connection, sqlite3.Connection):
        with getattr(saver, "lock", nullcontext()):
            rows = connection.execute(question).fetchall()
    elif "aiosqlite" in kinds:
        rows = await connection.execute_fetchall(question)
    return next((row[2] for row in rows if row[1] == "main"), "")


async def _server(connection: Any) -> Any:
    """Return what a PostgreSQL connection, or one of a pool, is connected to."""
    if hasattr(connection, "info"):
        return connection.info
    borrowed = connection.connection()
    if hasattr(borrowed, "__aenter__"):
        async with borrowed as one:
            return one.info
    with borrowed as one:
        return one.info


@contextmanager
def _file_lock(key: str) -> Iterator[None]:
    """Yield a lock file in a folder of the user's own; the system frees it when a process dies.

    Users of one machine who share a database file are not held against each other.
    """
    folder = platformdirs.user_cache_path("agent-patterns", appauthor=False) / "threads"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(key.encode()).hexdigest()
    lock = FileLock(folder / f"{name}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(ELSEWHERE) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _server_lock(dsn: str, password: str, thread: str) -> Iterator[None]:
    """Yield an advisory lock in the thread's own database: it holds across machines.

    It has a connection of its own, since the checkpointer's may be a pool of one, and the server
    frees it when that connection ends, however it ends.
    """
    import psycopg

    number = int.from_bytes(hashlib.sha256(thread.encode()).digest()[:8], signed=True)
    with closing(psycopg.connect(dsn, password=password or None, autocommit=True)) as connection:
        answer = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
        if answer != (True,):
            raise Busy(ELSEWHERE)
        yield


_claimed: set[str] = set()
_claims = threading.Lock()


@asynccontextmanager
async def claim(place: Place, in_loop: bool) -> AsyncIterator[None]:
    """Hold a thread for the time of one run, against this process and all others.

    Args:
        place: the thread.
        in_loop: there is an event loop that must not be held up.

    Raises:
        Busy: somebody else holds it.
        NotLocked: it cannot be held.
    """
    with _claims:
        if place.key in _claimed:
            raise Busy("another decision of this thread is being carried out at this moment")
        _claimed.add(place.key)
    try:
        with ExitStack() as held:
            try:
                if in_loop:
                    await asyncio.to_thread(held.enter_context, place.lock())
                else:
                    held.enter_context(place.lock())
            except Busy:
                raise
            except Exception as error:  # a folder that is not ours, a server that does not answer
                raise NotLocked(
                    "the thread cannot be held against other processes"
                    f" ({type(error).__name__}: {error})"
                ) from error
            yield
    finally:
        with _claims:
            _claimed.discard(place.key)
