"""What a checkpointer around another has to have besides its checks: threads, closing, passing on.

The asynchronous methods are the synchronous ones in threads of the checkpointer's own: nodes that
fill those of asyncio cannot hold up what they wait for.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from itertools import groupby
from typing import Any, Self, TypeVar

import ormsgpack
import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite import SqliteSaver

from agent_patterns.checkpoints.errors import CheckpointCorrupted
from agent_patterns.checkpoints.rows import Rows, prune
from agent_patterns.durable.database import Database

T = TypeVar("T")
_UNREADABLE = (sqlite3.DatabaseError, psycopg.DataError, NotImplementedError)


class Opaque(SerializerProtocol):
    """Carry sealed bytes and plain msgpack through LangGraph's savers; read all else as `None`."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Encode bytes as they are, and a checkpoint's plain data as msgpack."""
        return ("sealed", obj) if isinstance(obj, bytes) else ("plain", ormsgpack.packb(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return sealed bytes as they are; decode msgpack, which builds plain data only."""
        kind, stored = data
        if kind not in ("sealed", "plain") or not isinstance(stored, bytes | memoryview):
            return None
        return bytes(stored) if kind == "sealed" else ormsgpack.unpackb(stored)


class WrappedSaver(
    BaseCheckpointSaver[str], AbstractContextManager[Any], AbstractAsyncContextManager[Any]
):
    """A saver around a synchronous one that serves asynchronous graphs too."""

    def __init__(self, database: Any, serde: SerializerProtocol) -> None:
        super().__init__(serde=serde)
        self.database: Database = database
        self.threads = ThreadPoolExecutor(8, thread_name_prefix="checkpoints")
        self.inner: Any
        self._within: Callable[[Any], Any]
        if database.dialect == "sqlite":  # reads and writes on one connection
            self.inner = SqliteSaver(database.connection, serde=Opaque())
            self.inner.lock = database.lock
            self.inner.setup()
            self._within = lambda session: self.inner
        else:
            database.migrate("checkpoint_migrations", PostgresSaver.MIGRATIONS)
            self.inner = PostgresSaver(database.pool, serde=Opaque())
            self._within = lambda session: PostgresSaver(session.connection, serde=Opaque())
        self.rows = Rows(database)
        self.get_next_version = self.inner.get_next_version  # type: ignore[method-assign]

    def write(self, work: Callable[[BaseCheckpointSaver[Any]], T]) -> T:
        """Store something, once again if the database cut it off: the keys are the same."""
        return self.database.transact(lambda session: work(self._within(session)), repeatable=True)

    async def alist(self, *arguments: Any, **named: Any) -> AsyncIterator[CheckpointTuple]:
        """Do `list` in a thread."""
        loop, listed = asyncio.get_running_loop(), self.list(*arguments, **named)
        for item in await loop.run_in_executor(self.threads, lambda: [*listed]):
            yield item

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> Self:
        """Return itself: which classes may be stored is said once, when it is opened."""
        return self

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a thread's checkpoints and writes, verified and sealed anew for their new thread."""
        source: RunnableConfig = {"configurable": {"thread_id": source_thread_id}}
        for found in reversed([*self.list(source)]):
            here: Any = {**found.config["configurable"], "thread_id": target_thread_id}
            parent = (found.parent_config or {"configurable": {}})["configurable"]
            before: Any = {**here, "checkpoint_id": parent.get("checkpoint_id")}
            versions = found.checkpoint["channel_versions"]
            self.put({"configurable": before}, found.checkpoint, found.metadata, versions)
            writes: Any = found.pending_writes or []
            for (path, task), its in groupby(writes, lambda write: write.place[:2]):
                self.put_writes({"configurable": here}, [write[1:] for write in its], task, path)

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that some runs have saved.  Raises like `prune`."""
        self.rows.remove(self.rows.of_runs(run_ids))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep the newest checkpoint of each namespace, or ("delete") none; see `prune`."""
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f'strategy is "keep_latest" or "delete", not {strategy!r}.')
        for thread_id in thread_ids:
            if strategy == "delete":
                self.delete_thread(thread_id)
            else:
                prune(self, thread_id, keep=1)

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        self.threads.shutdown(wait=False)
        self.database.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


def _threaded(method: Any) -> Any:
    @functools.wraps(method)
    async def threaded(self: WrappedSaver, *arguments: Any, **named: Any) -> Any:
        work = functools.partial(getattr(self, method.__name__[1:]), *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    return threaded


for _name, _method in vars(BaseCheckpointSaver).items():
    if inspect.iscoroutinefunction(_method):  # aput, aget_tuple and so on
        setattr(WrappedSaver, _name, _threaded(_method))


@contextmanager
def located(config: RunnableConfig | None) -> Iterator[None]:
    """Turn damage that is met inside into a `CheckpointCorrupted` that names the checkpoint."""
    place = (config or {}).get("configurable", {})
    named: Any = {key: str(place.get(key) or "") for key in ("thread_id", "checkpoint_id")}
    try:
        yield
    except CheckpointCorrupted as error:
        raise type(error)(error.reason, **named, tasks=error.tasks) from error
    except sqlite3.OperationalError:
        raise  # the database's trouble, not its content's
    except (ValueError, LookupError, TypeError, AttributeError, *_UNREADABLE) as error:
        reason = f"it cannot be read ({type(error).__name__}: {error})"
        raise CheckpointCorrupted(reason, **named) from error
