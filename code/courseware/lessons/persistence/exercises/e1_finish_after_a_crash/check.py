"""Check: Survive the crash."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.errors import EmptyInputError
from langgraph.graph import START, StateGraph

from courseware.exercises import Wrong, expect
from courseware.lessons.persistence.exercises.common import _CONFIG, _ORDER, _Order, _short

_NODES = ("price", "reserve", "charge", "pack", "confirm")


class _PowerCut(Exception):
    """The process is gone."""


class _BankIsAway(Exception):
    """A node fails, and the process lives."""


class _Mortal(SqliteSaver):
    """A saver whose process may die: what comes after is never written."""

    dead = False
    stored = 0

    def put(self, config: Any, *rest: Any) -> Any:
        self.stored += 1
        return config if self.dead else super().put(config, *rest)

    def put_writes(self, *rest: Any) -> None:
        if not self.dead:
            super().put_writes(*rest)


@contextlib.contextmanager
def _process(
    path: Path,
    ran: list[str],
    dies_in: str | None = None,
    fails_in: str | None = None,
    at_the_end: list[int] | None = None,
) -> Iterator[Any]:
    """Yield a graph as a new process would open it; it may die in a node, or fail there once.

    `at_the_end` gets how many checkpoints were stored by the time the last node began.
    """
    with contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = _Mortal(connection)

        def node(name: str) -> Callable[[_Order], dict[str, Any]]:
            def body(state: _Order) -> dict[str, Any]:
                ran.append(name)
                if name == _NODES[-1] and at_the_end is not None:
                    at_the_end.append(saver.stored)
                if name == dies_in:
                    saver.dead = True
                    raise _PowerCut
                if name == fails_in and ran.count(name) == 1:
                    raise _BankIsAway("the bank is away")
                update: dict[str, Any] = {"done": [name]}
                if name == "price":
                    update["total"] = 450 * sum(state["lines"].values())
                return update

            return body

        builder: Any = StateGraph(_Order)
        builder.add_sequence([(name, node(name)) for name in _NODES])
        builder.add_edge(START, "price")
        yield builder.compile(checkpointer=saver)


def check(finish: Callable[[Any, Any, Any], Any]) -> None:
    """Leaves an order in every state that a crash can leave, and call `finish` on each."""
    for died in (*_NODES, "nowhere", "before it began"):
        with TemporaryDirectory() as folder:
            _check_one_crash(finish, died, Path(folder) / "shop.db")
    with TemporaryDirectory() as folder:
        _check_an_error_on_the_way(finish, Path(folder) / "shop.db")


def _check_an_error_on_the_way(finish: Callable[[Any, Any, Any], Any], path: Path) -> None:
    """Kill the worker in `charge`, and let the bank be away when the run continues."""
    with contextlib.suppress(_PowerCut), _process(path, [], "charge") as graph:
        graph.invoke(dict(_ORDER), _CONFIG, durability="sync")
    ran: list[str] = []
    raised = False
    values = None
    with _process(path, ran, fails_in="charge") as graph:
        try:
            values = finish(graph, _CONFIG, dict(_ORDER))
        except _BankIsAway:
            raised = True
    repeated = [name for name in ran if name in ("price", "reserve")]
    expect(
        not repeated,
        "starts-over-on-an-error",
        f"`charge` raised an error when the run went on, and {repeated} ran again although they"
        " had finished. An error on the way does not mean that nothing is stored.",
    )
    expect(
        raised or (isinstance(values, Mapping) and tuple(values.get("done", ())) == _NODES),
        "hides-an-error",
        "`charge` raised an error when the run went on, and `finish` returned as if all were well."
        " Let the error out: whoever calls can try again later.",
    )


def _check_one_crash(finish: Callable[[Any, Any, Any], Any], died: str, path: Path) -> None:
    if died != "before it began":
        with contextlib.suppress(_PowerCut), _process(path, [], died) as graph:
            graph.invoke(dict(_ORDER), _CONFIG, durability="sync")
    where = {
        "nowhere": "of an order that had reached its end",
        "before it began": "of an order whose worker died before its first checkpoint",
    }.get(died, f"of an order whose worker died in `{died}`")
    begin = {"nowhere": len(_NODES), "before it began": 0}
    left = _NODES[begin[died] if died in begin else _NODES.index(died) :]
    for again in (False, True) if died == "nowhere" else (False,):
        ran: list[str] = []
        stored: list[int] = []
        with _process(path, ran, at_the_end=stored) as graph:
            try:
                values = finish(graph, _CONFIG, dict(_ORDER))
            except EmptyInputError:
                raise Wrong(
                    "resumes-nothing",
                    "`invoke(None, …)` goes on from a checkpoint, and this order has none: its"
                    " worker died before the first one. Then the order itself is the input.",
                ) from None
        if again:
            expect(
                not ran,
                "runs-a-finished-order",
                f"The order was at its end, and {ran} ran again. Somebody is charged twice. Find"
                " out first whether anything is left to do.",
            )
            continue
        if died == "nowhere":
            expect(
                not ran,
                "runs-a-finished-order",
                f"The order was at its end before `finish` was called, and {ran} ran again.",
            )
        repeated = [name for name in ran if name not in left]
        expect(
            not repeated,
            "starts-over",
            f"In the case {where}, {repeated} ran again although they had finished. Giving a"
            " stored thread its input again starts it over; `None` goes on where it stands.",
        )
        expect(
            tuple(ran) == tuple(left),
            "takes-never-begun-for-finished" if died == "before it began" else "stops-early",
            f"In the case {where}, {list(left)} had still to run, and {ran} did."
            + (
                " `next == ()` is true for a finished thread *and* for one that has never begun:"
                " look whether anything is stored at all."
                if died == "before it began"
                else " `next` names the nodes that are due."
            ),
        )
        expect(
            died in ("pack", "confirm", "nowhere") or not stored or stored[0] > 0,
            "stores-at-the-end-only",
            f"In the case {where}, nothing that this worker had finished was stored when the last"
            ' node began: with `durability="exit"` a second crash there repeats it all.',
        )
        expect(
            isinstance(values, Mapping) and tuple(values.get("done", ())) == _NODES,
            "returns-no-values",
            f"`finish` returned {_short(values)} in the case {where}. Return the state's values at"
            " the end.",
        )
