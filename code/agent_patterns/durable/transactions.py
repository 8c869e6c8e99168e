"""Transactions that are repeated when the database cuts them off."""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from agent_patterns.durable.errors import DatabaseUnavailable

T = TypeVar("T")
PATIENCE = 30.0
"""How long a transaction is tried again while the database cannot be reached."""


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
