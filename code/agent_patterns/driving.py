"""Work that is written once and runs both synchronously and asynchronously.

A generator does the work.  What may take its time it does not call: it yields a `Call` of it and is
sent the answer, or the error, at that place.  `driven` makes the calls, `adriven` awaits their
asynchronous twins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

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


Steps = Generator[Any, Any, T]
"""Yields `Call`s, or whatever else has `make` and `amake`; returns a T."""


def driven(steps: Steps[T]) -> T:
    """Make the calls that steps yield; return what they return."""
    step, value = steps.send, None
    while True:
        over, reached = _advance(step, value)
        if over:
            return cast("T", reached)
        try:
            step, value = steps.send, reached.make()
        except BaseException as error:
            step, value = steps.throw, error


async def adriven(steps: Steps[T], *, blocking: bool = True) -> T:
    """Do `driven` with the asynchronous twins; `blocking` steps run in a thread."""

    async def advance(step: Callable[[Any], Any], value: Any) -> tuple[bool, Any]:
        if not blocking:
            return _advance(step, value)
        # Shielded: a step that notes what has happened is not broken off.
        return await asyncio.shield(asyncio.to_thread(_advance, step, value))

    step, value = steps.send, None
    while True:
        over, reached = await advance(step, value)
        if over:
            return cast("T", reached)
        try:
            step, value = steps.send, await reached.amake()
        except BaseException as error:
            step, value = steps.throw, error


def _advance(step: Callable[[Any], Any], value: Any) -> tuple[bool, Any]:
    """Return whether the steps are over, and what they have yielded or returned."""
    try:
        return False, step(value)
    except StopIteration as end:  # which no future can carry
        return True, end.value
