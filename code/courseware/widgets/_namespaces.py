"""Find the namespaces of a thread: where the checkpoints of its subgraphs lie."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig

PARENT = "the graph itself"


async def namespaces(graph: Any, config: RunnableConfig, *, is_async: bool) -> dict[str, str]:
    """Return the checkpoint namespaces of a thread by a readable name, the graph's own first.

    A subgraph with memory per call has a namespace for each call (``research:<task id>``), one
    with memory per thread has one (``research``).
    """
    thread: Any = {"configurable": {"thread_id": config["configurable"]["thread_id"]}}
    saver = graph.checkpointer
    if is_async:
        found = [one.config["configurable"] async for one in saver.alist(thread)]
    else:
        found = [one.config["configurable"] for one in saver.list(thread)]
    first: dict[str, str] = {}
    for place in found:
        space, checkpoint = str(place.get("checkpoint_ns", "")), str(place["checkpoint_id"])
        first[space] = min(checkpoint, first.get(space, checkpoint))
    named = {PARENT: ""}
    calls: dict[str, int] = {}
    for space in sorted(filter(None, first), key=lambda space: first[space]):
        name = "/".join(part.split(":")[0] for part in space.split("|"))
        calls[name] = calls.get(name, 0) + 1
        named[f"{name}, call {calls[name]}" if ":" in space else name] = space
    return named
