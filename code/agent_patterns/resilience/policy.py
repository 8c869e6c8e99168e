"""Retry inside breaker inside fallback, in that order because there is no other way to say it."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar, cast

from agent_patterns.resilience.breaker import CircuitBreaker
from agent_patterns.resilience.callables import is_async, refuse_coroutine, refuse_generator
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.kinds import Verdict
from agent_patterns.resilience.deadline import (
    Clock,
    Deadline,
    check_deadline,
    positive_or_none,
    until,
)
from agent_patterns.resilience.fallback import Answer, FallbackChain, Link
from agent_patterns.resilience.retry import Retry

P = ParamSpec("P")
T = TypeVar("T")


class Policy:
    """One policy for calls of one service: retries inside a breaker inside fallbacks.

    The order is fixed, and each place has its reason:

    - *Retry innermost*: a short disturbance is over before anybody else hears of it.  The breaker
      counts an operation that failed after all its retries as one failure, and an open breaker
      ends the operation at once, since no retry loop lies around it.
    - *Deadline around the retries, inside the breaker*: a service that hangs counts as failing.
      `deadline` is in seconds, for the service and all retries of it; what the fallbacks take
      comes on top, each under its own policy.
    - *Fallback outermost*: whatever ended the attempt, an error, the deadline or an open breaker,
      the next source is asked.

    Every part is optional.  `retry.deadline` and this `deadline` are the same thing in two places:
    set one of them.  `classify` decides after which errors a fallback is asked; `retry` and
    `breaker` have their own, so give a `classifier` of yours to all three.

    Raises:
        ValueError: a deadline that is not positive or set twice, or two links of the same name.
    """

    __slots__ = ("_classify", "_clock", "breaker", "deadline", "fallbacks", "name", "retry")

    def __init__(
        self,
        name: str = "primary",
        *,
        retry: Retry | None = None,
        breaker: CircuitBreaker | None = None,
        deadline: float | None = None,
        fallbacks: Sequence[Link[Any]] = (),
        classify: Callable[[BaseException], Verdict] = classify,
        clock: Clock = time.monotonic,
    ) -> None:
        if deadline is not None and retry is not None and retry.deadline is not None:
            raise ValueError("the retry policy has a deadline already; set one of the two")
        names = [name, *(link.name for link in fallbacks)]
        if len(set(names)) < len(names):
            raise ValueError(f"links need different names to say which one answered: {names}")
        self.name = name
        self.retry = retry
        self.breaker = breaker
        self.deadline = positive_or_none(deadline)
        self.fallbacks = tuple(fallbacks)
        self._classify = classify
        self._clock = clock

    def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The value, from `fn` or from a fallback.

        Fallbacks get the same arguments.  If it matters to anybody who answered, use `answer`.

        Raises:
            CircuitOpenError: the breaker is open and there are no fallbacks.
            DeadlineExceededError: an outer deadline was over already, and there are no fallbacks.
            AllLinksFailedError: `fn` and all fallbacks failed.
            TypeError: `fn` is a coroutine function; use `acall`.
            Exception: `fn`'s own error otherwise.
        """
        if self.fallbacks:
            return self.answer(fn, *args, **kwargs).value
        return self._primary(fn, args, kwargs)

    async def acall(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`call` for a coroutine function; with a deadline it cancels what takes too long."""
        if self.fallbacks:
            return (await self.aanswer(fn, *args, **kwargs)).value
        return await self._aprimary(fn, args, kwargs)

    def answer(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """The value, which link gave it, and what the links before it died of."""
        return self._chain(lambda *args, **kwargs: self._primary(fn, args, kwargs)).call(
            *args, **kwargs
        )

    async def aanswer(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer[T]:
        """`answer` for a coroutine function.

        Fallbacks may be coroutine functions or plain ones, which then run in a thread unless they
        are `instant`.
        """

        async def primary(*args: Any, **kwargs: Any) -> T:
            return await self._aprimary(fn, args, kwargs)

        return await self._chain(primary).acall(*args, **kwargs)

    def __call__(self, fn: Callable[P, T]) -> Callable[P, T]:
        """Decorates a function or a coroutine function with `call` or `acall`.

        Raises:
            TypeError: `fn` is a generator function.
        """
        refuse_generator(fn, "put the loop that reads it into a function and decorate that")
        if is_async(fn):

            @functools.wraps(fn)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await self.acall(cast(Any, fn), *args, **kwargs)

            return cast(Callable[P, T], awaited)

        @functools.wraps(fn)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            return self.call(fn, *args, **kwargs)

        return called

    def _chain(self, primary: Callable[..., Any]) -> FallbackChain[Any]:
        return FallbackChain(
            Link(self.name, primary), *self.fallbacks, classify=self._classify, clock=self._clock
        )

    def _primary(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        check_deadline()
        if self.breaker is None:
            return self._tried(fn, args, kwargs)
        return self.breaker.call(self._tried, fn, args, kwargs)

    def _tried(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        if self.deadline is None:
            return self._retried(fn, args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return self._retried(fn, args, kwargs)

    def _retried(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        if self.retry is not None:
            return self.retry.call(fn, *args, **kwargs)
        result = fn(*args, **kwargs)
        if result.__class__ is CoroutineType:
            refuse_coroutine(cast(Any, result))
        return result

    async def _aprimary(self, fn: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
        check_deadline()
        if self.breaker is None:
            return await self._atried(fn, args, kwargs)
        return await self.breaker.acall(self._atried, fn, args, kwargs)

    async def _atried(self, fn: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
        call, args = (fn, args) if self.retry is None else (self.retry.acall, (fn, *args))
        if self.deadline is None:
            return await call(*args, **kwargs)
        with Deadline(self.deadline, clock=self._clock) as deadline:
            return await until(deadline, call, *args, **kwargs)
