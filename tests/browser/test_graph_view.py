"""The graph view in real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

TEAM = """
import threading
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from courseware.widgets import GraphView

go_on = threading.Event()


class State(TypedDict, total=False):
    text: str


def wait(state):
    go_on.wait(30)
    return {}


def fail(state):
    raise ValueError("no printer")


inner = StateGraph(State)
inner.add_node("search", lambda state: {})
inner.add_node("read", wait)
inner.add_edge(START, "search")
inner.add_edge("search", "read")
inner.add_edge("read", END)

builder = StateGraph(State)
builder.add_node("plan", lambda state: {})
builder.add_node("research", inner.compile())
builder.add_node("print", fail)
builder.add_edge(START, "plan")
builder.add_edge("plan", "research")
builder.add_edge("research", "print")
builder.add_edge("print", END)
view = GraphView(builder.compile())
"""


def node(notebook, cell, name):
    return notebook.outputs(cell).locator(f'g[data-node="{name}"]')


def test_nodes_light_up_while_the_run_goes_on(lab):
    notebook = lab.open([TEAM, "view", "threading.Timer(3, go_on.set).start()\nview.run({})"])
    notebook.run_all(wait=False)
    running = notebook.outputs(1).locator('g[data-node="research/read"][data-state="running"]')
    running.wait_for()
    expect(node(notebook, 1, "plan")).to_have_attribute("data-state", "done")
    expect(node(notebook, 1, "research/search")).to_have_attribute("data-state", "done")
    notebook.screenshot("graph_view_running", notebook.outputs(1))
    notebook.wait_idle()
    expect(node(notebook, 1, "print")).to_have_attribute("data-state", "failed")
    assert "no printer" in notebook.output(2)
    notebook.screenshot("graph_view_failed", notebook.outputs(1))
    notebook.theme("JupyterLab Dark")
    notebook.screenshot("graph_view_dark", notebook.outputs(1))


CHAIN = """
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from courseware.widgets import GraphView


class State(TypedDict, total=False):
    text: str


builder = StateGraph(State)
previous = START
for name in ("read", "answer", "send"):
    builder.add_node(name, lambda state: {})
    builder.add_edge(previous, name)
    previous = name
builder.add_edge(previous, END)
view = GraphView(builder.compile())
"""


def test_a_run_of_a_few_milliseconds_can_be_followed_and_replayed(lab):
    notebook = lab.open([CHAIN, "view", "_ = view.run({})"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.page.evaluate(
        """() => { window.seen = {};
          const look = () => {
            document.querySelectorAll('g[data-state="running"]').forEach(node => {
              window.seen[node.dataset.node] = (window.seen[node.dataset.node] ?? 0) + 1; });
            requestAnimationFrame(look); };
          look(); }"""
    )
    notebook.run_cell(2)
    node(notebook, 1, "send").and_(notebook.page.locator('[data-state="done"]')).wait_for()
    seen = notebook.page.evaluate("() => window.seen")
    assert list(seen) == ["read", "answer", "send"]
    assert min(seen.values()) >= 4, "animation frames in which each node was seen running"
    handle = notebook.outputs(1).get_by_role("slider")
    handle.wait_for()
    handle.focus()
    notebook.page.keyboard.press("Home")
    notebook.outputs(1).locator('g[data-node="read"][data-state="idle"]').wait_for()
    notebook.page.keyboard.press("ArrowRight")
    notebook.outputs(1).locator('g[data-node="read"][data-state="running"]').wait_for()
    notebook.screenshot("graph_view_replay", notebook.outputs(1))
