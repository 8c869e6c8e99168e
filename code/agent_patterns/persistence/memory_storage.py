"""What LangGraph's `InMemorySaver` stores for a thread."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.persistence.storage import DELTA, StoredCheckpoint, Usage


class MemoryStorage:
    """Checkpoints in LangGraph's `InMemorySaver`."""

    def __init__(self, saver: InMemorySaver) -> None:
        self._saver = saver
        self.quarantine: list[_Aside] = []

    def threads(self) -> list[str]:
        """Every thread that has a checkpoint."""
        return sorted(
            thread for thread, spaces in self._saver.storage.items() if any(spaces.values())
        )

    def index(self, thread_id: str) -> list[StoredCheckpoint]:
        """The thread's checkpoints, newest first."""
        found = [
            StoredCheckpoint(thread_id, namespace, checkpoint_id, saved[2])
            for namespace, entries in self._saver.storage.get(thread_id, {}).items()
            for checkpoint_id, saved in entries.items()
        ]
        return sorted(found, key=lambda entry: entry.checkpoint_id, reverse=True)

    def usage(self, thread_id: str | None = None) -> Usage:
        """What one thread, or all of them, take."""
        threads = self.threads() if thread_id is None else [thread_id]
        entries = [entry for thread in threads for entry in self.index(thread)]
        size = sum(
            len(part[1])
            for entry in entries
            for part in self._saver.storage[entry.thread_id][entry.namespace][entry.checkpoint_id][
                :2
            ]
        )
        writes = 0
        for (thread, _, _), saved in self._saver.writes.items():
            if thread in threads:
                writes += len(saved)
                size += sum(len(value[2][1]) for value in saved.values())
        size += sum(len(value[1]) for key, value in self._saver.blobs.items() if key[0] in threads)
        return Usage(len(entries), writes, size)

    def builds_on_the_past(self, thread_id: str) -> bool:
        """Whether newer checkpoints need older ones (a `DeltaChannel`, beta)."""
        return any(
            DELTA.encode()
            in self._saver.storage[thread_id][entry.namespace][entry.checkpoint_id][1][1]
            for entry in self.index(thread_id)
        )

    def remove(self, entries: Sequence[StoredCheckpoint]) -> None:
        """Deletes checkpoints, their writes, and values that no checkpoint uses any more."""
        for entry in entries:
            key = (entry.thread_id, entry.namespace, entry.checkpoint_id)
            self._saver.storage[entry.thread_id][entry.namespace].pop(entry.checkpoint_id, None)
            self._saver.writes.pop(key, None)
        for thread_id in {entry.thread_id for entry in entries}:
            self._drop_unused_values(thread_id)

    def set_aside(self, entry: StoredCheckpoint, reason: str) -> None:
        """Moves a damaged checkpoint into `quarantine`."""
        saver = self._saver
        saved = saver.storage[entry.thread_id][entry.namespace].get(entry.checkpoint_id)
        writes = saver.writes.get(_key(entry), {})
        values = dict(saver.blobs)
        self.remove([entry])
        gone = {key: value for key, value in values.items() if key not in saver.blobs}
        self.quarantine.append(_Aside(entry, reason, saved, dict(writes), gone))

    def pending(self, entry: StoredCheckpoint) -> list[tuple[str, str, bytes]]:
        """The checkpoint's pending writes as stored: task id, type, bytes."""
        saved = self._saver.writes.get(_key(entry), {})
        return [(value[0], *value[2]) for value in saved.values()]

    def set_writes_aside(self, entry: StoredCheckpoint, tasks: Set[str], reason: str) -> None:
        """Moves the pending writes of some tasks into `quarantine`."""
        saved = self._saver.writes.get(_key(entry), {})
        moved = {key: saved.pop(key) for key in list(saved) if saved[key][0] in tasks}
        self.quarantine.append(_Aside(entry, reason, None, moved, {}))

    def set_aside_count(self, thread_id: str | None = None) -> int:
        """How many entries the quarantine holds."""
        return len(self.list_aside(thread_id))

    def list_aside(self, thread_id: str | None = None) -> list[tuple[str, str, str, str, str]]:
        """The quarantine's entries: thread, namespace, checkpoint, table, reason."""
        return [
            (*_key(aside.entry), "writes" if aside.saved is None else "checkpoints", aside.reason)
            for aside in self.quarantine
            if thread_id in (None, aside.entry.thread_id)
        ]

    def put_back(self, thread_id: str) -> int:
        """Moves a thread's entries out of the quarantine; returns how many."""
        back = [aside for aside in self.quarantine if aside.entry.thread_id == thread_id]
        for aside in back:
            self.quarantine.remove(aside)
            entry = aside.entry
            if aside.saved is not None:
                space = self._saver.storage[thread_id][entry.namespace]
                space[entry.checkpoint_id] = aside.saved
            self._saver.writes[_key(entry)].update(aside.writes)
            self._saver.blobs.update(aside.values)
        return len(back)

    def _drop_unused_values(self, thread_id: str) -> None:
        used = set()
        for entry in self.index(thread_id):
            saved = self._saver.storage[thread_id][entry.namespace][entry.checkpoint_id]
            try:
                checkpoint = self._saver.serde.loads_typed(saved[0])
            except Exception:  # damaged elsewhere: keep everything it may refer to
                return
            used |= {
                (thread_id, entry.namespace, channel, version)
                for channel, version in checkpoint["channel_versions"].items()
            }
        for key in [key for key in self._saver.blobs if key[0] == thread_id and key not in used]:
            del self._saver.blobs[key]


@dataclass(frozen=True)
class _Aside:
    entry: StoredCheckpoint
    reason: str
    saved: Any
    writes: dict[Any, Any]
    values: dict[Any, Any]


def _key(entry: StoredCheckpoint) -> tuple[str, str, str]:
    return entry.thread_id, entry.namespace, entry.checkpoint_id
