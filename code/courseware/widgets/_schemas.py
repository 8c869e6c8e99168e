"""Read JSON schemas: where a reference leads, and which decisions a response schema lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from agent_patterns.approval.protocol import DecisionType


def decision_branches(schema: Any) -> dict[DecisionType, Mapping[str, Any]]:
    """Return the decisions that a response schema lists; nothing for another schema."""
    if not isinstance(schema, Mapping):
        return {}
    options = schema.get("oneOf") or schema.get("anyOf") or [schema]
    branches: dict[DecisionType, Mapping[str, Any]] = {}
    for option in options if isinstance(options, list) else []:
        node = resolve(option, schema)
        properties = node.get("properties")
        kind = properties.get("type") if isinstance(properties, Mapping) else None
        name: Any = kind.get("const") if isinstance(kind, Mapping) else None
        if name not in get_args(DecisionType):
            return {}
        branches[name] = node
    return branches


def resolve(node: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema node with its local ``$ref`` followed; an empty one if that fails."""
    for _ in range(20):
        if not isinstance(node, Mapping):
            return {}
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node
        if not ref.startswith("#/"):
            return {}
        node = root
        for part in ref[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            node = node.get(part) if isinstance(node, Mapping) else None
    return {}
