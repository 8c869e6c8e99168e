"""A durable desk of requests that wait for people."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_patterns.approval import store
from agent_patterns.approval.arguments import ArgumentModels, with_schema
from agent_patterns.approval.chain import RoleChain
from agent_patterns.approval.database import reading, transaction
from agent_patterns.approval.digest import digest
from agent_patterns.approval.errors import (
    AlreadyDecided,
    ArgumentsChanged,
    Expired,
    InvalidRequest,
    NotAllowed,
    SamePerson,
)
from agent_patterns.approval.gate import check_decision
from agent_patterns.approval.ledger import ExecutionLedger
from agent_patterns.approval.protocol import (
    ApprovalRequest,
    Decision,
    approve,
    edit,
    reject,
)
from agent_patterns.approval.ticket import AuditEntry, Source, Ticket

EVENTS = {"approve": "approved", "edit": "edited", "reject": "rejected", "respond": "answered"}


@dataclass(frozen=True)
class Escalation:
    """When nobody has decided a step for `after` seconds, the role `to` may decide it too."""

    after: float
    to: str


class ApprovalDesk:
    """A queue of requests in a SQLite file, shared by threads and processes, safe over restarts.

    Each request goes through the chain of roles of its kind.  A decision is one transaction: who
    may decide, whether it still waits, whether it is what the person saw, the audit trail and, at
    the last step, the ledger entry that lets it be executed.  Of two people who decide at once one
    wins; the other gets `AlreadyDecided`.

    Args:
        path: The SQLite file; created when missing.
        chains: For each kind of request the roles that must approve it, in order.
        people: The roles that each person has.  Where names come from a web request, they must
            have been authenticated before.
        escalations: What happens while a step waits, in order of time.
        expires_after: Seconds after which a request that still waits expires; None for never.
        distinct: Demand that nobody approves what they asked for themselves, nor two steps of one
            request (the four-eyes principle).  A no takes nobody else.
        lease: As for `ExecutionLedger`.
        args: For each action's name what it accepts; neither a request nor an edit with other
            arguments can be approved.
        clock: Seconds since the epoch; wall time, for the desk outlives its process.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        chains: Mapping[str, Sequence[str]],
        people: Mapping[str, Collection[str]],
        escalations: Iterable[Escalation] = (),
        expires_after: float | None = None,
        distinct: bool = True,
        lease: float = 120.0,
        args: ArgumentModels | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = Path(path)
        self.chains = {kind: RoleChain(tuple(roles)) for kind, roles in chains.items()}
        self.people = {person: frozenset(roles) for person, roles in people.items()}
        self.escalations = sorted(escalations, key=lambda rule: rule.after)
        self.expires_after = expires_after
        self.distinct = distinct
        self._clock = clock
        self.ledger = ExecutionLedger(path, lease=lease, clock=clock, args=args)
        with transaction(self.path) as connection:
            for statement in store.SCHEMA:
                connection.execute(statement)

    def submit(
        self,
        request: ApprovalRequest,
        *,
        kind: str | None = None,
        source: Source | None = None,
    ) -> Ticket:
        """Put a request on the desk.

        Args:
            request: What is to be approved; its arguments must be JSON.
            kind: Its type; without it the action's name.
            source: The interrupt it comes from.  The same source again gives the same ticket.

        Raises:
            InvalidRequest: There is no chain for this kind, or the arguments are not JSON.
        """
        kind = kind or request["action"]
        chain = self.chains.get(kind)
        if chain is None:
            raise InvalidRequest(
                f"no chain of roles for {kind!r}; there is one for {', '.join(sorted(self.chains))}"
            )
        request = with_schema(request, self.ledger.args.get(request["action"]))
        now = self._clock()
        fingerprint = digest({"name": request["action"], "args": request["args"]})
        with transaction(self.path) as connection:
            row = connection.execute(
                "SELECT * FROM tickets WHERE thread_id = ? AND interrupt_id = ? AND item = ?",
                store.origin(source),
            ).fetchone()
            if row is not None:
                return store.read_ticket(row)
            ticket = store.insert(
                connection,
                request,
                fingerprint,
                kind=kind,
                chain=chain,
                source=source,
                now=now,
                expires_at=None if self.expires_after is None else now + self.expires_after,
            )
            person = request.get("requested_by", "")
            self._note(
                connection, ticket, "submitted", person, "", request.get("reason", ""), fingerprint
            )
        return self.get(ticket)

    def get(self, ticket: str) -> Ticket:
        """Look a request up.

        Raises:
            UnknownApproval: There is none with this id.
        """
        with reading(self.path) as connection:
            return store.fetch(connection, ticket)

    def roles_of(self, person: str) -> frozenset[str]:
        """The roles of a person.

        Raises:
            NotAllowed: The desk does not know them.
        """
        if person not in self.people:
            raise NotAllowed(f"the desk does not know {person!r}")
        return self.people[person]

    def pending(self, *, person: str | None = None) -> list[Ticket]:
        """What waits, oldest first.

        Args:
            person: Only what this person's roles can decide now.
        """
        now = self._clock()
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM tickets WHERE outcome = 'waiting'"
                " AND (expires_at IS NULL OR expires_at > ?) ORDER BY number",
                (now,),
            ).fetchall()
        tickets = [store.read_ticket(row) for row in rows]
        if person is None:
            return tickets
        roles = self.roles_of(person)
        return [ticket for ticket in tickets if roles.intersection(ticket.waits_for)]

    def audit(self, ticket: str | None = None) -> list[AuditEntry]:
        """The audit trail, of one request or of all, in order."""
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM audit WHERE ? IS NULL OR ticket = ? ORDER BY number",
                (ticket, ticket),
            ).fetchall()
        return [store.read_audit(row) for row in rows]

    def approve(self, ticket: str, *, by: str, note: str = "", seen: str | None = None) -> Ticket:
        """Approve the current step; see `decide`."""
        return self.decide(ticket, approve(), by=by, note=note, seen=seen)

    def reject(self, ticket: str, *, by: str, note: str, seen: str | None = None) -> Ticket:
        """Reject the request with a reason; see `decide`."""
        return self.decide(ticket, reject(note), by=by, note=note, seen=seen)

    def edit(
        self,
        ticket: str,
        args: dict[str, Any],
        *,
        by: str,
        note: str = "",
        seen: str | None = None,
    ) -> Ticket:
        """Approve the request with other arguments; see `decide`."""
        name = self.get(ticket).request["action"]
        return self.decide(ticket, edit(name, args), by=by, note=note, seen=seen)

    def decide(
        self,
        ticket: str,
        decision: Decision,
        *,
        by: str,
        note: str = "",
        seen: str | None = None,
    ) -> Ticket:
        """Decide the step that waits.

        An approval passes the request to the next role, or releases it after the last one.  A
        rejection ends it.  An edit approves other arguments; at a later step of a chain it sends
        the request back to the first, for what the others approved is no longer what would be
        done.

        Args:
            ticket: Id of the request.
            decision: approve, edit, reject or respond, as the request allows.
            by: Who decides.
            note: For the audit trail.
            seen: The digest of what the person was shown; a decision about something else is
                refused.

        Raises:
            UnknownApproval: There is no such request.
            NotAllowed: There is no such person.
            AlreadyDecided: Somebody was faster.
            Expired: Nobody decided in time.
            WrongRole: This step waits for another role.
            SamePerson: They approve what they asked for, or a second step of it.
            ArgumentsChanged: The request is no longer the one they saw.
            InvalidDecision: The request does not allow this decision, or it is not made like one.
            InvalidArguments: The action does not accept the arguments that would be approved.
        """
        roles = self.roles_of(by)
        now = self._clock()
        expired = False
        with transaction(self.path) as connection:
            found = store.fetch(connection, ticket)
            if found.status == "expired":
                raise Expired(f"{ticket} has expired; the request must be made anew")
            if found.status != "waiting":
                raise AlreadyDecided(f"{ticket} is {found.status} already")
            if found.expires_at is not None and found.expires_at <= now:
                expired = True
                self._expire(connection, found, now)
            else:
                role = found.chain.role_for(roles)
                if seen is not None and seen != found.digest:
                    raise ArgumentsChanged(
                        f"{ticket} is no longer what was shown; look at it again, then decide"
                    )
                model = self.ledger.args.get(found.request["action"])
                check_decision(found.request, decision, model)
                if self.distinct and decision["type"] != "reject":
                    self._check_distinct(connection, found, by)
                self._apply(connection, found, decision, by, role, roles, note, now)
        if expired:
            raise Expired(f"{ticket} has expired; the request must be made anew")
        return self.get(ticket)

    def tick(self) -> list[Ticket]:
        """Do what is due by the clock: expire and escalate; call it regularly.

        Returns:
            The requests that changed, each once, also with several processes calling.  Tell the
            people of `Ticket.waits_for` about those that still wait.
        """
        now = self._clock()
        changed: list[str] = []
        with transaction(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM tickets WHERE outcome = 'waiting' ORDER BY number"
            ).fetchall()
            for row in rows:
                found = store.read_ticket(row)
                if found.expires_at is not None and found.expires_at <= now:
                    self._expire(connection, found, now)
                    changed.append(found.id)
                elif self._escalate(connection, found, row["escalations"], now):
                    changed.append(found.id)
        return [self.get(ticket) for ticket in changed]

    def undelivered(self, thread_id: str | None = None) -> list[Ticket]:
        """Decided requests of interrupts whose graph has not been resumed yet."""
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM tickets WHERE outcome != 'waiting' AND delivered = 0"
                " AND thread_id IS NOT NULL AND (? IS NULL OR thread_id = ?) ORDER BY number",
                (thread_id, thread_id),
            ).fetchall()
        return [store.read_ticket(row) for row in rows]

    def of_interrupt(self, thread_id: str, interrupt_id: str) -> list[Ticket]:
        """The tickets of one interrupt, in the order in which it asks."""
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM tickets WHERE thread_id = ? AND interrupt_id = ? ORDER BY item",
                (thread_id, interrupt_id),
            ).fetchall()
        return [store.read_ticket(row) for row in rows]

    def mark_delivered(self, tickets: Iterable[Ticket]) -> None:
        """Note that the graph has been resumed with these decisions."""
        with transaction(self.path) as connection:
            connection.executemany(
                "UPDATE tickets SET delivered = 1 WHERE number = ?",
                [(store.number_of(ticket.id),) for ticket in tickets],
            )

    def _check_distinct(self, connection: sqlite3.Connection, ticket: Ticket, by: str) -> None:
        if ticket.request.get("requested_by") == by:
            raise SamePerson(f"{by} has asked for {ticket.id} and can only reject it")
        # Each approval is one step, and an edit that sends it back leaves none: the steps that
        # count are the newest.
        steps = connection.execute(
            "SELECT by FROM audit WHERE ticket = ? AND event IN ('approved', 'edited', 'answered')"
            " ORDER BY number DESC LIMIT ?",
            (ticket.id, ticket.chain.step),
        ).fetchall()
        if by in [step["by"] for step in steps]:
            raise SamePerson(f"{by} has approved an earlier step of {ticket.id}")

    def _apply(
        self,
        connection: sqlite3.Connection,
        ticket: Ticket,
        decision: Decision,
        by: str,
        role: str,
        roles: Collection[str],
        note: str,
        now: float,
    ) -> None:
        request = ticket.request
        note = note or decision.get("message", "")
        if decision["type"] == "edit":
            request = {**request, "args": decision["edited_action"]["args"]}
        fingerprint = digest({"name": request["action"], "args": request["args"]})
        self._note(connection, ticket.id, EVENTS[decision["type"]], by, role, note, fingerprint)

        if decision["type"] == "reject":
            chain = ticket.chain.reject(roles)
        elif fingerprint != ticket.digest and ticket.chain.step > 0:
            chain = ticket.chain.restart()
        else:
            chain = ticket.chain.approve(roles)
        store.step_to(connection, ticket, request, fingerprint, chain, now)
        if chain.outcome == "waiting":
            return

        if chain.outcome == "approved" and decision["type"] != "respond":
            self.ledger.record_in(
                connection, ticket.id, {"name": request["action"], "args": request["args"]}
            )
            self._note(connection, ticket.id, "released", "desk", "", "", fingerprint)
            decision = self._final(connection, ticket, request, fingerprint)
        store.settle(connection, ticket, {**decision, "approval_id": ticket.id}, now)

    def _final(
        self,
        connection: sqlite3.Connection,
        ticket: Ticket,
        request: ApprovalRequest,
        fingerprint: str,
    ) -> Decision:
        """What the graph is told: an edit if any step has changed the arguments."""
        submitted = connection.execute(
            "SELECT digest FROM audit WHERE ticket = ? AND event = 'submitted'", (ticket.id,)
        ).fetchone()
        if submitted["digest"] == fingerprint:
            return approve()
        return edit(request["action"], request["args"])

    def _expire(self, connection: sqlite3.Connection, ticket: Ticket, now: float) -> None:
        self._note(connection, ticket.id, "expired", "desk", "", "", ticket.digest)
        store.step_to(connection, ticket, ticket.request, ticket.digest, ticket.chain.expire(), now)
        no: Decision = {**reject("nobody decided in time"), "approval_id": ticket.id}
        store.settle(connection, ticket, no, now)

    def _escalate(
        self, connection: sqlite3.Connection, ticket: Ticket, level: int, now: float
    ) -> bool:
        waited = now - ticket.waiting_since
        due = [rule for rule in self.escalations[level:] if rule.after <= waited]
        chain = ticket.chain
        for rule in due:
            chain = chain.escalate(rule.to)
            self._note(
                connection,
                ticket.id,
                "escalated",
                "desk",
                rule.to,
                f"nobody decided for {rule.after:g} s",
                ticket.digest,
            )
        if due:
            store.escalated(connection, ticket, chain, level + len(due))
        return bool(due)

    def _note(
        self,
        connection: sqlite3.Connection,
        ticket: str,
        event: str,
        by: str,
        role: str,
        note: str,
        fingerprint: str,
    ) -> None:
        store.note(
            connection, AuditEntry(ticket, self._clock(), event, by, role, note, fingerprint)
        )
