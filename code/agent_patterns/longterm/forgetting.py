"""Forget one user everywhere, and prove it by a search of the raw files.

A DELETE is a promise: the bytes stay in freed pages, in the write-ahead log, in vectors, in the
checkpoints of the user's threads, in caches and in logs.  So `forget_user` looks into the files
before and after.  The search before is the control: a search that never found anything proves
nothing.

It can't see what is compressed or encrypted, what PostgreSQL stores out of line (long texts), nor
backups, replicas, and what a model's provider keeps.  And it leaves out what is no proof: a text
that another user said as well, and an id that is a part of another one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent_patterns.longterm.backends import erase_sqlite
from agent_patterns.longterm.errors import StillThere
from agent_patterns.longterm.memories import Memories
from agent_patterns.longterm.writer import MemoryWriter

_CHUNK, _SHORTEST = 1 << 20, 4


class Clearable(Protocol):
    """Say what `forget_user` needs of a cache."""

    def clear(self) -> object:
        """Delete all entries."""


class Trace(NamedTuple):
    """Tell where a text was found."""

    file: str
    text: str


@dataclass
class Forgotten:
    """Tell what was deleted of a user.

    Attributes:
        memories: how many.
        threads: whose checkpoints are gone.
        log_lines: how many lines are gone from logs.
        before: what the raw files held; empty if no file was searched, which proves nothing.
        after: what they still hold.
    """

    user: str
    memories: int = 0
    threads: list[str] = field(default_factory=list)
    log_lines: int = 0
    before: list[Trace] = field(default_factory=list)
    after: list[Trace] = field(default_factory=list)


def forget_user(
    user: str,
    *,
    memories: Memories,
    writer: MemoryWriter | None = None,
    checkpointers: Sequence[BaseCheckpointSaver[Any]] = (),
    threads: Sequence[str] = (),
    caches: Sequence[Clearable] = (),
    logs: Sequence[Path | str] = (),
    files: Sequence[Path | str] = (),
    traces: Sequence[str | bytes] = (),
) -> Forgotten:
    """Delete everything of a user, and search the raw files for what is left.

    It works while the embedding model is down, and may be repeated after an error; once the
    memories are gone, hand their texts over as `traces`.  Stop other processes that work for this
    user first.

    Args:
        user: whose data it is.  Opaque ids of one length are found without false alarms; "ben" is
            in "benefit".
        memories: the store; its own files are searched too.
        writer: has its jobs for this user dropped first.
        checkpointers: lose the user's threads, which say ``user_id`` in the config's
            ``configurable`` or ``metadata``.
        threads: further threads of this user.
        caches: are cleared whole: keys that are hashes don't tell whose answer they lead to.
        logs: text files that lose the lines with a trace.
        files: more files and folders to search.
        traces: more texts or bytes to search for, besides the id and the memories' texts.

    Raises:
        StillThere: something was found afterwards; `forgotten` tells where.
    """
    mine = memories.of(user)
    if writer is not None:
        writer.drop(user)
    needles = _needles([*_own(memories, user), *traces])
    places = [*memories.backend.files(), *map(Path, files), *map(Path, logs)]
    for path in filter(None, map(_sqlite_path, checkpointers)):
        places += [Path(path + suffix) for suffix in ("", "-wal")]
    places = list(dict.fromkeys(places))
    done = Forgotten(user, before=list(search_files(places, needles)))
    for saver in checkpointers:
        done.threads += _forget_threads(saver, user, threads)
    for cache in caches:
        cache.clear()
    for log in logs:
        done.log_lines += _forget_lines(Path(log), needles)
    done.memories = mine.clear()  # last: a run that breaks off before still knows the texts
    for saver in checkpointers:
        _erase(saver)
    memories.backend.erase()
    done.after = list(search_files(places, needles))
    if done.after:
        count = Counter(file for file, _ in done.after)  # and not the texts: errors are logged
        raise StillThere(done, ", ".join(f"{file} ({n})" for file, n in count.items()))
    return done


def _own(memories: Memories, user: str) -> list[str]:
    """Return what in a raw file can come from this user alone: the id, and texts."""

    def said(whose: str) -> list[str]:
        every = memories.of(whose).all(expired=True)
        return [each.text for memory in every for each in memory.statements]

    others = [each for each in memories.users() if each != user]
    theirs = "\n".join([*others, *(text for each in others for text in said(each))])
    mine = [user, *(text for text in said(user) if len(text) >= _SHORTEST)]
    return [each for each in mine if each not in theirs]


def search_files(places: Iterable[Path | str], needles: Sequence[str | bytes]) -> Iterator[Trace]:
    """Yield where a text or bytes are found in the raw bytes of files, once for a file."""
    patterns = [each.encode() if isinstance(each, str) else each for each in _needles(needles)]
    overlap = max(map(len, patterns), default=1) - 1
    for file in _files(places):
        missing, tail = list(patterns), b""
        try:
            with file.open("rb") as opened:
                while missing and (chunk := opened.read(_CHUNK)):
                    data = tail + chunk
                    for each in [each for each in missing if each in data]:
                        missing.remove(each)
                        yield Trace(str(file), each.decode("utf-8", "backslashreplace"))
                    tail = data[-overlap:] if overlap else b""
        except FileNotFoundError:
            continue  # a database may remove a file at any time


def _files(places: Iterable[Path | str]) -> Iterator[Path]:
    for place in map(Path, places):
        if place.is_file():
            yield place
        for folder, _, names in os.walk(place, onerror=_unless_gone):
            yield from (path for name in names if (path := Path(folder, name)).is_file())


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error  # what can't be read is not known to be clean


def _needles(texts: Iterable[str | bytes]) -> list[str | bytes]:
    """Return the texts, and what JSON writes for them."""
    found: list[str | bytes] = []
    for each in texts:
        if isinstance(each, str):
            found += [
                json.dumps(each, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)
            ]
        found.append(each)
    return [each for each in dict.fromkeys(found) if each]


def _forget_threads(
    saver: BaseCheckpointSaver[Any], user: str, threads: Sequence[str]
) -> list[str]:
    ids = (
        each.config["configurable"]["thread_id"]
        for each in saver.list(None, filter={"user_id": user})
    )
    found = list(dict.fromkeys([*threads, *ids]))
    for thread_id in found:
        saver.delete_thread(thread_id)
    return found


def _forget_lines(log: Path, needles: Sequence[str | bytes]) -> int:
    """Rewrite the file in place, since a program may have it open to append."""
    patterns = [each.encode() if isinstance(each, str) else each for each in needles]
    with log.open("r+b") as file:
        lines = file.readlines()
        kept = [line for line in lines if not any(each in line for each in patterns)]
        if len(kept) < len(lines):
            file.seek(0)
            file.writelines(kept)
            file.truncate()
    return len(lines) - len(kept)


def _erase(saver: BaseCheckpointSaver[Any]) -> None:
    """Overwrite deleted checkpoints, as `Backend.erase` does with deleted memories."""
    if path := _sqlite_path(saver):
        erase_sqlite(path)
    elif pool := getattr(getattr(saver, "database", None), "pool", None) or _postgres(saver):
        from agent_patterns.longterm.postgres import erase_postgres

        erase_postgres(pool, "checkpoint%")


def _sqlite_path(saver: Any) -> str:
    """Return the file of LangGraph's or our own checkpointer on SQLite; "" for others."""
    path = getattr(getattr(saver, "database", None), "path", "")
    connection = getattr(saver, "conn", None)
    if isinstance(connection, sqlite3.Connection):
        path = connection.execute("PRAGMA database_list").fetchone()[2]
    return str(path) if path and Path(path).is_file() else ""


def _postgres(saver: Any) -> Any:
    connection = getattr(saver, "conn", None)
    return None if isinstance(connection, sqlite3.Connection) else connection
