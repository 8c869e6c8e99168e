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
    """A folder as a desk leaves it: a table that was migrated once, and a log."""

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
        lines = [f"{user} said {text}" for user, text in rows]
        lines += [f"search for {text}" for _, text in rows] + ["desk opened"]
        lines += [f"{user} has logged in" for user in self.users]
        draw.shuffle(lines)
        (folder / "desk.log").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def rows(self, user: str) -> list[str]:
        """Return what the table holds of a user."""
        with closing(sqlite3.connect(self.folder / "memories.sqlite")) as file:
            query = "SELECT text FROM memories WHERE user = ?"
            return sorted(text for (text,) in file.execute(query, (user,)))

    def log(self) -> list[str]:
        """Return the log's lines."""
        return (self.folder / "desk.log").read_text(encoding="utf-8").splitlines()

    def traces(self, user: str) -> dict[str, list[str]]:
        """Return what the raw files still hold of a user."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                raw = path.read_bytes()
                for trace in (user, *self.texts[user]):
                    if trace.encode() in raw:
                        found.setdefault(path.name, []).append(trace)
        return found


def check(forget: Callable[..., Any]) -> None:
    """Forget drawn users in drawn desks, and search the raw files afterwards."""
    draw = chance()
    for left in ("nothing", "a text", "the user's id"):
        folder = Path(tempfile.mkdtemp(prefix="forget-"))
        try:
            _check_desk(forget, _Desk(folder, draw), left, draw)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _check_desk(forget: Callable[..., Any], desk: _Desk, export: str, draw: random.Random) -> None:
    gone, *others = desk.users
    rows = {user: desk.rows(user) for user in others}
    log = [line for line in desk.log() if not _names(line, gone, desk)]
    extra = None if export == "nothing" else f"export-{draw.randint(10, 99)}.bin"
    if extra:
        trace = gone if export == "the user's id" else draw.choice(desk.texts[gone])
        below = desk.folder / ("exports" if export == "a text" else "")
        below.mkdir(exist_ok=True)
        (below / extra).write_bytes(b"\x00\xff" + trace.encode() + b"\x00")
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
    _check_log(desk, gone, log)
    found = {name: told for name, told in desk.traces(gone).items() if name != extra}
    expect(
        not found,
        "leaves-raw-traces",
        f"The raw files still hold {found}. SQLite marks deleted rows as free space and leaves"
        " their bytes there; `VACUUM` writes the file anew. Then close the connection.",
    )
    expect(
        isinstance(left, (list, tuple, set)),
        "proves-nothing",
        f"You returned {left!r}. Return the names of the files that still hold a trace.",
    )
    wanted = [extra] if extra else []
    expect(
        sorted(left) == wanted,
        "proves-nothing",
        f"The files that still hold a trace of {gone}: {wanted}. You returned {sorted(left)}."
        " Read the bytes of every file in the folder and below; a list of what you"
        " deleted proves nothing.",
    )


def _check_log(desk: _Desk, gone: str, wanted: list[str]) -> None:
    left = [line for line in desk.log() if _names(line, gone, desk)]
    expect(
        not left,
        "leaves-the-log",
        f"The log still says {left[:1]}. A line holds a trace if it names the user, or one of"
        " their texts.",
    )
    expect(
        desk.log() == wanted,
        "forgets-somebody-else",
        f"The log had {len(wanted)} lines that are not about {gone}; {len(desk.log())} are left.",
    )


def _names(line: str, user: str, desk: _Desk) -> bool:
    return any(trace in line for trace in (user, *desk.texts[user]))
