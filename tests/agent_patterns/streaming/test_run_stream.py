"""Stop, drain, leave, resume: on real checkpointers, from tasks and threads."""

from __future__ import annotations

import asyncio
import operator
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.config import get_stream_writer
from langgraph.errors import NodeTimeoutError
from langgraph.graph import START, StateGraph
from langgraph.types import Command, RetryPolicy, interrupt

from agent_patterns.streaming import RunStream
from agent_patterns.streaming.run_stream import StreamError
from courseware.runtime.postgres import postgres_url

CONFIG: Any = {"configurable": {"thread_id": "1"}}


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


class State(TypedDict, total=False):
    done: Annotated[list[str], operator.add]


class Work:
    """Three steps; the second one writes forever the first time, and ends when it is run again."""

    def __init__(self) -> None:
        self.cancelled = self.second_runs = 0

    async def first(self, state: State) -> State:
        return {"done": ["first"]}

    async def second(self, state: State) -> State:
        self.second_runs += 1
        write = get_stream_writer()
        try:
            while self.second_runs == 1:
                write("working")
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {"done": ["second"]}

    async def third(self, state: State) -> State:
        return {"done": ["third"]}

    def graph(self, saver: Any = None) -> Any:
        builder = StateGraph(State).add_sequence([self.first, self.second, self.third])
        return builder.add_edge(START, "first").compile(checkpointer=saver)


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Any]:
    if kind == "memory":
        yield InMemorySaver()
    elif kind == "sqlite":
        async with AsyncSqliteSaver.from_conn_string(str(folder / "runs.sqlite")) as saver:
            yield saver
    else:
        async with AsyncPostgresSaver.from_conn_string(postgres_url()) as postgres:
            await postgres.setup()
            yield postgres


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
@pytest.mark.parametrize("from_thread", [False, True])
async def test_a_stopped_run_is_resumed_at_the_step_that_was_stopped(
    kind: str, from_thread: bool, tmp_path: Path
) -> None:
    work = Work()
    config = {"configurable": {"thread_id": f"stop-{from_thread}"}}
    async with opened(kind, tmp_path) as saver:
        before = others()
        async with RunStream(work.graph(saver), {}, config) as stream:
            async for part in stream:
                if part["data"] == "working":
                    if from_thread:
                        await asyncio.to_thread(stream.stop)
                    else:
                        stream.stop()
        assert stream.ended == "stopped"
        assert work.cancelled == 1
        assert others() == before
        state = await work.graph(saver).aget_state(config)
        assert (state.values, state.next) == ({"done": ["first"]}, ("second",))
        async with RunStream(work.graph(saver), None, config, modes=["updates"]) as again:
            steps = [name async for part in again for name in part["data"]]
        assert again.ended == "finished"
        assert steps == ["second", "third"]
        values = (await work.graph(saver).aget_state(config)).values
        assert values == {"done": ["first", "second", "third"]}


async def test_stop_does_not_wait_for_a_part_that_never_comes() -> None:
    hanging = asyncio.Event()

    async def hang(state: State) -> State:
        hanging.set()
        await asyncio.Event().wait()
        return {}

    graph = StateGraph(State).add_node("hang", hang).add_edge(START, "hang").compile()

    async def read() -> str:
        async with RunStream(graph, {}) as stream:
            streams.append(stream)
            async for _ in stream:
                pass
        return stream.ended

    streams: list[RunStream] = []
    reader = asyncio.ensure_future(read())
    await hanging.wait()
    thread = threading.Thread(target=streams[0].stop)
    thread.start()
    thread.join()
    streams[0].stop()  # a second press
    assert await asyncio.wait_for(reader, 5) == "stopped"
    assert not others()


async def test_a_stop_before_the_first_part_runs_nothing() -> None:
    work = Work()
    async with RunStream(work.graph(), {}) as stream:
        stream.stop()
        assert [part async for part in stream] == []
    assert stream.ended == "stopped"
    assert work.second_runs == 0


async def test_a_stop_after_the_end_changes_nothing() -> None:
    work = Work()
    work.second_runs = 1
    async with RunStream(work.graph(), {}) as stream:
        async for _ in stream:
            pass
        stream.stop()
        await asyncio.sleep(0)
    assert stream.ended == "finished"


async def test_a_stop_right_after_a_step_has_tasks_left_where_next_is_empty(
    tmp_path: Path,
) -> None:
    for turns in range(12):  # the stop falls into the step, between it and its checkpoint, or after
        work = Work()
        work.second_runs = 1
        config = {"configurable": {"thread_id": str(turns)}}
        async with opened("sqlite", tmp_path) as saver:
            async with RunStream(work.graph(saver), {}, config, modes=["tasks"]) as stream:
                async for part in stream:
                    if part["data"]["name"] == "first":
                        for _ in range(turns):
                            await asyncio.sleep(0)
                        stream.stop()
            state = await work.graph(saver).aget_state(config)
            assert state.tasks
            done = (await work.graph(saver).ainvoke(None, config))["done"]
        assert done == ["first", "second", "third"]


async def test_draining_lets_the_running_step_end() -> None:
    work = Work()
    work.second_runs = 1
    graph = work.graph(InMemorySaver())
    async with RunStream(graph, {}, CONFIG, modes=["updates"]) as stream:
        async for part in stream:
            if "first" in part["data"]:
                stream.drain()
    assert stream.ended == "drained"
    state = await graph.aget_state(CONFIG)
    assert state.next
    done = (await graph.ainvoke(None, CONFIG))["done"]
    assert done == ["first", "second", "third"]


async def test_a_reader_that_leaves_ends_the_run() -> None:
    work = Work()
    async with RunStream(work.graph(), {}) as stream:
        async for part in stream:
            if part["data"] == "working":
                break
        assert work.cancelled == 0  # a break alone leaves it running
    assert work.cancelled == 1
    assert stream.ended == "stopped"
    assert not others()


async def test_a_cancelled_reader_is_not_taken_for_a_stop() -> None:
    work = Work()
    began = asyncio.Event()

    async def read() -> None:
        async with RunStream(work.graph(), {}) as stream:
            streams.append(stream)
            async for part in stream:
                if part["data"] == "working":
                    began.set()

    streams: list[RunStream] = []
    reader = asyncio.ensure_future(read())
    await began.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (streams[0].ended, work.cancelled) == ("failed", 1)
    assert not others()


async def test_an_error_in_a_node_reaches_the_reader() -> None:
    async def broken(state: State) -> State:
        raise ConnectionError("down")

    graph = StateGraph(State).add_node("broken", broken).add_edge(START, "broken").compile()
    stream = RunStream(graph, {})

    async def read() -> None:
        async with stream:
            async for _ in stream:
                pass

    with pytest.raises(ConnectionError, match="down"):
        await read()
    assert stream.ended == "failed"


async def test_a_run_that_waits_for_a_human_says_so() -> None:
    async def ask(state: State) -> State:
        return {"done": [interrupt("may I?")]}

    builder = StateGraph(State).add_node("ask", ask).add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    for step, ended in (({}, "interrupted"), (Command(resume="yes"), "finished")):
        async with RunStream(graph, step, CONFIG) as stream:
            async for _ in stream:
                pass
        assert stream.ended == ended


async def test_tokens_and_the_time_to_the_first_are_kept() -> None:
    seconds = iter(range(100))
    model = GenericFakeChatModel(messages=iter([AIMessage("one two three")]))

    async def write(state: State) -> State:
        return {"done": [str((await model.ainvoke("go")).text)]}

    graph = StateGraph(State).add_node("write", write).add_edge(START, "write").compile()
    async with RunStream(graph, {}, clock=lambda: float(next(seconds))) as stream:
        async for _ in stream:
            pass
    assert stream.text == "one two three"
    assert stream.first_token == 1.0
    assert stream.seconds > stream.first_token


async def test_a_stream_is_used_once_and_in_its_block() -> None:
    stream = RunStream(Work().graph(), {})
    with pytest.raises(StreamError, match="async with"):
        aiter(stream)
    async with stream:
        aiter(stream)
        with pytest.raises(StreamError, match="read once"):
            aiter(stream)


# https://github.com/langchain-ai/langgraph/issues/5682
async def test_one_mode_is_enough_and_an_unknown_one_is_named() -> None:
    async with RunStream(Work().graph(), {}, modes="custom") as stream:
        assert (await anext(aiter(stream)))["type"] == "custom"
    with pytest.raises(StreamError, match="No stream mode tokens: take values, "):
        RunStream(Work().graph(), {}, modes=["tokens"])  # type: ignore[list-item]


async def test_report_5682_a_stop_reaches_a_subgraph_called_in_a_node() -> None:
    work = Work()
    inner = work.graph()

    async def call(state: State) -> State:
        return {"done": (await inner.ainvoke({}))["done"]}

    graph = StateGraph(State).add_node("call", call).add_edge(START, "call").compile()
    async with RunStream(graph, {}) as stream:
        async for part in stream:
            if part["data"] == "working":
                assert part["ns"][0].startswith("call:")
                stream.stop()
    assert work.cancelled == 1
    assert not others()


# https://github.com/langchain-ai/langgraph/issues/5672
async def test_report_5672_a_stop_keeps_every_step_that_was_streamed(tmp_path: Path) -> None:
    for round_ in range(5):  # with durability="async" a step could be seen and then lost
        work = Work()
        config = {"configurable": {"thread_id": str(round_)}}
        async with opened("sqlite", tmp_path) as saver:
            seen: list[str] = []
            async with RunStream(work.graph(saver), {}, config) as stream:
                async for part in stream:
                    if part["type"] == "updates":
                        seen += part["data"]
                        stream.stop()
            held = (await work.graph(saver).aget_state(config)).values["done"]
        assert held == seen == ["first"]


# https://github.com/langchain-ai/langgraph/issues/8842
async def test_report_8842_an_error_handler_can_be_stopped() -> None:
    handling = asyncio.Event()

    async def bad(state: State) -> State:
        raise ValueError("boom")

    async def slow_handler(state: State) -> State:
        handling.set()
        await asyncio.Event().wait()  # the node's time-out does not reach it
        return {}

    builder = StateGraph(State).add_node("bad", bad, error_handler=slow_handler)
    graph = builder.add_edge(START, "bad").compile()

    async def read() -> str:
        async with RunStream(graph, {}) as stream:
            streams.append(stream)
            async for _ in stream:
                pass
        return stream.ended

    streams: list[RunStream] = []
    reader = asyncio.ensure_future(read())
    await asyncio.wait_for(handling.wait(), 5)
    streams[0].stop()
    assert await asyncio.wait_for(reader, 5) == "stopped"
    assert not others()


# https://github.com/langchain-ai/langgraph/pull/7599
async def test_report_7599_a_node_that_hangs_is_timed_out_and_its_thread_resumed() -> None:
    runs: list[int] = []

    async def hangs_once(state: State) -> State:
        runs.append(1)
        if len(runs) == 1:
            await asyncio.Event().wait()
        return {"done": ["at last"]}

    builder = StateGraph(State).add_node("hangs", hangs_once, timeout=0.02)
    graph = builder.add_edge(START, "hangs").compile(checkpointer=InMemorySaver())
    with pytest.raises(NodeTimeoutError):
        await graph.ainvoke({}, CONFIG)
    assert (await graph.ainvoke(None, CONFIG))["done"] == ["at last"]
    with pytest.raises(ValueError, match="only supported for async nodes"):
        StateGraph(State).add_node("sync", lambda state: {}, timeout=1).add_edge(
            START, "sync"
        ).compile()


# https://github.com/langchain-ai/langgraph/issues/5010
@pytest.mark.parametrize("subgraphs", [True, False])
async def test_report_5010_tokens_of_a_subgraph_come_only_if_asked_for(subgraphs: bool) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("inner words")]))

    async def write(state: State) -> State:
        return {"done": [str((await model.ainvoke("go")).text)]}

    inner = StateGraph(State).add_node("write", write).add_edge(START, "write").compile()
    graph = StateGraph(State).add_node("inner", inner).add_edge(START, "inner").compile()
    async with RunStream(graph, {}, modes=["messages"], subgraphs=subgraphs) as stream:
        async for _ in stream:
            pass
    assert stream.text == ("inner words" if subgraphs else "")


async def test_a_retry_policy_repeats_what_was_streamed() -> None:
    runs: list[int] = []

    async def breaks(state: State) -> State:
        runs.append(1)
        write = get_stream_writer()
        write("Dear")
        if len(runs) == 1:
            raise ConnectionError("cut")
        write(" Ann")
        return {}

    policy = RetryPolicy(initial_interval=0.001, jitter=False)
    builder = StateGraph(State).add_node("breaks", breaks, retry_policy=policy)
    graph = builder.add_edge(START, "breaks").compile()
    async with RunStream(graph, {}, modes=["custom"]) as stream:
        shown = "".join([part["data"] async for part in stream])
    assert shown == "DearDear Ann"  # what `retry_stream` is for
