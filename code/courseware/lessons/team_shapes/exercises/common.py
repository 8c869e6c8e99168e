"""Hold what several of the lesson's checks share."""

from __future__ import annotations


def _times(number: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")
