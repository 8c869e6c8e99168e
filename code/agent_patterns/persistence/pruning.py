"""Pruning: keep what a thread needs to go on, and as much of its past as is worth its place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent_patterns.persistence.checkpointer import SafeCheckpointer
from agent_patterns.persistence.database import SqliteDatabase
from agent_patterns.persistence.errors import PersistenceError
from agent_patterns.persistence.storage import StoredCheckpoint, written_at


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
    """Removes old checkpoints of one thread, or of all.

    A checkpoint goes when it is beyond the newest `keep` of its namespace, or written longer ago
    than `older_than`.  The newest of a thread always stays, with its pending writes, so every
    thread can go on.  A subgraph call's checkpoints go with the checkpoints of the parent that
    started it.  Time travel to a removed checkpoint is over.

    Nothing is decoded: age is read from the checkpoint's id.

    Args:
        checkpointer: an open checkpointer.
        thread_id: one thread; `None` for all.
        keep: how many to keep per namespace, at least 1.
        older_than: how old a checkpoint may get.
        now: the time to count from; default: the clock.
        vacuum: give the freed pages of a SQLite file back to the file system.

    Raises:
        ValueError: neither `keep` nor `older_than` is given, or `keep` is less than 1.
        PersistenceError: the one thread asked for has a `DeltaChannel` (beta), whose values are
            rebuilt from older checkpoints. When all are asked for, such threads are left alone.
    """
    if keep is None and older_than is None:
        raise ValueError("Say what to keep: keep=, older_than=, or both.")
    if keep is not None and keep < 1:
        raise ValueError("keep must be at least 1: a thread needs its newest checkpoint.")
    storage = checkpointer.storage
    before = storage.usage(thread_id).bytes
    threads = storage.threads() if thread_id is None else [thread_id]
    limit = None if older_than is None else (now or datetime.now(UTC)) - older_than
    removed = kept = 0
    for thread in threads:
        entries = storage.index(thread)
        if storage.builds_on_the_past(thread):
            if thread_id is not None:
                raise PersistenceError(
                    f"Thread {thread!r} uses a DeltaChannel, which needs its older checkpoints; "
                    "it cannot be pruned."
                )
            kept += len(entries)
            continue
        doomed = _doomed(entries, keep, limit)
        storage.remove(doomed)
        removed += len(doomed)
        kept += len(entries) - len(doomed)
    if vacuum and isinstance(checkpointer.database, SqliteDatabase):
        checkpointer.database.vacuum()
    return PruneReport(len(threads), removed, kept, before, storage.usage(thread_id).bytes)


def _doomed(
    entries: list[StoredCheckpoint], keep: int | None, limit: datetime | None
) -> list[StoredCheckpoint]:
    spaces: dict[str, list[StoredCheckpoint]] = defaultdict(list)
    for entry in entries:  # newest first
        spaces[entry.namespace].append(entry)
    doomed = []
    oldest_kept = ""
    for namespace in sorted(spaces):  # the root, "", comes first
        for position, entry in enumerate(spaces[namespace]):
            beyond = keep is not None and position >= keep
            written = written_at(entry.checkpoint_id)
            expired = limit is not None and written is not None and written < limit
            if position > 0 and (beyond or expired):
                doomed.append(entry)
            elif namespace == "":
                oldest_kept = entry.checkpoint_id
            elif _one_call(namespace) and entry.checkpoint_id < oldest_kept:
                doomed.append(entry)
    return doomed


def _one_call(namespace: str) -> bool:
    """Whether a namespace belongs to one call of a subgraph (`node:task`), not to the subgraph."""
    return ":" in namespace
