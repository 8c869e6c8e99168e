"""Lesson 07 in real JupyterLab: people side by side at the desk, and the whole page in one run."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.lab_harness import Lab, Notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "07_approvals_in_production.ipynb"


def test_people_decide_side_by_side_and_the_page_runs(lab: Lab) -> None:
    notebook = lab.open(NOTEBOOK)
    sources = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]

    def cell(text: str) -> int:
        (found,) = [i for i, source in enumerate(sources) if text in source]
        return found

    notebook.run_all()
    desk = cell("DeskView(desk, [")
    seats = notebook.outputs(desk).locator(".ap-seat")
    assert seats.count() == 3
    notebook.screenshot("lesson_07_desk", notebook.outputs(desk))
    answers = notebook.output(cell('("Jonas", "approve", {})')).splitlines()[:3]
    assert [line[:3] for line in answers[:2]] == ["403", "422"]
    assert answers[2] == "['202', '409 AlreadyDecided'] ['12.90']"
    for number in ("07.1", "07.2", "07.3"):
        assert "Not attempted yet" in notebook.output(cell(f'exercise("{number}").check'))
    assert_the_api_page_opens(notebook, cell("docs=browser.url"))
    notebook.run_cell(cell("clock = QuickClock()"))
    notebook.run_cell(desk)
    assert_the_deadlines_run(notebook, desk)
    seats.nth(0).get_by_role("button", name="Approve", exact=True).click()
    notebook.wait_text(desk, "A-1 approved; released")
    seats.nth(1).get_by_role("button", name="Approve", exact=True).click()
    seats.nth(0).get_by_text("A-2 · step 2 of 2").wait_for()
    assert notebook.serious_in_both_themes() == []
    assert notebook.errors == []


def assert_the_deadlines_run(notebook: Notebook, desk: int) -> None:
    """The time that is left goes down by itself."""
    left = notebook.outputs(desk).locator(".ap-left").first
    before = left.inner_text()
    notebook.page.wait_for_function(
        "([place, before]) => document.querySelectorAll('.jp-Notebook .jp-Cell')[place]"
        ".querySelector('.ap-left').textContent !== before",
        arg=[desk, before],
    )
    assert seconds(left.inner_text()) < seconds(before)


def seconds(left: str) -> int:
    minutes, rest = left.removesuffix(" left").split(":")
    return 60 * int(minutes) + int(rest)


def assert_the_api_page_opens(notebook: Notebook, desk: int) -> None:
    """The desk's link leads to the service's page, which is whole without the internet."""
    asked: list[str] = []
    notebook.page.context.on("request", lambda request: asked.append(request.url))
    with notebook.page.context.expect_page() as opened:
        notebook.outputs(desk).get_by_role("link", name="web API's page").click()
    page = opened.value
    page.locator("#operations-default-start_runs_post").wait_for(timeout=60_000)
    page.get_by_text("/requests/{ticket}/approve").wait_for(timeout=60_000)
    assert [
        url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))
    ] == []
    page.close()
