"""A checkpointer around any other: it seals, validates and fences what is stored."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)

from agent_patterns.persistence.binding import bound, document_of, unbound, unstorable
from agent_patterns.persistence.database import Database
from agent_patterns.persistence.errors import StateInvalid
from agent_patterns.persistence.fencing import Fences
from agent_patterns.persistence.locating import key_named, located
from agent_patterns.persistence.sealing import SealedSerializer
from agent_patterns.persistence.storage import Storage
from agent_patterns.persistence.validation import StateValidator

SEAL_KEY = "seal"


class SafeCheckpointer(BaseCheckpointSaver[str]):
    """Any LangGraph checkpointer, with checked contents.  `open_checkpointer` makes one.

    - Every value is sealed and verified before it is decoded (`SealedSerializer`); what a backend
      stores outside its serialiser (metadata, plain values in PostgreSQL's jsonb, the parent, the
      set of keys) is covered by a seal in the metadata.
    - State is validated on save and on load, if a schema is given.
    - A run of a `Supervisor` writes through a view (`under`), whose writes are refused once another
      worker has claimed the thread.  Whoever writes by hand meanwhile (`update_state`,
      `delete_thread`) is not refused: claim the thread first, and write through a view too.

    A synchronous one also serves an async graph (in threads).

    Attributes:
        url: where it was opened, for another process to open the same.
        storage: the stored rows, without decoding them.
        database: the database for claims, outbox and quarantine.
    """

    def __init__(
        self,
        inner: BaseCheckpointSaver[Any],
        *,
        url: str,
        serializer: SealedSerializer,
        storage: Storage,
        database: Database,
        fences: Fences,
        validator: StateValidator | None = None,
        close: Callable[[], Any] = lambda: None,
        asynchronous: bool = False,
    ) -> None:
        super().__init__(serde=serializer)
        self.inner = inner
        self.url = url
        self.storage = storage
        self.database = database
        self.fences = fences
        self._serializer = serializer
        self._validator = validator
        self._close = close
        self._asynchronous = asynchronous
        self._closed = False
        self._closing = threading.Lock()

    # --- life ------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes the connections; calling it again does nothing.  Not for async ones."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._close()

    async def aclose(self) -> None:
        """Closes the connections of a checkpointer that `open_async_checkpointer` opened."""
        if not self._closed:
            self._closed = True
            closing = self._close()
            if asyncio.iscoroutine(closing):
                await closing

    def __enter__(self) -> SafeCheckpointer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> SafeCheckpointer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __getattr__(self, name: str) -> Any:
        # What callers look for on LangGraph's own savers: the event loop, the connection.
        if name in ("loop", "conn", "lock") and "inner" in self.__dict__:
            return getattr(self.inner, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def config_specs(self) -> list[Any]:
        """The configuration fields of the inner checkpointer."""
        return list(self.inner.config_specs)

    def get_next_version(self, current: Any, channel: None) -> Any:
        """The inner checkpointer's next version of a channel."""
        return self.inner.get_next_version(current, channel)

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> SafeCheckpointer:
        """Itself: which classes may be stored is said once, when it is opened."""
        return self

    def under(self, thread_id: str, token: int) -> SafeCheckpointer:
        """A view on the same connections that writes to the thread under a claim's token.

        Closing it does nothing; it ends with the checkpointer it was made of.
        """
        view = copy.copy(self)
        view.fences = self.fences.under(thread_id, token)
        view._close = lambda: None
        return view

    # --- reading ---------------------------------------------------------------------------

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest checkpoint of a thread, or the one the config names, verified.

        Raises:
            CheckpointCorrupted: what is stored is not what was saved.
            StateInvalid: the values do not fit the schema.
        """
        with located(config):
            found = self.inner.get_tuple(config)
        return None if found is None else self._opened(found)

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """A thread's checkpoints, newest first, each verified.  Raises like `get_tuple`."""
        with located(config):
            # All at once: the inner one may hold a lock between two items.
            found = list(self.inner.list(config, filter=filter, before=before, limit=limit))
        for item in found:
            yield self._opened(item)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Like `get_tuple`."""
        if not self._asynchronous:
            return await asyncio.to_thread(self.get_tuple, config)
        with located(config):
            found = await self.inner.aget_tuple(config)
        return None if found is None else self._opened(found)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Like `list`."""
        if not self._asynchronous:
            for item in await asyncio.to_thread(
                lambda: [*self.list(config, filter=filter, before=before, limit=limit)]
            ):
                yield item
            return
        found = []
        with located(config):
            async for item in self.inner.alist(config, filter=filter, before=before, limit=limit):
                found.append(item)
        for item in found:
            yield self._opened(item)

    # --- writing ---------------------------------------------------------------------------

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Validates, seals and stores a checkpoint.

        Raises:
            StateInvalid: a value does not fit the schema or cannot be stored; names the key.
            ClaimLost: another worker has taken the thread over.
        """
        if self._asynchronous:
            saved = self._from_thread(self.aput(config, checkpoint, metadata, new_versions))
            return cast("RunnableConfig", saved)
        sealed = self._sealed(config, checkpoint, metadata)
        with self._naming(checkpoint), self.fences.writer(self.inner, _thread(config)) as inner:
            return inner.put(config, checkpoint, sealed, new_versions)

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Seals and stores what a finished task has written.  Raises like `put`."""
        if self._asynchronous:
            self._from_thread(self.aput_writes(config, writes, task_id, task_path))
            return
        tied = bound(writes, task_id)
        with (
            self._naming_writes(writes),
            self.fences.writer(self.inner, _thread(config)) as inner,
        ):
            inner.put_writes(config, tied, task_id, task_path)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Like `put`."""
        if not self._asynchronous:
            return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)
        sealed = self._sealed(config, checkpoint, metadata)
        with self._naming(checkpoint):
            async with self.fences.awriter(self.inner, _thread(config)) as inner:
                return await inner.aput(config, checkpoint, sealed, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Like `put_writes`."""
        if not self._asynchronous:
            await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)
            return
        tied = bound(writes, task_id)
        with self._naming_writes(writes):
            async with self.fences.awriter(self.inner, _thread(config)) as inner:
                await inner.aput_writes(config, tied, task_id, task_path)

    def delete_thread(self, thread_id: str) -> None:
        """Deletes everything of a thread but its quarantine.

        Raises:
            ClaimLost: another worker has taken the thread over.
        """
        if self._asynchronous:
            self._from_thread(self.adelete_thread(thread_id))
            return
        with self.fences.writer(self.inner, thread_id) as inner:
            inner.delete_thread(thread_id)

    async def adelete_thread(self, thread_id: str) -> None:
        """Like `delete_thread`."""
        if not self._asynchronous:
            await asyncio.to_thread(self.delete_thread, thread_id)
            return
        async with self.fences.awriter(self.inner, thread_id) as inner:
            await inner.adelete_thread(thread_id)

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Not this way: `agent_patterns.persistence.prune` knows what must stay."""
        raise NotImplementedError(
            "Call agent_patterns.persistence.prune(checkpointer, thread_id, keep=1), "
            "or delete_thread(thread_id)."
        )

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Not possible: the seals name the thread."""
        raise NotImplementedError(
            "A checkpoint's seal names its thread, so a copy would be taken for damage. "
            "Fork within the thread: graph.update_state(snapshot.config, changes)."
        )

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Like `prune`."""
        self.prune(thread_ids, strategy=strategy)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Like `copy_thread`."""
        self.copy_thread(source_thread_id, target_thread_id)

    def verifies(self, kind: str, stored: bytes) -> bool:
        """Whether a stored value, as it lies in the database, carries its right seal."""
        return self._serializer.verifies(kind, stored)

    # --- seals -----------------------------------------------------------------------------

    def _sealed(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata
    ) -> CheckpointMetadata:
        values = checkpoint["channel_values"]
        if self._validator is not None:
            self._validator.check(values, when="save")
        stored = get_serializable_checkpoint_metadata(config, metadata)
        fields = cast("dict[str, Any]", stored)
        fields.pop(SEAL_KEY, None)
        problems = unstorable(values, fields)
        if problems:
            raise StateInvalid(problems, when="save")
        parent = config["configurable"].get("checkpoint_id")
        fields[SEAL_KEY] = self._serializer.seal_document(
            document_of(config, checkpoint["id"], parent, checkpoint, fields)
        )
        return stored

    def _opened(self, found: CheckpointTuple) -> CheckpointTuple:
        fields = dict(found.metadata)
        seal = fields.pop(SEAL_KEY, None)
        fields.pop("writes", None)  # not sealed: PostgreSQL's saver drops it
        identifier = found.config["configurable"]["checkpoint_id"]
        parent = (found.parent_config or {"configurable": {}})["configurable"].get("checkpoint_id")
        with located(found.config):
            document = document_of(found.config, identifier, parent, found.checkpoint, fields)
            self._serializer.check_document(document, seal)
            writes = unbound(found.pending_writes or [])
        if self._validator is not None:
            self._validator.check(found.checkpoint["channel_values"], when="load")
        return found._replace(metadata=cast("CheckpointMetadata", fields), pending_writes=writes)

    def _naming(self, checkpoint: Checkpoint) -> AbstractContextManager[None]:
        return key_named(self._serializer, checkpoint["channel_values"].items())

    def _naming_writes(self, writes: Sequence[tuple[str, Any]]) -> AbstractContextManager[None]:
        return key_named(self._serializer, writes)

    def _from_thread(self, work: Any) -> Any:
        loop = getattr(self.inner, "loop")  # noqa: B009 - every async saver has one
        with suppress(RuntimeError):  # there is no running loop in most threads
            if asyncio.get_running_loop() is loop:
                work.close()
                loop = None
        if loop is None:
            raise RuntimeError("Await the asynchronous method: this one would wait for itself.")
        return asyncio.run_coroutine_threadsafe(work, loop).result()


def _thread(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])
