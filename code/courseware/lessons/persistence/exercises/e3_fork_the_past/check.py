"""Check: Fork the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph

from courseware.exercises import expect
from courseware.lessons.persistence.exercises.common import _CONFIG, _short


class _Quote(TypedDict, total=False):
    price: int
    rounds: int
    total: int
    charged: int


def check(what_if: Callable[..., Any]) -> None:
    """Forks a finished quote before a node that ran once, and before one that ran twice."""
    cases = (
        ({"price": 300}, "sum_up", ["sum_up", "charge"], 900),
        ({"price": 200}, "haggle", ["haggle", "sum_up", "charge"], 450),
        ({"total": 10}, "charge", ["charge"], 10),
    )
    for changes, before, expected, charged in cases:
        ran: list[str] = []
        graph = _quote_graph(ran)
        graph.invoke({"rounds": 0}, _CONFIG)
        past = {_id(snapshot) for snapshot in graph.get_state_history(_CONFIG)}
        ran.clear()
        said = f"For what_if(changes={changes}, before={before!r})"
        values = _asked(what_if, graph, changes, before, said, past)
        expect(
            "price" not in ran,
            "starts-over",
            f"{said} the whole graph ran again: {ran}. Start from a checkpoint of the thread, not"
            " from an input.",
        )
        expect(
            before in ran,
            "edits-the-present" if not ran else "skips-the-node",
            f"{said} "
            + (
                "no node ran: the change went onto the newest checkpoint, where nothing is left to"
                " do. Find the checkpoint whose `next` names the node."
                if not ran
                else f"{before!r} itself did not run, only {ran}. It has to run with the changes."
            ),
        )
        expect(
            ran == expected,
            "wrong-moment",
            f"{said} {ran} ran instead of {expected}. Of the checkpoints that have {before!r} next,"
            " take the newest; the history begins with it.",
        )
        expect(
            isinstance(values, Mapping) and "charged" in values,
            "returns-no-values",
            f"{said} {_short(values)} came back. Return what `invoke` returns.",
        )
        expect(
            values["charged"] == charged,
            "forgets-the-fork",
            f"{said} {values['charged']} came out instead of {charged}: the run went on without"
            " the changes. `update_state` returns the config of the new checkpoint; run on from"
            " that one.",
        )
        now = {_id(snapshot) for snapshot in graph.get_state_history(_CONFIG)}
        expect(
            past <= now,
            "rewrites-history",
            f"{said} checkpoints of what really happened are gone. A fork adds, it never removes.",
        )


def _asked(
    what_if: Callable[..., Any],
    graph: Any,
    changes: Mapping[str, Any],
    before: str,
    said: str,
    past: set[str],
) -> Any:
    """Return the learner's answer, unless it took the wrong door into the graph."""
    missed = (
        f"{said} no moment was found. A snapshot's `next` is a tuple of names, `({before!r},)`,"
        " never equal to a name, and where a run has ended it is `()`, which has no first element:"
        " ask `before in snapshot.next`."
    )
    failure: Exception | None = None
    values = None
    try:
        values = what_if(graph, _CONFIG, dict(changes), before)
    except (GraphRecursionError, StopIteration, IndexError) as error:
        failure = error
    new = [s for s in graph.get_state_history(_CONFIG) if _id(s) not in past]
    expect(
        not any((snapshot.metadata or {}).get("source") == "input" for snapshot in new),
        "starts-over",
        f"{said} something went in as a new input, so the graph started from START. The first"
        " argument of `invoke` is an input unless it is `None`. Write the changes into the past"
        " with `update_state(snapshot.config, changes)`, then go on with `invoke(None, …)` from"
        " there.",
    )
    threads = {t.config["configurable"]["thread_id"] for t in graph.checkpointer.list(None)}
    expect(
        new or len(threads) == 1 or values is not None,
        "copies-without-a-place",
        f"{said} you copied the values into another thread, where nothing is due: `update_state`"
        " needs `as_node=` to know which node has just run there. A fork of this thread needs no"
        " copy.",
    )
    expect(new or not (failure or values is None), "finds-no-moment", missed)
    if failure is not None:
        raise failure
    return values


def _id(snapshot: Any) -> str:
    return str(snapshot.config["configurable"]["checkpoint_id"])


def _quote_graph(ran: list[str]) -> Any:
    """price -> haggle (twice) -> sum_up -> charge"""

    def price(state: _Quote) -> _Quote:
        ran.append("price")
        return {"price": 450}

    def haggle(state: _Quote) -> _Quote:
        ran.append("haggle")
        return {"price": state["price"] - 50, "rounds": state["rounds"] + 1}

    def sum_up(state: _Quote) -> _Quote:
        ran.append("sum_up")
        return {"total": 3 * state["price"]}

    def charge(state: _Quote) -> _Quote:
        ran.append("charge")
        return {"charged": state.get("total", 0)}

    builder: Any = StateGraph(_Quote)
    for node in (price, haggle, sum_up, charge):
        builder.add_node(node.__name__, node)
    builder.add_edge(START, "price")
    builder.add_edge("price", "haggle")
    builder.add_conditional_edges(
        "haggle", lambda state: "sum_up" if state["rounds"] == 2 else "haggle"
    )
    builder.add_edge("sum_up", "charge")
    builder.add_edge("charge", END)
    return builder.compile(checkpointer=InMemorySaver())
