"""Who may ask: the key, and for browsers the names of the server and of the page.

A page of another site that is open in the learner's browser can reach 127.0.0.1, by its own name
when that is bound to 127.0.0.1 for the purpose ("DNS rebinding"). So both the name a request is
for (`Host`) and the page it comes from (`Origin`) must be of this machine, or be allowed.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from practice_model.server.errors import ApiError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_names(host: str, origin: str, allowed: Collection[str]) -> None:
    """Raise an `ApiError` 403 for a name that is neither loopback's nor allowed.

    `allowed` holds host names without ports; "*" allows every name.
    """
    for header, value, name in (
        ("Host", host, _name(f"//{host}")),
        ("Origin", origin, _name(origin)),
    ):
        if value and "*" not in allowed and name not in LOOPBACK and name not in allowed:
            raise ApiError(
                403,
                f"The practice model serves this machine only, and the request's {header} is "
                f"{value[:100]!r}. Use the address 127.0.0.1, or start the server with this name "
                "allowed: --allow-host NAME, or PracticeServer(allowed_hosts=[NAME]).",
                code=f"{header.lower()}_not_allowed",
            )


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def check_key(authorization: str, wanted: str) -> None:
    """Raise an `ApiError` 401 unless the header bears the key."""
    scheme, _, key = authorization.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise ApiError(
            401,
            "You didn't provide an API key. You need to provide your API key in an "
            "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        )
    if not hmac.compare_digest(key.encode(), wanted.encode()):
        raise ApiError(
            401,
            f"Incorrect API key provided: {_masked(key)}. The practice model accepts only the "
            "key it was started with.",
            code="invalid_api_key",
        )


def _masked(key: str) -> str:
    return key if len(key) <= 8 else f"{key[:3]}{'*' * min(len(key) - 7, 20)}{key[-4:]}"
