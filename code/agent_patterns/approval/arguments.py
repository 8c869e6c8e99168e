"""What an action accepts as its arguments, whoever wrote them: a model or the human who edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationError, WithJsonSchema

from agent_patterns.approval.protocol import Action, ApprovalRequest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ArgumentModels = Mapping[str, type[BaseModel]]
"""For each action's name the model that its arguments must satisfy."""

_AMOUNT = r"^(?=.*[1-9])\d{1,9}(\.\d{1,2})?$"


def _amount(text: str) -> str:
    if not re.fullmatch(_AMOUNT, text, re.ASCII):
        raise ValueError(
            f"{text!r} is not a positive amount such as 12.90, with a point, two decimals at most"
        )
    return text


Amount = Annotated[
    str,
    AfterValidator(_amount),
    WithJsonSchema(
        {"type": "string", "pattern": _AMOUNT, "description": "a positive amount such as 12.90"}
    ),
]
"""A positive amount of money as text, with at most two decimals: ``"12.90"``."""


def wrong_arguments(
    action: Action, model: type[BaseModel] | None, schema: Mapping[str, Any] | None = None
) -> list[str]:
    """Return what the model, or else the JSON schema, finds wrong with an action's arguments."""
    said: list[tuple[Iterable[Any], str]] = []
    if model is not None:
        try:
            model.model_validate(action["args"])
        except ValidationError as error:
            wrong = error.errors(include_url=False)
            said = [(each["loc"], each["msg"].removeprefix("Value error, ")) for each in wrong]
    elif schema is not None:
        try:
            said = [_in_words(each) for each in validator(schema).iter_errors(action["args"])]
        except Exception as broken:  # it is no schema, or refers to one elsewhere
            said = [((), f"its schema cannot be applied ({broken})")]
    return [f"{'.'.join(map(str, path)) or action['name']}: {what}" for path, what in said]


def _in_words(error: Any) -> tuple[Iterable[Any], str]:
    path, schema = error.absolute_path, error.schema
    meant = schema.get("description") if isinstance(schema, Mapping) else None
    return path, f"{error.instance!r} is not {meant}" if meant and path else error.message


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Return a validator by a JSON schema and its formats, which fetches no other schema.

    Date-times and times are in order without an offset from UTC too, as pydantic takes them.
    """
    from jsonschema import Draft202012Validator, FormatChecker  # slow to import, seldom needed
    from referencing import Registry

    formats = FormatChecker()
    for name, read in (("date-time", datetime.fromisoformat), ("time", time.fromisoformat)):
        formats.checks(name, raises=ValueError)(
            lambda value, read=read: not isinstance(value, str) or bool(read(value))
        )
    return Draft202012Validator(schema, registry=Registry(), format_checker=formats)


def with_schema(request: ApprovalRequest, model: type[BaseModel] | None) -> ApprovalRequest:
    """Return the request with the model's JSON schema, so that an edit can be checked too."""
    if model is None or "args_schema" in request:
        return request
    return {**request, "args_schema": model.model_json_schema()}
