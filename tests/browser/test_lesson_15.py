"""Lesson 15 in real JupyterLab: the machine is played, corrected, broken and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import expect
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "15_state_machines.ipynb"


def cell(text: str) -> int:
    sources = [one.source for one in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [number for number, source in enumerate(sources) if text in source]
    return found


def lit(notebook: Notebook, number: int, state: str, look: str) -> None:
    """Wait until a state of the drawn table is lit up."""
    place = f'svg [data-node="{state}"][data-state="{look}"]'
    expect(notebook.outputs(number).locator(place)).to_have_count(1, timeout=30_000)


def test_the_machine_is_played(lab: Any) -> None:
    notebook: Notebook = lab.open(NOTEBOOK)
    notebook.run_all(seconds=170)
    for number, one in enumerate(nbformat.read(NOTEBOOK, 4).cells):
        if one.cell_type == "code":
            assert "Traceback" not in notebook.output(number), one.source
    assert notebook.page.locator(".jp-MarkdownOutput .jp-RenderedMermaid").count() >= 1

    playing = cell("view.play()")
    lit(notebook, playing, "idle", "here")
    notebook.click("approve", playing)  # impossible, and says so
    notebook.wait_text(playing, "'approve' is not possible in 'idle'. Possible: complain.")
    notebook.field("complain", playing).fill("The cap is cracked.")
    notebook.click("complain", playing)
    notebook.wait_text(playing, "Which approach do you prefer?")
    notebook.click("repair", playing)
    notebook.wait_text(playing, "Which timeline do you prefer?")
    notebook.click("refund", playing)
    notebook.wait_text(playing, "correct approach: refund → listening")
    lit(notebook, playing, "listening", "waiting")
    notebook.screenshot("lesson_15_listening", notebook.outputs(playing))

    notebook.outputs(playing).get_by_label("the model is down").check()
    notebook.click("this week", playing)
    notebook.wait_text(playing, "→ error:")
    lit(notebook, playing, "error", "failed")
    notebook.click("retry", playing)  # it is still down
    notebook.wait_text(playing, "retry → error:")
    notebook.outputs(playing).get_by_label("the model is down").uncheck()
    notebook.click("retry", playing)
    notebook.wait_text(playing, "Send this letter?")
    lit(notebook, playing, "waiting", "waiting")
    nothing_serious(notebook, "lesson_15")
    notebook.screenshot("lesson_15_waiting_dark", notebook.outputs(playing))
    notebook.click("approve", playing)
    notebook.wait_text(playing, "approve → idle")
    assert notebook.errors == []
