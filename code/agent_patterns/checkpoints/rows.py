"""The stored rows of checkpoints, seen raw: counted, pruned and moved without decoding any.

Damaged rows are still addressed by the very bytes of their keys, and every move says how many rows
it found, so that nothing is reported as set aside that stayed where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from langgraph.checkpoint.base.id import UUID

from agent_patterns.checkpoints.errors import NotPrunable
from agent_patterns.durable.database import Database, Session, transacted

_SIZES = {
    "sqlite": {"checkpoints": "length(checkpoint) + length(metadata)", "writes": "length(value)"},
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
_REBUILT = """SELECT 1 FROM checkpoints
    WHERE thread_id = ? AND CAST(metadata AS TEXT) LIKE '%counters_since_delta_snapshot%' LIMIT 1"""


class Entry(NamedTuple):
    """The index entry of one checkpoint; `key` holds namespace and id as they are stored."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    key: tuple[bytes, ...]


class Usage(NamedTuple):
    """The size of a thread: rows, and bytes of payload (not of disk pages or indexes)."""

    checkpoints: int
    bytes: int


class Rows:
    """Checkpoints in SQLite or PostgreSQL, and the quarantine beside them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self._sizes = _SIZES[database.dialect]
        _, self._writes, *self._values = self._sizes
        empty = "CREATE TABLE IF NOT EXISTS quarantined_{0} AS SELECT '' AS reason, t.* FROM {0} t "
        quarantines = (f"{empty.format(table)} WHERE 1 = 0" for table in self._sizes)
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
        run_id, text = "metadata ->> 'run_id'", "CAST(metadata AS TEXT)"
        if not self._postgres:  # where damaged metadata may be no JSON
            run_id = f"CASE WHEN json_valid({text}) THEN json_extract({text}, '$.run_id') END"
        places = ", ".join("?" * len(run_ids))
        return self._entries(f"{run_id} IN ({places})", run_ids) if run_ids else []

    @transacted
    def usage(self, session: Session, thread_id: str | None = None) -> Usage:
        """Return what one thread, or all of them, take."""
        where, given = ("", ()) if thread_id is None else (" WHERE thread_id = ?", (thread_id,))
        taken = [
            session.run(f"SELECT count(*), coalesce(sum({size}), 0) FROM {table}{where}", given)[0]
            for table, size in self._sizes.items()
        ]
        return Usage(taken[0][0], sum(int(size) for _, size in taken))

    @transacted
    def remove(self, session: Session, entries: Sequence[Entry], reason: str | None = None) -> int:
        """Delete checkpoints with all that only they need; return how many there were.

        With a `reason` they are set aside: moved, raw as they are, into the quarantine.

        Raises:
            NotPrunable: Others of a thread are rebuilt from those to be deleted; nothing is.
        """
        threads = {entry.thread_id for entry in entries}
        for thread in threads if reason is None else ():
            if session.run(_REBUILT, (thread,)):
                raise NotPrunable(thread)
        removed = 0
        for entry in entries:
            where, key = self._at(entry)
            removed += self._take(session, "checkpoints", where, key, reason)
            self._take(session, self._writes, where, key, reason)
        for values in self._values:
            for thread in threads:
                self._take(session, values, _UNUSED, (thread,), reason)
        return removed

    def set_aside(self, entry: Entry, reason: str) -> int:
        """Move a checkpoint into the quarantine; return 1, or 0 if it is gone."""
        return self.remove([entry], reason)

    @transacted
    def set_writes_aside(
        self, session: Session, entry: Entry, tasks: Iterable[str] | None, reason: str
    ) -> int:
        """Move the writes of some tasks, or of all (`None`), aside; return how many there were."""
        where, key = self._at(entry)
        its = [(f"{where} AND task_id = ?", (*key, task)) for task in sorted(tasks or ())]
        whose = its if tasks is not None else [(where, key)]
        return sum(self._take(session, self._writes, *which, reason) for which in whose)

    @transacted
    def aside(self, session: Session, thread_id: str | None = None) -> tuple[Any, ...]:
        """Return what is set aside, of one thread or of all, in the order of the checkpoints.

        Each has `thread_id`, `checkpoint_id`, `namespace`, the `reason`, and its table: `source`.
        """
        found: list[Any] = []
        for table in self._sizes:
            which = "''" if table in self._values else "checkpoint_id"  # a value has several
            found += session.run(
                f"SELECT thread_id, {which} AS checkpoint_id, '{table}' AS source, "
                f"checkpoint_ns AS namespace, reason FROM quarantined_{table}"
            )
        return tuple(sorted(row for row in found if thread_id in (None, row.thread_id)))

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
        keys = ", ".join(raw.format(name) for name in ("checkpoint_ns", "checkpoint_id"))
        found = []
        for thread_id, *stored in session.run(
            f"SELECT thread_id, {keys} FROM checkpoints WHERE {where}", parameters
        ):
            key = tuple(bytes(part or b"") for part in stored)
            namespace, checkpoint_id = (part.decode("utf-8", "replace") for part in key)
            found.append(Entry(str(thread_id), namespace, checkpoint_id, key))
        return sorted(found, key=lambda entry: entry.key[1], reverse=True)  # the newest id first

    def _at(self, entry: Entry) -> tuple[str, tuple[Any, ...]]:
        """Return a condition for a checkpoint's rows, damaged keys included."""
        if self._postgres:
            return "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?", entry[:3]
        its = "CAST(checkpoint_ns AS BLOB) = ? AND CAST(checkpoint_id AS BLOB) = ?"
        return f"thread_id = ? AND {its}", (entry.thread_id, *entry.key)

    def _take(
        self, session: Session, table: str, where: str, given: Sequence[Any], reason: str | None
    ) -> int:
        """Delete rows, which the quarantine keeps if there is a reason; return how many."""
        kept = None
        if reason is not None:
            columns = self._columns(session, table)
            kept = session.changed(
                f"INSERT INTO quarantined_{table} (reason, {columns}) "
                f"SELECT ?, {columns} FROM {table} WHERE {where}",
                (reason, *given),
            )
        deleted = session.changed(f"DELETE FROM {table} WHERE {where}", given)
        if kept not in (None, deleted):  # rolls back
            raise AssertionError(f"{kept} rows of {table} kept, {deleted} deleted")
        return deleted

    @staticmethod
    def _columns(session: Session, table: str) -> str:
        cursor = session.execute(f"SELECT * FROM quarantined_{table} WHERE 1 = 0", ())
        return ", ".join(column[0] for column in cursor.description if column[0] != "reason")


class PruneReport(NamedTuple):
    """A count of what was removed; sizes are bytes of payload."""

    threads: int
    removed: int
    kept: int
    bytes_before: int
    bytes_after: int


def prune(
    checkpointer: Any,
    thread_id: str | None = None,
    *,
    keep: int | None = None,
    older_than: timedelta | None = None,
    now: datetime | None = None,
    vacuum: bool = False,
) -> PruneReport:
    """Remove old checkpoints of one thread, or of all.

    A checkpoint goes when it is beyond the newest `keep` of its namespace (at least 1), or written
    longer ago than `older_than`, counted from `now` (default: the clock).  The newest of a thread
    always stays, with its pending writes, so every thread can continue.  Time travel to a removed
    checkpoint is over.  Nothing is decoded.  With `vacuum`, the freed pages of a SQLite file go
    back to the file system.

    Raises:
        NotPrunable: The one thread asked for has a `DeltaChannel` (beta), whose values are rebuilt
            from those to be removed.  When all are asked for, such threads are left alone.
    """
    if keep is None and older_than is None:
        raise ValueError("Say what to keep: keep=, older_than=, or both.")
    if keep is not None and keep < 1:
        raise ValueError("keep must be at least 1: a thread needs its newest checkpoint.")
    rows = checkpointer.rows
    threads = rows.threads() if thread_id is None else [thread_id]
    since = None if older_than is None else (now or datetime.now(UTC)) - older_than
    before, removed = rows.usage(thread_id), 0
    for thread in threads:
        try:
            removed += rows.remove(superseded(rows.index(thread), keep=keep, since=since))
        except NotPrunable:
            if thread_id is not None:
                raise
    if vacuum and checkpointer.database.dialect == "sqlite":
        checkpointer.database.vacuum()
    kept, after = before.checkpoints - removed, rows.usage(thread_id)
    return PruneReport(len(threads), removed, kept, before.bytes, after.bytes)


def superseded(entries: Sequence[Entry], keep: int | None, since: datetime | None) -> list[Entry]:
    """Return the checkpoints, of a thread's newest first, that are too many or too old.

    The newest of each namespace stays.  A subgraph call's go with the parent's that started it.
    """
    doomed, oldest_kept = [], ""
    by_namespace = sorted(entries, key=lambda entry: entry.namespace)  # the root, "", comes first
    for namespace, its in groupby(by_namespace, lambda entry: entry.namespace):
        for position, entry in enumerate(its):
            beyond = keep is not None and position >= keep
            expired = since is not None and (written_at(entry.checkpoint_id) or since) < since
            if position > 0 and (beyond or expired):
                doomed.append(entry)
            elif namespace == "":
                oldest_kept = entry.checkpoint_id
            elif ":" in namespace and entry.checkpoint_id < oldest_kept:  # one call: `node:task`
                doomed.append(entry)
    return doomed


def written_at(checkpoint_id: str) -> datetime | None:
    """Return when a checkpoint was written, from its id (a version 6 UUID, RFC 9562)."""
    with suppress(ValueError):
        if (name := UUID(checkpoint_id)).version == 6:
            return datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=name.time / 10)
    return None
