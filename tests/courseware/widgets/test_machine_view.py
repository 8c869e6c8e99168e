"""The view that plays a machine, without a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.machines.desk import Desk

from courseware.lessons.state_machines.care import SLOTS
from courseware.widgets import MachineView
from courseware.widgets import machine as module


def view_of(desk: Desk, **options: Any) -> MachineView:
    graph = desk.machine.compile(InMemorySaver())
    return MachineView(
        desk.machine,
        graph,
        "clara",
        slots=SLOTS,
        values={"complain": "It <b>leaks</b>."},
        **options,
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def option(view: MachineView, slot: str, said: str) -> Any:
    return view._options[slot, said]


def test_events_questions_and_corrections_are_pressed() -> None:
    desk = Desk()
    view = view_of(desk)
    assert all(button.disabled for button in view._options.values())
    view.buttons["complain"].click()
    assert view._session.snapshot().data["complaint"] == "It <b>leaks</b>."
    assert view.buttons["cancel"].button_style == "primary"
    assert view.buttons["approve"].button_style == ""
    assert option(view, "timeline", "this week").disabled  # it is not asked for yet
    option(view, "approach", "repair").click()
    assert option(view, "approach", "repair").button_style == "success"
    option(view, "approach", "refund").click()  # a correction
    assert view._taken == {(("listening",), ("listening",))}
    option(view, "timeline", "by next month").click()
    assert "We refund it by next month." in view._asked.value
    view.buttons["approve"].click()
    assert desk.outbox == ["We refund it by next month."]
    assert not option(view, "approach", "refund").icon  # the next complaint has no answers yet
    assert view.text().splitlines()[1:] == [
        "✓ complain It <b>leaks</b>. → listening",
        "✓ answer repair → listening",
        "✓ correct approach: refund → listening",
        "✓ answer by next month → waiting",
        "✓ approve → idle",
        "idle",
    ]
    assert "<b>leaks" not in view._log.value


def test_an_impossible_event_shows_its_refusal_and_changes_nothing() -> None:
    view = view_of(Desk())
    view.buttons["approve"].click()
    assert "'approve' is not possible in 'idle'. Possible: complain." in view.log[-1]
    assert 'role="alert"' in view._line.value
    assert 'data-node="idle" data-state="here"' in view.svg


def test_a_failure_lights_the_error_state_up_and_every_passage_is_drawn() -> None:
    desk = Desk()
    drawn: list[str] = []
    script = [("complain", "x"), ("answer", "repair"), ("the model is down", True)]
    script += [("answer", "by next month"), ("retry", None)]  # type: ignore[list-item]
    switches = {"the model is down": lambda on: setattr(desk, "fails", int(on))}
    view = view_of(desk, script=script, switches=switches)
    view._player._draw = drawn.append
    view.play()
    states = [
        next(name for name in desk.machine.table.states
             if any(f'data-node="{name}" data-state="{look}"' in svg
                    for look in ("here", "waiting", "running", "failed")))
        for svg in drawn
    ]  # fmt: skip
    passed = [a for a, b in zip(states, [*states[1:], ""], strict=True) if a != b]
    assert passed == ["idle", "listening", "processing", "error", "processing", "waiting"]
    assert "• the model is down: on" in view.text()
    assert "error: ConnectionError: the model does not answer" in view.text()


def test_a_press_while_the_machine_works_is_told_that_it_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "unattended", lambda: False)
    at_work, go_on = threading.Event(), threading.Event()

    def draft(data: dict[str, Any]) -> tuple[str, str]:
        at_work.set()
        assert go_on.wait(60)
        return "drafted", "A letter."

    view = view_of(Desk(draft=draft))
    for press in (view.buttons["complain"], option(view, "approach", "repair"),
                  option(view, "timeline", "by next month")):  # fmt: skip
        logged = len(view.log)
        press.click()
        if press is not option(view, "timeline", "by next month"):
            until(lambda logged=logged: len(view.log) > logged)  # type: ignore[misc]
    assert at_work.wait(60)
    view.buttons["cancel"].click()
    until(lambda: "Busy" in view.log[-1])
    assert 'data-node="processing" data-state="running"' in view.svg
    go_on.set()
    until(lambda: "→ waiting" in view.log[-1])
