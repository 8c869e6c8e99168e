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
    ApprovalRequest,
    Decision,
    DecisionType,
    action_of,
    reject,
    respond,
)
from agent_patterns.durable.canonical import canonical, digest, shown
from agent_patterns.durable.errors import InvalidInput

DEFAULT_DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject")


class _Exactly(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]
    approval_id: NotRequired[str]


class _Edited(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]
    name: str
    args: dict[str, Any]


class _Approve(_Exactly):
    type: Literal["approve"]


class _Edit(_Exactly):
    type: Literal["edit"]
    edited_action: _Edited


class _Reject(_Exactly):
    type: Literal["reject"]
    message: NotRequired[str]


class _Respond(_Exactly):
    type: Literal["respond"]
    message: str


class _Request(TypedDict):
    """The fields that mean something here; a request may hold others for whoever shows it."""

    __pydantic_config__ = ConfigDict(extra="allow", strict=True)  # type: ignore[misc]
    action: str
    args: dict[str, Any]
    reason: NotRequired[str]
    requested_by: NotRequired[str]
    args_schema: NotRequired[dict[str, Any]]


_BRANCHES: dict[DecisionType, Any] = {
    "approve": _Approve,
    "edit": _Edit,
    "reject": _Reject,
    "respond": _Respond,
}
_SHAPES = {kind: TypeAdapter(branch) for kind, branch in _BRANCHES.items()}
_REQUEST = TypeAdapter(_Request)


def check_request(request: ApprovalRequest) -> str:
    """Check that a request can be put to a human; return the digest of its action.

    Raises:
        InvalidRequest: It is not made like one, is not JSON, or offers no decision that there is.
    """
    try:
        canonical(request, "A request")
        _REQUEST.validate_python(request)
    except InvalidInput as error:
        raise InvalidRequest(str(error)) from None
    except ValidationError as error:
        raise InvalidRequest(f"this is no request; {first_wrong(error)}") from None
    if not request["action"] or not offered(request):
        raise InvalidRequest(
            f"nobody could decide: {request.get('allow')!r} offers none of {', '.join(_BRANCHES)}"
            if request["action"]
            else "the action needs a name"
        )
    return digest(action_of(request))


def check_decision(
    request: ApprovalRequest, decision: Decision, args: type[BaseModel] | None = None
) -> None:
    """Check a decision against what the request allows.

    Args:
        request: What was asked.
        decision: The answer.
        args: What the action accepts; without it the request's own ``args_schema`` counts.

    Raises:
        InvalidDecision: It is not made like one, its type is not offered, or an edit names another
            action.
        InvalidArguments: The action does not accept the arguments that would be approved, or they
            are not JSON.
    """
    kind = decision.get("type") if isinstance(decision, Mapping) else decision
    choices = offered(request)
    if kind not in choices:
        raise InvalidDecision(
            f"{shown(kind)} is not offered for {request['action']}; choose one of"
            f" {', '.join(choices) or 'none: the request offers nothing'}"
        )
    if kind == "edit":  # before anything walks through them
        _check_json(decision.get("edited_action"), InvalidArguments)
    try:
        _SHAPES[kind].validate_python(decision)
    except ValidationError as error:
        raise InvalidDecision(f"this is no decision; {first_wrong(error)}") from None
    _check_json(decision, InvalidDecision)
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

    Raises:
        InvalidRequest: The request cannot be put to a human.
    """
    check_request(request)

    def checked(decision: Decision) -> Decision:
        check_decision(request, decision, args)
        return decision

    branches = tuple(_BRANCHES[kind] for kind in offered(request))
    check = AfterValidator(checked)
    if len(branches) == 1:
        return cast("type[Decision]", Annotated[branches[0], check])
    union = cast(Any, Union)[branches]
    return cast("type[Decision]", Annotated[union, Discriminator("type"), check])


def offered(request: ApprovalRequest) -> tuple[DecisionType, ...]:
    """Return the decision types a request allows; ignore unknown ones."""
    allow = request.get("allow", DEFAULT_DECISIONS)
    if not isinstance(allow, list | tuple):
        return ()
    return tuple(kind for kind in _BRANCHES if kind in allow)


def closing(request: ApprovalRequest, why: str) -> Decision:
    """Return the decision that ends a request without a person: a no, if it can be said."""
    return respond(why) if offered(request) == ("respond",) else reject(why)


def first_wrong(error: Any) -> str:
    """Return the first thing that a validation found wrong, without what was given."""
    wrong = error.errors()[0]
    return f"{'.'.join(map(str, wrong['loc'])) or 'it'}: {wrong['msg']}"


def _check_json(value: Any, refusal: type[InvalidDecision]) -> None:
    try:
        canonical(value, "A decision")
    except InvalidInput as error:
        raise refusal(str(error)) from None


def _check_arguments(
    request: ApprovalRequest, args: dict[str, Any], model: type[BaseModel] | None
) -> None:
    action = action_of({**request, "args": args})
    _check_json(args, InvalidArguments)
    schema = request.get("args_schema")
    if model is not None:
        check_model(action, model)
    elif schema is not None:
        check_schema(action, schema)
    elif unknown := sorted(set(args) - set(request["args"])):
        raise InvalidDecision(f"{request['action']} has no argument {', '.join(unknown)}")
