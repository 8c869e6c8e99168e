"""Retries: which errors, how often, how long between, and when to stop for good.

What guards what: a *condition* keeps a refusal that will stay from being repeated, *attempts* end
a bad hour, *backoff with jitter* and Retry-After spare a service that is coming back, and the
*deadline* spares whoever waits.  Conditions and waits are tenacity's and compose as tenacity's do
(``if_retryable() | if_kind(Kind.UNKNOWN)``, ``Exponential(1) + Constant(2)``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.types import RetryPolicy
from tenacity import RetryCallState, retry_base, retry_if_exception
from tenacity.wait import wait_base

from agent_patterns.resilience.backoff import Constant, Exponential, FullJitter
from agent_patterns.resilience.classification import classify, control_flow_in
from agent_patterns.resilience.deadline import (
    Clock,
    awithin,
    check_deadline,
    current_deadline,
    positive_or_none,
    within,
)
from agent_patterns.resilience.kinds import TRAITS, Kind, Verdict
from agent_patterns.resilience.wrapping import LATER, Wrapper, abegun, begun, part

Classify = Callable[[BaseException], Verdict]


def if_retryable(classify: Classify = classify) -> retry_base:
    """Return the condition that a failure passes: the same request may succeed later."""
    return retry_if_exception(lambda error: classify(error).retryable)


def if_kind(*kinds: Kind, classify: Classify = classify) -> retry_base:
    """Return the condition that a failure is of one of these kinds."""
    return retry_if_exception(lambda error: classify(error).kind in kinds)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for one kind of failure.

    Raises:
        ValueError: less than one attempt.
        TypeError: a backoff that is no wait.
    """

    attempts: int
    """Most attempts, the first included: 1 never retries."""
    backoff: wait_base | None = None
    """Waits between attempts; None takes the policy's."""

    def __post_init__(self) -> None:
        _at_least_one(self.attempts)
        _wait_or_none(self.backoff)


@dataclass(frozen=True, slots=True)
class Retried:
    """A failed attempt that is about to be repeated, as `on_retry` is told of it."""

    attempt: int
    """The number of the attempt that failed, 1 for the first."""
    wait: float
    """Seconds until the next attempt."""
    verdict: Verdict
    """The judgement on its error."""


class Retry(Wrapper):
    """Calls something again while that can help, and no longer.

    - Only errors that pass the condition `on`, which are those that `classify` calls retryable
      unless you say otherwise; an authentication error is raised at once.  Control flow (an
      interrupt) is never repeated.
    - At most `attempts` attempts; `kinds` gives a kind of failure its own number and waits, and
      has it retried whatever the condition says.
    - Waits `backoff` between attempts.  Where the service named a time (Retry-After) it waits
      that long *plus* the backoff's jitter, since everybody else was told the same time; if the
      service wants more than `longest_wait` seconds, it gives up at once instead.
    - `deadline` seconds for everything together; a wait that would end after it (or after an
      outer `Deadline`) is not begun.  Nothing is begun at all once an outer `Deadline` is over.
    - A stream is repeated, and the deadline holds, until its first chunk is there.

    The last error is raised as it is, with a note on the attempts made, so that `except
    RateLimitError` goes on working.  Functions, coroutine functions and streams are decorated, or
    passed to `call` and `acall`; one object may serve any number of threads and tasks.

    `clock` (monotonic seconds), `sleep` and `async_sleep` are parameters for tests.

    Raises:
        ValueError: less than one attempt, a deadline that is not positive, or a rule for
            `Kind.CONTROL_FLOW`, which is no failure.
        TypeError: a part of another kind, such as a number for `backoff`.
    """

    def __init__(
        self,
        attempts: int = 3,
        *,
        backoff: wait_base | None = None,
        on: retry_base | None = None,
        kinds: Mapping[Kind, Rule] | None = None,
        deadline: float | None = None,
        longest_wait: float = 60.0,
        classify: Classify = classify,
        on_retry: Callable[[Retried], None] | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        async_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        for kind, rule in (kinds or {}).items():
            part("kinds", kind, Kind, "members of Kind as keys")
            part("kinds", rule, Rule, "a rule such as Rule(5)")
        if kinds and Kind.CONTROL_FLOW in kinds:
            raise ValueError("control flow is no failure: nothing is retried there")
        if on is not None:
            part("on", on, retry_base, "a condition such as if_retryable() | if_kind(Kind.UNKNOWN)")
        self.attempts = _at_least_one(attempts)
        self.backoff: wait_base = _wait_or_none(backoff) or FullJitter()
        self.on = on
        self.kinds = dict(kinds or {})
        self.deadline = positive_or_none(deadline)
        self.longest_wait = longest_wait
        self.classify = classify
        self.on_retry = on_retry
        self._clock = clock
        self._sleep = sleep
        self._async_sleep = async_sleep

    def around(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return `fn`, called until it succeeds or another try makes no sense.

        What it raises: `fn`'s own last error with a note on the attempts made, or
        `DeadlineExceededError` if an outer deadline was over already.
        """

        def called(*args: Any, **kwargs: Any) -> Any:
            check_deadline()
            attempts = None
            while True:
                try:
                    result = fn(*args, **kwargs)
                    return begun(result) if result.__class__ in LATER else result
                except Exception as error:
                    attempts = attempts or _Attempts(self)
                    if not attempts.another(error):
                        raise
                self._sleep(attempts.wait)

        return called if self.deadline is None else within(self.deadline, self._clock, called)

    def aaround(self, fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Return `around` for async; an attempt under way at the deadline is cancelled."""

        async def called(*args: Any, **kwargs: Any) -> Any:
            check_deadline()
            attempts = None
            while True:
                try:
                    return await abegun(fn(*args, **kwargs))
                except Exception as error:
                    attempts = attempts or _Attempts(self)
                    if not attempts.another(error):
                        raise
                await self._async_sleep(attempts.wait)

        return called if self.deadline is None else awithin(self.deadline, self._clock, called)

    def rule(self, kind: Kind) -> Rule:
        """Return how a kind of failure is retried."""
        retried = TRAITS[kind].retryable
        return self.kinds.get(kind) or Rule(self.attempts if retried else 1, self.backoff)

    def wait(self, verdict: Verdict, attempt: int, previous: float) -> float:
        """Return the seconds between failed attempt `attempt` and the next.

        `previous` is the wait before it.
        """
        return self._wait(verdict, _state(attempt, previous))

    def _wait(self, verdict: Verdict, state: RetryCallState) -> float:
        rule = self.kinds.get(verdict.kind)
        backoff = rule.backoff if rule is not None and rule.backoff is not None else self.backoff
        return (verdict.retry_after or 0.0) + backoff(state)

    def langgraph(self) -> RetryPolicy:
        """Return the same policy, as far as LangGraph's `RetryPolicy` can express it.

        It keeps which kinds are retried, how often, and how the waits grow.  It cannot keep a
        condition of yours, Retry-After, the deadline or the rules' numbers and waits, and where
        the waits are drawn by chance the jitter is LangGraph's own: up to one second on top.  To
        keep all of it, decorate the node's function instead; do not do both, or the attempts
        multiply.
        """
        backoff = self.backoff
        growing = backoff if isinstance(backoff, Exponential) else None
        first = backoff(_state(1, 0.0)) if growing is None else growing.base
        fixed = isinstance(backoff, Constant) or type(backoff) is Exponential
        return RetryPolicy(
            initial_interval=first,
            backoff_factor=1.0 if growing is None else growing.factor,
            max_interval=getattr(backoff, "cap", first),
            max_attempts=self.attempts,
            jitter=not fixed,
            retry_on=lambda error: self.rule(self.classify(error).kind).attempts > 1,
        )


class _Attempts:
    """The failed attempts of one call, and whether there is another after them."""

    __slots__ = ("policy", "state", "wait")

    def __init__(self, policy: Retry) -> None:
        self.policy = policy
        self.state = _state(1, 0.0)
        self.wait = 0.0

    def another(self, error: Exception) -> bool:
        """Return True to try again after `wait`; note on the error why not."""
        policy, state, attempt = self.policy, self.state, self.state.attempt_number
        verdict = policy.classify(error)
        if verdict.kind is Kind.CONTROL_FLOW:
            inside = control_flow_in(error)
            if inside is not error:
                raise inside from error
            return False
        state.set_exception((type(error), error, error.__traceback__))
        rule = policy.kinds.get(verdict.kind)
        passes = verdict.retryable if policy.on is None else policy.on(state)
        if rule is None and not passes:
            if attempt > 1:
                error.add_note(f"Not retried after attempt {attempt}: {verdict.reason}.")
            return False
        allowed = policy.attempts if rule is None else rule.attempts
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
        self.wait = policy._wait(verdict, state)
        deadline = current_deadline()
        if deadline is not None and self.wait >= deadline.remaining():
            error.add_note(
                f"Gave up after attempt {attempt}: the next one would start after the deadline "
                f"of {deadline.seconds:g} s."
            )
            return False
        state.upcoming_sleep = self.wait
        state.idle_for += self.wait
        state.prepare_for_next_attempt()
        if policy.on_retry is not None:
            policy.on_retry(Retried(attempt, self.wait, verdict))
        return True


def _state(attempt: int, previous: float) -> RetryCallState:
    """Return what tenacity's conditions and waits look at."""
    nobody: Any = None
    state = RetryCallState(nobody, None, (), {})
    state.attempt_number, state.upcoming_sleep = attempt, previous
    return state


def _at_least_one(attempts: int) -> int:
    part("attempts", attempts, int, "a number of calls, the first included")
    if attempts < 1:
        raise ValueError(f"attempts counts the first call too: at least 1, not {attempts}")
    return attempts


def _wait_or_none(backoff: wait_base | None) -> wait_base | None:
    if backoff is not None:
        part("backoff", backoff, wait_base, "a wait such as Constant(2) or FullJitter(2)")
    return backoff
