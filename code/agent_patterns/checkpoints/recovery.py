"""Recovery: find what is damaged, set it aside, continue from the last good checkpoint.

A checkpoint is good when it has been loaded whole: its values, its pending writes, and the older
checkpoints that its values are rebuilt from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from agent_patterns.checkpoints.chain import delta_channels
from agent_patterns.checkpoints.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.checkpoints.rows import Entry


@dataclass(frozen=True)
class Damage:
    """One damaged checkpoint, or the damaged pending writes of a good one.

    Attributes:
        part: `checkpoint` or `writes`.
    """

    namespace: str
    checkpoint_id: str
    reason: str
    part: str


@dataclass(frozen=True)
class RecoveryReport:
    """What `recover` found.

    Attributes:
        thread_id: The thread.
        checked: How many checkpoints were looked at.
        damaged: What was set aside, newest first; the rows are kept in the quarantine.
        resumes_from: Id of the last good checkpoint, or `None`: the thread has to start anew.
        step: The super-step after which that checkpoint was saved; the first input is step -1.
    """

    thread_id: str
    checked: int
    damaged: tuple[Damage, ...]
    resumes_from: str | None
    step: int | None = None

    @property
    def healthy(self) -> bool:
        """Tell whether nothing had to be set aside."""
        return not self.damaged

    def __str__(self) -> str:
        plural = "" if self.checked == 1 else "s"
        lines = [
            f"thread {self.thread_id!r}: {self.checked} checkpoint{plural} checked, newest first"
        ]
        lines += [f"  set aside ({item.part}): {item.reason}" for item in self.damaged]
        if self.checked:
            which = "" if self.step is None else f", of step {self.step}"
            good = f"the last good checkpoint{which}"
            lines.append(
                f"  continues from: {good if self.resumes_from else 'no good checkpoint left'}"
            )
        return "\n".join(lines)


def inspect(checkpointer: Any, thread_id: str) -> tuple[Damage, ...]:
    """Verify every checkpoint of a thread, newest first, and change nothing."""
    found = []
    for entry in checkpointer.rows.index(thread_id):
        error = _load(checkpointer, entry)
        if isinstance(error, CheckpointCorrupted):
            found.append(_described(entry, error, "writes" if error.tasks else "checkpoint"))
    return tuple(found)


def recover(checkpointer: Any, thread_id: str, *, everything: bool = False) -> RecoveryReport:
    """Make the newest good checkpoint of a thread its newest one.

    Goes back from the newest checkpoint, sets every damaged one aside (rows move into the table
    `checkpoint_quarantine`; nothing is decoded, nothing is deleted), and stops at the first good
    one; the next `graph.invoke(None, config)` continues from there.  Damaged pending writes are
    set aside alone: the task that wrote them runs again, its neighbours don't.
    `checkpointer.rows.aside` lists what was set aside, and `put_back` undoes it.

    Claim the thread first, as `durable` does: recovering a thread that runs would race with it.

    Args:
        checkpointer: A `SafeCheckpointer`.
        thread_id: The thread.
        everything: Go through the whole history instead of stopping at the first good one.

    Raises:
        StateInvalid: A checkpoint is undamaged, but does not fit the schema: that is a bug or a
            changed schema, not damage, so nothing is set aside for it.
        SealKeyMismatch, NotSealed: Nothing of the thread verifies, and not for damage: it was
            saved under another key, or by another checkpointer.  Nothing is set aside.
    """
    checked = 0
    damaged: list[Damage] = []
    good: CheckpointTuple | None = None
    settled: set[str] = set()
    entries = checkpointer.rows.index(thread_id)
    _refuse_a_strange_thread(checkpointer, entries)
    for entry in entries:
        if entry.namespace in settled and not everything:
            continue
        checked += 1
        found, its = _repaired(checkpointer, entry)
        damaged += its
        if found is not None:
            settled.add(entry.namespace)
            if entry.namespace == "" and good is None:
                good = found
    if good is None:
        return RecoveryReport(thread_id, checked, tuple(damaged), None)
    resumes_from = good.config["configurable"]["checkpoint_id"]
    step = good.metadata.get("step")
    return RecoveryReport(thread_id, checked, tuple(damaged), resumes_from, step)


def _repaired(checkpointer: Any, entry: Entry) -> tuple[CheckpointTuple | None, list[Damage]]:
    """Return a checkpoint that is good, if need be without its damaged writes, and the damage."""
    found = _load(checkpointer, entry)
    if not isinstance(found, CheckpointCorrupted):
        return found, []
    error, rows = found, checkpointer.rows
    # Writes that cannot even be told apart are set aside together.
    for tasks in (error.tasks, None) if error.tasks else (None,):
        if rows.set_writes_aside(entry, tasks, error.reason):
            found = _load(checkpointer, entry)
            if not isinstance(found, CheckpointCorrupted):
                return found, [_described(entry, error, "writes")]
    if not rows.set_aside(entry, error.reason):
        raise CheckpointCorrupted(
            f"{error.reason}; and its row could not be found to be set aside",
            thread_id=entry.thread_id,
            checkpoint_id=entry.checkpoint_id,
        )
    return None, [_described(entry, error, "checkpoint")]


def _load(checkpointer: Any, entry: Entry) -> CheckpointTuple | CheckpointCorrupted:
    """Return a checkpoint that could be loaded whole, or else what is wrong with it."""
    config: RunnableConfig = {
        "configurable": {
            "thread_id": entry.thread_id,
            "checkpoint_ns": entry.namespace,
            "checkpoint_id": entry.checkpoint_id,
        }
    }
    try:
        found: CheckpointTuple | None = checkpointer.get_tuple(config)
        if found is None or found.config["configurable"]["checkpoint_id"] != entry.checkpoint_id:
            return CheckpointCorrupted("its id cannot be read")
        checkpointer.get_delta_channel_history(config=config, channels=delta_channels(found))
    except CheckpointCorrupted as error:
        return error
    except StateInvalid as error:
        error.add_note(f"checkpoint {entry.checkpoint_id} of thread {entry.thread_id!r}")
        raise
    return found


def _refuse_a_strange_thread(checkpointer: Any, entries: list[Entry]) -> None:
    strange = None
    for entry in entries:
        error = _load(checkpointer, entry)
        if not isinstance(error, CheckpointCorrupted):
            return
        if isinstance(error, SealKeyMismatch | NotSealed):
            strange = strange or error
    if strange is not None:
        raise strange


def _described(entry: Entry, error: CheckpointCorrupted, part: str) -> Damage:
    return Damage(entry.namespace, entry.checkpoint_id, error.reason, part)
