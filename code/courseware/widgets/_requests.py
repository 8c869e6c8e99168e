"""Reading an interrupt: what is asked, and in which form the answer goes back.

An interrupt may carry any value. Four shapes are known and read fully: the course's
`ApprovalRequest`, LangChain's `HITLRequest` (several actions in one interrupt) and
`ToolApprovalRequest` (one action, its answer described by a schema), and a plain question.
Anything else is shown as it is, to be approved or rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langgraph.types import Interrupt

from agent_patterns.approval.decisions import DEFAULT_DECISIONS, offered
from agent_patterns.approval.payloads import decision_branches, read_payload, resolve
from agent_patterns.approval.protocol import ApprovalRequest, DecisionType

Kind = Literal["action", "question", "form", "value", "breakpoint", "retry"]

_KNOWN_KEYS = {"action", "args", "reason", "requested_by", "allow", "args_schema"}


NOTHING_OFFERED = (
    "Nothing can be decided here: the request offers none of approve, edit, reject, respond."
)


@dataclass(frozen=True)
class Ask:
    """One thing a human decides."""

    kind: Kind
    title: str
    """Name of the action, or the question itself."""
    args: Mapping[str, Any]
    details: tuple[tuple[str, Any], ...] = ()
    """What else is known, as pairs of a name and a value: the reason, who asks."""
    allowed: tuple[DecisionType, ...] = DEFAULT_DECISIONS
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
        """Return the value that resumes the interrupt, given one answer for each ask."""
        if len(answers) != len(self.asks):
            raise ValueError(f"{len(self.asks)} answers are needed, {len(answers)} given")
        return {"decisions": list(answers)} if self.batched else answers[0]


def read(interrupt: Interrupt) -> Request:
    """Read an interrupt; any value gives a request that can be shown and answered."""
    value = interrupt.value
    schema = interrupt.response_schema
    schema = schema if isinstance(schema, Mapping) else None
    asked = read_payload(value, schema)
    if asked.shape == "batch":
        return Request(interrupt.id, tuple(map(_call, asked.requests)), batched=True)
    if asked.shape == "tool":
        return Request(interrupt.id, (_call(asked.requests[0], schema),))
    if schema is not None and not decision_branches(schema):
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


def _call(request: ApprovalRequest, schema: Mapping[str, Any] | None = None) -> Ask:
    return Ask(
        "action",
        request["action"],
        request["args"],
        _description(request),
        offered(request),
        request.get("args_schema") or _edit_schema(schema),
    )


def _description(request: ApprovalRequest) -> tuple[tuple[str, Any], ...]:
    """Return the description, unless it is LangChain's default."""
    text = request.get("reason")
    if not text:
        return ()
    lead, _, rest = text.partition("\n\nTool: ")
    return (("reason", lead if rest.startswith(f"{request['action']}\nArgs: ") else text),)


def _approval(value: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Ask:
    args = value.get("args")
    has_args = isinstance(args, Mapping) and all(isinstance(key, str) for key in args)
    details: list[tuple[str, Any]] = []
    if value.get("requested_by"):
        details.append(("asked by", value["requested_by"]))
    if value.get("reason"):
        details.append(("reason", value["reason"]))
    if not has_args and "args" in value:
        details.append(("args", args))
    details += [(str(key), value[key]) for key in value if key not in _KNOWN_KEYS]
    known = {key: value[key] for key in ("action", "allow", "args_schema") if key in value}
    (request,) = read_payload({**known, "args": args if has_args else {}}, schema).requests
    args_schema = request.get("args_schema")
    return Ask(
        "action",
        request["action"],
        dict(request["args"]),
        tuple(details),
        offered(request),
        args_schema if isinstance(args_schema, Mapping) else _edit_schema(schema),
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


def _edit_schema(schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the schema of an edit's arguments, if a response schema has one."""
    branches = decision_branches(schema)
    if schema is None or "edit" not in branches:
        return None
    edited = resolve(branches["edit"].get("properties", {}).get("edited_action"), schema)
    properties = edited.get("properties")
    if not isinstance(properties, Mapping):
        return None
    args = resolve(properties.get("args"), schema)
    return {**args, "$defs": schema["$defs"]} if "$defs" in schema and args else args or None
