"""Starting over: the notebook as it came, the learner's own kept, the progress forgotten."""

from pathlib import Path

import nbformat
import pytest
from tests.notebooks.conftest import Course

from courseware.commands import reset
from courseware.exercises import progress
from courseware.notebooks import faults


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_PROGRESS", str(tmp_path / "progress.sqlite"))
    monkeypatch.setattr(reset, "ROOT", tmp_path)


def edit(course: Course) -> str:
    notebook = nbformat.read(course.notebook, as_version=4)
    notebook.cells[1].source = "print('mine')"
    nbformat.write(notebook, course.notebook)
    return course.notebook.read_text(encoding="utf-8")


@pytest.mark.slow
def test_without_a_repository_the_notebook_comes_fresh_from_the_module(course: Course) -> None:
    mine = edit(course)
    kept = reset.reset(course.module)
    assert kept == course.notebooks / "my_copies" / "90_small-1.ipynb"
    assert kept.read_text(encoding="utf-8") == mine
    assert any("not run" in fault.text for fault in faults())
    assert not any("is not that of" in fault.text for fault in faults())


def test_each_copy_is_kept(course: Course) -> None:
    for number in (1, 2):
        edit(course)
        kept = reset.reset(course.module)
        assert kept is not None
        assert kept.name == f"90_small-{number}.ipynb"


def test_an_untouched_notebook_leaves_no_copy(course: Course) -> None:
    edit(course)
    reset.reset(course.module)
    assert reset.reset(course.module) is None


def test_the_repositorys_notebook_comes_back_with_its_outputs(
    course: Course, tmp_path: Path
) -> None:
    import subprocess

    original = course.notebook.read_text(encoding="utf-8")
    for command in (
        ["init", "-q"],
        ["add", "notebooks"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    edit(course)
    reset.reset(course.module)
    assert course.notebook.read_text(encoding="utf-8") == original
    assert faults() == []


def test_only_this_modules_progress_is_forgotten(course: Course) -> None:
    progress.record("90.1", "passed")
    progress.record("05.1", "passed")
    reset.reset(course.module)
    assert list(progress.standings()) == ["05.1"]


def test_the_command_asks_and_takes_no_for_an_answer(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = edit(course)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert reset.main(["90"]) == 1
    assert "Nothing was changed" in capsys.readouterr().out
    assert course.notebook.read_text(encoding="utf-8") == mine


def test_the_command_does_it_and_says_where_the_copy_is(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(course)
    assert reset.main(["90", "--yes"]) == 0
    assert "notebooks/my_copies/90_small-1.ipynb" in capsys.readouterr().out


def test_an_unknown_module_is_said(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset.main(["77", "--yes"]) == 2
    assert "there are 90" in capsys.readouterr().err
