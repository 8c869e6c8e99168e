"""Module 10 in real JupyterLab: Run All, the slider, the transcript's eyes, an exercise."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.browser.lab_harness import Notebook

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


def test_a_learner_runs_the_whole_module(notebook: Notebook) -> None:
    notebook.run_all(wait=False)
    talk = cell_with('TranscriptView(help_page["turns"], title="The help page")')
    notebook.wait_text(talk, f"Seen by everybody: {_stored_messages(talk)}", 120)
    assert "The help page" in notebook.output(talk)
    times = cell_with("wall_time_plot(compare(")
    notebook.outputs(times).locator("svg, img").first.wait_for(timeout=120_000)
    notebook.wait_idle(120)

    graph = cell_with("GraphView(team).run")
    drawn = notebook.outputs(graph).locator("svg").first.text_content() or ""
    for name in ("supervisor", "researcher", "writer", "reviewer", "tools"):
        assert name in drawn
    notebook.screenshot("module_06_team_at_work", notebook.outputs(graph))

    assert "running" not in drawn
    area = notebook.outputs(talk)
    area.get_by_label("Seen by", exact=True).select_option("writer")
    notebook.wait_text(talk, "Seen by writer: ")
    assert "researcher →" not in notebook.output(talk)
    notebook.screenshot("module_06_transcript", area)

    diagram = cell_with('sequence_diagram(help_page["turns"])')
    notebook.outputs(diagram).locator("svg, img").first.wait_for()
    notebook.screenshot("module_06_sequence", notebook.outputs(diagram))

    drawn_edges = notebook.outputs(graph).locator("svg path[style*='stroke-width:2.2']")
    assert drawn_edges.count() >= 4, "the supervisor's decisions are drawn as taken"

    plot = _plot_cell()
    assert notebook.outputs(plot).get_by_role("progressbar").count() == 0
    before = notebook.outputs(plot).locator("svg").first.inner_html()
    slider = notebook.outputs(plot).get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    notebook.page.wait_for_function(
        "([cell, before]) => document.querySelectorAll('.jp-Notebook .jp-Cell')[cell]"
        ".querySelector('.jp-OutputArea svg').innerHTML !== before",
        arg=[plot, before],
    )
    notebook.wait_text(plot, "6 points")
    notebook.screenshot("module_06_difficulty", notebook.outputs(plot))
    notebook.outputs(plot).get_by_role("checkbox").check()
    notebook.wait_text(plot, "pays off: one agent")

    notebook.screenshot("module_06_times", notebook.outputs(times))
    notebook.screenshot("module_06_nested", notebook.outputs(cell_with("page_desk = as_agent")))

    for number in ("10.1", "10.2", "10.3"):
        assert "Not attempted yet" in notebook.output(cell_with(f'exercise("{number}").check'))
    raised = notebook.page.locator(".jp-Notebook [data-mime-type*='stderr']").all_text_contents()
    assert len(raised) == 1
    assert "StageMismatch" in raised[0]


def test_an_exercise_is_solved_in_the_notebook(notebook: Notebook) -> None:
    from courseware.lessons import exercise

    notebook.run_cell(cell_with("from courseware import exercise"))
    cell = cell_with('exercise("10.2").check')
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [cell, exercise("10.2").solution_code + '\n\nexercise("10.2").check(add_fact_checker)'],
    )
    notebook.run_cell(cell)
    notebook.wait_text(cell, "passed")
    notebook.screenshot("module_06_exercise_passed", notebook.outputs(cell))


def _stored_messages(talk: int) -> str:
    """How many messages the stored transcript counts: ``22 messages``."""
    shown = nbformat.read(NOTEBOOK, 4).cells[talk].outputs[0]["data"]["text/plain"]
    return shown.splitlines()[-1].split(",")[0].strip()


def _plot_cell() -> int:
    sources = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]
    return next(place for place, source in enumerate(sources) if "difficulty_plot(llm)" in source)
