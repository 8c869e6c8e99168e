"""What an approval desk keeps of each request, and how it lies in the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agent_patterns.approval.chain import Outcome, RoleChain
from agent_patterns.approval.errors import UnknownApproval
from agent_patterns.approval.protocol import Action, ApprovalRequest, Decision, action_of
from agent_patterns.durable.canonical import canonical, shown
from agent_patterns.durable.database import Database, Session

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS agent_tickets (
        number {number},
        kind TEXT NOT NULL,
        request TEXT NOT NULL,
        digest TEXT NOT NULL,
        chain TEXT NOT NULL,
        outcome TEXT NOT NULL DEFAULT 'waiting',
        escalations INTEGER NOT NULL DEFAULT 0,
        created_at DOUBLE PRECISION NOT NULL,
        waiting_since DOUBLE PRECISION NOT NULL,
        expires_at DOUBLE PRECISION,
        thread_id TEXT,
        interrupt_id TEXT,
        item INTEGER,
        decision TEXT,
        decided_at DOUBLE PRECISION,
        UNIQUE (thread_id, interrupt_id, item)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS agent_audit (
        number {number},
        ticket TEXT NOT NULL,
        at DOUBLE PRECISION NOT NULL,
        event TEXT NOT NULL,
        by TEXT NOT NULL,
        role TEXT NOT NULL,
        note TEXT NOT NULL,
        digest TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS agent_tickets_waiting ON agent_tickets (outcome)",
    "CREATE INDEX IF NOT EXISTS agent_audit_ticket ON agent_audit (ticket)",
)
_NUMBER = {  # numbers that rise and are never used twice
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


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
    waiting_since: float
    """When the current step began to wait; seconds since the epoch, as all times here."""
    expires_at: float | None
    source: Source | None
    decision: Decision | None
    """What to resume the graph with, once it is decided."""
    decided_at: float | None
    escalations: int
    """How many escalations the current step has seen."""

    @property
    def status(self) -> Outcome:
        """Return where it stands."""
        return self.chain.outcome

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the roles of which one must decide now."""
        return self.chain.waits_for

    def is_overdue(self, now: float) -> bool:
        """Tell whether it still waits, and has waited too long."""
        return self.status == "waiting" and self.expires_at is not None and self.expires_at <= now

    @property
    def action(self) -> Action:
        """Return what will be executed if it is approved as it stands."""
        return action_of(self.request)


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail: who did what to which request, and to which arguments."""

    ticket: str
    at: float
    event: str
    """submitted, approved, edited, rejected, answered, escalated, expired, withdrawn, released."""
    by: str
    """A person, or ``desk`` for what the clock does."""
    role: str
    note: str
    digest: str
    """Fingerprint of the action that was seen."""


def tables(database: Database) -> list[str]:
    """Return the statements that create the tables."""
    return [table.format(number=_NUMBER[database.dialect]) for table in TABLES]


def read_ticket(row: Any) -> Ticket:
    """Return the ticket in a row of the table."""
    chain = json.loads(row.chain)
    return Ticket(
        id=f"A-{row.number}",
        kind=row.kind,
        request=json.loads(row.request),
        digest=row.digest,
        chain=RoleChain(
            tuple(chain["roles"]), chain["step"], row.outcome, tuple(chain["deputies"])
        ),
        created_at=row.created_at,
        waiting_since=row.waiting_since,
        expires_at=row.expires_at,
        source=row.thread_id and Source(row.thread_id, row.interrupt_id, row.item),
        decision=row.decision and json.loads(row.decision),
        decided_at=row.decided_at,
        escalations=row.escalations,
    )


def chain_text(chain: RoleChain) -> str:
    """Return a chain as it lies in the table, beside its outcome."""
    return canonical({"roles": chain.roles, "step": chain.step, "deputies": chain.deputies})


def number_of(ticket: Any) -> int:
    """Return the row of a ticket; 0, which no row has, when it is no ticket's id."""
    prefix, _, digits = ticket.partition("-") if isinstance(ticket, str) else ("", "", "")
    plain = prefix == "A" and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if plain else 0


def fetch(session: Session, ticket: str, lock: str = "") -> Ticket:
    """Return the ticket with this id, or raise `UnknownApproval`."""
    rows = session.run(f"SELECT * FROM agent_tickets WHERE number = ?{lock}", (number_of(ticket),))
    if not rows:
        raise UnknownApproval(f"no request {shown(ticket)} at this desk")
    return read_ticket(rows[0])


def insert(
    session: Session,
    kind: str,
    request: ApprovalRequest,
    fingerprint: str,
    chain: RoleChain,
    source: Source | None,
    now: float,
    expires_at: float | None,
) -> tuple[bool, Ticket]:
    """Return the ticket of a request, and whether it is new: each source has but one."""
    origin = (source.thread_id, source.interrupt_id, source.index) if source else (None,) * 3
    of_source = "SELECT * FROM agent_tickets WHERE thread_id = ? AND interrupt_id = ? AND item = ?"
    if source and (known := session.run(of_source, origin)):
        return False, read_ticket(known[0])
    values = (kind, canonical(request), fingerprint, chain_text(chain), now, now, expires_at)
    rows = session.run(
        "INSERT INTO agent_tickets (kind, request, digest, chain, created_at, waiting_since, "
        "expires_at, thread_id, interrupt_id, item) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING RETURNING *",
        (*values, *origin),
    )
    # Without a row another worker was faster.
    return bool(rows), read_ticket((rows or session.run(of_source, origin))[0])


def change(session: Session, ticket: Ticket, **columns: Any) -> Ticket:
    """Change columns of a ticket; return it as it stands then."""
    to = ", ".join(f"{name} = ?" for name in columns)
    (row,) = session.run(
        f"UPDATE agent_tickets SET {to} WHERE number = ? RETURNING *",
        (*columns.values(), number_of(ticket.id)),
    )
    return read_ticket(row)


def note(session: Session, entry: AuditEntry) -> None:
    """Add a line to the audit trail."""
    session.run(
        "INSERT INTO agent_audit (ticket, at, event, by, role, note, digest) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry.ticket, entry.at, entry.event, entry.by, entry.role, entry.note, entry.digest),
    )
