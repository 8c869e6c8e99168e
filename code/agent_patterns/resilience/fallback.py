"""A chain of sources for one answer: the first that can gives it, and the answer says which."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Generic, TypeVar, cast

from agent_patterns.resilience.callables import is_async, refuse_coroutine
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.kinds import TRAITS, Kind, Verdict
from agent_patterns.resilience.deadline import (
    Clock,
    Deadline,
    current_deadline,
    no_deadline,
    positive_or_none,
    until,
)
from agent_patterns.resilience.errors import AllLinksFailedError

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
    """Needs no time worth counting (a cache in memory, a fixed text): tried even after the
    deadline, and called in the event loop itself."""
    notice: str | None = None
    """What the user is told when this link answers in place of the first, such as "This answer is
    from yesterday."  None: a general sentence if a source before it failed."""
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
    """What to tell the user about where it comes from; empty when there is nothing to tell."""

    @property
    def degraded(self) -> bool:
        """Whether a source before it failed, so that a fallback had to give it.

        One that only had nothing to say (`NoAnswerError`), such as a cache that is asked first,
        has not failed.
        """
        return bool(self.failures)


class FallbackChain(Generic[T]):
    """Asks links in order until one answers.

    It goes on to the next link only after an error for which another source makes sense: not
    after a request that is itself wrong, nor after a mistake in the code, which would only be
    hidden.  Errors that somebody must repair (a wrong key) are logged as errors although the
    user is served.

    `deadline` seconds are for all links together; an outer `Deadline` that is over sooner holds,
    too.  A link that is under way when the time is up is cancelled in `acall`; in `call` it must
    look at `remaining()` itself.  Links marked `instant` are tried even then.

    Raises:
        ValueError: no links, two of the same name, or a deadline that is not positive.
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
        self.deadline = positive_or_none(deadline)
        self._classify = classify
        self._clock = clock

    def call(self, *args: Any, **kwargs: Any) -> Answer[T]:
        """Asks the links, passing on the arguments.

        Raises:
            AllLinksFailedError: none of them had an answer.
            TypeError: a link is a coroutine function; use `acall`.
            Exception: what a link raised, where another link would not help.
        """
        if self.deadline is None:
            return self._ask(args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return self._ask(args, kwargs)

    def _ask(self, args: Any, kwargs: Any) -> Answer[T]:
        deadline = current_deadline()
        failures: list[Failure] = []
        for number, link in enumerate(self.links):
            try:
                if link.instant:
                    with no_deadline():
                        value = link.call(*args, **kwargs)
                else:
                    if deadline is not None:
                        deadline.check()
                    value = link.call(*args, **kwargs)
                if value.__class__ is CoroutineType:
                    refuse_coroutine(cast(Any, value))
            except Exception as error:
                if not self._goes_on(link, error, failures):
                    raise
                last = error
            else:
                return Answer(value, link.name, tuple(failures), _notice(link, number, failures))
        raise AllLinksFailedError(failures) from last

    async def acall(self: FallbackChain[Any], *args: Any, **kwargs: Any) -> Answer[Any]:
        """Awaits the links; see `call`.

        Plain functions among them run in a thread, unless they are `instant`.  A thread cannot be
        cancelled: at the deadline the chain goes on without it, and its result is dropped.
        """
        if self.deadline is None:
            return await self._aask(args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return await self._aask(args, kwargs)

    async def _aask(self: FallbackChain[Any], args: Any, kwargs: Any) -> Answer[Any]:
        deadline = current_deadline()
        failures: list[Failure] = []
        for number, link in enumerate(self.links):
            try:
                if link.instant:
                    with no_deadline():
                        value = await _if_awaitable(link.call(*args, **kwargs))
                elif deadline is None:
                    value = await _awaited(link.call, args, kwargs)
                else:
                    deadline.check()
                    value = await until(deadline, _awaited, link.call, args, kwargs)
            except Exception as error:
                if not self._goes_on(link, error, failures):
                    raise
                last = error
            else:
                return Answer(value, link.name, tuple(failures), _notice(link, number, failures))
        raise AllLinksFailedError(failures) from last

    def _goes_on(self, link: Link[Any], error: Exception, failures: list[Failure]) -> bool:
        verdict = self._classify(error)
        if verdict.kind is Kind.NO_ANSWER:
            return True
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


def _notice(link: Link[Any], number: int, failures: list[Failure]) -> str:
    if number == 0:
        return ""
    if link.notice is not None:
        return link.notice
    if link.declines:
        return (failures[0].verdict if failures else TRAITS[Kind.NO_ANSWER]).user_message
    return SUBSTITUTE if failures else ""


async def _awaited(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    if is_async(call):
        return await call(*args, **kwargs)

    def plainly() -> Any:
        try:
            return call(*args, **kwargs)
        except StopIteration as error:  # no future can carry it: whoever waits would wait for ever
            raise RuntimeError("StopIteration came out of a link") from error

    return await _if_awaitable(await asyncio.to_thread(plainly))


async def _if_awaitable(result: Any) -> Any:
    return await result if isinstance(result, Awaitable) else result
