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


GAUGE = """
from agent_patterns.resilience import CircuitBreaker
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock
from courseware.widgets.resilience import BreakerGauge

clock = FakeClock()
breaker = CircuitBreaker("chat", failures=1, open_for=30, clock=clock)
gauge = BreakerGauge(breaker)
gauge
"""
REFUSED = """
breaker.trip("maintenance")
clock.now += 12
for _ in range(2):
    try:
        breaker.call(int)
    except CircuitOpenError:
        pass
"""


def test_the_gauge_follows_and_reads_again_when_asked(lab):
    notebook = lab.open([GAUGE, REFUSED, "clock.now += 18\nbreaker.call(int)"])
    notebook.run_cell(0)
    notebook.wait_text(0, "So far: closed")
    notebook.run_cell(1)
    notebook.wait_text(0, "So far: closed → open")
    notebook.click("What now?", 0)
    notebook.wait_text(0, "2 calls refused")
    notebook.wait_text(0, "the next call in 18 s is the probe")
    notebook.run_cell(2)
    notebook.wait_text(0, "So far: closed → open → half-open → closed")
    label = notebook.outputs(0).locator("svg[role=img]").get_attribute("aria-label")
    assert label == "Circuit breaker chat: closed"
