"""Memories in PostgreSQL with pgvector; `open_memories` imports this when it is asked for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from langgraph.checkpoint.postgres._internal import get_connection
from langgraph.store.base import BaseStore
from langgraph.store.postgres import PostgresStore
from psycopg import sql
from psycopg.rows import tuple_row

from agent_patterns.durable.database import NO_IDLING, PostgresDatabase
from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.longterm.backends import Backend
from agent_patterns.longterm.errors import LongTermError
from agent_patterns.longterm.vectors import Vectors


class PostgresBackend(Backend):
    """PostgreSQL, shared by machines."""

    store: PostgresStore

    def __init__(self, url: str, vectors: Vectors) -> None:
        super().__init__(vectors)
        self._database = database = PostgresDatabase(url)
        self._options: dict[str, Any] = {}
        database.migrate("store_migrations", PostgresStore.MIGRATIONS)
        self.store = PostgresStore(database.pool)

    def index(self, size: int) -> Any:
        """Return settings for an exact search."""
        return super().index(size) | {"ann_index_config": {"kind": "flat"}}

    @contextmanager
    def locked(self, user: str) -> Iterator[BaseStore]:
        """Lend a store on one connection, in a transaction that holds this user's lock."""
        # One at a time in this process, so that waiting workers don't use up the pool.
        with (
            self._lock,
            self._database.pool.connection() as connection,
            connection.transaction(),
        ):
            connection.execute(f"SELECT {NO_IDLING}".encode())
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"memories {user}",)
            )
            yield PostgresStore(connection, **self._options)

    def build(self, store: BaseStore, size: int) -> BaseStore:
        """Create the extension and the table of vectors."""
        assert isinstance(store, PostgresStore)
        self._options = {"index": self.index(size)}
        built = PostgresStore(store.conn, **self._options)
        try:
            built.setup()
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile) as error:
            raise UnknownBackend(
                "This PostgreSQL has no pgvector. Install it (Debian: postgresql-NN-pgvector), or "
                "use a server that has it."
            ) from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise UnknownBackend(
                f"This user of PostgreSQL may not create what memories need ({error}): let an "
                "administrator run CREATE EXTENSION vector, and grant CREATE on the schema."
            ) from error
        self.store = PostgresStore(self._database.pool, **self._options)
        return built

    def drop(self, store: BaseStore) -> None:
        """Delete the table of vectors, whose size is part of its definition."""
        assert isinstance(store, PostgresStore)
        with store._cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS store_vectors, vector_migrations")

    def erase(self) -> None:
        """Rewrite the tables without what was deleted."""
        erase_postgres(self._database.pool, "store%")

    def files(self) -> list[Path]:
        """Return the server's files, without other databases, if they are here and may be read."""
        with self._database.pool.connection() as connection:
            try:
                ((folder, oid),) = connection.execute(
                    "SELECT current_setting('data_directory'), oid FROM pg_database "
                    "WHERE datname = current_database()"
                )
            except psycopg.errors.InsufficientPrivilege:
                return []
        if not os.access(folder, os.R_OK | os.X_OK):
            return []
        others = [each for each in Path(folder).iterdir() if each.name != "base"]
        return [Path(folder, "base", str(oid)), *others]

    def close(self) -> None:
        """Close the pool."""
        self._database.close()


def erase_postgres(pool: Any, tables: str, *, patience: float = 30.0) -> None:
    """Rewrite tables without what was deleted, and overwrite the server's log.

    A DELETE only marks rows, and a plain VACUUM frees their places without overwriting them; a
    full one writes new files.  What ANALYZE sampled of the old rows lies in `pg_statistic`, and
    all that was ever written in the write-ahead log, whose files are used again as they are.  A
    superuser's connection has both overwritten, which writes the log once over (`max_wal_size`,
    1 GB by default, is the most).  Without it the log fades as other work is written.  Replicas,
    archives and backups keep what they have.

    Args:
        pool: a pool or connection of psycopg, in autocommit mode.
        tables: a pattern for their names.
        patience: seconds to wait for others who use a table.

    Raises:
        LongTermError: somebody still uses one.
    """
    with get_connection(pool) as connection, connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s "
            "AND pg_table_is_visible(oid)",
            (tables,),
        )
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{patience * 1000:.0f}",))
        try:
            for name in names:
                cursor.execute(sql.SQL("VACUUM (FULL, ANALYZE) {}").format(sql.Identifier(name)))
        except psycopg.errors.LockNotAvailable as error:
            raise LongTermError(
                f"Somebody uses one of {names}, so it could not be rewritten: {error}. End open "
                "transactions, and forget once more."
            ) from error
        finally:
            cursor.execute("RESET lock_timeout")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            cursor.execute("VACUUM (FULL) pg_statistic")
            _overwrite_log(cursor)


def _overwrite_log(cursor: psycopg.Cursor[Any]) -> None:
    cursor.execute("SELECT pg_switch_wal()")
    cursor.execute("CHECKPOINT")
    cursor.execute(
        "SELECT count(*), pg_size_bytes(current_setting('wal_segment_size')) FROM pg_ls_waldir()"
    )
    files, size = cursor.fetchone() or (0, 0)
    for _ in range(files):
        cursor.execute("SELECT pg_logical_emit_message(false, 'erase', repeat(' ', %s))", (size,))
        cursor.execute("SELECT pg_switch_wal()")
    cursor.execute("CHECKPOINT")
