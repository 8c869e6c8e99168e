"""What can go wrong with durable runs and effects.

PatternError
└── DurableError
    ├── UnknownBackend        the URL names no database, or nothing answers there
    ├── DatabaseUnavailable   the database went away and did not come back in time
    ├── InvalidInput          a key, an id or a payload that cannot be stored   (ValueError)
    ├── RunExists             the thread has a run already
    ├── NothingToRun          no run, no input and no checkpoint under this id  (LookupError)
    ├── LeaseHeld             another living worker is at it
    ├── LeaseLost             another worker took over; this one may write no more
    ├── AnswerRefused         the run does not wait for this answer
    └── EffectError
        ├── EffectNotPlanned  nothing was planned under this key            (LookupError)
        ├── EffectUncertain   an attempt began, and nobody knows how it ended
        ├── EffectFailed      a handler raised; the effect is tried again
        └── KeyReused         the key stands for another effect
"""

from __future__ import annotations

from agent_patterns.errors import PatternError


class DurableError(PatternError):
    """Base of the errors of `agent_patterns.durable`."""


class UnknownBackend(DurableError):
    """A URL names a database that cannot be opened."""


class DatabaseUnavailable(DurableError):
    """The database did not answer, also when asked again; nothing is half done."""


class InvalidInput(DurableError, ValueError):
    """A value cannot be stored: an id that is no text, or a payload that is no JSON."""


class RunExists(DurableError):
    """The thread has a run already; say what should become of the new input."""


class NothingToRun(DurableError, LookupError):
    """A thread has neither a checkpoint nor a submitted input."""


class LeaseHeld(DurableError):
    """Another worker is at it; leave it to that worker, or try again later."""

    def __init__(self, what: str, holder: str) -> None:
        self.what = what
        self.holder = holder
        super().__init__(f"{what} is being run by {holder}; leave it to that worker.")


class LeaseLost(DurableError):
    """Another worker took over, so this one may write no more."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what} was taken over by another worker; stop here, further writes are refused."
        )


class AnswerRefused(DurableError):
    """The run does not wait for this answer: it was given already, or never asked for."""

    def __init__(self, thread_id: str, waiting: int) -> None:
        self.thread_id = thread_id
        what = f"{waiting} other questions wait" if waiting else "it waits for no answer"
        super().__init__(
            f"Thread {thread_id!r} does not wait for this answer; {what}. "
            "Run.interrupts holds what waits; run(thread_id) without resume goes on."
        )


class EffectError(DurableError):
    """Base of the errors of effects."""


class EffectNotPlanned(EffectError, LookupError):
    """Nothing was planned under this key."""


class EffectUncertain(EffectError):
    """An attempt began and its end is unknown; find out, then call `EffectLog.settle`."""


class EffectFailed(EffectError):
    """A handler raised; its effect stays in the log and is tried again."""


class KeyReused(EffectError):
    """A key was used again for another payload, or for another kind of effect."""

    def __init__(self, key: str, known: str, given: str) -> None:
        self.key, self.known, self.given = key, known, given
        super().__init__(
            f"{key!r} stands for {known}, not for {given}. A repeated attempt has the same "
            "payload; a new effect needs a new key."
        )
