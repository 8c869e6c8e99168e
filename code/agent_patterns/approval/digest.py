"""A fingerprint of an action, so that what is executed can be held against what was approved."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from agent_patterns.approval.errors import InvalidRequest
from agent_patterns.approval.protocol import Action


def canonical(value: Any) -> str:
    """JSON text of `value` that is the same however its keys were ordered.

    A small form of the JSON Canonicalization Scheme (RFC 8785).

    Raises:
        InvalidRequest: `value` is not JSON.  Write amounts and dates as text: a `Decimal` has no
            JSON form, and a float is not the amount that was typed.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        text.encode("utf-8")  # half of a surrogate pair has no bytes
        return text
    except (TypeError, ValueError) as error:
        raise InvalidRequest(
            f"arguments must be JSON ({error}); write amounts and dates as text"
        ) from error


def digest(action: Action) -> str:
    """SHA-256 of the action's name and arguments, as 64 hexadecimal digits."""
    text = canonical({"name": action["name"], "args": action["args"]})
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
