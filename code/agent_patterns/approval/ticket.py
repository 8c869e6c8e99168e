"""What an approval desk keeps of each request, and how it lies in the database."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from agent_patterns.approval.chain import Outcome, RoleChain
from agent_patterns.approval.errors import UnknownApproval
from agent_patterns.approval.protocol import Action, ApprovalRequest, Decision, action_of
from agent_patterns.durable.canonical import shown
from agent_patterns.durable.database import Database, Session

NOTE = (
    "INSERT INTO agent_audit (ticket, at, event, by, digest, role, note) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
TAKE_BACK = "DELETE FROM agent_effects WHERE effect_key = ? AND status = 'planned' AND token = 0"
_NUMBER = {  # numbers that rise and are never used twice
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


def tables(database: Database) -> list[str]:
    """Return the statements that create the tables."""
    number = f"number {_NUMBER[database.dialect]}"
    return [
        f"""CREATE TABLE IF NOT EXISTS agent_tickets (
            {number}, thread_id TEXT, interrupt_id TEXT, item INTEGER,
            outcome TEXT NOT NULL, ticket TEXT NOT NULL,
            UNIQUE (thread_id, interrupt_id, item)
        )""",
        f"""CREATE TABLE IF NOT EXISTS agent_audit (
            {number}, ticket TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
            event TEXT NOT NULL, by TEXT NOT NULL, digest TEXT NOT NULL,
            role TEXT NOT NULL, note TEXT NOT NULL
        )""",
        "CREATE INDEX IF NOT EXISTS agent_tickets_waiting ON agent_tickets (outcome)",
        "CREATE INDEX IF NOT EXISTS agent_audit_ticket ON agent_audit (ticket)",
    ]


@dataclass(frozen=True)
class Source:
    """Where a request comes from: an interrupt of a thread."""

    thread_id: str
    interrupt_id: str
    index: int = 0
    """Its place among the requests of that interrupt."""


@dataclass(frozen=True)
class Ticket:
    """A request at the desk, as it stands now; times are seconds since the epoch."""

    request: ApprovalRequest
    """What waits; with the edited arguments after an edit."""
    digest: str
    """Fingerprint of the action as it stands; send it along with a decision."""
    submitted: str
    """The same as it was submitted."""
    chain: RoleChain
    created_at: float
    waiting_since: float
    """When the current step began to wait."""
    expires_at: float | None
    source: Source | None
    id: str = ""
    """For example ``A-17``; numbers rise and are never used twice."""
    approved_by: tuple[str, ...] = ()
    escalations: int = 0
    """How many escalations the current step has seen."""
    decision: Decision | None = None
    """What to resume the graph with, once it is decided."""
    decided_at: float | None = None

    @property
    def status(self) -> Outcome:
        """Return where it stands."""
        return self.chain.outcome

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the roles of which one must decide now."""
        return self.chain.waits_for

    @property
    def action(self) -> Action:
        """Return what will be executed if it is approved as it stands."""
        return action_of(self.request)

    def is_overdue(self, now: float) -> bool:
        """Tell whether it still waits, and has waited too long."""
        return self.status == "waiting" and self.expires_at is not None and self.expires_at <= now


_JSON = TypeAdapter(Ticket)


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail: who did what to which request, and to which arguments."""

    ticket: str
    at: float
    event: str
    """Its verb: submitted, reopened, approved, edited, rejected, answered, released and so on."""
    by: str
    """A person, or ``desk`` for what the clock does."""
    digest: str
    """Fingerprint of the action that was seen."""
    role: str = ""
    note: str = ""


def read_ticket(row: Any) -> Ticket:
    """Return the ticket in a row of the table."""
    return replace(_JSON.validate_json(row.ticket), id=f"A-{row.number}")


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


def insert(session: Session, ticket: Ticket) -> tuple[Ticket, bool]:
    """Return a ticket as it lies there, and whether it is new: each source has but one."""
    origin = astuple(ticket.source) if ticket.source else (None, None, None)
    of_source = "SELECT * FROM agent_tickets WHERE thread_id = ? AND interrupt_id = ? AND item = ?"
    if ticket.source and (known := session.run(of_source, origin)):
        return read_ticket(known[0]), False
    rows = session.run(
        "INSERT INTO agent_tickets (thread_id, interrupt_id, item, outcome, ticket) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *",
        (*origin, ticket.status, _JSON.dump_json(ticket).decode()),
    )
    # Without a row another worker was faster.
    return read_ticket((rows or session.run(of_source, origin))[0]), bool(rows)


def save(session: Session, ticket: Ticket) -> Ticket:
    """Write a ticket as it stands now; return it."""
    session.run(
        "UPDATE agent_tickets SET outcome = ?, ticket = ? WHERE number = ?",
        (ticket.status, _JSON.dump_json(ticket).decode(), number_of(ticket.id)),
    )
    return ticket
