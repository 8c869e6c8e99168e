"""`course.py reset NN`: start a module over."""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from courseware.exercises import progress
from courseware.notebooks.source import (
    ModuleError,
    cells_of_notebook,
    fresh_notebook,
    modules,
    notebook_of,
)
from courseware.runtime.paths import ROOT

KEPT = "my_copies"
"""The folder, beside the notebooks, for those that a learner had before starting over."""


def reset(module: Path) -> Path | None:
    """Put a module's notebook back as it came and forget its progress.

    The notebook comes from the repository, with its stored outputs; where git or the folder's
    history is missing, it is made anew from the module, without outputs. The learner's own
    notebook is kept in the folder `my_copies` beside it, numbered.

    Returns:
        Where the learner's notebook was kept; None if there was nothing to keep.

    Raises:
        OSError, sqlite3.Error: the notebook or the progress cannot be written.
    """
    notebook = notebook_of(module)
    original = _stored(module) or nbformat.writes(fresh_notebook(module)) + "\n"
    kept = None
    if notebook.exists() and notebook.read_text(encoding="utf-8") != original:
        kept = _free_name(notebook)
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(notebook, kept)
    notebook.parent.mkdir(exist_ok=True)
    notebook.write_text(original, encoding="utf-8", newline="\n")
    progress.clear(module.name[:2])
    return kept


def _stored(module: Path) -> str | None:
    """Return the notebook as the repository has it, if it has one that agrees with the module."""
    name = notebook_of(module).relative_to(ROOT).as_posix()
    try:
        shown = subprocess.run(
            ["git", "-C", str(ROOT), "show", f"HEAD:{name}"],
            capture_output=True,
            check=True,
            timeout=30,
        )
        text = shown.stdout.decode("utf-8").replace("\r\n", "\n")
        notebook = nbformat.reads(text, as_version=4)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError, ValueError):
        return None
    if cells_of_notebook(notebook) != cells_of_notebook(fresh_notebook(module)):
        return None
    return text


def _free_name(notebook: Path) -> Path:
    number = 1
    while True:
        kept = notebook.parent / KEPT / f"{notebook.stem}-{number}.ipynb"
        if not kept.exists():
            return kept
        number += 1


def main(argv: Sequence[str]) -> int:
    """``course.py reset NN``; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="course.py reset",
        description="Start a module over: its notebook as it came, its progress forgotten."
        " Your own notebook is kept in notebooks/my_copies.",
    )
    parser.add_argument("module", metavar="NN", help="the module's number, e.g. 05")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(argv)
    try:
        (module,) = modules([options.module])
    except ModuleError as error:
        print(f"course.py reset: {error}", file=sys.stderr)
        return 2
    if not options.yes and not _agreed(module):
        print("Nothing was changed.")
        return 1
    try:
        kept = reset(module)
    except (OSError, sqlite3.Error) as error:
        print(f"course.py reset: {error}", file=sys.stderr)
        return 1
    print(f"notebooks/{notebook_of(module).name} is as it came, and its progress is forgotten.")
    if kept is not None:
        print(f"Yours is kept as notebooks/{KEPT}/{kept.name}.")
    print("If it is open in JupyterLab: File, Reload Notebook from Disk; Kernel, Restart Kernel.")
    return 0


def _agreed(module: Path) -> bool:
    try:
        answer = input(f"Start module {module.stem} over? Your notebook is kept. [y/N] ")
    except EOFError:
        print("\nNobody is there to answer; --yes does without.")
        return False
    return answer.strip().lower() in {"y", "yes"}
