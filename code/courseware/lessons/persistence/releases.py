"""Build the order graph as two releases of the shop have it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from langgraph.graph import START, StateGraph

OLD = ("price", "reserve", "charge", "pack")
NEW = ("price", "reserve", "take_payment", "pack")


class OldOrder(TypedDict, total=False):
    """An order of the old release; the total is in cents."""

    lines: dict[str, int]
    total: int
    done: Annotated[list[str], operator.add]


class NewOrder(TypedDict, total=False):
    """An order of the new release; the amount has a currency."""

    lines: dict[str, int]
    amount: dict[str, Any]
    done: Annotated[list[str], operator.add]


def _quiet(name: str) -> None:
    """Tell nobody that a node runs."""


def old_release(
    checkpointer: Any,
    *,
    stop_at: str | None = None,
    step: Callable[[str], object] = _quiet,
    price: int = 450,
) -> Any:
    """Return price -> reserve -> charge -> pack; `stop_at` fails, as the bank is away."""

    def node(name: str) -> Callable[[OldOrder], OldOrder]:
        def run(order: OldOrder) -> OldOrder:
            if name == stop_at:
                raise ConnectionError(f"{name}: the bank is away")
            step(name)
            if name == "price":
                return {"total": price * sum(order["lines"].values()), "done": [name]}
            return {"done": [name]}

        return run

    return _compiled(StateGraph(OldOrder), OLD, node, checkpointer)


def new_release(
    checkpointer: Any, *, step: Callable[[str], object] = _quiet, price: int = 450
) -> Any:
    """Return price -> reserve -> take_payment -> pack, with the amount in a key of its own."""

    def node(name: str) -> Callable[[NewOrder], NewOrder]:
        def run(order: NewOrder) -> NewOrder:
            step(name)
            if name == "price":
                cents = price * sum(order["lines"].values())
                return {"amount": {"cents": cents, "currency": "EUR"}, "done": [name]}
            if name == "take_payment":
                assert order["amount"]["cents"] > 0
            return {"done": [name]}

        return run

    return _compiled(StateGraph(NewOrder), NEW, node, checkpointer)


def _compiled(builder: Any, names: tuple[str, ...], node: Any, checkpointer: Any) -> Any:
    builder.add_sequence([(name, node(name)) for name in names])
    builder.add_edge(START, names[0])
    return builder.compile(checkpointer=checkpointer)
