"""Recovery: find what is damaged, set it aside, go on from the last good checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from agent_patterns.persistence.checkpointer import SafeCheckpointer
from agent_patterns.persistence.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.persistence.storage import StoredCheckpoint


@dataclass(frozen=True)
class Damage:
    """One damaged checkpoint, or the damaged pending writes of a good one."""

    namespace: str
    checkpoint_id: str
    reason: str
    part: str
    """`checkpoint` or `writes`."""


@dataclass(frozen=True)
class RecoveryReport:
    """What `recover` found.

    Attributes:
        thread_id: the thread.
        checked: how many checkpoints were looked at.
        damaged: what was set aside, newest first; the rows are kept in the quarantine.
        resumes_from: id of the last good checkpoint, or `None`: the thread has to start anew.
        step: the super-step after which that checkpoint was saved; the first input is step -1.
    """

    thread_id: str
    checked: int
    damaged: tuple[Damage, ...]
    resumes_from: str | None
    step: int | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing had to be set aside."""
        return not self.damaged

    def __str__(self) -> str:
        plural = "" if self.checked == 1 else "s"
        lines = [
            f"thread {self.thread_id!r}: {self.checked} checkpoint{plural} checked, newest first"
        ]
        lines += [f"  set aside ({item.part}): {item.reason}" for item in self.damaged]
        if self.checked or self.damaged:
            which = "" if self.step is None else f", of step {self.step}"
            going_on = (
                f"the last good checkpoint{which}"
                if self.resumes_from
                else "no good checkpoint left"
            )
            lines.append(f"  goes on from: {going_on}")
        return "\n".join(lines)


def inspect(checkpointer: SafeCheckpointer, thread_id: str) -> tuple[Damage, ...]:
    """Verifies every checkpoint of a thread, newest first, and changes nothing."""
    found = []
    for entry in checkpointer.storage.index(thread_id):
        error = _damage_of(checkpointer, entry)
        if error is not None:
            part = "writes" if damaged_tasks(checkpointer, entry, error) else "checkpoint"
            found.append(_described(entry, error, part))
    return tuple(found)


def recover(
    checkpointer: SafeCheckpointer, thread_id: str, *, everything: bool = False
) -> RecoveryReport:
    """Makes the newest good checkpoint of a thread its newest one.

    Goes back from the newest checkpoint, sets every damaged one aside (rows move into the table
    `checkpoint_quarantine`; nothing is decoded, nothing is deleted), and stops at the first good
    one; the next `graph.invoke(None, config)` goes on from there.  Damaged pending writes are set
    aside alone: the task that wrote them runs again, its neighbours don't.

    What nobody can find is a row that is gone, or that lies under another address since one bit of
    its thread, namespace, checkpoint or task changed: nothing that is left tells of it.  If it was
    the newest, the thread stands where it stood before, in a state that was saved then, and what
    came after runs again.  Effects are safe from that by their keys (`Outbox`); against lost rows
    there are the database's backups.

    Claim the thread first (`Supervisor` does): recovering a thread that runs would race with it.

    Args:
        checkpointer: an open checkpointer.
        thread_id: the thread.
        everything: go through the whole history instead of stopping at the first good one.

    Raises:
        StateInvalid: a checkpoint is undamaged, but does not fit the schema: that is a bug or a
            changed schema, not damage, so nothing is set aside for it.
        SealKeyMismatch, NotSealed: nothing of the thread verifies, and not for damage: it was
            saved under another key, or by another checkpointer.  Nothing is set aside.
    """
    checked = 0
    damaged: list[Damage] = []
    good: str | None = None
    step: int | None = None
    settled: set[str] = set()
    entries = checkpointer.storage.index(thread_id)
    _refuse_a_strange_thread(checkpointer, entries)
    for entry in entries:
        if entry.namespace in settled and not everything:
            continue
        checked += 1
        error = _damage_of(checkpointer, entry)
        if error is not None:
            tasks = damaged_tasks(checkpointer, entry, error)
            if tasks:
                damaged.append(_described(entry, error, "writes"))
                checkpointer.storage.set_writes_aside(entry, tasks, error.reason)
                error = _damage_of(checkpointer, entry)
        if error is not None:
            damaged.append(_described(entry, error, "checkpoint"))
            checkpointer.storage.set_aside(entry, error.reason)
            continue
        settled.add(entry.namespace)
        if entry.namespace == "" and good is None:
            good = entry.checkpoint_id
            found = checkpointer.get_tuple(_address(entry))
            step = found.metadata.get("step") if found else None
    return RecoveryReport(thread_id, checked, tuple(damaged), good, step)


def _refuse_a_strange_thread(
    checkpointer: SafeCheckpointer, entries: list[StoredCheckpoint]
) -> None:
    strange = None
    for entry in entries:
        error = _damage_of(checkpointer, entry)
        if error is None:
            return
        if isinstance(error, (SealKeyMismatch, NotSealed)):
            strange = strange or error
    if strange is not None:
        raise strange


def damaged_tasks(
    checkpointer: SafeCheckpointer, entry: StoredCheckpoint, error: CheckpointCorrupted
) -> frozenset[str]:
    """Tasks of a checkpoint whose stored writes do not verify."""
    tasks = set(error.tasks)
    for task, kind, value in checkpointer.storage.pending(entry):
        if not checkpointer.verifies(kind, value):
            tasks.add(task)
    return frozenset(tasks)


def _address(entry: StoredCheckpoint) -> RunnableConfig:
    return {
        "configurable": {
            "thread_id": entry.thread_id,
            "checkpoint_ns": entry.namespace,
            "checkpoint_id": entry.checkpoint_id,
        }
    }


def _damage_of(
    checkpointer: SafeCheckpointer, entry: StoredCheckpoint
) -> CheckpointCorrupted | None:
    try:
        found = checkpointer.get_tuple(_address(entry))
    except CheckpointCorrupted as error:
        return error
    except StateInvalid as error:
        error.add_note(f"checkpoint {entry.checkpoint_id} of thread {entry.thread_id!r}")
        raise
    if found is None:
        return CheckpointCorrupted("its id cannot be read")
    return None


def _described(entry: StoredCheckpoint, error: CheckpointCorrupted, part: str) -> Damage:
    return Damage(entry.namespace, entry.checkpoint_id, error.reason, part)
