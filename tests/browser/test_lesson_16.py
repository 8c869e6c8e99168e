"""Lesson 16 in real JupyterLab: the recall plot answers to its sliders, in both themes."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import expect
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "16_long_term_memory.ipynb"


def cell(text: str) -> int:
    sources = [one.source for one in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [number for number, source in enumerate(sources) if text in source]
    return found


def test_the_lesson_runs_in_one_go_and_its_plot_answers(lab):
    notebook: Notebook = lab.open(NOTEBOOK)
    notebook.run_all(seconds=170)
    for number, one in enumerate(nbformat.read(NOTEBOOK, 4).cells):
        if one.cell_type == "code":
            assert "Traceback" not in notebook.output(number), one.source
    graph = cell("GraphView(writer.graph)")
    expect(notebook.outputs(graph).locator("svg text", has_text="extract")).to_be_visible()
    notebook.screenshot("lesson_16_writer", notebook.outputs(graph))
    plot = cell("recall_plot(embeddings")
    notebook.wait_text(plot, "recall by k, threshold 0.30")
    notebook.screenshot("lesson_16_recall", notebook.outputs(plot))
    k, threshold = notebook.outputs(plot).get_by_role("slider").all()
    k.focus()
    k.press("ArrowRight")
    notebook.wait_text(plot, "by threshold, k = 4")
    threshold.focus()
    for _ in range(5):
        threshold.press("ArrowRight")
    notebook.wait_text(plot, "recall by k, threshold 0.40")
    notebook.wait_text(plot, "silent if there is no answer: 100%")
    nothing_serious(notebook, "lesson_16")
    notebook.screenshot("lesson_16_recall_dark", notebook.outputs(plot))
    assert notebook.errors == []
