"""All notebooks under nbval against the floor: starting their kernels and importing."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat

from benchmarks import Measurement, interleaved
from courseware.notebooks import nbval
from courseware.notebooks.environment import kernel_environment
from courseware.notebooks.source import fresh_notebook, modules, notebook_of
from courseware.runtime.paths import ROOT


def run(quick: bool) -> list[Measurement]:
    """Wall time of the notebooks over that of their first code cells alone, both under nbval.

    The first code cell of a lesson holds its imports and the connection to the model.

    Args:
        quick: one notebook, one round, one process.

    Raises:
        RuntimeError: a notebook fails, or there is none.
    """
    chosen = [module for module in modules() if notebook_of(module).exists()]
    chosen = chosen[:1] if quick else chosen
    jobs = 1 if quick else 2
    if not chosen:
        raise RuntimeError("there are no notebooks; run course.py build")
    with tempfile.TemporaryDirectory() as folder:
        floor = [_first_cell_only(module, Path(folder)) for module in chosen]
        variants = {
            "floor": lambda: _compare(floor, jobs),
            "notebooks": lambda: _compare([notebook_of(module) for module in chosen], jobs),
        }
        seconds = _once(variants) if quick else interleaved(variants, rounds=3)
    note = f"{len(chosen)} notebooks, {jobs} at once; 1 is starting kernels and importing"
    return [
        Measurement(
            "notebooks under nbval / kernel start and imports",
            seconds["notebooks"] / seconds["floor"],
            note=note,
        ),
        Measurement("notebooks under nbval", seconds["notebooks"], "s", note),
    ]


def _once(variants: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of one call each, without warming up."""
    seconds = {}
    for name, function in variants.items():
        start = time.perf_counter()
        function()
        seconds[name] = time.perf_counter() - start
    return seconds


def _first_cell_only(module: Path, folder: Path) -> Path:
    """Return a notebook of the module's first code cell, without a stored output to compare."""
    notebook = fresh_notebook(module)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:1]
    notebook.cells[0].source = "# NBVAL_IGNORE_OUTPUT\n" + notebook.cells[0].source
    file = folder / notebook_of(module).name
    nbformat.write(notebook, file)
    return file


def _compare(files: Sequence[Path], jobs: int) -> None:
    done = subprocess.run(
        nbval.command_line(files, jobs),
        cwd=ROOT,
        env={**kernel_environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise RuntimeError(f"the notebooks do not pass: {done.stdout[-2000:]}")
