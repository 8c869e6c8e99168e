"""Seals: a stored value carries a checksum of its bytes and its place, verified before decoding.

The place is part of the checksum, so a value that is copied to another place is found like a
flipped bit.  With a secret key the checksum is a message authentication code (BLAKE2b, RFC 7693)
and finds forgery too, because nobody without the key can compute it.  What is tied together:

- A channel's value: thread, namespace, channel, version.  (PostgreSQL keeps values in a table of
  their own, shared by checkpoints; a version is written once.)
- A pending write: thread, namespace, checkpoint, task, channel, and its place among the task's.
- Everything else of a checkpoint: one document, whose seal lies in the metadata.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import ormsgpack
from langgraph.checkpoint.base import WRITES_IDX_MAP, Checkpoint
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import ERROR

from agent_patterns.checkpoints.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.checkpoints.integrity.validation import difference

_SIZE = 32
_LONGEST_KEY = hashlib.blake2b.MAX_KEY_SIZE


class Sealer(SerializerProtocol):
    """LangGraph's own serializer, strict, with a seal around every value.

    Strict means: loading builds plain data, messages and the classes in `allow`, and calls nothing
    else.  There is no pickle.  A value that would not be rebuilt equal is refused on *save*, while
    the code that made it can still be fixed.

    Args:
        allow: Classes of yours that may be stored (pydantic models, dataclasses, enums).
        key: Secret for the seal, 1 to 64 bytes; `None` gives a plain checksum.  Seals name the key
            they were made with, by a fingerprint, so that a wrong key is not taken for damage.
    """

    def __init__(self, *, allow: Iterable[type] = (), key: bytes | None = None) -> None:
        if key is not None and not 0 < len(key) <= _LONGEST_KEY:
            raise ValueError(
                f"key has {len(key)} bytes, and must have 1 to {_LONGEST_KEY}; "
                "hashlib.sha256(passphrase).digest() makes a key of any passphrase."
            )
        self._key = key or b""
        self._key_id = hashlib.blake2b(b"key id", key=key, digest_size=4).hexdigest() if key else ""
        self._serializer = JsonPlusSerializer(
            pickle_fallback=False,
            allowed_json_modules=None,
            allowed_msgpack_modules=tuple(allow) or None,
        )

    def seal(
        self, value: Any, *place: Any, name: str = "value", note: Any = None, compare: bool = True
    ) -> bytes:
        """Encode and seal one value for its place, which `unseal` must be given, too.

        With `compare`, it is decoded again and refused (`StateInvalid`) if it is not rebuilt equal.
        `note` is plain data to be sealed with it; `unseal_noted` returns it.
        """
        try:
            kind, payload = self._encoded(value)
            while compare and (
                changed := difference(value, self._serializer.loads_typed((kind, payload)))
            ):
                again = self._encoded(value)
                if again == (kind, payload):
                    raise StateInvalid({name: changed}, when="save")
                kind, payload = again  # another thread changed it, as `add_messages` does
        except (TypeError, ValueError) as error:
            problem = (
                f"{type(value).__module__}.{type(value).__qualname__} cannot be stored ({error}); "
                "keep clients, locks and open files in the runtime context and store plain data"
            )
            raise StateInvalid({name: problem}, when="save") from error
        body: bytes = ormsgpack.packb([self._key_id, kind, payload, note])
        return self._digest(place, body) + body

    def unseal(self, stored: Any, *place: Any, name: str = "a value") -> Any:
        """Verify one value, then decode it.  Raises like `unseal_noted`."""
        return self.unseal_noted(stored, *place, name=name)[0]

    def unseal_noted(self, stored: Any, *place: Any, name: str = "a value") -> tuple[Any, Any]:
        """Verify one value, then decode it and its note.

        Raises:
            CheckpointCorrupted: The bytes are not those that were sealed for this place.
            SealKeyMismatch: They name another key.
            NotSealed: They carry no seal.
        """
        if not isinstance(stored, bytes) or len(stored) <= _SIZE:
            raise NotSealed(f"{name} carries no seal")
        seal, body = stored[:_SIZE], stored[_SIZE:]
        if not hmac.compare_digest(seal, self._digest(place, body)):
            self._check_key(_key_named_in(body, self._key_id))
            raise CheckpointCorrupted(f"{name} is not what was saved in its place")
        _, kind, payload, note = ormsgpack.unpackb(body)
        return self._serializer.loads_typed((kind, payload)), note

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Seal a value that has no place, such as the input of a run.  Raises like `seal`."""
        return "sealed", self.seal(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Verify and decode what `dumps_typed` returned.  Raises like `unseal`."""
        return self.unseal(bytes(data[1]))

    def sign(self, document: dict[str, Any]) -> str:
        """Return the seal of plain JSON data: the key's fingerprint and hexadecimal digits."""
        return f"{self._key_id}:{self._digest((), canonical(document)).hex()}"

    def check(self, document: dict[str, Any], seal: Any) -> None:
        """Verify what `sign` returned; raises like `unseal`."""
        given = str(seal).encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.sign(document).encode()):
            self._check_key(str(seal).rpartition(":")[0])
            raise CheckpointCorrupted("its seal does not match")

    def _encoded(self, value: Any) -> tuple[str, bytes]:
        kind, payload = self._serializer.dumps_typed(value)
        return kind, bytes(payload)

    def _digest(self, place: tuple[Any, ...], data: bytes) -> bytes:
        # JSON has no NUL, so place and data cannot run into each other.
        sealed = canonical([str(part) for part in place]) + b"\0" + data
        return hashlib.blake2b(sealed, digest_size=_SIZE, key=self._key).digest()

    def _check_key(self, key_id: str) -> None:
        if key_id != self._key_id:
            made, here = (f"key {name}" if name else "no key" for name in (key_id, self._key_id))
            raise SealKeyMismatch(f"it was sealed with {made}, and here is {here}")


def _key_named_in(body: bytes, default: str) -> str:
    """Return the key's fingerprint in a body that did not verify, if it can be read."""
    try:
        key_id = ormsgpack.unpackb(body)[0]
    except (ValueError, TypeError, LookupError):
        return default
    return key_id if isinstance(key_id, str) and len(key_id) in (0, 8) else default


def canonical(document: Any) -> bytes:
    """Return JSON in one spelling, whichever database it has been through."""
    return json.dumps(
        _plain(document), sort_keys=True, separators=(",", ":"), default=repr
    ).encode()


def _plain(value: Any) -> Any:
    # PostgreSQL's jsonb gives 1e16 back as 10000000000000000: spell equal numbers alike, by their
    # decimal digits, which are what is sent there.
    if isinstance(value, dict):
        named = ((k if isinstance(k, str) else json.dumps(k), each) for k, each in value.items())
        return {key: _plain(each) for key, each in named}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


class Place(NamedTuple):
    """The place of a stored checkpoint."""

    thread_id: str
    namespace: str
    checkpoint_id: str


class Write(NamedTuple):
    """A verified pending write."""

    task_id: str
    channel: str
    value: Any
    task_path: str


def _bound(place: Place, checkpoint: Checkpoint) -> Iterable[tuple[str, Any, tuple[Any, ...]]]:
    for channel, value in checkpoint["channel_values"].items():
        yield channel, value, (*place[:2], channel, checkpoint["channel_versions"].get(channel))


def seal_values(
    sealer: Sealer, place: Place, checkpoint: Checkpoint, changed: Container[str], *, every: bool
) -> dict[str, bytes | None]:
    """Seal a checkpoint's changed values, or every one, each bound to its channel and version."""
    return {
        channel: value if value is None else sealer.seal(value, *bound, name=channel, compare=new)
        for channel, value, bound in _bound(place, checkpoint)
        if (new := channel in changed) or every or value is None
    }


def unseal_values(sealer: Sealer, place: Place, checkpoint: Checkpoint) -> dict[str, Any]:
    """Verify and decode what `seal_values` sealed."""
    return {
        channel: value if value is None else sealer.unseal(value, *bound, name=channel)
        for channel, value, bound in _bound(place, checkpoint)
    }


def document_of(
    place: Place, parent: str | None, checkpoint: Checkpoint, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the seal in the metadata covers."""
    return {
        "place": list(place),
        "parent": parent,
        "keys": {key: value is None for key, value in checkpoint["channel_values"].items()},
        "checkpoint": {key: part for key, part in checkpoint.items() if key != "channel_values"},
        "metadata": metadata,
    }


def seal_writes(
    sealer: Sealer, place: Place, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
) -> list[tuple[str, bytes]]:
    """Seal a task's writes, each bound to its task, channel and place."""
    total = sum(channel not in WRITES_IDX_MAP for channel, _ in writes)
    sealed = []
    for index, (channel, value) in enumerate(writes):
        if channel == ERROR and isinstance(value, BaseException):
            value = repr(value)  # what LangGraph keeps of an error
        note = [task_path, WRITES_IDX_MAP.get(channel, index), total]
        stored = sealer.seal(value, *place, task_id, channel, name=channel, note=note)
        sealed.append((channel, stored))
    return sealed


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
    totals: dict[str, int] = {}
    for task_id, channel, stored in writes:
        try:
            value, (path, index, total) = sealer.unseal_noted(stored, *place, task_id, channel)
        except CheckpointCorrupted as error:
            damaged[task_id] = error
            continue
        found.append(Write(task_id, channel, value, path))
        order.append((path, task_id, index))
        if channel not in WRITES_IDX_MAP:
            totals[task_id] = min(totals.get(task_id, total), total)
    for earlier, later in pairwise(order):
        if earlier >= later:
            moved = CheckpointCorrupted("pending writes have changed places")
            damaged |= {earlier[1]: moved, later[1]: moved}
    for task_id, total in totals.items():
        if sum(w.task_id == task_id and w.channel not in WRITES_IDX_MAP for w in found) < total:
            damaged.setdefault(task_id, CheckpointCorrupted("a pending write is missing"))
    for worst in damaged.values():
        raise type(worst)(f"a pending write: {worst.reason}", tasks=frozenset(damaged))
    return found


def unstorable(value: Any) -> str:
    """Return why a backend could not store a part of the metadata; empty if it could."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"JSON has no {value}; store None or a text"
    if isinstance(value, str) and "\x00" in value:
        return "PostgreSQL cannot store a NUL character"
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return "it holds half a character (a lone surrogate), which is no text"
    if isinstance(value, dict):
        value = [*value, *value.values()]
    parts = value if isinstance(value, list | tuple) else ()
    return next((problem for part in parts if (problem := unstorable(part))), "")
