"""Open a checkpointer from a URL, configured for production."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ormsgpack
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite import SqliteSaver

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer
from agent_patterns.checkpoints.integrity.sealing import Sealer
from agent_patterns.checkpoints.integrity.validation import StateValidator
from agent_patterns.durable.database import Database, SqliteDatabase, open_database, parse_url
from agent_patterns.durable.postgres import PostgresDatabase


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
        return SafeCheckpointer(database, _langgraphs(database), sealer, validator)
    except BaseException:
        database.close()
        raise


class Opaque(SerializerProtocol):
    """Carry sealed bytes and plain msgpack through LangGraph's savers, decoding nothing else.

    What cannot be read comes out as `None`, so that the seal's verdict is the only one.
    """

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Encode bytes as they are, and a checkpoint's plain data as msgpack."""
        return ("sealed", obj) if isinstance(obj, bytes) else ("plain", ormsgpack.packb(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return sealed bytes as they are; decode msgpack, which builds plain data only."""
        kind, stored = data
        if kind not in ("sealed", "plain") or not isinstance(stored, bytes | memoryview):
            return None
        return bytes(stored) if kind == "sealed" else ormsgpack.unpackb(stored)


def _langgraphs(database: Database) -> BaseCheckpointSaver[Any]:
    """Return LangGraph's own saver for a database, its tables created."""
    if isinstance(database, SqliteDatabase):
        saver = SqliteSaver(database.connection, serde=Opaque())
        saver.lock = database.lock  # type: ignore[assignment]
        saver.setup()
        return saver
    assert isinstance(database, PostgresDatabase)
    database.migrate("checkpoint_migrations", PostgresSaver.MIGRATIONS)
    return PostgresSaver(database.pool, serde=Opaque())
