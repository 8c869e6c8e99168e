"""Progress, back-pressure, retries without repeated tokens, and who blocks the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph

from agent_patterns.streaming import Channel, Progress, RunStream, retry_stream
from agent_patterns.streaming.loop import watch_loop
from agent_patterns.streaming.run_stream import StreamError


class State(TypedDict, total=False):
    items: list[str]


async def progress_of(node: Any) -> list[tuple[Any, ...]]:
    graph = StateGraph(State).add_node("node", node).add_edge(START, "node").compile()
    events: list[Any] = []
    try:
        async with RunStream(graph, {"items": ["a", "b"]}, modes=["custom"]) as stream:
            events += [part["data"] async for part in stream]
    except ConnectionError:
        events += [None]
    return [(one["state"], one["done"], one["note"]) if one else () for one in events]


async def test_progress_tells_every_piece_and_the_end() -> None:
    async def read(state: State) -> State:
        with Progress("Reading", total=2) as progress:
            for item in state["items"]:
                progress.advance(item)
        return {}

    assert await progress_of(read) == [
        ("running", 0, ""),
        ("running", 1, "a"),
        ("running", 2, "b"),
        ("done", 2, ""),
    ]


def test_progress_of_a_failure_and_of_a_cancellation() -> None:
    cancelled = (asyncio.CancelledError(), "cancelled")
    for error, state in ((ConnectionError("down"), "failed"), cancelled):
        written: list[Any] = []
        with pytest.raises(type(error)), Progress("Reading", writer=written.append):
            raise error
        assert written[-1]["state"] == state
    assert written[-1]["note"] == ""


def test_progress_beyond_the_total_is_refused() -> None:
    written: list[Any] = []
    progress = Progress("Reading", total=1, writer=written.append)
    progress.advance()
    with pytest.raises(StreamError, match="2 of 1"):
        progress.advance()
    with pytest.raises(StreamError):
        progress.advance(pieces=-1)
    assert [one["done"] for one in written] == [1]


# https://github.com/langchain-ai/langgraph/issues/4610
async def test_report_4610_progress_of_an_async_node_arrives_while_it_runs() -> None:
    seen = asyncio.Event()

    async def read(state: State) -> State:
        with Progress("Reading", total=1):
            await asyncio.wait_for(seen.wait(), 5)  # a blocking wait here would never end
        return {}

    graph = StateGraph(State).add_node("read", read).add_edge(START, "read").compile()
    async with RunStream(graph, {}, modes=["custom"]) as stream:
        async for part in stream:
            if part["data"]["state"] == "running":
                seen.set()
    assert stream.ended == "finished"


async def test_a_node_is_never_further_ahead_than_the_channel_is_long() -> None:
    channel: Channel[int] = Channel(3)
    sent: list[int] = []

    async def produce() -> None:
        for number in range(20):
            await channel.send(number)
            sent.append(number)
        await channel.close()

    producer = asyncio.ensure_future(produce())
    read = []
    async for number in channel:
        read.append(number)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(sent) <= len(read) + 3
    await producer
    assert read == sent == list(range(20))


async def test_langgraphs_own_stream_has_no_such_limit() -> None:
    wrote = []

    async def chatty(state: State) -> State:
        progress = Progress("Writing")
        for number in range(1000):
            progress.advance()
            wrote.append(number)
        return {}

    graph = StateGraph(State).add_node("chatty", chatty).add_edge(START, "chatty").compile()
    async with RunStream(graph, {}, modes=["custom"]) as stream:
        async for _ in stream:
            assert len(wrote) == 1000  # before the reader has read its second part
            break


async def test_a_reader_that_stops_reading_is_an_error_in_the_node() -> None:
    channel: Channel[int] = Channel(1, patience=0.01)
    await channel.send(1)
    with pytest.raises(StreamError, match=r"has not read for 0\.01 s"):
        await channel.send(2)
    assert not (asyncio.all_tasks() - {asyncio.current_task()})


async def test_a_reader_that_leaves_wakes_a_waiting_node() -> None:
    channel: Channel[int] = Channel(1)
    await channel.send(1)
    waiting = asyncio.ensure_future(channel.send(2))
    await asyncio.sleep(0)
    channel.leave()
    with pytest.raises(StreamError, match="reader has left"):
        await waiting
    with pytest.raises(StreamError, match="closed"):
        await channel.send(3)
    await channel.close()


async def test_a_closed_channel_takes_nothing_more() -> None:
    channel: Channel[str] = Channel(2)
    await channel.send("last")
    await channel.close()
    await channel.close()
    with pytest.raises(StreamError, match="closed"):
        await channel.send("too late")
    assert [item async for item in channel] == ["last"]
    with pytest.raises(StreamError, match="at least 1"):
        Channel(0)


class Broken:
    """A stream of one text that is cut into other tokens, and breaks elsewhere, each time."""

    def __init__(self, texts: list[str], cuts: list[list[int]], breaks: list[int]) -> None:
        self.texts, self.cuts, self.breaks = texts, cuts, breaks
        self.opened = self.closed = 0

    async def __call__(self) -> AsyncIterator[str]:
        attempt = self.opened
        self.opened += 1
        text = self.texts[min(attempt, len(self.texts) - 1)]
        ends = sorted({*self.cuts[attempt % len(self.cuts)], len(text)}) if self.cuts else [1]
        place = 0
        try:
            for end in (end for end in ends if 0 < end <= len(text)):
                if attempt < len(self.breaks) and end > self.breaks[attempt]:
                    raise ConnectionError("cut")
                yield text[place:end]
                place = end
        finally:
            self.closed += 1


@given(st.data())
def test_no_character_is_repeated_or_lost_wherever_the_stream_breaks(data: st.DataObject) -> None:
    text = data.draw(st.text(min_size=1, max_size=30))
    places = st.integers(0, len(text))
    breaks = data.draw(st.lists(places, max_size=4))
    cuts = data.draw(st.lists(st.lists(places), min_size=1, max_size=3))
    stream = Broken([text], cuts, breaks)

    async def run() -> str:
        return "".join([token async for token in retry_stream(stream, attempts=len(breaks) + 1)])

    assert asyncio.run(run()) == text
    assert stream.closed == stream.opened


async def collected(stream: Broken, **options: Any) -> tuple[str, str]:
    got = ""
    try:
        async for token in retry_stream(stream, **options):
            got += token
    except Exception as error:
        return got, f"{type(error).__name__}: {error}"
    return got, ""


async def test_a_repeated_stream_that_says_something_else_is_refused() -> None:
    got, error = await collected(Broken(["Dear Ann", "Dear Bob"], [[3, 6]], [6]))
    assert got == "Dear A"
    assert "StreamError: the repeated stream differs from character 5 on" in error


async def test_a_repeated_stream_that_is_shorter_is_refused() -> None:
    got, error = await collected(Broken(["Dear Ann", "Dear"], [[6]], [6]))
    assert got == "Dear A"
    assert "differs from character 4 on" in error


async def test_attempts_end_and_errors_that_will_not_pass_are_not_tried_again() -> None:
    always = Broken(["Dear Ann"], [[4]], [4, 4, 4, 4])
    assert await collected(always, attempts=3) == ("Dear", "ConnectionError: cut")
    assert always.opened == 3
    once = Broken(["Dear Ann"], [[4]], [4])
    await collected(once, retry_on=lambda error: isinstance(error, TimeoutError))
    assert once.opened == 1


async def test_waits_between_attempts_are_the_callers() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    stream = Broken(["Dear Ann"], [[4]], [4, 4])
    got = await collected(stream, delay=lambda attempt: attempt / 2, sleep=sleep)
    assert got == ("Dear Ann", "")
    assert slept == [1.0, 1.5]


async def test_a_reader_that_leaves_closes_the_stream() -> None:
    stream = Broken(["Dear Ann"], [[1, 2, 3]], [])
    tokens = retry_stream(stream)
    await anext(tokens)
    await tokens.aclose()  # type: ignore[attr-defined]
    assert stream.closed == 1


async def test_a_blocking_call_in_an_async_node_is_named_while_it_blocks() -> None:
    noticed = threading.Event()
    here = "innocent_looking_node (test_tokens.py:"

    def on_stall(where: str) -> None:
        if here in where:  # a busy machine may stall the loop elsewhere, too
            noticed.set()

    async def innocent_looking_node(state: State) -> State:
        assert noticed.wait(10)
        return {}

    graph = StateGraph(State).add_node("node", innocent_looking_node).add_edge(START, "node")
    async with watch_loop(0.05, on_stall=on_stall) as watch:
        await graph.compile().ainvoke({})
    (stall,) = (each for each in watch.stalls if here in each.where)
    assert stall.seconds > 0.05


async def test_an_awaiting_node_stalls_nothing_and_the_loop_keeps_its_beat() -> None:
    beats = 0
    async with watch_loop(2.0) as watch:
        while beats < 3:
            await asyncio.sleep(0.01)
            beats = beats + 1
    assert watch.stalls == []
    assert watch.beats
    assert "watch-loop" not in {thread.name for thread in threading.enumerate()}
