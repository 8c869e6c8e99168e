"""Fan-out against the ideal, a cache hit against a dictionary, our stream against a bare loop."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from langchain_core.caches import InMemoryCache as ModelCache
from langchain_core.outputs import Generation
from langgraph.cache.memory import InMemoryCache as NodeCache
from langgraph.cache.sqlite import SqliteCache
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph

from agent_patterns.caching import EVERYONE, Cache, SqliteStore, cache_key
from agent_patterns.parallel import fan_out
from agent_patterns.streaming import RunStream
from benchmarks import Measurement, interleaved

CALL = 0.25
"""Seconds of one call in the fan-out."""
QUESTION = "Where is my order?"


def run(quick: bool) -> list[Measurement]:
    """Figures of fan-out, caching and streaming, as ratios."""
    rounds = 5 if quick else 21
    return [*_fan_out(3 if quick else 9), *_caches(rounds), _stream(rounds)]


def _fan_out(rounds: int) -> list[Measurement]:
    async def call(item: int) -> int:
        await asyncio.sleep(CALL)
        return item

    figures = []
    for calls, width in ((1, 100), (10, 100), (100, 100), (1000, 100), (1000, 1000)):
        ideal = CALL * -(-calls // width)
        seconds = interleaved(
            {"ours": _ran(lambda n=calls, w=width: fan_out(call, range(n), limit=w))},
            rounds=rounds,
            calls=1,
        )["ours"]
        figures.append(
            Measurement(
                f"fan-out of {calls} calls, {width} at once: ideal / measured",
                ideal / seconds,
                note=f"{seconds * 1000:.0f} ms against {ideal * 1000:.0f} ms",
            )
        )
    return figures


def _ran(make: Callable[[], Awaitable[Any]]) -> Callable[[], Any]:
    async def awaited() -> Any:
        return await make()

    return lambda: asyncio.run(awaited())


def _caches(rounds: int) -> list[Measurement]:
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "ours.db") as store:
        theirs = SqliteCache(path=str(Path(folder) / "theirs.db"))
        seconds = interleaved(_looks(store, theirs), rounds=rounds, calls=1)
        theirs._conn.close()
    base = seconds["dictionary"]
    pairs = {
        "hit in memory / dictionary look-up": ("memory", "dictionary"),
        "key and hit in memory / dictionary look-up": ("keyed", "dictionary"),
        "hit in memory / LangChain's model cache": ("memory", "model cache"),
        "hit in memory / LangGraph's node cache": ("memory", "node cache"),
        "hit in SQLite / LangGraph's SQLite cache": ("sqlite", "node sqlite"),
    }
    return [
        Measurement(
            name, seconds[one] / seconds[other], note=f"{seconds[one] / TIMES * 1e6:.1f} µs a hit"
        )
        for name, (one, other) in pairs.items()
        if base
    ]


TIMES = 200
"""Hits in one measured call, so that starting an event loop does not count."""


def _looks(store: SqliteStore, file: SqliteCache[Any]) -> dict[str, Callable[[], Any]]:
    known = {QUESTION: "on its way"}
    memory: Cache[str] = Cache()
    sqlite: Cache[str] = Cache(store)
    key = _key()

    async def compute() -> str:
        return known[QUESTION]

    asyncio.run(memory.get_or_compute(key, compute))
    asyncio.run(sqlite.get_or_compute(key, compute))
    models, nodes = ModelCache(), NodeCache[Any]()
    models.update(QUESTION, "model", [Generation(text="on its way")])
    full = (("node",), key)
    nodes.set({full: ("on its way", None)})
    file.set({full: ("on its way", None)})

    def repeated(look: Callable[[], Awaitable[Any]]) -> Callable[[], Any]:
        async def all_of_them() -> None:
            for _ in range(TIMES):
                await look()

        return lambda: asyncio.run(all_of_them())

    async def look_up() -> str:
        return known[QUESTION]

    return {
        "dictionary": repeated(look_up),
        "memory": repeated(lambda: memory.get_or_compute(key, compute)),
        "keyed": repeated(lambda: memory.get_or_compute(_key(), compute)),
        "sqlite": repeated(lambda: sqlite.get_or_compute(key, compute)),
        "model cache": repeated(lambda: models.alookup(QUESTION, "model")),
        "node cache": repeated(lambda: nodes.aget([full])),
        "node sqlite": repeated(lambda: file.aget([full])),
    }


def _key() -> str:
    return cache_key(QUESTION, model="m", parameters={"temperature": 0}, tools=[], user=EVERYONE)


TOKENS = 2000


def _stream(rounds: int) -> Measurement:
    async def write(state: MessagesState) -> dict[str, Any]:
        writer = get_stream_writer()
        for number in range(TOKENS):
            writer(number)
            await asyncio.sleep(0)
        return {}

    builder: Any = StateGraph(MessagesState).add_node("write", write).add_edge(START, "write")
    graph = builder.compile()
    options: dict[str, Any] = {"subgraphs": True, "version": "v2"}

    async def bare() -> None:
        modes = ["updates", "messages", "custom"]
        async for _ in graph.astream({"messages": []}, stream_mode=modes, **options):
            pass

    async def ours() -> None:
        async with RunStream(graph, {"messages": []}) as stream:
            async for _ in stream:
                pass

    seconds = interleaved(
        {"ours": lambda: asyncio.run(ours()), "bare": lambda: asyncio.run(bare())},
        rounds=rounds,
        calls=1,
    )
    more = (seconds["ours"] - seconds["bare"]) / TOKENS
    return Measurement(
        "stream, per token: RunStream / bare iteration",
        seconds["ours"] / seconds["bare"],
        note=f"{more * 1e6:+.1f} µs a token",
    )
