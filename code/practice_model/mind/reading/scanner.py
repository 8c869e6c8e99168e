"""Collect the spans of one text."""

import re
from collections.abc import Callable
from typing import Any

from practice_model.mind.reading.model import Span

MAX_TEXT = 60_000  # characters of one text that are searched for spans


class Scanner:
    """Collect spans of one text; a stretch belongs to the first kind that claims it."""

    def __init__(self, text: str, today: str = "") -> None:
        self.text = text
        self.today = today
        self.taken = bytearray(len(text))
        self.spans: list[Span] = []
        self.quotes: list[tuple[int, int]] = []
        low = text.lower()
        self.evening = any(
            w in low for w in ("evening", "tonight", "dinner", "supper", "afternoon")
        )

    def add(self, start: int, end: int, kind: str, value: Any, unit: str = "") -> bool:
        """Claim a stretch for a kind unless part of it is taken."""
        if value is None or start >= end or any(self.taken[start:end]):
            return False
        self.taken[start:end] = b"\1" * (end - start)
        self.spans.append(Span(start, end, kind, self.text[start:end], value, unit))
        return True

    def each(
        self,
        pattern: re.Pattern[str],
        kind: str,
        value: Callable[[re.Match[str]], Any],
        limit: int = MAX_TEXT,
    ) -> None:
        """Claim every match of a pattern for which `value` gives one."""
        for match in pattern.finditer(self.text, 0, limit):
            self.add(match.start(), match.end(), kind, value(match))
