"""What an approval desk keeps of each request."""

from __future__ import annotations

from dataclasses import dataclass

from agent_patterns.approval.chain import Outcome, RoleChain
from agent_patterns.approval.protocol import Action, ApprovalRequest, Decision


@dataclass(frozen=True)
class Source:
    """Where a request comes from: an interrupt of a thread."""

    thread_id: str
    interrupt_id: str
    index: int = 0
    """Its place, when one interrupt asks for several decisions."""


@dataclass(frozen=True)
class Ticket:
    """A request at the desk, as it stands now."""

    id: str
    """For example ``A-17``; numbers rise and are never used twice."""
    kind: str
    """Type of request; it chooses the chain of roles."""
    request: ApprovalRequest
    """What waits; with the edited arguments after an edit."""
    digest: str
    """Fingerprint of the action as it stands; send it along with a decision."""
    chain: RoleChain
    created_at: float
    """Seconds since the epoch, as all times here."""
    waiting_since: float
    """When the current step began to wait."""
    expires_at: float | None
    source: Source | None
    decision: Decision | None
    """What to resume the graph with, once it is decided."""
    decided_at: float | None
    delivered: bool
    """True once the graph has been resumed with the decision."""

    @property
    def status(self) -> Outcome:
        """``waiting``, ``approved``, ``rejected`` or ``expired``."""
        return self.chain.outcome

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The roles of which one must decide now."""
        return self.chain.waits_for

    @property
    def action(self) -> Action:
        """What will be executed if it is approved as it stands."""
        return {"name": self.request["action"], "args": self.request["args"]}


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail: who did what to which request, and to which arguments."""

    ticket: str
    at: float
    event: str
    """``submitted``, ``approved``, ``edited``, ``rejected``, ``answered``, ``escalated``,
    ``expired``, ``released``."""
    by: str
    """A person, or ``desk`` for what the clock does."""
    role: str
    """The role that allowed it."""
    note: str
    digest: str
    """Fingerprint of the action that was seen."""
