"""Where a cache keeps its answers: in memory, or in a SQLite file that processes share."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from langchain_core._api import suppress_langchain_beta_warning
from langchain_core.load import dumpd, load
from langchain_core.load.serializable import Serializable

from agent_patterns.errors import PatternError

Held = tuple[Any]
"""A kept answer; a tuple, so that None can be one."""


class CacheError(PatternError):
    """A cache cannot be opened, written, or asked this way; the message says what to do."""


class Store(Protocol):
    """Say what a `Cache` needs of the place where its answers lie."""

    blocking: bool
    """True if calls may wait for a disk, and so belong in a thread."""

    def get(self, key: str, now: float) -> Held | None:
        """Return the answer, unless there is none or it has expired."""

    def put(self, key: str, value: Any, expires: float | None) -> None:
        """Keep an answer until a time, or for ever."""

    def delete(self, key: str) -> None:
        """Delete an answer."""

    def claim(self, key: str, now: float, until: float) -> bool:
        """Return False if another process computes this answer just now; else note that we do."""

    def release(self, key: str) -> None:
        """Take back what `claim` noted."""


class MemoryStore:
    """Keep answers in memory, the least recently used first to go."""

    blocking = False

    def __init__(self, max_entries: int = 10_000) -> None:
        self._entries: OrderedDict[str, tuple[Any, float | None]] = OrderedDict()
        self._most = max_entries
        self._lock = threading.Lock()

    def get(self, key: str, now: float) -> Held | None:
        """Return the answer, unless there is none or it has expired."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry[1] is not None and entry[1] <= now:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return (entry[0],)

    def put(self, key: str, value: Any, expires: float | None) -> None:
        """Keep an answer; the least recently used one goes if there are too many."""
        with self._lock:
            self._entries[key] = (value, expires)
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)

    def delete(self, key: str) -> None:
        """Delete an answer."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Delete all answers."""
        with self._lock:
            self._entries.clear()

    def claim(self, key: str, now: float, until: float) -> bool:
        """Return True: no other process shares this memory."""
        return True

    def release(self, key: str) -> None:
        """Do nothing; see `claim`."""


_VERSION = 1
_APPLICATION = 0x41504348  # "APCH": tells our files from other SQLite files
_SCHEMA = f"""
CREATE TABLE answers (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL);
CREATE INDEX answers_expires ON answers (expires);
CREATE TABLE leases (key TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
"""


class SqliteStore:
    """Keep answers in a SQLite file, for this process and others, now and after a restart.

    Values are JSON and LangChain messages; loading one never runs code.  Close it, or use it in
    a `with` block.

    Raises:
        CacheError: the file is damaged, no cache, of another version, or read-only.  It is left
            as it is.
    """

    blocking = True

    def __init__(self, path: str | Path) -> None:
        self._path, self._owner, self._lock = Path(path), uuid.uuid4().hex, threading.Lock()
        try:
            self._connection = sqlite3.connect(
                self._path, check_same_thread=False, isolation_level=None, timeout=10
            )
        except sqlite3.Error as error:
            raise CacheError(f"{self._path} cannot be opened: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        with self._told():
            if not self._pragma("user_version") and not self._tables():
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    if not self._tables():  # another process may have been quicker
                        for statement in _SCHEMA.strip().split(";\n"):
                            self._connection.execute(statement)
                finally:
                    self._connection.execute("COMMIT")
            if self._pragma("application_id") != _APPLICATION:
                raise CacheError(f"{self._path} is no cache file. Nothing was changed in it.")
            if (found := self._pragma("user_version")) != _VERSION:
                raise CacheError(
                    f"{self._path} has version {found}, and this library writes {_VERSION}. "
                    "Nothing was changed in it: move it away to start a new cache."
                )
            (sound,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if sound != "ok":
                raise CacheError(f"{self._path} is damaged: {sound}. Delete it to start anew.")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("BEGIN IMMEDIATE").execute("ROLLBACK")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _tables(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise CacheError(_advice(self._path, error)) from error

    def get(self, key: str, now: float) -> Held | None:
        """Return the answer, unless there is none or it has expired."""
        with self._told() as connection, closing(connection.cursor()) as cursor:
            row = cursor.execute("SELECT value, expires FROM answers WHERE key = ?", (key,))
            found = row.fetchone()
        if found is None or (found[1] is not None and found[1] <= now):
            return None
        return (_load(found[0], self._path),)

    def put(self, key: str, value: Any, expires: float | None) -> None:
        """Keep an answer.

        Raises:
            CacheError: it is neither JSON nor a LangChain message, or the file can't be written.
        """
        text = _dump(value)
        with self._told() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, text, expires)
            )

    def delete(self, key: str) -> None:
        """Delete an answer."""
        with self._told() as connection:
            connection.execute("DELETE FROM answers WHERE key = ?", (key,))

    def purge(self, now: float) -> int:
        """Delete expired answers; return how many."""
        with self._told() as connection:
            return connection.execute("DELETE FROM answers WHERE expires <= ?", (now,)).rowcount

    def clear(self) -> None:
        """Delete all answers, and leave no bytes of them in the file."""
        with self._told() as connection:
            connection.execute("DELETE FROM answers")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def claim(self, key: str, now: float, until: float) -> bool:
        """Return False while another process holds the lease on this key."""
        with self._told() as connection:
            taken = connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "owner = excluded.owner, until = excluded.until "
                "WHERE leases.until <= ? OR leases.owner = excluded.owner",
                (key, self._owner, until, now),
            )
            return taken.rowcount == 1

    def release(self, key: str) -> None:
        """Give a lease back."""
        with self._told() as connection:
            connection.execute("DELETE FROM leases WHERE key = ? AND owner = ?", (key, self._owner))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _advice(path: Path, error: sqlite3.Error) -> str:
    told = str(error)
    if "readonly" in told or "read-only" in told:
        return f"{path} is read-only: make it writable, or give the cache another file."
    if "not a database" in told or "malformed" in told:
        return f"{path} is damaged or no cache file ({told}). Move it away to start a new cache."
    return f"{path}: {told}"


def _dump(value: Any) -> str:
    try:
        text = json.dumps(_shown(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CacheError(f"a {type(value).__name__} cannot be kept in a file: {error}") from error
    return text


def _shown(value: Any) -> Any:
    if isinstance(value, Serializable):
        return dumpd(value)
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} is neither JSON nor a message")


def _load(text: str, path: Path) -> Any:
    try:
        with suppress_langchain_beta_warning():
            return load(json.loads(text), allowed_objects="core")
    except Exception as error:
        raise CacheError(f"{path} holds an answer that cannot be read: {error}") from error
