"""A graph that asks and then acts, and a process that decides it and stands still in the act."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from agent_patterns.approval import approve
from agent_patterns.checkpoints import open_checkpointer
from courseware.widgets import ApprovalPanel

CONFIG: Any = {"configurable": {"thread_id": "refund"}}


class State(TypedDict, total=False):
    answer: Any


def graph_of(checkpointer: Any, act: Callable[[], None]) -> Any:
    def review(state: State) -> State:
        answer = interrupt({"action": "refund", "args": {"amount": "12.90"}})
        act()
        return {"answer": answer}

    builder = StateGraph(State).add_node(review).add_edge(START, "review")
    return builder.compile(checkpointer=checkpointer)


@asynccontextmanager
async def opened(url: str, asynchronous: bool) -> AsyncIterator[Any]:
    if asynchronous:
        kind: Any = AsyncSqliteSaver if url.startswith("sqlite") else AsyncPostgresSaver
        async with kind.from_conn_string(url.removeprefix("sqlite:///")) as saver:
            await saver.setup()
            yield saver
    else:
        with open_checkpointer(url) as saver:
            yield saver


async def settled(panel: ApprovalPanel) -> None:
    while panel._tasks:
        await asyncio.gather(*panel._tasks)


async def panel_on(graph: Any) -> ApprovalPanel:
    panel = ApprovalPanel(graph, CONFIG)
    await settled(panel)
    return panel


async def approve_in(panel: ApprovalPanel) -> None:
    panel.press(panel.waiting[0], approve())
    await settled(panel)


async def main(url: str, asynchronous: bool) -> None:
    def act() -> None:
        print("inside", flush=True)
        sys.stdin.readline()

    async with opened(url, asynchronous) as saver:
        await approve_in(await panel_on(graph_of(saver, act)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] == "async"))
