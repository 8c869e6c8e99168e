"""One door to SQLite and PostgreSQL, safe when connections drop and servers restart.

Runs, leases, effects, checkpoints and approvals share one database, so that one transaction can
tie them together and one backup holds them all.

- A pooled connection is checked before it is lent; one that the server has ended is replaced.
- `transact` repeats a transaction that was cut off before its commit, on another connection.
- SQLite waits for a lock instead of failing, and a commit is on disk before it returns.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import uuid
import weakref
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.durable.transactions import Database as Database
from agent_patterns.durable.transactions import Session as Session
from agent_patterns.durable.transactions import is_transient as is_transient

BUSY_SECONDS = 30.0
"""How long a writer waits for another writer of the same SQLite file."""

SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)
"""Settings of every SQLite connection; `journal_mode` is stored in the file itself."""


class Address(NamedTuple):
    """Where a URL leads: `backend` is memory, sqlite or postgresql."""

    backend: str
    place: str


def parse_url(url: str) -> Address:
    """Read a database URL.

    `memory://` | `sqlite:///relative/or/absolute.db` | `sqlite:///:memory:` |
    `postgresql://user@host/database` (any PostgreSQL connection URL)

    Raises:
        UnknownBackend: The scheme is none of these, or a SQLite URL has options.
    """
    scheme, separator, rest = url.partition("://")
    backend = scheme.lower().partition("+")[0]
    if separator and backend == "memory":
        return Address("memory", "")
    if separator and backend == "sqlite" and rest.startswith("/") and len(rest) > 1:
        if "?" in rest:
            raise UnknownBackend(
                "A sqlite URL takes no options after a '?'; in a file's name write %3F for it."
            )
        place = unquote(rest[1:])
        return Address("memory", "") if place == ":memory:" else Address("sqlite", place)
    if separator and backend in ("postgresql", "postgres"):
        return Address("postgresql", f"postgresql://{rest}")
    shown = f"{scheme}://..." if separator else url  # the rest may hold a password
    raise UnknownBackend(
        f"Cannot open {shown!r}; use memory://, sqlite:///folder/file.db or postgresql://host/name."
    )


def open_database(where: str | Path | Database) -> Database:
    """Open a database: a URL (see `parse_url`), a SQLite file's path, or one that is open.

    Raises:
        UnknownBackend: The URL names no database, or nothing answers there.
    """
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
    """SQLite: one connection, one writer at a time, safe to share between threads."""

    dialect = "sqlite"

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        if self.path == ":memory:":  # one that several connections of this process can share
            self.path = f"file:/{uuid.uuid4()}?vfs=memdb"
        self._connection = self.connect(autocommit=True)
        # A damaged text must still be listed, so that it can be set aside.
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
        self._session = Session(self._connection)
        self._lock = threading.RLock()
        self._close = weakref.finalize(self, self._connection.close)

    def connect(
        self, *, autocommit: bool = False, factory: type[sqlite3.Connection] = sqlite3.Connection
    ) -> sqlite3.Connection:
        """Open a further connection to the file, as `SqliteSaver` takes it.

        Raises:
            UnknownBackend: The file cannot be opened.
        """
        in_memory = self.path.endswith("?vfs=memdb")
        if not in_memory:
            _make_folder(self.path)
        level: Literal["DEFERRED"] | None = None if autocommit else "DEFERRED"
        connection = None
        try:
            connection = sqlite3.connect(
                self.path,
                timeout=BUSY_SECONDS,
                check_same_thread=False,
                isolation_level=level,
                uri=in_memory,
                factory=factory,
            )
            for pragma in SQLITE_PRAGMAS:
                _patiently(connection, pragma)
            connection.row_factory = _named
        except sqlite3.DatabaseError as error:
            if connection is not None:
                connection.close()
            raise UnknownBackend(
                f"SQLite cannot open {self.path!r}: {error}. Is it a file, may it be written, "
                "and is it a SQLite database?"
            ) from error
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Lend a transaction that holds the write lock from its start."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._session
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def now(self, session: Session) -> float:
        """Return this machine's time, which all workers on one file share."""
        return time.time()

    def vacuum(self) -> None:
        """Give freed pages back to the file system."""
        with self._lock:
            self._connection.execute("VACUUM")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()


def _named(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Any:
    return _row_type(tuple(column[0] for column in cursor.description))._make(row)


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


def _make_folder(path: str) -> None:
    folder = Path(os.path.dirname(path) or ".")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnknownBackend(f"Cannot create the folder {folder}: {error}") from error


# Two processes that create one file together: changing the journal mode does not wait by itself.
@retry(
    retry=retry_if_exception(is_transient),
    stop=stop_after_delay(BUSY_SECONDS),
    wait=wait_random(0.005, 0.05),
    reraise=True,
)
def _patiently(connection: sqlite3.Connection, sql: str) -> None:
    connection.execute(sql).fetchall()
