"""Check: Survive the crash."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.errors import EmptyInputError
from langgraph.graph import START, StateGraph

from courseware.exercises import Wrong, chance, expect
from courseware.lessons.surviving_crashes.exercises.common import drawn_order, short, thread
from courseware.lessons.surviving_crashes.orders import Order

_STEPS = ("check", "bill", "label", "wrap", "weigh", "stamp", "post", "confirm")
_BEGIN, _END = "before it began", "nowhere"


class _PowerCut(Exception):
    """The process is gone."""


class _BankIsAway(Exception):
    """A node fails, and the process lives."""


class _Mortal(SqliteSaver):
    """A saver whose process may die: what comes after is never written."""

    dead = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.stored = threading.Event()
        self.node_began = threading.Event()
        self.overtaken = False

    def put(self, config: Any, *rest: Any) -> Any:
        if not self.stored.is_set():  # be slow once: only `sync` waits for it
            self.node_began.clear()
            self.overtaken = self.node_began.wait(0.3)
        self.stored.set()
        return config if self.dead else super().put(config, *rest)

    def put_writes(self, *rest: Any) -> None:
        if not self.dead:
            super().put_writes(*rest)


class _Shop:
    """An order, its thread and its nodes, drawn anew, in a file that every process opens."""

    def __init__(self, draw: random.Random, path: Path) -> None:
        self.nodes = tuple(sorted(draw.sample(_STEPS, draw.randint(3, 6)), key=_STEPS.index))
        self.order = drawn_order(draw)
        self.config = thread(self.order["number"])
        self.path = path
        self.ran: list[str] = []
        self.stored_by_the_end = True
        self.stored_in_time = True

    @contextlib.contextmanager
    def process(self, dies_in: str | None = None, fails_in: str | None = None) -> Iterator[Any]:
        """Yield a graph as a new process would open it; it may die in a node, or fail there."""
        self.ran = []
        self.stored_by_the_end = True
        with contextlib.closing(sqlite3.connect(self.path, check_same_thread=False)) as connection:
            saver = _Mortal(connection)

            def node(name: str) -> Callable[[Order], dict[str, Any]]:
                def body(state: Order) -> dict[str, Any]:
                    self.ran.append(name)
                    saver.node_began.set()
                    if name == self.nodes[-1] and len(self.ran) > 1:
                        # Written beside the work by default, so it may need a moment.
                        self.stored_by_the_end = saver.stored.wait(1)
                    if name == dies_in:
                        saver.dead = True
                        raise _PowerCut
                    if name == fails_in and self.ran.count(name) == 1:
                        raise _BankIsAway(f"{name}: the other side does not answer")
                    return {"done": [name]}

                return body

            builder: Any = StateGraph(Order)
            builder.add_sequence([(name, node(name)) for name in self.nodes])
            builder.add_edge(START, self.nodes[0])
            yield builder.compile(checkpointer=saver)
            self.stored_in_time = not saver.overtaken

    def crash(self, died: str) -> None:
        """Leave the order as a worker that died there would."""
        if died != _BEGIN:
            with contextlib.suppress(_PowerCut), self.process(died) as graph:
                graph.invoke(dict(self.order), self.config, durability="sync")

    def left(self, died: str) -> list[str]:
        """Return the nodes that have still to run."""
        first = {_BEGIN: 0, _END: len(self.nodes)}.get(died)
        return list(self.nodes[self.nodes.index(died) if first is None else first :])


def check(finish: Callable[[Any, Any, Any], Any]) -> None:
    """Leave an order in every state that a crash can leave, and call `finish` on each."""
    draw = chance()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        places: tuple[int | str, ...] = (0, 1, -2, -1, _END, _BEGIN)
        shops = [_Shop(draw, Path(folder) / f"{number}.db") for number in range(len(places))]
        for shop, place in zip(shops, places, strict=True):
            died = shop.nodes[place] if isinstance(place, int) else place
            _check_one_crash(finish, shop, died)
        _check_an_error_on_the_way(finish, _Shop(draw, Path(folder) / "error.db"))
    expect(
        all(shop.stored_in_time for shop in shops),
        "stores-beside-the-work",
        "Every order came to its end, but a node began while the checkpoint before it was still"
        ' being written. A second crash there repeats more than one node. `durability="sync"`'
        " waits.",
    )


def _check_one_crash(finish: Callable[[Any, Any, Any], Any], shop: _Shop, died: str) -> None:
    shop.crash(died)
    where = {
        _END: f"of an order ({', '.join(shop.nodes)}) that had reached its end",
        _BEGIN: "of an order whose worker died before its first checkpoint",
    }.get(died, f"of an order ({', '.join(shop.nodes)}) whose worker died in `{died}`")
    left = shop.left(died)
    with shop.process() as graph:
        try:
            values = finish(graph, shop.config, dict(shop.order))
        except EmptyInputError:
            raise Wrong(
                "resumes-nothing",
                "`invoke(None, …)` continues from a checkpoint, and this order has none: its"
                " worker died before the first one. Then the order itself is the input.",
            ) from None
    expect(
        left or not shop.ran,
        "runs-a-finished-order",
        f"In the case {where}, {shop.ran} ran again. Somebody is charged twice. Find out first"
        " if anything is left to do.",
    )
    repeated = [name for name in shop.ran if name not in left]
    expect(
        not repeated,
        "starts-over",
        f"In the case {where}, {repeated} ran again although they had finished. Giving a"
        " stored thread its input again starts it over; `None` continues where it stands.",
    )
    expect(
        shop.ran == left,
        "takes-never-begun-for-finished" if died == _BEGIN else "stops-early",
        f"In the case {where}, {left} had still to run, and {shop.ran} did."
        " `next` names the nodes that are due. It is empty for a finished thread and for one"
        " that has never begun: find out if anything is stored at all.",
    )
    expect(
        shop.stored_by_the_end,
        "stores-at-the-end-only",
        f"In the case {where}, nothing that this worker had finished was stored when the last"
        ' node began: with `durability="exit"` a second crash there repeats it all.',
    )
    expect(
        isinstance(values, Mapping) and tuple(values.get("done", ())) == shop.nodes,
        "returns-no-values",
        f"`finish` returned {short(values)} in the case {where}. Return the state's values at"
        " the end.",
    )


def _check_an_error_on_the_way(finish: Callable[[Any, Any, Any], Any], shop: _Shop) -> None:
    """Kill the worker in its second node, and let that node fail when the run continues."""
    first, second, *_ = shop.nodes
    shop.crash(second)
    raised = False
    values = None
    with shop.process(fails_in=second) as graph:
        try:
            values = finish(graph, shop.config, dict(shop.order))
        except _BankIsAway:
            raised = True
    expect(
        first not in shop.ran,
        "starts-over-on-an-error",
        f"`{second}` raised an error when the run continued, and `{first}` ran again although it"
        " had finished. An error on the way does not mean that nothing is stored.",
    )
    expect(
        raised or (isinstance(values, Mapping) and tuple(values.get("done", ())) == shop.nodes),
        "hides-an-error",
        f"`{second}` raised an error when the run continued, and `finish` returned as if all were"
        " well. Let the error out: the caller can try again later.",
    )
