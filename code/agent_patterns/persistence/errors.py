"""What can go wrong with stored state, as one small tree."""

from __future__ import annotations

from agent_patterns.errors import PatternError


class PersistenceError(PatternError):
    """Base of the errors of `agent_patterns.persistence`."""


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
