"""Pruning: keep what a thread needs to continue, and as much of its past as is worth its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer
from agent_patterns.checkpoints.errors import NotPrunable
from agent_patterns.checkpoints.retention import superseded
from agent_patterns.durable.database import SqliteDatabase


@dataclass(frozen=True)
class PruneReport:
    """What was removed.  Sizes are bytes of payload."""

    threads: int
    removed: int
    kept: int
    bytes_before: int
    bytes_after: int


def prune(
    checkpointer: SafeCheckpointer,
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
        checkpointer: An open checkpointer.
        thread_id: One thread; `None` for all.
        keep: How many to keep per namespace, at least 1.
        older_than: How old a checkpoint may get.
        now: The time to count from; default: the clock.
        vacuum: Give the freed pages of a SQLite file back to the file system.

    Raises:
        ValueError: Neither `keep` nor `older_than` is given, or `keep` is less than 1.
        NotPrunable: The one thread asked for has a `DeltaChannel` (beta), whose values are rebuilt
            from older checkpoints.  When all are asked for, such threads are left alone.
    """
    if keep is None and older_than is None:
        raise ValueError("Say what to keep: keep=, older_than=, or both.")
    if keep is not None and keep < 1:
        raise ValueError("keep must be at least 1: a thread needs its newest checkpoint.")
    rows = checkpointer.rows
    before = rows.usage(thread_id).bytes
    threads = rows.threads() if thread_id is None else [thread_id]
    since = None if older_than is None else (now or datetime.now(UTC)) - older_than
    removed = kept = 0
    for thread in threads:
        entries = rows.index(thread)
        doomed = superseded(entries, keep=keep, since=since)
        if rows.builds_on_the_past(thread):
            if thread_id is not None:
                raise NotPrunable(thread)
            doomed = []
        removed += rows.remove(doomed)
        kept += len(entries) - len(doomed)
    if vacuum and isinstance(checkpointer.database, SqliteDatabase):
        checkpointer.database.vacuum()
    return PruneReport(len(threads), removed, kept, before, rows.usage(thread_id).bytes)
