"""What a graph asks a human, and what the human answers.

The answers are the decisions of LangChain's human-in-the-loop middleware, so one panel, one
desk and one web API serve hand-written graphs and `create_agent` alike.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic needs it before Python 3.12

DecisionType = Literal["approve", "edit", "reject", "respond"]


class ApprovalRequest(TypedDict):
    """The value passed to `interrupt()`: one action that waits for a human."""

    action: str
    """Name of the action, for example ``send_email``."""
    args: dict[str, Any]
    """Arguments the action will be executed with."""
    reason: NotRequired[str]
    """Why a human is asked."""
    requested_by: NotRequired[str]
    """Who asks: an agent's or a person's name."""
    allow: NotRequired[list[DecisionType]]
    """Decisions offered; without it approve, edit and reject."""
    args_schema: NotRequired[dict[str, Any]]
    """JSON schema that edited arguments must satisfy."""


class Action(TypedDict):
    """A named action with its arguments."""

    name: str
    args: dict[str, Any]


class Decision(TypedDict):
    """The value passed to `Command(resume=...)`."""

    type: DecisionType
    message: NotRequired[str]
    """Reason of a rejection, or the text of an answer."""
    edited_action: NotRequired[Action]
    """The action to execute instead, for ``edit``."""
    approval_id: NotRequired[str]
    """Key under which an approval desk recorded the approved action; execute it under this key."""


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
