"""SQLite transactions that several processes may run at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_SECONDS = 30.0
"""How long a transaction waits for another one's lock before SQLite gives up."""


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """One write transaction on the file: committed at the end, rolled back on an error.

    It takes the write lock at once (``BEGIN IMMEDIATE``), so that what it reads cannot change
    before it writes.  The connection lives as long as the transaction, which makes the caller
    safe under threads and leaves no open file behind.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to read with; it sees only what was committed."""
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection
