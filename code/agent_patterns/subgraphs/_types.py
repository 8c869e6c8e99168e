"""Compare the annotations of two state schemas, and values with annotations."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from typing_extensions import TypedDict, is_typeddict


def hints(schema: type) -> dict[str, Any]:
    """Return the keys of a state schema with their bare types."""
    return {key: bare(hint) for key, hint in _annotated(schema).items()}


def _annotated(schema: type) -> dict[str, Any]:
    return typing.get_type_hints(schema, include_extras=True)


def bare(hint: Any) -> Any:
    """Return an annotation without `Annotated`, `Required` and `NotRequired` around it."""
    while get_origin(hint) in (Annotated, Required, NotRequired):
        hint = get_args(hint)[0]
    return hint


def adds_up(schema: type, key: str) -> bool:
    """Return True for a key whose reducer combines the old value with the new one."""
    hint = _annotated(schema).get(key)
    while get_origin(hint) in (Required, NotRequired):
        hint = get_args(hint)[0]
    return get_origin(hint) is Annotated and any(callable(extra) for extra in get_args(hint)[1:])


def required_keys(schema: type) -> set[str]:
    """Return the keys that an input must hold."""
    if is_typeddict(schema):
        # With postponed annotations Python itself does not see NotRequired.
        keys = getattr(schema, "__required_keys__", ())
        return {
            key
            for key, hint in _annotated(schema).items()
            if get_origin(hint) is Required or (key in keys and get_origin(hint) is not NotRequired)
        }
    if issubclass(schema, BaseModel):
        return {key for key, field in schema.model_fields.items() if field.is_required()}
    return {key for key in _annotated(schema) if not hasattr(schema, key)}


def accepts(target: Any, given: Any) -> bool:
    """Return True where every value of the given type fits the target type."""
    target, given = bare(target), bare(given)
    if target is Any or given is Any or target == given:
        return True
    if get_origin(given) in (Union, types.UnionType):
        return all(accepts(target, one) for one in get_args(given))
    if get_origin(target) in (Union, types.UnionType):
        return any(accepts(one, given) for one in get_args(target))
    if get_origin(given) is Literal:
        return all(accepts(target, type(value)) for value in get_args(given)) or (
            get_origin(target) is Literal and set(get_args(given)) <= set(get_args(target))
        )
    if get_origin(target) is Literal:
        return False
    if (target, given) in ((float, int), (complex, int), (complex, float)):
        return True  # PEP 484, the numeric tower
    outer, inner = get_origin(target) or target, get_origin(given) or given
    if is_typeddict(inner):
        return outer in (dict, Mapping) and not get_args(target)
    if not (isinstance(outer, type) and isinstance(inner, type)) or is_typeddict(outer):
        return False
    wanted, offered = get_args(target), get_args(given)
    if not issubclass(inner, outer) or not wanted:
        return issubclass(inner, outer)
    return len(wanted) == len(offered) and all(
        accepts(one, other) for one, other in zip(wanted, offered, strict=True)
    )


def _modern(hint: Any) -> Any:
    """Return the type with `typing_extensions.TypedDict`s, as pydantic wants before Python 3.12."""
    if is_typeddict(hint):
        needed = required_keys(hint)
        return TypedDict(  # type: ignore[operator]
            hint.__name__,
            {
                key: Required[_modern(inner)] if key in needed else NotRequired[_modern(inner)]
                for key, inner in hints(hint).items()
            },
        )
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (list, dict, set, tuple, Sequence, Mapping):
        return origin[tuple(_modern(one) for one in inner)]
    if origin in (Union, types.UnionType):
        return reduce(or_, (_modern(one) for one in inner))
    return hint


@lru_cache(maxsize=512)
def _adapter(hint: Any) -> TypeAdapter[Any] | None:
    for config in (ConfigDict(arbitrary_types_allowed=True), None):
        try:
            return TypeAdapter(_modern(hint), config=config)
        except PydanticUserError:
            continue  # a model or a TypedDict takes no configuration from outside
        except PydanticSchemaGenerationError:
            return None
    return None


def fault_of(hint: Any, value: Any) -> str:
    """Return what is wrong with a value, or nothing."""
    try:
        adapter = _adapter(hint)
    except TypeError:  # an annotation that cannot be hashed
        return ""
    try:
        if adapter is not None:
            adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        where = f" at {at}" if at else ""
        return f"{first['msg'].lower()}{where}, not {type(first['input']).__name__}"
    return ""


def named(hint: Any) -> str:
    """Return a short name of a type."""
    return (
        getattr(hint, "__name__", "")
        if isinstance(hint, type) and not get_args(hint)
        else str(hint).replace("typing.", "")
    )
