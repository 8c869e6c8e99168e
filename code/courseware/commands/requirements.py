"""`course.py lock`: compiles pyproject.toml into the two pinned requirement files."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from courseware.runtime.paths import ROOT

OLDEST_PYTHON = "3.11"


def compile_command(*, dev: bool, upgrade: bool) -> list[str]:
    """Return the command that writes `requirements.txt`, or with `dev` `requirements-dev.txt`."""
    target = "requirements-dev.txt" if dev else "requirements.txt"
    return [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"),
        *("--python-version", OLDEST_PYTHON, "--no-header", "--no-annotate"),
        *("--no-emit-index-url", "pyproject.toml", "--extra", "course", "-o", target),
        *(["--extra", "dev", "-c", "requirements.txt"] if dev else []),
        *(["--upgrade"] if upgrade else []),
    ]


def main(arguments: Sequence[str]) -> int:
    """Write both files; return the first exit code that is not 0."""
    parser = argparse.ArgumentParser(
        prog="course.py lock",
        description="Compile pyproject.toml into requirements.txt and requirements-dev.txt.",
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest version of all")
    options = parser.parse_args(arguments)
    for dev in (False, True):
        command = compile_command(dev=dev, upgrade=options.upgrade)
        code = subprocess.run(command, cwd=ROOT).returncode
        if code:
            return code
    return 0
