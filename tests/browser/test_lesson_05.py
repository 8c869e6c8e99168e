"""Module 05 in real JupyterLab: Run All once, and every button pressed by somebody who is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from tests.browser.lab_harness import Lab, Notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "05_human_in_the_loop.ipynb"


class Walk:
    """The open notebook, with its cells found by what they hold."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        cells = nbformat.read(NOTEBOOK, 4).cells
        self.sources = [cell.source for cell in cells]
        self.kinds = [cell.cell_type for cell in cells]

    def cell(self, text: str) -> int:
        """The one code cell whose source holds `text`."""
        found = [i for i, source in enumerate(self.sources) if text in source]
        assert len(found) == 1, (text, found)
        return found[0]

    def waits(self, text: str) -> int:
        """The cell, once its panel waits for a decision."""
        cell = self.cell(text)
        self.notebook.wait_text(cell, re.compile(r"waits? for you", re.IGNORECASE), seconds=90)
        return cell

    def says(self, cell: int, text: str) -> None:
        # What came of a decision lies in the folded card: there, and shown on a click.
        found = self.notebook.outputs(cell).get_by_text(text).first
        found.wait_for(state="attached", timeout=60_000)


@pytest.fixture
def walk(lab) -> Walk:
    return Walk(lab.open(NOTEBOOK))


def test_a_learner_decides_everything_in_one_run_all(walk: Walk) -> None:
    notebook = walk.notebook
    notebook.run_all(wait=False)

    again = walk.waits('decide(graph, thread("buttons")')
    notebook.screenshot("module_05_refund_waits", notebook.outputs(again))
    notebook.click("Edit…", again)
    notebook.fill("amount", "12.90", again)
    notebook.click("Approve with changes", again)
    walk.says(again, "12.90 euros paid for MF-1042")

    both = walk.waits('decide(both, thread("MF-1100")')
    notebook.click("yes", both)
    walk.says(both, "are 300 notebooks in stock?")
    notebook.fill("Your answer", "320 are there", both)
    notebook.click("Send answer", both)
    walk.says(both, "'stock': '320 are there'")

    agent = walk.waits('decide(agent, thread("agent")')
    notebook.click("Reject…", agent)
    notebook.fill("Reason", "She paid 12.90.", agent)
    notebook.click("Reject", agent)
    walk.says(agent, "['human', 'ai', 'tool', 'ai'] []")

    safe = walk.waits('decide(safe, thread("safe")')
    walk.says(safe, "12.90")
    notebook.screenshot("module_05_fact_beside_the_amount", notebook.outputs(safe))
    notebook.button("Approve", safe).click()
    walk.says(safe, "is more than the 12.90 that was paid")
    notebook.click("Edit…", safe)
    notebook.fill("amount", "999999999", safe)
    notebook.click("Approve with changes", safe)
    walk.says(safe, "999999999 is more than the 12.90 that was paid")
    refused = notebook.outputs(safe).locator(".ap-field.ap-invalid")
    assert refused.get_by_label("amount").input_value() == "999999999"
    order = notebook.field("order", safe).bounding_box()
    assert order is not None
    assert order["height"] < 40
    assert notebook.serious_in_both_themes() == []
    notebook.screenshot("module_05_edit_refused", notebook.outputs(safe))
    notebook.fill("amount", "12.90", safe)
    notebook.click("Approve with changes", safe)
    walk.says(safe, "12.90 euros paid for MF-1042")

    notebook.wait_idle(120)
    assert notebook.serious_in_both_themes() == []
    for number in ("05.1", "05.2", "05.3", "05.4"):
        assert "Not attempted yet" in notebook.output(walk.cell(f'exercise("{number}").check'))
    assert notebook.page.locator(".jp-Notebook [data-mime-type*='stderr']").count() == 0
    assert notebook.errors == []


def test_the_slider_answers(walk: Walk) -> None:
    notebook = walk.notebook
    notebook.run_cell(walk.cell("llm = ChatOpenAI(model=connect()"))
    knob = walk.cell("slider_plot(month.picture")
    notebook.run_cell(knob)
    before = notebook.outputs(knob).locator("svg").first.inner_html()
    slider = notebook.outputs(knob).get_by_role("slider").first
    slider.focus()
    for _ in range(20):
        notebook.page.keyboard.press("ArrowRight")
    notebook.page.wait_for_function(
        "([cell, before]) => document.querySelectorAll('.jp-Notebook .jp-Cell')[cell]"
        ".querySelector('.jp-OutputArea svg').innerHTML !== before",
        arg=[knob, before],
    )
    notebook.screenshot("module_05_slider", notebook.outputs(knob))


def test_an_exercise_is_solved_in_the_notebook(walk: Walk) -> None:
    from courseware.lessons import exercise

    notebook = walk.notebook
    notebook.run_cell(walk.cell("llm = ChatOpenAI(model=connect()"))
    cell = walk.cell('exercise("05.4").check')
    notebook.run_cell(cell)
    walk.says(cell, "Not attempted yet")
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [cell, exercise("05.4").solution_code + '\n\nexercise("05.4").check(build_email_agent)'],
    )
    notebook.run_cell(cell)
    walk.says(cell, "passed")
    notebook.screenshot("module_05_exercise_passed", notebook.outputs(cell))


def test_a_picture_for_the_readme(lab: Lab) -> None:
    """The lesson's first panel as a learner sees it: a graph that waits, and buttons to decide."""
    path = lab.root / NOTEBOOK.name
    shutil.copyfile(NOTEBOOK, path)
    walk = Walk(lab.reopen(path, width=1000, height=720))
    notebook, panel = walk.notebook, walk.cell('decide(graph, thread("buttons")')
    notebook.command("application:toggle-left-area")
    for number, kind in enumerate(walk.kinds[:panel]):
        if kind == "code":
            notebook.run_cell(number)
    notebook.run_cell(panel, wait=False)
    notebook.wait_text(panel, "Waits for you")
    notebook.cell(panel).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    notebook.screenshot("readme_waiting")
    notebook.click("Approve", panel)
    notebook.wait_idle()
    walk.says(panel, "1290 euros paid for MF-1042")
