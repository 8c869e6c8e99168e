"""Transactions that are repeated when the database cuts them off."""

from __future__ import annotations

import copy
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import update_wrapper
from typing import Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar

from agent_patterns.durable.errors import DatabaseUnavailable

T = TypeVar("T")
P = ParamSpec("P")
PATIENCE = 30.0
"""Seconds for which a database that cannot be reached, or is locked, is asked again."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the database may answer if it is asked again: a lost line, or a lock."""
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)
    if type(error).__name__ == "PoolClosed":  # by this process, for good
        return False
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


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"The database does not answer: {error}")
