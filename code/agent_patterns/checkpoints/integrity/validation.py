"""Is a value what the schema says, and will it come back as it is?"""

from __future__ import annotations

import dataclasses
import math
import re
import typing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Annotated, Any, Literal, NotRequired, Required, Union, cast

import typing_extensions
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from typing_extensions import ReadOnly, get_type_hints, is_typeddict

from agent_patterns.checkpoints.errors import StateInvalid

_ANY_CLASS = ConfigDict(arbitrary_types_allowed=True)
_QUALIFIERS = (Required, NotRequired, ReadOnly)
_typed_dict: Any = typing_extensions.TypedDict  # typing's own is refused before Python 3.12
_UNIONS = (Union, type(int | str))
_SCALARS = (str, int, float, bool, bytes, type(None))


class StateValidator:
    """Checks the values of a checkpoint against a state schema, key by key.

    The schema is what `StateGraph` was given; without it, nothing is checked.  Keys may be absent:
    a state fills up as a graph runs.  What is saved must have exactly the types of the schema.
    """

    def __init__(self, schema: type | None) -> None:
        fields = {} if schema is None else _fields(schema)
        self._adapters = {key: _adapter(schema, key, hint) for key, hint in fields.items()}

    def check(self, values: Mapping[str, Any], *, when: str) -> None:
        """Check the values that are there; raise `StateInvalid` with all that do not fit."""
        problems = {}
        for key in self._adapters.keys() & values.keys():
            try:
                self._adapters[key].validate_python(values[key], strict=when == "save")
            except ValidationError as error:
                told = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
                problems[key] = "; ".join(f"{at}: {what}" if at else what for at, what in told)
            except TypeError as error:  # a discriminator that cannot place the value
                problems[key] = str(error)
        if problems:
            raise StateInvalid(problems, when=when)


def _fields(schema: type) -> dict[str, Any]:
    modelled = getattr(schema, "__pydantic_fields__", None)
    try:
        if modelled is not None:  # type hints alone would lose what Field(...) says
            return {key: Annotated[field.annotation, field] for key, field in modelled.items()}
        fields = get_type_hints(schema, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"The schema {schema.__qualname__} cannot be read here: {error}. Define it, and the "
            "classes it names, at the top of a module."
        ) from error
    if not fields:
        raise TypeError(
            f"{schema!r} names no keys, so nothing is checked; pass what StateGraph was given."
        )
    return fields


def _adapter(schema: Any, key: str, hint: Any) -> TypeAdapter[Any]:
    try:
        hint = _as_stored(hint)
        try:
            return TypeAdapter(hint, config=_ANY_CLASS)
        except PydanticUserError:  # models, dataclasses and TypedDicts bring their own config
            return TypeAdapter(hint)
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise TypeError(f"{schema.__qualname__}.{key} cannot be checked: {error}") from error


def _as_stored(hint: Any, within: tuple[Any, ...] = ()) -> Any:
    """Return the hint without words about the key."""
    if is_typeddict(hint):
        return dict if hint in within else _rebuilt(hint, (*within, hint))
    origin: Any = typing.get_origin(hint)
    parts = typing.get_args(hint)
    inside = partial(_as_stored, within=within)
    if origin in _QUALIFIERS:
        return inside(parts[0])
    if origin is Annotated:
        return Annotated[(inside(parts[0]), *parts[1:])]
    if origin not in (None, Literal, Callable) and (changed := tuple(map(inside, parts))) != parts:
        return Union[changed] if origin in _UNIONS else origin[changed]  # noqa: UP007
    return hint


def _rebuilt(schema: Any, within: tuple[Any, ...]) -> Any:
    keys = {}
    for key, hint in get_type_hints(schema, include_extras=True).items():
        said: Any = typing.get_origin(hint)
        if said not in (Required, NotRequired):
            said = Required if key in schema.__required_keys__ else NotRequired
        keys[key] = said[_as_stored(hint, within)]
    return _typed_dict(schema.__name__, keys)


def difference(value: Any, rebuilt: Any) -> str:
    """Return how a value differs from what its stored bytes give; empty if types and all agree."""
    kind = type(value)
    if kind is not type(rebuilt):
        return _other_type(value, rebuilt)
    if kind is deque and value.maxlen != rebuilt.maxlen:
        return f"a deque would lose its maxlen={value.maxlen}; store a list"
    if kind not in _SCALARS and (parts := _parts(value)) is not None:
        pairs = zip(parts, _parts(rebuilt) or (), strict=True)
        return next((found for pair in pairs if (found := difference(*pair))), "")
    if value == rebuilt or (kind is float and value != value):  # NaN is what it was
        return ""
    texts = map(ascii, (value, rebuilt))
    return " would come back as ".join(t if len(t) <= 40 else f"{t[:37]}..." for t in texts)


def _parts(value: Any) -> Iterable[Any] | None:
    """Return what an object is made of; `None` for one that only knows its own equality."""
    if type(value) is dict:
        return chain.from_iterable(value.items())
    if type(value) in (list, tuple, deque):
        return cast("Iterable[Any]", value)
    if isinstance(value, BaseModel):
        return (dict(vars(value)), value.__pydantic_extra__, value.__pydantic_private__)
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    names = getattr(type(value), "__slots__", ())
    is_send = isinstance(names, tuple) and {"node", "arg"} <= set(names)
    return [getattr(value, name, None) for name in names] if is_send else None


def _other_type(value: Any, rebuilt: Any) -> str:
    kind, now = type(value), type(rebuilt).__name__
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    told = f"{name} would come back as"
    if isinstance(value, (*_SCALARS[:5], bytearray, memoryview)):
        return f"{told} {now}; store {now}(value)"
    if isinstance(value, dict | list | set | frozenset | deque):
        return f"{told} plain {now}; store {now}(value)"
    allow = f"allow=[{kind.__name__}]"
    return f"{told} plain data; store a dict, or open the checkpointer with {allow}"


def unstorable(value: Any) -> str:
    """Return why a backend could not store a part of the metadata; empty if it could."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"JSON has no {value}; store None or a text"
    if isinstance(value, str) and re.search("[\x00\ud800-\udfff]", value):
        return "it holds a NUL character, or half of one (a lone surrogate); no text does"
    return next((problem for part in _parts(value) or () if (problem := unstorable(part))), "")
