"""Reading the interrupts of hand-written graphs and of LangChain's middleware alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from agent_patterns.approval.protocol import ApprovalRequest, Decision

Shape = Literal["request", "question", "batch", "tool", "other"]


@dataclass(frozen=True)
class Asked:
    """What one interrupt asks: one request, or several in LangChain's batched review."""

    shape: Shape
    requests: tuple[ApprovalRequest, ...]

    def resume_value(self, decisions: list[Decision]) -> Any:
        """The value to resume with, given one decision for each request."""
        if self.shape == "batch":
            return {"decisions": [_plain(decision) for decision in decisions]}
        if self.shape == "question":
            return decisions[0].get("message", "")
        if self.shape == "tool":
            return _plain(decisions[0])
        return decisions[0]


def read_payload(value: Any) -> Asked:
    """Make approval requests of an interrupt's value, whoever raised it.

    Understands `ApprovalRequest`, LangChain's `HITLRequest` and `ToolApprovalRequest`, and a plain
    text, which is a question.  Anything else becomes a request to approve or reject it as shown.
    """
    if isinstance(value, str):
        question: ApprovalRequest = {
            "action": "answer",
            "args": {},
            "reason": value,
            "allow": ["respond"],
        }
        return Asked("question", (question,))
    if isinstance(value, dict) and "action_requests" in value:
        allowed = {
            config["action_name"]: config["allowed_decisions"]
            for config in value.get("review_configs", [])
        }
        return Asked(
            "batch",
            tuple(
                _tool_request(
                    action, allowed.get(action["name"], ["approve", "edit", "reject", "respond"])
                )
                for action in value["action_requests"]
            ),
        )
    if isinstance(value, dict) and value.get("type") == "tool_approval":
        return Asked("tool", (_tool_request(value, ["approve", "edit", "reject", "respond"]),))
    if isinstance(value, dict) and "action" in value and isinstance(value.get("args"), dict):
        request: ApprovalRequest = {**value}  # type: ignore[typeddict-item]
        return Asked("request", (request,))
    shown: ApprovalRequest = {
        "action": "continue",
        "args": value if isinstance(value, dict) else {"value": value},
        "allow": ["approve", "reject"],
    }
    return Asked("other", (shown,))


def _tool_request(action: dict[str, Any], allow: list[Any]) -> ApprovalRequest:
    request: ApprovalRequest = {"action": action["name"], "args": action["args"], "allow": allow}
    if description := action.get("description"):
        request["reason"] = description
    return request


def _plain(decision: Decision) -> dict[str, Any]:
    """Without the keys that LangChain's decisions don't have."""
    return {key: value for key, value in decision.items() if key != "approval_id"}
