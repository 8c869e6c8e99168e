"""Graphs that the persistence tests run."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph

START_METHOD = "spawn" if sys.platform == "win32" else "forkserver"
"""How the tests start processes of their own."""

NODES = ("check", "reserve", "charge", "pack", "notify", "close")


class OrderState(TypedDict, total=False):
    order: str
    log: Annotated[list[str], operator.add]
    total: int
    note: str
    items: list[dict[str, int]]


def order_graph(
    checkpointer: Any,
    *,
    during: Callable[[str, dict[str, Any]], None] = lambda node, state: None,
    total: int = 4200,
) -> Any:
    """check -> reserve -> charge -> (pack, notify) -> close; each node calls `during`."""

    def node(name: str) -> Callable[[OrderState], dict[str, Any]]:
        def body(state: OrderState) -> dict[str, Any]:
            during(name, dict(state))
            update: dict[str, Any] = {"log": [name]}
            if name == "check":
                update |= {"total": total, "items": [{"pen": 3}, {"notebook": 1}]}
            if name == "close":
                update["note"] = f"{state['order']} closed at {state['total']}"
            return update

        return body

    builder = StateGraph(OrderState)
    for name in NODES:
        builder.add_node(name, node(name))
    builder.add_edge(START, "check")
    builder.add_edge("check", "reserve")
    builder.add_edge("reserve", "charge")
    builder.add_edge("charge", "pack")
    builder.add_edge("charge", "notify")
    builder.add_edge(["pack", "notify"], "close")
    builder.add_edge("close", END)
    return builder.compile(checkpointer=checkpointer)


def thread(name: str) -> dict[str, Any]:
    return {"configurable": {"thread_id": name}}
