"""Stream a run, stop it from anywhere, and leave its thread ready to be resumed.

``async with RunStream(graph, input, config) as stream:`` iterates over the parts of a run.
`stop()` may come from a button, another task or another thread.  The rest of the package is in
`tokens.py` (progress, back-pressure, retries without repeated tokens) and `loop.py` (who blocks
the event loop).

What goes wrong, and what guards it:

| Failure                                         | Guard                                       |
|-------------------------------------------------|---------------------------------------------|
| The reader leaves; the run goes on, and costs   | leaving the `async with` block ends the run |
| Stop waits for a token that may not come        | `stop()` interrupts the wait itself         |
| Stop loses the steps that had ended             | a checkpoint per step: `durability="sync"`  |
| Stop in the middle of a step that must end      | `drain()` lets it end, and no other begin   |
| What the user has seen is gone after a stop     | `text` keeps it                             |
| Stop and a cancelled task are mixed up          | only its own cancellation becomes a stop    |
| A second reader takes half of the parts         | a stream is read once                       |
| Tokens come faster than the reader reads        | `Channel`: the node waits                   |
| A stream breaks, is retried, and repeats itself | `retry_stream()` skips what was delivered   |
| A blocking call stops every run of the process  | `watch_loop()` names it                     |

A blocking (sync) node runs in a thread, which nothing can stop: its step is given up, its thread
runs to its end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any, Literal, get_args

from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import RunControl
from langgraph.types import StreamMode

from agent_patterns.errors import PatternError

Ended = Literal["", "finished", "interrupted", "stopped", "drained", "failed"]


class StreamError(PatternError):
    """A stream was used in a way that loses or repeats parts; the message says what to do."""


class RunStream:
    """Iterate over the parts of one run.

    Args:
        graph: a compiled graph; with a checkpointer its thread can be resumed after a stop.
        input: its input; None resumes the thread where it stopped.
        config: its config, with a `thread_id` if there is a checkpointer.
        modes: which parts to stream, as in `graph.astream`.
        subgraphs: also stream what happens inside subgraphs; `ns` of a part says where.
        clock: monotonic seconds.
        options: passed on to `graph.astream`.

    Attributes:
        ended: how it ended: finished, interrupted (it waits for a human), stopped, drained or
            failed; empty while it runs.
        text: the text of all message tokens so far.
        first_token: seconds to the first one; None before it.
        seconds: seconds from the first request for a part to the end.
    """

    def __init__(
        self,
        graph: CompiledStateGraph[Any, Any, Any, Any],
        input: Any,
        config: RunnableConfig | None = None,
        *,
        modes: StreamMode | Sequence[StreamMode] = ("updates", "messages", "custom"),
        subgraphs: bool = True,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        chosen, known = [modes] if isinstance(modes, str) else list(modes), get_args(StreamMode)
        if unknown := sorted(set(chosen) - set(known)):
            raise StreamError(f"No stream mode {', '.join(unknown)}: take {', '.join(known)}.")
        self.ended: Ended = ""
        self.text = ""
        self.first_token: float | None = None
        self.seconds = 0.0
        self._graph, self._input, self._config = graph, input, config
        if graph.checkpointer:
            options.setdefault("durability", "sync")
        self._options = {
            **options,
            "stream_mode": chosen,
            "subgraphs": subgraphs,
            "version": "v2",
        }
        self._clock = clock
        self._control = RunControl()
        self._stopping = self._waiting = self._entered = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reader: asyncio.Task[Any] | None = None
        self._parts: AsyncGenerator[Any, None] | None = None

    async def __aenter__(self) -> RunStream:
        self._loop, self._entered = asyncio.get_running_loop(), True
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._parts is not None:
            await self._parts.aclose()
        self._entered = False
        self.ended = self.ended or "stopped"

    def stop(self) -> None:
        """Stop the run at once; what its running step has done so far is not kept.

        Steps that have ended are kept, so `RunStream(graph, None, config)` resumes at the step
        that was stopped.  May be called from any thread, at any time, more than once.
        """
        self._stopping = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._interrupt_wait)

    def drain(self, reason: str = "drained") -> None:
        """Let the running step end, and begin no other; resume as after `stop()`."""
        self._control.request_drain(reason)

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        if not self._entered:
            raise StreamError("Use `async with RunStream(…) as stream`, or a run is left behind.")
        if self._parts is not None:
            raise StreamError("A stream is read once: make another RunStream for another run.")
        self._parts = self._read()
        return self._parts

    async def _read(self) -> AsyncGenerator[dict[str, Any], None]:
        began = self._clock()
        source = self._graph.astream(
            self._input, self._config, control=self._control, **self._options
        )
        waits = False
        try:
            while not self._stopping:
                part = await self._next(source)
                if part is None:
                    break
                waits = waits or _asks(part)
                if token := _token(part):
                    self.first_token = self.first_token or self._clock() - began
                    self.text += token
                yield part
            if not self.ended:
                self.ended = "stopped" if self._stopping else "interrupted" if waits else "finished"
        except GraphDrained:
            self.ended = "drained"
        except GeneratorExit:
            self.ended = "stopped"
            raise
        except BaseException:
            self.ended = "failed"
            raise
        finally:
            await source.aclose()  # type: ignore[attr-defined]
            await _written(self._graph.checkpointer)
            self.seconds = self._clock() - began

    async def _next(self, source: AsyncIterator[Any]) -> dict[str, Any] | None:
        """Return the next part, or None at the end or when stopped."""
        self._reader = asyncio.current_task()
        assert self._reader is not None
        cancelled_before = self._reader.cancelling()
        self._waiting = True
        try:
            return await anext(source, None)
        except asyncio.CancelledError:
            # As in asyncio.timeout(): ours only if nobody else has cancelled this task too.
            if self._stopping and self._reader.uncancel() <= cancelled_before:
                return None
            raise
        finally:
            self._waiting = False

    def _interrupt_wait(self) -> None:
        if self._waiting and self._reader is not None:
            self._waiting = False
            self._reader.cancel()


async def _written(checkpointer: Any) -> None:
    """Wait until the checkpointer has written all that it has begun.

    LangGraph starts a last write for a cancelled step and does not wait for it (seen in 1.2): a
    caller that then closes the checkpointer, or resumes, would race with it.
    """
    await asyncio.sleep(0)
    writes = set()
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is not None and checkpointer and frame.f_locals.get("self") is checkpointer:
            writes.add(task)
    if writes:
        await asyncio.wait(writes)


def _token(part: dict[str, Any]) -> str:
    if part["type"] != "messages":
        return ""
    message, _ = part["data"]
    return str(message.text) if isinstance(message, AIMessageChunk) else ""


def _asks(part: dict[str, Any]) -> bool:
    return part["type"] == "updates" and not part["ns"] and "__interrupt__" in part["data"]
