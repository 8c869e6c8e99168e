"""One function that opens any checkpointer from a URL, configured for production."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import aiosqlite
import psycopg
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

from agent_patterns.persistence.checkpointer import SafeCheckpointer
from agent_patterns.persistence.database import (
    BUSY_SECONDS,
    SQLITE_PRAGMAS,
    Database,
    PostgresDatabase,
    SqliteDatabase,
    open_sqlite,
)
from agent_patterns.persistence.errors import UnknownBackend
from agent_patterns.persistence.fencing import Fences
from agent_patterns.persistence.memory_storage import MemoryStorage
from agent_patterns.persistence.sealing import SealedSerializer
from agent_patterns.persistence.sql_storage import SqlStorage
from agent_patterns.persistence.validation import StateValidator

# autocommit: setup() builds indexes that PostgreSQL refuses inside a transaction, and a
# checkpoint must be durable when put() returns.  prepare_threshold: no prepared statements, so
# that a connection pooler may stand in between.
_CONNECTION = {"autocommit": True, "prepare_threshold": None, "row_factory": dict_row}
_SETUP_LOCK = 7_306_093_170_941


class Address(NamedTuple):
    """Where a URL leads: `backend` is memory, sqlite or postgresql."""

    backend: str
    place: str


def parse_url(url: str) -> Address:
    """Reads a checkpointer URL.

    `memory://` | `sqlite:///relative/or/absolute.db` | `sqlite:///:memory:` |
    `postgresql://user@host/database` (any PostgreSQL connection URL)

    Raises:
        UnknownBackend: the scheme is none of these, or a SQLite URL has options.
    """
    scheme, separator, rest = url.partition("://")
    backend = scheme.lower().partition("+")[0]
    if separator and backend == "memory":
        return Address("memory", "")
    if separator and backend == "sqlite" and rest.startswith("/") and len(rest) > 1:
        if "?" in rest:
            raise UnknownBackend(
                "A sqlite URL takes no options after a '?'; in a file's name write %3F for it."
            )
        return Address("sqlite", unquote(rest[1:]))
    if separator and backend in ("postgresql", "postgres"):
        return Address("postgresql", f"postgresql://{rest}")
    shown = f"{scheme}://..." if separator else url  # the rest may hold a password
    raise UnknownBackend(
        f"Cannot open {shown!r}; use memory://, sqlite:///folder/file.db or postgresql://host/name."
    )


def open_checkpointer(
    url: str,
    *,
    schema: type | None = None,
    allow: Iterable[type] = (),
    key: bytes | None = None,
) -> SafeCheckpointer:
    """Opens a checkpointer, creates its tables if they are missing, and checks what it stores.

    Use it with `with`, or call `close()`.

    Args:
        url: `memory://`, `sqlite:///file.db` or `postgresql://…` (see `parse_url`).
        schema: the graph's state schema; values are validated on save and on load.
        allow: classes of yours that the state holds; everything else unknown is refused on save.
        key: secret for the seals (at most 64 bytes). With one, a forged checkpoint is found as
            well as a damaged one.

    Raises:
        UnknownBackend: the URL names no backend, or the backend does not answer.
    """
    backend, place = parse_url(url)
    serializer = SealedSerializer(allow=allow, key=key)
    validator = StateValidator(schema) if schema is not None else None
    if backend == "memory":
        return _in_memory(url, serializer, validator)
    database: Database
    inner: BaseCheckpointSaver[Any]
    if backend == "sqlite":
        if place == ":memory:":
            return _in_memory(url, serializer, validator)
        _make_folder(place)
        with _said_plainly(place), ExitStack() as opened:
            connection = opened.enter_context(closing(open_sqlite(place)))
            inner = SqliteSaver(connection, serde=serializer)
            inner.setup()
            database = SqliteDatabase(place)
            opened.pop_all()
        fences = Fences(database)

        def close() -> None:
            connection.close()
            database.close()

    else:
        pool = _open_pool(place)
        inner = PostgresSaver(pool, serde=serializer)
        _set_up(pool, inner)
        database = PostgresDatabase(pool)
        fences = Fences(database, pool)
        close = pool.close
    return SafeCheckpointer(
        inner,
        url=url,
        serializer=serializer,
        storage=SqlStorage(database),
        database=database,
        fences=fences,
        validator=validator,
        close=close,
    )


async def open_async_checkpointer(
    url: str,
    *,
    schema: type | None = None,
    allow: Iterable[type] = (),
    key: bytes | None = None,
) -> SafeCheckpointer:
    """Like `open_checkpointer`, on the async drivers, for the running event loop.

    Use it with `async with await open_async_checkpointer(...)`, or await `aclose()`.

    Raises:
        UnknownBackend: like `open_checkpointer`, or the event loop is one that psycopg cannot use.
    """
    backend, place = parse_url(url)
    serializer = SealedSerializer(allow=allow, key=key)
    validator = StateValidator(schema) if schema is not None else None
    if backend == "memory" or place == ":memory:":
        return _in_memory(url, serializer, validator)
    database: Database
    inner: BaseCheckpointSaver[Any]
    if backend == "sqlite":
        _make_folder(place)
        with _said_plainly(place):
            database = await asyncio.to_thread(SqliteDatabase, place)
        connection = await aiosqlite.connect(place, timeout=BUSY_SECONDS)
        for pragma in SQLITE_PRAGMAS:
            await connection.execute(pragma)
        inner = AsyncSqliteSaver(connection, serde=serializer)
        await inner.setup()
        fences = Fences(database)

        async def close() -> None:
            await connection.close()
            database.close()

    else:
        _refuse_a_proactor()
        side = await asyncio.to_thread(_open_pool, place)
        await asyncio.to_thread(_set_up, side, PostgresSaver(side, serde=serializer))
        pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            place, min_size=1, max_size=4, kwargs=_CONNECTION, open=False
        )
        await pool.open(wait=True, timeout=BUSY_SECONDS)
        inner = AsyncPostgresSaver(pool, serde=serializer)
        database = PostgresDatabase(side)
        fences = Fences(database, pool)

        async def close() -> None:
            await pool.close()
            await asyncio.to_thread(side.close)

    return SafeCheckpointer(
        inner,
        url=url,
        serializer=serializer,
        storage=SqlStorage(database),
        database=database,
        fences=fences,
        validator=validator,
        close=close,
        asynchronous=True,
    )


def _in_memory(
    url: str, serializer: SealedSerializer, validator: StateValidator | None
) -> SafeCheckpointer:
    saver = InMemorySaver(serde=serializer)
    database = SqliteDatabase(":memory:")
    return SafeCheckpointer(
        saver,
        url=url,
        serializer=serializer,
        storage=MemoryStorage(saver),
        database=database,
        fences=Fences(database),
        validator=validator,
        close=database.close,
    )


def _make_folder(place: str) -> None:
    folder = Path(place).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnknownBackend(f"Cannot create the folder {folder}: {error}") from error


@contextmanager
def _said_plainly(place: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise UnknownBackend(
            f"SQLite cannot open {place!r}: {error}. Is it a file, may it be written, "
            "and is it a SQLite database?"
        ) from error


def _refuse_a_proactor() -> None:
    if type(asyncio.get_running_loop()).__name__ == "ProactorEventLoop":  # Windows' default
        raise UnknownBackend(
            "psycopg cannot use Windows' ProactorEventLoop. In a program, run on "
            "asyncio.SelectorEventLoop (asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)); "
            "or open_checkpointer(url), which serves an async graph too."
        )


def _open_pool(place: str) -> ConnectionPool[Any]:
    pool: ConnectionPool[Any] = ConnectionPool(
        place, min_size=1, max_size=8, kwargs=_CONNECTION, open=False
    )
    try:
        # One plain connection first: it says at once what a pool only says after its time-out.
        psycopg.connect(place, connect_timeout=10).close()
        pool.open(wait=True, timeout=BUSY_SECONDS)
    except psycopg.OperationalError as error:
        pool.close()
        raise UnknownBackend(f"PostgreSQL does not answer: {error}") from error
    return pool


class _Busy(Exception):
    """Another worker is creating the tables."""


# Trying, not waiting, for the lock: creating an index concurrently waits for every open statement,
# and a worker that waits for the lock would be one.
@retry(
    retry=retry_if_exception_type(_Busy),
    stop=stop_after_delay(BUSY_SECONDS),
    wait=wait_random(0.02, 0.1),
    reraise=True,
)
def _set_up(pool: ConnectionPool[Any], saver: PostgresSaver) -> None:
    with pool.connection() as connection, connection.cursor() as cursor:
        try:
            cursor.execute("SELECT max(v) AS version FROM checkpoint_migrations")
            if (cursor.fetchone() or {}).get("version") == len(PostgresSaver.MIGRATIONS) - 1:
                return
        except psycopg.errors.UndefinedTable:
            pass  # a new database
        cursor.execute("SELECT pg_try_advisory_lock(%s) AS mine", (_SETUP_LOCK,))
        if not (cursor.fetchone() or {}).get("mine"):
            raise _Busy
        try:
            PostgresSaver(connection, serde=saver.serde).setup()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))
