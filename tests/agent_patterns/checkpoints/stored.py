"""The stored rows of a backend, to be damaged cell by cell and put back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from agent_patterns.checkpoints import CheckpointCorrupted
from agent_patterns.checkpoints.recovery import Damage, _load

SQLITE = {
    "checkpoints": (
        "thread_id checkpoint_ns checkpoint_id parent_checkpoint_id type checkpoint metadata"
    ),
    "writes": ("thread_id checkpoint_ns checkpoint_id task_id task_path idx channel type value"),
}
POSTGRES = {
    "checkpoints": SQLITE["checkpoints"],
    "checkpoint_blobs": "thread_id checkpoint_ns channel version type blob",
    "checkpoint_writes": SQLITE["writes"].replace("value", "blob"),
}
ADDRESS = ("thread_id", "checkpoint_ns", "checkpoint_id", "version", "task_id", "idx")
"""Columns that say where a row lies: changed, a row is gone from where it was."""


class Stored:
    """Raw access to the tables of checkpoints."""

    def __init__(self, url: str) -> None:
        self.postgres = url.startswith("postgresql")
        self.tables = POSTGRES if self.postgres else SQLITE
        self.connection: Any = (
            psycopg.connect(url, autocommit=True)
            if self.postgres
            else sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        )
        self._row = "ctid::text" if self.postgres else "rowid"

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield every column of every table."""
        for table, columns in self.tables.items():
            for column in columns.split():
                yield table, column

    def cells(self, table: str, column: str, thread_id: str) -> list[tuple[Any, bytes | None]]:
        """Return (row, bytes) of a thread's cells, oldest first."""
        if column == "blob":
            raw = column
        elif self.postgres:
            raw = f"convert_to({column}::text, 'UTF8')"
        else:
            raw = f"CAST({column} AS BLOB)"
        order = "checkpoint_id" if table == "checkpoints" else "checkpoint_id, task_id, idx"
        order = "version, channel" if table == "checkpoint_blobs" else order
        rows = self.run(
            f"SELECT {self._row}, {raw} FROM {table} WHERE thread_id = ? ORDER BY {order}",
            thread_id,
        )
        return [(row, None if value is None else bytes(value)) for row, value in rows]

    def overwrite(self, table: str, column: str, row: Any, value: bytes | None) -> bool:
        """Store other bytes; return `False` if the database itself refuses them."""
        where = "ctid = ?::tid" if self.postgres else "rowid = ?"
        try:
            sql = f"UPDATE {table} SET {column} = {self._cast(table, column)} WHERE {where}"
            changed = self.connection.execute(self._marked(sql), (value, row)).rowcount
        except (sqlite3.IntegrityError, psycopg.DataError, psycopg.IntegrityError):
            return False
        assert changed == 1
        return True

    def _cast(self, table: str, column: str) -> str:
        if not self.postgres:
            if column in ("checkpoint", "metadata", "value"):
                return "?"
            return "CAST(? AS INTEGER)" if column == "idx" else "CAST(? AS TEXT)"
        if column == "blob":
            return "?"
        kind = {"idx": "int", "checkpoint": "jsonb", "metadata": "jsonb"}.get(column, "text")
        return f"convert_from(?, 'UTF8')::{kind}"

    def run(self, sql: str, *parameters: Any) -> list[Any]:
        """Execute a statement with `?` placeholders."""
        done = self.connection.execute(self._marked(sql), parameters)
        return done.fetchall() if done.description else []

    def _marked(self, sql: str) -> str:
        return sql.replace("?", "%s" if self.postgres else "?")

    def keep(self) -> None:
        """Remember the rows as they are now, for `put_back`."""
        for table in self.tables:
            self.run(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}")

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Undo on leaving whatever happened to the rows since `keep`."""
        try:
            yield
        finally:
            for table in self.tables:
                self.run(f"DELETE FROM {table}")
                self.run(f"INSERT INTO {table} SELECT * FROM kept_{table}")


def inspect(checkpointer: Any, thread_id: str) -> tuple[Damage, ...]:
    """Verify every checkpoint of a thread, newest first, and change nothing."""
    found = ((entry, _load(checkpointer, entry)) for entry in checkpointer.rows.index(thread_id))
    return tuple(
        Damage(entry[1], entry[2], error.reason, "writes" if error.tasks else "checkpoint")
        for entry, error in found
        if isinstance(error, CheckpointCorrupted)
    )
