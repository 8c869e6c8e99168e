"""A stream is repeated and replaced until its first chunk; then its failures are counted."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import (
    CircuitBreaker,
    FallbackChain,
    Kind,
    Link,
    Policy,
    Retry,
    remaining,
)
from agent_patterns.resilience.backoff import Constant
from agent_patterns.resilience.deadline import Deadline
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock


class Source:
    """Streams of chunks; an exception among them is raised when its turn comes."""

    def __init__(self, *streams: list[Any]) -> None:
        self.streams = list(streams)
        self.opened = 0
        self.closed = 0

    def stream(self) -> Iterator[Any]:
        chunks = self.streams[self.opened]
        self.opened += 1
        try:
            for chunk in chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            self.closed += 1

    async def astream(self) -> AsyncIterator[Any]:
        for chunk in self.stream():
            await asyncio.sleep(0)
            yield chunk


Read = Callable[[Any, Source], Awaitable[list[Any]]]
"""Reads a source's stream through a wrapper, to its end or its error."""


async def called(wrapper: Any, source: Source) -> list[Any]:
    return list(wrapper.call(source.stream))


async def decorated(wrapper: Any, source: Source) -> list[Any]:
    return list(wrapper(source.stream)())


async def acalled(wrapper: Any, source: Source) -> list[Any]:
    return [chunk async for chunk in await wrapper.acall(source.astream)]


async def adecorated(wrapper: Any, source: Source) -> list[Any]:
    return [chunk async for chunk in wrapper(source.astream)()]


READS: list[Read] = [called, decorated, acalled, adecorated]
every_way = pytest.mark.parametrize("read", READS, ids=lambda read: read.__name__)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def retry(clock: FakeClock) -> Retry:
    return Retry(
        3, backoff=Constant(1), clock=clock, sleep=clock.sleep, async_sleep=clock.async_sleep
    )


@every_way
async def test_a_retry_repeats_until_the_first_chunk(
    read: Read, retry: Retry, clock: FakeClock
) -> None:
    source = Source([timeout_error()], [connection_error()], ["a", "b"])
    assert await read(retry, source) == ["a", "b"]
    assert (source.opened, source.closed, clock.slept) == (3, 3, [1, 1])


@every_way
async def test_what_somebody_has_read_is_never_repeated(read: Read, retry: Retry) -> None:
    source = Source(["a", timeout_error()], ["never"])
    with pytest.raises(type(timeout_error())):
        await read(retry, source)
    assert source.opened == 1


@every_way
async def test_a_breaker_counts_failures_while_it_is_read(read: Read, clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=2, clock=clock)
    source = Source([timeout_error()], ["a", "b", connection_error()], ["never"])
    for _ in range(2):
        with pytest.raises(type(connection_error()).__base__):  # type: ignore[arg-type]
            await read(breaker, source)
    assert breaker.diagnosis().failures == {Kind.TIMEOUT: 1, Kind.CONNECTION: 1}
    with pytest.raises(CircuitOpenError):
        await read(breaker, source)
    assert source.opened == 2


@every_way
async def test_a_probe_lasts_until_its_stream_ends(read: Read, clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    breaker.trip("test")
    clock.advance(10)
    seen: list[str] = []
    source = Source(["a", "b"])
    original = source.stream

    def watched() -> Iterator[Any]:
        for chunk in original():
            seen.append(breaker.state.value)
            yield chunk

    source.stream = watched  # type: ignore[method-assign]
    assert await read(breaker, source) == ["a", "b"]
    assert (seen, breaker.state.value) == (["half-open"] * 2, "closed")


@every_way
async def test_a_policy_does_all_of_it(read: Read, retry: Retry, clock: FakeClock) -> None:
    async def other() -> AsyncIterator[str]:
        yield "other"

    link = Link("other", other if read in (acalled, adecorated) else lambda: iter_of("other"))
    breaker = CircuitBreaker(failures=2, clock=clock)
    policy = Policy(retry=retry, breaker=breaker, deadline=60, fallbacks=[link], clock=clock)
    down = [[timeout_error()] for _ in range(3)]
    source = Source([status_error(500)], ["a"], *down, ["a", timeout_error()], ["never"])
    assert await read(policy, source) == ["a"]
    assert await read(policy, source) == ["other"]
    with pytest.raises(type(timeout_error())):
        await read(policy, source)
    assert await read(policy, source) == ["other"], "the breaker is open"
    assert source.opened == 6


def iter_of(*chunks: str) -> Iterator[str]:
    yield from chunks


async def test_an_answer_says_which_stream_it_is() -> None:
    dead = Source([timeout_error()], [timeout_error()])
    alive = Source(["a", "b"], ["a", "b"])
    answer = FallbackChain(Link("dead", dead.stream), Link("alive", alive.stream)).call()
    assert (answer.link, list(answer.value)) == ("alive", ["a", "b"])
    chain = FallbackChain(Link("dead", dead.astream), Link("alive", alive.astream))
    aanswer = await chain.acall()
    assert (aanswer.link, [chunk async for chunk in aanswer.value]) == ("alive", ["a", "b"])
    assert [failure.verdict.kind for failure in aanswer.failures] == [Kind.TIMEOUT]


@every_way
async def test_a_fallback_may_be_a_whole_text(read: Read) -> None:
    policy = Policy(fallbacks=[Link("refusal", lambda: "sorry", instant=True)])
    if read in (decorated, adecorated):
        assert await read(policy, Source([timeout_error()])) == ["sorry"]


@every_way
async def test_an_empty_stream_is_a_success(read: Read, retry: Retry) -> None:
    for wrapper in (retry, CircuitBreaker(), Policy(retry=retry)):
        assert await read(wrapper, Source([])) == []


async def test_decorated_it_is_still_what_it_was(retry: Retry) -> None:
    for wrapper in (retry, CircuitBreaker(), Policy(retry=retry)):
        source = Source(["a"])
        plain, awaited = wrapper(source.stream), wrapper(source.astream)
        assert inspect.isgeneratorfunction(plain)
        assert inspect.isasyncgenfunction(awaited)
        plain()
        awaited()
        assert source.opened == 0, "nothing happens before it is read"


async def test_who_stops_reading_closes_the_stream_and_blames_nobody(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    breaker.trip("test")
    clock.advance(10)
    source = Source(["a", "b"], ["a", "b"])
    stream = breaker.call(source.stream)
    assert next(stream) == "a"
    stream.close()
    assert (source.closed, breaker.state.value) == (1, "half-open")
    astream = await breaker.acall(source.astream)
    assert await anext(astream) == "a"
    await astream.aclose()
    assert breaker.state.value == "half-open"
    assert breaker.call(int) == 0
    assert breaker.state.value == "closed"


@pytest.mark.parametrize("wrapper", [Retry(3), CircuitBreaker(), Policy(retry=Retry(3))])
async def test_closing_reaches_the_source_although_somebody_holds_it(wrapper: Any) -> None:
    source = Source(["a", "b"], ["a", "b"])
    held = source.stream()
    stream = wrapper.call(lambda: held)
    assert next(stream) == "a"
    stream.close()
    assert source.closed == 1
    aheld = source.astream()
    astream = await wrapper.acall(lambda: aheld)
    assert await anext(astream) == "a"
    await astream.aclose()
    assert aheld.ag_frame is None


def test_a_stream_that_nobody_reads_is_no_probe_for_ever(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    breaker.trip("test")
    clock.advance(10)
    source = Source(["a"])
    breaker.call(source.stream).close()
    assert source.closed == 1
    assert breaker.call(int) == 0
    assert breaker.state.value == "closed"


def test_the_deadline_does_not_leak_to_the_reader(clock: FakeClock) -> None:
    source = Source(["a", "b"])
    stream = Policy(deadline=5, clock=clock).call(source.stream)
    assert (next(stream), remaining()) == ("a", None)
    clock.advance(100)
    assert list(stream) == ["b"]


def test_an_outer_deadline_ends_before_the_first_chunk(clock: FakeClock) -> None:
    source = Source([timeout_error()], ["a"])
    retry = Retry(3, backoff=Constant(10), clock=clock, sleep=clock.sleep)
    with Deadline(5, clock=clock), pytest.raises(type(timeout_error())):
        list(retry.call(source.stream))
    assert source.opened == 1


@pytest.mark.parametrize(
    "wrapper", [Retry(3), CircuitBreaker(), Policy(), Policy(deadline=5), Policy(retry=Retry(3))]
)
async def test_the_wrong_colour_is_refused_with_advice(wrapper: Any) -> None:
    source = Source(["a"])
    with pytest.raises(TypeError, match=r"await acall\(\)"):
        wrapper.call(source.astream)
    with pytest.raises(TypeError, match=r"call\(\), not acall\(\)"):
        await wrapper.acall(source.stream)
    with pytest.raises(TypeError, match=r"call\(\), not acall\(\)"):
        await wrapper.acall(lambda: "no coroutine")
    with pytest.raises(TypeError, match="async"):
        await FallbackChain(Link("plain", source.stream), Link("other", str)).acall()
    assert source.opened == 0
