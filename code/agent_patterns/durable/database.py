"""One door to SQLite and PostgreSQL, safe when connections drop and servers restart.

Runs, leases, effects, checkpoints and approvals share one database, so that one transaction can
tie them together and one backup holds them all.

- A pooled connection is checked before it is lent; one that the server has ended is replaced.
- `transact` repeats a transaction that was cut off before its commit, on another connection.
- SQLite waits for a lock instead of failing, and a commit is on disk before it returns.
"""

from __future__ import annotations

import copy
import random
import sqlite3
import sys
import threading
import time
import weakref
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache, partial, update_wrapper
from pathlib import Path
from typing import Any, ClassVar, Concatenate, NamedTuple, ParamSpec, Self, TypeVar
from urllib.parse import unquote

from agent_patterns.durable.errors import DatabaseUnavailable, UnknownBackend

T = TypeVar("T")
P = ParamSpec("P")
PATIENCE = 30.0
"""Seconds for which a database that cannot be reached, or is locked, is asked again."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the database may answer if it is asked again: a lost line, or a lock."""
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)
    psycopg = sys.modules.get("psycopg")  # an error of its own has imported it
    return psycopg is not None and isinstance(
        error, psycopg.OperationalError | psycopg.InterfaceError
    )


class Session:
    """An open transaction, whatever the database; SQL has `?` placeholders."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Execute one statement; return its rows, as named tuples."""
        cursor = self.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; return how many rows it inserted, updated or deleted."""
        return int(self.execute(sql, parameters).rowcount)

    def execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Execute one statement; return the database's own cursor."""
        return self.connection.execute(sql, tuple(parameters))


class Database(AbstractContextManager[Any]):
    """A database that lends transactions; `open_database` makes one."""

    dialect: ClassVar[str]
    for_update: ClassVar[str] = ""
    """What locks the rows of a SELECT; SQLite's transactions hold the whole file anyway."""

    def transaction(self) -> Any:
        """Return a context manager: a `Session`, committed at the end, rolled back on errors."""
        raise NotImplementedError

    def transact(self, work: Callable[[Session], T], *, repeatable: bool = False) -> T:
        """Return what `work` returns, having run it in a transaction of its own.

        It is begun anew, on another connection, when the database cuts it off; but if that happens
        in the commit, which may have succeeded, only if it is `repeatable`.

        Raises:
            DatabaseUnavailable: The database did not come back within `PATIENCE` seconds.
        """

        def once() -> T:
            worked = False
            try:
                with self.transaction() as session:
                    result = work(session)
                    worked = True
                return result
            except Exception as error:
                if worked and not repeatable and is_transient(error):
                    raise _unavailable(error) from error
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
                    raise _unavailable(error) from error
                self.cut_off(error)
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 1.0)

    def guarded(self, check: Callable[[Session], None]) -> Self:
        """Return a view whose transactions begin with a check, which raises to refuse them."""

        @contextmanager
        def transaction() -> Iterator[Session]:
            with self.transaction() as session:
                check(session)
                yield session

        view = copy.copy(self)
        view.transaction = transaction  # type: ignore[method-assign]
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
        """Return seconds since the epoch, by the clock that all workers share."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        raise NotImplementedError

    def __exit__(self, *_: object) -> None:
        self.close()


def transacted(
    method: Callable[Concatenate[Any, Session, P], T],
) -> Callable[Concatenate[Any, P], T]:
    """Run a method in a transaction of its object's `database`; for repeatable ones only."""

    def run(self: Any, /, *args: P.args, **options: P.kwargs) -> T:
        database: Database = self.database
        return database.transact(lambda s: method(self, s, *args, **options), repeatable=True)

    update_wrapper(run, method)
    return run


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


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"The database does not answer: {error}")


def _named(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Any:
    return _row_type(tuple(column[0] for column in cursor.description))._make(row)


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
