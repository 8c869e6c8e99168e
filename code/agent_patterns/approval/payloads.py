"""Reading the interrupts of hand-written graphs and of LangChain's middleware alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from agent_patterns.approval.protocol import ApprovalRequest, Decision, DecisionType


@dataclass(frozen=True)
class Asked:
    """What one interrupt asks: one request, or several in LangChain's batched review."""

    shape: Literal["request", "question", "batch", "tool", "other"]
    requests: tuple[ApprovalRequest, ...]

    def resume_value(self, decisions: list[Decision]) -> Any:
        """Return the value to resume with, given one decision for each request."""
        if self.shape == "question":
            return decisions[0].get("message", "")
        if self.shape not in ("batch", "tool"):
            return decisions[0]
        # LangChain's decisions have no `approval_id`.
        plain = [{k: v for k, v in each.items() if k != "approval_id"} for each in decisions]
        return {"decisions": plain} if self.shape == "batch" else plain[0]


def read_payload(value: Any, response_schema: Any = None) -> Asked:
    """Make approval requests of an interrupt's value, whoever raised it.

    Understands `ApprovalRequest`, LangChain's `HITLRequest` and `ToolApprovalRequest`, and a plain
    text, which is a question.  Anything else becomes a request to approve or reject it as shown.
    Where the value does not say which decisions it offers, the interrupt's schema may.
    """
    if isinstance(value, str):
        question: Any = {"action": "answer", "args": {}, "reason": value, "allow": ["respond"]}
        return Asked("question", (question,))
    if isinstance(value, Mapping):
        offered = _offered(response_schema)
        calls = value.get("action_requests")
        if isinstance(calls, list) and calls and all(map(_is_call, calls)):
            return Asked("batch", tuple(_batch(value)))
        if value.get("type") == "tool_approval" and _is_call(value):
            return Asked("tool", (_tool_request(value, offered or None),))
        if _is_call(value, name="action"):
            request: Any = {"allow": offered, **value} if offered else dict(value)
            return Asked("request", (request,))
    args = dict(value) if isinstance(value, Mapping) else {"value": value}
    return Asked("other", ({"action": "continue", "args": args, "allow": ["approve", "reject"]},))


def _offered(schema: Any) -> list[DecisionType]:
    nodes = [schema]
    match schema:
        case {"$defs": {**definitions}}:
            nodes += definitions.values()
        case {"oneOf": list(branches)} | {"anyOf": list(branches)}:
            nodes += branches
    listed = set()
    for node in nodes:
        match node:
            case {"properties": {"type": {"const": str(name)}}}:
                listed.add(name)
    return [kind for kind in get_args(DecisionType) if kind in listed]


def _is_call(value: Any, name: str = "name") -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get(name), str):
        return False
    args = value.get("args")
    return isinstance(args, Mapping) and all(isinstance(key, str) for key in args)


def _batch(value: Mapping[Any, Any]) -> Iterator[ApprovalRequest]:
    allowed: dict[str, Any] = {}
    for config in value.get("review_configs") or ():
        match config:
            case {"action_name": str(name), "allowed_decisions": decisions}:
                allowed[name] = decisions
    for call in value["action_requests"]:
        yield _tool_request(call, allowed.get(call["name"]))


def _tool_request(call: Mapping[Any, Any], allowed: Any) -> ApprovalRequest:
    request: ApprovalRequest = {"action": call["name"], "args": dict(call["args"])}
    if allowed is not None:
        request["allow"] = allowed
    if description := call.get("description"):
        request["reason"] = str(description)
    return request
