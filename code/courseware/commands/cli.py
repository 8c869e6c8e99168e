"""The command line behind `course.py`.

Each command imports what it needs when it is called, so that none waits for the others' imports.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from courseware.runtime.paths import ROOT


def _lab(arguments: Sequence[str]) -> int:
    from courseware.commands.lab import main

    return main(arguments)


def _test(arguments: Sequence[str]) -> int:
    from courseware.commands.test import main

    return main(arguments)


def _doctor(arguments: Sequence[str]) -> int:
    from courseware.commands.doctor import main

    return main(arguments)


def _build(arguments: Sequence[str]) -> int:
    from courseware.commands import readme
    from courseware.notebooks import main

    readme.write()
    return main(["build", *arguments])


def _run(arguments: Sequence[str]) -> int:
    from courseware.commands.run import main

    return main(arguments)


def _progress(arguments: Sequence[str]) -> int:
    from courseware.commands.progress import main

    return main(arguments)


def _reset(arguments: Sequence[str]) -> int:
    from courseware.commands.reset import main

    return main(arguments)


def _model(arguments: Sequence[str]) -> int:
    from practice_model.__main__ import main

    return main(arguments)


def _bench(arguments: Sequence[str]) -> int:
    sys.path.insert(0, str(ROOT))  # benchmarks are no part of the installed packages
    main: Callable[[Sequence[str]], int] = importlib.import_module("benchmarks.__main__").main
    return main(arguments)


def _lock(arguments: Sequence[str]) -> int:
    from courseware.commands.requirements import main

    return main(arguments)


COMMANDS = {
    "lab": (_lab, "open JupyterLab on the first notebook"),
    "run": (_run, "run a module's program in the terminal: run 05"),
    "doctor": (_doctor, "check this machine, with the cure for what fails"),
    "progress": (_progress, "show which exercises you have passed"),
    "reset": (_reset, "start a module over: its notebook and its progress"),
    "model": (_model, "serve the practice model on its own"),
    "test": (_test, "run everything that CI checks"),
    "build": (_build, "make the notebooks from modules/"),
    "bench": (_bench, "measure the course, as ratios"),
    "lock": (_lock, "compile pyproject.toml into the pinned requirements"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="course.py",
        description="An executable course on advanced agent patterns.",
        epilog="commands:\n"
        + "\n".join(f"  {name:<10}{text}" for name, (_, text) in COMMANDS.items())
        + "\n\n'course.py COMMAND --help' tells a command's options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    if not arguments:
        parser.print_help()
        return 2
    command = parser.parse_args(arguments[:1]).command
    try:
        code = COMMANDS[command][0](arguments[1:])
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # nobody reads on, as with `course.py progress | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
