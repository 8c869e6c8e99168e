"""Read an interrupt: what is asked, and in which form the answer goes back.

An interrupt may carry any value; `PROTOCOL` lists what the panel makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langgraph.types import Interrupt

from agent_patterns.approval.decisions import DEFAULT_DECISIONS, offered
from agent_patterns.approval.payloads import read_payload
from agent_patterns.approval.protocol import ApprovalRequest, DecisionType
from courseware.widgets._schemas import decision_branches, resolve
from courseware.widgets._text import one_line

Kind = Literal["action", "question", "form", "value", "breakpoint", "retry"]

PROTOCOL = """\
| `interrupt(...)` is called with | The panel shows | The node gets back |
|---|---|---|
| a text, or `{"question": ...}` | the question and a field | the text that was typed |
| `{"question": ..., "options": [...]}` | a button for each option | the option that was pressed |
| `{"question": ..., "fields": {...}}`, or any value with a `response_schema` | a typed field for \
each entry | a dictionary, or an object of the schema |
| `{"action": ..., "args": {...}}` | *Approve*, *Edit…*, *Reject…*: what `allow` lists | \
`{"type": "approve"}`, or `edit`, `reject`, `respond` with its content |
| LangChain's `{"action_requests": [...]}` | the same for each action | `{"decisions": [...]}` |
| anything else | the value, *Approve*, *Reject…*, *Answer…* | `{"type": "approve"}`, \
`{"type": "reject", ...}`, or the text that was typed |

Beside the arguments, `facts` shows what is known: `{"amount": {"paid": 12.90}}` stands next to the
argument `amount`, and stands out where the two differ. `args_schema` limits them: with
`{"properties": {"amount": {"maximum": 12.90}}}` nothing above 12.90 is accepted.
Every other entry of the dictionary is shown as it is.
"""
"""The protocol between a graph and the panel, as a markdown table."""

_KNOWN_KEYS = {"action", "args", "reason", "requested_by", "allow", "args_schema", "facts"}
_TITLES = ("question", "message", "instruction", "task", "title", "action")

NOTHING_OFFERED = (
    "Nothing can be decided here: the request offers none of approve, edit, reject, respond."
)


@dataclass(frozen=True)
class Ask:
    """Describe one thing that a human decides."""

    kind: Kind
    title: str
    """Name of the action, or the question itself."""
    args: Mapping[str, Any]
    details: tuple[tuple[str, Any], ...] = ()
    """What else is known, as pairs of a name and a value: the reason, who asks."""
    allowed: tuple[DecisionType, ...] = DEFAULT_DECISIONS
    schema: Mapping[str, Any] | None = None
    """JSON schema of edited arguments, or of the answer when the kind is ``form``."""
    options: tuple[tuple[str, Any], ...] = ()
    """Answers to a question that are pressed instead of typed: label and value."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """For an argument's name, what is known beside it."""


@dataclass(frozen=True)
class Request:
    """Hold one interrupt and everything it asks."""

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
    return Request(interrupt.id, (_single(value, schema),))


def _single(value: Any, schema: Mapping[str, Any] | None) -> Ask:
    if schema is not None and not decision_branches(schema):
        title, details = _title_of(value)
        return Ask("form", title, {}, details, ("respond",), schema)
    if isinstance(value, Mapping) and isinstance(value.get("action"), str):
        return _approval(value, schema)
    if isinstance(value, str):
        return Ask("question", value, {}, (), ("respond",))
    if isinstance(value, Mapping) and isinstance(value.get("question"), str):
        return _question(value)
    offers: tuple[DecisionType, ...] = ("approve", "reject", "respond")
    if not _is_plain_mapping(value):
        return Ask("value", "The run asks for a decision", {}, (("value", value),), offers)
    title, rest = _title_of(value, "The run asks for a decision")
    return Ask("value", title, dict(rest), (), offers)


def _question(value: Mapping[Any, Any]) -> Ask:
    """Read a question with what it offers: options to press, fields to fill, or a text."""
    known = {"question", "options", "fields"}
    details = tuple((str(key), item) for key, item in value.items() if key not in known)
    title, options, fields = value["question"], _options(value.get("options")), value.get("fields")
    if fields is not None and (schema := _fields_schema(fields)):
        return Ask("form", title, {}, details, ("respond",), schema)
    unread = [] if options else [(k, value[k]) for k in ("options", "fields") if k in value]
    return Ask("question", title, {}, (*details, *unread), ("respond",), options=options)


def _options(offered: Any) -> tuple[tuple[str, Any], ...]:
    """Return labels and values of a list of options, or of a mapping of labels to values."""
    if isinstance(offered, Mapping):
        return tuple((str(label), value) for label, value in offered.items())
    if not isinstance(offered, list | tuple):
        return ()
    return tuple((one_line(option), option) for option in offered)


_SCHEMA_KEYS = {"type", "enum", "anyOf", "oneOf", "description", "default", "minimum", "maximum"}
_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def _fields_schema(fields: Any) -> Mapping[str, Any] | None:
    """Return the JSON schema of an answer whose fields are named, described or begun."""
    if isinstance(fields, list | tuple) and all(isinstance(name, str) for name in fields):
        fields = {name: {"type": "string"} for name in fields}
    if not _is_plain_mapping(fields):
        return None
    described = {name: _field_schema(item) for name, item in fields.items()}
    needed = [name for name, node in described.items() if "default" not in node]
    return {"type": "object", "properties": described, "required": needed}


def _field_schema(item: Any) -> dict[str, Any]:
    if isinstance(item, Mapping) and _SCHEMA_KEYS & set(item):
        return dict(item)
    if isinstance(item, list) and item and all(isinstance(one, str | int) for one in item):
        return {"enum": item}
    kind = next((name for each, name in _TYPES if isinstance(item, each)), None)
    return {"type": kind, "default": item} if kind else {"default": item}


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
    """Return the description without LangChain's default, which repeats the card."""
    text = request.get("reason", "")
    lead, _, rest = text.partition("\n\nTool: ")
    if rest.startswith(f"{request['action']}\nArgs: "):
        text = lead.removeprefix("Tool execution requires approval")
    return (("reason", text),) if text else ()


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
    facts, loose = _facts(value.get("facts"), args if isinstance(args, Mapping) else {})
    details += [(str(key), value[key]) for key in value if key not in _KNOWN_KEYS] + loose
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
        facts=facts,
    )


def _title_of(
    value: Any, otherwise: str = "The run asks for an answer"
) -> tuple[str, tuple[tuple[str, Any], ...]]:
    if isinstance(value, str):
        return value, ()
    if isinstance(value, Mapping):
        key = next((key for key in _TITLES if isinstance(value.get(key), str)), None)
        rest = tuple((str(name), value[name]) for name in value if name != key)
        return (otherwise if key is None else value[key]), rest
    return otherwise, (("value", value),) if value is not None else ()


def _facts(value: Any, args: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], list[Any]]:
    """Part facts into those about one argument and those about the whole request."""
    if not isinstance(value, Mapping):
        return {}, [] if value is None else [("facts", value)]
    beside = {
        name: known if isinstance(known, Mapping) else {"known": known}
        for name, known in value.items()
        if name in args
    }
    return beside, [(str(name), known) for name, known in value.items() if name not in args]


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
