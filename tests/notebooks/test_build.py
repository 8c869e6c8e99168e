"""Building: what is stored, what is left alone, and what is said when a cell fails."""

import json

import nbformat
import pytest
from tests.notebooks.conftest import Course

from courseware.notebooks import build, main
from courseware.notebooks.build import short_traceback


def test_a_built_notebook_is_stored_with_its_outputs(course: Course) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == [1, 2, 3, 4]
    assert codes[0].outputs[0].text == "hello\n"
    assert codes[1].outputs[0].ename == "JSONDecodeError"
    assert codes[2].outputs[1].data["text/plain"] == "{'a': 1}"
    assert codes[2].outputs[0].data == {}  # what JupyterLab writes on the fold
    assert codes[3].outputs == []
    assert [cell.metadata.get("jupyter") for cell in codes] == [
        None,
        None,
        {"outputs_hidden": True},
        None,  # there is nothing to hide
    ]


def test_nothing_of_this_machine_is_stored(course: Course) -> None:
    text = course.notebook.read_text(encoding="utf-8")
    metadata = json.loads(text)["metadata"]
    assert "jupytext" not in metadata
    assert "version" not in metadata["language_info"]
    assert "site-packages" not in text
    assert "lib/python" not in text


def test_the_traceback_keeps_the_lessons_own_lines(course: Course) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    (error,) = (
        output for cell in notebook.cells for output in cell.get("outputs", ()) if "ename" in output
    )
    assert any("json.loads" in line for line in error.traceback)
    assert any("lines inside libraries left out" in line for line in error.traceback)


def test_only_runs_of_library_lines_are_left_out() -> None:
    entries = ["head", "Cell In[1], line 1", "File a.py:1", "\x1b[31mFile b.py:2", "Error: x"]
    assert short_traceback(entries) == [
        "head",
        "Cell In[1], line 1",
        "    (2 lines inside libraries left out)\n",
        "Error: x",
    ]
    assert short_traceback(["File a.py:1"]) == ["    (1 line inside libraries left out)\n"]


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(course: Course) -> None:
    before = course.notebook.read_bytes()
    assert main(["build", "--force"]) == 0
    assert course.notebook.read_bytes() == before


def test_what_is_up_to_date_is_left_alone(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    before = course.notebook.stat().st_mtime_ns
    assert main(["build"]) == 0
    assert "0 built, 1 up to date, 0 failed" in capsys.readouterr().out
    assert course.notebook.stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_changed_module_is_built_again(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = course.module.read_text(encoding="utf-8").replace("hello", "good morning")
    course.module.write_text(changed, encoding="utf-8")
    assert not build.is_current(course.module)
    assert main(["build", "90"]) == 0
    assert "1 built" in capsys.readouterr().out
    assert build.is_current(course.module)


@pytest.mark.slow
def test_a_failing_cell_is_shown_and_the_old_notebook_kept(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    before = course.notebook.read_bytes()
    course.module.write_text("```python\nundefined_name + 1\n```\n", encoding="utf-8")
    assert main(["build"]) == 1
    shown = capsys.readouterr().out
    assert "undefined_name" in shown
    assert "NameError" in shown
    assert "1 failed" in shown
    assert course.notebook.read_bytes() == before


def test_an_unknown_module_lists_those_there_are(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "77"]) == 2
    assert "there are 90" in capsys.readouterr().err
