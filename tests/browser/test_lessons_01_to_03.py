"""Lessons 01 to 03 in real JupyterLab: Run All, pictures, sliders, an exercise, both themes."""

from __future__ import annotations

from pathlib import Path

import nbformat
from axe_playwright_python.sync_playwright import Axe
from tests.browser.lab_harness import Notebook

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def cell_with(notebook: str, text: str) -> int:
    """The one cell whose source holds `text`."""
    sources = [cell.source for cell in nbformat.read(NOTEBOOKS / notebook, 4).cells]
    found = [place for place, source in enumerate(sources) if text in source]
    assert len(found) == 1, (text, found)
    return found[0]


def turn_the_knob(notebook: Notebook, place: int, key: str) -> None:
    """Move the slider of a cell and see the picture change."""
    area = notebook.outputs(place)
    before = area.locator("svg").first.inner_html()
    slider = area.get_by_role("slider").first
    slider.focus()
    slider.press(key)
    notebook.page.wait_for_function(
        "([cell, before]) => document.querySelectorAll('.jp-Notebook .jp-Cell')[cell]"
        ".querySelector('.jp-OutputArea svg').innerHTML !== before",
        arg=[place, before],
    )


def nothing_serious(notebook: Notebook, name: str) -> None:
    """Let axe-core judge what the page says and what its cells show, in both themes."""
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        notebook.theme(theme)
        shown = {"include": [[".jp-OutputArea"], [".jp-MarkdownOutput"]]}
        found = Axe().run(notebook.page, context=shown).response["violations"]
        serious = [
            f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        notebook.screenshot(f"{name}_{theme.split()[1]}")
        assert serious == []


def test_lesson_01(lab) -> None:
    name = "01_graphs_and_state.ipynb"
    notebook = lab.open(NOTEBOOKS / name)
    notebook.run_all(wait=False)
    merged = cell_with(name, "notes: Annotated[list[str], append]")
    notebook.wait_text(merged, "✓ merged", 120)
    failed = cell_with(name, "class Order(TypedDict):\n    notes: list[str]")
    drawn = notebook.outputs(failed).locator("svg").first.text_content() or ""
    assert "✗ cannot be merged" in drawn
    loop = cell_with(name, "view = GraphView(repair_graph()")
    notebook.wait_text(loop, "passed", 120)
    notebook.wait_idle(120)
    notebook.screenshot("lesson_01_super_steps", notebook.outputs(merged))
    turn_the_knob(notebook, cell_with(name, "growth_plot(visits="), "ArrowRight")
    nothing_serious(notebook, "lesson_01")


def test_an_exercise_of_lesson_01_is_solved_in_the_notebook(lab) -> None:
    from courseware.lessons import exercise

    name = "01_graphs_and_state.ipynb"
    notebook = lab.open(NOTEBOOKS / name)
    notebook.run_cell(cell_with(name, "from courseware import connect, exercise"))
    cell = cell_with(name, 'exercise("01.3").check')
    notebook.run_cell(cell)
    notebook.wait_text(cell, "Not attempted yet")
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [cell, exercise("01.3").solution_code + '\n\nexercise("01.3").check(last_three)'],
    )
    notebook.run_cell(cell)
    notebook.wait_text(cell, "passed")


def test_lesson_02(lab) -> None:
    name = "02_agents_tools_and_loops.ipynb"
    notebook = lab.open(NOTEBOOKS / name)
    notebook.run_all(wait=False)
    requests = cell_with(name, "RequestsView(runs)")
    notebook.wait_text(requests, "= as on the left", 120)
    jump = cell_with(name, 'MiddlewareOrder(*names, jumper="shortcut")')
    notebook.wait_text(jump, "after_model ✗", 120)
    notebook.wait_idle(120)
    notebook.screenshot("lesson_02_requests", notebook.outputs(requests))
    notebook.screenshot("lesson_02_brackets", notebook.outputs(jump))
    turn_the_knob(notebook, cell_with(name, "bill_plot(runaway.tokens"), "ArrowLeft")
    nothing_serious(notebook, "lesson_02")


def test_lesson_03(lab) -> None:
    name = "03_conversation_memory.ipynb"
    notebook = lab.open(NOTEBOOKS / name)
    notebook.run_all(wait=False)
    plot = cell_with(name, "memory_plot(llm, count")
    notebook.outputs(plot).locator("svg").first.wait_for(timeout=120_000)
    ending = cell_with(name, "fitted = ContextManager(800, count=count)")
    notebook.wait_text(ending, "and no error", 120)
    notebook.wait_idle(120)
    notebook.screenshot("lesson_03_four_memories", notebook.outputs(plot))
    turn_the_knob(notebook, plot, "ArrowRight")
    nothing_serious(notebook, "lesson_03")
