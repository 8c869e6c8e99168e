"""Which requests can be put to a human, and which answers they allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, Union, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    TypeAdapter,
    ValidationError,
)
from typing_extensions import TypedDict

from agent_patterns.approval.arguments import check_model, check_schema
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
    branch.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
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
    """Check a decision against what the request allows.

    `args` says what the action accepts; without it the request's own ``args_schema`` counts.

    Raises:
        InvalidDecision: It is not made like one, its type is not offered, or an edit names another
            action.
        InvalidArguments: The action does not accept the arguments that would be approved.
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
    if kind == "approve":
        try:
            _check_arguments(request, request["args"], args)
        except InvalidArguments as error:
            raise InvalidArguments(f"{error} (edit the arguments, or reject)") from None
    if kind == "edit":
        edited = decision["edited_action"]
        if edited["name"] != request["action"]:
            raise InvalidDecision(
                f"an edit changes arguments, not the action: {request['action']!r} cannot become"
                f" {edited['name']!r}"
            )
        _check_arguments(request, edited["args"], args)


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


def _check_arguments(
    request: ApprovalRequest, args: dict[str, Any], model: type[BaseModel] | None
) -> None:
    action = action_of({**request, "args": args})
    schema = request.get("args_schema")
    if model is not None:
        check_model(action, model)
    elif schema is not None:
        check_schema(action, schema)
    elif unknown := sorted(set(args) - set(request["args"])):
        raise InvalidDecision(f"{request['action']} has no argument {', '.join(unknown)}")
