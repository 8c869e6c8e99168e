"""How an approval desk's tickets and audit trail lie in SQLite."""

from __future__ import annotations

import json
import sqlite3

from agent_patterns.approval.chain import RoleChain
from agent_patterns.approval.digest import canonical
from agent_patterns.approval.errors import UnknownApproval
from agent_patterns.approval.protocol import ApprovalRequest, Decision
from agent_patterns.approval.ticket import AuditEntry, Source, Ticket

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS tickets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        request TEXT NOT NULL,
        digest TEXT NOT NULL,
        roles TEXT NOT NULL,
        step INTEGER NOT NULL DEFAULT 0,
        outcome TEXT NOT NULL DEFAULT 'waiting',
        deputies TEXT NOT NULL DEFAULT '[]',
        escalations INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL,
        waiting_since REAL NOT NULL,
        expires_at REAL,
        thread_id TEXT,
        interrupt_id TEXT,
        item INTEGER,
        decision TEXT,
        decided_at REAL,
        delivered INTEGER NOT NULL DEFAULT 0,
        UNIQUE (thread_id, interrupt_id, item)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        ticket TEXT NOT NULL,
        at REAL NOT NULL,
        event TEXT NOT NULL,
        by TEXT NOT NULL,
        role TEXT NOT NULL,
        note TEXT NOT NULL,
        digest TEXT NOT NULL
    )
    """,
)


def read_ticket(row: sqlite3.Row) -> Ticket:
    """The ticket in a row of the table."""
    source = None
    if row["thread_id"] is not None:
        source = Source(row["thread_id"], row["interrupt_id"], row["item"])
    return Ticket(
        id=f"A-{row['number']}",
        kind=row["kind"],
        request=json.loads(row["request"]),
        digest=row["digest"],
        chain=RoleChain(
            tuple(json.loads(row["roles"])),
            row["step"],
            row["outcome"],
            tuple(json.loads(row["deputies"])),
        ),
        created_at=row["created_at"],
        waiting_since=row["waiting_since"],
        expires_at=row["expires_at"],
        source=source,
        decision=None if row["decision"] is None else json.loads(row["decision"]),
        decided_at=row["decided_at"],
        delivered=bool(row["delivered"]),
    )


def read_audit(row: sqlite3.Row) -> AuditEntry:
    """The audit entry in a row of the table."""
    return AuditEntry(
        ticket=row["ticket"],
        at=row["at"],
        event=row["event"],
        by=row["by"],
        role=row["role"],
        note=row["note"],
        digest=row["digest"],
    )


def number_of(ticket: str) -> int:
    """The row of a ticket; 0, which no row has, when it is no ticket's id."""
    prefix, _, digits = ticket.partition("-")
    plain = prefix == "A" and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if plain else 0


def fetch(connection: sqlite3.Connection, ticket: str) -> Ticket:
    """The ticket with this id.

    Raises:
        UnknownApproval: There is none.
    """
    row = connection.execute(
        "SELECT * FROM tickets WHERE number = ?", (number_of(ticket),)
    ).fetchone()
    if row is None:
        raise UnknownApproval(f"no request {ticket!r} at this desk")
    return read_ticket(row)


def insert(
    connection: sqlite3.Connection,
    request: ApprovalRequest,
    fingerprint: str,
    *,
    kind: str,
    chain: RoleChain,
    source: Source | None,
    now: float,
    expires_at: float | None,
) -> str:
    """Put a new ticket down and return its id."""
    cursor = connection.execute(
        "INSERT INTO tickets (kind, request, digest, roles, created_at, waiting_since,"
        " expires_at, thread_id, interrupt_id, item) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            canonical(request),
            fingerprint,
            json.dumps(chain.roles),
            now,
            now,
            expires_at,
            *origin(source),
        ),
    )
    return f"A-{cursor.lastrowid}"


def origin(source: Source | None) -> tuple[str | None, str | None, int | None]:
    """The columns that say where a ticket comes from."""
    return (source.thread_id, source.interrupt_id, source.index) if source else (None, None, None)


def step_to(
    connection: sqlite3.Connection,
    ticket: Ticket,
    request: ApprovalRequest,
    fingerprint: str,
    chain: RoleChain,
    now: float,
) -> None:
    """Move a ticket to another place of its chain; its waiting time begins anew."""
    connection.execute(
        "UPDATE tickets SET request = ?, digest = ?, step = ?, outcome = ?, deputies = ?,"
        " escalations = 0, waiting_since = ? WHERE number = ?",
        (
            canonical(request),
            fingerprint,
            chain.step,
            chain.outcome,
            json.dumps(chain.deputies),
            now,
            number_of(ticket.id),
        ),
    )


def escalated(connection: sqlite3.Connection, ticket: Ticket, chain: RoleChain, level: int) -> None:
    """Note who may decide a ticket too, and how many escalations that has taken."""
    connection.execute(
        "UPDATE tickets SET deputies = ?, escalations = ? WHERE number = ?",
        (json.dumps(chain.deputies), level, number_of(ticket.id)),
    )


def settle(connection: sqlite3.Connection, ticket: Ticket, decision: Decision, now: float) -> None:
    """Note what the graph is to be resumed with."""
    connection.execute(
        "UPDATE tickets SET decision = ?, decided_at = ? WHERE number = ?",
        (canonical(decision), now, number_of(ticket.id)),
    )


def note(connection: sqlite3.Connection, entry: AuditEntry) -> None:
    """Add a line to the audit trail."""
    connection.execute(
        "INSERT INTO audit (ticket, at, event, by, role, note, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry.ticket, entry.at, entry.event, entry.by, entry.role, entry.note, entry.digest),
    )
