"""The stored rows of checkpoints, seen raw: counted, pruned and moved without decoding any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from agent_patterns.checkpoints.errors import NotPrunable
from agent_patterns.durable.database import Database, Session, transacted

_TABLES = {
    "sqlite": ("checkpoints", "writes"),
    "postgresql": ("checkpoints", "checkpoint_writes", "checkpoint_blobs"),
}
"""LangGraph's tables: checkpoints, writes, and PostgreSQL's values."""
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


class Rows:
    """Checkpoints in SQLite or PostgreSQL, and the quarantine beside them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = database.dialect == "postgresql"
        self.tables = _TABLES[database.dialect]
        _, self._writes, *self._values = self.tables
        empty = "CREATE TABLE IF NOT EXISTS quarantined_{0} AS SELECT '' AS reason, t.* FROM {0} t "
        quarantines = (f"{empty.format(table)} WHERE 1 = 0" for table in self.tables)
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
    def aside(self, session: Session) -> list[Any]:
        """Return what is set aside: its place, its table (`source`) and the `reason` for it."""
        held = []
        for table in self.tables:
            which = "''" if table in self._values else "checkpoint_id"  # a value has several
            held.append(
                f"SELECT thread_id, {which} AS checkpoint_id, '{table}' AS source, "
                f"checkpoint_ns AS namespace, reason FROM quarantined_{table}"
            )
        return session.run(" UNION ALL ".join(held) + " ORDER BY 1, 2, 3, 4")

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
        kept = -1
        if reason is not None:
            copied = f"SELECT ?, {table}.* FROM {table} WHERE {where}"
            kept = session.changed(f"INSERT INTO quarantined_{table} {copied}", (reason, *given))
        deleted = session.changed(f"DELETE FROM {table} WHERE {where}", given)
        if kept not in (-1, deleted):  # rolls back
            raise AssertionError(f"{kept} rows of {table} kept, {deleted} deleted")
        return deleted


class PruneReport(NamedTuple):
    """A count of the checkpoints that were removed from so many threads, and of those kept."""

    threads: int
    removed: int
    kept: int


def prune(checkpointer: Any, thread_id: str | None = None, *, keep: int) -> PruneReport:
    """Remove all but the newest `keep` (at least 1) checkpoints of one thread, or of all.

    Each namespace keeps as many.  The newest of a thread stays with its pending writes, so every
    thread can continue.  Time travel to a removed checkpoint is over.  Nothing is decoded.

    Raises:
        NotPrunable: The one thread asked for has a `DeltaChannel` (beta), whose values are rebuilt
            from those to be removed.  When all are asked for, such threads are left alone.
    """
    if keep < 1:
        raise ValueError("keep must be at least 1: a thread needs its newest checkpoint.")
    rows = checkpointer.rows
    threads = rows.threads() if thread_id is None else [thread_id]
    removed = kept = 0
    for thread in threads:
        entries, gone = rows.index(thread), 0
        try:
            gone = rows.remove(superseded(entries, keep))
        except NotPrunable:
            if thread_id is not None:
                raise
        removed, kept = removed + gone, kept + len(entries) - gone
    return PruneReport(len(threads), removed, kept)


def superseded(entries: Sequence[Entry], keep: int) -> list[Entry]:
    """Return a thread's checkpoints that are too many; a subgraph call's go with its parent's."""
    doomed, oldest_kept = [], ""
    by_namespace = sorted(entries, key=lambda entry: entry.namespace)  # the root, "", comes first
    for namespace, its in groupby(by_namespace, lambda entry: entry.namespace):
        for position, entry in enumerate(its):
            if position >= keep:
                doomed.append(entry)
            elif namespace == "":
                oldest_kept = entry.checkpoint_id
            elif ":" in namespace and entry.checkpoint_id < oldest_kept:  # one call: `node:task`
                doomed.append(entry)
    return doomed
