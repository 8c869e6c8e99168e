"""What is tied together by a seal, so that no part can be taken for another's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import WRITES_IDX_MAP, Checkpoint

from agent_patterns.persistence.errors import CheckpointCorrupted

_INLINE = (str, int, float, bool, type(None))
"""Types of values that PostgreSQL's saver keeps in its jsonb, outside the serialiser."""


def document_of(
    config: RunnableConfig,
    identifier: str,
    parent: str | None,
    checkpoint: Checkpoint,
    metadata: dict[str, Any],
) -> dict[str, Any]:
    """What the seal in the metadata covers."""
    values = checkpoint["channel_values"]
    place = config["configurable"]
    return {
        "thread": str(place["thread_id"]),
        "namespace": place.get("checkpoint_ns", ""),
        "id": identifier,
        "parent": parent,
        "keys": sorted(values),
        "plain": {key: value for key, value in values.items() if isinstance(value, _INLINE)},
        "checkpoint": {key: part for key, part in checkpoint.items() if key != "channel_values"},
        "metadata": metadata,
    }


def bound(writes: Sequence[tuple[str, Any]], task_id: str) -> list[tuple[str, Any]]:
    """Ties each write to its task, channel and place, so that none can be taken for another."""
    total = sum(channel not in WRITES_IDX_MAP for channel, _ in writes)
    return [
        (channel, [task_id, channel, total, place, value])
        for place, (channel, value) in enumerate(writes)
    ]


def unbound(writes: Sequence[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """What `bound` was given, with the task's id.

    Raises:
        CheckpointCorrupted: a write is another task's or channel's, is not in its place, or is
            missing while another of its task is there.
    """
    plain = []
    damaged: set[str] = set()
    places: dict[str, list[int]] = {}
    promised: dict[str, int] = {}
    for task_id, channel, envelope in writes:
        if (
            not isinstance(envelope, list)
            or len(envelope) != 5
            or envelope[:2] != [task_id, channel]
        ):
            damaged.add(task_id)
            continue
        total, place, value = envelope[2:]
        if channel not in WRITES_IDX_MAP:
            places.setdefault(task_id, []).append(place)
            promised[task_id] = min(total, promised.get(task_id, total))
        plain.append((task_id, channel, value))
    for task_id, found in places.items():
        if len(found) < promised[task_id] or any(a >= b for a, b in pairwise(found)):
            damaged.add(task_id)
    if damaged:
        raise CheckpointCorrupted(
            "a pending write is not what its task wrote", tasks=frozenset(damaged)
        )
    return plain


def unstorable(values: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, str]:
    """What one backend or another could not store outside the serialiser: key -> why."""
    plain = {key: value for key, value in values.items() if isinstance(value, _INLINE)}
    named = plain | {f"metadata {key}": value for key, value in metadata.items()}
    return {key: problem for key, value in named.items() if (problem := _problem(value))}


def _problem(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"JSON has no {value}; store None or a text"
    if isinstance(value, str):
        if "\x00" in value:
            return "PostgreSQL cannot store a NUL character"
        try:
            value.encode()
        except UnicodeEncodeError:
            return "it holds half a character (a lone surrogate), which is no text"
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple)):
        return next((problem for item in value if (problem := _problem(item))), "")
    return ""
