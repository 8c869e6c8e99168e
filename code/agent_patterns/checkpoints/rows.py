"""The stored rows of checkpoints, seen raw: counted, moved and deleted without decoding any.

Damaged rows are still addressed by the very bytes of their keys, and every move says how many rows
it found, so that nothing is reported as set aside that stayed where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from agent_patterns.durable.database import Database, Session, transacted

_SIZES = {
    "sqlite": {
        "checkpoints": "length(checkpoint) + length(metadata)",
        "writes": "length(value)",
    },
    "postgresql": {
        "checkpoints": "octet_length(checkpoint::text) + octet_length(metadata::text)",
        "checkpoint_writes": "length(blob)",
        "checkpoint_blobs": "length(blob)",
    },
}
"""LangGraph's tables: checkpoints, writes, and PostgreSQL's values; bytes of payload of a row."""
_UNUSED = """thread_id = ? AND NOT EXISTS (
    SELECT 1 FROM checkpoints c WHERE c.thread_id = checkpoint_blobs.thread_id
    AND c.checkpoint_ns = checkpoint_blobs.checkpoint_ns
    AND c.checkpoint -> 'channel_versions' ->> channel = version)"""


class Entry(NamedTuple):
    """The index entry of one checkpoint; `key` holds namespace and id as they are stored."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    key: tuple[bytes, bytes]


class Usage(NamedTuple):
    """The size of a thread: rows, and bytes of payload (not of disk pages or indexes)."""

    checkpoints: int
    bytes: int


class Quarantined(NamedTuple):
    """A row that was set aside: the table it comes from, and why."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    source: str
    reason: str


class Rows:
    """Checkpoints in SQLite or PostgreSQL, and the quarantine beside them."""

    def __init__(self, database: Database, *, create: bool = True) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self._sizes = _SIZES[database.dialect]
        _, self._writes, *self._values = self._sizes
        quarantines = (
            f"CREATE TABLE IF NOT EXISTS quarantined_{table} AS "
            f"SELECT '' AS reason, t.* FROM {table} t WHERE 1 = 0"
            for table in self._sizes
        )
        if create:
            database.create("checkpoint_quarantine", *quarantines)

    @transacted
    def threads(self, session: Session) -> list[str]:
        """Return every thread that has a checkpoint."""
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

    @transacted
    def usage(self, session: Session, thread_id: str | None = None) -> Usage:
        """Return what one thread, or all of them, take."""
        where, given = ("", ()) if thread_id is None else (" WHERE thread_id = ?", (thread_id,))
        checkpoints = size = 0
        for table, payload in self._sizes.items():
            ((count, taken),) = session.run(
                f"SELECT count(*), coalesce(sum({payload}), 0) FROM {table}{where}", given
            )
            checkpoints += int(count) * (table == "checkpoints")
            size += int(taken)
        return Usage(checkpoints, size)

    @transacted
    def builds_on_the_past(self, session: Session, thread_id: str) -> bool:
        """Tell whether newer checkpoints of a thread need older ones (`DeltaChannel`, beta)."""
        found = "CAST(metadata AS TEXT) LIKE '%counters_since_delta_snapshot%'"
        sql = f"SELECT 1 FROM checkpoints WHERE thread_id = ? AND {found} LIMIT 1"
        return bool(session.run(sql, (thread_id,)))

    @transacted
    def remove(self, session: Session, entries: Iterable[Entry]) -> int:
        """Delete checkpoints with all that only they need; return how many there were."""
        removed = 0
        threads = set()
        for entry in entries:
            where, key = self._at(entry)
            removed += session.changed(f"DELETE FROM checkpoints WHERE {where}", key)
            session.changed(f"DELETE FROM {self._writes} WHERE {where}", key)
            threads.add((entry.thread_id,))
        for values in self._values:
            for thread in threads:
                session.changed(f"DELETE FROM {values} WHERE {_UNUSED}", thread)
        return removed

    @transacted
    def set_aside(self, session: Session, entry: Entry, reason: str) -> int:
        """Move a checkpoint, raw as it is, into the quarantine; return 1, or 0 if it is gone."""
        where, key = self._at(entry)
        moved = self._move(session, "checkpoints", reason, where, key)
        self._move(session, self._writes, reason, where, key)
        for values in self._values:
            self._move(session, values, reason, _UNUSED, (entry.thread_id,))
        return moved

    @transacted
    def set_writes_aside(
        self, session: Session, entry: Entry, tasks: Iterable[str] | None, reason: str
    ) -> int:
        """Move the writes of some tasks, or of all (`None`), aside; return how many there were."""
        where, key = self._at(entry)
        if tasks is None:
            return self._move(session, self._writes, reason, where, key)
        its = f"{where} AND task_id = ?"
        return sum(
            self._move(session, self._writes, reason, its, (*key, task)) for task in sorted(tasks)
        )

    @transacted
    def aside(self, session: Session, thread_id: str | None = None) -> tuple[Quarantined, ...]:
        """Return what is set aside, of one thread or of all, in the order of the checkpoints."""
        found: list[Any] = []
        for table in self._sizes:
            which = "''" if table in self._values else "checkpoint_id"  # a value has several
            found += session.run(
                f"SELECT thread_id, checkpoint_ns, {which} AS checkpoint_id, '{table}' AS source, "
                f"reason FROM quarantined_{table}"
            )
        kept = [Quarantined(*row) for row in found if thread_id in (None, row.thread_id)]
        return tuple(sorted(kept, key=lambda row: (row.thread_id, row.checkpoint_id, row.source)))

    @transacted
    def put_back(self, session: Session, thread_id: str) -> int:
        """Move a thread's rows out of the quarantine; return how many.

        For rows that were repaired, or set aside by mistake.  A row whose place is taken stays.
        """
        restored = 0
        row, at = ("ctid::text", "ctid = ?::tid") if self._postgres else ("rowid", "rowid = ?")
        for table in self._sizes:
            columns, held = self._columns(session, table), f"quarantined_{table}"
            back = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {held} WHERE {at}"
            for place in session.run(f"SELECT {row} FROM {held} WHERE thread_id = ?", (thread_id,)):
                if session.changed(f"{back} ON CONFLICT DO NOTHING", place):
                    restored += session.changed(f"DELETE FROM {held} WHERE {at}", place)
        return restored

    @transacted
    def _entries(self, session: Session, where: str, parameters: Sequence[Any]) -> list[Entry]:
        raw = "convert_to({0}, 'UTF8') AS {0}" if self._postgres else "CAST({0} AS BLOB) AS {0}"
        key = ", ".join(raw.format(name) for name in ("checkpoint_ns", "checkpoint_id"))
        # Compared as bytes in both: the newest id is the newest checkpoint.
        newest = 'checkpoint_id COLLATE "C"' if self._postgres else "checkpoint_id"
        found = []
        for thread_id, *stored in session.run(
            f"SELECT thread_id, {key} FROM checkpoints WHERE {where} ORDER BY {newest} DESC",
            parameters,
        ):
            namespace, checkpoint_id = (bytes(part or b"") for part in stored)
            names = (part.decode("utf-8", "replace") for part in (namespace, checkpoint_id))
            found.append(
                Entry(str(thread_id), next(names), next(names), (namespace, checkpoint_id))
            )
        return found

    def _at(self, entry: Entry) -> tuple[str, tuple[Any, ...]]:
        """Return a condition for a checkpoint's rows, damaged keys included."""
        key: tuple[Any, ...] = entry.key
        same = "thread_id = ? AND CAST(checkpoint_ns AS {0}) = ? AND CAST(checkpoint_id AS {0}) = ?"
        if self._postgres:
            key = tuple(part.decode() for part in entry.key)
        return same.format("TEXT" if self._postgres else "BLOB"), (entry.thread_id, *key)

    def _move(
        self, session: Session, table: str, reason: str, where: str, parameters: Sequence[Any]
    ) -> int:
        columns = self._columns(session, table)
        kept = session.changed(
            f"INSERT INTO quarantined_{table} (reason, {columns}) "
            f"SELECT ?, {columns} FROM {table} WHERE {where}",
            (reason, *parameters),
        )
        deleted = session.changed(f"DELETE FROM {table} WHERE {where}", parameters)
        if deleted != kept:  # rolls back
            raise AssertionError(f"{kept} rows of {table} kept, {deleted} deleted")
        return deleted

    @staticmethod
    def _columns(session: Session, table: str) -> str:
        cursor = session.execute(f"SELECT * FROM quarantined_{table} WHERE 1 = 0", ())
        return ", ".join(column[0] for column in cursor.description if column[0] != "reason")
