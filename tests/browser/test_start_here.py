"""Module 00 in real JupyterLab, as a learner goes through it."""

from __future__ import annotations

import nbformat
import pytest
from tests.browser.lab_harness import Lab, Notebook
from tests.browser.test_lessons_01_to_03 import nothing_serious

from courseware.lessons import exercise
from courseware.runtime.paths import NOTEBOOKS

NOTEBOOK = NOTEBOOKS / "00_start_here.ipynb"
CELLS = nbformat.read(NOTEBOOK, as_version=4).cells


def cell_with(text: str) -> int:
    """The number of the code cell that contains a text."""
    (number,) = (
        number
        for number, cell in enumerate(CELLS)
        if cell.cell_type == "code" and text in cell.source
    )
    return number


def write(notebook: Notebook, cell: int, source: str) -> None:
    """What typing into a cell comes to."""
    notebook.page.evaluate(
        "([cell, source]) => window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source)",
        [cell, source],
    )


@pytest.fixture
def lesson(lab: Lab) -> Notebook:
    notebook = lab.open(NOTEBOOK)
    notebook.run_all()
    return notebook


def test_run_all_goes_to_the_end_and_draws_the_graph(lesson: Notebook) -> None:
    codes = [number for number, cell in enumerate(CELLS) if cell.cell_type == "code"]
    assert [lesson.counts()[number] for number in codes] == list(range(1, len(codes) + 1))
    graph = cell_with("GraphView(graph")
    picture = lesson.outputs(graph).locator("svg").first
    picture.wait_for(state="visible")
    lesson.page.wait_for_function(  # the run is played back at a pace for people
        "() => [...document.querySelectorAll('.jp-OutputArea svg')]"
        ".some(svg => svg.textContent.split('[done]').length > 3)"
    )
    lesson.screenshot("module_00_graph", lesson.cell(graph))
    assert "ok    kernel" in lesson.output(cell_with("doctor.show()"))
    nothing_serious(lesson, "lesson_00")


def test_the_first_exercise_from_starter_to_progress(lesson: Notebook) -> None:
    one = exercise("00.1")
    answer, help_, table = (
        cell_with('exercise("00.1").check('),
        cell_with('# exercise("00.1")'),
        cell_with('show_progress("00")'),
    )
    assert "Not attempted yet" in lesson.output(answer)

    write(lesson, help_, 'exercise("00.1").hint()')
    lesson.run_cell(help_)
    lesson.wait_text(help_, "Hint 1 of 3")
    lesson.run_cell(help_)
    lesson.wait_text(help_, "Hint 2 of 3")

    check = 'exercise("00.1").check(add_total)'
    write(lesson, answer, f"def add_total(state):\n    while True:\n        pass\n\n{check}")
    lesson.run_cell(answer)
    lesson.wait_text(answer, "did not come back")

    write(lesson, answer, f"def add_total(state):\n    return state['price']\n\n{check}")
    lesson.run_cell(answer)
    lesson.wait_text(answer, "Not yet")
    lesson.screenshot("module_00_not_yet", lesson.cell(answer))

    write(lesson, answer, f"{one.solution_code}\n\n{check}")
    lesson.run_cell(answer)
    lesson.wait_text(answer, "Passed")
    lesson.screenshot("module_00_passed", lesson.cell(answer))

    assert "passed" not in lesson.output(table).partition("00.1")[2].partition("\n")[0]
    lesson.click("Read again", table)
    lesson.wait_text(table, "3 tries, 2 hints")
    lesson.screenshot("module_00_progress", lesson.cell(table))


def test_the_mermaid_picture_is_drawn_offline(lesson: Notebook) -> None:
    (number,) = (number for number, cell in enumerate(CELLS) if "```mermaid" in cell.source)
    picture = lesson.cell(number).locator("img[src^='data:image/svg'], svg[id^='jp-mermaid']")
    picture.first.wait_for(state="attached")
    lesson.screenshot("module_00_picture", lesson.cell(number))


def test_an_answer_to_a_prediction_is_folded_until_its_cell_is_run(lab: Lab) -> None:
    notebook = lab.open(NOTEBOOK)
    asked = cell_with("What are you?")
    plain = cell_with("doctor.show()")
    notebook.cell(plain).scroll_into_view_if_needed()  # JupyterLab draws what comes into view
    notebook.outputs(plain).wait_for(state="visible")
    notebook.cell(asked).scroll_into_view_if_needed()
    fold = notebook.cell(asked).locator(".jp-OutputPlaceholder")
    fold.wait_for(state="visible")
    assert fold.inner_text().strip() == ""
    assert not notebook.outputs(asked).is_visible()
    notebook.screenshot("module_00_prediction_folded")
    notebook.run_all()
    notebook.outputs(asked).wait_for(state="visible")
    assert notebook.output(asked).strip()
    notebook.cell(asked).scroll_into_view_if_needed()
    notebook.screenshot("module_00_prediction_run")
