"""One control flow for synchronous and asynchronous work.

A generator does the work.  What may be a coroutine it yields to its driver, as a `Call`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Call(NamedTuple):
    """A call that the driver makes, and its asynchronous twin."""

    make: Callable[[], Any]
    amake: Callable[[], Awaitable[Any]]

    @classmethod
    def of(cls, owner: Any, method: str, *args: Any, **options: Any) -> Call:
        """Return the call of a method that has a twin with an `a` before its name."""
        both = (getattr(owner, name) for name in (method, f"a{method}"))
        return cls(*(partial(each, *args, **options) for each in both))


Steps = Generator[Call, Any, T]


def driven(steps: Steps[T]) -> T:
    """Make the calls that steps yield; return what they return."""
    step: Callable[[Any], Call] = steps.send
    value: Any = None
    while not isinstance(reached := _advance(step, value), _End):
        try:
            step, value = steps.send, reached.make()
        except BaseException as error:
            step, value = steps.throw, error
    result: T = reached.value
    return result


async def adriven(steps: Steps[T]) -> T:
    """Do `driven` with the asynchronous twins; the steps between run in a thread."""
    step: Callable[[Any], Call] = steps.send
    value: Any = None
    # Shielded: a step that notes what has happened is not broken off.
    while not isinstance(
        reached := await asyncio.shield(asyncio.to_thread(_advance, step, value)), _End
    ):
        try:
            step, value = steps.send, await reached.amake()
        except BaseException as error:
            step, value = steps.throw, error
    result: T = reached.value
    return result


class _End(NamedTuple):
    value: Any


def _advance(step: Callable[[Any], Call], value: Any) -> Call | _End:
    try:
        return step(value)
    except StopIteration as end:  # which no future can carry
        return _End(end.value)
