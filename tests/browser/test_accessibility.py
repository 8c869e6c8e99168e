"""axe-core on every widget, in both themes: nothing serious."""

from __future__ import annotations

import pytest

SETUP = """
import tempfile
from typing import TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agent_patterns.approval import ApprovalDesk, approve
from agent_patterns.resilience import CircuitBreaker, Link, Policy
from agent_patterns.teams.turns import Usage, turn
from courseware import connect
from courseware.lessons.state_machines.care import SLOTS, care_machine
from courseware.widgets import ApprovalPanel, CheckpointExplorer, GraphView, slider_plot
from courseware.widgets import MachineView
from courseware.widgets.desk import DeskView
from courseware.widgets.faults import FaultPanel
from courseware.widgets.incident import Incident
from courseware.widgets.transcript import TranscriptView

server = connect().practice


class State(TypedDict, total=False):
    answer: dict


PAYLOADS = {
    "refund": {
        "action": "refund",
        "args": {"order": "A-1042", "amount": "129.00", "express": False},
        "facts": {"amount": {"paid": "12.90"}},
        "args_schema": {"properties": {"amount": {"type": "string", "maximum": 12.90}}},
    },
    "shelf": {"question": "Which shelf?", "options": ["left", "right"]},
    "parcel": {"question": "Where to?", "fields": {"street": "", "count": 1, "size": ["S", "L"]}},
    "draft": {"draft": "Dear Ada"},
}


def panel(name):
    builder = StateGraph(State)
    builder.add_node("ask", lambda state: {"answer": interrupt(PAYLOADS[name])})
    builder.add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": name}}
    graph.invoke({}, config)
    return graph, config


def policy(clock):
    return Policy("chat", breaker=CircuitBreaker("chat", clock=clock),
                  fallbacks=[Link("cache", lambda: "yesterday's", instant=True)], clock=clock)


desk = ApprovalDesk(
    tempfile.mkdtemp() + "/desk.sqlite", expires_after=300,
    chains={"refund": ["billing", "security"]},
    people={"Ines": ["billing"], "Tomás": ["security"]},
)
for order in ("A-1042", "A-1043"):
    desk.submit({"action": "refund", "args": {"order": order, "amount": "12.90"}})
desk.decide("A-1", approve(), by="Ines")

turns = [turn("user", "writer", "Write a page.", "task"),
         turn("writer", "user", "# A page\\n\\nIt leaves **today**. " * 9, usage=Usage(1, 90, 9))]
graph, config = panel("refund")
care = care_machine(lambda data: ("drafted", "A letter."), lambda data: "sent")
chat = care.compile(InMemorySaver())
care.session(chat, "clara").send("complain", "My pen leaks.")
"""
WIDGETS = [
    "ApprovalPanel(graph, config)",
    'ApprovalPanel(*panel("shelf"))',
    'ApprovalPanel(*panel("parcel"))',
    'ApprovalPanel(*panel("draft"))',
    "GraphView(graph)",
    "CheckpointExplorer(graph, config)",
    "slider_plot(lambda a: \"<svg role='img' aria-label='A'></svg>\", a=(0, 9, 1))",
    "FaultPanel(server, ask=lambda: 1)",
    'Incident(server, lambda: "hello", policy)',
    'MachineView(care, chat, "clara", slots=SLOTS, values={"complain": "It leaks."},'
    ' switches={"the model is down": print})',
    "TranscriptView(turns)",
    'DeskView(desk, docs="http://127.0.0.1:9/docs")',
]


@pytest.fixture
def notebook(lab):
    opened = lab.open([SETUP, *WIDGETS], width=1180, height=1000)
    opened.run_all()
    opened.outputs(len(WIDGETS)).locator(".ap-panel").wait_for()
    opened.click("Edit…", 1)
    opened.field("amount", 1).wait_for()
    opened.fill("amount", "999", 1)
    opened.click("Approve with changes", 1)
    opened.wait_text(1, "999 is more than the maximum")
    opened.click("left", 2)
    opened.wait_text(2, "Answered")
    return opened


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(notebook, theme):
    notebook.theme(theme)
    serious = notebook.serious(".ap-panel")
    for place in (4, 7, len(WIDGETS) - 1, len(WIDGETS)):
        notebook.screenshot(f"axe_{theme.split()[1]}_{place}", notebook.outputs(place))
    assert serious == []


def test_the_keyboard_alone_decides_at_the_desk(notebook):
    desk = notebook.outputs(len(WIDGETS))
    approve = desk.get_by_role("button", name="Approve", exact=True).first
    approve.focus()
    notebook.page.keyboard.press("Enter")
    desk.get_by_text("now waits for security").wait_for()
    desk.get_by_role("button", name="Pause").focus()
    notebook.page.keyboard.press("Tab")
    assert notebook.page.evaluate("() => document.activeElement.href") == "http://127.0.0.1:9/docs"
