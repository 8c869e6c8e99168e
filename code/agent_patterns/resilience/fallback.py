"""A chain of sources for one answer: the first that can gives it, and the answer says which.

What guards what: the *chain* keeps an outage of one source from being the user's; the *verdict*
keeps a broken request from being passed on and a bug from being hidden; *instant* links answer even
after the deadline; the *answer* says who gave it, so that nobody takes yesterday's for today's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import AsyncGeneratorType
from typing import Any, Generic, TypeVar

from agent_patterns.resilience.classification import classify, control_flow_in
from agent_patterns.resilience.deadline import (
    Clock,
    Deadline,
    current_deadline,
    no_deadline,
    positive_or_none,
    until,
)
from agent_patterns.resilience.errors import AllLinksFailedError, Failure
from agent_patterns.resilience.kinds import TRAITS, Kind, Verdict
from agent_patterns.resilience.wrapping import abegun, begun, gives_stream, is_async, part

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Link(Generic[T]):
    """A source of an answer."""

    name: str
    """The source that the answer names, such as "gpt-4.1-nano" or "cache"."""
    call: Callable[..., T]
    """Gives the answer; gets whatever the chain was called with.  A coroutine function, a
    `Policy`'s or a breaker's decorated function are fine."""
    instant: bool = False
    """Needs no time worth counting (a cache in memory, a fixed text): tried even after the
    deadline, and called in the event loop itself."""
    notice: str | None = None
    """Tells the user when this link answers in place of the first, such as "This answer is
    from yesterday."  None: a general sentence if a source before it failed."""
    declines: bool = False
    """Only says that there is no answer (a fixed apology).  The user is then told what the first
    failure means, unless `notice` says something better."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer, and where it comes from."""

    value: T
    link: str
    """The name of the link that gave it."""
    failures: tuple[Failure, ...] = ()
    """The links before it, and why each of them gave none."""
    notice: str = ""
    """For the user: where it comes from; empty when there is nothing to tell."""

    @property
    def degraded(self) -> bool:
        """Return True if a source before it failed, so that a fallback had to give it.

        One that only had nothing to say (`NoAnswerError`), such as a cache that is asked first,
        has not failed.
        """
        return bool(self.failures)


class FallbackChain(Generic[T]):
    """Asks links in order until one answers.

    It goes on to the next link only after an error for which another source makes sense: not
    after a request that is itself wrong, nor after a mistake in the code, which would only be
    hidden.  Errors that somebody must repair (a wrong key) are logged as errors although the
    user is served.  A link that is a stream has answered when its first chunk is there.

    `deadline` seconds are for all links together; an outer `Deadline` that is over sooner holds,
    too.  A link that is under way when the time is up is cancelled in `acall`; in `call` it must
    look at `remaining()` itself.  Links marked `instant` are tried even then.

    Raises:
        ValueError: no links, two of the same name, or a deadline that is not positive.
        TypeError: a link that is no `Link`.
    """

    def __init__(
        self,
        *links: Link[T],
        deadline: float | None = None,
        classify: Callable[[BaseException], Verdict] = classify,
        clock: Clock = time.monotonic,
    ) -> None:
        if not links:
            raise ValueError("a chain needs at least one link")
        check_links(links)
        self.links = links
        self.deadline = positive_or_none(deadline)
        self._classify = classify
        self._clock = clock

    def call(self, *args: Any, **kwargs: Any) -> Answer[T]:
        """Ask the links, passing on the arguments.

        Raises:
            AllLinksFailedError: none of them had an answer.
            TypeError: a link is async; use `acall`.
            Exception: what a link raised, where another link would not help.
        """
        if self.deadline is None:
            return self._ask(args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return self._ask(args, kwargs)

    def _ask(self, args: Any, kwargs: Any) -> Answer[T]:
        deadline = current_deadline()
        asked = _Asked(self._classify)
        for link in self.links:
            try:
                if link.instant:
                    with no_deadline():
                        return asked.answer(link, begun(link.call(*args, **kwargs)))
                if deadline is not None:
                    deadline.check()
                return asked.answer(link, begun(link.call(*args, **kwargs)))
            except Exception as error:
                if not asked.goes_on(link, error):
                    raise
        raise AllLinksFailedError(asked.failures) from asked.last

    async def acall(self: FallbackChain[Any], *args: Any, **kwargs: Any) -> Answer[Any]:
        """Await the links; see `call`.

        Plain functions among them run in a thread, unless they are `instant`.  A thread cannot be
        cancelled: at the deadline the chain goes on without it, and its result is dropped.
        """
        if self.deadline is None:
            return await self._aask(args, kwargs)
        with Deadline(self.deadline, clock=self._clock):
            return await self._aask(args, kwargs)

    async def _aask(self: FallbackChain[Any], args: Any, kwargs: Any) -> Answer[Any]:
        deadline = current_deadline()
        asked = _Asked(self._classify)
        for link in self.links:
            try:
                if link.instant:
                    with no_deadline():
                        return asked.answer(link, await _settled(link.call(*args, **kwargs)))
                if deadline is None:
                    return asked.answer(link, await _awaited(link.call, args, kwargs))
                deadline.check()
                value = await until(deadline, _awaited, link.call, args, kwargs)
                return asked.answer(link, value)
            except Exception as error:
                if not asked.goes_on(link, error):
                    raise
        raise AllLinksFailedError(asked.failures) from asked.last


class _Asked:
    """The links that have been asked for one answer, and what became of it."""

    __slots__ = ("_classify", "failures", "last")

    def __init__(self, classify: Callable[[BaseException], Verdict]) -> None:
        self._classify = classify
        self.failures: list[Failure] = []
        self.last: Exception | None = None

    def answer(self, link: Link[Any], value: Any) -> Answer[Any]:
        """Return the answer that `link` gave, and how it came to that."""
        notice = "" if self.last is None else self._notice(link)
        return Answer(value, link.name, tuple(self.failures), notice)

    def _notice(self, link: Link[Any]) -> str:
        if link.notice is not None:
            return link.notice
        if link.declines:
            first = self.failures[0].verdict if self.failures else TRAITS[Kind.NO_ANSWER]
            return first.user_message
        return SUBSTITUTE if self.failures else ""

    def goes_on(self, link: Link[Any], error: Exception) -> bool:
        """Return True if the next link is asked after this error."""
        self.last = error
        verdict = self._classify(error)
        if verdict.kind is Kind.NO_ANSWER:
            return True
        if not verdict.fall_back:
            inside = control_flow_in(error)
            if inside is not error:
                raise inside from error
            return False
        self.failures.append(Failure(link.name, verdict))
        if verdict.kind.needs_repair:
            logger.error("%s needs repair: %s (%s)", link.name, verdict.reason, verdict.error)
        else:
            logger.info("%s gave no answer: %s", link.name, verdict.error)
        return True


SUBSTITUTE = "This answer comes from a substitute, because our usual source did not answer."
"""Tells the user when a link without a notice of its own answers in place of the first."""


def check_links(links: tuple[Link[Any], ...], *names: str) -> None:
    """Raise unless these are links, and all of them and `names` differ."""
    for link in links:
        part("a chain", link, Link, 'links such as Link("cache", look_up)')
    names = (*names, *(link.name for link in links))
    if len(set(names)) < len(names):
        raise ValueError(f"links need different names to say which one answered: {list(names)}")


async def _awaited(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    if is_async(call) or gives_stream(call):
        return await abegun(call(*args, **kwargs))

    def plainly() -> Any:
        try:
            return call(*args, **kwargs)
        except StopIteration as error:  # no future can carry it: whoever waits would wait for ever
            raise RuntimeError("StopIteration came out of a link") from error

    return await _settled(await asyncio.to_thread(plainly))


async def _settled(result: Any) -> Any:
    later = isinstance(result, Awaitable | AsyncGeneratorType)
    return await abegun(result) if later else result
