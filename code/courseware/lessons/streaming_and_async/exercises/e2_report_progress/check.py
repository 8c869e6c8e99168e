"""Check: Report progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph

from courseware.exercises import chance, expect


class _State(TypedDict, total=False):
    documents: list[str]
    texts: list[str]


class _Broken(ConnectionError):
    """A document cannot be read."""


async def check(make_node: Callable[[Any], Callable[[Any], Any]]) -> None:
    """Run the node over documents that are drawn; in one run a document is broken."""
    draw = chance()
    titles = ["returns", "shipping", "inks", "papers", "gifts", "pens", "wax", "twine"]
    for least, broken in ((3, False), (7, False), (3, True)):
        documents = draw.sample(titles, draw.randint(least, 8))
        await _check_one(make_node, documents, draw.choice(documents[1:]) if broken else "")


async def _check_one(make_node: Any, documents: list[str], broken: str) -> None:
    seen: list[Any] = []
    when: list[int] = []
    read_so_far: list[str] = []

    async def read(document: str) -> str:
        await asyncio.sleep(0.01)
        if document == broken:
            raise _Broken(f"{document} is unreadable")
        read_so_far.append(document)
        return document.upper()

    builder: Any = StateGraph(_State).add_node("node", make_node(read))
    graph = builder.add_edge(START, "node").compile()
    result: Any = None
    failed = False
    try:
        async for mode, part in graph.astream(
            {"documents": documents}, stream_mode=["custom", "values"]
        ):
            if mode == "custom":
                seen.append(part)
                when.append(len(read_so_far))
            else:
                result = part
    except _Broken:
        failed = True
    _check_events(documents, broken, seen, when)
    numbers = [number for number in map(_count, seen) if number is not None]
    told = _told(documents, broken)
    if broken:
        _check_failure(told, failed, seen, numbers, len(read_so_far))
        return
    expect(
        numbers[-1] == len(documents) and set(range(1, len(documents) + 1)) <= set(numbers),
        "skips-documents",
        f"{told} The events say {numbers}. Report each document, the last one included.",
    )
    expect(
        result and result.get("texts") == [one.upper() for one in documents],
        "loses-the-result",
        f"{told} `texts` is {result and result.get('texts')!r}. Progress comes beside the result,"
        " not in its place.",
    )


def _told(documents: list[str], broken: str) -> str:
    return f"Documents {documents}" + (f", {broken!r} unreadable." if broken else ".")


def _check_events(documents: list[str], broken: str, seen: list[Any], when: list[int]) -> None:
    told = _told(documents, broken)
    expect(
        seen,
        "reports-nothing",
        f"{told} Nothing came in the custom stream. `Progress` writes into it, or the function that"
        " `get_stream_writer()` returns; `print` doesn't.",
    )
    counts = [_count(event) for event in seen]
    odd = next((event for event in seen if _count(event) is None), None)
    expect(
        all(count is not None for count in counts),
        "reports-without-numbers",
        f"{told} An event was {odd!r}. Each event says how many are `done`.",
    )
    expect(
        len(set(when)) > 1 or broken,  # after a broken second document there is one moment only
        "reports-at-the-end",
        f"{told} All {len(seen)} events arrived after {when[0]} documents had been read. Progress"
        " is told while it is made: after each document.",
    )
    numbers = [count for count in counts if count is not None]
    expect(
        numbers == sorted(numbers) and all(n <= len(documents) for n in numbers),
        "goes-backwards",
        f"{told} The events say {numbers}: the number never falls and never exceeds the total.",
    )


def _check_failure(told: str, failed: bool, seen: list[Any], numbers: list[int], read: int) -> None:
    expect(
        failed,
        "hides-an-error",
        f"{told} The node ended as if all were well. Let the error out.",
    )
    expect(
        numbers[-1] == read,
        "counts-a-failure",
        f"{told} Documents that were read: {read}. The last event says {numbers[-1]}.",
    )
    last = repr(seen[-1]).lower()
    expect(
        "fail" in last or "error" in last or "broken" in last,
        "never-says-how-it-ended",
        f"{told} The last event was {seen[-1]!r}, so the bar stands still for ever. Say at the end"
        " how it ended; `with Progress(…)` does.",
    )


def _count(event: Any) -> int | None:
    if not isinstance(event, dict):
        return None
    value = event.get("done")
    return value if isinstance(value, int) and not isinstance(value, bool) else None
