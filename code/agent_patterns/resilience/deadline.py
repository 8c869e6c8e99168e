"""One time budget for an operation, shared by every retry and every fallback within it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType

from agent_patterns.resilience.errors import DeadlineExceededError

Clock = Callable[[], float]
"""Monotonic seconds, as `time.monotonic` gives them."""


class Deadline:
    """A moment that an operation must not outlast.

    ``with Deadline(20):`` sets it for the block, and for everything the block calls in the same
    thread or task.  An inner deadline can only be shorter than the outer one: whichever comes
    first holds.  It does not interrupt a call that is under way; it stops the next one from being
    started, and tells whoever asks how long is left, so that a client's own time-out can be set.
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
        """Seconds left; negative once it has passed."""
        return self.until - self.clock()

    def check(self) -> None:
        """Raises `DeadlineExceededError` once the moment has passed."""
        if self.remaining() <= 0:
            raise self.error()

    def error(self) -> DeadlineExceededError:
        """The error that says that this deadline has passed."""
        return DeadlineExceededError(self.seconds, inherited=self.inherited)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current_deadline() -> Deadline | None:
    """The deadline of the operation that is running now, or None."""
    return _current.get()


def remaining(default: float | None = None) -> float | None:
    """Seconds left of the current operation's deadline, at least 0; `default` if it has none.

    Meant for a client's own time-out: ``llm.invoke(prompt, timeout=remaining(10))``.
    """
    deadline = _current.get()
    return default if deadline is None else max(0.0, deadline.remaining())
