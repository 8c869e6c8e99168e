"""One door to SQLite and PostgreSQL, safe when connections drop and servers restart.

Runs, leases, effects, checkpoints and approvals share one database, so that one transaction can
tie them together and one backup holds them all.
"""

from __future__ import annotations

import copy
import random
import re
import sqlite3
import threading
import time
import weakref
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar
from urllib.parse import unquote

import psycopg
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool, PoolClosed

from agent_patterns.durable.errors import DatabaseUnavailable, UnknownBackend

T = TypeVar("T")
P = ParamSpec("P")
PATIENCE = 30.0
"""Seconds for which a database that cannot be reached, or is locked, is asked again."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the database may answer if it is asked again: a lost line, or a lock."""
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)
    lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return lost and not isinstance(error, PoolClosed)  # closed by this process, for good


class Session:
    """An open transaction, whatever the database; SQL has `?` placeholders."""

    def __init__(self, connection: Any, spelled: Callable[[str], Any] = str) -> None:
        self.connection = connection
        self._spelled = spelled

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Execute one statement; return its rows, as named tuples."""
        cursor = self.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; return how many rows it inserted, updated or deleted."""
        return int(self.execute(sql, parameters).rowcount)

    def execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Execute one statement; return the database's own cursor."""
        return self.connection.execute(self._spelled(sql), tuple(parameters))


class Database(AbstractContextManager[Any]):
    """A database that lends transactions; `open_database` makes one."""

    dialect: ClassVar[str]
    for_update: ClassVar[str] = ""
    """What locks the rows of a SELECT; SQLite's transactions hold the whole file anyway."""
    _check: Callable[[Session], None] = staticmethod(lambda session: None)

    def transaction(self) -> Any:
        """Return a context manager: a `Session`, committed at the end, rolled back on errors."""
        raise NotImplementedError

    def transact(self, work: Callable[[Session], T], *, repeatable: bool = False) -> T:
        """Return what `work` returns, having run it in a transaction of its own.

        One that is cut off is begun anew, on another connection; but if it is cut off in the
        commit, which may have succeeded, only if it is `repeatable`.

        Raises:
            DatabaseUnavailable: The database did not come back within `PATIENCE` seconds.
        """

        def once() -> T:
            worked = False
            try:
                with self.transaction() as session:
                    self._check(session)
                    result = work(session)
                    worked = True
                return result
            except Exception as error:
                if worked and not repeatable and is_transient(error):
                    raise DatabaseUnavailable(error) from error
                raise

        return self.patiently(once)

    def patiently(self, work: Callable[[], T]) -> T:
        """Return what repeatable work returns, begun anew when the database cuts it off."""
        end, pause = time.monotonic() + PATIENCE, 0.01
        while True:
            try:
                return work()
            except Exception as error:
                if not is_transient(error):
                    raise
                if time.monotonic() > end:
                    raise DatabaseUnavailable(error) from error
                self.cut_off(error)
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 1.0)

    def guarded(self, check: Callable[[Session], None]) -> Self:
        """Return a view whose `transact` begins with a check, which raises to refuse it."""
        view = copy.copy(self)
        view._check = check
        return view

    def create(self, name: str, *definitions: str) -> None:
        """Create tables that are missing, also when two processes do so at once."""

        def work(session: Session) -> None:
            self.lock_name(session, name)
            for definition in definitions:
                session.run(definition)

        self.transact(work, repeatable=True)

    def lock_name(self, session: Session, name: str) -> None:
        """Keep others that lock the same name out until the transaction ends."""

    def cut_off(self, error: Exception) -> None:
        """Do what can be done about a transaction that was cut off, before it is repeated."""

    def now(self, session: Session) -> float:
        """Return seconds since the epoch, by the clock that all workers share: this machine's."""
        return time.time()

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        raise NotImplementedError

    def __exit__(self, *_: object) -> None:
        self.close()


Where = str | Path | Database
"""A database, its URL, or a SQLite file's path."""


def transacted(
    method: Callable[Concatenate[Any, Session, P], T],
) -> Callable[Concatenate[Any, P], T]:
    """Run a method in a transaction of its object's `database`; for repeatable ones only."""

    @wraps(method)
    def run(self: Any, /, *args: P.args, **options: P.kwargs) -> T:
        database: Database = self.database
        return database.transact(lambda s: method(self, s, *args, **options), repeatable=True)

    return run


def parse_url(url: str) -> tuple[str, str]:
    """Return a database URL's backend, memory, sqlite or postgresql, and its place there.

    Raises `UnknownBackend` if it is none of these:
    `memory://` | `sqlite:///relative/or/absolute.db` | `sqlite:///:memory:` |
    `postgresql://user@host/database` (any PostgreSQL connection URL)
    """
    scheme, separator, rest = url.partition("://")
    backend = scheme.lower().partition("+")[0] if separator else ""
    if backend == "memory" or (backend == "sqlite" and rest == "/:memory:"):
        return "memory", ""
    if backend == "sqlite" and re.fullmatch(r"/[^?]+", rest):
        return "sqlite", unquote(rest[1:])
    if backend in ("postgresql", "postgres"):
        return "postgresql", f"postgresql://{rest}"
    shown = f"{scheme}://..." if separator else url  # the rest may hold a password
    raise UnknownBackend(
        f"Cannot open {shown!r}; use memory://, sqlite:///file.db (%3F for ?) or postgresql://host/db."
    )


def open_database(where: Where) -> Database:
    """Open a database, by URL or a SQLite file's path; raise `UnknownBackend` if none answers."""
    if isinstance(where, Database):
        return where
    if not (isinstance(where, str) and "://" in where):
        return SqliteDatabase(where)
    backend, place = parse_url(where)
    opened = PostgresDatabase if backend == "postgresql" else SqliteDatabase
    return opened(place or ":memory:")


class SqliteDatabase(Database):
    """SQLite: one writer at a time, and one `connection`, for whichever thread holds `lock`."""

    dialect = "sqlite"

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.lock = threading.RLock()
        self.connection = self.connect()
        self.connection.row_factory = lambda cursor, row: _row_type(*cursor.description)(*row)
        # A damaged text must still be listed, so that it can be set aside.
        self.connection.text_factory = lambda data: data.decode("utf-8", "replace")
        self._close = weakref.finalize(self, self.connection.close)

    def connect(self, *, factory: Any = sqlite3.Connection) -> sqlite3.Connection:
        """Open a further connection to the file; raise `UnknownBackend` if that is impossible."""
        how: Any = {"check_same_thread": False, "isolation_level": None, "timeout": PATIENCE}
        try:
            if self.path != ":memory:":
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            connection: sqlite3.Connection = sqlite3.connect(self.path, factory=factory, **how)
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
            with self.connection:  # commits, or rolls back on errors
                yield Session(self.connection)

    def close(self) -> None:
        """Close the connection."""
        with self.lock:
            self._close()


@lru_cache(maxsize=512)
def _row_type(*columns: tuple[Any, ...]) -> Any:
    return namedtuple("Row", [name for name, *_ in columns], rename=True)


# Both for one transaction alone.  A worker that is frozen between two statements would otherwise
# hold its row, and so everybody who wants to take over from it, until it wakes up.
NO_IDLING = "set_config('idle_in_transaction_session_timeout', '10s', true)"
WAIT_A_SECOND = "set_config('lock_timeout', '1s', true)"
END_SILENT = r"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'ClientRead'
AND pid <> pg_backend_pid() AND state_change < clock_timestamp() - interval '10 s'
AND datname = current_database()
AND pid IN (SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation
            WHERE relname LIKE 'agent\_%')"""
"""Ends a worker that is frozen in the middle of a pipeline, which PostgreSQL takes for active."""

# prepare_threshold: no prepared statements, so that a connection pooler may stand in between.
# keepalives: a line that died without a word.
CONNECTION: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "row_factory": namedtuple_row,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class PostgresDatabase(Database):
    """PostgreSQL: a small pool of connections, each checked before it is lent."""

    dialect = "postgresql"
    for_update = " FOR UPDATE"

    def __init__(self, url: str) -> None:
        self.pool: ConnectionPool[Any] = ConnectionPool(
            url,
            min_size=1,
            max_size=8,
            # While the server is away the pool would try ever more rarely; `transact` asks anew.
            timeout=2.0,
            reconnect_timeout=0.5,
            kwargs=CONNECTION,
            check=ConnectionPool.check_connection,
            open=False,
        )
        try:
            # One plain connection first: it says at once what a pool only says after its time-out.
            psycopg.connect(url, connect_timeout=10).close()
            self.pool.open(wait=True, timeout=PATIENCE)
        except psycopg.OperationalError as error:
            self.pool.close()
            raise UnknownBackend(f"PostgreSQL does not answer: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Lend a transaction on a connection of the pool."""
        with self.pool.connection() as connection, connection.transaction():
            session = Session(connection, _for_psycopg)
            session.run(f"SELECT {NO_IDLING} AS idle, {WAIT_A_SECOND} AS lock")
            yield session

    def lock_name(self, session: Session, name: str) -> None:
        """Keep others out: with IF NOT EXISTS alone two creators collide in the catalogue."""
        session.run("SELECT pg_advisory_xact_lock(hashtext(?))", (name,))

    def migrate(self, table: str, migrations: Sequence[str]) -> None:
        """Do LangGraph's `setup()`, safe from others who do it at the same time."""

        def work(session: Session) -> None:
            self.lock_name(session, table)
            session.run(f"CREATE TABLE IF NOT EXISTS {table} (v INTEGER PRIMARY KEY)")
            ((newest,),) = session.run(f"SELECT coalesce(max(v), -1) FROM {table}")
            for version in range(newest + 1, len(migrations)):
                # In a transaction, which is the only one here, an index cannot be built beside it.
                session.run(migrations[version].replace("CONCURRENTLY", ""))
                session.run(f"INSERT INTO {table} (v) VALUES (?)", (version,))

        self.transact(work, repeatable=True)

    def cut_off(self, error: Exception) -> None:
        """End the connections of frozen workers, if it is their lock that did not come free."""
        if isinstance(error, psycopg.errors.LockNotAvailable):
            with suppress(psycopg.Error), self.pool.connection() as connection:
                connection.execute(END_SILENT.encode())

    def now(self, session: Session) -> float:
        """Return the server's time: the workers' clocks may differ."""
        return float(session.run("SELECT extract(epoch FROM clock_timestamp())")[0][0])

    def close(self) -> None:
        """Close the pool."""
        self.pool.close()


_QUOTED_OR_MARK = re.compile(r"""'[^']*'|"[^"]*"|[?%]""")


@lru_cache(maxsize=512)
def _for_psycopg(sql: str) -> bytes:
    """Write `%s` for `?`, but not within quotes; operators with a `?` have names, too."""
    return _QUOTED_OR_MARK.sub(
        lambda part: "%s" if part[0] == "?" else part[0].replace("%", "%%"), sql
    ).encode()
