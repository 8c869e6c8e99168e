"""PostgreSQL for durable runs; `open_database` imports this when it is asked for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import dict_row, namedtuple_row
from psycopg_pool import ConnectionPool

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.durable.transactions import PATIENCE, Database, Session

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
    "row_factory": dict_row,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class PostgresSession(Session):
    """A transaction on an open PostgreSQL connection."""

    def execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Execute one statement; return its cursor."""
        cursor = self.connection.cursor(row_factory=namedtuple_row)
        return cursor.execute(_for_psycopg(sql), tuple(parameters))


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
            session = PostgresSession(connection)
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
