"""Lesson 12 in real JupyterLab: the panel inside a subgraph pressed, the explorer's choice made."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import expect
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "12_subgraphs.ipynb"


def cell(text: str) -> int:
    sources = [one.source for one in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [number for number, source in enumerate(sources) if text in source]
    return found


def test_the_panel_inside_a_subgraph_is_pressed_and_its_checkpoints_are_looked_into(lab):
    notebook: Notebook = lab.open(NOTEBOOK)
    notebook.run_all(wait=False)
    deciding = cell("await decide(responder")
    notebook.wait_text(deciding, "use_sources", seconds=120)
    view = cell("view = GraphView(responder)")
    described = notebook.outputs(view).locator("svg desc").first
    expect(described).to_contain_text("waits for a human", timeout=30_000)  # it plays the run back
    notebook.screenshot("lesson_12_waiting", notebook.outputs(deciding))
    notebook.click("Edit…", deciding)
    notebook.fill("sources", "ship-01\nnope-01", deciding)
    notebook.click("Approve with changes", deciding)
    notebook.wait_text(deciding, "'nope-01' is not one of")
    notebook.click("Cancel", deciding)
    notebook.click("Approve", deciding)
    notebook.wait_text(deciding, "searches: 1 readings: 2")
    notebook.wait_idle(120)
    assert "sources: ['ship-01', 'ret-01']" in notebook.output(deciding)

    explorer = cell("explorer.look_into(")
    notebook.wait_text(explorer, "Checkpoint 4: after sum_up")
    notebook.field("Look into", explorer).select_option("the graph itself")
    notebook.wait_text(explorer, "after research")
    notebook.field("Look into", explorer).select_option("research, call 1")
    notebook.wait_text(explorer, "Checkpoint 4: after sum_up")
    notebook.outputs(explorer).locator("summary").first.press("Enter")
    notebook.wait_text(explorer, "Marlow & Finch ships from its warehouse")
    notebook.screenshot("lesson_12_explorer", notebook.outputs(explorer))

    memory = cell("slider_plot(")
    handle = notebook.outputs(memory).get_by_role("slider").last
    handle.focus()
    handle.press("ArrowLeft")
    notebook.wait_text(memory, "4: thread 1")
    nothing_serious(notebook, "lesson_12")
    notebook.screenshot("lesson_12_memory_dark", notebook.outputs(memory))
    assert notebook.errors == []
