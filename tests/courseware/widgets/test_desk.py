"""The desk, live: two people, deadlines, the audit trail."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel, Field
from tests.courseware.widgets.waiting_desk import buttons, controls, shown_html

from agent_patterns.approval import ApprovalDesk, approve, edit, reject
from agent_patterns.approval.desk import Escalation
from agent_patterns.testing import FakeClock
from courseware.widgets.desk import DeskView


class Refund(BaseModel):
    order: str
    amount: float = Field(le=129.0)


@pytest.fixture
def clock():
    return FakeClock(1_000_000.0)


@pytest.fixture
def desk(tmp_path, clock):
    made = ApprovalDesk(
        tmp_path / "desk.sqlite",
        chains={"refund": ["billing", "security"], "code": ["billing"]},
        people={"Ines": ["billing"], "Tomás": ["security"]},
        escalations=[Escalation(60, "security")],
        expires_after=300,
        args={"refund": Refund},
        clock=clock,
    )
    made.submit({"action": "refund", "args": {"order": "A-1042", "amount": 129.0}})
    made.submit({"action": "code", "args": {"percent": 50}})
    yield made
    made.close()


def test_a_request_passes_from_one_to_the_other(desk, clock):
    view = DeskView(desk, clock=clock)
    ines, tomas = view.seats
    assert [len(seat.waiting) for seat in view.seats] == [2, 0]
    assert "A-1" in shown_html(ines.widget)
    assert "Nothing waits for you" in shown_html(tomas.widget)
    buttons(ines.widget, "Approve")[0].click()
    assert [ticket.id for ticket in tomas.waiting] == ["A-1"]
    assert "A-1 approved; now waits for security" in shown_html(ines.widget)
    buttons(tomas.widget, "Approve")[0].click()
    assert desk.get("A-1").status == "approved"
    assert [entry.by for entry in desk.audit("A-1")] == ["", "Ines", "Tomás", "desk"]


def test_deadlines_run_and_what_waits_too_long_is_escalated_and_expires(desk, clock):
    view = DeskView(desk, clock=clock)
    ines, tomas = view.seats
    assert "5:00 left" in shown_html(ines.widget)
    clock.advance(61)
    view.refresh()
    assert "3:59 left" in shown_html(tomas.widget)
    assert "(escalated)" in shown_html(tomas.widget)
    clock.advance(200)
    view.refresh()
    assert "ap-left ap-differs" in shown_html(ines.widget)
    clock.advance(40)
    view.refresh()
    assert [len(seat.waiting) for seat in view.seats] == [0, 0]
    assert "expired by desk: nobody decided in time" in view.text()


def test_what_the_desk_refuses_is_said_at_the_field(desk, clock):
    view = DeskView(desk, clock=clock)
    ines = view.seats[0]
    assert ines.decide("A-1", edit("refund", {"order": "A-1042", "amount": 999.0}))
    (amount,) = controls(ines.widget, "amount")
    assert "ap-invalid" in amount._dom_classes
    assert desk.get("A-1").chain.step == 0


def test_a_field_that_is_being_filled_survives_the_clock(desk, clock):
    view = DeskView(desk, clock=clock)
    (reject_button, *_) = buttons(view.seats[0].widget, "Reject…")
    reject_button.click()
    (reason,) = controls(view.seats[0].widget, "Reason")
    reason.value = "no rec"
    clock.advance(1)
    view.refresh()
    assert controls(view.seats[0].widget, "Reason") == [reason]


def test_the_script_gives_the_same_text_and_names_what_was_refused(desk, clock):
    script = [("Ines", "A-2", reject("too much")), ("Tomás", "A-1", approve()), 61.0,
              ("Tomás", "A-1", approve())]  # fmt: skip
    view = DeskView(desk, clock=clock, script=script)
    said = view.play()
    assert said[0] == 'A-2 rejected: "too much"; closed'
    assert "security" in said[2]
    assert "A-2 rejected by Ines (billing): too much" in view.text()
    assert "<svg" in view._trail.value


async def test_it_follows_the_desk_by_itself(desk, clock, monkeypatch):
    monkeypatch.setattr("courseware.widgets.desk.FRAME", 0.01)
    view = DeskView(desk, clock=clock)
    view.start()
    desk.decide("A-1", approve(), by="Ines")
    async with asyncio.timeout(20):
        while not view.seats[1].waiting:
            await asyncio.sleep(0.01)
    assert view._follow.description == "Pause"
    view._follow.click()
    assert view._follow.description == "Follow"
