"""Recovery: find what is damaged, set it aside, continue from the last good checkpoint.

A checkpoint is good when it has been loaded whole: its values, its pending writes, and the older
checkpoints that its values are rebuilt from (those of a `DeltaChannel`, which is beta).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple, DeltaChannelHistory

from agent_patterns.checkpoints.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.checkpoints.rows import Entry


@dataclass(frozen=True)
class Damage:
    """A damaged `checkpoint` (its `part`), or the damaged pending `writes` of a good one."""

    namespace: str
    checkpoint_id: str
    reason: str
    part: str


@dataclass(frozen=True)
class RecoveryReport:
    """The findings of `recover`.

    Attributes:
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
            found = good if self.resumes_from else "no good checkpoint left"
            lines.append(f"  continues from: {found}")
        return "\n".join(lines)


def inspect(checkpointer: Any, thread_id: str) -> tuple[Damage, ...]:
    """Verify every checkpoint of a thread, newest first, and change nothing."""
    found = ((entry, _load(checkpointer, entry)) for entry in checkpointer.rows.index(thread_id))
    return tuple(
        _described(entry, error, "writes" if error.tasks else "checkpoint")
        for entry, error in found
        if isinstance(error, CheckpointCorrupted)
    )


def recover(checkpointer: Any, thread_id: str, *, everything: bool = False) -> RecoveryReport:
    """Make the newest good checkpoint of a thread its newest one.

    Goes back from the newest checkpoint, sets every damaged one aside (rows move into the table
    `checkpoint_quarantine`; nothing is decoded, nothing is deleted), and stops at the first good
    one; the next `graph.invoke(None, config)` continues from there.  Damaged pending writes are
    set aside alone: the task that wrote them runs again, its neighbours don't.
    `checkpointer.rows.aside` lists what was set aside, and `put_back` undoes it.

    Recovering a thread that runs would race with it, so claim it first, as `durable` does: its view
    of the checkpointer (`fenced`) sets nothing aside once the claim is lost.

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
    entries = checkpointer.rows.index(thread_id)
    _refuse_a_strange_thread(checkpointer, entries)
    checked = 0
    damaged: list[Damage] = []
    good: CheckpointTuple | None = None
    settled: set[str] = set()
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
    resumes_from, step = good.config["configurable"]["checkpoint_id"], good.metadata.get("step")
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
        reason = f"{error.reason}; and its row could not be found to be set aside"
        raise CheckpointCorrupted(
            reason, thread_id=entry.thread_id, checkpoint_id=entry.checkpoint_id
        )
    return None, [_described(entry, error, "checkpoint")]


def _load(checkpointer: Any, entry: Entry) -> CheckpointTuple | CheckpointCorrupted:
    """Return a checkpoint that could be loaded whole, or else what is wrong with it."""
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


def history_of(
    get_tuple: Callable[[RunnableConfig], CheckpointTuple | None],
    config: RunnableConfig,
    channels: Sequence[str],
) -> dict[str, DeltaChannelHistory]:
    """Return each channel's writes, oldest first, and the stored value that they start from.

    LangGraph's own walk ends in silence where a link is missing; this one raises.
    """
    found: dict[str, DeltaChannelHistory] = {channel: {"writes": []} for channel in channels}
    waiting = set(channels)
    newer = get_tuple(config)
    while waiting and newer is not None and newer.parent_config is not None:
        older = get_tuple(newer.parent_config)
        if older is None:
            raise _broken(newer, "the checkpoint before it, from which it is rebuilt, is gone")
        for channel in sorted(waiting):
            writes = [write for write in older.pending_writes or [] if write[1] == channel]
            versions = (each.checkpoint["channel_versions"].get(channel) for each in (newer, older))
            if not writes and next(versions) != next(versions):
                raise _broken(newer, f"the writes that {channel!r} is rebuilt from are gone")
            found[channel]["writes"] = writes + found[channel]["writes"]
            if channel in older.checkpoint["channel_values"]:
                found[channel]["seed"] = older.checkpoint["channel_values"][channel]
                waiting.discard(channel)
        newer = older
    return found


def _broken(found: CheckpointTuple, reason: str) -> CheckpointCorrupted:
    place = found.config["configurable"]
    return CheckpointCorrupted(
        reason, thread_id=str(place["thread_id"]), checkpoint_id=str(place["checkpoint_id"])
    )
