"""Pruning: keep what a thread needs to continue, and as much of its past as is worth its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from langgraph.checkpoint.base.id import UUID

from agent_patterns.checkpoints.errors import NotPrunable
from agent_patterns.checkpoints.rows import Entry
from agent_patterns.durable.database import SqliteDatabase


@dataclass(frozen=True)
class PruneReport:
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

    A checkpoint goes when it is beyond the newest `keep` of its namespace, or written longer ago
    than `older_than`.  The newest of a thread always stays, with its pending writes, so every
    thread can continue.  Time travel to a removed checkpoint is over.  Nothing is decoded.

    Args:
        checkpointer: A `SafeCheckpointer`.
        thread_id: One thread; `None` for all.
        keep: How many to keep per namespace, at least 1.
        older_than: How old a checkpoint may get.
        now: The time to count from; default: the clock.
        vacuum: Give the freed pages of a SQLite file back to the file system.

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
    if vacuum and isinstance(checkpointer.database, SqliteDatabase):
        checkpointer.database.vacuum()
    kept, after = before.checkpoints - removed, rows.usage(thread_id)
    return PruneReport(len(threads), removed, kept, before.bytes, after.bytes)


def superseded(
    entries: Sequence[Entry], *, keep: int | None = None, since: datetime | None = None
) -> list[Entry]:
    """Return the checkpoints, of a thread's newest first, that are too many or too old.

    The newest of each namespace stays.  A subgraph call's go with the parent's that started it.
    """
    doomed = []
    oldest_kept = ""
    by_namespace = sorted(entries, key=lambda entry: entry.namespace)  # the root, "", comes first
    for namespace, its in groupby(by_namespace, lambda entry: entry.namespace):
        for position, entry in enumerate(its):
            beyond = keep is not None and position >= keep
            written = written_at(entry.checkpoint_id)
            expired = since is not None and written is not None and written < since
            if position > 0 and (beyond or expired):
                doomed.append(entry)
            elif namespace == "":
                oldest_kept = entry.checkpoint_id
            elif ":" in namespace and entry.checkpoint_id < oldest_kept:  # one call: `node:task`
                doomed.append(entry)
    return doomed


def written_at(checkpoint_id: str) -> datetime | None:
    """Return when a checkpoint was written, from its id (a version 6 UUID, RFC 9562)."""
    try:
        identifier = UUID(checkpoint_id)
    except ValueError:
        return None
    if identifier.version != 6:
        return None
    return datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=identifier.time / 10)
