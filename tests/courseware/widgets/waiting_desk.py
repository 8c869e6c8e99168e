"""Graphs that wait for a human, as the widget tests use them."""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    """What the test graphs keep."""

    answer: Any


class Desk:
    """A graph of two nodes: one asks with a given payload, one acts on the answer."""

    def __init__(
        self, payload: Any, *, checkpointer: Any = None, schema: Any = None, act: Any = None
    ) -> None:
        self.acted: list[Any] = []
        self.config: Any = {"configurable": {"thread_id": "t-1"}}

        def ask(state: State) -> State:
            if schema is None:
                return {"answer": interrupt(payload)}
            return {"answer": interrupt(payload, response_schema=schema)}

        def do(state: State) -> State:
            self.acted.append(state["answer"])
            if act is not None:
                act(state)
            return {}

        builder = StateGraph(State)
        builder.add_node("ask", ask)
        builder.add_node("act", do)
        builder.add_edge(START, "ask")
        builder.add_edge("ask", "act")
        builder.add_edge("act", END)
        self.graph = builder.compile(checkpointer=checkpointer or InMemorySaver())

    def start(self) -> Desk:
        self.graph.invoke({}, self.config)
        return self


REQUEST = {
    "action": "refund",
    "args": {"order": "A-1042", "amount": 129.0, "count": 1, "express": False},
    "reason": "above the limit",
    "requested_by": "billing agent",
}


def buttons(widget: Any, name: str) -> list[Any]:
    """Every button of that name under a widget, shown or not."""
    found = [widget] if getattr(widget, "description", None) == name else []
    found = [w for w in found if hasattr(w, "click")]
    for child in getattr(widget, "children", ()):
        found += buttons(child, name)
    return found


def controls(widget: Any, label: str) -> list[Any]:
    """Every field of that label under a widget, shown or not."""
    own = getattr(widget, "description", None) == label and hasattr(widget, "value")
    found = [widget] if own else []
    for child in getattr(widget, "children", ()):
        found += controls(child, label)
    return found


def shown_html(widget: Any) -> str:
    """All HTML under a widget, in order."""
    own = widget.value if type(widget).__name__ == "HTML" else ""
    return own + "".join(shown_html(child) for child in getattr(widget, "children", ()))
