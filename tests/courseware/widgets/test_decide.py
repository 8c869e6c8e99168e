"""`decide` with nobody there, and with somebody who presses."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from tests.courseware.widgets.waiting_desk import REQUEST, Desk, buttons

from agent_patterns.approval.protocol import approve, edit, reject, respond
from courseware.widgets import (
    ApprovalPanel,
    GraphView,
    NoCheckpointer,
    ScriptExhausted,
    WaitingStopped,
    decide,
)
from courseware.widgets import decide as decide_function
from courseware.widgets.approval import _panels


async def test_the_script_is_pressed_and_the_text_says_so(capsys):
    desk = Desk(REQUEST).start()
    state = await decide(desk.graph, desk.config, script=[reject("too much")])
    assert state == {"answer": reject("too much")}
    assert capsys.readouterr().out == (
        "Waits for a decision, thread t-1:\n"
        "  refund\n"
        "      order     A-1042\n"
        "      amount    129.0\n"
        "      count     1\n"
        "      express   False\n"
        "      asked by  billing agent\n"
        "      reason    above the limit\n"
        '  Scripted decision: rejected: "too much"\n'
        "  Ran ask, act. The run is finished.\n"
    )


async def test_a_scripted_decision_that_is_refused_is_followed_by_the_next(capsys):
    desk = Desk(REQUEST).start()
    wrong = edit("refund", {**REQUEST["args"], "count": "many"})
    await decide(desk.graph, desk.config, script=[wrong, approve()])
    out = capsys.readouterr().out
    assert "not taken. Not accepted: count: 'many' is not a whole number." in out
    assert desk.acted == [approve()]


async def test_an_exhausted_script_names_what_waits():
    desk = Desk(REQUEST).start()
    with pytest.raises(ScriptExhausted, match="no decision left for 'refund' in thread 't-1'"):
        await decide(desk.graph, desk.config)
    assert desk.acted == []


async def test_what_was_not_needed_is_said(capsys):
    desk = Desk("Colour?").start()
    await decide(desk.graph, desk.config, script=["blue", respond("red")])
    assert "1 scripted decision was not needed." in capsys.readouterr().out
    assert desk.acted == ["blue"]


async def test_an_error_of_the_graph_is_raised():
    def act(_state):
        raise ValueError("no printer")

    desk = Desk(REQUEST, act=act).start()
    with pytest.raises(ValueError, match="no printer"):
        await decide(desk.graph, desk.config, script=[approve()])


async def test_a_finished_thread_gives_its_state(capsys):
    desk = Desk("Colour?").start()
    await decide(desk.graph, desk.config, script=["blue"])
    capsys.readouterr()
    assert await decide(desk.graph, desk.config) == {"answer": "blue"}
    assert "Nothing waits for a decision" in capsys.readouterr().out


async def test_no_checkpointer():
    desk = Desk(REQUEST)
    desk.graph.checkpointer = None
    with pytest.raises(NoCheckpointer, match="compile it with one"):
        await decide(desk.graph, desk.config)


async def test_the_view_follows(capsys):
    desk = Desk(REQUEST)
    view = GraphView(desk.graph)
    view.run({}, desk.config)
    assert view.states == {"ask": "waiting", "act": "idle"}
    await decide(desk.graph, desk.config, script=[approve()], view=view)
    assert view.states == {"ask": "done", "act": "done"}
    assert "ask -> act  [done]" in capsys.readouterr().out


@pytest.fixture
def _attended(monkeypatch):
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")


async def _waiting_panel(desk):
    before = set(_panels)
    task = asyncio.ensure_future(decide_function(desk.graph, desk.config))
    while not (made := [p for p in _panels if p not in before and p._driver is not None]):
        await asyncio.sleep(0)
    return task, made[0]


@pytest.mark.usefixtures("_attended")
async def test_a_human_is_waited_for():
    desk = Desk(REQUEST).start()
    task, panel = await _waiting_panel(desk)
    (button,) = buttons(panel.widget, "Approve")
    button.click()
    button.click()
    assert await task == {"answer": approve()}
    assert desk.acted == [approve()]


@pytest.mark.usefixtures("_attended")
async def test_a_click_from_another_thread_arrives():
    desk = Desk(REQUEST).start()
    task, panel = await _waiting_panel(desk)
    (button,) = buttons(panel.widget, "Approve")
    await asyncio.get_running_loop().run_in_executor(None, button.click)
    assert await task == {"answer": approve()}


@pytest.mark.usefixtures("_attended")
async def test_a_waiting_cell_ends_when_another_panel_has_decided():
    desk = Desk(REQUEST).start()
    task, panel = await _waiting_panel(desk)
    other = ApprovalPanel(desk.graph, desk.config)
    assert other.press(other.waiting[0], reject("no receipt"))
    assert await task == {"answer": reject("no receipt")}
    assert desk.acted == [reject("no receipt")]
    assert "Decided elsewhere" in panel.text()


@pytest.mark.usefixtures("_attended")
async def test_a_press_just_before_another_panel_decides_is_too_late():
    desk = Desk(REQUEST).start()
    task, panel = await _waiting_panel(desk)
    other = ApprovalPanel(desk.graph, desk.config)
    assert panel.press(panel.waiting[0], approve())
    assert other.press(other.waiting[0], reject("no receipt"))
    assert await task == {"answer": reject("no receipt")}
    assert desk.acted == [reject("no receipt")]
    assert "Nothing was executed" in panel.text()


@pytest.mark.usefixtures("_attended")
async def test_stopping_leaves_the_decision_open():
    desk = Desk(REQUEST).start()
    task, panel = await _waiting_panel(desk)
    task.cancel()
    with pytest.raises(WaitingStopped, match="nothing was decided"):
        await task
    (button,) = buttons(panel.widget, "Approve")
    button.click()
    assert desk.acted == []
    assert "Run the cell again" in panel.text()
    again, fresh = await _waiting_panel(desk)
    (button,) = buttons(fresh.widget, "Approve")
    button.click()
    assert await again == {"answer": approve()}


@pytest.mark.usefixtures("_attended")
async def test_a_waiting_cell_hears_of_a_decision_made_in_another_process(tmp_path):
    def desk():
        connection = sqlite3.connect(tmp_path / "desk.sqlite", check_same_thread=False)
        return Desk(REQUEST, checkpointer=SqliteSaver(connection))

    here, elsewhere = desk().start(), desk()
    task, panel = await _waiting_panel(here)
    (waiting,) = elsewhere.graph.get_state(here.config).interrupts
    elsewhere.graph.invoke(Command(resume={waiting.id: reject("no")}), here.config)
    assert await asyncio.wait_for(task, 20) == {"answer": reject("no")}
    assert here.acted == []
    assert "Decided elsewhere" in panel.text()
