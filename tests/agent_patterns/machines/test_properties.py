"""Whatever is sent, in whatever order: no letter without approval, nobody stuck, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.agent_patterns.machines.desk import Desk

from agent_patterns.machines import Transition
from agent_patterns.machines.errors import IllegalTransition
from courseware.lessons.state_machines.care import SLOTS, TABLE

VALUES = st.one_of(
    st.sampled_from([option for options in SLOTS.values() for option in options]),
    st.dictionaries(
        st.sampled_from([*SLOTS, "letter"]), st.sampled_from(["refund", "by next month"])
    ),
    st.none(),
    st.text(max_size=5),
)
EVENTS = sorted({row.event for row in TABLE})


class CareDesk(RuleBasedStateMachine):
    """Send anything to one thread, through a new session each time; work fails now and then."""

    table: tuple[Transition[str, str], ...] = tuple(TABLE)

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(table=self.table)
        self.approvals = 0

    def _send(self, event: str, value: Any) -> None:
        before, refusal = self.desk.thread().snapshot(), None
        try:
            self.desk.thread().send(event, value)
        except IllegalTransition as refused:
            refusal = refused
        if refusal:
            assert refusal.legal == before.legal
            assert self.desk.thread().snapshot() == before  # nothing has changed
        else:
            assert event in before.legal
            self.approvals += event == "approve"

    @rule(event=st.sampled_from(EVENTS), value=VALUES)
    def send_any(self, event: str, value: Any) -> None:
        self._send(event, value)

    @rule(choice=st.integers(0, 20), pick=st.integers(0, 2))
    def send_sensibly(self, choice: int, pick: int) -> None:
        now = self.desk.thread().snapshot()
        event = now.legal[choice % len(now.legal)]
        options = (now.question or {}).get("options", ["My pen leaks."])
        self._send(event, options[pick % len(options)])

    @rule(times=st.integers(1, 2))
    def break_down(self, times: int) -> None:
        self.desk.fails = times

    @invariant()
    def no_path_skips_approval(self) -> None:
        assert len(self.desk.outbox) <= self.approvals

    @invariant()
    def it_rests_or_asks(self) -> None:
        now = self.desk.thread().snapshot()
        assert now.state in ("idle", "error", "listening", "waiting")
        assert (now.question is not None) == (now.state in ("listening", "waiting"))
        assert bool(now.error) == (now.state == "error")

    def teardown(self) -> None:
        """From wherever it stands it finds its way home."""
        self.desk.fails = 0
        home = {"listening": "cancel", "waiting": "cancel", "error": "reset"}
        state = self.desk.thread().snapshot().state
        if state in home:
            assert self.desk.thread().send(home[state]).state == "idle"


TestCareDesk = CareDesk.TestCase
TestCareDesk.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_property_finds_a_planted_flaw() -> None:
    skips = Transition("error", "retry", "acting", lambda data, value: bool(data.get("letter")))

    class Flawed(CareDesk):
        table = (*(row for row in TABLE if row.event != "retry"), skips)

    machine = Flawed()
    to_approval = [("complain", "y"), ("answer", "repair"), ("answer", "by next month")]
    for event, value in to_approval:
        machine._send(event, value)
    machine.break_down(1)  # while a correction is drafted
    machine._send("correct", {"approach": "refund"})
    machine._send("retry", None)
    with pytest.raises(AssertionError):
        machine.no_path_skips_approval()


def test_every_state_is_reached() -> None:
    seen: set[str] = set()

    def draft(data: dict[str, Any]) -> Any:
        seen.add(desk.thread().snapshot().state)
        return Desk.draft(desk, data)

    desk = Desk(draft=draft)
    clara = desk.thread()
    seen.add(clara.snapshot().state)
    for event, value in (("complain", "x"), ("answer", "repair"), ("answer", "by next month")):
        seen.add(clara.send(event, value).state)
    desk.fails = 1
    seen.add(clara.send("approve").state)
    now = clara.send("retry")
    assert (now.state, desk.outbox) == ("waiting", [])  # not even a retry skips it
    desk._may_fail = lambda: seen.add(clara.snapshot().state)  # type: ignore[method-assign]
    clara.send("approve")
    assert seen == set(desk.machine.table.states)
