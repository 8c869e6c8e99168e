"""A durable desk of requests that wait for people."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_patterns.approval import ticket as store
from agent_patterns.approval.arguments import ArgumentModels, with_schema
from agent_patterns.approval.chain import RoleChain
from agent_patterns.approval.decisions import check_decision, check_request, closing
from agent_patterns.approval.errors import (
    ArgumentsChanged,
    Expired,
    InvalidDecision,
    InvalidRequest,
    NotAllowed,
    SamePerson,
)
from agent_patterns.approval.ledger import ApprovalLedger
from agent_patterns.approval.protocol import (
    ApprovalRequest,
    Decision,
    action_of,
    approve,
    edit,
    reject,
)
from agent_patterns.approval.ticket import AuditEntry, Source, Ticket, change
from agent_patterns.durable.canonical import canonical, digest, plain_text, shown
from agent_patterns.durable.database import Database, Session
from agent_patterns.durable.errors import InvalidInput
from agent_patterns.durable.runs import TABLE as RUNS
from agent_patterns.durable.runs import wake

EVENTS = {"approve": "approved", "edit": "edited", "reject": "rejected", "respond": "answered"}
TOO_LATE = "nobody decided in time"


@dataclass(frozen=True)
class Escalation:
    """When nobody has decided a step for `after` seconds, the role `to` may decide it too."""

    after: float
    to: str


class ApprovalDesk:
    """A queue of requests in a database, shared by threads and processes, safe over restarts.

    Each request goes through the chain of roles of its kind.  A decision is one transaction: who
    may decide, whether it still waits, whether it is what the person saw, the audit trail, at the
    last step the ledger entry that lets it be executed, and the wake-up of the run that waits for
    it.  Of two people who decide at once one wins; the other gets `AlreadyDecided`.

    Args:
        where: A database, its URL, or a SQLite file's path.
        chains: For each kind of request the roles that must approve it, in order.
        people: The roles that each person has.  Where names come from a web request, they must
            have been authenticated before.
        escalations: What happens while a step waits, in order of time.
        expires_after: Seconds after which a request that still waits expires; None for never.
        distinct: Demand that nobody approves what they asked for themselves, nor two steps of one
            request (the four-eyes principle).  A no takes nobody else.
        lease: As for `EffectLog`.
        args: For each action's name what it accepts; nothing else can be approved.
        clock: Seconds since the epoch; wall time, for the desk outlives its process.
    """

    def __init__(
        self,
        where: str | Path | Database,
        *,
        chains: Mapping[str, Sequence[str]],
        people: Mapping[str, Collection[str]],
        escalations: Iterable[Escalation] = (),
        expires_after: float | None = None,
        distinct: bool = True,
        lease: float = 60.0,
        args: ArgumentModels | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.chains = {kind: RoleChain(tuple(roles)) for kind, roles in chains.items()}
        self.people = {person: frozenset(roles) for person, roles in people.items()}
        self.escalations = sorted(escalations, key=lambda rule: rule.after)
        self.expires_after = expires_after
        self.distinct = distinct
        self._clock = clock
        self.ledger = ApprovalLedger(where, args=args, lease=lease)
        self.database = self.ledger.database
        self.database.create("agent_tickets", RUNS, *store.tables(self.database))

    def submit(
        self,
        request: ApprovalRequest,
        *,
        kind: str | None = None,
        source: Source | None = None,
    ) -> Ticket:
        """Put a request on the desk; the same source again gives the same ticket.

        Args:
            request: What is to be approved; its arguments must be JSON.
            kind: Its type; without it the action's name.
            source: The interrupt it comes from.

        Raises:
            InvalidRequest: It is not made like one, is not JSON, or there is no chain for its kind.
        """
        insert = self._insertion(request, kind, source)
        return self.database.transact(insert, repeatable=source is not None)

    def file(self, requests: Iterable[tuple[ApprovalRequest, str | None, Source]]) -> list[Ticket]:
        """Do `submit` for all that a graph asks, in one transaction; return the tickets."""
        inserts = [self._insertion(*each) for each in requests]
        return self.database.transact(
            lambda session: [insert(session) for insert in inserts], repeatable=True
        )

    def get(self, ticket: str) -> Ticket:
        """Return a request, or raise `UnknownApproval`."""
        return self.database.transact(lambda session: store.fetch(session, ticket), repeatable=True)

    def roles_of(self, person: str) -> frozenset[str]:
        """Return the roles of a person, or raise `NotAllowed`."""
        if not isinstance(person, str) or person not in self.people:
            raise NotAllowed(f"the desk does not know {shown(person)}")
        return self.people[person]

    def pending(self, *, person: str | None = None, thread_id: str | None = None) -> list[Ticket]:
        """Return what waits, oldest first: for a person's roles, or for a thread, or all."""
        roles = None if person is None else self.roles_of(person)
        where = "(expires_at IS NULL OR expires_at > ?)"
        values: list[Any] = [self._clock()]
        if thread_id is not None:
            where, values = f"{where} AND thread_id = ?", [*values, thread_id]
        rows = self._rows(
            f"SELECT * FROM agent_tickets WHERE outcome = 'waiting' AND {where} ORDER BY number",
            values,
        )
        tickets = [store.read_ticket(row) for row in rows]
        return [each for each in tickets if roles is None or roles.intersection(each.waits_for)]

    def audit(self, ticket: str | None = None) -> list[AuditEntry]:
        """Return the audit trail, of one request or of all, in order."""
        where, values = ("", ()) if ticket is None else ("WHERE ticket = ?", (str(ticket),))
        rows = self._rows(f"SELECT * FROM agent_audit {where} ORDER BY number", values)
        return [AuditEntry(*row[1:]) for row in rows]

    def approve(self, ticket: str, *, by: str, note: str = "", seen: str | None = None) -> Ticket:
        """Approve the current step; see `decide`."""
        return self.decide(ticket, approve(), by=by, note=note, seen=seen)

    def reject(self, ticket: str, *, by: str, note: str, seen: str | None = None) -> Ticket:
        """Reject the request with a reason; see `decide`."""
        return self.decide(ticket, reject(note), by=by, note=note, seen=seen)

    def edit(
        self, ticket: str, args: dict[str, Any], *, by: str, note: str = "", seen: str | None = None
    ) -> Ticket:
        """Approve the request with other arguments; see `decide`."""
        name = self.get(ticket).request["action"]
        return self.decide(ticket, edit(name, args), by=by, note=note, seen=seen)

    def decide(
        self, ticket: str, decision: Decision, *, by: str, note: str = "", seen: str | None = None
    ) -> Ticket:
        """Decide the step that waits.

        An approval passes the request to the next role, or releases it after the last one.  A
        rejection ends it.  An edit approves other arguments; at a later step it sends the request
        back to the first, for what the others approved is no longer what would be done.

        Args:
            ticket: Id of the request.
            decision: approve, edit, reject or respond, as the request allows.
            by: Who decides.
            note: For the audit trail.
            seen: The digest of what the person was shown; nothing else is decided.

        Raises:
            UnknownApproval: There is no such request.
            NotAllowed: No such person, the wrong role, or not a second pair of eyes.
            AlreadyDecided: Somebody was faster, or nobody decided in time (`Expired`).
            ArgumentsChanged: The request is no longer the one they saw.
            InvalidDecision: The request does not allow this decision, or these arguments.
        """
        roles = self.roles_of(by)
        note = _text(note, "A note")
        now = self._clock()

        def work(session: Session) -> Ticket:
            found = store.fetch(session, ticket, self.database.for_update)
            if (
                found.status == "waiting"
                and found.expires_at is not None
                and found.expires_at <= now
            ):
                return self._close(session, found, "expired", "desk", "nobody decided in time", now)
            if found.status == "expired":
                return found
            role = found.chain.role_for(roles, ticket)
            if seen is not None and seen != found.digest:
                raise ArgumentsChanged(
                    f"{ticket} is no longer what was shown; look at it again, then decide"
                )
            check_decision(found.request, decision, self.ledger.args.get(found.request["action"]))
            if self.distinct and decision["type"] != "reject":
                self._check_distinct(session, found, by)
            return self._apply(session, found, decision, by, role, roles, note, now)

        decided = self.database.transact(work)
        if decided.status == "expired":
            raise Expired(f"{ticket} has expired; the request must be made anew")
        return decided

    def withdraw(self, thread_id: str, *, by: str, note: str = "withdrawn") -> list[Ticket]:
        """Close everything that a thread asks; the graph is told no, with the note as reason."""
        plain_text(by, "Who withdraws")
        _text(note, "A note")
        now = self._clock()

        def work(session: Session) -> list[Ticket]:
            rows = session.run(
                "SELECT * FROM agent_tickets WHERE outcome = 'waiting' AND thread_id = ? "
                f"ORDER BY number{self.database.for_update}",
                (thread_id,),
            )
            waiting = [store.read_ticket(row) for row in rows]
            return [self._close(session, each, "withdrawn", by, note, now) for each in waiting]

        return self.database.transact(work, repeatable=True)

    def tick(self) -> list[Ticket]:
        """Expire and escalate what is due; call it regularly.

        Returns the requests that changed, each once, also with several processes calling.  Tell
        the people of `Ticket.waits_for` about those that still wait.
        """
        now = self._clock()

        def work(session: Session) -> list[Ticket]:
            changed = []
            for row in session.run(
                "SELECT * FROM agent_tickets WHERE outcome = 'waiting' "
                f"ORDER BY number{self.database.for_update}"
            ):
                found = store.read_ticket(row)
                if found.is_overdue(now):
                    changed.append(self._close(session, found, "expired", "desk", TOO_LATE, now))
                elif escalated := self._escalate(session, found, now):
                    changed.append(escalated)
            return changed

        return self.database.transact(work)

    def close(self) -> None:
        """Close the database's connections."""
        self.database.close()

    def _insertion(
        self, request: ApprovalRequest, kind: str | None, source: Source | None
    ) -> Callable[[Session], Ticket]:
        """Check a request; return what puts it on the desk, once for each source."""
        fingerprint = check_request(request)
        kind = kind or request["action"]
        chain = self.chains.get(kind)
        if chain is None:
            raise InvalidRequest(
                f"no chain of roles for {kind!r}; there is one for {', '.join(sorted(self.chains))}"
            )
        request = with_schema(request, self.ledger.args.get(request["action"]))
        now = self._clock()
        expires_at = None if self.expires_after is None else now + self.expires_after

        def insert(session: Session) -> Ticket:
            new, ticket = store.insert(
                session, kind, request, fingerprint, chain, source, now, expires_at
            )
            if not new:
                return ticket
            asker, reason = request.get("requested_by", ""), request.get("reason", "")
            self._note(session, ticket, "submitted", asker, "", reason)
            return ticket

        return insert

    def _check_distinct(self, session: Session, ticket: Ticket, by: str) -> None:
        if ticket.request.get("requested_by") == by:
            raise SamePerson(f"{by} has asked for {ticket.id} and can only reject it")
        # Each approval is one step, and an edit that sends it back leaves none: the steps that
        # count are the newest.
        steps = session.run(
            "SELECT by FROM agent_audit WHERE ticket = ? AND event IN "
            "('approved', 'edited', 'answered') ORDER BY number DESC LIMIT ?",
            (ticket.id, ticket.chain.step),
        )
        if by in [step.by for step in steps]:
            raise SamePerson(f"{by} has approved an earlier step of {ticket.id}")

    def _apply(
        self,
        session: Session,
        ticket: Ticket,
        decision: Decision,
        by: str,
        role: str,
        roles: Collection[str],
        note: str,
        now: float,
    ) -> Ticket:
        kind, request = decision["type"], ticket.request
        if kind == "edit":
            request = {**request, "args": decision["edited_action"]["args"]}
        fingerprint = digest(action_of(request))
        seen = note or decision.get("message", "")
        self._note(session, ticket, EVENTS[kind], by, role, seen, fingerprint)
        if kind == "reject":
            chain = ticket.chain.reject(roles)
        elif fingerprint != ticket.digest and ticket.chain.step > 0:
            chain = ticket.chain.restart()
        else:
            chain = ticket.chain.approve(roles)
        moved: dict[str, Any] = {}
        moved |= {"request": canonical(request), "digest": fingerprint, "outcome": chain.outcome}
        moved |= {"chain": store.chain_text(chain), "escalations": 0, "waiting_since": now}
        if chain.outcome == "waiting":
            return change(session, ticket, **moved)
        if chain.outcome == "approved" and kind != "respond":
            self.ledger.record_in(session, ticket.id, action_of(request))
            self._note(session, ticket, "released", "desk", "", "", fingerprint)
            decision = self._final(session, ticket, request, fingerprint)
        return self._settled(session, ticket, decision, now, **moved)

    def _final(
        self, session: Session, ticket: Ticket, request: ApprovalRequest, fingerprint: str
    ) -> Decision:
        """Return what the graph is told: an edit if any step has changed the arguments."""
        (submitted,) = session.run(
            "SELECT digest FROM agent_audit WHERE ticket = ? AND event = 'submitted'", (ticket.id,)
        )
        if submitted.digest == fingerprint:
            return approve()
        return edit(request["action"], request["args"])

    def _close(
        self, session: Session, ticket: Ticket, outcome: Any, by: str, why: str, now: float
    ) -> Ticket:
        """End a request without a person's decision."""
        self._note(session, ticket, outcome, by, "", why)
        chain = ticket.chain.end(outcome)
        columns = {"chain": store.chain_text(chain), "outcome": outcome}
        return self._settled(session, ticket, closing(ticket.request, why), now, **columns)

    def _settled(
        self, session: Session, ticket: Ticket, decision: Decision, now: float, **columns: Any
    ) -> Ticket:
        """Note what the graph is to be resumed with, and wake its run."""
        if ticket.source is not None:
            wake(session, ticket.source.thread_id)
        final = canonical({**decision, "approval_id": ticket.id})
        return change(session, ticket, decision=final, decided_at=now, **columns)

    def _escalate(self, session: Session, ticket: Ticket, now: float) -> Ticket | None:
        waited, chain = now - ticket.waiting_since, ticket.chain
        due = [rule for rule in self.escalations[ticket.escalations :] if rule.after <= waited]
        for rule in due:
            chain = chain.escalate(rule.to)
            why = f"nobody decided for {rule.after:g} s"
            self._note(session, ticket, "escalated", "desk", rule.to, why)
        if not due:
            return None
        level = ticket.escalations + len(due)
        return change(session, ticket, chain=store.chain_text(chain), escalations=level)

    def _note(
        self,
        session: Session,
        ticket: Ticket,
        event: str,
        by: str,
        role: str,
        note: str,
        fingerprint: str = "",
    ) -> None:
        seen = fingerprint or ticket.digest
        store.note(session, AuditEntry(ticket.id, self._clock(), event, by, role, note, seen))

    def _rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return self.database.transact(lambda session: session.run(sql, values), repeatable=True)


def _text(value: Any, what: str) -> str:
    try:
        return plain_text(value, what, longest=10_000, empty=True)
    except InvalidInput as error:
        raise InvalidDecision(str(error)) from None
