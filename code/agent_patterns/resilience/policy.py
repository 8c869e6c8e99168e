"""Retry inside deadline inside breaker inside fallback, in that order, for one service.

What guards what:

- *Retry*, innermost: a short disturbance is over before anybody else hears of it.  The breaker
  counts an operation that failed after all its retries as one failure, and an open breaker ends
  the operation at once, since no retry loop lies around it.
- *Deadline*, around the retries, inside the breaker: a service that hangs counts as failing, and
  nobody waits longer.
- *Breaker*, around both: a service that is down is left alone, and callers learn of it at once.
- *Fallback*, outermost: whatever ended the attempt, an error, the deadline or an open breaker, the
  next source is asked, unless the request itself is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from agent_patterns.resilience.breaker import CircuitBreaker
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.deadline import (
    Clock,
    awithin,
    check_deadline,
    positive_or_none,
    within,
)
from agent_patterns.resilience.fallback import Answer, FallbackChain, Link, check_links
from agent_patterns.resilience.kinds import Verdict
from agent_patterns.resilience.retry import Retry
from agent_patterns.resilience.wrapping import LATER, Wrapper, abegun, begun, part

P = ParamSpec("P")
T = TypeVar("T")


class Policy(Wrapper):
    """A policy for calls of one service: retries inside a breaker inside fallbacks.

    Every part is optional.  `deadline` is in seconds, for the service and all retries of it; what
    the fallbacks take comes on top, each under its own policy.  `retry.deadline` and this
    `deadline` are the same thing in two places: set one of them.  `classify` decides after which
    errors a fallback is asked; `retry` and `breaker` have their own, so give a `classifier` of
    yours to all three.

    `call` and `acall`, and functions that are decorated, give the value, from the service or from
    a fallback, which gets the same arguments.  If it matters to anybody who answered, use `answer`
    or `aanswer`.  They raise `fn`'s own error, or

    - `CircuitOpenError`: the breaker is open and there are no fallbacks,
    - `DeadlineExceededError`: an outer deadline was over already, and there are no fallbacks,
    - `AllLinksFailedError`: the service and all fallbacks failed.

    A stream is retried and replaced until its first chunk is there; what fails later is raised and
    counted by the breaker.

    Raises:
        ValueError: a deadline that is not positive or set twice, or two links of the same name.
        TypeError: a part of another kind.
    """

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
        if retry is not None:
            part("retry", retry, Retry, "a policy such as Retry(3)")
        if breaker is not None:
            part("breaker", breaker, CircuitBreaker, 'a breaker such as CircuitBreaker("chat")')
        if deadline is not None and retry is not None and retry.deadline is not None:
            raise ValueError("the retry policy has a deadline already; set one of the two")
        self.fallbacks = tuple(fallbacks)
        check_links(self.fallbacks, name)
        self.name = name
        self.retry = retry
        self.breaker = breaker
        self.deadline = positive_or_none(deadline)
        self._classify = classify
        self._clock = clock

    def around(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return `fn` with the policy around it."""
        if not self.fallbacks:
            return self._guarded(fn)
        chain = self._chain(self._guarded(fn))
        return lambda *args, **kwargs: chain.call(*args, **kwargs).value

    def aaround(self, fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Return `around` for async; what takes longer than the deadline is cancelled."""
        if not self.fallbacks:
            return self._aguarded(fn)
        chain = self._chain(self._aguarded(fn))

        async def called(*args: Any, **kwargs: Any) -> Any:
            return (await chain.acall(*args, **kwargs)).value

        return called

    def answer(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """Return the value, which link gave it, and what the links before it died of."""
        return self._chain(self._guarded(fn)).call(*args, **kwargs)

    async def aanswer(
        self, fn: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer[Any]:
        """Return `answer` for async.

        Fallbacks may be coroutine functions or plain ones, which then run in a thread unless they
        are `instant`.
        """
        return await self._chain(self._aguarded(fn)).acall(*args, **kwargs)

    def _chain(self, primary: Callable[..., Any]) -> FallbackChain[Any]:
        return FallbackChain(
            Link(self.name, primary), *self.fallbacks, classify=self._classify, clock=self._clock
        )

    def _guarded(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        if self.retry is not None:
            fn = self.retry.around(fn)
        if self.deadline is not None:
            fn = within(self.deadline, self._clock, fn)
        if self.breaker is not None:
            fn = self.breaker.around(fn)

        def called(*args: Any, **kwargs: Any) -> Any:
            check_deadline()
            result = fn(*args, **kwargs)
            return begun(result) if result.__class__ in LATER else result

        return called

    def _aguarded(self, fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        if self.retry is not None:
            fn = self.retry.aaround(fn)
        if self.deadline is not None:
            fn = awithin(self.deadline, self._clock, fn)
        if self.breaker is not None:
            fn = self.breaker.aaround(fn)

        async def called(*args: Any, **kwargs: Any) -> Any:
            check_deadline()
            return await abegun(fn(*args, **kwargs))

        return called
