"""Adding a lesson touches one new folder, its page, its program and its tests, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from courseware.runtime.paths import ROOT

pytestmark = pytest.mark.slow

NEW = {
    "code/courseware/lessons/tiny/__init__.py": '"""Hold what the page shows."""\n',
    "code/courseware/lessons/tiny/lesson.toml": (
        'number = 90\nminutes = 5\nable = "double a number"\nbuilds_on = ["start_here"]\n'
    ),
    "code/courseware/lessons/tiny/exercises/__init__.py": "",
    "code/courseware/lessons/tiny/exercises/e1_double/__init__.py": "",
    "code/courseware/lessons/tiny/exercises/e1_double/exercise.toml": (
        'title = "Double"\ndifficulty = "easy"\nminutes = 1\n'
        'hints = ["Twice.", "Times two."]\nnotes = ["One line."]\n'
    ),
    "code/courseware/lessons/tiny/exercises/e1_double/check.py": (
        "from courseware.exercises import chance, expect\n\n\n"
        "def check(double):\n"
        "    number = chance().randint(3, 99)\n"
        '    expect(double(number) == 2 * number, "not-twice", f"{number} is not doubled.")\n'
    ),
    "code/courseware/lessons/tiny/exercises/e1_double/solution.py": (
        '"""Solve: Double."""\n\n\ndef double(number):\n    return 2 * number\n'
    ),
    "modules/90_tiny.md": (
        "# 90 Tiny\n\n```python\nfrom courseware import exercise\n\n\n"
        'def double(number):\n    ...\n\nexercise("90.1").check(double)\n```\n\n'
        '```python\nexercise("90.1").check(lambda number: number + number)\n```\n'
    ),
    "code/90_tiny.py": 'print("twice two is four")\n',
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of lesson 00 and a tiny one, which nothing but its own files tells of."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("agent_patterns", "practice_model", "courseware"):
        shutil.copytree(ROOT / "code" / folder, root / "code" / folder)
    others = (root / "code/courseware/lessons").glob("*/lesson.toml")
    for other in others:
        if other.parent.name != "start_here":
            other.unlink()
    for folder, suffix in (("modules", "md"), ("notebooks", "ipynb")):
        (root / folder).mkdir()
        name = f"{folder}/00_start_here.{suffix}"
        shutil.copyfile(ROOT / name, root / name)
    shutil.copyfile(ROOT / "README.md", root / "README.md")
    for name, text in NEW.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def course(root: Path, *arguments: str) -> str:
    """What a command of the copy prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "courseware", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "code"), "AGENT_PATTERNS_UNATTENDED": "0"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_lesson_is_built_checked_shown_run_and_reset(copy: Path) -> None:
    assert "1 built" in course(copy, "build", "90")
    notebook = copy / "notebooks/90_tiny.ipynb"
    outputs = [cell.outputs for cell in nbformat.read(notebook, as_version=4).cells[1:]]
    said = [str(output[0]["data"]["text/plain"]) for output in outputs]
    assert "not attempted yet" in said[0]
    assert "passed" in said[1]
    row = "| [90 Tiny](modules/90_tiny.md) | double a number | 5 min |"
    assert row in (copy / "README.md").read_text(encoding="utf-8")
    assert "90  Tiny: 0 of 1 passed" in course(copy, "progress")
    assert "twice two is four" in course(copy, "run", "90")
    notebook.write_text("{}", encoding="utf-8")
    assert "as it came" in course(copy, "reset", "90", "--yes")
    assert nbformat.read(notebook, as_version=4).cells[0].source == "# 90 Tiny"
    assert (copy / "notebooks/my_copies/90_tiny-1.ipynb").read_text(encoding="utf-8") == "{}"
