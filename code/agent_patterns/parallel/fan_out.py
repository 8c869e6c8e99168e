"""Run many calls at once: bounded, in order, and with failures kept beside the results.

`await fan_out(work, items)` runs `work` on every item, at most `limit` at a time, and returns an
`Outcomes`: one `Outcome` per item, in the order of the items.  A failure is an outcome too.

What goes wrong, and what guards it:

| Failure                                           | Guard                                        |
|---------------------------------------------------|----------------------------------------------|
| One branch raises: the others are lost            | every branch ends in an `Outcome`            |
| Results arrive in another order than the questions| outcomes stand in the order of the items     |
| A thousand calls at once: rate limit, memory      | `limit` workers take items one by one        |
| A branch hangs                                    | `timeout` for a call, `deadline` for all     |
| A branch ignores its cancellation                 | after `grace` it is left behind, and named   |
| One branch fails for a moment                     | `attempts`; only that branch runs again      |
| The whole batch is run again for one failure      | `keep=` takes over what has succeeded        |
| The caller is cancelled: branches keep running    | they are cancelled and awaited first         |
| A branch is cancelled by somebody else            | that is its outcome, and nobody else's       |
| A branch asks a human with `interrupt()`          | the interrupt passes through to the graph    |

Sources: structured concurrency (Nathaniel J. Smith, 2018), MapReduce (Dean and Ghemawat, 2004).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langgraph.errors import GraphBubbleUp

from agent_patterns.parallel.outcomes import Outcome, Outcomes

Item = TypeVar("Item")
Value = TypeVar("Value")


class _NotAsync(TypeError):
    """The work returned a value where an awaitable was expected."""


async def fan_out(
    work: Callable[[Item], Awaitable[Value]],
    items: Iterable[Item],
    *,
    limit: int = 10,
    timeout: float | None = None,
    deadline: float | None = None,
    attempts: int = 1,
    retry_on: Callable[[Exception], bool] = lambda error: True,
    keep: Outcomes[Value] | None = None,
    name: Callable[[Item], str] = str,
    grace: float = 1.0,
    on_change: Callable[[Outcome[Value] | None, int], object] = lambda outcome, running: None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcomes[Value]:
    """Run the work on every item at once and return all outcomes in the order of the items.

    Args:
        work: an async function of one item.
        items: the items; taken one by one, when a worker is free.
        limit: how many run at the same time.
        timeout: seconds for one attempt.
        deadline: seconds for everything; what has not ended by then has failed.
        attempts: how often a failing branch is started.
        retry_on: which errors are worth another attempt.
        keep: outcomes of an earlier fan-out over the same items; its successes are not run again.
        name: how an item is called in reports.
        grace: seconds for a cancelled branch to end before it is left behind.
        on_change: called with an outcome, or None when a branch starts, and how many now run.
        clock: monotonic seconds.

    Raises:
        ValueError: a limit, an attempt count or a time that makes no sense.
        TypeError: the work is not async, or the items are one text.
    """
    _check(items, limit, attempts, timeout, deadline)
    run = _Run(work, timeout, deadline, attempts, retry_on, name, grace, clock, clock())
    done: dict[int, Outcome[Value]] = {}
    queue = _due(items, {one.index: one for one in keep or () if one.ok}, name, done)
    running = 0

    async def worker() -> None:
        nonlocal running
        for index, item in queue:
            running += 1
            on_change(None, running)
            try:
                done[index] = await run.branch(index, item)
            finally:
                running -= 1
            on_change(done[index], running)

    workers = min(limit, len(items)) if isinstance(items, Sized) else limit
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(worker())
    except ExceptionGroup as stopped:
        raise stopped.exceptions[0] from None
    return Outcomes(done.values())


def _due(
    items: Iterable[Item],
    kept: dict[int, Outcome[Value]],
    name: Callable[[Item], str],
    done: dict[int, Outcome[Value]],
) -> Iterator[tuple[int, Item]]:
    """Yield what has to be run; an outcome is kept only for the item that it belongs to."""
    for index, item in enumerate(items):
        held = kept.get(index)
        if held is not None and held.name == name(item):
            done[index] = held
        else:
            yield index, item


def _check(items: object, limit: int, attempts: int, *seconds: float | None) -> None:
    if isinstance(items, str | bytes):
        raise TypeError(f"{items!r} is one text, and its letters are no items: put it into a list")
    if limit < 1 or attempts < 1 or any(each is not None and each <= 0 for each in seconds):
        raise ValueError("limit and attempts are at least 1, timeout and deadline above 0 seconds")


@dataclass(frozen=True)
class _Run(Generic[Item, Value]):
    """Run single branches; the fields are the arguments of `fan_out`."""

    work: Callable[[Item], Awaitable[Value]]
    timeout: float | None
    deadline: float | None
    attempts: int
    retry_on: Callable[[Exception], bool]
    name: Callable[[Item], str]
    grace: float
    clock: Callable[[], float]
    begun: float

    def elapsed(self) -> float:
        return self.clock() - self.begun

    async def branch(self, index: int, item: Item) -> Outcome[Value]:
        name, started = self.name(item), self.elapsed()

        def failed(attempts: int, error: Exception) -> Outcome[Value]:
            told = f"{type(error).__name__}: {error}".removesuffix(": ")
            return Outcome(index, name, None, told, attempts, started, self.elapsed(), error)

        for attempt in range(1, self.attempts + 1):
            left = None if self.deadline is None else self.deadline - self.elapsed()
            if left is not None and left <= 0:
                error = TimeoutError(f"not finished within {self.deadline:g} s")
                return failed(attempt - 1, error)
            seconds, late = self.timeout, f"no answer within {self.timeout or 0:g} s"
            if left is not None and (seconds is None or left < seconds):
                seconds, late = left, f"not finished within {self.deadline:g} s"
            try:
                value = await _run(self.work, item, seconds, late, self.grace)
            except (GraphBubbleUp, _NotAsync):
                raise  # an interrupt is no failure, and a mistake in the call is no outcome
            except Exception as error:
                if attempt == self.attempts or not self.retry_on(error):
                    return failed(attempt, error)
            else:
                return Outcome(index, name, value, "", attempt, started, self.elapsed())
        raise AssertionError("unreachable: the last attempt returns")


async def _run(
    work: Callable[[Item], Awaitable[Value]],
    item: Item,
    seconds: float | None,
    message: str,
    grace: float,
) -> Value:
    """Await one attempt in a task of its own, so that a time-out can leave it behind."""
    awaitable = work(item)
    if not asyncio.iscoroutine(awaitable):
        raise _NotAsync("work must be an async function; run a blocking one in asyncio.to_thread")
    task: asyncio.Task[Value] = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait({task}, timeout=seconds)
        late = not task.done()
        if late:
            await _stop(task, grace)
    except asyncio.CancelledError:
        await _stop(task, grace)
        raise
    if not task.done():
        raise TimeoutError(f"{message}, and still running: it ignores cancel")
    if late and task.cancelled():
        raise TimeoutError(message)
    if task.cancelled():
        raise RuntimeError("cancelled from outside")
    return task.result()


async def _stop(task: asyncio.Task[Any], grace: float) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=grace)
    if task.done() and not task.cancelled():
        task.exception()  # retrieved here, so that Python does not report it as lost
