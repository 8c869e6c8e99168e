"""Lesson 13 in real JupyterLab: the chart moves while calls run, and the threshold answers."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "13_parallel_work_and_caching.ipynb"

CHART = """
import asyncio
from courseware.widgets import GanttChart

chart = GanttChart("Two calls")
gate = asyncio.Event()


async def wait(name):
    await gate.wait()


watched = chart.watch("at once", wait)
calls = [asyncio.ensure_future(watched(name)) for name in ("Lisbon", "Oslo")]
await asyncio.sleep(0)
"""


def cell(text: str) -> int:
    sources = [one.source for one in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [number for number, source in enumerate(sources) if text in source]
    return found


def test_bars_grow_while_calls_run_and_stop_with_them(lab):
    notebook: Notebook = lab.open([CHART, "gate.set(); await asyncio.gather(*calls)", "chart"])
    notebook.run_cell(0, wait=False)
    notebook.wait_text(0, "Lisbon")
    bars = """() => [...document.querySelectorAll('.ap-panel svg rect')]
        .map(one => Number(one.getAttribute('width')))"""
    first = notebook.page.evaluate(bars)
    notebook.page.wait_for_function(
        f"(first) => JSON.stringify(({bars})()) !== JSON.stringify(first)", arg=first
    )
    assert "ideal" not in notebook.output(0)
    notebook.screenshot("lesson_13_chart_running", notebook.outputs(0))
    notebook.run_cell(1)
    notebook.wait_text(0, "ideal")
    assert "…" not in notebook.output(0)
    assert notebook.errors == []


def test_the_lesson_runs_in_one_go_and_its_pictures_answer(lab):
    notebook: Notebook = lab.open(NOTEBOOK)
    notebook.run_all(seconds=170)
    for number, one in enumerate(nbformat.read(NOTEBOOK, 4).cells):
        if one.cell_type == "code":
            assert "Traceback" not in notebook.output(number), one.source
    chart = cell('GanttChart("Five stations")')
    notebook.wait_text(chart, "ideal")
    notebook.screenshot("lesson_13_five_stations", notebook.outputs(chart))
    threshold = cell("slider_plot(\n")
    notebook.wait_text(threshold, "with guard")
    handle = notebook.outputs(threshold).get_by_role("slider").first
    handle.focus()
    before = notebook.outputs(threshold).locator("svg circle").first.get_attribute("cx")
    for _ in range(10):
        handle.press("ArrowRight")
    moved = "(before) => document.querySelectorAll('svg circle')[0].getAttribute('cx') !== before"
    notebook.page.wait_for_function(moved, arg=before)
    notebook.screenshot("lesson_13_threshold", notebook.outputs(threshold))
    nothing_serious(notebook, "lesson_13")
    notebook.screenshot("lesson_13_limits_dark", notebook.outputs(cell('GanttChart("Limits")')))
    assert notebook.errors == []
