"""What can go wrong with durable runs and effects."""

from __future__ import annotations

from agent_patterns.errors import PatternError


class DurableError(PatternError):
    """Base of the errors of `agent_patterns.durable`."""


class UnknownBackend(DurableError):
    """A URL names a database that cannot be opened."""


class DatabaseUnavailable(DurableError):
    """The database did not answer for long; what it was asked last is done or not, never half."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The database does not answer: {why}")


class InvalidInput(DurableError, ValueError):
    """A value cannot be stored: an id that is no text, or a payload that is no JSON."""


class RunExists(DurableError):
    """The thread has a run already; say what should become of the new input."""


class NothingToRun(DurableError, LookupError):
    """A thread has neither a checkpoint nor a submitted input."""


class LeaseHeld(DurableError):
    """Another worker is at it; leave it to that worker, or try again later."""

    def __init__(self, what: str, holder: str) -> None:
        super().__init__(f"{what} is being run by {holder}; leave it to that worker.")


class LeaseLost(DurableError):
    """Another worker took over, so this one may write no more."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was taken over by another worker; stop here, further writes are refused."
        )


class AnswerRefused(DurableError):
    """The run does not wait for this answer: it was given already, or never asked for."""

    def __init__(self, thread_id: str, waiting: int) -> None:
        what = f"{waiting} other questions wait" if waiting else "it waits for no answer"
        super().__init__(
            f"Thread {thread_id!r} does not wait for this answer; {what}. "
            "Run.interrupts holds what waits; run(thread_id) without resume goes on."
        )


class EffectNotPlanned(DurableError, LookupError):
    """Nothing was planned under this key."""


class EffectUncertain(DurableError):
    """An attempt began and its end is unknown; find out, then call `EffectLog.settle`."""


class EffectFailed(DurableError):
    """A handler raised; its effect stays in the log and is tried again."""


class KeyReused(DurableError):
    """A key was used again for another payload, or for another kind of effect."""

    def __init__(self, key: str, known: str, given: str) -> None:
        self.known, self.given = known, given
        super().__init__(
            f"{key!r} stands for {known}, not for {given}. A repeated attempt has the same "
            "payload; a new effect needs a new key."
        )
