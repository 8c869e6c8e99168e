"""What a module's file of cases holds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cases:
    """Answers to one exercise, each the source of a whole cell, run after the exercise's setup."""

    right: list[str]
    """At least one that differs from the reference solution in kind."""
    wrong: list[tuple[str, str]]
    """At least three: the misconception it must be told, and the source."""
    unattempted: Sequence[str] = ()
    """Half-filled starters that must still count as unattempted; may be empty."""
    raised: Sequence[tuple[str, str]] = ()
    """Answers that raise: a phrase of the message that must be shown, and the source."""
