"""What has been tried and passed, kept in a local SQLite file.

One row an event, only ever added: a crash loses at most the event being written, and two notebooks
may write at once. Nothing is recorded while notebooks are built or tested (see
`courseware.runtime.unattended`). ``AGENT_PATTERNS_PROGRESS`` names another file.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from courseware.runtime.paths import STATE
from courseware.runtime.unattended import unattended

T = TypeVar("T")
_BUSY_SECONDS = 5.0
_TRIES = ("passed", "failed", "raised")


def path() -> Path:
    """Return the progress file."""
    return Path(os.environ.get("AGENT_PATTERNS_PROGRESS") or STATE / "progress.sqlite")


@dataclass(frozen=True)
class Standing:
    """A learner's progress with one exercise."""

    exercise: str
    passed: bool = False
    tries: int = 0
    """Checks that found an answer, up to and including the first that passed."""
    hints: int = 0
    """The furthest hint that was read."""
    solution_seen: bool = False
    """The solution was opened before the exercise was passed."""

    @property
    def state(self) -> str:
        """``passed``, ``started`` or ``open``."""
        if self.passed:
            return "passed"
        return "started" if self.tries or self.hints or self.solution_seen else "open"


def record(exercise: str, event: str, detail: str | None = None) -> None:
    """Add an event: an outcome, ``hint`` with its number, or ``solution``.

    Raises:
        sqlite3.Error, OSError: the file cannot be written.
    """
    _use(
        lambda database: database.execute(
            "INSERT INTO events (at, exercise, event, detail) VALUES (?, ?, ?, ?)",
            (time.time(), exercise, event, detail),
        )
    )


def record_safely(exercise: str, event: str, detail: str | None = None) -> str:
    """Record unless nobody is there; a failure is returned as a sentence, never raised."""
    if unattended() or event == "unattempted":
        return ""
    try:
        record(exercise, event, detail)
    except (sqlite3.Error, OSError) as error:
        return (
            f"Your progress could not be saved ({type(error).__name__}: {error})."
            " In a terminal, course.py doctor says what to do."
        )
    return ""


def standings() -> dict[str, Standing]:
    """Return where each exercise stands that anything is recorded of.

    Raises:
        sqlite3.Error, OSError: the file cannot be read.
    """
    if not path().exists():
        return {}
    query = "SELECT exercise, event, detail FROM events ORDER BY id"
    found: dict[str, Standing] = {}
    for exercise, event, detail in _use(lambda database: database.execute(query).fetchall()):
        found[exercise] = _after(found.get(exercise, Standing(exercise)), event, detail)
    return found


def _after(so_far: Standing, event: str, detail: str | None) -> Standing:
    if so_far.passed:
        return so_far
    return Standing(
        so_far.exercise,
        passed=event == "passed",
        tries=so_far.tries + (event in _TRIES),
        hints=max(so_far.hints, int(detail or 0)) if event == "hint" else so_far.hints,
        solution_seen=so_far.solution_seen or event == "solution",
    )


def clear(module: str | None = None) -> int:
    """Forget a module's events (``"05"``), or all; returns how many exercises were recorded.

    Raises:
        sqlite3.Error, OSError: the file cannot be written.
    """
    if not path().exists():
        return 0
    pattern = f"{module}.%" if module else "%"

    def forget(database: sqlite3.Connection) -> int:
        count = database.execute(
            "SELECT COUNT(DISTINCT exercise) FROM events WHERE exercise LIKE ?", (pattern,)
        ).fetchone()[0]
        database.execute("DELETE FROM events WHERE exercise LIKE ?", (pattern,))
        return int(count)

    return _use(forget)


def _use(work: Callable[[sqlite3.Connection], T]) -> T:
    """Do `work` in one transaction; a file that turns out damaged is first set aside."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(_open(file)) as database, database:
            return work(database)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
    file.replace(file.with_name(f"{file.stem}-damaged-{time.time_ns()}{file.suffix}"))
    with closing(_open(file)) as database, database:
        return work(database)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events ("
            "id INTEGER PRIMARY KEY, at REAL NOT NULL, exercise TEXT NOT NULL,"
            " event TEXT NOT NULL, detail TEXT)"
        )
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
