"""nbval runs the notebooks again and holds every output against the stored one."""

import subprocess

import nbformat
import pytest
from tests.notebooks.conftest import Course

from courseware.notebooks.environment import kernel_environment
from courseware.notebooks.nbval import command_line, nbval_command, run


def test_the_command_names_the_notebooks(course: Course) -> None:
    command = nbval_command(jobs=1, paths=[course.notebook])
    assert command[-4:] == ["nbval", "--jobs", "1", "90"]


def test_the_kernel_never_sees_a_key_nor_goes_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a real one")
    monkeypatch.setenv("AGENT_PATTERNS_LIVE", "1")
    environment = kernel_environment()
    assert "OPENAI_API_KEY" not in environment
    assert "AGENT_PATTERNS_LIVE" not in environment
    assert environment["AGENT_PATTERNS_UNATTENDED"] == "1"


@pytest.mark.slow
def test_a_changed_output_fails_and_the_rest_passes(course: Course) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    codes[0].outputs[0].text = "good night\n"
    codes[2].outputs[0].data["text/plain"] = "{'a': 2}"
    nbformat.write(notebook, course.notebook)
    done = subprocess.run(
        command_line([course.notebook], jobs=1),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**kernel_environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_a_notebook_that_sends_something_away_fails(
    course: Course, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    call = "import contextlib, urllib.request\nwith contextlib.suppress(OSError):\n"
    call += "    urllib.request.urlopen('http://nobody.invalid', timeout=1)"
    notebook.cells.append(nbformat.v4.new_code_cell(call))
    nbformat.write(notebook, course.notebook)
    assert run([course.notebook], jobs=1) != 0
    said = capfd.readouterr().out
    assert " failed" not in said
    assert "sent away" in said
    assert "nobody.invalid" in said
