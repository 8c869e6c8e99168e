"""Where memories lie: LangGraph's own stores, each with a transaction and a way to erase.

| URL                 | Store           | What this file adds                                      |
|---------------------|-----------------|----------------------------------------------------------|
| `memory://`         | `InMemoryStore` | a lock                                                   |
| `sqlite:///file.db` | `SqliteStore`   | one transaction for read and write, vectors that go with |
|                     |                 | their memory, and Pythons without loadable extensions    |
| `postgresql://…`    | `PostgresStore` | see `postgres.py`: one transaction, pgvector explained   |
| `qdrant:///folder`  | `QdrantStore`   | see `qdrant.py`; it needs `qdrant-client`                |

PostgreSQL searches one user's rows exactly.  An approximate index (HNSW) would look at the nearest
of *all* users' and then drop other users', so a user among many would get few results or none.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from langgraph.store.base import BaseStore, Op, Result
from langgraph.store.memory import InMemoryStore
from langgraph.store.sqlite import SqliteStore

from agent_patterns.durable.database import SqliteDatabase
from agent_patterns.longterm.errors import LongTermError
from agent_patterns.longterm.vectors import Vectors


class Backend:
    """A store in this process's memory, and the base of the others.

    Attributes:
        store: any LangGraph store that embeds the field `text`.
    """

    store: BaseStore

    def __init__(self, vectors: Vectors) -> None:
        self.store, self._vectors, self._lock = _Memory(), vectors, threading.RLock()

    def index(self, size: int) -> Any:
        """Return the settings of a store whose vectors have a size."""
        fields = ["text"]  # SqliteStore reads text_fields, the others fields
        return {"dims": size, "embed": self._vectors, "fields": fields, "text_fields": fields}

    @contextmanager
    def locked(self, user: str) -> Iterator[BaseStore]:
        """Lend the store for a transaction that nobody else's on this user overlaps."""
        with self._lock:
            yield self.store

    def build(self, store: BaseStore, size: int) -> BaseStore:
        """Create what is missing for vectors of this size, within `locked`; return its store."""
        self.store = _Memory(index=self.index(size))
        return self.store

    def drop(self, store: BaseStore) -> None:
        """Delete all vectors, and keep the memories; call it within `locked`."""

    def erase(self) -> None:
        """Overwrite what was deleted, wherever the database keeps it after a DELETE."""
        assert isinstance(self.store, InMemoryStore)
        for table in (self.store._data, self.store._vectors):
            for namespace in [each for each, items in table.items() if not items]:
                del table[namespace]

    def files(self) -> list[Path]:
        """Return the files and folders that the data lies in."""
        return []

    def close(self) -> None:
        """Close the database."""


class _Memory(InMemoryStore):
    """LangGraph's store, safe for threads, and for two puts of the same text in a batch."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lock = threading.RLock()

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do the operations one by one."""
        one = super().batch
        with self._lock:
            return [result for op in ops for result in one([op])]


class SqliteBackend(Backend):
    """A SQLite file, shared by processes."""

    store: _Store

    def __init__(self, database: SqliteDatabase, vectors: Vectors) -> None:
        super().__init__(vectors)
        self._database = database
        self._connection = database.connect(factory=_Connection)
        for pragma in ("foreign_keys", "secure_delete"):
            self._connection.execute(f"PRAGMA {pragma} = ON")
        self.store = _Store(self._connection)
        with self.locked("") as store:
            store.setup()

    @contextmanager
    def locked(self, user: str) -> Iterator[_Store]:
        """Lend the store within a transaction that holds the file's write lock from its start."""
        with self._lock, self.store.lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.store
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def build(self, store: BaseStore, size: int) -> BaseStore:
        """Create the table of vectors."""
        lock = self.store.lock
        self.store = _Store(self._connection, index=self.index(size))
        self.store.lock = lock
        self.store.setup()
        return self.store

    def drop(self, store: BaseStore) -> None:
        """Delete all vectors."""
        known = "SELECT 1 FROM sqlite_schema WHERE name = 'store_vectors'"
        if self._connection.execute(known).fetchone():
            self._connection.execute("DELETE FROM store_vectors")

    def erase(self) -> None:
        """Rewrite the file without freed pages, and empty the write-ahead log."""
        with self._lock, self.store.lock:
            erase_sqlite(self._database.path)

    def files(self) -> list[Path]:
        """Return the file, its write-ahead log and its shared memory."""
        base = self._database.path
        return [path for suffix in ("", "-wal", "-shm") if (path := Path(base + suffix)).exists()]

    def close(self) -> None:
        """Close the file."""
        with self.store.lock:
            self._connection.close()
            self._database.close()


class _Store(SqliteStore):
    """LangGraph's store, able to work within a transaction that is open already."""

    def __init__(self, connection: sqlite3.Connection, **options: Any) -> None:
        super().__init__(connection, **options)
        self.lock: Any = threading.RLock()

    @contextmanager
    def _cursor(self, *, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        with self.lock:
            own = transaction and not self.conn.in_transaction
            with super()._cursor(transaction=own) as cursor:
                yield cursor


class _Connection(sqlite3.Connection):
    """A connection for `SqliteStore` whose setup is one transaction, on every Python.

    `executescript` commits what is open, so a process killed during the store's setup would leave
    tables that no later setup accepts.  And many builds of Python can't load extensions; of
    sqlite-vec the store needs one function.
    """

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        cursor, statement = self.cursor(), ""
        for part in script.split(";"):
            statement += f"{part};"
            if sqlite3.complete_statement(statement):
                cursor.execute(statement)
                statement = ""
        return cursor

    if not hasattr(sqlite3.Connection, "enable_load_extension"):

        def enable_load_extension(self, enable: bool, /) -> None:
            """Do nothing."""

        def load_extension(self, name: str, /) -> None:
            """Create the one function instead."""
            self.create_function("vec_distance_cosine", 2, _distance, deterministic=True)


def _distance(one: bytes, other: bytes) -> float:
    (first, length), (second, other_length) = _read(one), _read(other)
    return 1.0 - float(first @ second) / (length * other_length)


@lru_cache(maxsize=64)
def _read(data: bytes) -> tuple[Any, float]:
    vector = np.frombuffer(data, dtype=np.float32)
    return vector, float(np.linalg.norm(vector))


def erase_sqlite(path: str, *, patience: float = 5.0) -> None:
    """Rewrite a SQLite file without what was deleted, and empty its write-ahead log.

    Args:
        path: the file.
        patience: seconds to wait for others who read it.

    Raises:
        LongTermError: somebody is still reading it, so the log can't be emptied.
    """
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise LongTermError(
            f"Somebody is reading {path}, so its log keeps old pages. Close other connections, and "
            "forget once more."
        )
