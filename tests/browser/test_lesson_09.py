"""Lesson 09 in real JupyterLab: the rules compared, the incident run, the gauge watched."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = (
    Path(__file__).resolve().parents[2] / "notebooks" / "09_circuit_breakers_and_fallbacks.ipynb"
)


def cell_with(text: str) -> int:
    """The place of the first code cell that contains `text`."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return next(
        place
        for place, cell in enumerate(cells)
        if cell.cell_type == "code" and text in cell.source
    )


def test_the_whole_lesson(lab):
    notebook = lab.open(NOTEBOOK, height=1000)
    notebook.run_all(seconds=180)
    errors = notebook.page.locator(
        ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
    )
    assert errors.count() == 0

    rules = cell_with('label="A breaker\'s state over time"')
    svg = notebook.outputs(rules).locator("svg[role=img]").element_handle()
    before = svg.inner_html()
    notebook.field("spread", rules).select_option(label="at random")
    notebook.page.wait_for_function(
        "([svg, before]) => svg.innerHTML !== before || !svg.isConnected", arg=[svg, before]
    )
    notebook.screenshot("lesson_09_rules", notebook.outputs(rules))

    place = cell_with("incident = Incident(")
    notebook.click("Start", place)
    notebook.click("503 unavailable", place)
    notebook.wait_text(place, "because 3 failures in a row")
    notebook.click("All is well", place)
    notebook.wait_text(place, "chat: closed")
    notebook.screenshot("lesson_09_incident", notebook.outputs(place))
    notebook.click("Pause", place)
    nothing_serious(notebook, "lesson_09")
