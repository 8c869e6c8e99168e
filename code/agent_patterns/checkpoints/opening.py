"""Open a checkpointer from a URL, configured for production."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer
from agent_patterns.checkpoints.integrity.binding import Opaque
from agent_patterns.checkpoints.integrity.sealing import Sealer
from agent_patterns.checkpoints.integrity.validation import StateValidator
from agent_patterns.durable.database import SqliteDatabase, open_database, parse_url
from agent_patterns.durable.postgres import PostgresDatabase, migrate_once

_SETUP_LOCK = 7_306_093_170_941


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
    validator = StateValidator(schema) if schema is not None else None
    with ExitStack() as opened:
        database = opened.enter_context(open_database(url))
        inner: BaseCheckpointSaver[Any]
        if isinstance(database, SqliteDatabase):
            connection = database.connect()
            opened.callback(connection.close)
            inner = SqliteSaver(connection, serde=Opaque())
            inner.setup()
        else:
            assert isinstance(database, PostgresDatabase)
            inner = PostgresSaver(database.pool, serde=Opaque())
            newest = len(PostgresSaver.MIGRATIONS) - 1
            migrate_once(
                database,
                "checkpoint_migrations",
                newest,
                _SETUP_LOCK,
                lambda connection: PostgresSaver(connection).setup(),
            )
        return SafeCheckpointer(
            inner,
            url=url,
            sealer=sealer,
            database=database,
            validator=validator,
            close=opened.pop_all().close,
        )
