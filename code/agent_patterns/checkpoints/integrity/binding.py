"""What a seal ties together, so that no stored part can be taken for another.

- A channel's value: thread, namespace, channel, version.  (PostgreSQL keeps values in a table of
  their own, shared by checkpoints; a version is written once.)
- A pending write: thread, namespace, checkpoint, task, channel, and its place among the task's.
- Everything else of a checkpoint: one document, whose seal lies in the metadata.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import ormsgpack
from langgraph.checkpoint.base import WRITES_IDX_MAP, Checkpoint
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.types import ERROR

from agent_patterns.checkpoints.errors import CheckpointCorrupted, StateInvalid
from agent_patterns.checkpoints.integrity.sealing import Sealer


class Place(NamedTuple):
    """Where a checkpoint is stored."""

    thread_id: str
    namespace: str
    checkpoint_id: str


class Opaque(SerializerProtocol):
    """Carry sealed bytes and plain msgpack through LangGraph's savers, decoding nothing else.

    What cannot be read comes out as `None`, so that the seal's verdict is the only one.
    """

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Encode bytes as they are, and a checkpoint's plain data as msgpack."""
        return ("sealed", obj) if isinstance(obj, bytes) else ("plain", ormsgpack.packb(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return sealed bytes as they are; decode msgpack, which builds plain data only."""
        kind, stored = data
        if kind == "sealed" and isinstance(stored, bytes | memoryview):
            return bytes(stored)
        if kind == "plain" and isinstance(stored, bytes | memoryview):
            return ormsgpack.unpackb(stored)
        return None


def seal_values(
    sealer: Sealer, place: Place, checkpoint: Checkpoint, changed: Container[str], *, every: bool
) -> dict[str, bytes | None]:
    """Seal a checkpoint's changed values, or every one, each bound to its channel and version.

    Raises:
        StateInvalid: Names each key whose value would not be rebuilt equal.
    """
    versions = checkpoint["channel_versions"]
    sealed: dict[str, bytes | None] = {}
    problems: dict[str, str] = {}
    for channel, value in checkpoint["channel_values"].items():
        if value is None:  # tells nothing; the document says whose value it is
            sealed[channel] = None
            continue
        if not every and channel not in changed:
            continue
        bound = (*place[:2], channel, versions.get(channel))
        try:
            sealed[channel] = sealer.seal(value, *bound, compare=channel in changed)
        except StateInvalid as error:
            problems[channel] = error.problems["value"]
    if problems:
        raise StateInvalid(problems, when="save")
    return sealed


def unseal_values(sealer: Sealer, place: Place, checkpoint: Checkpoint) -> dict[str, Any]:
    """Verify and decode what `seal_values` sealed."""
    versions = checkpoint["channel_versions"]
    values = {}
    for channel, value in checkpoint["channel_values"].items():
        bound = (*place[:2], channel, versions.get(channel))
        try:
            values[channel] = None if value is None else sealer.unseal(value, *bound)
        except CheckpointCorrupted as error:
            raise type(error)(f"{channel!r}: {error.reason}") from error
    return values


def document_of(
    place: Place, parent: str | None, checkpoint: Checkpoint, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the seal in the metadata covers."""
    values = checkpoint["channel_values"]
    return {
        "place": list(place),
        "parent": parent,
        "keys": {key: value is None for key, value in values.items()},
        "checkpoint": {key: part for key, part in checkpoint.items() if key != "channel_values"},
        "metadata": metadata,
    }


def seal_writes(
    sealer: Sealer,
    place: Place,
    writes: Sequence[tuple[str, Any]],
    task_id: str,
    task_path: str,
) -> list[tuple[str, bytes]]:
    """Seal a task's writes, each bound to its task, channel and place.

    Raises:
        StateInvalid: Names each key whose value would not be rebuilt equal.
    """
    total = sum(channel not in WRITES_IDX_MAP for channel, _ in writes)
    sealed = []
    problems: dict[str, str] = {}
    for index, (channel, value) in enumerate(writes):
        if channel == ERROR and isinstance(value, BaseException):
            value = repr(value)  # what LangGraph keeps of an error
        note = [task_path, WRITES_IDX_MAP.get(channel, index), total]
        try:
            sealed.append((channel, sealer.seal(value, *place, task_id, channel, note=note)))
        except StateInvalid as error:
            problems[channel] = error.problems["value"]
    if problems:
        raise StateInvalid(problems, when="save")
    return sealed


class Write(NamedTuple):
    """A verified pending write."""

    task_id: str
    channel: str
    value: Any
    task_path: str


def unseal_writes(
    sealer: Sealer, place: Place, writes: Sequence[tuple[str, str, Any]]
) -> list[Write]:
    """Verify and decode what `seal_writes` sealed, in the order it was loaded.

    Raises:
        CheckpointCorrupted: A write is another task's, channel's or checkpoint's, is not in its
            place, or is missing while another of its task is there.  Names the tasks.
    """
    found: list[Write] = []
    order: list[tuple[str, str, int]] = []
    damaged: dict[str, CheckpointCorrupted] = {}
    missing: dict[str, int] = {}
    for task_id, channel, stored in writes:
        try:
            value, note = sealer.unseal_noted(stored, *place, task_id, channel)
            path, index, total = note
        except CheckpointCorrupted as error:
            damaged[task_id] = error
            continue
        found.append(Write(task_id, channel, value, path))
        order.append((path, task_id, index))
        if channel not in WRITES_IDX_MAP:
            missing[task_id] = min(missing.get(task_id, total), total)
    for earlier, later in pairwise(order):
        if earlier >= later:
            for task in (earlier[1], later[1]):
                damaged[task] = CheckpointCorrupted("pending writes have changed places")
    for task_id, total in missing.items():
        if sum(w.task_id == task_id and w.channel not in WRITES_IDX_MAP for w in found) < total:
            damaged.setdefault(task_id, CheckpointCorrupted("a pending write is missing"))
    if damaged:
        worst = next(iter(damaged.values()))
        raise type(worst)(f"a pending write: {worst.reason}", tasks=frozenset(damaged))
    return found


def unstorable(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return what a backend could not store of the metadata: key -> why."""
    named = {f"metadata {key}": _problem(value) for key, value in metadata.items()}
    return {key: problem for key, problem in named.items() if problem}


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
    if isinstance(value, list | tuple):
        return next((problem for item in value if (problem := _problem(item))), "")
    return ""
