"""A shortest-effort string for a regular expression, for schemas that demand a pattern."""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_WORD": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_NOT_SPACE": "a",
}
_TRIES = "aA1-_ .,:;/@#+zZ90é"


@lru_cache(maxsize=512)
def example(pattern: str) -> str | None:
    """Return a string in which `pattern` is found, or None when none is easily made."""
    try:
        tree = parser.parse(pattern)
        text = _sequence(tree)
    except (re.error, RecursionError, OverflowError, ValueError, KeyError):
        return None
    return text if matches(pattern, text) else None


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is found in `text`; a broken pattern matches nothing."""
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _sequence(tree: Any) -> str:
    return "".join(_node(op, argument) for op, argument in tree)


def _node(op: Any, argument: Any) -> str:
    if op is codes.LITERAL:
        return chr(argument)
    if op is codes.NOT_LITERAL:
        return next(c for c in _TRIES if ord(c) != argument)
    if op is codes.ANY:
        return "a"
    if op is codes.IN:
        return _member(argument)
    if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = argument
        count = least or (1 if most else 0)
        return _sequence(inner) * min(int(count), 64)
    if op is codes.SUBPATTERN:
        return _sequence(argument[-1])
    if op is codes.ATOMIC_GROUP:
        return _sequence(argument)
    if op is codes.BRANCH:
        return _sequence(argument[1][0])
    return ""


def _member(items: Any) -> str:
    if items and items[0][0] is codes.NEGATE:
        rest = items[1:]
        return next((c for c in _TRIES if not _holds(rest, c)), "~")
    op, argument = items[0]
    if op is codes.LITERAL:
        return chr(argument)
    if op is codes.RANGE:
        return chr(argument[0])
    return _CATEGORIES[str(argument)]


def _holds(items: Any, char: str) -> bool:
    for op, argument in items:
        if op is codes.LITERAL and ord(char) == argument:
            return True
        if op is codes.RANGE and argument[0] <= ord(char) <= argument[1]:
            return True
        if op is codes.CATEGORY:
            name = str(argument)
            kinds = {"DIGIT": char.isdigit(), "WORD": char.isalnum() or char == "_"}
            kinds["SPACE"] = char.isspace()
            kind = kinds[name.rsplit("_", 1)[-1]]
            if kind != ("NOT" in name):
                return True
    return False
