"""Ask a database again that did not answer, and write only while a check holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg_pool import ConnectionPool
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random_exponential

from agent_patterns.durable.database import (
    NO_IDLING,
    PATIENCE,
    PostgresSession,
    Session,
    SqliteSession,
    is_transient,
)

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
            check(SqliteSession(saver.conn))
        yield saver  # it commits
    finally:
        with saver.lock:
            if saver.conn.in_transaction:
                saver.conn.rollback()
