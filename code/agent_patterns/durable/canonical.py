"""One text for one value: JSON that is the same however its keys were ordered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from agent_patterns.durable.errors import InvalidInput

MAX_DEPTH = 64
"""How deep lists and objects may be nested; Python's own JSON reader stops at about 1,000."""
MAX_PARTS = 100_000


def canonical(value: Any, what: str = "The value") -> str:
    """Return the canonical JSON text of `value`, after the scheme of RFC 8785.

    Raises:
        InvalidInput: It is not JSON.  Amounts and dates must be text: a `Decimal` has no JSON form,
            a float is not the amount that was typed.  Keys must: 1 and "1" would be the same.
    """
    waiting, parts = [(value, 1)], 0
    while waiting:  # no recursion: this is what finds out how deep it is
        part, depth = waiting.pop()
        parts += 1
        if depth > MAX_DEPTH or parts > MAX_PARTS:
            raise InvalidInput(
                f"{what} must be JSON of at most {MAX_DEPTH} levels and {MAX_PARTS:,} values."
            )
        if isinstance(part, Mapping):
            if wrong := [key for key in part if not isinstance(key, str)]:
                raise InvalidInput(f"{what} must be JSON: its key {wrong[0]!r} must be a text.")
            waiting.extend((each, depth + 1) for each in part.values())
        elif isinstance(part, list | tuple):
            waiting.extend((each, depth + 1) for each in part)
    try:
        text = json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        text.encode("utf-8")  # half of a surrogate pair has no bytes
    except (TypeError, ValueError) as error:
        message = f"{what} must be JSON ({error}); write amounts and dates as text."
        raise InvalidInput(message) from error
    return text


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def plain_text(value: Any, what: str, *, longest: int = 1000, empty: bool = False) -> str:
    """Return `value` if it is a text that every database can store; else raise `InvalidInput`."""
    if not isinstance(value, str) or len(value) > longest or not (value or empty):
        raise InvalidInput(f"{what} must be a text of at most {longest} characters.")
    if re.search("[\0\ud800-\udfff]", value):
        raise InvalidInput(f"{what} holds a character that cannot be stored.")
    return value


def shown(value: Any) -> str:
    """Return how an odd value may stand in a message, whatever it is."""
    return repr(value[:100]) if isinstance(value, str) else f"a {type(value).__name__}"
