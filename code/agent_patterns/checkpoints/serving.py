"""What a checkpointer around another has to have besides its checks: threads, closing, passing on.

The asynchronous methods are the synchronous ones in threads: one way through the database instead
of two.  The threads belong to the checkpointer, so that nodes that fill asyncio's own threads
cannot hold up what they wait for.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple


def _threaded(name: str) -> Any:
    @functools.wraps(getattr(BaseCheckpointSaver, name))
    async def method(self: WrappedSaver, *arguments: Any, **named: Any) -> Any:
        return await self.threaded(getattr(self, name), *arguments, **named)

    return method


class WrappedSaver(BaseCheckpointSaver[str]):
    """A saver around a synchronous one that serves asynchronous graphs too."""

    aget_tuple = _threaded("get_tuple")
    aput = _threaded("put")
    aput_writes = _threaded("put_writes")
    adelete_thread = _threaded("delete_thread")
    adelete_for_runs = _threaded("delete_for_runs")
    acopy_thread = _threaded("copy_thread")
    aprune = _threaded("prune")
    aget_delta_channel_history = _threaded("get_delta_channel_history")

    def __init__(
        self, inner: BaseCheckpointSaver[Any], serde: Any, close: Callable[[], object]
    ) -> None:
        super().__init__(serde=serde)
        self.inner = inner
        self._executor = ThreadPoolExecutor(8, thread_name_prefix="checkpoints")
        self._close: Callable[[], object] | None = close

    async def threaded(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a function in one of the checkpointer's threads."""
        call = functools.partial(work, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def alist(self, *arguments: Any, **named: Any) -> AsyncIterator[CheckpointTuple]:
        """Do `list` in a thread."""
        for item in await self.threaded(lambda: [*self.list(*arguments, **named)]):
            yield item

    @property
    def conn(self) -> Any:
        """The connection or pool, where LangGraph's own savers have it."""
        return getattr(self.inner, "conn")  # noqa: B009 - not every saver has one

    @property
    def lock(self) -> Any:
        """What guards `conn`."""
        return getattr(self.inner, "lock")  # noqa: B009

    def get_next_version(self, current: Any, channel: None) -> Any:
        """Return the inner checkpointer's next version of a channel."""
        return self.inner.get_next_version(current, channel)

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> Self:
        """Return itself: which classes may be stored is said once, when it is opened."""
        return self

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        close, self._close = self._close, None
        if close is not None:
            self._executor.shutdown(wait=False)
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)
