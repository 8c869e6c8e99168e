"""One small door to SQLite and PostgreSQL for the tables beside the checkpoints.

Claims, outbox and quarantine live in the same database as the checkpoints, so that whoever can
reach the checkpoints can reach them too, and one backup holds all.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

BUSY_SECONDS = 30.0
"""How long a writer waits for another writer of the same SQLite file."""

NO_IDLING = "set_config('idle_in_transaction_session_timeout', '10s', true)"
"""Lets PostgreSQL end a transaction whose client falls silent in it.

A worker that is frozen between two statements would otherwise hold its row, and so everybody who
wants to take over from it, until it wakes up.  Holds for the transaction alone.
"""

WAIT_A_SECOND = "set_config('lock_timeout', '1s', true)"
"""Lets PostgreSQL refuse a lock that does not come free; holds for the transaction alone."""

END_SILENT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'ClientRead'
AND pid <> pg_backend_pid() AND state_change < clock_timestamp() - interval '10 s'
AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'agent_runs'::regclass
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""
"""Ends what `NO_IDLING` does not: a worker that is frozen in the middle of a pipeline.

PostgreSQL takes it for active, since the end of the pipeline has not come.
"""

Row = tuple[Any, ...]


class Session(Protocol):
    """One open transaction."""

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Executes one statement with `?` placeholders; returns its rows, if it has any.

        A `?` within quotes is text; PostgreSQL's operators with a `?` have names to use instead.
        """
        ...

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Executes one statement; returns how many rows it inserted, updated or deleted."""
        ...


class Database(Protocol):
    """A database that gives transactions."""

    dialect: str

    def transaction(self) -> Any:
        """A context manager that yields a `Session`, commits on leaving, rolls back on errors."""
        ...

    def close(self) -> None:
        """Closes its connections."""
        ...


class SqliteSession:
    """A transaction on an open SQLite connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Executes one statement; returns its rows."""
        return self._connection.execute(sql, tuple(parameters)).fetchall()

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Executes one statement; returns how many rows it changed."""
        return self._connection.execute(sql, tuple(parameters)).rowcount


class SqliteDatabase:
    """SQLite: one connection, one writer at a time, safe to share between threads."""

    dialect = "sqlite"

    def __init__(self, path: str | Path) -> None:
        self._connection = open_sqlite(path, autocommit=True)
        # A damaged text must still be listed, so that it can be set aside.
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSession(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def vacuum(self) -> None:
        """Gives freed pages back to the file system."""
        with self._lock:
            self._connection.execute("VACUUM")

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._connection.close()


class PostgresSession:
    """A transaction on an open PostgreSQL connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Executes one statement; returns its rows."""
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(_for_psycopg(sql).encode(), tuple(parameters))
            return cursor.fetchall() if cursor.description else []

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Executes one statement; returns how many rows it changed."""
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(_for_psycopg(sql).encode(), tuple(parameters))
            return cursor.rowcount


def _for_psycopg(sql: str) -> str:
    """With `%s` for `?`, but not within quotes."""
    return _QUOTED_OR_MARK.sub(
        lambda part: "%s" if part[0] == "?" else part[0].replace("%", "%%"), sql
    )


_QUOTED_OR_MARK = re.compile(r"""'[^']*'|"[^"]*"|[?%]""")


class PostgresDatabase:
    """PostgreSQL: a small pool of connections."""

    dialect = "postgresql"

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self._pool = pool

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction on a connection of the pool."""
        with self._pool.connection() as connection, connection.transaction():
            session = PostgresSession(connection)
            session.run(f"SELECT {NO_IDLING}")
            yield session

    def close(self) -> None:
        """Closes the pool."""
        self._pool.close()


def create_table(database: Database, name: str, definition: str) -> None:
    """Creates a table if it is missing, also when two processes do so at once."""
    with database.transaction() as session:
        if database.dialect == "postgresql":
            # IF NOT EXISTS alone still lets two creators collide in PostgreSQL's catalogue.
            session.run("SELECT pg_advisory_xact_lock(hashtext(?))", (name,))
        session.run(definition)


def open_sqlite(path: str | Path, *, autocommit: bool = False) -> sqlite3.Connection:
    """Opens a SQLite file for several threads and processes.

    Readers and one writer work at the same time (write-ahead log), a second writer waits instead
    of failing, and a commit is on disk before it returns.
    """
    connection = sqlite3.connect(
        str(path),
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        isolation_level=None if autocommit else "DEFERRED",
    )
    try:
        for pragma in SQLITE_PRAGMAS:
            _patiently(connection, pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)
"""Settings of every SQLite connection; `journal_mode` is stored in the file itself."""


def is_busy(error: BaseException) -> bool:
    """Whether SQLite only asks to try again."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


# Two processes that create one file together: changing the journal mode does not wait by itself.
@retry(
    retry=retry_if_exception(is_busy),
    stop=stop_after_delay(BUSY_SECONDS),
    wait=wait_random(0.005, 0.05),
    reraise=True,
)
def _patiently(connection: sqlite3.Connection, sql: str) -> None:
    connection.execute(sql).fetchall()
