"""What a graph asks a human, and what the human answers.

The answers are the decisions of LangChain's human-in-the-loop middleware, so one panel, one
desk and one web API serve hand-written graphs and `create_agent` alike.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, SkipValidation, with_config
from typing_extensions import TypedDict  # pydantic needs it before Python 3.12

DecisionType = Literal["approve", "edit", "reject", "respond"]


@with_config(ConfigDict(extra="allow", strict=True))  # whatever else a panel can show
class ApprovalRequest(TypedDict):
    """The value passed to `interrupt()`: one action that waits for a human."""

    action: Annotated[str, Field(min_length=1)]
    """Name of the action, for example ``send_email``."""
    args: dict[str, Any]
    reason: NotRequired[str]
    requested_by: NotRequired[str]
    """An agent's or a person's name."""
    allow: NotRequired[Annotated[list[DecisionType], SkipValidation]]
    """Decisions offered; without it approve, edit and reject."""
    args_schema: NotRequired[dict[str, Any]]
    """JSON schema that edited arguments must satisfy."""


@with_config(ConfigDict(extra="forbid", strict=True))
class Action(TypedDict):
    """A named action with its arguments."""

    name: str
    args: dict[str, Any]


class Decision(TypedDict):
    """The value passed to `Command(resume=...)`."""

    type: DecisionType
    message: NotRequired[str]
    edited_action: NotRequired[Action]
    approval_id: NotRequired[str]
    """Key under which an approval desk recorded the approved action; execute it under this key."""


class Review(TypedDict):
    """Say what the human decided, ready to be kept in a graph's state."""

    approved: bool
    key: str
    """The action is executed under it."""
    action: Action
    """What may be executed: as requested, or as edited."""
    message: str
    """Reason of a rejection, answer to a question, or why nobody was asked."""


def approve() -> Decision:
    """Execute the action as requested."""
    return {"type": "approve"}


def reject(message: str = "") -> Decision:
    """Do not execute the action; `message` says why."""
    return {"type": "reject", "message": message}


def edit(name: str, args: dict[str, Any]) -> Decision:
    """Execute `name` with `args` instead of what was requested."""
    return {"type": "edit", "edited_action": {"name": name, "args": args}}


def respond(message: str) -> Decision:
    """Answer a question, or answer in place of the action."""
    return {"type": "respond", "message": message}


def action_of(request: ApprovalRequest) -> Action:
    """Return the action that a request asks for."""
    return {"name": request["action"], "args": request["args"]}
