"""Seals: a stored value carries a checksum of its bytes and its place, verified before decoding.

The place is part of the checksum, so a value that is copied to another place is found like a
flipped bit.  With a secret key the checksum is a message authentication code (BLAKE2b, RFC 7693),
which nobody without the key can compute.  What is tied together:

- A channel's value: thread, namespace, channel, version (each version is written once).
- A pending write: thread, namespace, checkpoint, task, channel, and its place among the task's.
- Everything else of a checkpoint: one document, whose seal lies in the metadata.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from types import FunctionType
from typing import Any, NoReturn

import ormsgpack
from langgraph.checkpoint.base import WRITES_IDX_MAP, Checkpoint
from langgraph.checkpoint.serde import jsonplus
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.types import ERROR

from agent_patterns.checkpoints import errors
from agent_patterns.checkpoints.integrity.validation import difference

_SIZE = 32
_LONGEST_KEY = hashlib.blake2b.MAX_KEY_SIZE
Place = tuple[str, str, str]
"""The place of a stored checkpoint: its thread, namespace and id."""


class _Serializer(jsonplus.JsonPlusSerializer):
    """LangGraph's own, of which a tuple comes back as a tuple, wherever it was."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        plain = obj is None or isinstance(obj, bytes | bytearray)
        return super().dumps_typed(obj) if plain else ("msgpack", _packed(obj))


def _packed(value: Any) -> bytes:
    option = jsonplus._option | ormsgpack.OPT_PASSTHROUGH_TUPLE
    return ormsgpack.packb(value, default=_encoded, option=option)


def _encoded(value: Any) -> Any:
    if type(value) is tuple:
        return ormsgpack.Ext(0, _packed(["builtins", "tuple", [*value]]))  # as it keeps a set
    return _as_langgraph_does(value)


# But what an object holds goes through `_packed`: there, a tuple that begins with its class.
_globals = {**vars(jsonplus)}
_globals["_msgpack_enc"] = lambda held: _packed([*held] if type(held) is tuple else held)
_as_langgraph_does = FunctionType(jsonplus._msgpack_default.__code__, _globals)


class Write(tuple[str, str, Any]):
    """A verified pending write: (task, channel, value), one of `total` values of its task."""

    place: tuple[str, str, int]  # the task's path, the task, and which of its writes this is
    total: int


class Sealer(SerializerProtocol):
    """LangGraph's own serializer, strict, with a seal around every value.

    Strict means: loading builds plain data, messages and the classes in `allow`, and calls nothing
    else.  A value that would not be rebuilt equal is refused on *save*.

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
        self._serializer = _Serializer(
            pickle_fallback=False,
            allowed_json_modules=None,
            allowed_msgpack_modules=(("builtins", "tuple"), *allow),
        )

    def seal(
        self, value: Any, *place: Any, name: str = "value", note: Any = None, compare: bool = True
    ) -> bytes:
        """Encode and seal one value for its place, which `unseal` must be given, too.

        With `compare`, it is decoded again and refused (`StateInvalid`) if it is not rebuilt equal.
        `note` is plain data to be sealed with it; `unseal` returns it if `noted`.
        """
        try:
            stored = self._serializer.dumps_typed(value)
            while compare and (changed := difference(value, self._serializer.loads_typed(stored))):
                before, stored = stored, self._serializer.dumps_typed(value)
                if before == stored:  # else another thread changed it, as `add_messages` does
                    raise errors.StateInvalid({name: changed}, when="save")
        except (TypeError, ValueError) as error:
            problem = (
                f"{type(value).__module__}.{type(value).__qualname__} cannot be stored ({error}); "
                "keep clients, locks and open files in the runtime context and store plain data"
            )
            raise errors.StateInvalid({name: problem}, when="save") from error
        body: bytes = ormsgpack.packb([self._key_id, stored[0], bytes(stored[1]), note])
        return self._digest(place, body) + body

    def unseal(self, stored: Any, *place: Any, name: str = "a value", noted: bool = False) -> Any:
        """Verify one value, then decode it; with `noted`, return it and its note.

        Raises:
            CheckpointCorrupted: The bytes are not those that were sealed for this place.
            SealKeyMismatch: They name another key.
            NotSealed: They carry no seal.
        """
        if not isinstance(stored, bytes) or len(stored) <= _SIZE:
            raise errors.NotSealed(f"{name} carries no seal")
        seal, body = stored[:_SIZE], stored[_SIZE:]
        if not hmac.compare_digest(seal, self._digest(place, body)):
            key_id = self._key_id
            with suppress(ValueError, TypeError, LookupError):
                key_id = ormsgpack.unpackb(body)[0]
            self._refuse(key_id, f"{name} is not what was saved in its place")
        _, kind, payload, note = ormsgpack.unpackb(body)
        value = self._serializer.loads_typed((kind, payload))
        return (value, note) if noted else value

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Seal a value that has no place, such as the input of a run.  Raises like `seal`."""
        return "sealed", self.seal(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Verify and decode what `dumps_typed` returned.  Raises like `unseal`."""
        return self.unseal(bytes(data[1]))

    def sign(
        self, place: Place, parent: str | None, checkpoint: Checkpoint, metadata: Mapping[str, Any]
    ) -> str:
        """Return the seal of all of a checkpoint but its values' content, for its metadata."""
        rest: dict[str, Any] = dict(checkpoint)
        keys = {key: value is None for key, value in rest.pop("channel_values").items()}
        document = {"place": place, "parent": parent, "keys": keys, "checkpoint": rest}
        sealed = canonical({**document, "metadata": metadata})
        return f"{self._key_id}:{self._digest((), sealed).hex()}"

    def check(self, seal: Any, *signed: Any) -> None:
        """Verify what `sign` returned for the same arguments; raises like `unseal`."""
        given = str(seal).encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.sign(*signed).encode()):
            self._refuse(str(seal).rpartition(":")[0], "its seal does not match")

    def seal_writes(
        self, place: Place, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> list[tuple[str, bytes]]:
        """Seal a task's writes, each bound to its task, channel and place among them."""
        total = sum(channel not in WRITES_IDX_MAP for channel, _ in writes)
        sealed = []
        for index, (channel, value) in enumerate(writes):
            if channel == ERROR and isinstance(value, BaseException):
                value = repr(value)  # what LangGraph keeps of an error
            note = [task_path, WRITES_IDX_MAP.get(channel, index), total]
            stored = self.seal(value, *place, task_id, channel, name=channel, note=note)
            sealed.append((channel, stored))
        return sealed

    def unseal_writes(self, place: Place, writes: Iterable[tuple[str, str, Any]]) -> list[Write]:
        """Verify and decode what `seal_writes` sealed, in the order it was loaded.

        Raises:
            CheckpointCorrupted: A write is not in its place, or is missing while another of its
                task is there.  Names the tasks.
        """
        found: list[Write] = []
        damaged: dict[str, errors.CheckpointCorrupted] = {}
        for task, channel, stored in writes:
            try:
                value, (path, index, total) = self.unseal(stored, *place, task, channel, noted=True)
            except errors.CheckpointCorrupted as error:
                damaged[task] = error
                continue
            write = Write((task, channel, value))
            write.place, write.total = (path, task, index), total
            found.append(write)
        for earlier, later in pairwise(found):
            if earlier.place >= later.place:
                moved = errors.CheckpointCorrupted("pending writes have changed places")
                damaged |= {earlier[0]: moved, later[0]: moved}
        for task in dict.fromkeys(write[0] for write in found):
            totals = [w.total for w in found if w[0] == task and w.place[2] >= 0]
            if totals and len(totals) < min(totals):
                damaged.setdefault(task, errors.CheckpointCorrupted("a pending write is missing"))
        for worst in damaged.values():
            raise type(worst)(f"a pending write: {worst.reason}", tasks=frozenset(damaged))
        return found

    def _digest(self, place: tuple[Any, ...], data: bytes) -> bytes:
        # JSON has no NUL, so place and data cannot run into each other.
        sealed = canonical([str(part) for part in place]) + b"\0" + data
        return hashlib.blake2b(sealed, digest_size=_SIZE, key=self._key).digest()

    def _refuse(self, key_id: Any, reason: str) -> NoReturn:
        if isinstance(key_id, str) and len(key_id) in (0, 8) and key_id != self._key_id:
            made, here = (f"key {name}" if name else "no key" for name in (key_id, self._key_id))
            raise errors.SealKeyMismatch(f"it was sealed with {made}, and here is {here}")
        raise errors.CheckpointCorrupted(reason)


def canonical(document: Any) -> bytes:
    """Return JSON in one spelling, whichever database it has been through."""
    spelled = json.loads(json.dumps(document, default=repr), parse_float=_number)
    return json.dumps(spelled, sort_keys=True, separators=(",", ":")).encode()


def _number(text: str) -> float:
    # PostgreSQL's jsonb gives 1e16 back as 10000000000000000: spell equal numbers alike, by their
    # decimal digits, which are what is sent there.
    return int(Decimal(text)) if float(text).is_integer() else float(text)


def each_value(change: Callable[..., Any], place: Place, checkpoint: Checkpoint) -> dict[str, Any]:
    """Seal or unseal a checkpoint's values, each bound to its place; `Sealer.sign` seals nulls."""
    changed, versions = {}, checkpoint["channel_versions"]
    for channel, value in checkpoint["channel_values"].items():
        bound = (*place[:2], channel, versions.get(channel))
        changed[channel] = None if value is None else change(value, *bound, name=channel)
    return changed
