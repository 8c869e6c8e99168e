"""Values of spans in the terms of a schema: types, units, formats, bounds."""

import re
from typing import Any

from practice_model.mind.parameters import Param, Schema
from practice_model.mind.reading.measures import convert
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.numerals import whole
from practice_model.mind.reading.tokens import stem

NUMERIC = ("number", "quantity", "money", "duration")


def number_for(param: Param, span: Span) -> float | int | None:
    """Return the number in a span, converted to the parameter's unit."""
    value: Any = span.value
    if span.kind in ("id", "version") and str(value).isdigit():
        return int(value)
    named = re.fullmatch(r"([A-Za-z]+)[ -]?(\d{1,12})", str(value)) if span.kind == "id" else None
    if named and stem(named[1].lower()) in param.words:
        return int(named[2])  # "PR 77" for the pr
    if span.kind not in NUMERIC or not isinstance(value, int | float):
        return None
    if span.kind in ("duration", "quantity"):
        source = "second" if span.kind == "duration" else span.unit
        converted = convert(value, source, param.unit or span.unit)
        return value if converted is None else whole(round(converted, 6))
    return whole(value)


def text_for(param: Param, span: Span) -> str:
    """Return what a span says as a string for the parameter."""
    if span.kind == "moment" and param.sense == "datetime":
        told = str(span.value)
        return told.replace(" ", "T") + ":00" if param.schema.get("format") == "date-time" else told
    if span.kind in ("currency", "unit"):
        return str(span.value)
    if span.kind in NUMERIC and span.kind != "duration":
        digits = re.search(r"\d[\d.,]*\d|\d", span.text)
        if digits and param.sense in ("id", "phone", "", "text", "title", "name"):
            return span.text if param.sense in ("text", "title") else digits[0].rstrip(".,")
        if digits and re.fullmatch(r"\d+(?:\.\d+)?", digits[0]):
            return digits[0]
        return str(span.value)
    if span.kind in ("date", "time") and param.sense in ("moment", "text"):
        return span.text
    if span.kind in ("quote", "date", "time", "email", "url", "id", "path", "domain"):
        return str(span.value)
    return span.text.strip()


def value_for(param: Param, span: Span, schema: Schema | None = None) -> Any:
    """Return the JSON value of a span for a parameter, or None where it is none."""
    schema = schema or param.schema
    kind = param.kind if schema is param.schema else str(schema.get("type") or "string")
    if kind in ("number", "integer"):
        number = number_for(param, span)
        if number is None or (kind == "integer" and not isinstance(number, int)):
            return None
        return number if in_bounds(number, schema) else None
    if kind not in ("string", "any"):
        return None
    text = text_for(param, span)
    if param.sense == "time" and span.kind == "number" and isinstance(span.value, int):
        text = f"{span.value:02d}:00" if 0 <= span.value < 24 else text
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) < 200 and len(text) < 400:
        try:
            if not re.search(pattern, text):
                return None
        except re.error:
            pass
    return text if text and length_fits(text, schema) else None


def in_bounds(number: float, schema: Schema) -> bool:
    """Tell that a number keeps a schema's bounds."""
    signs = {"minimum": (1, True), "maximum": (-1, True), "exclusiveMinimum": (1, False)}
    signs["exclusiveMaximum"] = (-1, False)
    for key, (sign, equal) in signs.items():
        bound = schema.get(key)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            distance = sign * (number - bound)
            if distance < 0 or (distance == 0 and not equal):
                return False
    return True


def length_fits(text: str, schema: Schema) -> bool:
    """Tell that a text keeps a schema's bounds on its length."""
    low, high = schema.get("minLength"), schema.get("maxLength")
    return (not isinstance(low, int) or len(text) >= low) and (
        not isinstance(high, int) or len(text) <= high
    )


def shape(text: str) -> str:
    """Return a text's shape: "TX-400" is "A-9"."""
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", text))
