"""The programs of lessons 10 and 11 run in a plain terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.lessons.team_shapes.crew import WAYS

CODE = Path(__file__).parents[3] / "code"


def run(
    *arguments: str, program: str = "10_supervised_team.py"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CODE / program), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_the_page_is_written_reviewed_and_sourced() -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Ended: done" in done.stdout
    page = done.stdout.split("The page:")[1]
    assert "[ship-01]" in page
    assert "[ship-02]" in page
    assert "No source bears this out" not in page


@pytest.mark.slow
def test_the_backup_steps_in_when_the_library_is_down() -> None:
    done = run("--library-down")
    assert done.returncode == 0, done.stderr
    assert "LibraryDown" in done.stdout
    assert "researcher/archivist" in done.stdout


@pytest.mark.slow
def test_a_task_of_ones_own_is_written_from_its_sources() -> None:
    done = run("Write a page about the care of fountain pens.")
    assert "Ended: done" in done.stdout, done.stdout + done.stderr
    assert "[pen-0" in done.stdout.split("The page:")[1]


@pytest.mark.slow
def test_a_page_without_a_source_is_not_done() -> None:
    done = run("Write a page about the migration of storks.")
    assert done.returncode == 1
    assert "Ended: done" not in done.stdout
    assert not re.search(r"\[[a-z]+-\d+\]", done.stdout.split("The page:")[1])


@pytest.mark.slow
def test_a_folder_of_ones_own_is_searched_and_cited(tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("# Tea\n\nGreen tea steeps for two minutes.", "utf-8")
    done = run("Write a help page about green tea.", "--library", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "two minutes. [tea]" in done.stdout.split("The page:")[1]


@pytest.mark.slow
def test_the_shapes_are_compared_and_a_silent_shelf_is_named() -> None:
    done = run("2", "--shelf-down", program="11_team_shapes.py")
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.strip().splitlines()
    told = {line[:13].strip(): line for line in lines if " calls " in line}
    assert set(told) == set(WAYS)
    assert "failed: shipping_desk" in told["peer network"]
    assert "failed: nobody" in told["one agent"]
    assert last.rpartition(": ")[2] in WAYS
