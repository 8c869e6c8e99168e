"""Check: An approval inside a subgraph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from courseware.exercises import chance, expect


class _Case(TypedDict, total=False):
    order: str
    amount: int
    paid: bool


def check(build_refund: Callable[[Callable[[str, int], None]], Any]) -> None:
    """Run the subgraph in a parent, on both sides of the limit, approved and rejected."""
    draw = chance()
    order = f"MF-{draw.randint(1000, 9999)}"
    for amount in (50, draw.randint(1, 49)):
        _small(build_refund, order, amount)
    for amount in (51, draw.randint(52, 900)):
        for approved in (True, False):
            _large(build_refund, order, amount, approved)
    _large(build_refund, order, draw.randint(52, 900), False, earlier=draw.randint(1, 49))


def _in_a_parent(build_refund: Any, paid: list[tuple[str, int]]) -> Any:
    subgraph = build_refund(lambda order, amount: paid.append((order, amount)))
    expect(
        hasattr(subgraph, "invoke") and hasattr(subgraph, "get_graph"),
        "returns-no-graph",
        f"`build_refund` returned a {type(subgraph).__name__}. Return the compiled graph:"
        " `builder.compile()`.",
    )
    parent = StateGraph(_Case).add_node("refund", subgraph).add_edge(START, "refund")
    return parent.compile(checkpointer=InMemorySaver())


def _small(build_refund: Any, order: str, amount: int) -> None:
    paid: list[tuple[str, int]] = []
    graph = _in_a_parent(build_refund, paid)
    config = {"configurable": {"thread_id": order}}
    result = graph.invoke({"order": order, "amount": amount}, config)
    expect(
        "__interrupt__" not in result,
        "asks-for-small-amounts",
        f"A refund of {amount} euros stopped for a human. Up to 50 euros, 50 included, nobody is"
        " asked.",
    )
    expect(
        paid == [(order, amount)],
        "pays-wrongly",
        f"A refund of {amount} euros for {order} needs no human. Payments made: {paid}.",
    )
    expect(
        result.get("paid") is True,
        "tells-the-parent-nothing",
        "The refund was paid, and the parent's `paid` is not True. Return it from the subgraph.",
    )


def _large(build_refund: Any, order: str, amount: int, approved: bool, earlier: int = 0) -> None:
    paid: list[tuple[str, int]] = []
    graph = _in_a_parent(build_refund, paid)
    config = {"configurable": {"thread_id": order}}
    told = ""
    if earlier:
        graph.invoke({"order": order, "amount": earlier}, config)
        paid.clear()
        told = f" On the same thread, {earlier} euros for the same order had been paid before."
    result = graph.invoke({"order": order, "amount": amount}, config)
    waiting = result.get("__interrupt__")
    expect(
        waiting,
        "never-asks",
        f"A refund of {amount} euros went through the graph without stopping. Call `interrupt(…)`"
        f" inside the subgraph; the parent stops with it.{told}",
    )
    expect(
        not paid,
        "pays-before-approval",
        f"{amount} euros for {order} were paid before anybody had approved them. Everything before"
        " `interrupt()` in its node also runs again on resume.",
    )
    seen = repr(waiting[0].value)
    expect(
        str(amount) in seen and order in seen,
        "hides-what-matters",
        f"The human sees {seen}. To decide on {amount} euros for {order}, they need both.",
    )
    try:
        result = graph.invoke(Command(resume=approved), config)
    except GraphRecursionError:
        result = {}
    expect(
        "__interrupt__" not in result,
        "asks-again",
        "After the decision the run stopped once more. One `interrupt()` is one question.",
    )
    if approved:
        expect(
            paid == [(order, amount)],
            "pays-wrongly",
            f"{amount} euros for {order} were approved. Payments made: {paid}.",
        )
    else:
        expect(
            not paid,
            "ignores-the-decision",
            f"{amount} euros for {order} were rejected (`False`), and paid all the same.",
        )
    expect(
        bool(result.get("paid")) is approved,
        "tells-the-parent-nothing",
        f"The decision was {approved}, and the parent's `paid` is {result.get('paid')!r}. It should"
        f" say whether money left, after every run.{told}",
    )
