"""The stored rows of checkpoints, seen raw: counted, moved and deleted without decoding any.

Damaged rows are still addressed by the very bytes of their keys, and every move says how many rows
it found, so that nothing is reported as set aside that stayed where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent_patterns.durable.database import Database, Session

_DELTA = "counters_since_delta_snapshot"
"""Metadata of checkpoints whose values are rebuilt from older ones (`DeltaChannel`, beta)."""


@dataclass(frozen=True)
class Entry:
    """The index entry of one checkpoint; `key` holds namespace and id as they are stored."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    key: tuple[bytes, bytes] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Usage:
    """What a thread takes: rows, and bytes of payload (not of disk pages or indexes)."""

    checkpoints: int
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
    """Checkpoints in SQLite or PostgreSQL, and the quarantine beside them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self._writes = "checkpoint_writes" if self._postgres else "writes"
        self._tables = ["checkpoints", self._writes, *["checkpoint_blobs"] * self._postgres]
        database.create(
            "checkpoint_quarantine",
            *(
                f"CREATE TABLE IF NOT EXISTS quarantined_{table} AS "
                f"SELECT '' AS reason, {', '.join(_COLUMNS[table])} FROM {table} WHERE 1 = 0"
                for table in self._tables
            ),
        )

    def threads(self) -> list[str]:
        """Return every thread that has a checkpoint."""
        rows = self._run("SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id")
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

    def usage(self, thread_id: str | None = None) -> Usage:
        """Return what one thread, or all of them, take."""
        where, given = ("", ()) if thread_id is None else (" WHERE thread_id = ?", (thread_id,))
        checkpoints = size = 0
        for table in self._tables:
            held = [
                f"octet_length({name}::text)" if self._postgres else f"length({name})"
                for name in _COLUMNS[table]
                if name in ("checkpoint", "metadata", "value")
            ] or ["length(blob)"]
            ((count, taken),) = self._run(
                f"SELECT count(*), coalesce(sum({' + '.join(held)}), 0) FROM {table}{where}", given
            )
            checkpoints += int(count) * (table == "checkpoints")
            size += int(taken)
        return Usage(checkpoints, size)

    def builds_on_the_past(self, thread_id: str) -> bool:
        """Tell whether newer checkpoints of a thread need older ones."""
        found = f"CAST(metadata AS TEXT) LIKE '%{_DELTA}%'"
        sql = f"SELECT 1 FROM checkpoints WHERE thread_id = ? AND {found} LIMIT 1"
        return bool(self._run(sql, (thread_id,)))

    def remove(self, entries: Iterable[Entry]) -> int:
        """Delete checkpoints, their writes, and values that no checkpoint uses any more.

        Returns:
            How many checkpoints there were.
        """
        entries, removed = list(entries), 0
        with self.database.transaction() as session:
            for entry in entries:
                where, key = self._at(entry)
                removed += session.changed(f"DELETE FROM checkpoints WHERE {where}", key)
                session.changed(f"DELETE FROM {self._writes} WHERE {where}", key)
            for thread_id in {entry.thread_id for entry in entries} if self._postgres else ():
                session.changed(f"DELETE FROM checkpoint_blobs WHERE {_UNUSED}", (thread_id,))
        return removed

    def set_aside(self, entry: Entry, reason: str) -> int:
        """Move a damaged checkpoint, raw as it is, into the quarantine.

        Returns:
            How many checkpoints were moved: 1, or 0 if it is not there.
        """
        with self.database.transaction() as session:
            where, key = self._at(entry)
            moved = self._move(session, "checkpoints", reason, where, key)
            self._move(session, self._writes, reason, where, key)
            if self._postgres:
                self._move(session, "checkpoint_blobs", reason, _UNUSED, (entry.thread_id,))
        return moved

    def set_writes_aside(self, entry: Entry, tasks: Iterable[str] | None, reason: str) -> int:
        """Move the pending writes of some tasks, or of all (`None`), into the quarantine.

        Returns:
            How many writes were moved.
        """
        where, key = self._at(entry)
        with self.database.transaction() as session:
            if tasks is None:
                return self._move(session, self._writes, reason, where, key)
            its = f"{where} AND task_id = ?"
            return sum(
                self._move(session, self._writes, reason, its, (*key, task))
                for task in sorted(tasks)
            )

    def aside(self, thread_id: str | None = None) -> tuple[Quarantined, ...]:
        """Return what is set aside, of one thread or of all, in the order of the checkpoints."""
        found = [
            Quarantined(*row)
            for table in self._tables
            for row in self._run(
                f"SELECT thread_id, checkpoint_ns, {_CHECKPOINT[table]}, '{table}' AS source, "
                f"reason FROM quarantined_{table}"
            )
        ]
        kept = [row for row in found if thread_id in (None, row.thread_id)]
        return tuple(sorted(kept, key=lambda row: (row.thread_id, row.checkpoint_id, row.source)))

    def put_back(self, thread_id: str) -> int:
        """Move a thread's rows out of the quarantine; return how many.

        For rows that were repaired, or set aside by mistake.  A row whose place is taken stays.
        """
        restored = 0
        with self.database.transaction() as session:
            for table in self._tables:
                columns, place = ", ".join(_COLUMNS[table]), f"quarantined_{table}"
                same = " AND ".join(f"t.{name} = {place}.{name}" for name in _KEYS[table])
                free = f"thread_id = ? AND NOT EXISTS (SELECT 1 FROM {table} t WHERE {same})"
                session.changed(f"UPDATE {place} SET reason = '' WHERE {free}", (thread_id,))
                marked = f"FROM {place} WHERE thread_id = ? AND reason = ''"
                session.changed(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} {marked}", (thread_id,)
                )
                restored += session.changed(f"DELETE {marked}", (thread_id,))
        return restored

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self.database.transact(lambda session: session.run(sql, parameters), repeatable=True)

    def _entries(self, where: str, parameters: Sequence[Any]) -> list[Entry]:
        raw = "convert_to({}, 'UTF8')" if self._postgres else "CAST({} AS BLOB)"
        key = ", ".join(f"{raw.format(name)} AS {name}" for name in _KEY[1:])
        # Compared as bytes in both: the newest id is the newest checkpoint.
        newest = 'checkpoint_id COLLATE "C"' if self._postgres else "checkpoints.checkpoint_id"
        rows = self._run(
            f"SELECT thread_id, {key} FROM checkpoints WHERE {where} ORDER BY {newest} DESC",
            parameters,
        )
        found = []
        for thread_id, *stored in rows:
            namespace, checkpoint_id = (bytes(part or b"") for part in stored)
            texts = (namespace.decode("utf-8", "replace"), checkpoint_id.decode("utf-8", "replace"))
            found.append(Entry(str(thread_id), *texts, key=(namespace, checkpoint_id)))
        return found

    def _at(self, entry: Entry) -> tuple[str, tuple[Any, ...]]:
        """Return a condition for a checkpoint's rows, damaged keys included."""
        if self._postgres:
            where = "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
            return where, (entry.thread_id, *(part.decode() for part in entry.key))
        same = " AND ".join(f"CAST({name} AS BLOB) = ?" for name in _KEY[1:])
        return f"thread_id = ? AND {same}", (entry.thread_id, *entry.key)

    @staticmethod
    def _move(
        session: Session, table: str, reason: str, where: str, parameters: Sequence[Any]
    ) -> int:
        columns = ", ".join(_COLUMNS[table])
        kept = session.changed(
            f"INSERT INTO quarantined_{table} (reason, {columns}) "
            f"SELECT ?, {columns} FROM {table} WHERE {where}",
            (reason, *parameters),
        )
        deleted = session.changed(f"DELETE FROM {table} WHERE {where}", parameters)
        if deleted != kept:  # rolls back
            raise AssertionError(f"{kept} rows of {table} kept, {deleted} deleted")
        return deleted


_UNUSED = """thread_id = ? AND NOT EXISTS (
    SELECT 1 FROM checkpoints c WHERE c.thread_id = checkpoint_blobs.thread_id
    AND c.checkpoint_ns = checkpoint_blobs.checkpoint_ns
    AND c.checkpoint -> 'channel_versions' ->> channel = version)"""
_KEY = ("thread_id", "checkpoint_ns", "checkpoint_id")
_KEYS = {
    "checkpoints": _KEY,
    "writes": (*_KEY, "task_id", "idx"),
    "checkpoint_writes": (*_KEY, "task_id", "idx"),
    "checkpoint_blobs": (*_KEY[:2], "channel", "version"),
}
_CHECKPOINT = dict.fromkeys(_KEYS, "checkpoint_id") | {"checkpoint_blobs": "'' AS checkpoint_id"}
_COLUMNS = {
    "checkpoints": (
        *_KEYS["checkpoints"],
        "parent_checkpoint_id",
        "type",
        "metadata",
        "checkpoint",
    ),
    "writes": (*_KEYS["writes"], "task_path", "channel", "type", "value"),
    "checkpoint_writes": (*_KEYS["writes"], "task_path", "channel", "type", "blob"),
    "checkpoint_blobs": (*_KEYS["checkpoint_blobs"], "type", "blob"),
}
