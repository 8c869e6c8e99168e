"""Hold what several of the lesson's checks share."""

from __future__ import annotations

import random
from typing import Any

from courseware.lessons.persistence.exercises.common import short, thread

__all__ = ["drawn_order", "short", "thread"]


def drawn_order(draw: random.Random) -> dict[str, Any]:
    """Return an order with a number and quantities drawn anew."""
    lines = {"notebook A5": draw.randint(1, 9), "ink": draw.randint(1, 9)}
    return {"number": f"MF-{draw.randrange(1100, 9900)}", "lines": lines, "done": []}
