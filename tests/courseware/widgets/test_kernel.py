"""The panel in a real kernel, pressed by the messages that a front end sends."""

from __future__ import annotations

import pytest
from benchmarks import panel as bench
from benchmarks.panel import SETUP, kernel

HUMAN = """
import os
os.environ["AGENT_PATTERNS_UNATTENDED"] = "0"
from courseware.widgets import decide
"""


@pytest.fixture(scope="module")
def running():
    with kernel() as started:
        started.run(SETUP + HUMAN)
        yield started


@pytest.mark.slow
def test_a_double_click_over_the_wire_acts_once(running):
    running.run("config = waiting('double'); panel = ApprovalPanel(graph, config)")
    button = running.buttons("Approve")[-1]
    running.press(button)
    running.settle(running.press(button))
    running.run(
        "steps = [s.metadata['step'] for s in graph.get_state_history(config)]\n"
        "assert steps == [1, 0, -1], steps"
    )


@pytest.mark.slow
def test_a_cell_that_waits_is_answered_by_a_click(running):
    running.run("config = waiting('cell')")
    before = len(running.buttons("Approve"))
    request = running._client.execute("state = await decide(graph, config)")
    while len(running.buttons("Approve")) == before:
        running.next()
    running.press(running.buttons("Approve")[-1])
    running.settle(request)
    running.run("assert state == {'answer': {'type': 'approve'}}, state")


def _run_cell(running, code):
    """Send what JupyterLab sends for a cell, its id included."""
    client = running._client
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    message = client.session.msg("execute_request", content, metadata={"cellId": "cell-7"})
    client.shell_channel.send(message)
    return message["header"]["msg_id"]


@pytest.mark.slow
def test_a_waiting_cell_that_is_run_again_shows_its_panel_at_once(running):
    running.run("config = waiting('again')")
    before = len(running.buttons("Approve"))
    code = "state = await decide(graph, config)"
    first = _run_cell(running, code)
    while len(running.buttons("Approve")) == before:
        running.next()
    second = _run_cell(running, code)
    while True:
        message = running.next()
        again = message["parent_header"].get("msg_id") == second
        if again and message["msg_type"] == "display_data":
            break
    assert "application/vnd.jupyter.widget-view+json" in message["content"]["data"]
    running.press(running.buttons("Approve")[-1])
    running.settle(first)
    running.settle(second)
    running.run("assert state == {'answer': {'type': 'approve'}}, state")


@pytest.mark.slow
def test_the_bench_yields_ratios():
    figures = bench.run(quick=True)
    assert len(figures) == 2
    assert all(0 < figure.value < 1000 for figure in figures)


SHARED = """
import sqlite3
import time
from pathlib import Path
from langgraph.checkpoint.sqlite import SqliteSaver

folder = Path({folder!r})

def act(state):
    with (folder / "acted.txt").open("a", encoding="utf-8") as file:
        file.write("once\\n")
    return {{}}

builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_node("act", act)
builder.add_edge(START, "ask")
builder.add_edge("ask", "act")
builder.add_edge("act", END)
connection = sqlite3.connect(folder / "desk.sqlite", check_same_thread=False)
graph = builder.compile(checkpointer=SqliteSaver(connection))
"""


@pytest.mark.slow
def test_two_kernels_on_one_file_act_once(tmp_path):
    setup = SETUP + SHARED.format(folder=str(tmp_path))
    with kernel() as one, kernel() as two:
        one.run(setup + "names = [f't{n}' for n in range(10)]\n[waiting(n) for n in names]")
        panels = (
            "panels = [ApprovalPanel(graph, {'configurable': {'thread_id': f't{n}'}})"
            " for n in range(10)]"
        )
        one.run(panels)
        two.run(setup + panels)
        pairs = zip(one.buttons("Approve"), two.buttons("Approve"), strict=True)
        for first, second in pairs:
            sent = one.press(first), two.press(second)
            one.settle(sent[0])
            two.settle(sent[1])
        told = "assert all('Approved' in t or 'Nothing was executed' in t for t in texts), texts"
        for running in (one, two):
            running.run(
                "texts = [p.text().replace('approved', 'Approved') for p in panels]\n" + told
            )
    assert (tmp_path / "acted.txt").read_text("utf-8").splitlines() == ["once"] * 10
