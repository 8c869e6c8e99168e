from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from desks import open_desk

from agent_patterns.approval import ApprovalDesk, approve, edit, reject
from agent_patterns.approval.desk import Escalation
from agent_patterns.approval.errors import (
    AlreadyDecided,
    ArgumentsChanged,
    Expired,
    InvalidDecision,
    InvalidRequest,
    NotAllowed,
    SamePerson,
    UnknownApproval,
    WrongRole,
)
from agent_patterns.approval.protocol import respond
from agent_patterns.approval.ticket import Source
from agent_patterns.testing import FakeClock

REFUND: Any = {"action": "refund", "args": {"amount": "40.00"}, "requested_by": "shop agent"}
DEPLOY: Any = {"action": "deploy", "args": {"version": "7"}, "requested_by": "Tomás"}


def test_a_request_waits_survives_a_restart_and_is_approved(file: Path, clock: FakeClock) -> None:
    ticket = open_desk(file, clock=clock).submit({**REFUND, "reason": "torn cover"})
    assert (ticket.id, ticket.status, ticket.waits_for) == ("A-1", "waiting", ("billing",))

    desk = open_desk(file, clock=clock)
    assert [t.id for t in desk.pending()] == ["A-1"]
    clock.advance(60)
    found = desk.decide("A-1", approve(), by="Priya", note="photo seen")
    assert found.status == "approved"
    assert found.decided_at == clock.now
    assert desk.pending() == []
    assert [(e.event, e.by, e.role, e.note) for e in desk.audit("A-1")] == [
        ("submitted", "shop agent", "", "torn cover"),
        ("approved", "Priya", "billing", "photo seen"),
        ("released", "desk", "", ""),
    ]


def test_an_approved_request_can_be_executed_as_approved_and_only_so(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(REFUND)
    desk.decide("A-1", approve(), by="Priya")
    ledger = desk.ledger
    with pytest.raises(ArgumentsChanged):
        ledger.execute("A-1", {"name": "refund", "args": {"amount": "400.00"}}, lambda a, k: None)
    assert ledger.execute("A-1", desk.get("A-1").action, lambda a, k: a["amount"]) == "40.00"


def test_a_rejected_request_has_a_reason_and_nothing_to_execute(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(REFUND)
    found = desk.decide("A-1", reject("no receipt"), by="Priya")
    assert found.status == "rejected"
    assert found.decision == {"type": "reject", "message": "no receipt", "approval_id": "A-1"}
    assert desk.ledger.pending() == []


def test_an_edit_approves_other_arguments(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(REFUND)
    found = desk.decide("A-1", edit("refund", {"amount": "20.00"}), by="Priya")
    assert found.status == "approved"
    assert found.decision == {**edit("refund", {"amount": "20.00"}), "approval_id": "A-1"}
    assert desk.ledger.get("A-1").payload == {"amount": "20.00"}


def test_a_chain_asks_every_role_in_order(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    assert [t.id for t in desk.pending(person="Sofia")] == []
    with pytest.raises(WrongRole, match="waits for technical"):
        desk.decide("A-1", approve(), by="Sofia")
    assert desk.decide("A-1", approve(), by="Jonas").status == "waiting"
    assert desk.ledger.pending() == []
    assert [t.id for t in desk.pending(person="Sofia")] == ["A-1"]
    assert desk.decide("A-1", approve(), by="Sofia").status == "approved"
    assert [e.key for e in desk.ledger.pending()] == ["A-1"]


def test_a_rejection_at_a_later_step_ends_it(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    desk.decide("A-1", approve(), by="Jonas")
    assert desk.decide("A-1", reject("open ports"), by="Sofia").status == "rejected"
    with pytest.raises(AlreadyDecided, match="rejected"):
        desk.decide("A-1", approve(), by="Sofia")


def test_an_edit_at_a_later_step_sends_it_back_to_the_first(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    desk.decide("A-1", approve(), by="Jonas")
    found = desk.decide("A-1", edit("deploy", {"version": "8"}), by="Sofia")
    assert (found.status, found.waits_for) == ("waiting", ("technical",))
    desk.decide("A-1", approve(), by="Jonas")
    found = desk.decide("A-1", approve(), by="Sofia")
    assert found.decision == {**edit("deploy", {"version": "8"}), "approval_id": "A-1"}


def test_nobody_decides_twice_or_for_themselves(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    desk.decide("A-1", approve(), by="Ines")
    with pytest.raises(SamePerson, match="earlier step"):
        desk.decide("A-1", approve(), by="Ines")
    desk.submit({**DEPLOY, "requested_by": "Jonas"})
    with pytest.raises(SamePerson, match="asked for"):
        desk.decide("A-2", approve(), by="Jonas")
    lenient = open_desk(file, distinct=False)
    assert lenient.decide("A-1", approve(), by="Ines").status == "approved"


def test_only_a_step_that_still_counts_bars_a_person_from_the_next(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    desk.decide("A-1", approve(), by="Ines")
    desk.decide("A-1", edit("deploy", {"version": "8"}), by="Sofia")
    desk.decide(
        "A-1", edit("deploy", DEPLOY["args"]), by="Jonas"
    )  # what Ines approved, but it is Jonas's step now
    assert desk.decide("A-1", approve(), by="Ines").status == "approved"


def test_whoever_cannot_approve_can_still_say_no(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(DEPLOY)
    desk.decide("A-1", approve(), by="Ines")
    assert desk.decide("A-1", reject("on second thoughts"), by="Ines").status == "rejected"
    desk.submit({**DEPLOY, "requested_by": "Jonas"})
    assert desk.decide("A-2", reject("not needed any more"), by="Jonas").status == "rejected"


MALFORMED: list[Any] = [
    {},
    "approve",
    None,
    {"type": ["approve"]},
    {"type": "edit"},
    {"type": "edit", "edited_action": {}},
    {"type": "edit", "edited_action": {"name": "refund"}},
    {"type": "edit", "edited_action": {"name": "refund", "args": [1]}},
    {"type": "reject", "message": None},
    edit("refund", {"amount": float("nan")}),
    edit("refund", {"amount": "\ud800"}),
]


@pytest.mark.parametrize("decision", MALFORMED)
def test_a_malformed_decision_is_refused_and_it_still_waits(file: Path, decision: Any) -> None:
    desk = open_desk(file)
    desk.submit(REFUND)
    with pytest.raises(InvalidDecision):
        desk.decide("A-1", decision, by="Priya")
    assert [t.id for t in desk.pending()] == ["A-1"]
    assert [e.event for e in desk.audit()] == ["submitted"]


def test_a_decision_about_what_is_no_longer_shown_is_refused(file: Path) -> None:
    desk = open_desk(file)
    seen = desk.submit(DEPLOY).digest
    desk.decide("A-1", edit("deploy", {"version": "8"}), by="Jonas")
    with pytest.raises(ArgumentsChanged, match="look at it again"):
        desk.decide("A-1", approve(), by="Sofia", seen=seen)
    assert (
        desk.decide("A-1", approve(), by="Sofia", seen=desk.get("A-1").digest).status == "approved"
    )


def test_what_the_request_does_not_offer_is_refused_and_it_still_waits(file: Path) -> None:
    desk = open_desk(file)
    desk.submit({**REFUND, "allow": ["approve", "reject"]})
    with pytest.raises(InvalidDecision, match="not offered"):
        desk.decide("A-1", edit("refund", {"amount": "1"}), by="Priya")
    with pytest.raises(InvalidDecision, match="not offered"):
        desk.decide("A-1", respond("hm"), by="Priya")
    assert [t.id for t in desk.pending()] == ["A-1"]
    assert [e.event for e in desk.audit()] == ["submitted"]


def test_unknown_requests_people_and_kinds(file: Path) -> None:
    desk = open_desk(file)
    for unknown in ("A-1", "B-1", "A-", "A-x", "", f"A-{'9' * 30}"):
        with pytest.raises(UnknownApproval):
            desk.get(unknown)
    desk.submit(REFUND)
    with pytest.raises(NotAllowed, match="does not know"):
        desk.decide("A-1", approve(), by="Mallory")
    with pytest.raises(InvalidRequest, match="no chain"):
        desk.submit({"action": "fire", "args": {}})
    with pytest.raises(InvalidRequest, match="as text"):
        desk.submit({"action": "refund", "args": {"amount": object()}})


def test_one_interrupt_is_one_ticket(file: Path) -> None:
    desk = open_desk(file)
    source = Source("t", "i")
    assert desk.submit(REFUND, source=source).id == desk.submit(REFUND, source=source).id
    assert desk.submit(REFUND, source=Source("t", "i", 1)).id == "A-2"
    assert desk.submit(REFUND).id != desk.submit(REFUND).id


def test_nobody_decides_in_time(file: Path, clock: FakeClock) -> None:
    desk = open_desk(file, expires_after=3600, clock=clock)
    desk.submit(REFUND, source=Source("t", "i"))
    clock.advance(3600)
    assert desk.pending() == []
    with pytest.raises(Expired, match="made anew"):
        desk.decide("A-1", approve(), by="Priya")
    with pytest.raises(Expired):
        desk.decide("A-1", approve(), by="Priya")
    assert desk.get("A-1").status == "expired"
    assert desk.tick() == []
    assert [e.event for e in desk.audit()] == ["submitted", "expired"]
    decision = desk.get("A-1").decision
    assert decision is not None
    assert decision["type"] == "reject"


def test_the_clock_expires_what_nobody_looks_at(file: Path, clock: FakeClock) -> None:
    desk = open_desk(file, expires_after=3600, clock=clock)
    desk.submit(REFUND)
    clock.advance(3599)
    assert desk.tick() == []
    clock.advance(1)
    assert [(t.id, t.status) for t in desk.tick()] == [("A-1", "expired")]


def escalating(file: Path, clock: FakeClock) -> ApprovalDesk:
    rules = [Escalation(7200, "owner"), Escalation(1800, "lead")]
    people = {"Priya": ["billing"], "Tomás": ["lead"], "Ines": ["owner"], "Jonas": ["technical"]}
    return ApprovalDesk(
        file,
        chains={"refund": ["billing", "technical"]},
        people=people,
        escalations=rules,
        clock=clock,
    )


def test_when_nobody_answers_the_request_goes_up(file: Path, clock: FakeClock) -> None:
    desk = escalating(file, clock)
    desk.submit(REFUND)
    with pytest.raises(WrongRole):
        desk.decide("A-1", approve(), by="Tomás")
    clock.advance(1799)
    assert desk.tick() == []
    clock.advance(1)
    assert [t.waits_for for t in desk.tick()] == [("billing", "lead")]
    assert escalating(file, clock).tick() == [], "once, in whichever process"
    clock.advance(7200)
    assert [t.waits_for for t in desk.tick()] == [("billing", "lead", "owner")]
    found = desk.decide("A-1", approve(), by="Tomás")
    assert found.waits_for == ("technical",), "the next step is escalated anew, not already"
    clock.advance(1800)
    assert [t.waits_for for t in desk.tick()] == [("technical", "lead")]
    events = [(e.event, e.role) for e in desk.audit()]
    assert events[1:4] == [("escalated", "lead"), ("escalated", "owner"), ("approved", "lead")]


@pytest.mark.slow
def test_two_processes_decide_at_once_and_one_wins(file: Path, worker: Callable[..., Any]) -> None:
    for number in range(1, 4):
        desk = open_desk(file)
        ticket = desk.submit(REFUND)
        assert ticket.id == f"A-{number}"
        both = [worker("decide.py", file, ticket.id, person) for person in ("Priya", "Pavel")]
        assert [one.hear() for one in both] == ["ready"] * 2
        for one in both:
            one.go()
        assert sorted(one.hear() for one in both) == ["AlreadyDecided", "won"]
        assert [e.event for e in desk.audit(ticket.id)].count("approved") == 1


def test_many_threads_decide_and_one_wins(file: Path) -> None:
    desk = open_desk(file)
    desk.submit(REFUND)

    def attempt(person: str) -> str:
        try:
            return desk.decide("A-1", approve(), by=person).status
        except AlreadyDecided:
            return "late"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, ["Priya", "Pavel"] * 8))
    assert results.count("approved") == 1
    assert results.count("late") == 15
