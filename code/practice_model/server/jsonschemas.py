"""Whether the JSON schemas in a request are schemas, strict where they claim to be, and modest."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from practice_model.server.demand import LIMIT, MAX_PLACES, demanded, places
from practice_model.server.errors import bad_request, too_much
from practice_model.server.validation import Draft202012Validator

_CODE = "invalid_function_parameters"


def check_function(name: str, schema: dict[str, Any] | None, *, strict: bool, param: str) -> None:
    """Raise an `ApiError` 400 when a tool's parameters are no JSON schema of an object."""
    _check(f"function '{name}'", schema, strict=strict, param=param, code=_CODE)


def check_response(name: str, schema: dict[str, Any] | None, *, strict: bool) -> None:
    """Raise an `ApiError` 400 when an answer format is no JSON schema of an object."""
    _check(f"response_format '{name}'", schema, strict=strict, param="response_format", code=None)


def _check(
    what: str, schema: dict[str, Any] | None, *, strict: bool, param: str, code: str | None
) -> None:
    if not schema:
        return
    if places(schema) > MAX_PLACES:
        message = f"The schema for {what} is made of more than {MAX_PLACES} parts."
        raise too_much(message, param=param)
    problem = _problem(json.dumps(schema, sort_keys=True), strict)
    if problem:
        raise bad_request(f"Invalid schema for {what}: {problem}", param=param, code=code)
    if demanded(schema) >= LIMIT:
        raise too_much(
            f"The schema for {what} demands an answer of {LIMIT} characters or more, or one "
            "without end. Lower its minimum lengths and numbers of items.",
            param=param,
        )


_METASCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA)


@lru_cache(maxsize=64)
def _problem(text: str, strict: bool) -> str | None:
    schema = json.loads(text)
    try:
        error = next(_METASCHEMA.iter_errors(schema), None)
        if error is not None:
            return f"{error.message}."
    except (RecursionError, OverflowError, ValueError, TypeError):
        return "the schema cannot be read."
    if schema.get("type") != "object":
        kind = json.dumps(schema.get("type"))
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {kind}'."
    return _not_strict(schema, ()) if strict else None


def _not_strict(schema: object, path: tuple[str, ...]) -> str | None:
    """Return the first place where a schema breaks the rules of strict structured output."""
    if not isinstance(schema, dict):
        return None
    if schema.get("type") == "object" or "properties" in schema:
        context = f"In context={path!r}, "
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"{context}'additionalProperties' is required to be supplied and to be false."
        missing = sorted(set(properties) - set(schema.get("required", ())))
        if missing:
            return (
                f"{context}'required' is required to be supplied and to be an array including "
                f"every key in properties. Missing '{missing[0]}'."
            )
    for key in ("properties", "$defs", "definitions"):
        for name, child in schema.get(key, {}).items():
            problem = _not_strict(child, (*path, key, name))
            if problem:
                return problem
    for key in ("anyOf", "prefixItems"):
        for number, child in enumerate(schema.get(key, ())):
            problem = _not_strict(child, (*path, key, str(number)))
            if problem:
                return problem
    return _not_strict(schema.get("items"), (*path, "items"))
