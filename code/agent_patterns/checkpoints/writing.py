"""Ask a database again, write only while a check holds, say where what is read is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg_pool import ConnectionPool
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random_exponential

from agent_patterns.checkpoints.errors import CheckpointCorrupted
from agent_patterns.durable.database import Session, is_transient
from agent_patterns.durable.postgres import NO_IDLING, PostgresSession
from agent_patterns.durable.transactions import PATIENCE

T = TypeVar("T")
Check = Callable[[Session], None]
"""Raises if this worker may write no more."""


@retry(
    retry=retry_if_exception(is_transient),
    stop=stop_after_delay(PATIENCE),
    wait=wait_random_exponential(0.02, max=1),
    reraise=True,
)
def asked_again(work: Callable[[], T]) -> T:
    """Return what repeatable work returns, begun anew when the database cuts it off."""
    return work()


@contextmanager
def fenced_saver(
    saver: BaseCheckpointSaver[Any], thread_id: str, check: Check
) -> Iterator[BaseCheckpointSaver[Any]]:
    """Lend a saver for one write, inside a transaction in which the check holds."""
    if isinstance(saver, PostgresSaver):
        assert isinstance(saver.conn, ConnectionPool)
        with saver.conn.connection() as connection, connection.transaction():
            session = PostgresSession(connection)
            session.run(f"SELECT {NO_IDLING}")
            check(session)
            yield PostgresSaver(connection, serde=saver.serde)
        return
    assert isinstance(saver, SqliteSaver)
    # While SQLite waits for the file it keeps the connection to itself, and Python's sqlite3 would
    # wait for the connection with the interpreter's lock in its hand: whoever has the file could
    # then not go on. So no reader may come in meanwhile.
    with saver.lock:
        saver.conn.execute("BEGIN IMMEDIATE")
    try:
        with saver.lock:
            check(Session(saver.conn))
        yield saver  # it commits
    finally:
        with saver.lock:
            if saver.conn.in_transaction:
                saver.conn.rollback()


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
