"""A durable desk of requests that wait for people."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent_patterns.approval import errors
from agent_patterns.approval import ticket as store
from agent_patterns.approval.arguments import ArgumentModels, with_schema
from agent_patterns.approval.chain import Outcome, RoleChain
from agent_patterns.approval.decisions import check_decision, check_request, offered
from agent_patterns.approval.ledger import ApprovalLedger
from agent_patterns.approval.protocol import ApprovalRequest, Decision, action_of, reject, respond
from agent_patterns.approval.ticket import AuditEntry, Source, Ticket
from agent_patterns.durable.canonical import digest, plain_text, shown
from agent_patterns.durable.database import Database, Session, transacted
from agent_patterns.durable.runs import RunTable, wake

EVENTS = {"approve": "approved", "edit": "edited", "reject": "rejected", "respond": "answered"}
TOO_LATE = "nobody decided in time"
Asked = tuple[ApprovalRequest, Source | None]


@dataclass(frozen=True)
class Escalation:
    """When nobody has decided a step for `after` seconds, the role `to` may decide it too."""

    after: float
    to: str


class ApprovalDesk:
    """A queue of requests in a database, shared by threads and processes, safe over restarts.

    A decision is one transaction: who may decide, whether it still waits, whether it is what the
    person saw, the audit trail, at the last step the ledger entry, and the wake-up of the run that
    waits.  Of two people who decide at once one wins; the other gets `AlreadyDecided`.

    Args:
        where: A database, its URL, or a SQLite file's path.
        chains: For each action's name the roles that must approve it, in order.
        people: The roles that each person has; who somebody is must have been authenticated.
        escalations: What happens while a step waits.
        expires_after: Seconds after which a request that still waits expires; None for never.
        distinct: Nobody approves what they asked for themselves, nor two steps of one request
            (the four-eyes principle); a no takes nobody else.
        lease, args: As for `ApprovalLedger`.
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
        self.close = self.database.close
        self.database.create("agent_tickets", RunTable.definition, *store.tables(self.database))

    def submit(self, request: ApprovalRequest, *, source: Source | None = None) -> Ticket:
        """Put a request on the desk, or raise `InvalidRequest`; a source has but one ticket."""
        return self.file([(request, source)])[0]

    def file(self, requests: Sequence[Asked], *, again: str = "") -> list[Ticket]:
        """Do `submit` for all that a graph asks, in one transaction; return the tickets.

        `again` says why the graph refuses what was approved: unless it is done, it is asked anew.
        """
        return self.database.transact(
            lambda session: [self._file(session, each, again) for each in requests],
            repeatable=all(source for _, source in requests),
        )

    @transacted
    def get(self, session: Session, ticket: str) -> Ticket:
        """Return a request, or raise `UnknownApproval`."""
        return store.fetch(session, ticket)

    def roles_of(self, person: str) -> frozenset[str]:
        """Return the roles of a person, or raise `NotAllowed`."""
        if not isinstance(person, str) or person not in self.people:
            raise errors.NotAllowed(f"the desk does not know {shown(person)}")
        return self.people[person]

    @transacted
    def pending(
        self, session: Session, *, person: str | None = None, thread_id: str | None = None
    ) -> list[Ticket]:
        """Return what waits, oldest first: for a person's roles, or for a thread, or all."""
        roles, now = None if person is None else self.roles_of(person), self._clock()
        waiting = [each for each in self._waiting(session, thread_id) if not each.is_overdue(now)]
        return [each for each in waiting if roles is None or roles.intersection(each.waits_for)]

    @transacted
    def audit(self, session: Session, ticket: str | None = None) -> list[AuditEntry]:
        """Return the audit trail, of one request or of all, in order."""
        where, values = ("", ()) if ticket is None else ("WHERE ticket = ?", (str(ticket),))
        rows = session.run(f"SELECT * FROM agent_audit {where} ORDER BY number", values)
        return [AuditEntry(*row[1:]) for row in rows]

    def decide(
        self, ticket: str, decision: Decision, *, by: str, note: str = "", seen: str | None = None
    ) -> Ticket:
        """Decide the step that waits, and nothing else than what was `seen`: its digest.

        An approval passes the request to the next role, or releases it after the last one.  A
        rejection ends it.  An edit approves other arguments; at a later step it sends the request
        back to the first, for what the others approved is no longer what would be done.

        Raises:
            UnknownApproval: There is no such request.
            NotAllowed: No such person, the wrong role, or not a second pair of eyes.
            AlreadyDecided: Somebody was faster, or nobody decided in time (`Expired`).
            ArgumentsChanged: The request is no longer the one they saw.
            InvalidDecision: The request does not allow this decision, or these arguments.
        """
        roles = self.roles_of(by)
        plain_text(note, "A note", longest=10_000, empty=True)

        def work(session: Session) -> Ticket:
            found = store.fetch(session, ticket, self.database.for_update)
            if found.is_overdue(self._clock()):
                return self._close(session, found, "expired", "desk", TOO_LATE)
            if found.status == "expired":
                return found
            role = found.chain.role_for(roles, ticket)
            if seen is not None and seen != found.digest:
                raise errors.ArgumentsChanged(
                    f"{ticket} is no longer what was shown; look at it again, then decide"
                )
            check_decision(found.request, decision, self.ledger.args.get(found.request["action"]))
            if self.distinct and decision["type"] != "reject":
                if found.request.get("requested_by") == by:
                    raise errors.SamePerson(f"{by} has asked for {ticket} and can only reject it")
                if by in found.approved_by:
                    raise errors.SamePerson(f"{by} has approved an earlier step of {ticket}")
            return self._apply(session, found, decision, by, role, note)

        decided = self.database.transact(work)
        if decided.status == "expired":
            raise errors.Expired(f"{ticket} has expired; the request must be made anew")
        return decided

    @transacted
    def withdraw(
        self, session: Session, thread_id: str, *, by: str, note: str = "withdrawn"
    ) -> list[Ticket]:
        """Close everything that a thread asks; the graph is told no, with the note as reason."""
        plain_text(by, "Who withdraws")
        plain_text(note, "A note", longest=10_000, empty=True)
        waiting = self._waiting(session, thread_id, self.database.for_update)
        return [self._close(session, each, "withdrawn", by, note) for each in waiting]

    def tick(self) -> list[Ticket]:
        """Expire and escalate what is due; return what changed, once in all processes.

        Call it regularly, and tell the people of `Ticket.waits_for` about what still waits.
        """
        now = self._clock()

        def work(session: Session) -> list[Ticket]:
            changed = []
            for each in self._waiting(session, lock=self.database.for_update):
                if each.is_overdue(now):
                    changed.append(self._close(session, each, "expired", "desk", TOO_LATE))
                elif escalated := self._escalate(session, each, now):
                    changed.append(escalated)
            return changed

        return self.database.transact(work)

    def _file(self, session: Session, asked: Asked, again: str) -> Ticket:
        request, source = asked
        fingerprint, now = check_request(request), self._clock()
        action = request["action"]
        if action not in self.chains:
            known = ", ".join(sorted(self.chains))
            raise errors.InvalidRequest(f"no chain of roles for {action!r}, only for {known}")
        fresh = Ticket(
            request=with_schema(request, self.ledger.args.get(action)),
            digest=fingerprint,
            submitted=fingerprint,
            chain=self.chains[action],
            created_at=now,
            waiting_since=now,
            expires_at=None if self.expires_after is None else now + self.expires_after,
            source=source,
        )
        ticket, new = store.insert(session, fresh)
        if new:
            asker, reason = request.get("requested_by", ""), request.get("reason", "")
            self._note(session, ticket, "submitted", asker, note=reason)
        elif again and session.changed(store.TAKE_BACK, (ticket.id,)):
            self._note(session, ticket, "reopened", "desk", note=again)
            return store.save(session, replace(fresh, id=ticket.id))
        return ticket

    def _waiting(
        self, session: Session, thread_id: str | None = None, lock: str = ""
    ) -> list[Ticket]:
        mine, values = ("", ()) if thread_id is None else (" AND thread_id = ?", (thread_id,))
        sql = f"SELECT * FROM agent_tickets WHERE outcome = 'waiting'{mine} ORDER BY number{lock}"
        return [store.read_ticket(row) for row in session.run(sql, values)]

    def _apply(
        self, session: Session, ticket: Ticket, decision: Decision, by: str, role: str, note: str
    ) -> Ticket:
        kind, request, seen = decision["type"], ticket.request, ticket.digest
        if kind == "edit":
            request = {**request, "args": decision["edited_action"]["args"]}
        ticket = replace(ticket, request=request, digest=digest(action_of(request)))
        note = note or decision.get("message", "")
        self._note(session, ticket, EVENTS[kind], by, role, note)
        if kind == "reject":
            chain = ticket.chain.reject([role])
            return self._settled(session, replace(ticket, chain=chain), decision)
        if ticket.digest != seen and ticket.chain.step > 0:
            ticket = replace(ticket, chain=ticket.chain.restart(), approved_by=())
        else:
            approved_by = (*ticket.approved_by, by)
            ticket = replace(ticket, chain=ticket.chain.approve([role]), approved_by=approved_by)
        ticket = replace(ticket, escalations=0, waiting_since=self._clock())
        if ticket.status == "waiting":
            return store.save(session, ticket)
        if kind != "respond":
            self.ledger.plan_in(session, ticket.id, request["action"], request["args"])
            self._note(session, ticket, "released", "desk")
            if ticket.digest == ticket.submitted:  # no step has changed it
                decision = {"type": "approve"}
            else:
                decision = {"type": "edit", "edited_action": ticket.action}
        return self._settled(session, ticket, decision)

    def _close(
        self, session: Session, ticket: Ticket, outcome: Outcome, by: str, why: str
    ) -> Ticket:
        self._note(session, ticket, outcome, by, note=why)
        ended = replace(ticket, chain=ticket.chain.end(outcome))
        only_answers = offered(ticket.request) == ("respond",)
        return self._settled(session, ended, respond(why) if only_answers else reject(why))

    def _settled(self, session: Session, ticket: Ticket, decision: Decision) -> Ticket:
        if ticket.source is not None:
            wake(session, ticket.source.thread_id)
        final: Decision = {**decision, "approval_id": ticket.id}
        return store.save(session, replace(ticket, decision=final, decided_at=self._clock()))

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
        return store.save(session, replace(ticket, chain=chain, escalations=level))

    def _note(
        self, session: Session, ticket: Ticket, event: str, by: str, role: str = "", note: str = ""
    ) -> None:
        now = self._clock()
        session.run(store.NOTE, (ticket.id, now, event, by, ticket.digest, role, note))
