"""One door to SQLite and PostgreSQL, safe when connections drop and servers restart.

Runs, leases, effects, checkpoints and approvals share one database, so that one transaction can
tie them together and one backup holds them all.

- A pooled connection is checked before it is lent; one that the server has ended is replaced.
- `transact` repeats a transaction that was cut off before its commit, on another connection.
- SQLite waits for a lock instead of failing, and a commit is on disk before it returns.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.durable.transactions import PATIENCE as PATIENCE
from agent_patterns.durable.transactions import Database as Database
from agent_patterns.durable.transactions import Session as Session
from agent_patterns.durable.transactions import is_transient as is_transient
from agent_patterns.durable.transactions import transacted as transacted


class Address(NamedTuple):
    """The target of a URL: `backend` is memory, sqlite or postgresql."""

    backend: str
    place: str


def parse_url(url: str) -> Address:
    """Read a database URL; raise `UnknownBackend` if it is none.

    `memory://` | `sqlite:///relative/or/absolute.db` | `sqlite:///:memory:` |
    `postgresql://user@host/database` (any PostgreSQL connection URL)
    """
    scheme, separator, rest = url.partition("://")
    backend = scheme.lower().partition("+")[0] if separator else ""
    if backend == "memory" or (backend == "sqlite" and rest == "/:memory:"):
        return Address("memory", "")
    if backend == "sqlite" and "?" in rest:
        raise UnknownBackend(
            "A sqlite URL takes no options after a '?'; in a file's name write %3F for it."
        )
    if backend == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return Address("sqlite", unquote(rest[1:]))
    if backend in ("postgresql", "postgres"):
        return Address("postgresql", f"postgresql://{rest}")
    shown = f"{scheme}://..." if separator else url  # the rest may hold a password
    raise UnknownBackend(
        f"Cannot open {shown!r}; use memory://, sqlite:///folder/file.db or postgresql://host/name."
    )


def open_database(where: str | Path | Database) -> Database:
    """Open a database, by URL or a SQLite file's path; raise `UnknownBackend` if none answers."""
    if isinstance(where, Database):
        return where
    if not (isinstance(where, str) and "://" in where):
        return SqliteDatabase(where)
    backend, place = parse_url(where)
    if backend == "postgresql":
        from agent_patterns.durable.postgres import PostgresDatabase  # needs the extra `postgres`

        return PostgresDatabase(place)
    return SqliteDatabase(place or ":memory:")


class SqliteDatabase(Database):
    """SQLite: one writer at a time, and one `connection`, for whichever thread holds `lock`."""

    dialect = "sqlite"

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.lock = threading.RLock()
        self.connection = self.connect()
        self.connection.row_factory = _named
        # A damaged text must still be listed, so that it can be set aside.
        self.connection.text_factory = lambda data: data.decode("utf-8", "replace")
        self._close = weakref.finalize(self, self.connection.close)

    def connect(
        self, *, factory: type[sqlite3.Connection] = sqlite3.Connection
    ) -> sqlite3.Connection:
        """Open a further connection to the file; raise `UnknownBackend` if that is impossible."""
        try:
            if self.path != ":memory:":
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path,
                timeout=PATIENCE,
                check_same_thread=False,
                isolation_level=None,
                factory=factory,
            )
            for setting in ("journal_mode = WAL", "synchronous = FULL"):
                # Two processes may create one file: changing the mode does not wait by itself.
                self.patiently(partial(connection.execute, f"PRAGMA {setting}"))
        except (OSError, sqlite3.DatabaseError) as error:
            raise UnknownBackend(
                f"SQLite cannot open {self.path!r}: {error}. Is it a file, may it be written, "
                "and is it a SQLite database?"
            ) from error
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Lend a transaction that holds the write lock from its start."""
        with self.lock:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield Session(self.connection)
                self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise

    def now(self, session: Session) -> float:
        """Return this machine's time, which all workers on one file share."""
        return time.time()

    def vacuum(self) -> None:
        """Give freed pages back to the file system."""
        with self.lock:
            self.connection.execute("VACUUM")

    def close(self) -> None:
        """Close the connection."""
        with self.lock:
            self._close()


def _named(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Any:
    return _row_type(tuple(column[0] for column in cursor.description))._make(row)


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
