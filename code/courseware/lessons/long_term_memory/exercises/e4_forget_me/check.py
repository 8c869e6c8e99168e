"""Check: Forget me."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from courseware.exercises import chance, expect

WORDS = ("harbour", "lantern", "meadow", "orchard", "pebble", "quarry", "sparrow", "thistle")


class _Desk:
    """A folder as a desk leaves it: a table that was migrated once, a log, exports."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.folder = folder
        numbers = draw.sample(range(10**5, 10**6), 2)
        # In LIKE, the first id's underscore stands for any character, so it means the second too.
        self.users = [f"u_{numbers[0]}", *(f"u-{number}" for number in numbers)]
        self.texts = {
            user: [f"{draw.choice(WORDS)} {draw.randint(10**6, 10**7)}" for _ in range(5)]
            for user in self.users
        }
        with closing(sqlite3.connect(folder / "memories.sqlite")) as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA secure_delete = OFF")
            rows = [(user, text) for user in self.users for text in self.texts[user]]
            draw.shuffle(rows)
            for table in ("old_memories", "memories"):
                file.execute(f"CREATE TABLE {table} (user TEXT, text TEXT)")
                file.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
            file.executemany("UPDATE old_memories SET text = text || ?", [(" " * 900,)])
            file.execute("DROP TABLE old_memories")  # its pages are free, and as they were
            file.commit()
        self.others: dict[Path, bytes] = {}

    def leave(self, name: str, *traces: str) -> None:
        """Write another file that holds some texts."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\x00\xff" + "\n".join(traces).encode() + b"\x00")
        self.others[path] = path.read_bytes()

    def rows(self, user: str) -> list[str]:
        """Return what the table holds of a user."""
        with closing(sqlite3.connect(self.folder / "memories.sqlite")) as file:
            query = "SELECT text FROM memories WHERE user = ?"
            return sorted(text for (text,) in file.execute(query, (user,)))

    def traces(self, user: str) -> dict[str, list[str]]:
        """Return what the table's files still hold of a user."""
        wanted = (user, *self.texts[user])
        raw = {path.name: path.read_bytes() for path in self.folder.glob("memories.sqlite*")}
        found = {name: [each for each in wanted if each.encode() in raw[name]] for name in raw}
        return {name: told for name, told in found.items() if told}


def check(forget: Callable[..., Any]) -> None:
    """Forget drawn users in drawn desks, and search the raw files afterwards."""
    draw = chance()
    for holds in ("nothing", "a text", "the user's id"):
        folder = Path(tempfile.mkdtemp(prefix="forget-"))
        try:
            _check_desk(forget, _Desk(folder, draw), holds, draw)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _check_desk(forget: Callable[..., Any], desk: _Desk, holds: str, draw: random.Random) -> None:
    gone, *others = desk.users
    rows = {user: desk.rows(user) for user in others}
    names = [f"{draw.choice(WORDS)}-{number}.bin" for number in draw.sample(range(10, 99), 3)]
    trace = gone if holds == "the user's id" else draw.choice(desk.texts[gone])
    wanted = [] if holds == "nothing" else [names[0], "desk.log"]
    desk.leave(f"exports/{names[0]}", trace if wanted else others[0])
    desk.leave(names[1], *desk.texts[others[0]])
    desk.leave("desk.log", others[1], *([gone] if wanted else []))
    left = forget(gone, list(desk.texts[gone]), desk.folder)
    expect(
        not desk.rows(gone),
        "keeps-rows",
        f"The table still holds {desk.rows(gone)[:1]} of {gone}. Delete the rows, and commit.",
    )
    for user in others:
        expect(
            desk.rows(user) == rows[user],
            "forgets-somebody-else",
            f"{gone} is to be forgotten, and {user} has lost memories: {desk.rows(user)} are left"
            f" of {rows[user]}.",
        )
    for path, raw in desk.others.items():
        expect(
            path.is_file() and path.read_bytes() == raw,
            "changes-other-files",
            f"{path.name} was changed or deleted. Report such a file: somebody has to look first.",
        )
    found = desk.traces(gone)
    expect(
        not found,
        "leaves-raw-traces",
        f"The raw files still hold {found}. SQLite marks deleted rows as free space and leaves"
        " their bytes there; `VACUUM` writes the file anew. Then close the connection.",
    )
    _check_proof(left, wanted, gone)


def _check_proof(left: Any, wanted: list[str], gone: str) -> None:
    expect(
        isinstance(left, (list, tuple, set)) and all(isinstance(each, str) for each in left),
        "not-names",
        f"You returned {left!r}. Return the names of the files that still hold a trace.",
    )
    expect(
        not any("/" in each or "\\" in each for each in left),
        "not-names",
        f"You returned {sorted(left)}. Return names, without their folders: `path.name`.",
    )
    expect(
        sorted(set(left)) == sorted(wanted),
        "proves-nothing",
        f"The files that still hold a trace of {gone}: {sorted(wanted)}. You returned"
        f" {sorted(left)}. Look for the id and for every text, in the bytes of every file in the"
        " folder and below.",
    )
