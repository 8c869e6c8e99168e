"""One thread of one graph: what waits in it, and resuming it exactly once.

The same code serves graphs that run synchronously and graphs that need an event loop: a `Port`
hides which of the two it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from filelock import FileLock, Timeout
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.pregel import Pregel
from langgraph.types import StateSnapshot, StreamMode

T = TypeVar("T")
Event = tuple[tuple[str, ...], str, Any]
"""Namespace of the (sub)graph, stream mode, and what it sent."""
Listener = Callable[[Event], None]
AnyGraph = Pregel[Any, Any, Any, Any]

MODES: list[StreamMode] = ["tasks", "values"]


class PanelError(Exception):
    """Base of what can keep a decision from being carried out."""


class NotWaiting(PanelError):
    """Nothing waits here for this decision (any more)."""


class Busy(PanelError):
    """The thread is carrying out another decision at this moment."""


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
    """How a thread is read and run."""

    needs_loop: bool

    async def state(self) -> StateSnapshot:
        """The newest state of the thread."""

    def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Runs the graph on `value` and yields what it streams, `inner` graphs included."""


class SyncPort:
    """Reads and runs a graph synchronously: none of its awaits ever suspends."""

    needs_loop = False

    def __init__(self, graph: AnyGraph, config: RunnableConfig, **options: Any) -> None:
        self._graph, self._config, self._options = graph, config, options

    async def state(self) -> StateSnapshot:
        """The newest state of the thread."""
        return self._graph.get_state(self._config)

    async def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Runs the graph on `value` and yields what it streams, `inner` graphs included."""
        for event in self._graph.stream(
            value, self._config, stream_mode=MODES, subgraphs=inner, **self._options
        ):
            yield event if inner else ((), *event)


class AsyncPort:
    """Reads and runs a graph in the running event loop."""

    needs_loop = True

    def __init__(self, graph: AnyGraph, config: RunnableConfig, **options: Any) -> None:
        self._graph, self._config, self._options = graph, config, options

    async def state(self) -> StateSnapshot:
        """The newest state of the thread."""
        return await self._graph.aget_state(self._config)

    async def events(self, value: Any, inner: bool = True) -> AsyncIterator[Event]:
        """Runs the graph on `value` and yields what it streams, `inner` graphs included."""
        async for event in self._graph.astream(
            value, self._config, stream_mode=MODES, subgraphs=inner, **self._options
        ):
            yield event if inner else ((), *event)


def port(graph: AnyGraph, config: RunnableConfig, **options: Any) -> Port:
    """The port that suits the graph: asynchronous only where it has to be."""
    kind = AsyncPort if needs_loop(graph) else SyncPort
    return kind(graph, config, **options)


def needs_loop(graph: AnyGraph) -> bool:
    """True for a graph with an asynchronous checkpointer or an async-only node."""
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
    """The configuration of the thread itself, whatever checkpoint `config` points at."""
    configurable = dict(config.get("configurable") or {})
    if configurable.get("thread_id") in (None, ""):
        raise NoThread
    configurable.pop("checkpoint_id", None)
    result: dict[str, Any] = {**config, "configurable": configurable}
    return result  # type: ignore[return-value]


def thread_name(config: RunnableConfig) -> str:
    """The thread's id."""
    return str(config.get("configurable", {}).get("thread_id", ""))


def _store(saver: Any) -> tuple[str, bool]:
    """What identifies the place checkpoints are kept in, and whether processes can share it."""
    connection = getattr(saver, "conn", None)
    if isinstance(connection, sqlite3.Connection):
        with getattr(saver, "lock", threading.Lock()):
            rows = connection.execute("PRAGMA database_list").fetchall()
        path = next((row[2] for row in rows if row[1] == "main"), "")
        if path:
            return f"sqlite:{Path(path).resolve()}", True
    return f"object:{id(saver)}", False


def thread_key(graph: AnyGraph, config: RunnableConfig) -> tuple[str, bool]:
    """Names a thread uniquely in this process, and tells if other processes may share it."""
    store, shared = _store(graph.checkpointer)
    configurable = config.get("configurable", {})
    return f"{store}|{configurable.get('checkpoint_ns', '')}|{thread_name(config)}", shared


_claimed: set[str] = set()
_claims = threading.Lock()


@contextmanager
def claim(key: str, shared: bool) -> Iterator[None]:
    """Holds a thread for the time of one run.

    Two panels of one process share a set; processes that share a SQLite file share a lock file
    in the system's folder for temporary files, which the system frees when a process dies.

    Raises:
        Busy: somebody else holds it.
    """
    with _claims:
        if key in _claimed:
            raise Busy("another decision of this thread is being carried out at this moment")
        _claimed.add(key)
    try:
        if not shared:
            yield
            return
        folder = Path(tempfile.gettempdir()) / "agent-patterns-threads"
        folder.mkdir(exist_ok=True)
        lock = FileLock(
            folder / f"{hashlib.sha256(key.encode()).hexdigest()}.lock", thread_local=False
        )
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Busy(
                "another process is carrying out a decision of this thread at this moment"
            ) from None
        try:
            yield
        finally:
            lock.release()
    finally:
        with _claims:
            _claimed.discard(key)
