"""Bounds of what a schema may ask for: a greedy one is refused before it is filled."""

from typing import Any

from practice_model.mind.errors import TooMuch

MAX_DEPTH = 24
MAX_NODES = 4_000
MAX_LENGTH = 20_000  # characters of one string
MAX_ITEMS = 1_000  # items of all arrays together, where one lies in the other


class SchemaTooLarge(TooMuch):
    """A schema whose smallest value is too large to be made."""


def check(schema: Any) -> None:
    """Raise `SchemaTooLarge` for a schema that is too deep, too wide or too greedy."""
    nodes = 0
    waiting: list[tuple[Any, int, int]] = [(schema, 0, 1)]
    while waiting:
        node, depth, many = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH * 2:
            raise SchemaTooLarge("The schema is too large.")
        if isinstance(node, list):
            waiting += [(item, depth + 1, many) for item in node]
        if not isinstance(node, dict):
            continue
        least, items = node.get("minLength"), node.get("minItems")
        if isinstance(least, int | float) and least > MAX_LENGTH:
            raise SchemaTooLarge(f"minLength is {least:g}; at most {MAX_LENGTH} can be filled.")
        if isinstance(items, int | float):
            many *= max(1, int(min(items, MAX_ITEMS + 1)))
            if many > MAX_ITEMS:
                raise SchemaTooLarge(f"minItems asks for more than {MAX_ITEMS} items.")
        for key, value in node.items():
            if key not in ("enum", "const", "default", "examples", "required") and isinstance(
                value, dict | list
            ):
                waiting.append((value, depth + 1, many))
