"""Which requests can be put to a human, and which answers they allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, Union, cast

from pydantic import AfterValidator, BaseModel, Discriminator, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from agent_patterns.approval.arguments import wrong_arguments
from agent_patterns.approval.errors import InvalidArguments, InvalidDecision, InvalidRequest
from agent_patterns.approval.protocol import (
    Action,
    ApprovalRequest,
    Decision,
    DecisionType,
    action_of,
)
from agent_patterns.durable.canonical import canonical, digest, shown
from agent_patterns.durable.errors import InvalidInput

DEFAULT_DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject")


def _branch(kind: DecisionType, **fields: Any) -> Any:
    """Return the type of the decisions of one kind, which have exactly these fields."""
    fields |= {"type": Literal[kind], "approval_id": NotRequired[str]}
    branch = cast(Any, TypedDict)(kind.capitalize(), fields)
    branch.__pydantic_config__ = {"extra": "forbid", "strict": True}
    return branch


_BRANCHES: dict[DecisionType, Any] = {
    "approve": _branch("approve"),
    "edit": _branch("edit", edited_action=Action),
    "reject": _branch("reject", message=NotRequired[str]),
    "respond": _branch("respond", message=str),
}
_SHAPES = {kind: TypeAdapter(branch) for kind, branch in _BRANCHES.items()}
_REQUEST = TypeAdapter(ApprovalRequest)


def check_request(request: ApprovalRequest) -> str:
    """Return the digest of a request's action, or raise `InvalidRequest`: nobody can decide it."""
    _check_shape(request, "request", _REQUEST, InvalidRequest)
    if not offered(request):
        raise InvalidRequest(
            f"nobody could decide: {request.get('allow')!r} offers none of {', '.join(_BRANCHES)}"
        )
    return digest(action_of(request))


def check_decision(
    request: ApprovalRequest, decision: Decision, args: type[BaseModel] | None = None
) -> None:
    """Check a decision against what the request allows, or raise `InvalidDecision`.

    `args` says what the action accepts (`InvalidArguments`); without it the ``args_schema`` counts.
    """
    kind = decision.get("type") if isinstance(decision, Mapping) else decision
    choices = offered(request)
    if kind not in choices:
        raise InvalidDecision(
            f"{shown(kind)} is not offered for {request['action']}; choose one of"
            f" {', '.join(choices) or 'none: the request offers nothing'}"
        )
    _check_shape(decision, "decision", _SHAPES[kind], InvalidDecision)
    if kind == "respond" and not decision["message"].strip():
        raise InvalidDecision("an answer needs a text")
    if kind in ("approve", "edit"):
        action = decision.get("edited_action", action_of(request))
        advice = "" if kind == "edit" else " (edit the arguments, or reject)"
        _check_action(request, action, args, advice)


def answer_schema(request: ApprovalRequest, args: type[BaseModel] | None = None) -> type[Decision]:
    """Return the type of the answers that `request` allows, for `interrupt(response_schema=...)`.

    LangGraph checks an answer against it before anything is saved, and publishes it as a JSON
    schema to whoever shows the interrupt: one branch for each decision that is offered.
    """
    check_request(request)

    def checked(decision: Decision) -> Decision:
        check_decision(request, decision, args)
        return decision

    kinds = offered(request)
    branches = cast(Any, Union)[tuple(_BRANCHES[kind] for kind in kinds)]
    if len(kinds) > 1:
        branches = Annotated[branches, Discriminator("type")]
    return cast("type[Decision]", Annotated[branches, AfterValidator(checked)])


def offered(request: ApprovalRequest) -> tuple[DecisionType, ...]:
    """Return the decision types a request allows; ignore unknown ones."""
    allow = request.get("allow", DEFAULT_DECISIONS)
    if not isinstance(allow, list | tuple):
        return ()
    return tuple(kind for kind in _BRANCHES if kind in allow)


def first_wrong(error: Any) -> str:
    """Return the first thing that a validation found wrong, without what was given."""
    wrong = error.errors()[0]
    return f"{'.'.join(map(str, wrong['loc'])) or 'it'}: {wrong['msg']}"


def _check_shape(value: Any, what: str, shape: TypeAdapter[Any], refusal: type[Exception]) -> None:
    try:
        canonical(value, f"A {what}")  # before anything walks through it
        shape.validate_python(value)
    except InvalidInput as error:
        raise refusal(str(error)) from None
    except ValidationError as error:
        raise refusal(f"this is no {what}; {first_wrong(error)}") from None


def _check_action(
    request: ApprovalRequest, action: Action, model: type[BaseModel] | None, advice: str
) -> None:
    name = request["action"]
    if action["name"] != name:
        what = f"{name!r} cannot become {action['name']!r}"
        raise InvalidDecision(f"an edit changes arguments, not the action: {what}")
    if wrong := wrong_arguments(action, model, request.get("args_schema")):
        raise InvalidArguments(*wrong, advice=advice)
    unknown = sorted(set(action["args"]) - set(request["args"]))
    if unknown and model is None and "args_schema" not in request:
        raise InvalidDecision(f"{name} has no argument {', '.join(unknown)}")
