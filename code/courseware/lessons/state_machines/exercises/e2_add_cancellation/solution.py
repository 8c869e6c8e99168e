"""Solve: Add cancellation."""

from .given import Transition, forget


def with_cancel(rows):
    """Return the rows, and one that makes `cancel` possible while a question waits."""
    return [*rows, Transition(["listening", "waiting"], "cancel", "idle", action=forget)]
