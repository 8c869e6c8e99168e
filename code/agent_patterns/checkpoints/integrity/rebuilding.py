"""Compare a value with what its stored bytes would be loaded as."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import Any

from pydantic import BaseModel

_SCALARS = (str, int, float, bool, bytes, type(None))


def difference(value: Any, rebuilt: Any) -> str:
    """Return how a rebuilt value differs from the original; empty if it is equal.

    Equal means the same types all the way down, with one exception: a tuple comes back as a list.
    """
    kind = type(value)
    if kind is tuple and type(rebuilt) is list:
        return _first_of(zip(value, rebuilt, strict=True))
    if kind is not type(rebuilt):
        return _other_type(value, rebuilt)
    if kind is dict:
        return _first_of(
            pair
            for (key, item), (key_now, item_now) in zip(value.items(), rebuilt.items(), strict=True)
            for pair in ((key, key_now), (item, item_now))
        )
    if kind in (list, tuple, deque):
        if kind is deque and value.maxlen != rebuilt.maxlen:
            return f"a deque would lose its maxlen={value.maxlen}; store a list"
        return _first_of(zip(value, rebuilt, strict=True))
    if kind not in _SCALARS and (parts := _parts(value)) is not None:
        return _first_of(zip(parts, _parts(rebuilt) or (), strict=True))
    if value == rebuilt or (kind is float and value != value):  # NaN is what it was
        return ""
    return f"{_shown(value)} would come back as {_shown(rebuilt)}"


def _first_of(pairs: Any) -> str:
    return next((found for a, b in pairs if (found := difference(a, b))), "")


def _parts(value: Any) -> tuple[Any, ...] | None:
    """Return what an object is made of; `None` for one that only knows its own equality."""
    if isinstance(value, BaseModel):
        return (dict(vars(value)), value.__pydantic_extra__, value.__pydantic_private__)
    if dataclasses.is_dataclass(value):
        return tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    names = getattr(type(value), "__slots__", ())
    if isinstance(names, tuple) and {"node", "arg"} <= set(names):  # a Send
        return tuple(getattr(value, name, None) for name in names)
    return None


def _other_type(value: Any, rebuilt: Any) -> str:
    kind, now = type(value), type(rebuilt)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if issubclass(kind, _SCALARS[:5]) or kind in (bytearray, memoryview):
        return f"{name} would come back as {now.__name__}; store {now.__name__}(value)"
    if isinstance(value, dict | list | set | frozenset | deque):
        return f"{name} would come back as plain {now.__name__}; store {now.__name__}(value)"
    return (
        f"{name} would come back as plain data; store a dict, "
        f"or open the checkpointer with allow=[{kind.__name__}]"
    )


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
