"""Retry inside breaker inside fallback, in that order because there is no other way to say it."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ParamSpec, TypeVar, cast

from agent_patterns.resilience.breaker import CircuitBreaker
from agent_patterns.resilience.deadline import Clock, Deadline
from agent_patterns.resilience.fallback import Answer, FallbackChain, Link
from agent_patterns.resilience.retry import Retry, within

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
    set one of them.
    """

    __slots__ = ("_clock", "breaker", "deadline", "fallbacks", "name", "retry")

    def __init__(
        self,
        name: str = "primary",
        *,
        retry: Retry | None = None,
        breaker: CircuitBreaker | None = None,
        deadline: float | None = None,
        fallbacks: Sequence[Link[Any]] = (),
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
        self.deadline = deadline
        self.fallbacks = tuple(fallbacks)
        self._clock = clock

    def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The value, from `fn` or from a fallback.

        Fallbacks get the same arguments.  If it matters to anybody who answered, use `answer`.

        Raises:
            CircuitOpenError: the breaker is open and there are no fallbacks.
            AllLinksFailedError: `fn` and all fallbacks failed.
            Exception: `fn`'s own error otherwise.
        """
        if self.fallbacks:
            return self.answer(fn, *args, **kwargs).value
        if self.deadline is not None:
            if self.breaker is None:
                return self._timed(fn, args, kwargs)
            return self.breaker.call(self._timed, fn, args, kwargs)
        retry, breaker = self.retry, self.breaker
        if breaker is None:
            return fn(*args, **kwargs) if retry is None else retry.call(fn, *args, **kwargs)
        if retry is None:
            return breaker.call(fn, *args, **kwargs)
        call = cast(Callable[..., T], retry.call)
        return breaker.call(call, fn, *args, **kwargs)

    async def acall(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`call` for a coroutine function; with a deadline it cancels what takes too long."""
        if self.fallbacks:
            return (await self.aanswer(fn, *args, **kwargs)).value
        if self.deadline is not None:
            if self.breaker is None:
                return await self._atimed(fn, args, kwargs)
            return await self.breaker.acall(self._atimed, fn, args, kwargs)
        retry, breaker = self.retry, self.breaker
        if breaker is None:
            if retry is None:
                return await fn(*args, **kwargs)
            return await retry.acall(fn, *args, **kwargs)
        if retry is None:
            return await breaker.acall(fn, *args, **kwargs)
        acall = cast(Callable[..., Awaitable[T]], retry.acall)
        return await breaker.acall(acall, fn, *args, **kwargs)

    def answer(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """The value, which link gave it, and what the links before it died of."""
        primary = functools.partial(self._alone().call, fn)
        return FallbackChain(Link(self.name, primary), *self.fallbacks).call(*args, **kwargs)

    async def aanswer(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer[T]:
        """`answer` for a coroutine function; fallbacks may be coroutine functions or plain ones."""
        primary = functools.partial(self._alone().acall, fn)
        return await FallbackChain(Link(self.name, primary), *self.fallbacks).acall(*args, **kwargs)

    def __call__(self, fn: Callable[P, T]) -> Callable[P, T]:
        """Decorates a function or a coroutine function with `call` or `acall`."""
        if inspect.iscoroutinefunction(fn):

            @functools.wraps(fn)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await self.acall(fn, *args, **kwargs)

            return cast(Callable[P, T], awaited)

        @functools.wraps(fn)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            return self.call(fn, *args, **kwargs)

        return called

    def _alone(self) -> Policy:
        if not self.fallbacks:
            return self
        return Policy(
            self.name,
            retry=self.retry,
            breaker=self.breaker,
            deadline=self.deadline,
            clock=self._clock,
        )

    def _timed(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        with Deadline(self.deadline or 0.0, clock=self._clock):
            if self.retry is None:
                return fn(*args, **kwargs)
            return self.retry.call(fn, *args, **kwargs)

    async def _atimed(self, fn: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
        deadline = Deadline(self.deadline or 0.0, clock=self._clock)
        if self.retry is None:
            return await within(deadline, fn, *args, **kwargs)
        acall = cast(Callable[..., Awaitable[T]], self.retry.acall)
        return await within(deadline, acall, fn, *args, **kwargs)
