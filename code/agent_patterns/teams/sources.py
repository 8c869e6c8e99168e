"""Whether a text cites its sources: a check that a program makes, because a reviewer may forget it.

A citation is an id in square brackets, such as ``[ship-01]``; one pair of brackets may hold
several, separated by commas. It says that a source exists, not that the source says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_CITATION = re.compile(r"\[([^\[\]]+)\](?!\()")  # "[text](address)" is a link


def cited(text: str) -> list[str]:
    """Return the ids that a text cites, in the order of their first mention."""
    found = [part.strip() for listed in _CITATION.findall(text) for part in listed.split(",")]
    return list(dict.fromkeys(found))


def cites(ids: Iterable[str]) -> Callable[[str], str | None]:
    """Return a check for `supervisor`: a text is done if it cites, and cites only these ids.

    For every other text the check returns the status ``no source``.
    """
    known = frozenset(ids)

    def accept(text: str) -> str | None:
        found = cited(text)
        return None if found and known.issuperset(found) else "no source"

    return accept
