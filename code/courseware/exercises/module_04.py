"""The exercises of module 04: survive a crash, skip a damaged checkpoint, fork the past."""

from __future__ import annotations

import contextlib
import hashlib
import operator
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypedDict

import ormsgpack
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.errors import EmptyInputError, GraphRecursionError
from langgraph.graph import END, START, StateGraph

from courseware.exercises.model import Exercise, Wrong, expect

_CONFIG: dict[str, Any] = {"configurable": {"thread_id": "MF-1042"}}
_NODES = ("price", "reserve", "charge", "pack", "confirm")
_ORDER = {"number": "MF-1042", "lines": {"notebook A5": 2, "ink": 1}, "done": []}


class _Order(TypedDict, total=False):
    number: str
    lines: dict[str, int]
    total: int
    done: Annotated[list[str], operator.add]


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
    """A graph as a new process would open it; it may die in a node, or fail there once.

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


def check_finish(finish: Callable[[Any, Any, Any], Any]) -> None:
    """Leaves an order in every state that a crash can leave, and calls `finish` on each."""
    for died in (*_NODES, "nowhere", "before it began"):
        with TemporaryDirectory() as folder:
            _check_one_crash(finish, died, Path(folder) / "shop.db")
    with TemporaryDirectory() as folder:
        _check_an_error_on_the_way(finish, Path(folder) / "shop.db")


def _check_an_error_on_the_way(finish: Callable[[Any, Any, Any], Any], path: Path) -> None:
    """The worker died in `charge`, and when the run goes on, the bank is away for a moment."""
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


def check_newest_intact(newest_intact: Callable[[Any, Any, Any], Any]) -> None:
    """Damages real checkpoints in several ways."""
    stored = _stored_checkpoints()
    ids = sorted(stored)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in stored.items()}

    def ask(changed: Mapping[str, bytes], seed: int) -> tuple[Any, list[str]]:
        rows = list({**stored, **changed}.items())
        random.Random(seed).shuffle(rows)
        reported: list[str] = []
        return newest_intact(rows, dict(digests), reported.append), reported

    def place(name: Any) -> str:
        if name not in ids:
            return repr(name)
        age = len(ids) - 1 - ids.index(name)
        return "the newest" if not age else f"the one {age} older than the newest"

    for seed in range(3):
        found, reported = ask({}, seed)
        expect(
            found in ids,
            "returns-something-else",
            f"With nothing damaged, {_short(found)} came back. Return a checkpoint's id. (The"
            " digests are hexadecimal text, as `hexdigest()` gives it.)",
        )
        expect(
            found == ids[-1],
            "ignores-age",
            f"Nothing was damaged, and {place(found)} came back. The rows are in no order; the ids"
            " are.",
        )
        expect(
            not reported,
            "reports-good-ones",
            "Nothing was damaged, and a checkpoint was reported all the same.",
        )
    subtle = {ids[-1]: _one_cent_more(stored[ids[-1]])}
    found, reported = ask(subtle, 4)
    expect(
        found != ids[-1],
        "trusts-what-decodes",
        "One byte of the newest checkpoint had changed: 1350 had become 1351. It still decodes, and"
        " it is wrong. Only comparing the SHA-256 of the bytes with the one taken on save tells.",
    )
    expect(
        found is not None,
        "gives-up",
        "Only the newest checkpoint was damaged, and nothing came back. The one before is intact.",
    )
    expect(
        found == ids[-2],
        "ignores-age",
        f"Only the newest was damaged; {place(found)} came back instead of {place(ids[-2])}.",
    )
    expect(
        reported == [ids[-1]],
        "keeps-quiet",
        f"One damaged checkpoint was passed over, and `report` was called {len(reported)} times."
        " Damage that nobody hears of comes back.",
    )
    found, reported = ask({**subtle, ids[-2]: stored[ids[-2]][:7], ids[0]: b"?"}, 5)
    expect(
        found == ids[-3],
        "ignores-age",
        f"The two newest were damaged; {place(found)} came back instead of {place(ids[-3])}.",
    )
    expect(
        set(reported) >= {ids[-1], ids[-2]},
        "keeps-quiet",
        "Two damaged checkpoints were passed over, and not both were reported.",
    )
    expect(
        len(reported) == 2,
        "reports-too-much",
        "A damaged checkpoint that is older than the one you return was reported as well, or one"
        " was reported twice. Stop looking where you have found what you need.",
    )
    found, reported = ask(dict.fromkeys(ids, b""), 6)
    expect(
        found is None,
        "returns-damage",
        f"Every checkpoint was damaged, and {place(found)} came back. Return None.",
    )
    expect(
        sorted(reported) == ids,
        "keeps-quiet",
        f"Every checkpoint was damaged, and of {len(ids)} you reported {len(set(reported))}.",
    )


def _short(value: Any) -> str:
    """A learner's value for a message: whole if it is short, or else what it is."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"a {type(value).__name__}"


def _stored_checkpoints() -> dict[str, bytes]:
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        builder: Any = StateGraph(_Order)
        builder.add_sequence([(name, _step(name)) for name in ("price", "reserve", "charge")])
        builder.add_edge(START, "price")
        graph: Any = builder.compile(checkpointer=SqliteSaver(connection))
        graph.invoke(dict(_ORDER), _CONFIG, durability="sync")
        rows = connection.execute("SELECT checkpoint_id, checkpoint FROM checkpoints").fetchall()
    return {str(name): bytes(data) for name, data in rows}


def _step(name: str) -> Callable[[_Order], dict[str, Any]]:
    return lambda state: {"done": [name], "total": 1350}


def _one_cent_more(data: bytes) -> bytes:
    changed = data.replace(ormsgpack.packb(1350), ormsgpack.packb(1351))
    assert changed != data
    return changed


class _Quote(TypedDict, total=False):
    price: int
    rounds: int
    total: int
    charged: int


def check_what_if(what_if: Callable[..., Any]) -> None:
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
    """The learner's answer, unless it took the wrong door into the graph."""
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


EXERCISES = (
    Exercise(
        id="04.1",
        title="Survive the crash",
        difficulty="medium",
        minutes=8,
        why='"Resume" is one line, and which line depends on what the crash left behind.',
        answers=("finish",),
        starter='''\
from courseware.exercises import exercise


def finish(graph, config, order):
    """Bring the order of this thread to its end; return the state's values."""
    ...''',
        solution_code='''\
def finish(graph, config, order):
    """Bring the order of this thread to its end; return the state's values."""
    state = graph.get_state(config)
    if state.created_at is None:  # no checkpoint, and so no values: the run never began
        return graph.invoke(order, config, durability="sync")
    if not state.next:  # something is stored, and nothing is due: it is finished
        return state.values
    return graph.invoke(None, config, durability="sync")''',
        checker=check_finish,
        hints=(
            "There are three cases: nothing is stored, something is due, nothing is due any more."
            " Which of them does `graph.get_state(config)` tell apart, and how?",
            "`state.next` names the nodes that are due. It is `()` in two of the three cases, and"
            " only in one of these is anything stored: see what the last cell under"
            ' "How durable is durable" prints for a thread that nobody has run.',
            "`graph.invoke(order, config)` where nothing is stored, `graph.invoke(None, config)`"
            " where something is due, `state.values` where nothing is due any more.",
        ),
        notes=(
            "`invoke(None, …)` means: no new input, go on. An input on a stored thread starts it"
            " over.",
            '`durability="sync"` keeps the promise for the next crash, too.',
            "Nothing here claims the thread. Two workers that call this at once both run it: that"
            " is what a `Runner` adds.",
        ),
    ),
    Exercise(
        id="04.2",
        title="Find and skip the corrupted checkpoint",
        difficulty="medium",
        minutes=8,
        why="Damage that still decodes is the dangerous kind.",
        answers=("newest_intact",),
        starter='''\
from courseware.exercises import exercise


def newest_intact(rows, digests, report):
    """The id to go on from, or None."""
    ...''',
        solution_code='''\
import hashlib


def newest_intact(rows, digests, report):
    """The id to go on from, or None."""
    for checkpoint_id, stored in sorted(rows, reverse=True):  # newest first
        if hashlib.sha256(stored).hexdigest() == digests.get(checkpoint_id):
            return checkpoint_id
        report(checkpoint_id)
    return None''',
        checker=check_newest_intact,
        hints=(
            "Look at the rows from the newest to the oldest and stop at the first intact one.",
            "Do not decode anything: `hashlib.sha256(stored).hexdigest()` against `digests`.",
            "`for checkpoint_id, stored in sorted(rows, reverse=True):` then return or report.",
        ),
        notes=(
            "Nothing is decoded, so nothing in a damaged checkpoint can do harm.",
            "A digest beside the data finds accidents. A forger would replace both: then it takes"
            " a key (`hmac`, or `open_checkpointer(…, key=…)`).",
        ),
    ),
    Exercise(
        id="04.3",
        title="Fork the past",
        difficulty="medium",
        minutes=8,
        why='"What would have happened if" is a question to a checkpointer.',
        answers=("what_if",),
        starter='''\
from courseware.exercises import exercise


def what_if(graph, config, changes, before):
    """The values at the end of a fork that makes `changes` just before the node `before`."""
    ...''',
        solution_code='''\
def what_if(graph, config, changes, before):
    """The values at the end of a fork that makes `changes` just before the node `before`."""
    history = graph.get_state_history(config)  # newest first
    past = next(snapshot for snapshot in history if before in snapshot.next)
    fork = graph.update_state(past.config, changes)
    return graph.invoke(None, fork)''',
        checker=check_what_if,
        hints=(
            "The history yields snapshots, newest first. Which one has the node as its `next`?",
            "`graph.update_state(snapshot.config, changes)` writes a new checkpoint beside the old"
            " ones. Look at what it returns.",
            "`graph.invoke(None, fork)`, where `fork` is what `update_state` returned.",
        ),
        notes=(
            "The config of a snapshot holds a `checkpoint_id`; without one, you get the newest.",
            "The fork is now the thread's newest state. To keep the present as it was, copy the"
            " values into a thread of their own.",
            "The nodes after the fork ran for real. Under the same key an outbox gives back the old"
            " receipt and refuses another amount: a what-if needs a bank that only pretends.",
        ),
    ),
)
