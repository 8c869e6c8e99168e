"""JSON schemas: references resolved, values made to fit, and a valid value for any of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from practice_model.brain import patterns
from practice_model.server.validation import Draft202012Validator, SchemaError

Schema = dict[str, Any]
Find = Callable[[tuple[str, ...], Schema], Any]
"""Gives the value for a leaf at a path, or `MISSING`."""

_FORMATS = {
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "uri": "https://example.com",
    "url": "https://example.com",
    "uri-reference": "https://example.com",
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "P1D",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "localhost",
}
_HARD_WORDS = """
if not oneOf contains patternProperties propertyNames dependentRequired dependentSchemas pattern
minProperties maxProperties unevaluatedProperties prefixItems uniqueItems dependencies
additionalProperties allOf
"""
_HARD = frozenset(_HARD_WORDS.split())
_DEPTH = 24


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def resolve(node: Any, root: Schema, depth: int = 0) -> Schema:
    """Follow `$ref` and merge `allOf`, so that the schema's own keywords tell everything."""
    if not isinstance(node, dict):
        return {}
    schema: Schema = node
    if depth > _DEPTH:
        return {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = resolve(_look_up(reference, root), root, depth + 1)
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = _merge(target, rest)
    parts = schema.get("allOf")
    if isinstance(parts, list):
        merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            merged = _merge(merged, resolve(part, root, depth + 1))
        schema = merged
    return schema


def _look_up(reference: str, root: Schema) -> Any:
    node: Any = root
    if not reference.startswith("#"):
        return {}
    for part in reference[1:].strip("/").split("/"):
        if not part:
            continue
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(key, {})
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            return {}
    return node


def _merge(a: Schema, b: Schema) -> Schema:
    merged = dict(a)
    for key, value in b.items():
        old = merged.get(key)
        if key == "properties" and isinstance(old, dict) and isinstance(value, dict):
            merged[key] = {**old, **value}
        elif key == "required" and isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *(name for name in value if name not in old)]
        elif key == "enum" and isinstance(old, list) and isinstance(value, list):
            merged[key] = [item for item in old if item in value]
        elif key in ("minimum", "minLength", "minItems") and _is_number(old):
            merged[key] = max(old, value)
        elif key in ("maximum", "maxLength", "maxItems") and _is_number(old):
            merged[key] = min(old, value)
        else:
            merged[key] = value
    return merged


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def branches(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives of `anyOf` or `oneOf`, each with what stands beside them."""
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if isinstance(options, list) and options:
            rest = {k: v for k, v in schema.items() if k != key}
            return [_merge(rest, resolve(option, root)) for option in options]
    return []


def settle(schema: Any, root: Schema) -> tuple[Schema, bool]:
    """Resolve a schema to its first alternative that is not null; tell whether null fits too."""
    schema = resolve(schema, root)
    nullable = bool(schema.get("nullable"))
    options = branches(schema, root)
    if options:
        real = [option for option in options if option.get("type") != "null"]
        nullable = nullable or len(real) < len(options)
        inner, more = settle(real[0], root) if real else ({"type": "null"}, True)
        return inner, nullable or more
    kind = schema.get("type")
    if isinstance(kind, list):
        real_kinds = [k for k in kind if k != "null"]
        nullable = nullable or "null" in kind
        schema = {**schema, "type": real_kinds[0] if real_kinds else "null"}
        if nullable and isinstance(schema.get("enum"), list):
            left = [item for item in schema["enum"] if item is not None]
            schema["enum"] = left or [None]
    return schema, nullable


def kind_of(schema: Schema) -> str:
    """The JSON type a schema asks for, guessed from its keywords where it does not say."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "additionalProperties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema or "minItems" in schema:
        return "array"
    if any(key in schema for key in ("minimum", "maximum", "multipleOf", "exclusiveMinimum")):
        return "number"
    return "string"


def build(schema: Any, find: Find) -> Any:
    """Make a valid value of a schema out of what `find` knows, with harmless fillings."""
    root = schema if isinstance(schema, dict) else {}
    value = _value(root, root, (), find, 0)
    if _needs_proof(root) and not valid(value, root):
        for plainer in (_value(root, root, (), _nothing, 0), *_simple()):
            if valid(plainer, root):
                return plainer
    return value


def _simple() -> list[Any]:
    return [{}, [], "", "a", 0, 1, True, False, None]


def _nothing(path: tuple[str, ...], schema: Schema) -> Any:
    return MISSING


def valid(value: Any, schema: Any) -> bool:
    """Whether a value is valid; a schema that is none itself accepts everything."""
    try:
        return bool(Draft202012Validator(schema).is_valid(value))
    except (SchemaError, RecursionError, TypeError, ValueError, AttributeError):
        return True
    except Exception as error:  # referencing's errors share no public base
        if type(error).__module__.split(".")[0] in ("referencing", "jsonschema"):
            return True
        raise


def _needs_proof(schema: Any, depth: int = 0) -> bool:
    if isinstance(schema, list):
        return any(_needs_proof(item, depth + 1) for item in schema)
    if not isinstance(schema, dict) or depth > 12:
        return False
    for key, value in schema.items():
        if key in _HARD and not (key == "additionalProperties" and isinstance(value, bool)):
            return True
        if isinstance(value, dict | list) and _needs_proof(value, depth + 1):
            return True
    return False


def _value(schema: Any, root: Schema, path: tuple[str, ...], find: Find, depth: int) -> Any:
    if schema is True or depth > 60:
        return None
    schema = resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    options = branches(schema, root)
    if options:
        return _alternative(options, root, path, find, depth)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _alternative([{**schema, "type": k} for k in kinds], root, path, find, depth)
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return _from_enum(schema, find(path, schema))
    kind = kind_of(schema)
    if kind == "null":
        return None
    if kind == "object":
        return _object(schema, root, path, find, depth)
    if kind == "array":
        return _array(schema, root, path, find, depth)
    found = find(path, schema)
    return conform(found, schema)


def _from_enum(schema: Schema, found: Any) -> Any:
    enum = schema["enum"]
    if any(found == item and type(found) is type(item) for item in enum):
        return found
    for item in enum:
        if kind_matches(item, schema):
            return item
    return enum[0]


def kind_matches(value: Any, schema: Schema) -> bool:
    """Whether a value is of the type a schema names."""
    kind = schema.get("type")
    if kind is None:
        return True
    checks: dict[str, bool] = {
        "string": isinstance(value, str),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": _is_number(value),
        "boolean": isinstance(value, bool),
        "null": value is None,
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return checks.get(str(kind), True)


def _alternative(
    options: list[Schema], root: Schema, path: tuple[str, ...], find: Find, depth: int
) -> Any:
    real = [option for option in options if option.get("type") != "null"]
    if not real:
        return None
    if depth > _DEPTH // 2:
        simple = [o for o in options if kind_of(o) not in ("object", "array")]
        chosen = simple[0] if simple else min(real, key=lambda o: len(str(o)))
        return _value(chosen, root, path, find, depth + 1)
    leaves = [o for o in real if kind_of(resolve(o, root)) not in ("object", "array")]
    for option in leaves:
        found = find(path, option)
        if found is not MISSING and conform(found, option, strict=True) is not MISSING:
            return _value(option, root, path, find, depth + 1)
    if len(real) < len(options) and len(leaves) == len(real):
        return None
    chosen = real[0]
    if len(real) > 1:
        best = find((*path, "?"), {"options": real})
        if isinstance(best, int) and 0 <= best < len(real):
            chosen = real[best]
    return _value(chosen, root, path, find, depth + 1)


def _object(
    schema: Schema, root: Schema, path: tuple[str, ...], find: Find, depth: int
) -> dict[str, Any]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    made: dict[str, Any] = {}
    for name, inner in properties.items():
        here = (*path, name)
        if name in required:
            made[name] = _value(inner, root, here, find, depth + 1)
        elif inner is not False and depth < 8:
            leaf, _ = settle(inner, root)
            if kind_of(leaf) in ("object", "array") or "const" in leaf:
                wanted = find((*here, "*"), leaf) is not MISSING
            else:
                found = find(here, leaf)
                wanted = found is not MISSING and conform(found, leaf, strict=True) is not MISSING
            if wanted:
                made[name] = _value(inner, root, here, find, depth + 1)
    extra = schema.get("additionalProperties")
    extra_schema = extra if isinstance(extra, dict) else {"type": "string"}
    for name in required:
        if name not in made:
            made[name] = _value(extra_schema, root, (*path, str(name)), find, depth + 1)
    least = schema.get("minProperties")
    if isinstance(least, int):
        for name, inner in properties.items():
            if len(made) < least and name not in made:
                made[name] = _value(inner, root, (*path, name), find, depth + 1)
        number = 1
        while len(made) < min(least, 64) and extra is not False:
            made[f"item_{number}"] = _value(extra_schema, root, (*path, "item"), find, depth + 1)
            number += 1
    return made


def _array(
    schema: Schema, root: Schema, path: tuple[str, ...], find: Find, depth: int
) -> list[Any]:
    least = int(schema.get("minItems") or 0)
    most = schema.get("maxItems")
    most = int(most) if isinstance(most, int) else 64
    prefix = schema.get("prefixItems")
    items = schema.get("items", {})
    made: list[Any] = []
    if isinstance(prefix, list):
        for number, inner in enumerate(prefix):
            made.append(_value(inner, root, (*path, str(number)), find, depth + 1))
    if items is False or len(made) >= most:
        return made[:most]
    found = find(path, schema)
    inner = resolve(items, root)
    if isinstance(found, list):
        for value in found:
            if (
                "properties" in inner
                or kind_of(inner) in ("object", "array")
                or branches(inner, root)
            ):
                if valid_part(value, inner, root):
                    made.append(value)
                continue
            if isinstance(inner.get("enum"), list):
                if value in inner["enum"]:
                    made.append(value)
                continue
            fitted = conform(value, inner, strict=True)
            if fitted is not MISSING:
                made.append(fitted)
    if schema.get("uniqueItems"):
        made = _unique(made)
    if not made and least == 0 and most > 0 and depth < 6 and found is MISSING:
        leaf = kind_of(inner)
        if leaf == "object" and find((*path, "0", "*"), inner) is not MISSING:
            made.append(_value(items, root, (*path, "0"), find, depth + 1))
    number = len(made)
    while len(made) < least and number < least + 64:
        value = _value(items, root, (*path, str(number)), find, depth + 1)
        if schema.get("uniqueItems") and value in made:
            value = _another(value, inner, number, made)
        made.append(value)
        number += 1
    return made[: max(most, 0)]


def valid_part(value: Any, schema: Schema, root: Schema) -> bool:
    """Whether a value is valid for a part of a schema whose references point into `root`."""
    definitions = {key: root[key] for key in ("$defs", "definitions") if key in root}
    return valid(value, {**definitions, **schema})


def _unique(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if not any(value == old and type(value) is type(old) for old in kept):
            kept.append(value)
    return kept


def _another(value: Any, schema: Schema, number: int, made: list[Any]) -> Any:
    if isinstance(schema.get("enum"), list):
        return next((item for item in schema["enum"] if item not in made), value)
    if isinstance(value, bool) or kind_of(schema) == "boolean":
        return not value
    if isinstance(value, int | float):
        step = schema.get("multipleOf", 1)
        candidate = value
        for _ in range(256):
            candidate = conform(candidate + step, schema)
            if candidate not in made:
                return candidate
            if candidate == conform(candidate + step, schema):
                break
        candidate = value
        for _ in range(256):
            candidate = conform(candidate - step, schema)
            if candidate not in made:
                return candidate
        return value
    if isinstance(value, str):
        most = schema.get("maxLength")
        text = f"{value} {number + 1}".strip()
        if isinstance(most, int) and len(text) > most:
            text = (value + "abcdefghij"[number % 10])[-most:] if most else ""
            if text in made:
                text = ("abcdefghij"[number % 10] * max(most, 1))[:most]
        return text if len(text) >= int(schema.get("minLength") or 0) else text.ljust(5, "x")
    return value


def conform(value: Any, schema: Schema, strict: bool = False) -> Any:
    """Make a value fit a simple schema: cast, clamped, cut; a filling when nothing fits.

    With `strict` a value that is of no use gives `MISSING` instead of a filling.
    """
    if value is not MISSING:
        if isinstance(schema.get("enum"), list):
            if value in schema["enum"]:
                return value
            return MISSING if strict else schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        kind = kind_of(schema)
        if kind in ("integer", "number"):
            fitted = _number(value, schema, kind, strict)
        elif kind == "boolean":
            fitted = value if isinstance(value, bool) else MISSING
        elif kind == "string":
            fitted = _string(value, schema)
        elif kind == "null":
            fitted = None if value is None else MISSING
        else:
            fitted = value if kind_matches(value, schema) else MISSING
        if fitted is not MISSING:
            return fitted
    return MISSING if strict else filling(schema)


def _number(value: Any, schema: Schema, kind: str, strict: bool) -> Any:
    if isinstance(value, str):
        try:
            value = float(value.replace(",", ""))
        except ValueError:
            return MISSING
    if not _is_number(value) or not math.isfinite(value):
        return MISSING
    integer = kind == "integer"
    low: Any = schema.get("minimum")
    high: Any = schema.get("maximum")
    above: Any = schema.get("exclusiveMinimum")
    below: Any = schema.get("exclusiveMaximum")
    step: Any = schema.get("multipleOf")
    floor: Any = -math.inf
    ceiling: Any = math.inf
    original = value
    if integer:
        value = round(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if _is_number(low):
        floor = math.ceil(low) if integer else low
    if _is_number(above):
        edge = math.floor(above) + 1 if integer else _next(above, high, below)
        floor = max(floor, edge)
    if _is_number(high):
        ceiling = math.floor(high) if integer else high
    if _is_number(below):
        edge = math.ceil(below) - 1 if integer else _next_down(below, floor)
        ceiling = min(ceiling, edge)
    value = max(floor, min(ceiling, value))
    if _is_number(step) and step:
        value = _multiple(value, step, floor, ceiling)
    if strict and abs(value - original) > 0.5 + abs(original) * 0.001:
        return MISSING
    return value


def _multiple(value: float, step: float, floor: float, ceiling: float) -> float:
    count = round(value / step)
    for candidate in (count, count + 1, count - 1):
        if floor <= candidate * step <= ceiling:
            return candidate * step
    return count * step


def _next(above: float, high: Any, below: Any) -> float:
    limit = min(x for x in (high, below, above + 1) if _is_number(x))
    return above + 1 if limit >= above + 1 and limit != below else (above + limit) / 2


def _next_down(below: float, floor: float) -> float:
    if floor == -math.inf or floor <= below - 1:
        return below - 1
    return (floor + below) / 2


def _string(value: Any, schema: Schema) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return MISSING
    text = str(value)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not patterns.matches(pattern, text):
        for other in (text.upper(), text.lower(), text.strip(), text.replace(" ", "")):
            if patterns.matches(pattern, other):
                text = other
                break
        else:
            return MISSING
    form = schema.get("format")
    if form == "date" and len(text) != 10:
        return MISSING
    if form == "date-time":
        if len(text) == 10:
            text += "T00:00:00Z"
        elif len(text) == 16:
            text = text.replace(" ", "T") + ":00Z"
    if form == "time" and len(text) == 5:
        text += ":00Z"
    if form == "email" and "@" not in text:
        return MISSING
    if form in ("uri", "url") and ":" not in text:
        return MISSING
    if form == "uuid" and len(text) != 36:
        return MISSING
    most, least = schema.get("maxLength"), schema.get("minLength")
    if isinstance(most, int) and len(text) > most:
        if pattern:
            return MISSING
        text = text[:most]
    if isinstance(least, int) and len(text) < least:
        return MISSING
    return text


def filling(schema: Schema) -> Any:
    """A harmless valid value of a simple schema: its default, its example, or the plainest."""
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return _from_enum(schema, MISSING)
    default = schema.get("default", MISSING)
    if default is not MISSING and default is not None and valid(default, schema):
        return default
    kind = kind_of(schema)
    if kind in ("integer", "number"):
        return _number(0, schema, kind, False)
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    if kind == "array":
        return []
    if kind == "object":
        return {}
    least, most = int(schema.get("minLength") or 0), schema.get("maxLength")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        text = patterns.example(pattern)
        if text is not None:
            for size in range(len(text), max(least, len(text)) + 1):
                longer = text + text[-1:] * (size - len(text))
                if len(longer) >= least and patterns.matches(pattern, longer):
                    return longer
            return text
    text = _FORMATS.get(str(schema.get("format")), "")
    if not text and (most is None or (isinstance(most, int) and most >= 11)):
        text = "unspecified"
    if len(text) < least:
        text = (text or "x").ljust(least, "x")
    return text[:most] if isinstance(most, int) else text
