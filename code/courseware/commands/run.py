"""`course.py run NN`: a module's program for the terminal, in the course's own environment."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from courseware.lessons import LESSONS


def programs() -> dict[str, Path]:
    """Return the lessons' programs by number, ``code/NN_name.py``."""
    return {each.number: each.program for each in LESSONS.values() if each.program.is_file()}


def usage() -> str:
    """Say how the command is called, and which programs there are."""
    there = "\n".join(f"  {number}   {file.stem[3:]}" for number, file in programs().items())
    return (
        "usage: course.py run NN [ARGUMENT ...]\n\n"
        "Run a module's finished program in the terminal. The arguments after the number are the\n"
        f"program's own; 'course.py run 05 --help' lists them.\n\nprograms:\n{there}"
    )


def main(arguments: Sequence[str]) -> int:
    """Run a program as `python code/NN_name.py …` does; the exit code is the program's.

    Raises:
        SystemExit: the program's own end.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0 if arguments else 2
    number, *rest = arguments
    file = programs().get(Path(number).name[:2].zfill(2))
    if file is None:
        print(f"course.py run: there is no program {number}.\n\n{usage()}", file=sys.stderr)
        return 2
    if rest[:1] == ["--"]:  # the end of the command's own options, as other commands have it
        del rest[0]
    sys.argv = [str(file), *rest]
    runpy.run_path(str(file), run_name="__main__")
    return 0
