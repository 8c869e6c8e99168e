"""What a client is told when its request does not have the shape it should have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from practice_model.server.errors import ApiError, bad_request

_JSON_NAMES = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}

_WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "null",
}


def _name(value: object) -> str:
    return _JSON_NAMES.get(type(value), "a value")


def _param(body: object, location: tuple[int | str, ...]) -> str:
    """Return the path of a fault in the client's own terms, without the names of union members."""
    path, here = "", body
    for position, step in enumerate(location):
        last = position == len(location) - 1
        if isinstance(step, int) and isinstance(here, list) and step < len(here):
            path, here = f"{path}[{step}]", here[step]
        elif isinstance(step, str) and isinstance(here, dict) and (step in here or last):
            path, here = (f"{path}.{step}" if path else step), here.get(step)
    return path


def _bound(error: ErrorDetails, param: str, word: str, sign: str, key: str) -> ApiError:
    value, limit = error["input"], error["ctx"][key]
    number = "integer" if isinstance(value, int) else "decimal"
    return bad_request(
        f"Invalid '{param}': {number} {word} value. Expected a value {sign} {limit}, "
        f"but got {value} instead.",
        param=param,
        code=f"{number}_{word.replace(' ', '_')}_value".replace("minimum", "min").replace(
            "maximum", "max"
        ),
    )


def _length(error: ErrorDetails, param: str) -> ApiError:
    short = error["type"].endswith("too_short")
    text = error["type"].startswith("string")
    what = "string" if text else "array"
    unit = "length"
    limit = error["ctx"]["min_length" if short else "max_length"]
    size = len(error["input"]) if isinstance(error["input"], str | list | dict) else 0
    if short and size == 0:
        return bad_request(
            f"Invalid '{param}': empty {what}. Expected {what} with minimum {unit} {limit}, "
            f"but got an empty {what} instead.",
            param=param,
            code=f"empty_{what}",
        )
    side, code = ("short", "below_min") if short else ("long", "above_max")
    word = "minimum" if short else "maximum"
    return bad_request(
        f"Invalid '{param}': {what} too {side}. Expected {what} with {word} {unit} {limit}, "
        f"but got {what} with {unit} {size} instead.",
        param=param,
        code=f"{what}_{code}_length",
    )


def _literals(error: ErrorDetails, param: str, expected: str) -> ApiError:
    value = error["input"]
    if not isinstance(value, str | int | float | bool):
        return bad_request(
            f"Invalid type for '{param}': expected one of {expected}, "
            f"but got {_name(value)} instead.",
            param=param,
            code="invalid_type",
        )
    return bad_request(
        f"Invalid value: '{value}'. Supported values are: {expected}.",
        param=param,
        code="invalid_value",
    )


def _tag(error: ErrorDetails, param: str) -> ApiError:
    field = error["ctx"]["discriminator"].strip("'")
    if field.endswith("()"):  # a function of ours chose by the type
        field = "type"
    value = error["input"]
    where = f"{param}.{field}" if param else field
    if error["type"] == "union_tag_not_found" or not isinstance(value, dict):
        return _missing(where)
    error = {**error, "input": value.get(field)}
    return _literals(error, where, error["ctx"]["expected_tags"])


def _missing(param: str) -> ApiError:
    return bad_request(
        f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
    )


_BY_TYPE: dict[str, Callable[[ErrorDetails, str], ApiError]] = {
    "missing": lambda error, param: _missing(param),
    "extra_forbidden": lambda error, param: bad_request(
        f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter"
    ),
    "literal_error": lambda error, param: _literals(error, param, error["ctx"]["expected"]),
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag,
    "greater_than_equal": lambda e, p: _bound(e, p, "below minimum", ">=", "ge"),
    "less_than_equal": lambda e, p: _bound(e, p, "above maximum", "<=", "le"),
    "too_short": _length,
    "too_long": _length,
    "string_too_short": _length,
    "string_too_long": _length,
    "string_pattern_mismatch": lambda error, param: bad_request(
        f"Invalid '{param}': string does not match pattern. Expected a string that matches the "
        f"pattern '{error['ctx']['pattern']}'.",
        param=param,
        code="invalid_value",
    ),
}


def explain(body: object, problem: ValidationError) -> ApiError:
    """Return the 400 for the first thing that is wrong with a request body."""
    error = problem.errors(include_url=False)[0]
    param = _param(body, error["loc"])
    if error["type"] in _BY_TYPE:
        return _BY_TYPE[error["type"]](error, param)
    if error["type"] in _WANTED:
        return bad_request(
            f"Invalid type for '{param}': expected {_WANTED[error['type']]}, "
            f"but got {_name(error['input'])} instead.",
            param=param,
            code="invalid_type",
        )
    return bad_request(
        f"Invalid value for '{param}': {error['msg']}.", param=param, code="invalid_value"
    )


Request = TypeVar("Request", bound=BaseModel)


def parse(model: type[Request], body: object) -> Request:
    """Return a validated request; an `ApiError` 400 that names what is wrong with it."""
    if not isinstance(body, dict):
        raise bad_request(f"Invalid body: expected an object, but got {_name(body)} instead.")
    try:
        return model.model_validate(body)
    except ValidationError as problem:
        raise explain(body, problem) from None
