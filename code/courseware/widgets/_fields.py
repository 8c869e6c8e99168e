"""Typed fields for editing arguments: made from a JSON schema or from the values' own types."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from agent_patterns.approval.arguments import validator
from courseware.widgets._schemas import resolve
from courseware.widgets._text import listed, readable

if TYPE_CHECKING:
    from jsonschema import ValidationError

FieldKind = Literal[
    "text", "long text", "lines", "whole number", "number", "yes or no", "choice", "JSON"
]

_MISSING: Any = object()


class FieldError(ValueError):
    """A value that the form cannot send; the message says which field and why."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{name}: {why}" if name else why for name, why in self.problems)
        )


@dataclass(frozen=True)
class Field:
    """Describe one argument as a form shows it."""

    name: str
    kind: FieldKind
    value: Any = _MISSING
    required: bool = True
    nullable: bool = False
    choices: tuple[Any, ...] = ()
    hint: str = ""
    like: type | None = None
    """What JSON must be where no schema says it: a list stays a list, an object an object."""

    @property
    def label(self) -> str:
        """Name of the argument, and what may be written there."""
        return self.name or "Answer"

    def start(self) -> Any:
        """Return what the control holds at first."""
        return self.to_control(self.value)

    def to_control(self, value: Any) -> Any:
        """Return a value of the argument as the control holds it.

        Raises:
            ValueError: a choice that is not offered.
        """
        if self.kind == "yes or no":
            return value if isinstance(value, bool) else False
        if self.kind == "choice":
            if value is _MISSING or value not in self.choices:
                if value is _MISSING:
                    return None
                offered = ", ".join(map(readable, self.choices))
                raise ValueError(f"{value!r} is not one of {offered}")
            return value
        if value is _MISSING or value is None:
            return "null" if self.kind == "JSON" and value is None else ""
        if self.kind == "lines":
            if value and listed(value) is None:
                raise ValueError(f"{value!r} is no list of short lines")
            return "\n".join(value)
        if self.kind == "JSON" and not (isinstance(value, str) and not self.name):
            return json.dumps(value, ensure_ascii=False, indent=2, default=str)
        return value if isinstance(value, str) else str(value)

    def parse(self, control: Any) -> Any:
        """Return what the control holds, as a value of the argument; `_MISSING` when left out.

        Raises:
            ValueError: the text is not of the field's kind.
        """
        if self.kind == "yes or no":
            return bool(control)
        if self.kind == "choice":
            if control is None:
                return self._empty("choose one")
            return control
        text = str(control)
        if self.kind in ("text", "long text"):
            if text or (self.required and not self.nullable):
                return text
            return None if self.nullable and self.value is None else self._empty("")
        if self.kind == "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        if not text.strip():
            return None if self.nullable else self._empty("fill this in")
        if self.kind == "JSON":
            return self._json(text)
        return self._number(text.strip())

    def _empty(self, complaint: str) -> Any:
        if self.required and complaint:
            raise ValueError(complaint)
        return _MISSING if complaint or not self.required else ""

    def _json(self, text: str) -> Any:
        try:
            value = json.loads(text)
            json.dumps(value, allow_nan=False)
        except ValueError as error:
            raise ValueError(f"this is not JSON ({error})") from None
        if self.like is not None and not isinstance(value, self.like):
            raise ValueError(f"this is not {'a list' if self.like is list else 'an object'}")
        return value

    def _number(self, text: str) -> Any:
        try:
            if _WHOLE.fullmatch(text) and (
                self.kind == "whole number" or isinstance(self.value, int)
            ):
                return int(text)
            number = float(text) if _NUMBER.fullmatch(text) else math.nan
        except ValueError:  # more digits than Python reads
            number = math.nan
        if self.kind == "whole number" or not math.isfinite(number):
            raise ValueError(f"{text!r} is not a {self.kind}")
        return number


_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class FormModel:
    """The fields of one set of arguments, and how what was typed becomes arguments again."""

    def __init__(
        self, args: Mapping[str, Any], schema: Mapping[str, Any] | None, *, single: bool = False
    ) -> None:
        self.schema = _usable(schema)
        self.single = single
        if single:
            node = resolve(self.schema or {}, self.schema or {})
            self.fields = [_field("", _MISSING, node, self.schema or {}, True)]
        else:
            self.fields = list(_fields(args, self.schema))

    @classmethod
    def for_answer(cls, schema: Mapping[str, Any]) -> FormModel:
        """Return the form that a response schema describes: an object's fields or one."""
        root = resolve(schema, schema)
        if isinstance(root.get("properties"), Mapping):
            merged = {**root, **({"$defs": schema["$defs"]} if "$defs" in schema else {})}
            return cls({}, merged)
        return cls({}, schema, single=True)

    def add(self, name: str, value: Any) -> Field:
        """Add a field for an argument that neither the request nor its schema has."""
        field = _field(name, value, {}, {}, True)
        self.fields.append(field)
        return field

    def parse(self, controls: Mapping[str, Any]) -> Any:
        """Return the arguments, from what each field's control holds.

        Raises:
            FieldError: with every problem found, field by field.
        """
        problems: list[tuple[str, str]] = []
        values: dict[str, Any] = {}
        for field in self.fields:
            try:
                value = field.parse(controls[field.name])
            except ValueError as error:
                problems.append((field.name, str(error)))
                continue
            if value is not _MISSING:
                values[field.name] = value
        if problems:
            raise FieldError(problems)
        result: Any = values.get("") if self.single else values
        self.validate(result)
        return result

    def validate(self, value: Any) -> None:
        """Check a value against the schema, where there is one.

        Raises:
            FieldError: with every problem found.
        """
        if self.schema is None:
            return
        try:
            errors = sorted(
                validator(self.schema).iter_errors(value),
                key=lambda error: list(map(str, error.path)),
            )
        except Exception as error:  # a schema that refers to something that is not there
            raise FieldError([("", f"the schema cannot be applied ({error})")]) from error
        problems = [_problem(error) for error in errors]
        if isinstance(value, Mapping):
            problems += _beyond(value, self.schema)
        if problems:
            raise FieldError(problems)


def broken_limits(args: Mapping[str, Any], schema: Mapping[str, Any] | None) -> dict[str, str]:
    """Return what is wrong with arguments as they are asked for: by name, the reason."""
    try:
        FormModel({}, schema).validate(dict(args))
    except FieldError as error:
        return dict(error.problems)
    return {}


def _beyond(values: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Hold amounts that are text against ``minimum`` and ``maximum``; JSON schema passes those."""
    root = resolve(schema, schema)
    properties = root.get("properties")
    for name, node in properties.items() if isinstance(properties, Mapping) else ():
        described, text = resolve(node, schema), values.get(name)
        if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
            continue
        amount = Decimal(text.strip())
        for key, word in (
            ("maximum", "more than the maximum"),
            ("minimum", "less than the minimum"),
        ):
            limit = _decimal(described.get(key))
            if limit is not None and (amount > limit if key == "maximum" else amount < limit):
                yield name, f"{text} is {word} of {described[key]}"


def _decimal(limit: Any) -> Decimal | None:
    if isinstance(limit, bool) or not isinstance(limit, int | float | str):
        return None
    try:
        return Decimal(str(limit))
    except InvalidOperation:
        return None


def _problem(error: ValidationError) -> tuple[str, str]:
    path = [str(part) for part in error.absolute_path]
    name, rest = (path[0], path[1:]) if path else ("", [])
    counted = len(rest) == 1 and rest[0].isdigit()  # an item: the message itself quotes it
    where = f"{'.'.join(rest)}: " if rest and not counted else ""
    if error.validator == "pattern" and isinstance(error.schema, Mapping):
        meant = error.schema.get("description")
        return name, where + (f"{error.instance!r} is not {meant}" if meant else error.message)
    return name, where + error.message


def _usable(schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the schema, unless it is not one."""
    if not schema:
        return None
    from jsonschema import Draft202012Validator, SchemaError  # slow to import, seldom needed

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return None
    return dict(schema)


def _fields(args: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Iterable[Field]:
    root = schema or {}
    node = resolve(root, root)
    properties = node.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = node.get("required")
    required = required if isinstance(required, list) else list(args)
    for name in [*args, *(key for key in properties if key not in args)]:
        described = resolve(properties.get(name, {}), root)
        value = args.get(name, described.get("default", _MISSING))
        needed = name in required if properties.get(name) is not None else True
        yield _field(name, value, described, root, needed)


def _field(
    name: str, value: Any, node: Mapping[str, Any], root: Mapping[str, Any], required: bool
) -> Field:
    nullable = value is None
    options = node.get("anyOf") or node.get("oneOf")
    if isinstance(options, list):
        inner = [resolve(option, root) for option in options]
        some = [option for option in inner if option.get("type") != "null"]
        nullable = nullable or len(some) < len(inner)
        node = {**node, **some[0]} if len(some) == 1 else {**node, "type": "any"}
    hint = "; ".join(filter(None, [str(node.get("description") or ""), _limits(node)]))
    common: dict[str, Any] = {
        "name": name,
        "value": value,
        "required": required,
        "nullable": nullable,
        "hint": hint,
    }
    choices = node.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(c, str | int) for c in choices):
        offered = tuple(choices)
        if value is _MISSING or value in offered:
            return Field(kind="choice", choices=offered, **common)
    like = next((each for each in (list, dict) if not node and isinstance(value, each)), None)
    kind = _kind(node.get("type"), value)
    if listed(value) and _of_texts(node, root):
        kind = "lines"
    return Field(kind=kind, like=like, **common)


def _of_texts(node: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Return True where the schema says that it is a list of texts."""
    items = resolve(node.get("items"), root)
    enum = items.get("enum")
    texts = isinstance(enum, list) and all(isinstance(choice, str) for choice in enum)
    return texts or items.get("type") == "string"


def _limits(node: Mapping[str, Any]) -> str:
    words = {"minimum": "at least", "maximum": "at most"}
    return ", ".join(
        f"{word} {node[key]}" for key, word in words.items() if _decimal(node.get(key)) is not None
    )


def _kind(declared: Any, value: Any) -> FieldKind:
    fits: dict[str, tuple[FieldKind, type | tuple[type, ...]]] = {
        "boolean": ("yes or no", bool),
        "integer": ("whole number", int),
        "number": ("number", (int, float)),
        "string": ("text", str),
    }
    if declared in fits:
        kind, types = fits[declared]
        if value is _MISSING or value is None or isinstance(value, types):
            return _long(kind, value)
    if declared is not None and declared not in fits:
        return "JSON"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int):
        return "whole number"
    if isinstance(value, float):
        return "number" if math.isfinite(value) else "JSON"
    if isinstance(value, str):
        return _long("text", value)
    return "JSON"


def _long(kind: FieldKind, value: Any) -> FieldKind:
    if kind == "text" and isinstance(value, str) and ("\n" in value or len(value) > 60):
        return "long text"
    return kind
