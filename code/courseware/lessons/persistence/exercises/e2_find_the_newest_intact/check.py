"""Check: Find and skip the corrupted checkpoint."""

from __future__ import annotations

import contextlib
import hashlib
import random
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import ormsgpack
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from courseware.exercises import expect
from courseware.lessons.persistence.exercises.common import _CONFIG, _ORDER, _Order, _short


def check(newest_intact: Callable[[Any, Any, Any], Any]) -> None:
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
