"""The stored rows of checkpoints, seen raw: counted, moved and deleted without decoding any.

Damaged rows are still addressed by the very bytes of their keys, and every move says how many rows
it found, so that nothing is reported as set aside that stayed where it was.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_patterns.durable.database import Database, Session

_QUARANTINE = """
CREATE TABLE IF NOT EXISTS checkpoint_quarantine (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL
)"""
_DELTA = "counters_since_delta_snapshot"
"""Metadata of checkpoints whose values are rebuilt from older ones (`DeltaChannel`, beta)."""


@dataclass(frozen=True)
class Entry:
    """The index entry of one checkpoint; `key` holds namespace and id as they are stored."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    parent_id: str | None
    key: tuple[bytes, bytes] = field(repr=False, compare=False, default=(b"", b""))


@dataclass(frozen=True)
class Usage:
    """What a thread takes: rows, and bytes of payload (not of disk pages or indexes)."""

    checkpoints: int
    writes: int
    bytes: int


@dataclass(frozen=True)
class Quarantined:
    """One row that was set aside: the table it comes from, and why."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    source: str
    reason: str


class Rows:
    """Checkpoints in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self._writes = "checkpoint_writes" if self._postgres else "writes"
        self._value = "blob" if self._postgres else "value"
        database.create("checkpoint_quarantine", _QUARANTINE)

    def threads(self) -> list[str]:
        """Return every thread that has a checkpoint."""
        with self.database.transaction() as session:
            rows = session.run("SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id")
        return [str(row[0]) for row in rows]

    def index(self, thread_id: str) -> list[Entry]:
        """Return the thread's checkpoints, newest first."""
        return self._entries("thread_id = ?", (thread_id,))

    def of_runs(self, run_ids: Sequence[str]) -> list[Entry]:
        """Return the checkpoints that runs with these ids have saved."""
        run_id = (
            "metadata ->> 'run_id'"
            if self._postgres
            else "CASE WHEN json_valid(CAST(metadata AS TEXT)) "
            "THEN json_extract(CAST(metadata AS TEXT), '$.run_id') END"
        )
        places = ", ".join("?" * len(run_ids))
        return self._entries(f"{run_id} IN ({places})", run_ids) if run_ids else []

    def _entries(self, where: str, parameters: Sequence[Any]) -> list[Entry]:
        raw = "convert_to({}, 'UTF8')" if self._postgres else "CAST({} AS BLOB)"
        columns = [f"{raw.format(f'checkpoint_{name}')} AS {name}" for name in ("ns", "id")]
        # Compared as bytes in both: the newest id is the newest checkpoint.
        newest = 'checkpoint_id COLLATE "C"' if self._postgres else "checkpoint_id"
        with self.database.transaction() as session:
            rows = session.run(
                f"SELECT thread_id, parent_checkpoint_id, {', '.join(columns)} "
                f"FROM checkpoints WHERE {where} ORDER BY {newest} DESC",
                parameters,
            )
        found = []
        for thread_id, parent, *key in rows:
            namespace, checkpoint_id = (bytes(part or b"") for part in key)
            parent = None if parent is None else str(parent)
            found.append(
                Entry(
                    str(thread_id),
                    namespace.decode("utf-8", "replace"),
                    checkpoint_id.decode("utf-8", "replace"),
                    parent,
                    (namespace, checkpoint_id),
                )
            )
        return found

    def usage(self, thread_id: str | None = None) -> Usage:
        """Return what one thread, or all of them, take."""
        where, given = ("", ()) if thread_id is None else (" WHERE thread_id = ?", (thread_id,))
        size = "octet_length({}::text)" if self._postgres else "length({})"
        held = f"{size.format('checkpoint')} + {size.format('metadata')}"
        tables = [("checkpoints", held), (self._writes, f"length({self._value})")]
        if self._postgres:
            tables.append(("checkpoint_blobs", "length(blob)"))
        with self.database.transaction() as session:
            counted = [
                session.run(f"SELECT count(*), coalesce(sum({of}), 0) FROM {table}{where}", given)
                for table, of in tables
            ]
        return Usage(
            int(counted[0][0][0]), int(counted[1][0][0]), sum(int(rows[0][1]) for rows in counted)
        )

    def builds_on_the_past(self, thread_id: str) -> bool:
        """Tell whether newer checkpoints of a thread need older ones."""
        holds = (
            f"position('{_DELTA}' in metadata::text)"
            if self._postgres
            else f"instr(CAST(metadata AS TEXT), '{_DELTA}')"
        )
        with self.database.transaction() as session:
            return bool(
                session.run(
                    f"SELECT 1 FROM checkpoints WHERE thread_id = ? AND {holds} > 0 LIMIT 1",
                    (thread_id,),
                )
            )

    def remove(self, entries: Iterable[Entry]) -> int:
        """Delete checkpoints, their writes, and values that no checkpoint uses any more.

        Returns:
            How many checkpoints there were.
        """
        entries = list(entries)
        with self.database.transaction() as session:
            removed = 0
            for entry in entries:
                where, key = self._at(entry)
                removed += session.changed(f"DELETE FROM checkpoints WHERE {where}", key)
                session.changed(f"DELETE FROM {self._writes} WHERE {where}", key)
            for thread_id in {entry.thread_id for entry in entries}:
                if self._postgres:
                    session.run(f"DELETE FROM checkpoint_blobs b WHERE {_UNUSED}", (thread_id,))
        return removed

    # --- quarantine ------------------------------------------------------------------------

    def set_aside(self, entry: Entry, reason: str) -> int:
        """Move a damaged checkpoint, raw as it is, into the quarantine table.

        Returns:
            How many checkpoints were moved: 1, or 0 if it is not there.
        """
        with self.database.transaction() as session:
            where, key = self._at(entry)
            moved = self._move(session, entry, "checkpoints", reason, where, key)
            self._move(session, entry, self._writes, reason, where, key)
            if self._postgres:
                unused = _UNUSED.replace("b.", "checkpoint_blobs.")
                self._move(session, entry, "checkpoint_blobs", reason, unused, (entry.thread_id,))
        return moved

    def set_writes_aside(self, entry: Entry, tasks: Iterable[str] | None, reason: str) -> int:
        """Move the pending writes of some tasks, or of all (`None`), into the quarantine table.

        Returns:
            How many writes were moved.
        """
        where, key = self._at(entry)
        with self.database.transaction() as session:
            if tasks is None:
                return self._move(session, entry, self._writes, reason, where, key)
            return sum(
                self._move(
                    session, entry, self._writes, reason, f"{where} AND task_id = ?", (*key, task)
                )
                for task in sorted(tasks)
            )

    def aside(self, thread_id: str | None = None) -> tuple[Quarantined, ...]:
        """Return what is set aside, of one thread or of all, in the order of the checkpoints."""
        with self.database.transaction() as session:
            rows = session.run(
                "SELECT thread_id, checkpoint_ns, checkpoint_id, source, reason "
                "FROM checkpoint_quarantine ORDER BY thread_id, checkpoint_id, source"
            )
        return tuple(Quarantined(*row) for row in rows if thread_id in (None, row[0]))

    def put_back(self, thread_id: str) -> int:
        """Move a thread's rows out of the quarantine; return how many."""
        restored = 0
        with self.database.transaction() as session:
            rows = session.run(
                "SELECT source, content FROM checkpoint_quarantine WHERE thread_id = ?",
                (thread_id,),
            )
            for source, content in rows:
                kept = {
                    name: None if value is None else base64.b64decode(value)
                    for name, value in json.loads(content).items()
                }
                places = ", ".join(self._restoring(name) for name in kept)
                added = session.changed(
                    f"INSERT INTO {source} ({', '.join(kept)}) VALUES ({places}) "
                    "ON CONFLICT DO NOTHING",
                    tuple(kept.values()),
                )
                if added:
                    restored += 1
                    session.changed(
                        "DELETE FROM checkpoint_quarantine "
                        "WHERE thread_id = ? AND source = ? AND content = ?",
                        (thread_id, source, content),
                    )
        return restored

    def _at(self, entry: Entry) -> tuple[str, tuple[Any, ...]]:
        """Return a condition for a checkpoint's rows, damaged keys included."""
        if self._postgres:
            key: tuple[Any, ...] = tuple(part.decode() for part in entry.key)
            return "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?", (
                entry.thread_id,
                *key,
            )
        same = " AND ".join(
            f"CAST({name} AS BLOB) = ?" for name in ("checkpoint_ns", "checkpoint_id")
        )
        return f"thread_id = ? AND {same}", (entry.thread_id, *entry.key)

    def _move(
        self,
        session: Session,
        entry: Entry,
        table: str,
        reason: str,
        where: str,
        parameters: Sequence[Any],
    ) -> int:
        columns = _COLUMNS[table]
        rows = session.run(
            f"SELECT {', '.join(f'{self._as_bytes(name)} AS {name}' for name in columns)} "
            f"FROM {table} WHERE {where}",
            parameters,
        )
        for row in rows:
            content = {
                name: None if value is None else base64.b64encode(bytes(value)).decode()
                for name, value in zip(columns, row, strict=True)
            }
            session.run(
                "INSERT INTO checkpoint_quarantine VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(entry.thread_id, entry.namespace, entry.checkpoint_id),
                    *(table, reason, json.dumps(content)),
                ),
            )
        deleted = session.changed(f"DELETE FROM {table} WHERE {where}", parameters)
        if deleted != len(rows):
            raise AssertionError(f"{len(rows)} rows of {table} kept, {deleted} deleted")
        return deleted

    def _as_bytes(self, column: str) -> str:
        if column == "blob":
            return column
        return (
            f"convert_to({column}::text, 'UTF8')" if self._postgres else f"CAST({column} AS BLOB)"
        )

    def _restoring(self, column: str) -> str:
        """Return a placeholder that makes a column's value of the bytes in the quarantine."""
        if not self._postgres:
            kinds = {"idx": "INTEGER", "checkpoint": "BLOB", "metadata": "BLOB", "value": "BLOB"}
            return f"CAST(? AS {kinds.get(column, 'TEXT')})"
        if column == "blob":
            return "?"
        kinds = {"idx": "integer", "checkpoint": "jsonb", "metadata": "jsonb"}
        return f"convert_from(?, 'UTF8')::{kinds.get(column, 'text')}"


_UNUSED = """b.thread_id = ? AND NOT EXISTS (
    SELECT 1 FROM checkpoints c
    WHERE c.thread_id = b.thread_id AND c.checkpoint_ns = b.checkpoint_ns
    AND c.checkpoint -> 'channel_versions' ->> b.channel = b.version)"""
_KEY = ("thread_id", "checkpoint_ns", "checkpoint_id")
_WRITE = (*_KEY, "task_id", "task_path", "idx", "channel", "type")
_COLUMNS = {
    "checkpoints": (*_KEY, "parent_checkpoint_id", "type", "metadata", "checkpoint"),
    "writes": (*_WRITE, "value"),
    "checkpoint_writes": (*_WRITE, "blob"),
    "checkpoint_blobs": (*_KEY[:2], "channel", "version", "type", "blob"),
}


def written_at(checkpoint_id: str) -> datetime | None:
    """Return when a checkpoint was written, from its id (a version 6 UUID, RFC 9562)."""
    try:
        identifier = uuid.UUID(checkpoint_id)
    except ValueError:
        return None
    if identifier.version != 6:
        return None
    ticks = (identifier.int >> 80 << 12) | (identifier.int >> 64 & 0x0FFF)
    return datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=ticks / 10)
