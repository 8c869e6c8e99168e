"""Reading an interrupt: what is asked, and in which form the answer goes back.

An interrupt may carry any value. Four shapes are known and read fully: the course's
`ApprovalRequest`, LangChain's `HITLRequest` (several actions in one interrupt) and
`ToolApprovalRequest` (one action, its answer described by a schema), and a plain question.
Anything else is shown as it is, to be approved or rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from langgraph.types import Interrupt

from agent_patterns.approval.protocol import DecisionType

Kind = Literal["action", "question", "form", "value", "breakpoint", "retry"]

_TYPES: tuple[DecisionType, ...] = ("approve", "edit", "reject", "respond")
_DEFAULT: tuple[DecisionType, ...] = ("approve", "edit", "reject")
_KNOWN_KEYS = {"action", "args", "reason", "requested_by", "allow", "args_schema"}


@dataclass(frozen=True)
class Ask:
    """One thing a human decides."""

    kind: Kind
    title: str
    """Name of the action, or the question itself."""
    args: Mapping[str, Any]
    details: tuple[tuple[str, Any], ...] = ()
    """What else is known, as pairs of a name and a value: the reason, who asks."""
    allowed: tuple[DecisionType, ...] = _DEFAULT
    schema: Mapping[str, Any] | None = None
    """JSON schema of edited arguments, or of the answer when the kind is ``form``."""


@dataclass(frozen=True)
class Request:
    """One interrupt and everything it asks."""

    id: str
    asks: tuple[Ask, ...]
    batched: bool = False
    """The answers go back together, as ``{"decisions": [...]}``."""

    def resume_value(self, answers: Sequence[Any]) -> Any:
        """The value that resumes the interrupt, given one answer for each ask."""
        if len(answers) != len(self.asks):
            raise ValueError(f"{len(self.asks)} answers are needed, {len(answers)} given")
        return {"decisions": list(answers)} if self.batched else answers[0]


def read(interrupt: Interrupt) -> Request:
    """Reads an interrupt; any value gives a request that can be shown and answered."""
    value = interrupt.value
    schema = interrupt.response_schema
    schema = schema if isinstance(schema, Mapping) else None
    if isinstance(value, Mapping):
        if _is_batch(value):
            return Request(interrupt.id, _batch(value), batched=True)
        if value.get("type") == "tool_approval" and _is_call(value):
            return Request(interrupt.id, (_tool_call(value, schema),))
    if schema is not None and not _decision_branches(schema):
        title, details = _title_of(value)
        return Request(interrupt.id, (Ask("form", title, {}, details, ("respond",), schema),))
    if isinstance(value, Mapping) and isinstance(value.get("action"), str):
        return Request(interrupt.id, (_approval(value, schema),))
    if isinstance(value, str):
        return Request(interrupt.id, (Ask("question", value, {}, (), ("respond",)),))
    args = dict(value) if _is_plain_mapping(value) else {}
    shown = () if args else (("value", value),)
    return Request(
        interrupt.id,
        (Ask("value", "The run asks for a decision", args, shown, ("approve", "reject")),),
    )


def _is_plain_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(key, str) for key in value)


def _is_call(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and _has_args(value.get("args"))
    )


def _has_args(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _is_batch(value: Mapping[Any, Any]) -> bool:
    requests = value.get("action_requests")
    return isinstance(requests, list) and bool(requests) and all(map(_is_call, requests))


def _decisions(value: Any, default: tuple[DecisionType, ...]) -> tuple[DecisionType, ...]:
    if not isinstance(value, list | tuple):
        return default
    chosen = tuple(dict.fromkeys(kind for kind in _TYPES if kind in value))
    return chosen or default


def _batch(value: Mapping[Any, Any]) -> tuple[Ask, ...]:
    configs: dict[str, Any] = {}
    reviews = value.get("review_configs")
    for config in reviews if isinstance(reviews, list) else []:
        if isinstance(config, Mapping) and isinstance(config.get("action_name"), str):
            configs[config["action_name"]] = config
    return tuple(_one_of_batch(call, configs.get(call["name"], {})) for call in _calls(value))


def _calls(value: Mapping[Any, Any]) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", value["action_requests"])


def _one_of_batch(call: Mapping[str, Any], config: Mapping[str, Any]) -> Ask:
    schema = config.get("args_schema")
    return Ask(
        "action",
        call["name"],
        dict(call["args"]),
        _description(call.get("description"), call),
        _decisions(config.get("allowed_decisions"), _DEFAULT),
        schema if isinstance(schema, Mapping) else None,
    )


def _description(text: Any, call: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The description, unless it is LangChain's default, which repeats name and arguments."""
    if not text:
        return ()
    if isinstance(text, str):
        lead, _, rest = text.partition("\n\nTool: ")
        if rest.startswith(f"{call['name']}\nArgs: "):
            text = lead
    return (("reason", text),)


def _tool_call(value: Mapping[Any, Any], schema: Mapping[str, Any] | None) -> Ask:
    branches = _decision_branches(schema) if schema is not None else {}
    allowed = tuple(kind for kind in _TYPES if kind in branches) or _DEFAULT
    return Ask(
        "action",
        value["name"],
        dict(value["args"]),
        _description(value.get("description"), value),
        allowed,
        _edit_schema(schema, branches),
    )


def _approval(value: Mapping[Any, Any], schema: Mapping[str, Any] | None) -> Ask:
    has_args = _has_args(value.get("args"))
    args = dict(value["args"]) if has_args else {}
    details: list[tuple[str, Any]] = []
    if value.get("requested_by"):
        details.append(("asked by", value["requested_by"]))
    if value.get("reason"):
        details.append(("reason", value["reason"]))
    if not has_args and "args" in value:
        details.append(("args", value["args"]))
    details += [(str(key), value[key]) for key in value if key not in _KNOWN_KEYS]
    args_schema = value.get("args_schema")
    branches = _decision_branches(schema) if schema is not None else {}
    default = tuple(kind for kind in _TYPES if kind in branches) or _DEFAULT
    return Ask(
        "action",
        value["action"],
        args,
        tuple(details),
        _decisions(value.get("allow"), default),
        args_schema if isinstance(args_schema, Mapping) else _edit_schema(schema, branches),
    )


def _title_of(value: Any) -> tuple[str, tuple[tuple[str, Any], ...]]:
    if isinstance(value, str):
        return value, ()
    if isinstance(value, Mapping):
        for key in ("question", "message", "title", "action"):
            if isinstance(value.get(key), str):
                rest = tuple((str(name), value[name]) for name in value if name != key)
                return value[key], rest
        return "The run asks for an answer", tuple((str(k), v) for k, v in value.items())
    return "The run asks for an answer", (("value", value),) if value is not None else ()


def resolve(node: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema node with its local ``$ref`` followed; an empty one where that fails."""
    for _ in range(20):
        if not isinstance(node, Mapping):
            return {}
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node
        if not ref.startswith("#/"):
            return {}
        target: Any = root
        for part in ref[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            target = target.get(part) if isinstance(target, Mapping) else None
        node = target
    return {}


def _decision_branches(schema: Mapping[str, Any]) -> dict[DecisionType, Mapping[str, Any]]:
    """The decisions a response schema lists, when it is one of decisions; else nothing."""
    options = schema.get("oneOf") or schema.get("anyOf") or [schema]
    branches: dict[DecisionType, Mapping[str, Any]] = {}
    for option in options if isinstance(options, list) else []:
        node = resolve(option, schema)
        properties = node.get("properties")
        kind = properties.get("type") if isinstance(properties, Mapping) else None
        name = kind.get("const") if isinstance(kind, Mapping) else None
        if name not in _TYPES:
            return {}
        branches[name] = node
    return branches


def _edit_schema(
    schema: Mapping[str, Any] | None, branches: Mapping[DecisionType, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    if schema is None or "edit" not in branches:
        return None
    edited = resolve(branches["edit"].get("properties", {}).get("edited_action"), schema)
    properties = edited.get("properties")
    if not isinstance(properties, Mapping):
        return None
    args = resolve(properties.get("args"), schema)
    return {**args, "$defs": schema["$defs"]} if "$defs" in schema and args else args or None
