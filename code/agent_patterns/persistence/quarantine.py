"""What recovery has set aside: look at it, and put it back."""

from __future__ import annotations

from dataclasses import dataclass

from agent_patterns.persistence.checkpointer import SafeCheckpointer


@dataclass(frozen=True)
class Quarantined:
    """One row that was set aside.

    Attributes:
        source: the table that it comes from.
        reason: why it was set aside.
    """

    thread_id: str
    namespace: str
    checkpoint_id: str
    source: str
    reason: str


def quarantined(
    checkpointer: SafeCheckpointer, thread_id: str | None = None
) -> tuple[Quarantined, ...]:
    """What is set aside, of one thread or of all, in the order of the checkpoints."""
    return tuple(Quarantined(*row) for row in checkpointer.storage.list_aside(thread_id))


def restore(checkpointer: SafeCheckpointer, thread_id: str) -> int:
    """Puts the rows of a thread back where they were; returns how many.

    For rows that were mended, or set aside by mistake.  What is still damaged is set aside again by
    the next `recover`.  A row whose place is taken stays where it is.  Claim the thread first.
    """
    return checkpointer.storage.put_back(thread_id)
