"""Check: Fork the past."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph

from courseware.exercises import chance, expect
from courseware.lessons.persistence.exercises.common import short, thread


class _Quote(TypedDict, total=False):
    price: int
    rounds: int
    total: int
    charged: int
    notes: Annotated[list[str], operator.add]


@dataclass
class _Story:
    """A finished quote: first -> loop (several rounds) -> sums -> last, with names drawn anew."""

    names: tuple[str, str, str, str]
    price: int
    less: int
    rounds: int
    pieces: int
    ran: list[str] = field(default_factory=list)

    def graph(self) -> Any:
        """Return the quote's graph; `notes` has a reducer."""
        first, loop, sums, last = self.names

        def node(name: str, change: Callable[[_Quote], dict[str, Any]]) -> Any:
            def run(state: _Quote) -> dict[str, Any]:
                self.ran.append(name)
                return {**change(state), "notes": [name]}

            return run

        builder: Any = StateGraph(_Quote)
        builder.add_node(first, node(first, lambda state: {"price": self.price}))
        builder.add_node(loop, node(loop, self._less))
        builder.add_node(sums, node(sums, lambda state: {"total": self.pieces * state["price"]}))
        builder.add_node(last, node(last, lambda state: {"charged": state.get("total", 0)}))
        builder.add_edge(START, first)
        builder.add_edge(first, loop)
        builder.add_conditional_edges(
            loop, lambda state: sums if state["rounds"] >= self.rounds else loop
        )
        builder.add_edge(sums, last)
        builder.add_edge(last, END)
        return builder.compile(checkpointer=InMemorySaver())

    def _less(self, state: _Quote) -> dict[str, Any]:
        return {"price": state["price"] - self.less, "rounds": state["rounds"] + 1}

    def cases(self, note: str) -> list[tuple[dict[str, Any], int, int]]:
        """Return changes, the place of the node before which they are made, and what is charged."""
        return [
            ({"price": self.price + 70}, 2, self.pieces * (self.price + 70)),
            ({"price": self.price - 40}, 1, self.pieces * (self.price - 40 - self.less)),
            ({"total": 11 + self.less, "notes": [note]}, 3, 11 + self.less),
        ]


def check(what_if: Callable[..., Any]) -> None:
    """Fork a finished quote before a node that ran once, and before one that ran in a loop."""
    draw = chance()
    for rounds in draw.sample(range(2, 5), 2):  # no table of steps fits both
        story = _drawn(draw, rounds)
        for changes, place, charged in story.cases(f"call {draw.randrange(100, 999)}"):
            _check_one(what_if, story, changes, place, charged)


def _drawn(draw: random.Random, rounds: int) -> _Story:
    return _Story(
        names=(
            draw.choice(["price", "look_up", "list_price"]),
            draw.choice(["haggle", "bargain", "discount"]),
            draw.choice(["sum_up", "add_up", "total_up"]),
            draw.choice(["charge", "invoice", "bill"]),
        ),
        price=10 * draw.randrange(40, 90),
        less=draw.randrange(11, 49),
        rounds=rounds,
        pieces=draw.randint(2, 6),
    )


def _check_one(
    what_if: Callable[..., Any], story: _Story, changes: dict[str, Any], place: int, charged: int
) -> None:
    before = story.names[place]
    config = thread("MF-1042")
    graph = story.graph()
    graph.invoke({"rounds": 0, "notes": []}, config)
    past = {_id(snapshot) for snapshot in graph.get_state_history(config)}
    happened = [story.names[0]] + [story.names[1]] * story.rounds + [*story.names[2:]]
    earlier = happened[: len(happened) - (4 - place)]
    expected = list(story.names[place:])
    story.ran.clear()
    said = f"For what_if(changes={changes}, before={before!r})"
    values = _asked(what_if, story, graph, changes, before, past)
    ran = list(story.ran)
    expect(
        story.names[0] not in ran,
        "starts-over",
        f"{said} the whole graph ran again: {ran}. Start from a checkpoint of the thread, not"
        " from an input.",
    )
    expect(
        ran,
        "edits-the-present",
        f"{said} no node ran: the change went onto the newest checkpoint, where nothing is left to"
        " do. Find the checkpoint whose `next` names the node.",
    )
    expect(
        before in ran,
        "skips-the-node",
        f"{said} {before!r} itself did not run, only {ran}. It has to run with the changes.",
    )
    expect(
        ran == expected,
        "wrong-moment",
        f"{said} {ran} ran instead of {expected}. Several checkpoints may have {before!r} next;"
        " take the newest. The history begins with it.",
    )
    now = {_id(snapshot) for snapshot in graph.get_state_history(config)}
    expect(
        past <= now,
        "rewrites-history",
        f"{said} checkpoints of what really happened are gone. A fork adds, it never removes.",
    )
    _check_values(values, charged, earlier + changes.get("notes", []) + expected, said)


def _check_values(values: Any, charged: int, notes: list[str], said: str) -> None:
    expect(
        isinstance(values, Mapping) and "charged" in values,
        "returns-no-values",
        f"{said} {short(values)} came back. Return what `invoke` returns.",
    )
    expect(
        values["charged"] == charged,
        "forgets-the-fork",
        f"{said} {values['charged']} came out instead of {charged}: the run continued without the"
        " changes. `update_state` returns the config of the new checkpoint; run on from that one.",
    )
    expect(
        values.get("notes") == notes,
        "repeats-a-reducer",
        f"{said} the key `notes` ended as {values.get('notes')} instead of {notes}. It has a"
        " reducer, which appends whatever you write. Hand `update_state` the changes alone.",
    )


def _asked(
    what_if: Callable[..., Any],
    story: _Story,
    graph: Any,
    changes: Mapping[str, Any],
    before: str,
    past: set[str],
) -> Any:
    """Return the learner's answer, unless it took the wrong door into the graph."""
    config = thread("MF-1042")
    said = f"For what_if(changes={changes}, before={before!r})"
    failure: Exception | None = None
    values = None
    try:
        values = what_if(graph, config, dict(changes), before)
    except (GraphRecursionError, StopIteration, IndexError) as error:
        failure = error
    new = [s for s in graph.get_state_history(config) if _id(s) not in past]
    expect(
        not any((snapshot.metadata or {}).get("source") == "input" for snapshot in new),
        "starts-over",
        f"{said} something went in as a new input, so the graph started from START. The first"
        " argument of `invoke` is an input unless it is `None`. Write the changes into the past"
        " with `update_state(snapshot.config, changes)`, then `invoke(None, …)` from there.",
    )
    threads = {t.config["configurable"]["thread_id"] for t in graph.checkpointer.list(None)}
    expect(
        new or len(threads) == 1 or (values is not None and story.names[0] not in story.ran),
        "copies-without-a-place",
        f"{said} you copied the values into another thread, which has no place: `update_state`"
        " needs `as_node=` to know which node has run there. A fork of this thread needs no copy.",
    )
    expect(
        new or not (failure or values is None),
        "finds-no-moment",
        f"{said} no moment was found. A snapshot's `next` is a tuple of names, `({before!r},)`,"
        " never equal to a name, and where a run has ended it is `()`, which has no first element."
        " Test `before in snapshot.next`.",
    )
    if failure is not None:
        raise failure
    return values


def _id(snapshot: Any) -> str:
    return str(snapshot.config["configurable"]["checkpoint_id"])
