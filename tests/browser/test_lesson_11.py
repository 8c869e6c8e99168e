"""Lesson 11 in real JupyterLab: Run All, the slider under the keyboard, both themes."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

from courseware.lessons import exercise

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
    for number in ("11.1", "11.2", "11.3"):
        assert "Not attempted yet" in notebook.output(cell_with(f'exercise("{number}").check'))
    _beats_one_agent(notebook)
    nothing_serious(notebook, "lesson_11")


def _beats_one_agent(notebook: Notebook) -> None:
    """Solve 11.3 in the notebook, with the names that the page's cells have defined."""
    cell = cell_with('exercise("11.3").check')
    answer = f'{exercise("11.3").solution_code}\n\nexercise("11.3").check(my_team, my_points, llm)'
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [cell, answer],
    )
    notebook.run_cell(cell, seconds=180)
    notebook.wait_text(cell, "passed", 180)
    notebook.screenshot("lesson_11_exercise_passed", notebook.outputs(cell))
