"""Answer from a cache: keys that hold all that matters, time to live, one flight per key.

`cache_key()` names a question together with all that its answer depends on.  `Cache` keeps the
answers, in memory or in a `SqliteStore`, and computes a missing one exactly once, however many
callers, threads of control or processes ask for it at the same time.

What goes wrong, and what guards it:

| Failure                                            | Guard                                       |
|----------------------------------------------------|---------------------------------------------|
| One user gets another user's answer                | `user` is in every key, never optional      |
| A cheaper model's answer passes for a better one's | so are `model`, `parameters` and `tools`    |
| `1`, `1.0`, `True` and `"1"` are one key           | keys are typed JSON                         |
| A key holds text that differs every run            | `cache_key()` refuses it and says where     |
| A stale answer                                     | `ttl`                                       |
| An error, or a tool call, answers everybody        | errors are never kept, `keep` decides       |
| Stampede: 100 callers miss, 100 computations       | single flight: one computes, 99 wait        |
| The one that computes is cancelled                 | the flight goes on while anybody waits      |
| Ten processes miss at once                         | a lease in the file; it ends if they die    |
| The file is damaged, foreign, read-only or old     | `CacheError` on opening; nothing is touched |
| The file breaks later                              | answers are computed; `stats.errors` counts |

Single flight is the name of Go's golang.org/x/sync/singleflight.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel

from agent_patterns.caching.store import CacheError, Held, MemoryStore, Store

Value = TypeVar("Value")

EVERYONE = "*"
"""The user of an answer that is the same for everybody."""

_OF_ONE_CALL = {"id", "response_metadata", "usage_metadata"}


def cache_key(
    question: Any,
    *,
    model: str,
    parameters: Mapping[str, Any],
    tools: Sequence[Any],
    user: str,
) -> str:
    """Return the key of a question with all that its answer depends on.

    Args:
        question: text, messages, or any other JSON-like value.
        model: the model's name, with its version.
        parameters: temperature, stop, response format, and the like.
        tools: tools, or their schemas, or their names.
        user: whose answer it is; `EVERYONE` if it is the same for all.

    Raises:
        CacheError: a part cannot be written the same way every time, or the user is empty.
    """
    if not user:
        raise CacheError("Say whose answer it is: a user's id, or EVERYONE.")
    parts = {
        "question": question,
        "model": model,
        "parameters": parameters,
        "tools": list(tools),
        "user": user,
    }
    text = json.dumps(_plain(parts, "key"), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, BaseMessage):
        return _plain(value.model_dump(exclude=_OF_ONE_CALL), where)
    if isinstance(value, BaseTool):
        return _plain(convert_to_openai_tool(value), where)
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"), where)
    if isinstance(value, Mapping):
        odd = [key for key in value if not isinstance(key, str)]
        if odd:
            raise CacheError(f"{where} has the key {odd[0]!r}: only text can be one")
        return {key: _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{at}]") for at, item in enumerate(value)]
    raise CacheError(
        f"{where} is a {type(value).__name__}, whose text may differ every run: "
        "put what identifies it into the key instead"
    )


@dataclass
class Stats:
    """Counts of what a cache did: `joined` callers waited for another's computation."""

    hits: int = 0
    misses: int = 0
    joined: int = 0
    errors: int = 0

    @property
    def hit_rate(self) -> float:
        """The share of questions that were not computed; 0 without questions."""
        asked = self.hits + self.misses + self.joined
        return (self.hits + self.joined) / asked if asked else 0.0


@dataclass
class _Flight(Generic[Value]):
    """Hold one computation on its way, and how many callers wait for it."""

    task: asyncio.Task[Value]
    waiting: int = 0


def no_tool_calls(value: Any) -> bool:
    """Return True for all but messages that call tools: a call is an act, not an answer."""
    return not getattr(value, "tool_calls", None)


class Cache(Generic[Value]):
    """Keep answers by key, and compute a missing one once.

    Args:
        store: where they lie; in memory by default.
        ttl: seconds an answer is good for; None: for ever.
        keep: which answers may be kept; by default all that call no tools.
        lease: seconds that another process is given to finish the same answer.
        clock: seconds since the epoch, since a file outlives the process that wrote it.
        sleep: waits between looks at a file that another process is about to fill.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        ttl: float | None = None,
        keep: Callable[[Value], bool] = no_tool_calls,
        lease: float = 30.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if ttl is not None and ttl <= 0:
            raise CacheError("ttl is a number of seconds above 0, or None")
        self.stats = Stats()
        self._store: Store = MemoryStore() if store is None else store
        self._ttl, self._keep, self._lease = ttl, keep, lease
        self._clock, self._sleep = clock, sleep
        self._flights: dict[str, _Flight[Value]] = {}

    async def get_or_compute(self, key: str, compute: Callable[[], Awaitable[Value]]) -> Value:
        """Return the answer for the key; compute it if nobody has or does.

        What `compute` raises reaches every caller that waits for it, and is not kept.
        """
        if not self._store.blocking and (held := self._store.get(key, self._clock())):
            self.stats.hits += 1
            return held[0]  # type: ignore[no-any-return]
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(self._fly(key, compute)))
        else:
            self.stats.joined += 1
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()  # does nothing to one that has landed
            if not flight.waiting and self._flights.get(key) is flight:
                del self._flights[key]

    async def get(self, key: str) -> Held | None:
        """Return the answer in a tuple of one, or None; neither computes nor counts."""
        held: Held | None = await self._ask(self._store.get, key, self._clock())
        return held

    async def forget(self, key: str) -> None:
        """Delete one answer."""
        await self._ask(self._store.delete, key)

    async def _fly(self, key: str, compute: Callable[[], Awaitable[Value]]) -> Value:
        if held := await self.get(key):
            self.stats.hits += 1
            return held[0]  # type: ignore[no-any-return]
        if not await self._claimed(key) and (held := await self._await_other(key)):
            self.stats.joined += 1
            return held[0]  # type: ignore[no-any-return]
        self.stats.misses += 1
        try:
            value = await compute()
            if self._keep(value):
                until = None if self._ttl is None else self._clock() + self._ttl
                await self._ask(self._store.put, key, value, until)
            return value
        finally:
            await asyncio.shield(self._ask(self._store.release, key))

    async def _claimed(self, key: str) -> bool:
        now = self._clock()
        return await self._ask(self._store.claim, key, now, now + self._lease) is not False

    async def _await_other(self, key: str) -> Held | None:
        while not (held := await self.get(key)):
            if await self._claimed(key):
                return await self.get(key)
            await self._sleep(0.02)
        return held

    async def _ask(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call the store; a file that breaks later costs a computation, never an answer."""
        try:
            if self._store.blocking:
                return await asyncio.to_thread(call, *arguments)
            return call(*arguments)
        except CacheError:
            self.stats.errors += 1
            return None
