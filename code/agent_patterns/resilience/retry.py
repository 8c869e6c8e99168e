"""Retries on tenacity: which errors, how often, how long between, and when to stop for good."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar, cast

from langgraph.types import RetryPolicy
from tenacity import AsyncRetrying, RetryCallState, Retrying

from agent_patterns.resilience.backoff import Backoff, Constant, Exponential, FullJitter
from agent_patterns.resilience.callables import is_async, refuse_coroutine, refuse_generator
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.kinds import TRAITS, Kind, Verdict
from agent_patterns.resilience.deadline import (
    Clock,
    Deadline,
    check_deadline,
    current_deadline,
    positive_or_none,
    until,
)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of failure is retried.

    Raises:
        ValueError: less than one attempt.
    """

    attempts: int
    """Most attempts, the first included: 1 never retries."""
    backoff: Backoff | None = None
    """Waits between attempts; None takes the policy's."""

    def __post_init__(self) -> None:
        _at_least_one(self.attempts)


@dataclass(frozen=True, slots=True)
class Retried:
    """One failed attempt that is about to be repeated, as `on_retry` is told of it."""

    attempt: int
    """The number of the attempt that failed, 1 for the first."""
    wait: float
    """Seconds until the next attempt."""
    verdict: Verdict
    """What went wrong."""


class Retry:
    """Calls something again while that can help, and no longer.

    - Only errors that `classify` calls retryable; an authentication error is raised at once.
    - At most `attempts` attempts; `kinds` gives a kind of failure its own number and waits, and
      has it retried even where `classify` would not.
    - Waits `backoff` between attempts.  Where the service named a time (Retry-After) it waits
      that long *plus* the backoff's jitter, since everybody else was told the same time; if the
      service wants more than `longest_wait` seconds, it gives up at once instead.
    - `deadline` seconds for everything together; a wait that would end after it (or after an
      outer `Deadline`) is not begun.  Nothing is begun at all once an outer `Deadline` is over.

    The last error is raised as it is, with a note on the attempts made, so that `except
    RateLimitError` goes on working.  Works for functions and coroutine functions, as a decorator,
    or by `call` and `acall`; one object may serve any number of threads and tasks.  The first
    attempt runs outside tenacity, so that a call that succeeds at once costs next to nothing.

    `clock` (monotonic seconds), `sleep` and `async_sleep` are parameters for tests.

    Raises:
        ValueError: less than one attempt, a deadline that is not positive, or a rule for
            `Kind.CONTROL_FLOW`, which is no failure.
    """

    __slots__ = (
        "_clock",
        "_sleep_async",
        "_sleep_sync",
        "attempts",
        "backoff",
        "classify",
        "deadline",
        "kinds",
        "longest_wait",
        "on_retry",
    )

    def __init__(
        self,
        attempts: int = 3,
        *,
        backoff: Backoff | None = None,
        kinds: Mapping[Kind, Rule] | None = None,
        deadline: float | None = None,
        longest_wait: float = 60.0,
        classify: Callable[[BaseException], Verdict] = classify,
        on_retry: Callable[[Retried], None] | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        async_sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        if kinds and Kind.CONTROL_FLOW in kinds:
            raise ValueError("control flow is no failure: nothing is retried there")
        self.attempts = _at_least_one(attempts)
        self.backoff = backoff if backoff is not None else FullJitter()
        self.kinds = dict(kinds or {})
        self.deadline = positive_or_none(deadline)
        self.longest_wait = longest_wait
        self.classify = classify
        self.on_retry = on_retry
        self._clock = clock
        self._sleep_sync = sleep if sleep is not None else time.sleep
        self._sleep_async = async_sleep if async_sleep is not None else asyncio.sleep

    def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls `fn` until it succeeds or another try makes no sense.

        Raises:
            DeadlineExceededError: an outer deadline was over already; `fn` was not called.
            TypeError: `fn` is a coroutine function; use `acall`.
            Exception: `fn`'s own last error otherwise, with a note on the attempts made.
        """
        check_deadline()
        if self.deadline is None:
            return self._call(fn, args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return self._call(fn, args, kwargs)

    def _call(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        try:
            result = fn(*args, **kwargs)
        except Exception as error:
            episode = _Episode(self, error)
        else:
            if result.__class__ is CoroutineType:
                refuse_coroutine(cast(Any, result))
            return result

        def attempt() -> T:
            episode.replay()
            return fn(*args, **kwargs)

        return Retrying(sleep=self._sleep_sync, **episode.strategy())(attempt)

    async def acall(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Awaits `fn` until it succeeds or another try makes no sense; never blocks the loop.

        With `deadline`, an attempt that is under way when the time is up is cancelled.

        Raises:
            DeadlineExceededError: the time ran out during an attempt, or an outer deadline was
                over already.
            Exception: `fn`'s own last error otherwise, with a note on the attempts made.
        """
        check_deadline()
        if self.deadline is None:
            return await self._acall(fn, args, kwargs)
        with Deadline(self.deadline, clock=self._clock) as deadline:
            return await until(deadline, self._acall, fn, args, kwargs)

    async def _acall(self, fn: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
        try:
            return await fn(*args, **kwargs)
        except Exception as error:
            episode = _Episode(self, error)

        async def attempt() -> T:
            episode.replay()
            return await fn(*args, **kwargs)

        retrying = AsyncRetrying(sleep=self._sleep_async, **episode.strategy())
        return cast(T, await retrying(attempt))

    def __call__(self, fn: Callable[P, T]) -> Callable[P, T]:
        """Decorates a function or a coroutine function.

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

    def rule(self, kind: Kind) -> Rule:
        """How a kind of failure is retried: its own rule, or the policy's."""
        own = self.kinds.get(kind)
        return own or Rule(self.attempts if TRAITS[kind].retryable else 1)

    def wait(self, verdict: Verdict, attempt: int, previous: float) -> float:
        """Seconds to wait after failed attempt `attempt`; `previous` was the wait before it."""
        backoff = self.rule(verdict.kind).backoff or self.backoff
        return (verdict.retry_after or 0.0) + backoff.delay(attempt, previous)

    def langgraph(self) -> RetryPolicy:
        """The same policy, as far as LangGraph's `RetryPolicy` can express it.

        It keeps which errors are retried, how often, and how the waits grow.  It cannot keep
        Retry-After, the deadline or the rules' numbers and waits, and where the waits are drawn by
        chance the jitter is LangGraph's own: up to one second on top.  To keep all of it, decorate
        the node's function with this object instead; do not do both, or the attempts multiply.
        """
        backoff = self.backoff
        growing = backoff if isinstance(backoff, Exponential) else None
        first = backoff.delay(1, 0.0) if growing is None else growing.base
        fixed = isinstance(backoff, Constant) or type(backoff) is Exponential
        return RetryPolicy(
            initial_interval=first,
            backoff_factor=1.0 if growing is None else growing.factor,
            max_interval=getattr(backoff, "cap", first),
            max_attempts=self.attempts,
            jitter=not fixed,
            retry_on=lambda error: self.rule(self.classify(error).kind).attempts > 1,
        )


class _Episode:
    """The retries of one call, begun by its first failure.

    The first attempt has been made by then.  Tenacity is handed a function that raises its error
    once more, and takes over from there.
    """

    __slots__ = ("delay", "first", "judged", "policy")

    def __init__(self, policy: Retry, first: Exception) -> None:
        """Judges the first failure; raises it where another try makes no sense."""
        self.policy = policy
        self.delay = 0.0
        self.judged = False
        if not self.another(1, first, 0.0):
            raise first
        self.first: Exception | None = first

    def replay(self) -> None:
        """Raises the first failure, once."""
        error, self.first = self.first, None
        if error is not None:
            raise error

    def another(self, attempt: int, error: BaseException, previous: float) -> bool:
        """Whether to try again; notes why not on the error, and the wait in `delay`."""
        policy = self.policy
        verdict = policy.classify(error)
        allowed = policy.rule(verdict.kind).attempts
        if not verdict.retryable and verdict.kind not in policy.kinds:
            if attempt > 1:
                error.add_note(f"Not retried after attempt {attempt}: {verdict.reason}.")
            return False
        if attempt >= allowed:
            if allowed > 1:
                error.add_note(f"Gave up after {attempt} attempts.")
            return False
        if verdict.retry_after is not None and verdict.retry_after > policy.longest_wait:
            error.add_note(
                f"Gave up after attempt {attempt}: the service asks for {verdict.retry_after:g} s, "
                f"the longest wait is {policy.longest_wait:g} s."
            )
            return False
        self.delay = policy.wait(verdict, attempt, previous)
        deadline = current_deadline()
        if deadline is not None and self.delay >= deadline.remaining():
            error.add_note(
                f"Gave up after attempt {attempt}: the next one would start after the deadline "
                f"of {deadline.seconds:g} s."
            )
            return False
        if policy.on_retry is not None:
            policy.on_retry(Retried(attempt, self.delay, verdict))
        return True

    def retry(self, state: RetryCallState) -> bool:
        """Tenacity's question after every failure."""
        error = state.outcome.exception() if state.outcome is not None else None
        if not isinstance(error, Exception):
            return False
        if not self.judged:  # the replayed first failure
            self.judged = True
            return True
        return self.another(state.attempt_number, error, state.upcoming_sleep)

    def strategy(self) -> dict[str, Any]:
        """Tenacity's arguments: `another` decides, the rest follows from it."""
        return {"retry": self.retry, "wait": lambda state: self.delay, "reraise": True}


def _at_least_one(attempts: int) -> int:
    if attempts < 1:
        raise ValueError(f"attempts counts the first call too: at least 1, not {attempts}")
    return attempts
