"""Hold what several of the lesson's checks share."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

_CONFIG: dict[str, Any] = {"configurable": {"thread_id": "MF-1042"}}


_ORDER = {"number": "MF-1042", "lines": {"notebook A5": 2, "ink": 1}, "done": []}


class _Order(TypedDict, total=False):
    number: str
    lines: dict[str, int]
    total: int
    done: Annotated[list[str], operator.add]


def _short(value: Any) -> str:
    """Return a learner's value for a message: whole if it is short, or else what it is."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"a {type(value).__name__}"
