"""What a backend stores for a thread, row by row, without decoding any of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class StoredCheckpoint:
    """The index entry of one checkpoint."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    parent_id: str | None


@dataclass(frozen=True)
class Usage:
    """What a thread takes: rows and bytes of payload (not of disk pages or indexes)."""

    checkpoints: int
    writes: int
    bytes: int


class Storage(Protocol):
    """Raw access to the checkpoints of one backend."""

    def threads(self) -> list[str]:
        """Every thread that has a checkpoint."""
        ...

    def index(self, thread_id: str) -> list[StoredCheckpoint]:
        """The thread's checkpoints, newest first."""
        ...

    def usage(self, thread_id: str | None = None) -> Usage:
        """What one thread, or all of them, take."""
        ...

    def builds_on_the_past(self, thread_id: str) -> bool:
        """Whether newer checkpoints need older ones (a `DeltaChannel`, beta)."""
        ...

    def remove(self, entries: Sequence[StoredCheckpoint]) -> None:
        """Deletes checkpoints, their writes, and values that no checkpoint uses any more."""
        ...

    def set_aside(self, entry: StoredCheckpoint, reason: str) -> None:
        """Moves a damaged checkpoint into the quarantine table."""
        ...

    def pending(self, entry: StoredCheckpoint) -> list[tuple[str, str, bytes]]:
        """The checkpoint's pending writes as stored: task id, type, bytes."""
        ...

    def set_writes_aside(self, entry: StoredCheckpoint, tasks: Set[str], reason: str) -> None:
        """Moves the pending writes of some tasks into the quarantine table."""
        ...

    def set_aside_count(self, thread_id: str | None = None) -> int:
        """How many rows the quarantine holds."""
        ...

    def list_aside(self, thread_id: str | None = None) -> list[tuple[str, str, str, str, str]]:
        """The quarantine's rows: thread, namespace, checkpoint, table, reason."""
        ...

    def put_back(self, thread_id: str) -> int:
        """Moves a thread's rows out of the quarantine; returns how many."""
        ...


def written_at(checkpoint_id: str) -> datetime | None:
    """When a checkpoint was written, read from its id (a version 6 UUID, RFC 9562)."""
    try:
        identifier = uuid.UUID(checkpoint_id)
    except ValueError:
        return None
    if identifier.version != 6:
        return None
    ticks = (identifier.int >> 80 << 12) | (identifier.int >> 64 & 0x0FFF)
    return datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=ticks / 10)


DELTA = "counters_since_delta_snapshot"
"""Metadata of checkpoints whose values are rebuilt from older ones."""
