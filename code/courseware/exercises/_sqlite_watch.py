"""Lets a check act at the very moment before an answer writes to SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

_WRITES = ("UPDATE", "INSERT", "DELETE", "REPLACE")
_LOCKED_SECONDS = 0.05
"""How long a connection waits for a lock meanwhile: the one that holds it waits for this one."""


@contextmanager
def watched_writes() -> Iterator[Callable[[Callable[[], None] | None], None]]:
    """While the block runs, a function set with what this yields is called before the next write.

    It sees connections that are opened within the block by `sqlite3.connect`.
    """
    waiting: list[Callable[[], None]] = []

    def act(statement: str) -> None:
        if waiting and statement.lstrip().upper().startswith(_WRITES):
            waiting.pop()()

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *parameters: Any) -> Cursor:
            act(sql)
            super().execute(sql, *parameters)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, *arguments: Any, **options: Any) -> Any:
            return super().cursor(*(arguments or (Cursor,)), **options)

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            cursor: sqlite3.Cursor = self.cursor()
            return cursor.execute(sql, *parameters)

    real = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> Any:
        return real(*arguments, **{"factory": Connection, **options, "timeout": _LOCKED_SECONDS})

    def before_write(do: Callable[[], None] | None) -> None:
        waiting[:] = [do] if do else []

    sqlite3.connect = cast("Any", connect)
    try:
        yield before_write
    finally:
        sqlite3.connect = real
