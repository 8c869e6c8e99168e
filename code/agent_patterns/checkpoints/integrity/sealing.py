"""Seals: a stored value carries a checksum of its bytes and its place, verified before decoding.

The place is part of the checksum, so a value that is copied to another thread, channel, version or
task is found like a flipped bit.  With a secret key the checksum is a message authentication code
(BLAKE2b, RFC 7693) and finds forgery too, because nobody without the key can compute it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent_patterns.checkpoints.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.checkpoints.integrity.rebuilding import difference

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

    Raises:
        ValueError: The key is empty or too long.
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

    def seal(self, value: Any, *place: Any, note: Any = None, compare: bool = True) -> bytes:
        """Encode and seal one value for its place.

        Args:
            value: What is to be stored.
            place: Names and numbers that say where; `unseal` must be given the same.
            note: Plain data to be sealed with it; `unseal_noted` returns it.
            compare: Decode it again and refuse it if it is not rebuilt equal.

        Raises:
            StateInvalid: The value cannot be stored or rebuilt; its problem is under "value".
        """
        kind, payload = self._encoded(value)
        while compare and (
            changed := difference(value, self._serializer.loads_typed((kind, payload)))
        ):
            again = self._encoded(value)
            if again == (kind, payload):
                raise StateInvalid({"value": changed}, when="save")
            kind, payload = again  # another thread changed it in between, as `add_messages` does
        body: bytes = ormsgpack.packb([self._key_id, kind, payload, note])
        return self._digest(place, body) + body

    def unseal(self, stored: Any, *place: Any) -> Any:
        """Verify one value, then decode it.  Raises like `unseal_noted`."""
        return self.unseal_noted(stored, *place)[0]

    def unseal_noted(self, stored: Any, *place: Any) -> tuple[Any, Any]:
        """Verify one value, then decode it and its note.

        Raises:
            CheckpointCorrupted: The bytes are not those that were sealed for this place.
            SealKeyMismatch: They name another key.
            NotSealed: They carry no seal.
        """
        if not isinstance(stored, bytes) or len(stored) <= _SIZE:
            raise NotSealed("a value carries no seal")
        seal, body = stored[:_SIZE], stored[_SIZE:]
        if not hmac.compare_digest(seal, self._digest(place, body)):
            self._check_key(_key_named_in(body, self._key_id))
            raise CheckpointCorrupted("a value is not what was saved in its place")
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
        if not hmac.compare_digest(
            str(seal).encode("utf-8", "replace"), self.sign(document).encode()
        ):
            self._check_key(str(seal).rpartition(":")[0])
            raise CheckpointCorrupted("its seal does not match")

    def _encoded(self, value: Any) -> tuple[str, bytes]:
        try:
            kind, payload = self._serializer.dumps_typed(value)
        except (TypeError, ValueError) as error:
            raise StateInvalid({"value": _unstorable(value, error)}, when="save") from error
        return kind, bytes(payload)

    def _digest(self, place: tuple[Any, ...], data: bytes) -> bytes:
        # JSON has no NUL, so place and data cannot run into each other.
        sealed = canonical([str(part) for part in place]) + b"\0" + data
        return hashlib.blake2b(sealed, digest_size=_SIZE, key=self._key).digest()

    def _check_key(self, key_id: str) -> None:
        if key_id != self._key_id:
            made, here = (f"key {name}" if name else "no key" for name in (key_id, self._key_id))
            raise SealKeyMismatch(f"it was sealed with {made}, and here is {here}")


def canonical(document: Any) -> bytes:
    """Return JSON in one spelling, whichever database it has been through."""
    return json.dumps(
        _plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=repr
    ).encode()


def _plain(value: Any) -> Any:
    # PostgreSQL's jsonb gives 1e16 back as 10000000000000000: spell equal numbers alike, by their
    # decimal digits, which are what is sent there.
    if isinstance(value, dict):
        return {_name(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


def _name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _key_named_in(body: bytes, default: str) -> str:
    """Return the key's fingerprint in a body that did not verify, if it can be read."""
    try:
        key_id = ormsgpack.unpackb(body)[0]
    except (ValueError, TypeError, LookupError):
        return default
    return key_id if isinstance(key_id, str) and len(key_id) in (0, 8) else default


def _unstorable(obj: Any, error: Exception) -> str:
    kind = type(obj)
    return (
        f"{kind.__module__}.{kind.__qualname__} cannot be stored ({error}); keep clients, locks "
        "and open files in the runtime context and store plain data"
    )
