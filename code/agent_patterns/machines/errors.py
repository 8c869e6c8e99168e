"""What can go wrong with a state machine.

PatternError
└── MachineError        also raised itself: a state that calls for an event its table does not have
    ├── InvalidTable        the table cannot work; the message lists every fault
    ├── IllegalTransition   this event is not possible now; the message names those that are
    ├── Answered            the question has been answered already
    ├── Busy                the thread is at work for somebody else
    └── UnknownState        the thread is in a state that the table no longer has
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from agent_patterns.errors import PatternError


class MachineError(PatternError):
    """Base of the errors of `agent_patterns.machines`."""


class InvalidTable(MachineError):
    """A table cannot work; `faults` lists everything that is wrong with it."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(f"The table of {name!r} cannot work.\n  " + "\n  ".join(faults))


class IllegalTransition(MachineError):
    """An event is not possible in this state, and nothing has changed.

    Attributes:
        state: where the thread stands.
        event: the event that was refused.
        legal: the events that its table has there.
    """

    def __init__(
        self, state: str, event: str, legal: Sequence[str], known: Collection[str], needs: str = ""
    ) -> None:
        self.state, self.event, self.legal = state, event, tuple(legal)
        possible = f"Possible: {', '.join(legal)}." if legal else "Nothing is possible: it is over."
        if needs:
            text = f"{event!r} is refused in {state!r}: it needs {needs}. {possible}"
        elif event not in known:
            near = difflib.get_close_matches(event, known, 1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            text = f"There is no event {event!r}.{meant} The state is {state!r}. {possible}"
        else:
            text = f"{event!r} is not possible in {state!r}. {possible}"
        super().__init__(text)


class Answered(MachineError):
    """A question has been answered already; this answer was not taken."""

    def __init__(self, thread_id: str, state: str) -> None:
        super().__init__(
            f"Thread {thread_id!r} is past that question, in {state!r}; look at its snapshot."
        )


class Busy(MachineError):
    """A thread is at work; the event was not taken."""

    def __init__(self, thread_id: str, state: str) -> None:
        self.thread_id, self.state = thread_id, state
        super().__init__(f"Thread {thread_id!r} is busy in {state!r}; send the event again later.")


class UnknownState(MachineError):
    """A thread stands in a state that the table does not have."""

    def __init__(self, thread_id: str, state: str, known: Collection[str]) -> None:
        super().__init__(
            f"Thread {thread_id!r} is in {state!r}, a state that this table does not have."
            f" It has {', '.join(known)}. Keep a removed state until no thread is in it."
        )
