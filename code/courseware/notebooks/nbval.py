"""Run the notebooks again and compare what comes out with what is stored, strictly.

nbval compares every output. It leaves out on its own what cannot be equal: execution counts,
tracebacks (names and messages of exceptions are compared), widget views, PNG and JPEG. This plugin
adds nothing to that list but SVG pictures drawn by matplotlib, whose ids are random.

As a pytest plugin (`-p courseware.notebooks.nbval`) it is loaded in every worker before nbval.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from courseware.notebooks.environment import kernel_environment
from courseware.runtime.paths import NOTEBOOKS, ROOT
from courseware.runtime.watching import WATCH, watched_environment, went_out

# Builds a grammar at import, which takes seconds; jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

CELL_SECONDS = 180


def nbval_command(jobs: int = 2, paths: Sequence[Path] = ()) -> list[str]:
    """Return the command that compares all notebooks (or some); it sets its own environment."""
    numbers = [path.name[:2] for path in paths]
    return [sys.executable, "-m", "courseware.notebooks", "nbval", "--jobs", str(jobs), *numbers]


def run(paths: Sequence[Path], jobs: int = 2) -> int:
    """Compare notebooks in a pytest of its own; return its exit code.

    They run in a shell that asks for traces and proxies; one that sends something away fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **kernel_environment(),
            **watched_environment(Path(folder)),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        code = subprocess.run(command_line(paths, jobs), cwd=ROOT, env=environment).returncode
        for line in (sent := went_out(Path(folder))):
            print(f"sent away: {line}")
    return code or bool(sent)


def command_line(paths: Sequence[Path], jobs: int) -> list[str]:
    """pytest with nothing loaded but what compares notebooks."""
    parallel = ["-p", "xdist.plugin", "-n", str(jobs), "--dist", "loadscope"] if jobs > 1 else []
    return [
        *(sys.executable, "-m", "pytest", "-q"),
        *("-c", str(Path(__file__).with_name("nbval.ini")), "--rootdir", str(ROOT)),
        *("-p", "courseware.notebooks.nbval", "-p", "nbval.plugin", *parallel),
        *("-p", "no:cacheprovider"),
        *("--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"),
        *[str(path) for path in paths or sorted(NOTEBOOKS.glob("*.ipynb"))],
    ]


def pytest_collectstart(collector: Any) -> None:
    """Pictures are not compared; their text is."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)


def pytest_configure(config: Any) -> None:
    """Set the same environment, however pytest was called."""
    if WATCH not in os.environ:
        os.environ.update(kernel_environment())
