"""What can go wrong with stored checkpoints."""

from __future__ import annotations

from collections.abc import Collection

from agent_patterns.errors import PatternError


class CheckpointError(PatternError):
    """Base of the errors of `agent_patterns.checkpoints`."""


class StateInvalid(CheckpointError):
    """State does not fit its schema, or would not come back as it was saved.

    Attributes:
        problems: Channel name -> what is wrong with its value.
    """

    def __init__(self, problems: dict[str, str], *, when: str) -> None:
        self.problems = problems
        listed = "; ".join(f"{key}: {problem}" for key, problem in sorted(problems.items()))
        super().__init__(f"The state is not valid on {when}: {listed}")


class NotPrunable(CheckpointError):
    """A thread has a `DeltaChannel` (beta), whose values are rebuilt from older checkpoints."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(
            f"Thread {thread_id!r} uses a DeltaChannel, which needs its older checkpoints; "
            "it cannot be pruned. delete_thread(thread_id) removes it whole."
        )


class CheckpointCorrupted(CheckpointError):
    """A stored checkpoint is not what was saved.  Nothing of it was loaded into a graph.

    Attributes:
        reason: What does not fit.
        tasks: Tasks whose pending writes are damaged, when the checkpoint itself may be good.
    """

    verdict = "is corrupted"
    advice = "recover(checkpointer, thread_id) continues from the last good one."

    def __init__(
        self, reason: str, thread_id: str = "", checkpoint_id: str = "", tasks: Collection[str] = ()
    ) -> None:
        self.reason, self.tasks = reason, tasks
        where = f" {checkpoint_id or '(newest)'} of thread {thread_id!r}" if thread_id else ""
        super().__init__(f"Checkpoint{where} {self.verdict}: {reason}. {self.advice}")


class Unverifiable(CheckpointCorrupted):
    """A checkpoint may be whole, but its seal cannot be checked here."""

    verdict = "cannot be verified"


class SealKeyMismatch(Unverifiable):
    """A checkpoint was sealed with another key, or with one where this worker has none."""

    advice = "Open the checkpointer with the key= that the thread was saved under."


class NotSealed(Unverifiable):
    """A checkpoint carries no seal: another checkpointer saved it."""

    advice = "Finish the thread with the checkpointer that saved it, or start it under another id."
