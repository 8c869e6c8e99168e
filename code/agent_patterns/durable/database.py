"""One door to SQLite and PostgreSQL, safe when connections drop and servers restart.

Runs, leases, effects, checkpoints and approvals share one database, so that one transaction can
tie them together and one backup holds them all.

- A pooled connection is checked before it is lent; one that the server has ended is replaced.
- `transact` repeats a transaction that was cut off before its commit, on another connection.
- SQLite waits for a lock instead of failing, and a commit is on disk before it returns.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import threading
import time
import uuid
import weakref
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar
from urllib.parse import unquote

from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from agent_patterns.durable.errors import DatabaseUnavailable, UnknownBackend

T = TypeVar("T")
BUSY_SECONDS = 30.0
"""How long a writer waits for another writer of the same SQLite file."""
PATIENCE = 30.0
"""How long a transaction is tried again while the database cannot be reached."""

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


def is_transient(error: BaseException) -> bool:
    """Tell whether the database may answer if it is asked again: a lost line, or a lock."""
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)
    psycopg = sys.modules.get("psycopg")  # an error of its own has imported it
    return psycopg is not None and isinstance(
        error, psycopg.OperationalError | psycopg.InterfaceError
    )


class Session:
    """One open transaction, whatever the database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Execute one statement with `?` placeholders; return its rows, as named tuples.

        A `?` within quotes is text; PostgreSQL's operators with a `?` have names to use instead.
        """
        cursor = self.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; return how many rows it inserted, updated or deleted."""
        return int(self.execute(sql, parameters).rowcount)

    def execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Execute one statement on SQLite; return its cursor."""
        return self._connection.execute(sql, tuple(parameters))


class Database:
    """A database that lends transactions; `open_database` makes one."""

    dialect: ClassVar[str]
    for_update: ClassVar[str] = ""
    """What locks the rows of a SELECT; SQLite's transactions hold the whole file anyway."""

    def transaction(self) -> Any:
        """Return a context manager: a `Session`, committed at the end, rolled back on errors."""
        raise NotImplementedError

    def transact(self, work: Callable[[Session], T], *, repeatable: bool = False) -> T:
        """Return what `work` returns, having run it in a transaction of its own.

        It runs again, on another connection, if the database cut the transaction off.  An error in
        the commit itself leaves open whether it was committed, so then only `repeatable` work is
        run again.

        Raises:
            DatabaseUnavailable: The database did not come back within `PATIENCE` seconds.
        """
        end, pause = time.monotonic() + PATIENCE, 0.01
        while True:
            worked = False
            try:
                with self.transaction() as session:
                    result = work(session)
                    worked = True
                return result
            except Exception as error:
                if not is_transient(error):
                    raise
                if time.monotonic() > end or (worked and not repeatable):
                    raise DatabaseUnavailable(f"The database does not answer: {error}") from error
                self.cut_off(error)
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 1.0)

    def create(self, name: str, *definitions: str) -> None:
        """Create tables that are missing, also when two processes do so at once."""

        def work(session: Session) -> None:
            if self.dialect == "postgresql":
                # IF NOT EXISTS alone still lets two creators collide in PostgreSQL's catalogue.
                session.run("SELECT pg_advisory_xact_lock(hashtext(?))", (name,))
            for definition in definitions:
                session.run(definition)

        self.transact(work, repeatable=True)

    def cut_off(self, error: Exception) -> None:
        """Do what can be done about a transaction that was cut off, before it is repeated."""

    def now(self, session: Session) -> float:
        """Return seconds since the epoch, by the clock that all workers share."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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

    def connect(self, *, autocommit: bool = False) -> sqlite3.Connection:
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
