"""Lesson 08 in real JupyterLab: the fault panel pressed, the sliders moved."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.browser.test_lessons_01_to_03 import nothing_serious

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "08_errors_and_retries.ipynb"


def cell_with(text: str) -> int:
    """The place of the first code cell that contains `text`."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return next(
        place
        for place, cell in enumerate(cells)
        if cell.cell_type == "code" and text in cell.source
    )


SETUP = """
from courseware import connect
from practice_model import Fault
from courseware.widgets.faults import FaultPanel
from langchain_openai import ChatOpenAI

course = connect()
server = course.practice
llm = ChatOpenAI(model="gpt-4.1-mini", max_retries=0, timeout=2, base_url=server.base_url,
                 api_key=server.api_key)
"""
PANEL = 'panel = FaultPanel(server, ask=lambda: llm.invoke("Say hello to Ines.").text)\npanel'


@pytest.fixture
def panel(lab):
    notebook = lab.open([SETUP, PANEL, "print(len(server.requests), llm.max_retries)"])
    notebook.run_all()
    notebook.wait_text(1, "No request since this list was begun.")
    return notebook


def ask(notebook, expected: str) -> None:
    notebook.click("Ask now", 1)
    notebook.wait_text(1, expected)
    notebook.button("Ask now", 1).wait_for()


def test_a_rate_limit_for_two_requests(panel):
    panel.field("The server:", 1).select_option(label="429 rate limit")
    panel.fill("Retry-After (s):", "0.3", 1)
    panel.field("For:", 1).select_option(label="the next 2 requests")
    panel.click("Set", 1)
    panel.wait_text(1, "429 rate limit, Retry-After 0.3 s, for the next 2 requests.")
    ask(panel, "You got OpenAIRateLimitError")
    panel.wait_text(1, "429 [rate_limit(retry_after=0.3)]")
    panel.screenshot("faults_rate_limit", panel.outputs(1))
    ask(panel, "You got OpenAIRateLimitError")
    panel.wait_text(1, "Done: the faults are used up")
    ask(panel, "You got: ")
    rows = panel.outputs(1).locator("table.ap-table tbody tr, table.ap-table tr")
    assert rows.count() == 4
    panel.screenshot("faults_answered_again", panel.outputs(1))


FAULTS = {
    "500 server error": "You got OpenAIAPIError",
    "503 unavailable": "You got OpenAIAPIError",
    "401 key refused": "You got OpenAIAuthenticationError",
    "drop before the answer": "You got OpenAIConnectionError",
    "drop within the answer": "You got OpenAIConnectionError",
    "answer cut off": "You got JSONDecodeError",
}


def test_faults_until_stopped(panel):
    panel.field("For:", 1).select_option(label="all requests, until stopped")
    for label, expected in FAULTS.items():
        panel.field("The server:", 1).select_option(label=label)
        panel.click("Set", 1)
        ask(panel, expected)
        panel.click("All is well again", 1)
        panel.wait_text(1, "All is well: every request is answered.")
        ask(panel, "You got: ")
        panel.click("Clear the list", 1)
        panel.wait_text(1, "No request since this list was begun.")


def test_seconds_end_by_themselves_and_a_stopped_panel_rests(lab):
    notebook = lab.open([SETUP, PANEL, 'panel.stop()\nllm.invoke("Hello?").text'])
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.field("The server:", 1).select_option(label="500 server error")
    notebook.field("For:", 1).select_option(label="all requests for 5 seconds")
    notebook.click("Set", 1)
    ask(notebook, "You got OpenAIAPIError")
    notebook.wait_text(1, "Done: the time is over, requests are answered again.")
    ask(notebook, "You got: ")
    notebook.screenshot("faults_time_over", notebook.outputs(1))
    rows = notebook.outputs(1).locator("table.ap-table tr")
    assert rows.count() == 3
    notebook.run_cell(2)
    notebook.wait_text(1, "Set or Ask now begins a new list.")
    assert rows.count() == 3
    notebook.screenshot("faults_at_rest", notebook.outputs(1))
    ask(notebook, "You got: ")
    assert rows.count() == 2


def test_silence_and_keys_only(panel):
    """A slow answer, and the whole panel by keyboard."""
    panel.field("The server:", 1).select_option(label="slow first byte")
    panel.fill("Silence (s):", "10", 1)
    panel.button("Set", 1).focus()
    panel.page.keyboard.press("Enter")
    panel.wait_text(1, "slow first byte, silence 10 s, for the next request.")
    panel.page.keyboard.press("Tab")
    panel.page.keyboard.press("Space")
    panel.wait_text(1, "You got OpenAITimeoutError")


def test_the_list_follows_requests_of_other_cells(lab):
    notebook = lab.open([SETUP, PANEL, 'for _ in range(3):\n    llm.invoke("Hello?")'])
    notebook.run_all()
    rows = notebook.outputs(1).locator("table.ap-table tr")
    rows.nth(3).wait_for()
    assert rows.count() == 4


def test_the_whole_module(lab):
    notebook = lab.open(NOTEBOOK, height=1000)
    notebook.run_all(seconds=180)
    errors = notebook.page.locator(
        ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
    )
    assert errors.count() == 0

    faults = cell_with("panel = FaultPanel(")
    notebook.field("The server:", faults).select_option(label="401 key refused")
    notebook.click("Set", faults)
    notebook.click("Ask now", faults)
    notebook.wait_text(faults, "You got OpenAIAuthenticationError")
    assert notebook.outputs(faults).locator("table.ap-table tr").count() == 2, "a new list"
    notebook.screenshot("lesson_08_panel", notebook.outputs(faults))

    for text, name, keys in (
        ('label="Load on a recovering service"', "load", ["End", "Home"]),
        ('label="Retry storm"', "storm", ["Home", "Home", "Home"]),
    ):
        place = cell_with(text)
        output = notebook.outputs(place)
        notebook.screenshot(f"lesson_08_{name}", output)
        sliders = output.get_by_role("slider")
        assert sliders.count() == len(keys)
        for number, key in enumerate(keys):
            before = output.locator("svg[role=img]").inner_html()
            sliders.nth(number).focus()
            notebook.page.keyboard.press(key)
            notebook.page.wait_for_function(
                "([svg, before]) => svg.innerHTML !== before || !svg.isConnected",
                arg=[output.locator("svg[role=img]").element_handle(), before],
            )
        notebook.screenshot(f"lesson_08_{name}_moved", output)

    storm = cell_with('label="Retry storm"')
    words = notebook.outputs(storm).locator("svg[role=img] > title").text_content()
    assert words == "1 request for one question"
    nothing_serious(notebook, "lesson_08")


def test_the_panels_cell_run_again_begins_with_a_well_server(panel):
    panel.field("The server:", 1).select_option(label="500 server error")
    panel.field("For:", 1).select_option(label="all requests, until stopped")
    panel.click("Set", 1)
    ask(panel, "You got OpenAIAPIError")
    panel.run_cell(1)
    panel.wait_text(1, "All is well: every request is answered.")
    ask(panel, "You got: ")
