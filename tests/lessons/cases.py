"""What a lesson's file of cases holds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cases:
    """Answers to one exercise, each the source of a whole cell, run after its `given.py`."""

    right: list[str]
    """At least two that differ from the reference solution in kind."""
    wrong: list[tuple[str, str]]
    """At least four: the misconception it must be told, and the source."""
    cheats: Sequence[str] = ()
    """Answers that play to the check, such as a table of the page's example; none may pass."""
    unattempted: Sequence[str] = ()
    """Half-filled starters that must still count as unattempted; may be empty."""
    raised: Sequence[tuple[str, str]] = ()
    """Answers that raise: a phrase of the message that must be shown, and the source."""
