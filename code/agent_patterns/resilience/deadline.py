"""One time budget for an operation, shared by every retry and every fallback within it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from agent_patterns.resilience.errors import DeadlineExceededError
from agent_patterns.resilience.wrapping import abegun, begun

Clock = Callable[[], float]
"""Monotonic seconds, as `time.monotonic` gives them."""


class Deadline:
    """A moment that an operation must not outlast.

    ``with Deadline(20):`` sets it for the block, and for everything the block calls in the same
    thread or task.  An inner deadline can only be shorter than the outer one: whichever comes
    first holds.  It does not interrupt a call that is under way; it stops the next one from being
    started, and tells whoever asks how long is left, so that a client's own time-out can be set.

    Raises:
        ValueError: `seconds` is not positive.
    """

    def __init__(self, seconds: float, *, clock: Clock = time.monotonic) -> None:
        if seconds <= 0:
            raise ValueError(f"a deadline must lie in the future, not {seconds:g} s from now")
        self.seconds = float(seconds)
        self.clock = clock
        self.until = 0.0
        self.inherited = False
        self._token: Token[Deadline | None] | None = None

    def __enter__(self) -> Deadline:
        outer = _current.get()
        self.until = self.clock() + self.seconds
        if outer is not None and outer.until < self.until:
            self.until, self.seconds, self.inherited = outer.until, outer.seconds, True
        self._token = _current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)
            self._token = None

    def remaining(self) -> float:
        """Return the seconds left; negative once it has passed."""
        return self.until - self.clock()

    def check(self) -> None:
        """Raise `DeadlineExceededError` once the moment has passed."""
        if self.remaining() <= 0:
            raise self.error()

    def error(self) -> DeadlineExceededError:
        """Return the error that says that this deadline has passed."""
        return DeadlineExceededError(self.seconds, inherited=self.inherited)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current_deadline() -> Deadline | None:
    """Return the deadline of the operation that is running now, or None."""
    return _current.get()


def remaining(default: float | None = None) -> float | None:
    """Return the seconds left of the current deadline, at least 0; `default` if there is none.

    Meant for a client's own time-out: ``llm.invoke(prompt, timeout=remaining(10))``.
    """
    deadline = _current.get()
    return default if deadline is None else max(0.0, deadline.remaining())


def check_deadline() -> None:
    """Raise `DeadlineExceededError`, as inherited, once an operation around this one is over."""
    deadline = _current.get()
    if deadline is not None and deadline.remaining() <= 0:
        raise DeadlineExceededError(deadline.seconds, inherited=True)


def positive_or_none(seconds: float | None) -> float | None:
    """Return a deadline as a constructor takes it; raise `ValueError` unless positive or None."""
    if seconds is not None and seconds <= 0:
        raise ValueError(f"deadline must be positive or None, not {seconds:g} s")
    return seconds


@contextmanager
def no_deadline() -> Iterator[None]:
    """Lift the deadline for what takes no time worth counting."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def within(seconds: float, clock: Clock, fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return `fn` with a deadline of its own for each call."""

    def called(*args: Any, **kwargs: Any) -> Any:
        with Deadline(seconds, clock=clock):
            return begun(fn(*args, **kwargs))

    return called


def awithin(
    seconds: float, clock: Clock, fn: Callable[..., Any]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return `within` for async: what takes too long is cancelled."""

    async def called(*args: Any, **kwargs: Any) -> Any:
        with Deadline(seconds, clock=clock) as deadline:
            return await until(deadline, fn, *args, **kwargs)

    return called


async def until(deadline: Deadline, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Await `fn` and cancels it when `deadline`, which has been entered, is over.

    Raises:
        DeadlineExceededError: the time was up first.  The operation's own `TimeoutError`s pass
            through unchanged.
    """
    timer = asyncio.timeout(deadline.remaining())
    try:
        async with timer:
            return await abegun(fn(*args, **kwargs))
    except TimeoutError as error:
        if timer.expired():
            raise deadline.error() from error
        raise
