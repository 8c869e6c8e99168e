"""What an action accepts as its arguments, whoever wrote them: a model or the human who edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationError, WithJsonSchema

from agent_patterns.approval.errors import InvalidArguments
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


def check_model(action: Action, model: type[BaseModel]) -> None:
    """Hold an action's arguments against a model.

    Raises:
        InvalidArguments: They do not satisfy it; the text names each argument and what is wrong.
    """
    try:
        model.model_validate(action["args"])
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, each['loc'])) or action['name']}:"
            f" {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False)
        ]
        raise InvalidArguments("; ".join(wrong)) from None


def check_schema(action: Action, schema: Mapping[str, Any]) -> None:
    """Hold an action's arguments against a JSON schema.

    Raises:
        InvalidArguments: They do not satisfy it, or it is no schema.
    """
    wrong = []
    try:
        errors = list(validator(schema).iter_errors(action["args"]))
    except Exception as broken:  # it is no schema, or refers to one elsewhere
        raise InvalidArguments(
            f"{action['name']}: its schema cannot be applied ({broken})"
        ) from broken
    for error in errors:
        where = ".".join(map(str, error.absolute_path)) or action["name"]
        meant = error.schema.get("description") if isinstance(error.schema, Mapping) else None
        said = f"{error.instance!r} is not {meant}" if meant and error.absolute_path else None
        wrong.append(f"{where}: {said or error.message}")
    if wrong:
        raise InvalidArguments("; ".join(wrong))


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Validate values by a JSON schema, its formats included; fetch no other schema.

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
