"""Lesson 14 in real JupyterLab: the stop button pressed while the cell runs, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "14_streaming_and_async.ipynb"


def cell(text: str) -> int:
    sources = [one.source for one in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [number for number, source in enumerate(sources) if text in source]
    return found


def test_stop_is_pressed_in_the_middle_of_run_all_and_the_run_is_resumed(lab):
    notebook: Notebook = lab.open(NOTEBOOK)
    notebook.run_all(wait=False)
    showing = cell("stop_after=8")
    notebook.wait_text(showing, "Running in node write", seconds=120)
    assert "[*]" in notebook.prompt(showing)
    notebook.screenshot("lesson_14_streaming", notebook.outputs(showing))
    notebook.click("Stop", showing)
    notebook.wait_text(showing, "Stopped:")
    notebook.wait_text(showing, "sent: 0 next: ('write',)")
    assert notebook.button("Stop", showing).is_disabled()
    notebook.wait_idle(170)
    assert "sent: 1" in notebook.output(cell('print(*part["data"])'))
    for number, one in enumerate(nbformat.read(NOTEBOOK, 4).cells):
        if one.cell_type == "code":
            assert "Traceback" not in notebook.output(number), one.source

    library = cell('title="Library"')
    notebook.wait_text(library, "Reading: 6 of 6, done")
    assert "token" not in notebook.output(library)
    waits = cell("first_token.waits_picture(waits)")
    handle = notebook.outputs(waits).get_by_role("slider").first
    handle.focus()
    handle.press("ArrowLeft")
    nothing_serious(notebook, "lesson_14")
    notebook.screenshot("lesson_14_waits_dark", notebook.outputs(waits))
    assert notebook.errors == []


def test_the_toolbars_stop_ends_the_cell_and_the_run(lab):
    notebook: Notebook = lab.open(
        [
            """
import asyncio
from langgraph.graph import START, StateGraph
from agent_patterns.streaming import RunStream
from courseware.widgets import show_tokens

ended = []


async def wait(state):
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("the node")

graph = StateGraph(dict).add_node("wait", wait).add_edge(START, "wait").compile()
await show_tokens(RunStream(graph, {}))
""",
            "print('ended:', ended)",
        ]
    )
    notebook.run_cell(0, wait=False)
    notebook.button("Stop", 0).wait_for(state="visible")
    notebook.interrupt()
    notebook.wait_idle()
    notebook.run_cell(1)
    notebook.wait_text(1, "ended: ['the node']")
