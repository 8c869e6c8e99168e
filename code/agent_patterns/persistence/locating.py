"""Errors that say where: which checkpoint could not be read, which key could not be stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig

from agent_patterns.persistence.errors import CheckpointCorrupted, StateInvalid
from agent_patterns.persistence.sealing import SealedSerializer

# What decoding damaged rows raises, beside our own error.
_DAMAGE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    sqlite3.DatabaseError,
)


@contextmanager
def located(config: RunnableConfig | None) -> Iterator[None]:
    """Makes damage that is met inside a `CheckpointCorrupted` that names the checkpoint."""
    try:
        yield
    except CheckpointCorrupted as error:
        raise _at(error, config) from error
    except _DAMAGE as error:
        if not _is_damage(error):
            raise
        unread = "its JSON cannot" if isinstance(error, json.JSONDecodeError) else "it cannot"
        reason = f"{unread} be read ({type(error).__name__}: {error})"
        raise _at(CheckpointCorrupted(reason), config) from error


@contextmanager
def key_named(serializer: SealedSerializer, items: Iterable[tuple[str, Any]]) -> Iterator[None]:
    """Says which key could not be stored, where the serialiser only saw the whole."""
    try:
        yield
    except StateInvalid as error:
        if set(error.problems) != {"value"}:
            raise
        problems = {}
        for key, value in items:
            try:
                serializer.dumps_typed(value)
            except StateInvalid as found:
                problems[key] = found.problems["value"]
        raise StateInvalid(problems or error.problems, when="save") from error


def _at(error: CheckpointCorrupted, config: RunnableConfig | None) -> CheckpointCorrupted:
    place = (config or {}).get("configurable", {})
    return type(error)(
        error.reason,
        thread_id=error.thread_id or str(place.get("thread_id", "")),
        checkpoint_id=error.checkpoint_id or str(place.get("checkpoint_id") or "(newest)"),
        tasks=error.tasks,
    )


def _is_damage(error: Exception) -> bool:
    if isinstance(error, sqlite3.DatabaseError):
        return "malformed" in str(error) or "Could not decode" in str(error)
    # A synchronous saver that is asked for something asynchronous.
    return not (isinstance(error, NotImplementedError) and "async" in str(error))
