"""Whether what one stage gives is what the next one takes, and whether a value is of a type."""

from __future__ import annotations

import inspect
import json
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError


def fits(gives: Any, takes: Any) -> bool:
    """Whether every value of the type `gives` is one of the type `takes`, as far as types tell.

    What they do not tell (``Any``, a bare ``list``) may fit: values are checked at run time too.
    A bool is no int here, because a check without conversion refuses it.
    """
    gives, takes = _plain(gives), _plain(takes)
    if gives == takes or takes is object or Any in (gives, takes):
        return True
    if _is_union(gives):
        return all(fits(one, takes) for one in get_args(gives))
    if _is_union(takes):
        return any(fits(gives, one) for one in get_args(takes))
    if get_origin(gives) is Literal:
        if get_origin(takes) is Literal:
            return set(get_args(gives)) <= set(get_args(takes))
        return all(fits(type(value), takes) for value in get_args(gives))
    one, other = get_origin(gives) or gives, get_origin(takes) or takes
    if not (inspect.isclass(one) and inspect.isclass(other)) or one is bool:
        return False
    try:
        if not issubclass(one, other):
            return False
    except TypeError:  # a TypedDict or a protocol, which cannot be asked
        return False
    inner, wanted = get_args(gives), get_args(takes)
    if len(inner) != len(wanted):
        return not (inner and wanted) or one is not other
    return all(fits(*pair) for pair in zip(inner, wanted, strict=True))


def _plain(kind: Any) -> Any:
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    return type(None) if kind is None else kind


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def checked(adapter: TypeAdapter[Any], value: Any) -> Any:
    """The value, if it is of the adapter's type; raises `pydantic.ValidationError` if not.

    Nothing is converted, but what JSON and checkpoints cannot keep is put back: a list becomes the
    tuple that the type asks for.
    """
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError as refused:
        try:
            text = json.dumps(value)
        except (TypeError, ValueError):  # nothing that came as JSON or out of a checkpoint
            raise refused from None
        return adapter.validate_json(text, strict=True)
