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
        self.notebook.wait_text(cell, text, seconds=60)


@pytest.fixture
def walk(lab) -> Walk:
    return Walk(lab.open(NOTEBOOK))


def test_a_learner_decides_everything_in_one_run_all(walk: Walk) -> None:
    notebook = walk.notebook
    notebook.run_all(wait=False)

    clara = walk.waits("decide(graph, clara_again")
    notebook.screenshot("module_05_refund_waits", notebook.outputs(clara))
    notebook.click("Edit…", clara)
    notebook.fill("amount", "12.90", clara)
    notebook.screenshot("module_05_refund_edited")
    notebook.click("Approve with changes", clara)
    walk.says(clara, "12.90 euros paid for MF-1042")

    ben = walk.waits('decide(asking, thread("ben")')
    notebook.fill("Your answer", "MF-1077", ben)
    notebook.click("Send answer", ben)
    walk.says(ben, "We are looking into order MF-1077.")

    strict = walk.waits('decide(strict, thread("fritz")')
    notebook.click("Edit…", strict)
    notebook.fill("amount", "a lot", strict)
    notebook.click("Approve with changes", strict)
    walk.says(strict, "is not a positive amount such as 12.90")
    notebook.screenshot("module_05_edit_refused", notebook.outputs(strict))
    notebook.fill("amount", "12.90", strict)
    notebook.click("Approve with changes", strict)
    walk.says(strict, "12.90 euros paid for MF-1042")

    stock = walk.waits('decide(both, thread("MF-1100")')
    notebook.fill("Your answer", "320 are there", stock)
    notebook.click("Send answer", stock)
    walk.says(stock, "320 are there")

    agent = walk.waits('decide(careful_agent, thread("agent")')
    notebook.screenshot("module_05_tool_calls", notebook.outputs(agent))
    notebook.click("Edit…", agent)
    notebook.fill("amount", "a lot", agent)
    notebook.click("Approve with changes", agent)
    walk.says(agent, "as soon as the others are decided.")
    notebook.click("Reject…", agent)
    notebook.fill("Reason", "I will call her.", agent)
    notebook.click("Reject", agent)
    transcript = walk.cell('for message in reviewed["messages"]')
    walk.says(transcript, "I will call her.")
    walk.says(transcript, "'a lot' is not a positive amount such as 12.90")
    assert "paid: []  sent: []" in notebook.output(transcript)

    letter = walk.waits('decide(letters, thread("letter")')
    notebook.click("Reject…", letter)
    notebook.fill("Reason", "Mention that the order can be cancelled free of charge.", letter)
    notebook.click("Reject", letter)
    walk.says(letter, "round 2 of 3")
    notebook.screenshot("module_05_second_round", notebook.outputs(letter))
    notebook.button("Approve", letter).click()
    walk.says(letter, "sent in round 2")

    safe = walk.waits('decide(safe, thread("MF-1061")')
    notebook.click("Approve", safe)
    walk.says(safe, "edit the arguments, or reject")
    notebook.click("Edit…", safe)
    notebook.fill("amount", "129.00", safe)
    notebook.click("Approve with changes", safe)
    walk.says(safe, "129.00 euros paid for MF-1061")

    jonas = walk.waits('decide_at(desk, "Jonas"')
    for said in ("discount_code", "export_customers"):
        walk.says(jonas, said)
        notebook.button("Approve", jonas).click()
    walk.says(jonas, "A-3 now waits for billing")
    notebook.screenshot("module_05_desk", notebook.outputs(jonas))

    priya = walk.waits('decide_at(desk_again, "Priya"')
    notebook.button("Approve", priya).click()
    walk.says(priya, "discount_code")
    notebook.button("Reject…", priya).click()
    notebook.fill("Reason", "50 is a typing error.", priya)
    notebook.button("Reject", priya).click()
    walk.says(priya, "export_customers")
    notebook.button("Approve", priya).click()
    walk.says(priya, "A-3 now waits for security")

    notebook.wait_idle(120)
    outcome = notebook.output(walk.cell('("Priya", "edit", lot)'))
    codes = [line.split()[2] for line in outcome.splitlines()[:4]]
    assert codes == ["403", "422", "202", "409"]
    recovered = notebook.output(walk.cell('for name in ("third", "fourth")'))
    assert "payments: [('129.00',)]" in recovered
    for number in ("05.1", "05.2", "05.3"):
        assert "Not attempted yet" in notebook.output(walk.cell(f'exercise("{number}").check'))
    assert notebook.page.locator(".jp-Notebook [data-mime-type*='stderr']").count() == 0
    assert notebook.errors == []


def test_the_slider_answers(walk: Walk) -> None:
    notebook = walk.notebook
    notebook.run_cell(walk.cell("course = connect()"))
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
    cell = walk.cell('exercise("05.1").check')
    notebook.run_cell(cell)  # the first one in this kernel
    walk.says(cell, "Not attempted yet")
    notebook.page.evaluate(
        "([cell, source]) => { window.jupyterapp.shell.currentWidget.content.widgets[cell]"
        ".model.sharedModel.setSource(source); }",
        [cell, exercise("05.1").solution_code + '\n\nexercise("05.1").check(build_email_agent)'],
    )
    notebook.run_cell(cell)
    walk.says(cell, "passed")
    notebook.screenshot("module_05_exercise_passed", notebook.outputs(cell))


def test_a_picture_for_the_readme(lab: Lab) -> None:
    """The lesson's first panel as a learner sees it: a graph that waits, and buttons to decide."""
    path = lab.root / NOTEBOOK.name
    shutil.copyfile(NOTEBOOK, path)
    walk = Walk(lab.reopen(path, width=1000, height=720))
    notebook, picture = walk.notebook, walk.cell("view = GraphView(graph")
    notebook.command("application:toggle-left-area")
    for number, kind in enumerate(walk.kinds[: picture + 1]):
        if kind == "code":
            notebook.run_cell(number)
    panel = walk.cell("decide(graph, clara_again")
    notebook.run_cell(panel, wait=False)
    notebook.wait_text(panel, "Waits for you")
    notebook.cell(picture).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    notebook.screenshot("readme_waiting")
    notebook.click("Approve", panel)
    notebook.wait_idle()
    walk.says(panel, "1290 euros paid for MF-1042")
