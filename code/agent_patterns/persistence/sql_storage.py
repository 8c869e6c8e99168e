"""What SQLite and PostgreSQL store for a thread, row by row."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence, Set
from typing import Any

from agent_patterns.persistence.database import Database, Session
from agent_patterns.persistence.storage import DELTA, StoredCheckpoint, Usage

QUARANTINE = """
CREATE TABLE IF NOT EXISTS checkpoint_quarantine (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL
)"""


class SqlStorage:
    """Checkpoints in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self._writes = "checkpoint_writes" if self._postgres else "writes"
        self._value = "blob" if self._postgres else "value"
        # Compared as bytes in both: the newest id is the newest checkpoint.
        self._newest = 'checkpoint_id COLLATE "C" DESC' if self._postgres else "checkpoint_id DESC"

    def threads(self) -> list[str]:
        """Every thread that has a checkpoint."""
        with self.database.transaction() as session:
            rows = session.run("SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id")
        return [str(row[0]) for row in rows]

    def index(self, thread_id: str) -> list[StoredCheckpoint]:
        """The thread's checkpoints, newest first."""
        with self.database.transaction() as session:
            rows = session.run(
                "SELECT thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id "
                f"FROM checkpoints WHERE thread_id = ? ORDER BY {self._newest}",
                (thread_id,),
            )
        return [StoredCheckpoint(*_texts(row)) for row in rows]

    def usage(self, thread_id: str | None = None) -> Usage:
        """What one thread, or all of them, take."""
        where, parameters = (
            ("", ()) if thread_id is None else (" WHERE thread_id = ?", (thread_id,))
        )
        size = "octet_length" if self._postgres else "length"
        text = "::text" if self._postgres else ""
        with self.database.transaction() as session:
            checkpoints, held = session.run(
                f"SELECT count(*), coalesce(sum({size}(checkpoint{text})"
                f" + {size}(metadata{text})), 0) FROM checkpoints{where}",
                parameters,
            )[0]
            writes, written = session.run(
                f"SELECT count(*), coalesce(sum({size}({self._value})), 0) "
                f"FROM {self._writes}{where}",
                parameters,
            )[0]
            blobs = 0
            if self._postgres:
                blobs = session.run(
                    f"SELECT coalesce(sum(octet_length(blob)), 0) FROM checkpoint_blobs{where}",
                    parameters,
                )[0][0]
        return Usage(int(checkpoints), int(writes), int(held) + int(written) + int(blobs))

    def builds_on_the_past(self, thread_id: str) -> bool:
        """Whether newer checkpoints need older ones (a `DeltaChannel`, beta)."""
        holds = (
            f"position('{DELTA}' in metadata::text)"
            if self._postgres
            else f"instr(CAST(metadata AS TEXT), '{DELTA}')"
        )
        with self.database.transaction() as session:
            rows = session.run(
                f"SELECT 1 FROM checkpoints WHERE thread_id = ? AND {holds} > 0 LIMIT 1",
                (thread_id,),
            )
        return bool(rows)

    def remove(self, entries: Sequence[StoredCheckpoint]) -> None:
        """Deletes checkpoints, their writes, and values that no checkpoint uses any more."""
        with self.database.transaction() as session:
            for entry in entries:
                self._delete(session, "checkpoints", entry)
                self._delete(session, self._writes, entry)
            for thread_id in {entry.thread_id for entry in entries}:
                self._drop_unused_values(session, thread_id)

    def set_aside(self, entry: StoredCheckpoint, reason: str) -> None:
        """Moves a damaged checkpoint, raw as it is, into the quarantine table."""
        with self.database.transaction() as session:
            session.run(QUARANTINE)
            for table in ("checkpoints", self._writes):
                self._keep(session, table, entry, reason)
                self._delete(session, table, entry)
            for row in self._drop_unused_values(session, entry.thread_id):
                self._store(session, entry, "checkpoint_blobs", reason, _BLOB_COLUMNS, row)

    def pending(self, entry: StoredCheckpoint) -> list[tuple[str, str, bytes]]:
        """The checkpoint's pending writes as stored: task id, type, bytes."""
        with self.database.transaction() as session:
            rows = session.run(
                f"SELECT task_id, type, {self._value} FROM {self._writes} "
                "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
                (entry.thread_id, entry.namespace, entry.checkpoint_id),
            )
        return [(str(task), str(kind), bytes(value)) for task, kind, value in rows]

    def set_writes_aside(self, entry: StoredCheckpoint, tasks: Set[str], reason: str) -> None:
        """Moves the pending writes of some tasks into the quarantine table."""
        with self.database.transaction() as session:
            session.run(QUARANTINE)
            for task in sorted(tasks):
                self._keep(session, self._writes, entry, reason, task)
                session.changed(
                    f"DELETE FROM {self._writes} WHERE thread_id = ? AND checkpoint_ns = ? "
                    "AND checkpoint_id = ? AND task_id = ?",
                    (entry.thread_id, entry.namespace, entry.checkpoint_id, task),
                )

    def set_aside_count(self, thread_id: str | None = None) -> int:
        """How many rows the quarantine holds."""
        return len(self.list_aside(thread_id))

    def list_aside(self, thread_id: str | None = None) -> list[tuple[str, str, str, str, str]]:
        """The quarantine's rows: thread, namespace, checkpoint, table, reason."""
        with self.database.transaction() as session:
            session.run(QUARANTINE)
            rows = session.run(
                "SELECT thread_id, checkpoint_ns, checkpoint_id, source, reason "
                "FROM checkpoint_quarantine ORDER BY thread_id, checkpoint_id, source"
            )
        return [_five(row) for row in rows if thread_id in (None, row[0])]

    def put_back(self, thread_id: str) -> int:
        """Moves a thread's rows out of the quarantine; returns how many."""
        restored = 0
        with self.database.transaction() as session:
            session.run(QUARANTINE)
            rows = session.run(
                "SELECT checkpoint_ns, checkpoint_id, source, content FROM checkpoint_quarantine "
                "WHERE thread_id = ?",
                (thread_id,),
            )
            for namespace, checkpoint_id, source, content in rows:
                values = {"thread_id": thread_id, "checkpoint_ns": namespace}
                if source != "checkpoint_blobs":  # which belong to the thread
                    values["checkpoint_id"] = checkpoint_id
                kept = {
                    name: None if value is None else base64.b64decode(value)
                    for name, value in json.loads(content).items()
                }
                places = ["?"] * len(values) + [self._restoring(name) for name in kept]
                added = session.changed(
                    f"INSERT INTO {source} ({', '.join([*values, *kept])}) "
                    f"VALUES ({', '.join(places)}) ON CONFLICT DO NOTHING",
                    (*values.values(), *kept.values()),
                )
                if added:
                    restored += 1
                    session.run(
                        "DELETE FROM checkpoint_quarantine WHERE thread_id = ? AND source = ? "
                        "AND checkpoint_ns = ? AND checkpoint_id = ? AND content = ?",
                        (thread_id, source, namespace, checkpoint_id, content),
                    )
        return restored

    def _restoring(self, column: str) -> str:
        """A placeholder that makes a column's value of the bytes in the quarantine."""
        if not self._postgres:
            kinds = {"idx": "INTEGER", "checkpoint": "BLOB", "metadata": "BLOB", "value": "BLOB"}
            return f"CAST(? AS {kinds.get(column, 'TEXT')})"
        if column == "blob":
            return "?"
        kinds = {"idx": "integer", "checkpoint": "jsonb", "metadata": "jsonb"}
        return f"convert_from(?, 'UTF8')::{kinds.get(column, 'text')}"

    def _delete(self, session: Session, table: str, entry: StoredCheckpoint) -> None:
        session.changed(
            f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
            (entry.thread_id, entry.namespace, entry.checkpoint_id),
        )

    def _keep(
        self, session: Session, table: str, entry: StoredCheckpoint, reason: str, task: str = ""
    ) -> None:
        columns = _COLUMNS[table]
        as_bytes = [
            f"convert_to({name}::text, 'UTF8')" if self._postgres else f"CAST({name} AS BLOB)"
            for name in columns
        ]
        if self._postgres and table == self._writes:
            as_bytes[-1] = "blob"
        where, parameters = "", [entry.thread_id, entry.namespace, entry.checkpoint_id]
        if task:
            where = " AND task_id = ?"
            parameters.append(task)
        rows = session.run(
            f"SELECT {', '.join(as_bytes)} FROM {table} "
            f"WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?{where}",
            parameters,
        )
        for row in rows:
            self._store(session, entry, table, reason, columns, row)

    def _store(
        self,
        session: Session,
        entry: StoredCheckpoint,
        source: str,
        reason: str,
        columns: Sequence[str],
        row: tuple[Any, ...],
    ) -> None:
        content = {
            name: None if value is None else base64.b64encode(bytes(value)).decode()
            for name, value in zip(columns, row, strict=True)
        }
        session.run(
            "INSERT INTO checkpoint_quarantine VALUES (?, ?, ?, ?, ?, ?)",
            (
                entry.thread_id,
                entry.namespace,
                entry.checkpoint_id,
                source,
                reason,
                json.dumps(content),
            ),
        )

    def _drop_unused_values(self, session: Session, thread_id: str) -> list[tuple[Any, ...]]:
        if not self._postgres:
            return []
        return session.run(
            """
            DELETE FROM checkpoint_blobs b WHERE b.thread_id = ? AND NOT EXISTS (
                SELECT 1 FROM checkpoints c
                WHERE c.thread_id = b.thread_id AND c.checkpoint_ns = b.checkpoint_ns
                AND c.checkpoint -> 'channel_versions' ->> b.channel = b.version)
            RETURNING convert_to(channel, 'UTF8'), convert_to(version, 'UTF8'),
                convert_to(type, 'UTF8'), blob
            """,
            (thread_id,),
        )


_BLOB_COLUMNS = ("channel", "version", "type", "blob")
_COLUMNS = {
    "checkpoints": ("parent_checkpoint_id", "type", "metadata", "checkpoint"),
    "writes": ("task_id", "task_path", "idx", "channel", "type", "value"),
    "checkpoint_writes": ("task_id", "task_path", "idx", "channel", "type", "blob"),
}


def _five(row: tuple[Any, ...]) -> tuple[str, str, str, str, str]:
    thread, namespace, checkpoint, source, reason = _texts(row)
    return thread, namespace, checkpoint, source, reason


def _texts(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if value is None else str(value) for value in row)
