"""Reading the interrupts of hand-written graphs and of LangChain's middleware alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from agent_patterns.approval.protocol import ApprovalRequest, Decision, DecisionType

Shape = Literal["request", "question", "batch", "tool", "other"]
_TYPES: tuple[DecisionType, ...] = get_args(DecisionType)


@dataclass(frozen=True)
class Asked:
    """What one interrupt asks: one request, or several in LangChain's batched review."""

    shape: Shape
    requests: tuple[ApprovalRequest, ...]

    def resume_value(self, decisions: list[Decision]) -> Any:
        """Return the value to resume with, given one decision for each request."""
        if self.shape == "batch":
            return {"decisions": [_plain(decision) for decision in decisions]}
        if self.shape == "question":
            return decisions[0].get("message", "")
        if self.shape == "tool":
            return _plain(decisions[0])
        return decisions[0]


def read_payload(value: Any, response_schema: Any = None) -> Asked:
    """Make approval requests of an interrupt's value, whoever raised it.

    Understands `ApprovalRequest`, LangChain's `HITLRequest` and `ToolApprovalRequest`, and a plain
    text, which is a question.  Anything else becomes a request to approve or reject it as shown.

    Args:
        value: What was interrupted with.
        response_schema: The interrupt's own; where the value does not say which decisions it
            offers, the schema may.
    """
    if isinstance(value, str):
        question: ApprovalRequest = {
            "action": "answer",
            "args": {},
            "reason": value,
            "allow": ["respond"],
        }
        return Asked("question", (question,))
    if isinstance(value, Mapping):
        offered = list(decision_branches(response_schema))
        if _is_batch(value):
            return Asked("batch", tuple(_batch(value)))
        if value.get("type") == "tool_approval" and _is_call(value):
            return Asked("tool", (_tool_request(value, {"allowed_decisions": offered or None}),))
        if isinstance(value.get("action"), str) and _has_names(value.get("args")):
            request: ApprovalRequest = {**value}  # type: ignore[typeddict-item]
            if offered and "allow" not in request:
                request["allow"] = offered
            return Asked("request", (request,))
    shown: ApprovalRequest = {
        "action": "continue",
        "args": dict(value) if isinstance(value, Mapping) else {"value": value},
        "allow": ["approve", "reject"],
    }
    return Asked("other", (shown,))


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
        name = kind.get("const") if isinstance(kind, Mapping) else None
        if name not in _TYPES:
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
        target: Any = root
        for part in ref[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            target = target.get(part) if isinstance(target, Mapping) else None
        node = target
    return {}


def _is_batch(value: Mapping[Any, Any]) -> bool:
    requests = value.get("action_requests")
    return isinstance(requests, list) and bool(requests) and all(map(_is_call, requests))


def _is_call(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and _has_names(value.get("args"))
    )


def _has_names(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _batch(value: Mapping[Any, Any]) -> Iterator[ApprovalRequest]:
    reviews = value.get("review_configs")
    configs = {
        config["action_name"]: config
        for config in (reviews if isinstance(reviews, list) else [])
        if isinstance(config, Mapping) and isinstance(config.get("action_name"), str)
    }
    for call in value["action_requests"]:
        yield _tool_request(call, configs.get(call["name"], {}))


def _tool_request(call: Mapping[Any, Any], config: Mapping[Any, Any]) -> ApprovalRequest:
    request: ApprovalRequest = {"action": call["name"], "args": dict(call["args"])}
    if config.get("allowed_decisions") is not None:
        request["allow"] = config["allowed_decisions"]
    if isinstance(config.get("args_schema"), Mapping):
        request["args_schema"] = config["args_schema"]
    if description := call.get("description"):
        request["reason"] = str(description)
    return request


def _plain(decision: Decision) -> dict[str, Any]:
    """Without the keys that LangChain's decisions don't have."""
    return {key: value for key, value in decision.items() if key != "approval_id"}
