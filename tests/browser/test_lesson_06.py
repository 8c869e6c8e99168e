"""Lesson 06 in real JupyterLab: workers really killed, and the plot of what ran again moved."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "06_surviving_crashes.ipynb"

SOURCES = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]


def cell(text: str) -> int:
    found = [number for number, source in enumerate(SOURCES) if text in source]
    assert len(found) == 1, (text, found)
    return found[0]


def picture(notebook: Notebook, number: int) -> str:
    return notebook.outputs(number).locator("svg").first.inner_html()


def test_the_card_is_charged_twice_and_then_once(lab):
    notebook = lab.open(NOTEBOOK)
    notebook.run_all(seconds=170)
    for number, source in enumerate(SOURCES):
        assert "Traceback" not in notebook.output(number), source
    disaster = notebook.output(cell('kill_and_continue(build_order, "charged")'))
    assert "took [1350, 1350] cents" in disaster
    prevented = notebook.output(cell("kill_and_continue(build_safe_order"))
    assert "asked 2 times and took [1350] cents" in prevented
    assert "took over from Ada" in notebook.output(cell("ada.kill()"))

    plot = cell("durability_slider(counts)")
    notebook.wait_text(plot, "killed inside charge")
    before = picture(notebook, plot)
    handle = notebook.outputs(plot).get_by_role("slider").first
    handle.focus()
    handle.press("ArrowRight")
    notebook.wait_text(plot, "killed inside pack")
    assert picture(notebook, plot) != before
    notebook.screenshot("lesson_06_durability", notebook.outputs(plot))
    notebook.theme("JupyterLab Dark")
    notebook.screenshot("lesson_06_dark", notebook.outputs(plot))
    nothing_serious(notebook, "lesson_06")
    assert notebook.errors == []
