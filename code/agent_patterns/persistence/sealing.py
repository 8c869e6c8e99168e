"""Seals: every stored value carries a checksum that is verified before it is decoded.

A checksum finds damage.  With a secret key it is a message authentication code (BLAKE2b, RFC 7693)
and finds forgery too, because nobody without the key can compute it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde._msgpack import SAFE_MSGPACK_TYPES
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent_patterns.persistence.errors import (
    CheckpointCorrupted,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)

SEAL = "+blake2b"
_SIZE = 32
_LONGEST_KEY = hashlib.blake2b.MAX_KEY_SIZE
_NESTED = frozenset(range(6))
_METHODS = {"fromisoformat"}


class SealedSerializer(SerializerProtocol):
    """LangGraph's own serialiser, strict, with a seal around every value.

    Strict means: loading builds plain data, messages and the classes in `allow`, and calls nothing
    else.  There is no pickle.  A value that strict loading could not rebuild is refused on *save*,
    while the code that made it is still there to be mended.

    Args:
        allow: classes of yours that may be stored (pydantic models, dataclasses, enums).
        key: secret for the seal, 1 to 64 bytes; `None` gives a plain checksum.  Seals name the key
            they were made with, by a fingerprint, so that a wrong key is not taken for damage.

    Raises:
        ValueError: the key is empty or too long.
    """

    def __init__(self, *, allow: Iterable[type] = (), key: bytes | None = None) -> None:
        self.allow = tuple(allow)
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
            allowed_msgpack_modules=self.allow or None,
        )
        self._names = SAFE_MSGPACK_TYPES | {(kind.__module__, kind.__name__) for kind in self.allow}

    def digest(self, data: bytes) -> bytes:
        """The seal of `data`: 32 bytes."""
        return hashlib.blake2b(data, digest_size=_SIZE, key=self._key).digest()

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Encodes and seals one value.

        Raises:
            StateInvalid: the value cannot be stored, or could not be loaded again.
        """
        try:
            kind, payload = self._serializer.dumps_typed(obj)
        except (TypeError, ValueError) as error:
            raise StateInvalid({"value": _unstorable(obj, error)}, when="save") from error
        payload = bytes(payload)
        if kind == "msgpack":
            unknown = sorted(_classes_in(payload) - self._names)
            if unknown:
                module, name = unknown[0]
                problem = (
                    f"{module}.{name} would come back as plain data; store a dict, "
                    f"or open the checkpointer with allow=[{name}]"
                )
                raise StateInvalid({"value": problem}, when="save")
        sealed_kind = f"{kind}{SEAL}:{self._key_id}" if self._key_id else kind + SEAL
        return sealed_kind, self.digest(sealed_kind.encode() + payload) + payload

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Verifies one value, then decodes it.

        Raises:
            CheckpointCorrupted: the bytes are not those that were sealed; nothing was decoded.
            SealKeyMismatch: they name another key.
            NotSealed: they carry no seal.
        """
        sealed_kind, stored = data
        kind, seal, key_id = str(sealed_kind).partition(SEAL)
        if not seal:
            raise NotSealed(f"a value of type {sealed_kind!r} carries no seal")
        self._check_key(key_id.removeprefix(":"))
        if not self.verifies(sealed_kind, stored):
            raise CheckpointCorrupted("the checksum of a value does not match")
        return self._serializer.loads_typed((kind, bytes(stored)[_SIZE:]))

    def verifies(self, sealed_kind: str, stored: bytes) -> bool:
        """Whether stored bytes are what was sealed; decodes nothing."""
        stored = bytes(stored)
        seal, payload = stored[:_SIZE], stored[_SIZE:]
        kind = sealed_kind.encode("utf-8", "replace")
        return SEAL in sealed_kind and hmac.compare_digest(seal, self.digest(kind + payload))

    def seal_document(self, document: Any) -> str:
        """The seal of plain JSON data, as hexadecimal digits, after the key's fingerprint."""
        seal = self.digest(canonical(document)).hex()
        return f"{self._key_id}:{seal}" if self._key_id else seal

    def check_document(self, document: Any, seal: Any) -> None:
        """Verifies what `seal_document` sealed; raises like `loads_typed`."""
        if seal is None:
            raise NotSealed("it carries no seal")
        self._check_key(str(seal).rpartition(":")[0])
        if seal != self.seal_document(document):
            raise CheckpointCorrupted("its seal does not match")

    def _check_key(self, key_id: str) -> None:
        if key_id != self._key_id:
            made, here = (f"key {name}" if name else "no key" for name in (key_id, self._key_id))
            raise SealKeyMismatch(f"it was sealed with {made}, and here is {here}")


def canonical(document: Any) -> bytes:
    """JSON in one spelling, whichever database it has been through."""
    return json.dumps(
        _plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=repr
    ).encode()


def _plain(value: Any) -> Any:
    # PostgreSQL's jsonb gives 1e16 back as 10000000000000000: spell equal numbers alike, by their
    # decimal digits, which are what is sent there.
    if isinstance(value, dict):
        return {_name(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


def _name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _classes_in(payload: bytes) -> set[tuple[str, str]]:
    """Names of the classes that decoding `payload` would look up, without decoding any."""
    found: set[tuple[str, str]] = set()

    def note(code: int, data: bytes) -> None:
        inner = ormsgpack.unpackb(data, ext_hook=note, option=ormsgpack.OPT_NON_STR_KEYS)
        if code in _NESTED and isinstance(inner, list) and len(inner) >= 3:
            if code == 3 and inner[3] in _METHODS:
                return
            found.add((str(inner[0]), str(inner[1])))

    ormsgpack.unpackb(payload, ext_hook=note, option=ormsgpack.OPT_NON_STR_KEYS)
    return found


def _unstorable(obj: Any, error: Exception) -> str:
    kind = type(obj)
    return (
        f"{kind.__module__}.{kind.__qualname__} cannot be stored ({error}); keep clients, locks "
        "and open files in the runtime context and store plain data"
    )
