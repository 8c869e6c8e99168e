"""Open a checkpointer from a URL, configured for production."""

from __future__ import annotations

from collections.abc import Iterable

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer
from agent_patterns.checkpoints.integrity.sealing import Sealer
from agent_patterns.checkpoints.integrity.validation import StateValidator
from agent_patterns.durable.database import open_database, parse_url


def open_checkpointer(
    url: str,
    *,
    schema: type | None = None,
    allow: Iterable[type] = (),
    key: bytes | None = None,
) -> SafeCheckpointer:
    """Open a checkpointer, create its tables if they are missing, and check what it stores.

    Use it with `with` or `async with`, or call `close()`.

    Args:
        url: `memory://`, `sqlite:///file.db` or `postgresql://…` (see `durable.parse_url`).
        schema: The graph's state schema; values are validated on save and on load.
        allow: Classes of yours that the state holds; everything else unknown is refused on save.
        key: Secret for the seals (at most 64 bytes).  With one, a forged checkpoint is found as
            well as a damaged one.

    Raises:
        UnknownBackend: The URL names no backend, or the backend does not answer.
        TypeError: There is nothing in the schema to check by.
    """
    parse_url(url)  # a path would be opened too
    sealer = Sealer(allow=allow, key=key)
    validator = StateValidator(schema)
    database = open_database(url)
    try:
        return SafeCheckpointer(database, sealer, validator)
    except BaseException:
        database.close()
        raise
