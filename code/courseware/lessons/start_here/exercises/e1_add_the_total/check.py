"""Check: A node that adds the total."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from courseware.exercises import Wrong, chance, expect


class _Order(TypedDict, total=False):
    item: str
    quantity: int
    price: float
    total: float
    note: str


def check(add_total: Callable[[Any], Any]) -> None:
    """Run the node in a graph, on orders that tell the usual mistakes apart."""
    draw = chance()
    for quantity in (draw.randint(2, 9), 1, 0):
        price = draw.randint(1, 80) / 4
        order = {"item": "notebook A5", "quantity": quantity, "price": price, "note": "gift wrap"}
        given = dict(order)
        answer = add_total(given)
        # `Command(update=…)` is another way to report a change.
        update: Any = answer.update if isinstance(answer, Command) else answer
        said = f"for {quantity} pieces at {price:.2f}"
        expect(
            update is not None,
            "returns-nothing",
            "The node returned None, so the graph learns nothing. A node reports its change by"
            " returning it: end with `return {...}`.",
        )
        expect(
            isinstance(update, Mapping),
            "returns-a-bare-value",
            f"The node returned {update!r}. LangGraph must know which key to write: return a"
            ' dictionary, like `{"total": …}`.',
        )
        expect(
            "total" in update,
            "writes-another-key",
            f"The update has the keys {sorted(update)}, but the state waits for `total`.",
        )
        expect(
            given == order,
            "changes-the-state-in-place",
            "The node changed the state it was given. Leave that alone, and return only what is"
            " new: the graph merges it.",
        )
        expect(
            set(update) == {"total"},
            "returns-the-whole-state",
            "The node returned more than it changed. That works here and goes wrong as soon as two"
            " nodes run side by side: return only `total`.",
        )
        total = _graph(add_total).invoke(_Order(**order))["total"]  # type: ignore[typeddict-item]
        if not isinstance(total, Real | Decimal) or isinstance(total, bool):
            raise Wrong(
                "total-is-no-number",
                f"The total {said} came out as {total!r}, which is no number. Whoever reads it"
                " wants to add it up: return the product itself, neither printed nor formatted.",
            )
        expect(
            abs(float(total) - quantity * price) < 0.005,
            "wrong-total",
            f"The total {said} came out as {total!r} instead of"
            f" {quantity * price:.2f}. The state holds a price for *one* piece and a quantity.",
        )


def _graph(node: Callable[[Any], Any]) -> Any:
    builder: Any = StateGraph(_Order)
    builder.add_node("add_total", node)
    builder.add_edge(START, "add_total")
    builder.add_edge("add_total", END)
    return builder.compile()
