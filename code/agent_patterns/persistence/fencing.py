"""Fencing tokens: a worker that was thought dead may write no more.

A lease alone is not enough: a worker may stall, lose its lease, wake up and write.  So every claim
carries a number that only grows, and each write checks, in the same transaction, that its number
is still the thread's newest.  After M. Kleppmann, *Designing Data-Intensive Applications*, ch. 8.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_patterns.persistence.database import NO_IDLING, Database
from agent_patterns.persistence.errors import ClaimLost

_TOKEN = "SELECT token FROM agent_runs WHERE thread_id = "
_POSTGRES_TOKEN = (
    f"SELECT token, {NO_IDLING} FROM agent_runs WHERE thread_id = %s FOR SHARE"
).encode()


class Fences:
    """The token that a checkpointer writes to a claimed thread under.

    A thread that is not claimed here is written to freely.
    """

    def __init__(self, database: Database, pool: Any = None) -> None:
        self._database = database
        self._pool = pool
        self._tokens: Mapping[str, int] = {}
        self._lock = threading.RLock()
        self._async_lock = asyncio.Lock()

    def under(self, thread_id: str, token: int) -> Fences:
        """One for a run: the same connections and locks, and the run's own token.

        Each run has its own, also within one process, so that a late write of it is refused
        whoever holds the thread by then.
        """
        fences = copy.copy(self)
        fences._tokens = {thread_id: token}
        return fences

    @contextmanager
    def writer(
        self, saver: BaseCheckpointSaver[Any], thread_id: str
    ) -> Iterator[BaseCheckpointSaver[Any]]:
        """A saver to write with, inside a transaction that has checked the token."""
        token = self._tokens.get(thread_id)
        if token is None:
            with self._lock if isinstance(saver, SqliteSaver) else _nothing():
                yield saver
        elif isinstance(saver, SqliteSaver):
            with self._lock:
                saver.setup()
                # While SQLite waits for the file it keeps the connection to itself, and Python's
                # sqlite3 would wait for the connection with the interpreter's lock in its hand:
                # whoever has the file could then not go on. So no reader may come in meanwhile.
                with saver.lock:
                    saver.conn.execute("BEGIN IMMEDIATE")
                try:
                    with saver.lock:
                        row = saver.conn.execute(_TOKEN + "?", (thread_id,)).fetchone()
                    _check(row, token, thread_id)
                    yield saver  # it commits
                finally:
                    with saver.lock:
                        if saver.conn.in_transaction:
                            saver.conn.rollback()
        elif isinstance(saver, PostgresSaver):
            with self._pool.connection() as connection, connection.transaction():
                with connection.cursor() as cursor:
                    cursor.execute(_POSTGRES_TOKEN, (thread_id,))
                    row = cursor.fetchone()
                _check(row and [row["token"]], token, thread_id)
                yield PostgresSaver(connection, serde=saver.serde)
        else:
            with self._lock, self._database.transaction() as session:
                rows = session.run(_TOKEN + "?", (thread_id,))
                _check(rows[0] if rows else None, token, thread_id)
                yield saver

    @asynccontextmanager
    async def awriter(
        self, saver: BaseCheckpointSaver[Any], thread_id: str
    ) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        """Like `writer`, for the async savers."""
        token = self._tokens.get(thread_id)
        if isinstance(saver, AsyncSqliteSaver):
            async with self._async_lock:
                if token is None:
                    yield saver
                    return
                await saver.setup()
                await saver.conn.execute("BEGIN IMMEDIATE")
                try:
                    async with saver.conn.execute(_TOKEN + "?", (thread_id,)) as cursor:
                        _check(await cursor.fetchone(), token, thread_id)
                    yield saver  # it commits
                finally:
                    if saver.conn.in_transaction:
                        await saver.conn.rollback()
        elif isinstance(saver, AsyncPostgresSaver) and token is not None:
            async with self._pool.connection() as connection, connection.transaction():
                async with connection.cursor() as cursor:
                    await cursor.execute(_POSTGRES_TOKEN, (thread_id,))
                    row = await cursor.fetchone()
                _check(row and [row["token"]], token, thread_id)
                yield AsyncPostgresSaver(connection, serde=saver.serde)
        else:
            with self.writer(saver, thread_id) as inner:
                yield inner


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _check(row: Any, token: int, thread_id: str) -> None:
    if row is None or int(row[0]) != token:
        raise ClaimLost(thread_id)
