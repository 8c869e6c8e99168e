"""Check: Find and skip the corrupted checkpoint."""

from __future__ import annotations

import contextlib
import hashlib
import random
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ormsgpack
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from courseware.exercises import chance, expect, expecting
from courseware.lessons.surviving_crashes.exercises.common import drawn_order, short, thread
from courseware.lessons.surviving_crashes.orders import Order


@dataclass
class _Thread:
    """The stored checkpoints of one thread, and the learner's function that looks at them."""

    stored: dict[str, bytes]
    draw: random.Random
    newest_intact: Callable[[Any, Any, Any], Any]

    @property
    def ids(self) -> list[str]:
        """The ids, oldest first."""
        return sorted(self.stored)

    def ask(self, changed: Mapping[str, bytes]) -> tuple[Any, list[str]]:
        """Return the answer for these damaged rows, and the ids that were reported."""
        rows = list({**self.stored, **changed}.items())
        self.draw.shuffle(rows)
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in self.stored.items()}
        reported: list[str] = []
        with expecting("the id of the newest intact checkpoint, or None where none is intact."):
            return self.newest_intact(rows, digests, reported.append), reported

    def place(self, name: Any) -> str:
        """Describe an id by its age."""
        if name not in self.stored:
            return short(name)
        age = len(self.ids) - 1 - self.ids.index(name)
        return f"the one {age} older than the newest" if age else "the newest"


def check(newest_intact: Callable[[Any, Any, Any], Any]) -> None:
    """Damage real checkpoints in several ways."""
    draw = chance()
    total = draw.randrange(1000, 9000)
    stored = _stored_checkpoints(draw, total)
    of = _Thread(stored, draw, newest_intact)
    _check_undamaged(of)
    _check_subtle(of, total)
    _check_wrong_row(of)
    _check_several(of)
    _check_all_damaged(of)


def _check_undamaged(of: _Thread) -> None:
    for _ in range(3):
        found, reported = of.ask({})
        expect(
            found in of.ids,
            "returns-something-else",
            f"With nothing damaged, {short(found)} came back. Return a checkpoint's id. (The"
            " digests are hexadecimal text, as `hexdigest()` gives it.)",
        )
        expect(
            found == of.ids[-1],
            "ignores-age",
            f"Nothing was damaged, and {of.place(found)} came back. The rows are in no order; the"
            " ids are.",
        )
        expect(
            not reported,
            "reports-good-ones",
            "Nothing was damaged, and a checkpoint was reported all the same.",
        )


def _check_subtle(of: _Thread, total: int) -> None:
    newest, before = of.ids[-1], of.ids[-2]
    changed = of.stored[newest].replace(ormsgpack.packb(total), ormsgpack.packb(total + 1))
    assert changed != of.stored[newest]
    found, reported = of.ask({newest: changed})
    expect(
        found != newest,
        "trusts-what-decodes",
        f"One byte of the newest checkpoint had changed: {total} had become {total + 1}. It still"
        " decodes, and it is wrong. Only the SHA-256 taken on save tells.",
    )
    expect(
        found is not None,
        "gives-up",
        "Only the newest checkpoint was damaged, and nothing came back. The one before is intact.",
    )
    expect(
        found == before,
        "ignores-age",
        f"Only the newest was damaged; {of.place(found)} came back instead of {of.place(before)}.",
    )
    expect(
        reported == [newest],
        "keeps-quiet",
        f"One damaged checkpoint was passed over, and `report` was called {len(reported)} times."
        " Damage that nobody hears of comes back.",
    )


def _check_wrong_row(of: _Thread) -> None:
    newest, before = of.ids[-1], of.ids[-2]
    other = of.draw.choice(of.ids[:-2])
    found, reported = of.ask({newest: of.stored[other]})
    expect(
        found == before and reported == [newest],
        "accepts-the-wrong-row",
        f"The newest row held the bytes of {of.place(other)}: intact bytes in the wrong row."
        f" {of.place(found).capitalize()} came back. Compare each row with the digest of its own"
        " id.",
    )


def _check_several(of: _Thread) -> None:
    many = of.draw.randint(2, len(of.ids) - 2)
    damaged = of.ids[-many:]
    good = of.ids[-many - 1]
    changed = {name: of.stored[name][: of.draw.randint(3, 9)] for name in damaged}
    found, reported = of.ask({**changed, of.ids[0]: b"?"})
    expect(
        found == good,
        "ignores-age",
        f"The {many} newest were damaged; {of.place(found)} came back instead of {of.place(good)}.",
    )
    expect(
        set(reported) >= set(damaged),
        "keeps-quiet",
        f"{many} damaged checkpoints were passed over, and {len(set(reported))} were reported.",
    )
    expect(
        len(reported) == many,
        "reports-too-much",
        "A damaged checkpoint that is older than the one you return was reported as well, or one"
        " was reported twice. Stop looking where you have found what you need.",
    )


def _check_all_damaged(of: _Thread) -> None:
    found, reported = of.ask(dict.fromkeys(of.ids, b""))
    expect(
        found is None,
        "returns-damage",
        f"Every checkpoint was damaged, and {of.place(found)} came back. Return None.",
    )
    expect(
        sorted(reported) == of.ids,
        "keeps-quiet",
        f"Every checkpoint was damaged, and of {len(of.ids)} you reported {len(set(reported))}.",
    )


def _stored_checkpoints(draw: random.Random, total: int) -> dict[str, bytes]:
    names = [f"step {number}" for number in range(draw.randint(3, 7))]
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        builder: Any = StateGraph(Order)
        builder.add_sequence([(name, _step(name, total)) for name in names])
        builder.add_edge(START, names[0])
        graph: Any = builder.compile(checkpointer=SqliteSaver(connection))
        order = drawn_order(draw)
        graph.invoke(order, thread(order["number"]), durability="sync")
        rows = connection.execute("SELECT checkpoint_id, checkpoint FROM checkpoints").fetchall()
    return {str(name): bytes(data) for name, data in rows}


def _step(name: str, total: int) -> Callable[[Order], dict[str, Any]]:
    return lambda state: {"done": [name], "total": total}
