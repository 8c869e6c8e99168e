"""Lesson 10 in real JupyterLab: Run All, the transcript's eyes, an exercise."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.browser.lab_harness import Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "10_supervised_team.ipynb"


def cell_with(text: str) -> int:
    """The one cell whose source holds `text`."""
    sources = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]
    found = [place for place, source in enumerate(sources) if text in source]
    assert len(found) == 1, (text, found)
    return found[0]


@pytest.fixture
def notebook(lab) -> Notebook:
    return lab.open(NOTEBOOK)


def test_a_learner_runs_the_whole_lesson(notebook: Notebook) -> None:
    notebook.run_all(wait=False)
    talk = cell_with('TranscriptView(help_page["turns"]')
    notebook.wait_text(talk, f"Seen by everybody: {_stored_messages(talk)}", 120)
    notebook.wait_idle(120)
    area = notebook.outputs(talk)
    area.get_by_label("Seen by", exact=True).select_option("writer")
    notebook.wait_text(talk, "Seen by writer: ")
    assert "researcher →" not in notebook.output(talk)
    notebook.screenshot("lesson_10_transcript", area)
    for number in ("10.1", "10.2", "10.3"):
        assert "Not attempted yet" in notebook.output(cell_with(f'exercise("{number}").check'))
    raised = notebook.page.locator(".jp-Notebook [data-mime-type*='stderr']").all_text_contents()
    assert raised == []
    nothing_serious(notebook, "lesson_10")


def test_an_exercise_is_solved_in_the_notebook(notebook: Notebook) -> None:
    from courseware.lessons import exercise

    cell = cell_with('exercise("10.1").check')
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [
            cell,
            "from courseware import exercise\n\n"
            + exercise("10.1").solution_code
            + '\n\nexercise("10.1").check(visible_to)',
        ],
    )
    notebook.run_cell(cell)
    notebook.wait_text(cell, "passed")
    notebook.screenshot("lesson_10_exercise_passed", notebook.outputs(cell))


def _stored_messages(talk: int) -> str:
    """How many messages the stored transcript counts: ``22 messages``."""
    shown = nbformat.read(NOTEBOOK, 4).cells[talk].outputs[0]["data"]["text/plain"]
    return shown.splitlines()[-1].split(",")[0].strip()
