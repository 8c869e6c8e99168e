"""Fixtures of the browser tests: one JupyterLab and one Chromium for the session.

A test asks for `lab` and opens notebooks with it::

    def test_slider(lab):
        notebook = lab.open(["from courseware.widgets import ...", "..."])
        notebook.run_all()
        notebook.click("Approve")
        notebook.wait_text(1, "Approved")
        notebook.screenshot("slider")

`Notebook` in `lab_harness.py` lists what can be done with an open notebook. When a test fails, a
picture of every window it had open is kept in ``test-results``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.lab_harness import CHROMIUM_ARGS, Lab, LabServer

from courseware.commands.test import find_chromium

_reports = pytest.StashKey[dict[str, pytest.TestReport]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash.setdefault(_reports, {})[report.when] = report
    return report


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(lab_server: LabServer, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Lab]:
    name = re.sub(r"\W+", "_", request.node.name).strip("_")
    opened = Lab(lab_server, browser, name)
    yield opened
    report = request.node.stash.get(_reports, {}).get("call")
    if report is not None and report.failed:
        for number, notebook in enumerate(opened.notebooks):
            notebook.screenshot(f"failed_{name}_{number}")
    opened.close()
