"""A chain of sources for one answer: the first that can gives it, and the answer says which."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from agent_patterns.resilience.classification import Verdict, classify
from agent_patterns.resilience.deadline import Clock, Deadline
from agent_patterns.resilience.errors import (
    AllLinksFailedError,
    DeadlineExceededError,
    NoAnswerError,
)
from agent_patterns.resilience.retry import within

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Link(Generic[T]):
    """One source of an answer."""

    name: str
    """What the answer says about where it comes from, such as "gpt-4.1-nano" or "cache"."""
    call: Callable[..., T]
    """Gives the answer; gets whatever the chain was called with.  A coroutine function, a
    `Policy`'s or a breaker's decorated function are fine."""
    instant: bool = False
    """Needs no time worth counting (a cache, a fixed text): tried even after the deadline."""
    notice: str | None = None
    """What the user is told when this link answers in place of the first, such as "This answer is
    from yesterday."  None: a general sentence."""
    declines: bool = False
    """Only says that there is no answer (a fixed apology).  The user is then told what the first
    failure means, unless `notice` says something better."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One link that gave no answer."""

    link: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.link}: {self.verdict.kind.value} ({self.verdict.error})"


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer, and where it comes from."""

    value: T
    link: str
    """The name of the link that gave it."""
    failures: tuple[Failure, ...] = ()
    """The links before it, and why each of them gave none."""
    notice: str = ""
    """What to tell the user about where it comes from; empty when the usual source gave it."""

    @property
    def degraded(self) -> bool:
        """Whether a fallback gave it, not the source that should have."""
        return bool(self.failures)


class FallbackChain(Generic[T]):
    """Asks links in order until one answers.

    It goes on to the next link only after an error for which another source makes sense: not
    after a request that is itself wrong, nor after a mistake in the code, which would only be
    hidden.  Errors that somebody must repair (a wrong key) are logged as errors although the
    user is served.

    `deadline` seconds are for all links together.  A link that is under way when they are over is
    cancelled in `acall`; in `call` it must look at `remaining()` itself.  Links marked `instant`
    are tried even then.
    """

    __slots__ = ("_classify", "_clock", "deadline", "links")

    def __init__(
        self,
        *links: Link[T],
        deadline: float | None = None,
        classify: Callable[[BaseException], Verdict] = classify,
        clock: Clock = time.monotonic,
    ) -> None:
        if not links:
            raise ValueError("a chain needs at least one link")
        names = [link.name for link in links]
        if len(set(names)) < len(names):
            raise ValueError(f"links need different names to say which one answered: {names}")
        self.links = links
        self.deadline = deadline
        self._classify = classify
        self._clock = clock

    def call(self, *args: Any, **kwargs: Any) -> Answer[T]:
        """Asks the links, passing on the arguments.

        Raises:
            AllLinksFailedError: none of them had an answer.
            Exception: what a link raised, where another link would not help.
        """
        if self.deadline is None:
            return self._ask(None, args, kwargs)
        with Deadline(self.deadline, clock=self._clock) as deadline:
            return self._ask(deadline, args, kwargs)

    def _ask(self, deadline: Deadline | None, args: Any, kwargs: Any) -> Answer[T]:
        failures: list[Failure] = []
        for link in self.links:
            try:
                if deadline is not None and not link.instant:
                    deadline.check()
                return _answered(link, link.call(*args, **kwargs), failures)
            except Exception as error:
                if not self._goes_on(link, error, failures):
                    raise
                last = error
        raise AllLinksFailedError(failures) from last

    async def acall(self: FallbackChain[Any], *args: Any, **kwargs: Any) -> Answer[Any]:
        """Awaits the links; plain functions among them are called.  See `call`."""
        failures: list[Failure] = []
        until = None if self.deadline is None else self._clock() + self.deadline
        for link in self.links:
            try:
                if until is None or link.instant:
                    value = await _maybe_awaited(link.call, args, kwargs)
                else:
                    left = until - self._clock()
                    if left <= 0:
                        raise DeadlineExceededError(self.deadline or 0.0)
                    deadline = Deadline(left, clock=self._clock)
                    value = await within(deadline, _maybe_awaited, link.call, args, kwargs)
                return _answered(link, value, failures)
            except Exception as error:
                if not self._goes_on(link, error, failures):
                    raise
                last = error
        raise AllLinksFailedError(failures) from last

    def _goes_on(self, link: Link[Any], error: Exception, failures: list[Failure]) -> bool:
        if isinstance(error, NoAnswerError):
            return True
        verdict = self._classify(error)
        if not verdict.fall_back:
            return False
        failures.append(Failure(link.name, verdict))
        if verdict.kind.needs_repair:
            logger.error("%s needs repair: %s (%s)", link.name, verdict.reason, verdict.error)
        else:
            logger.info("%s gave no answer: %s", link.name, verdict.error)
        return True


SUBSTITUTE = "This answer comes from a substitute, because our usual source did not answer."
"""What the user is told when a link without a notice of its own answers in place of the first."""


def _answered(link: Link[Any], value: Any, failures: list[Failure]) -> Answer[Any]:
    notice = ""
    if failures:
        notice = failures[0].verdict.user_message if link.declines else SUBSTITUTE
        if link.notice is not None:
            notice = link.notice
    return Answer(value, link.name, tuple(failures), notice)


async def _maybe_awaited(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    result = call(*args, **kwargs)
    return await result if isinstance(result, Awaitable) else result
