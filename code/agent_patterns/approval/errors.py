"""What can go wrong between asking and executing, besides the errors of durable effects."""

from __future__ import annotations

from agent_patterns.errors import PatternError


class ApprovalError(PatternError):
    """Base of the errors of `agent_patterns.approval`."""


class InvalidRequest(ApprovalError, ValueError):
    """The request cannot be put to a human: unknown type, or arguments that are not JSON."""


class InvalidDecision(ApprovalError, ValueError):
    """The answer is not one that the request allows; ask for another one."""


class InvalidArguments(InvalidDecision):
    """The action does not accept these arguments; correct them, or reject the request.

    Attributes:
        fields: Each argument's name, and what is wrong with it.
    """

    def __init__(self, *wrong: str, advice: str = "") -> None:
        super().__init__("; ".join(wrong) + advice)
        self.fields = [each.partition(": ")[::2] for each in wrong]


class UnknownApproval(ApprovalError, LookupError):
    """No request or run is recorded under this id."""


class AlreadyDecided(ApprovalError):
    """Somebody else was faster: the request is approved, rejected or closed already."""


class Expired(AlreadyDecided):
    """Nobody decided in time; the request must be made anew."""


class NotAllowed(ApprovalError):
    """This person may not decide this request."""


class WrongRole(NotAllowed):
    """The request waits for a role that this person does not have."""


class SamePerson(NotAllowed):
    """The person has asked for the action, or has approved an earlier step of it."""


class NotApproved(ApprovalError):
    """Nothing was approved under this key; ask a human first."""


class ArgumentsChanged(ApprovalError):
    """The action is not the one that was shown or approved; ask again with the new one."""
