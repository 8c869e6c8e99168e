"""What can go wrong with stored state, as one small tree."""

from __future__ import annotations

from agent_patterns.errors import PatternError


class PersistenceError(PatternError):
    """Base of the errors of `agent_patterns.persistence`."""


class UnknownBackend(PersistenceError):
    """A URL names a backend that cannot be opened."""


class StateInvalid(PersistenceError):
    """State does not fit its schema, or could not be loaded again once saved.

    Attributes:
        problems: channel name -> what is wrong with its value.
    """

    def __init__(self, problems: dict[str, str], *, when: str) -> None:
        self.problems = problems
        self.when = when
        listed = "; ".join(f"{key}: {problem}" for key, problem in sorted(problems.items()))
        super().__init__(f"The state is not valid on {when}: {listed}")


class CheckpointCorrupted(PersistenceError):
    """A stored checkpoint is not what was saved.  Nothing of it was loaded into a graph.

    Call `recover(checkpointer, thread_id)` to set it aside and go on from the last good one.

    Attributes:
        reason: what does not fit.
        tasks: tasks whose pending writes are damaged, when the checkpoint itself may be good.
    """

    verdict = "is corrupted"
    advice = "recover(checkpointer, thread_id) goes on from the last good one."

    def __init__(
        self,
        reason: str,
        *,
        thread_id: str = "",
        checkpoint_id: str = "",
        tasks: frozenset[str] = frozenset(),
    ) -> None:
        self.reason = reason
        self.tasks = tasks
        self.thread_id = thread_id
        self.checkpoint_id = checkpoint_id
        where = f" {checkpoint_id} of thread {thread_id!r}" if thread_id else ""
        super().__init__(f"Checkpoint{where} {self.verdict}: {reason}. {self.advice}")


class SealKeyMismatch(CheckpointCorrupted):
    """A checkpoint was sealed with another key, or with one where this worker has none.

    `recover` raises it when nothing of a thread verifies, and sets nothing aside: then it is the
    worker's configuration that is wrong, not the thread.
    """

    verdict = "cannot be verified"
    advice = "Open the checkpointer with the key= that the thread was saved under."


class NotSealed(CheckpointCorrupted):
    """A checkpoint carries no seal: another checkpointer saved it.

    `recover` raises it when nothing of a thread verifies, and sets nothing aside.
    """

    verdict = "cannot be verified"
    advice = (
        "A thread that LangGraph's own checkpointer saved is finished with that one, "
        "or started anew under another thread_id."
    )


class NothingToRecover(PersistenceError):
    """A thread has no good checkpoint and no stored input to start anew from."""


class ClaimRefused(PersistenceError):
    """Another worker holds the thread; try again when its lease has run out."""

    def __init__(self, thread_id: str, owner: str) -> None:
        self.thread_id = thread_id
        self.owner = owner
        super().__init__(f"Thread {thread_id!r} is being run by {owner}; leave it to that worker.")


class ClaimLost(PersistenceError):
    """This worker's claim is over: another took the thread, so this one may write no more."""

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        super().__init__(
            f"The claim on thread {thread_id!r} was taken over by another worker; "
            "stop this run, its writes are refused."
        )


class AnswerRefused(PersistenceError):
    """A thread does not wait for this answer: its question has been answered, or never came."""

    def __init__(self, thread_id: str, waiting: int) -> None:
        self.thread_id = thread_id
        what = f"{waiting} other questions wait" if waiting else "it waits for no answer"
        super().__init__(
            f"Thread {thread_id!r} does not wait for this answer; {what}. "
            "Run.interrupts holds what waits; run(thread_id) without resume goes on."
        )


class EffectFailed(PersistenceError):
    """An effect's handler raised; the effect stays in the outbox and is tried again."""


class KeyReused(PersistenceError):
    """A key in the outbox was used with another payload, or for another kind of effect."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"Effect {key!r}: same key, other payload or topic. A repeated attempt has the same "
            "payload; what is meant to be a new effect needs a new key."
        )
