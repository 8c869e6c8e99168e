"""Progress from inside a node, back-pressure, and retries that repeat no token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Generic, TypedDict, TypeVar

from langgraph.config import get_stream_writer

from agent_patterns.streaming.run_stream import StreamError

Item = TypeVar("Item")


class ProgressEvent(TypedDict):
    """Describe what a `Progress` writes into the custom stream."""

    type: str
    """Always ``progress``."""
    label: str
    done: int
    total: int | None
    note: str
    state: str
    """running, done, failed or cancelled."""


class Progress:
    """Report a node's progress in the custom stream.

    In an async or sync node: ``with Progress("Reading", total=4) as progress:`` and, for each
    piece, ``progress.advance("ink-01")``.  The last event says how it ended.

    Args:
        label: what is being done.
        total: how many pieces there are; None if unknown.
        writer: where events go; by default the stream of the graph that runs this node.
    """

    def __init__(
        self, label: str, total: int | None = None, writer: Callable[[Any], None] | None = None
    ) -> None:
        self._label, self._total, self._done = label, total, 0
        self._write = writer or get_stream_writer()

    def advance(self, note: str = "", pieces: int = 1) -> None:
        """Report that pieces are done.

        Raises:
            StreamError: there would be more than the total, or fewer than before.
        """
        done = self._done + pieces
        if pieces < 0 or (self._total is not None and done > self._total):
            raise StreamError(f"{self._label}: {done} of {self._total} cannot be done")
        self._done = done
        self._event("running", note)

    def _event(self, state: str, note: str = "") -> None:
        self._write(
            ProgressEvent(
                type="progress",
                label=self._label,
                done=self._done,
                total=self._total,
                note=note,
                state=state,
            )
        )

    def __enter__(self) -> Progress:
        self._event("running")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._event("done")
        elif issubclass(kind, asyncio.CancelledError):
            self._event("cancelled")
        else:
            self._event("failed", f"{kind.__name__}: {error}")


class Channel(Generic[Item]):
    """Hand items from a node to a reader, with the node at most `size` items ahead.

    LangGraph's own stream has no limit: a node that writes faster than its reader reads fills
    the memory.  `send()` waits instead.  With `patience`, a reader that has stopped reading
    becomes an error in the node, not a node that waits for ever.

    Args:
        size: how many items may lie in between.
        patience: seconds `send()` waits for the reader; None: for ever.
    """

    def __init__(self, size: int, *, patience: float | None = None) -> None:
        if size < 1:
            raise StreamError("a channel holds at least 1 item")
        self._queue: asyncio.Queue[tuple[Item] | None] = asyncio.Queue(size)
        self._patience = patience
        self._closed = False
        self._gone = asyncio.Event()

    async def send(self, item: Item) -> None:
        """Hand over an item, waiting while the reader is behind.

        Raises:
            StreamError: the channel is closed, the reader has left, or patience has run out.
        """
        if self._closed:
            raise StreamError("the channel is closed: nobody would read this item")
        await self._put((item,))

    async def close(self) -> None:
        """Say that nothing more comes; the reader's loop ends after the last item."""
        if not self._closed:
            self._closed = True
            await self._put(None)

    def leave(self) -> None:
        """Say that nobody reads any more; a waiting `send()` raises at once."""
        self._closed = True
        self._gone.set()

    async def __aiter__(self) -> AsyncIterator[Item]:
        try:
            while (held := await self._queue.get()) is not None:
                yield held[0]
        finally:
            self.leave()

    async def _put(self, held: tuple[Item] | None) -> None:
        if not self._gone.is_set():
            try:
                return self._queue.put_nowait(held)
            except asyncio.QueueFull:
                if await self._wait_to_put(held):
                    return None
        if held is None:
            return None
        if self._gone.is_set():
            raise StreamError("the reader has left")
        raise StreamError(f"the reader has not read for {self._patience:g} s")

    async def _wait_to_put(self, held: tuple[Item] | None) -> bool:
        put = asyncio.ensure_future(self._queue.put(held))
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait(
                {put, gone}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            put.cancel()
            gone.cancel()
            await asyncio.wait({put, gone})
        return not put.cancelled()


async def retry_stream(
    open_stream: Callable[[], AsyncIterator[str]],
    *,
    attempts: int = 3,
    retry_on: Callable[[Exception], bool] = lambda error: True,
    delay: Callable[[int], float] = lambda attempt: 0.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[str]:
    """Yield the text of a stream; if it breaks, open it again and skip what was delivered.

    Tokens may be cut differently each time, so characters are counted, not tokens.

    Args:
        open_stream: opens the stream from its beginning.
        attempts: how often it is opened.
        retry_on: which errors are worth another attempt.
        delay: seconds to wait before the attempt of that number.
        sleep: waits.

    Raises:
        StreamError: the next attempt says something else than what was already delivered, which
            cannot be taken back here.  Clear what is shown, and start again.
    """
    delivered = ""
    for attempt in range(1, attempts + 1):
        place = 0
        stream = open_stream()
        try:
            async for text in stream:
                known = delivered[place : place + len(text)]
                if not text.startswith(known):
                    raise StreamError(_diverged(place + _common(text, known)))
                place += len(text)
                if new := text[len(known) :]:
                    delivered += new
                    yield new
            if place < len(delivered):
                raise StreamError(_diverged(place))
            return
        except StreamError:
            raise
        except Exception as error:
            if attempt == attempts or not retry_on(error):
                raise
            await sleep(delay(attempt + 1))
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()


def _common(text: str, known: str) -> int:
    """Return how many first characters two texts share."""
    pairs = enumerate(zip(text, known, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(text), len(known)))


def _diverged(place: int) -> str:
    return (
        f"the repeated stream differs from character {place} on: clear what is shown and start "
        "again, or ask the model to continue from there"
    )
