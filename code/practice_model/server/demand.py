"""How much a JSON schema demands at least: a bound from below, in one pass over the schema.

`{"type": "string", "minLength": 1e9}` is a short schema with a long answer, and arrays in arrays
multiply. The bound is found before anything is filled, so that a greedy schema costs nothing.
"""

from __future__ import annotations

from typing import Any

LIMIT = 100_000
"""Characters that a schema may demand of an answer."""

_PASSES = 20

MAX_PLACES = 10_000
"""Schemas and names that a schema may be made of."""


def places(schema: object) -> int:
    """Return how many objects, arrays and values a JSON value is made of."""
    count, level = 0, [schema]
    while level:
        count += len(level)
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
    return count


def demanded(schema: dict[str, Any]) -> int:
    """Return the characters that the greediest part of a schema needs at least, up to `LIMIT`.

    Parts that may be left out count too. A part that cannot do without itself demands the limit:
    nothing finite follows it.
    """
    demand = _Demand(schema)
    try:
        for _ in range(_PASSES):
            if not demand.improve():
                break
    except RecursionError:
        return LIMIT
    return demand.greediest()


class _Demand:
    """Bounds for all parts of a schema, brought down pass by pass from `LIMIT`."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._known: dict[int, int] = {}
        self._seen: set[int] = set()

    def improve(self) -> bool:
        """Go over the schema once; False when nothing changed."""
        before = dict(self._known)
        self._seen.clear()
        self.of(self._root)
        return self._known != before

    def greediest(self) -> int:
        """Return the largest bound of all."""
        return max(self._known.values(), default=0)

    def of(self, schema: object) -> int:
        """Return the bound for one part; for one that is being worked out, what was known."""
        if not isinstance(schema, dict):
            return 0
        key = id(schema)
        if key not in self._seen:
            self._seen.add(key)
            self._known.setdefault(key, LIMIT)
            self._known[key] = min(LIMIT, self._least(schema))
        return self._known[key]

    def _least(self, schema: dict[str, Any]) -> int:
        if "const" in schema or "enum" in schema:
            return 1
        needs = [self._own(schema)]
        if isinstance(schema.get("$ref"), str):
            needs.append(self.of(self._at(schema["$ref"])))
        needs += [self.of(one) for one in _list(schema.get("allOf"))]
        for key in ("anyOf", "oneOf"):
            if _list(schema.get(key)):
                needs.append(min(self.of(one) for one in schema[key]))
        return max(needs)

    def _own(self, schema: dict[str, Any]) -> int:
        kind = schema.get("type")
        kinds = kind if isinstance(kind, list) else [kind or _implied(schema)]
        return min((self._as(str(one), schema) for one in kinds), default=0)

    def _as(self, kind: str, schema: dict[str, Any]) -> int:
        if kind == "string":
            return _number(schema.get("minLength"))
        if kind == "array":
            return self._array(schema)
        if kind == "object":
            properties = schema.get("properties")
            properties = properties if isinstance(properties, dict) else {}
            sizes = {name: self.of(one) for name, one in properties.items()}
            required = {str(name) for name in _list(schema.get("required"))}
            named = sum(len(name) + sizes.get(name, 0) for name in required)
            return max(named, _number(schema.get("minProperties")))
        return 1

    def _array(self, schema: dict[str, Any]) -> int:
        count = _number(schema.get("minItems"))
        fixed = _list(schema.get("prefixItems"))[:count]
        each = 1 + self.of(schema.get("items"))
        contained = schema.get("contains")
        wanted = _number(schema.get("minContains", 1)) if isinstance(contained, dict) else 0
        return max(
            sum(1 + self.of(one) for one in fixed) + (count - len(fixed)) * each,
            wanted * (1 + self.of(contained)),
        )

    def _at(self, reference: str) -> object:
        """Return what a reference within the schema points to."""
        here: object = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            here = here.get(name) if isinstance(here, dict) else None
        return here


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(max(0, min(LIMIT, value)))


def _implied(schema: dict[str, Any]) -> str:
    if "properties" in schema or "required" in schema or "minProperties" in schema:
        return "object"
    if "items" in schema or "minItems" in schema or "prefixItems" in schema:
        return "array"
    return "string" if "minLength" in schema else ""
