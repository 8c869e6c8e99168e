"""Asking for approval inside a node, and what comes of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, Union, cast

from langgraph.types import interrupt
from pydantic import AfterValidator, BaseModel, Discriminator, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from agent_patterns.approval.arguments import check_model, check_schema, with_schema
from agent_patterns.approval.digest import canonical
from agent_patterns.approval.errors import InvalidArguments, InvalidDecision, InvalidRequest
from agent_patterns.approval.ledger import ExecutionLedger
from agent_patterns.approval.policy import Verdict
from agent_patterns.approval.protocol import (
    Action,
    ApprovalRequest,
    Decision,
    DecisionType,
    approve,
)

DEFAULT_DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject")


class _Approve(TypedDict):
    type: Literal["approve"]
    approval_id: NotRequired[str]


class _Edit(TypedDict):
    type: Literal["edit"]
    edited_action: Action
    approval_id: NotRequired[str]


class _Reject(TypedDict):
    type: Literal["reject"]
    message: NotRequired[str]
    approval_id: NotRequired[str]


class _Respond(TypedDict):
    type: Literal["respond"]
    message: str
    approval_id: NotRequired[str]


_BRANCHES: dict[DecisionType, Any] = {
    "approve": _Approve,
    "edit": _Edit,
    "reject": _Reject,
    "respond": _Respond,
}
_SHAPES = {kind: TypeAdapter(branch) for kind, branch in _BRANCHES.items()}


class Review(TypedDict):
    """What the human said, ready to be kept in a graph's state."""

    approved: bool
    key: str
    """Key of the approval; the action is executed under it."""
    action: Action
    """What may be executed: as requested, or as edited."""
    message: str
    """Reason of a rejection, answer to a question, or why nobody was asked."""


def ask(
    request: ApprovalRequest,
    *,
    key: str,
    ledger: ExecutionLedger | None = None,
    args: type[BaseModel] | None = None,
) -> Review:
    """Interrupt the node until a human has decided on `request`.

    The node starts again from its top when the answer comes, so nothing before this call may have
    an effect, and nothing in `request` may differ the second time: draft in an earlier node, ask
    in this one, execute in a later one.  An answer that the request does not allow is refused
    before it is saved (`pydantic.ValidationError`), and the interrupt can be answered again.

    Args:
        request: What is to be done.
        key: Key of this approval, the same on every run of the node; a decision that comes from
            an approval desk brings its own.
        ledger: Where the approved action is recorded, so that it can be executed there once.
        args: What the action accepts; without it the ledger's model for this action, if it has one.
            Nothing else can be approved, neither as requested nor as edited; its JSON schema goes
            out with the request, so that a panel can say so early.

    Raises:
        InvalidRequest: It offers no decision that there is.
    """
    if args is None and ledger is not None:
        args = ledger.args.get(request["action"])
    request = with_schema(request, args)
    decision = interrupt(request, response_schema=answer_schema(request, args))
    review = review_of(request, decision, key=key)
    if ledger is not None and review["approved"]:
        ledger.record(review["key"], review["action"])
    return review


def answer_schema(request: ApprovalRequest, args: type[BaseModel] | None = None) -> type[Decision]:
    """The type of the answers that `request` allows, for `interrupt(response_schema=...)`.

    LangGraph holds an answer against it before anything is saved, and publishes it as a JSON
    schema to whoever shows the interrupt: one branch for each decision that is offered.

    Raises:
        InvalidRequest: None is.
    """

    def checked(decision: Decision) -> Decision:
        check_decision(request, decision, args)
        return decision

    branches = tuple(_BRANCHES[kind] for kind in offered(request))
    if not branches:
        raise InvalidRequest(
            f"nobody could decide: {request.get('allow')!r} offers none of {', '.join(_BRANCHES)}"
        )
    check = AfterValidator(checked)
    if len(branches) == 1:
        return cast("type[Decision]", Annotated[branches[0], check])
    union = cast(Any, Union)[branches]
    return cast("type[Decision]", Annotated[union, Discriminator("type"), check])


def pass_without_asking(
    request: ApprovalRequest,
    verdict: Verdict,
    *,
    key: str,
    ledger: ExecutionLedger | None = None,
) -> Review:
    """The review of a request that a policy lets through, recorded like a human's.

    Ask the policy in a node of its own and route on its verdict.  Within the node that interrupts
    it would be asked again on resume, and if it said yes then, the human's no would be lost.

    Raises:
        InvalidDecision: The verdict is not to let it through.
    """
    if not verdict.automatic:
        raise InvalidDecision(f"a human must decide: {verdict.reason}")
    review = review_of(request, approve(), key=key)
    review["message"] = f"approved automatically: {verdict.reason}"
    if ledger is not None:
        ledger.record(review["key"], review["action"])
    return review


def review_of(request: ApprovalRequest, decision: Decision, *, key: str) -> Review:
    """What `decision` makes of `request`: the action that may be executed, or why none may.

    Raises:
        InvalidDecision: The request does not allow this decision.
    """
    check_decision(request, decision)
    action: Action = {"name": request["action"], "args": request["args"]}
    if decision["type"] == "edit":
        action = decision["edited_action"]
    return {
        "approved": decision["type"] in ("approve", "edit"),
        "key": decision.get("approval_id", key),
        "action": action,
        "message": decision.get("message", ""),
    }


def check_decision(
    request: ApprovalRequest, decision: Decision, args: type[BaseModel] | None = None
) -> None:
    """Hold a decision against what the request allows.

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
            f"{kind!r} is not offered for {request['action']}; choose one of"
            f" {', '.join(choices) or 'none: the request offers nothing'}"
        )
    try:
        _SHAPES[kind].validate_python(decision)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        where = ".".join(map(str, wrong["loc"])) or "it"
        raise InvalidDecision(f"this is no decision; {where}: {wrong['msg']}") from None
    if decision["type"] == "respond" and not decision.get("message", "").strip():
        raise InvalidDecision("an answer needs a text")
    if decision["type"] == "approve":
        try:
            _check_arguments(request, request["args"], args)
        except InvalidArguments as error:
            raise InvalidArguments(f"{error} (edit the arguments, or reject)") from None
    if decision["type"] != "edit":
        return
    edited = decision["edited_action"]
    if edited["name"] != request["action"]:
        raise InvalidDecision(
            f"an edit changes arguments, not the action: {request['action']!r} cannot become"
            f" {edited['name']!r}"
        )
    _check_arguments(request, edited["args"], args)


def offered(request: ApprovalRequest) -> tuple[DecisionType, ...]:
    """The decisions that a request offers; what it offers besides is none."""
    allow = request.get("allow", DEFAULT_DECISIONS)
    if not isinstance(allow, list | tuple):
        return ()
    return tuple(kind for kind in _BRANCHES if kind in allow)


def _check_arguments(
    request: ApprovalRequest, args: dict[str, Any], model: type[BaseModel] | None
) -> None:
    action: Action = {"name": request["action"], "args": args}
    try:
        canonical(args)
    except InvalidRequest as error:
        raise InvalidArguments(str(error)) from None
    schema = request.get("args_schema")
    if model is None and schema is None:
        if unknown := sorted(set(args) - set(request["args"])):
            raise InvalidDecision(f"{request['action']} has no argument {', '.join(unknown)}")
    elif model is not None:
        check_model(action, model)
    elif schema is not None:
        check_schema(action, schema)
