"""An ordered chain of roles that must all agree: a state machine without storage or clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from agent_patterns.approval.errors import AlreadyDecided, InvalidRequest, WrongRole

Outcome = Literal["waiting", "approved", "rejected", "expired", "withdrawn"]


@dataclass(frozen=True)
class RoleChain:
    """Where a request stands on its way through the roles that must approve it.

    Every method returns the next chain, or raises `AlreadyDecided`; this one never changes.
    """

    roles: tuple[str, ...]
    """The roles in their order, for example ``("technical", "billing", "security")``."""
    step: int = 0
    """How many of them have approved."""
    outcome: Outcome = "waiting"
    deputies: tuple[str, ...] = ()
    """Roles that may decide the current step too, since it was escalated to them."""

    def __post_init__(self) -> None:
        if not self.roles:
            raise InvalidRequest("a chain needs at least one role")

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the roles of which one must decide now; none when it is decided."""
        if self.outcome != "waiting":
            return ()
        return (self.roles[self.step], *self.deputies)

    def approve(self, roles: Collection[str]) -> RoleChain:
        """Approve with somebody's `roles`: the next step waits, or the last one releases."""
        self.role_for(roles)
        step = self.step + 1
        outcome: Outcome = "approved" if step == len(self.roles) else "waiting"
        return replace(self, step=step, outcome=outcome, deputies=())

    def reject(self, roles: Collection[str]) -> RoleChain:
        """Reject with somebody's `roles`: the chain ends, whatever was approved before."""
        self.role_for(roles)
        return self.end("rejected")

    def end(self, outcome: Outcome) -> RoleChain:
        """End the chain, for example because it expired or was withdrawn."""
        self._still_waiting()
        return replace(self, outcome=outcome, deputies=())

    def escalate(self, role: str) -> RoleChain:
        """Let `role` decide the current step too."""
        self._still_waiting()
        if role in self.waits_for:
            return self
        return replace(self, deputies=(*self.deputies, role))

    def restart(self) -> RoleChain:
        """Begin anew: what was approved has changed, so every step must approve it again."""
        self._still_waiting()
        return replace(self, step=0, deputies=())

    def role_for(self, roles: Collection[str], what: str = "it") -> str:
        """Return which of `roles` may decide the current step of `what`, or raise `WrongRole`."""
        self._still_waiting(what)
        for role in self.waits_for:
            if role in roles:
                return role
        held = ", ".join(sorted(roles)) or "no role"
        raise WrongRole(f"this step waits for {' or '.join(self.waits_for)}, not for {held}")

    def _still_waiting(self, what: str = "it") -> None:
        if self.outcome != "waiting":
            raise AlreadyDecided(f"{what} is {self.outcome} already")
