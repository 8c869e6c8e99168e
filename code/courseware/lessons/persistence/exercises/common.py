"""Hold what several of the lesson's checks share."""

from __future__ import annotations

from typing import Any


def thread(name: str) -> dict[str, Any]:
    """Return the config of a thread."""
    return {"configurable": {"thread_id": name}}


def short(value: Any) -> str:
    """Return a learner's value for a message: whole if it is short, or else what it is."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"a {type(value).__name__}"
