"""Lesson 11 in real JupyterLab: Run All, and the slider under the keyboard."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.browser.lab_harness import Notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "11_team_shapes.ipynb"


def cell_with(text: str) -> int:
    """The one cell whose source holds `text`."""
    sources = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]
    (found,) = [place for place, source in enumerate(sources) if text in source]
    return found


@pytest.fixture
def notebook(lab) -> Notebook:
    return lab.open(NOTEBOOK)


def test_a_learner_runs_the_whole_lesson(notebook: Notebook) -> None:
    notebook.run_all(wait=False)
    plot = cell_with("difficulty_plot(llm)")
    notebook.outputs(plot).get_by_role("slider").first.wait_for(timeout=180_000)
    notebook.wait_idle(180)
    before = notebook.outputs(plot).locator("svg").first.inner_html()
    slider = notebook.outputs(plot).get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    notebook.wait_text(plot, "6 points")
    assert notebook.outputs(plot).locator("svg").first.inner_html() != before
    notebook.screenshot("lesson_11_difficulty", notebook.outputs(plot))
    for number in ("11.1", "11.2"):
        assert "Not attempted yet" in notebook.output(cell_with(f'exercise("{number}").check'))
