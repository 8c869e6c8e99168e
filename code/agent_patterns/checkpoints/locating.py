"""Make what decoding damaged rows raises an error that names the checkpoint."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from langchain_core.runnables import RunnableConfig

from agent_patterns.checkpoints.errors import CheckpointCorrupted

_DAMAGE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    sqlite3.DatabaseError,
    psycopg.DataError,
)


@contextmanager
def located(config: RunnableConfig | None) -> Iterator[None]:
    """Turn damage that is met inside into a `CheckpointCorrupted` that names the checkpoint."""
    place = (config or {}).get("configurable", {})
    try:
        yield
    except CheckpointCorrupted as error:
        raise type(error)(
            error.reason,
            thread_id=error.thread_id or str(place.get("thread_id", "")),
            checkpoint_id=error.checkpoint_id or str(place.get("checkpoint_id") or "(newest)"),
            tasks=error.tasks,
        ) from error
    except _DAMAGE as error:
        if isinstance(error, sqlite3.DatabaseError) and not _unreadable(error):
            raise
        raise CheckpointCorrupted(
            f"it cannot be read ({type(error).__name__}: {error})",
            thread_id=str(place.get("thread_id", "")),
            checkpoint_id=str(place.get("checkpoint_id") or "(newest)"),
        ) from error


def _unreadable(error: sqlite3.DatabaseError) -> bool:
    return any(said in str(error) for said in ("malformed", "Could not decode", "not a database"))
