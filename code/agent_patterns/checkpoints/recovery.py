"""Recovery: find what is damaged, set it aside, continue from the last good checkpoint."""

from __future__ import annotations

from itertools import takewhile
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from agent_patterns.checkpoints.errors import CheckpointCorrupted, StateInvalid, Unverifiable
from agent_patterns.checkpoints.rows import Entry


class Damage(NamedTuple):
    """A damaged `checkpoint` (its `part`), or the damaged pending `writes` of a good one."""

    namespace: str
    checkpoint_id: str
    reason: str
    part: str


class RecoveryReport(NamedTuple):
    """The findings of `recover`.

    Attributes:
        checked: How many checkpoints were looked at.
        damaged: What was set aside, newest first.
        resumes_from: Id of the last good checkpoint, or `None`: the thread has to start anew.
        step: The super-step after which that checkpoint was saved; the first input is step -1.
    """

    thread_id: str
    checked: int
    damaged: tuple[Damage, ...]
    resumes_from: str | None
    step: int | None = None

    def __str__(self) -> str:
        checked = "1 checkpoint" if self.checked == 1 else f"{self.checked} checkpoints"
        lines = [f"thread {self.thread_id!r}: {checked} checked, newest first"]
        lines += [f"  set aside ({item.part}): {item.reason}" for item in self.damaged]
        if self.checked:
            good = f"the last good checkpoint, of step {self.step}"
            lines.append(f"  continues from: {good if self.resumes_from else 'no good one left'}")
        return "\n".join(lines)


def recover(checkpointer: Any, thread_id: str) -> RecoveryReport:
    """Make the newest good checkpoint of a thread its newest one.

    Goes back from the newest checkpoint, sets every damaged one aside, and stops at the first good
    one; the next `graph.invoke(None, config)` continues from there.  Damaged pending writes are set
    aside alone: the task that wrote them runs again, its neighbours don't.

    Rows that are set aside are neither decoded nor deleted: they move, with the `reason`, into
    tables named `quarantined_…`, from which SQL can take them back; `checkpointer.rows.aside` lists
    them.  Recovering a thread that runs would race with it, so claim it first, as `durable` does.

    Raises:
        StateInvalid: A checkpoint is undamaged, but does not fit the schema: it stays.
        SealKeyMismatch, NotSealed: Nothing of the thread verifies: it was saved under another key,
            or by another checkpointer.  Nothing is set aside.
    """
    entries = checkpointer.rows.index(thread_id)
    loaded = (_load(checkpointer, entry) for entry in entries)
    errors = [*takewhile(lambda found: isinstance(found, CheckpointCorrupted), loaded)]
    strange = [error for error in errors if isinstance(error, Unverifiable)]
    if strange and len(errors) == len(entries):
        raise strange[0]
    checked = 0
    damaged: list[Damage] = []
    good: dict[str, CheckpointTuple] = {}
    for entry in entries:
        if entry.namespace not in good:
            checked += 1
            if found := _repaired(checkpointer, entry, damaged):
                good[entry.namespace] = found
    if "" not in good:
        return RecoveryReport(thread_id, checked, tuple(damaged), None)
    newest = good[""].config["configurable"]["checkpoint_id"]
    return RecoveryReport(thread_id, checked, tuple(damaged), newest, good[""].metadata.get("step"))


def _repaired(checkpointer: Any, entry: Entry, damaged: list[Damage]) -> CheckpointTuple | None:
    """Return a checkpoint that is good, if need be without its damaged writes; note the damage."""
    error, rows = _load(checkpointer, entry), checkpointer.rows
    if not isinstance(error, CheckpointCorrupted):
        return error
    # Writes that cannot even be told apart are set aside together.
    for tasks in (error.tasks, None) if error.tasks else (None,):
        if rows.set_writes_aside(entry, tasks, error.reason):
            found = _load(checkpointer, entry)
            if not isinstance(found, CheckpointCorrupted):
                damaged.append(Damage(entry[1], entry[2], error.reason, "writes"))
                return found
    if not rows.remove([entry], error.reason):
        gone = f"{error.reason}; and its row could not be found to be set aside"
        raise CheckpointCorrupted(gone, thread_id=entry[0], checkpoint_id=entry[2])
    damaged.append(Damage(entry[1], entry[2], error.reason, "checkpoint"))
    return None


def _load(checkpointer: Any, entry: Entry) -> CheckpointTuple | CheckpointCorrupted:
    """Return a checkpoint that is good, or else what is wrong with it.

    Good is one that has been loaded whole: with its pending writes, and with the older checkpoints
    that its values are rebuilt from (those of a `DeltaChannel`, which is beta).
    """
    names = ("thread_id", "checkpoint_ns", "checkpoint_id")
    config: RunnableConfig = {"configurable": dict(zip(names, entry, strict=False))}
    try:
        found: CheckpointTuple | None = checkpointer.get_tuple(config)
        if found is None or found.config["configurable"]["checkpoint_id"] != entry.checkpoint_id:
            return CheckpointCorrupted("its id cannot be read")
        counters: Any = found.metadata.get("counters_since_delta_snapshot") or {}
        rebuilt = [name for name in counters if name not in found.checkpoint["channel_values"]]
        checkpointer.get_delta_channel_history(config=config, channels=rebuilt)
    except CheckpointCorrupted as error:
        return error
    except StateInvalid as error:
        error.add_note(f"checkpoint {entry.checkpoint_id} of thread {entry.thread_id!r}")
        raise
    return found
