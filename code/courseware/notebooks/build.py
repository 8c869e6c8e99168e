"""Run the modules' cells and store them, with their outputs, as notebooks."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from courseware.notebooks import checking, nbval
from courseware.notebooks.environment import kernel_environment
from courseware.notebooks.source import (
    LESSONS_METADATA,
    METADATA,
    ModuleError,
    fresh_notebook,
    modules,
    notebook_of,
)
from courseware.runtime.paths import NOTEBOOKS

CELL_SECONDS = 180
"""A cell that takes longer is stuck."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """A notebook that could not be made."""

    module: str
    text: str


def is_current(module: Path) -> bool:
    """Return True if the notebook holds the module's cells and was run without a fault."""
    file = notebook_of(module)
    if not file.exists():
        return False
    return not checking.faults_of(file, module)


def build(
    chosen: Sequence[Path], *, jobs: int = 2, target: Path | None = None, progress: Progress
) -> list[Failure]:
    """Run modules and write their notebooks.

    Args:
        chosen: the modules' files.
        jobs: how many are run at once; each has a kernel process of its own.
        target: the folder to write to; the course's notebooks if None.
        progress: where the bars are drawn.

    Returns:
        The modules that failed; their notebooks are left as they were.
    """
    return asyncio.run(_build_all(chosen, jobs, target or NOTEBOOKS, progress))


async def _build_all(
    chosen: Sequence[Path], jobs: int, target: Path, progress: Progress
) -> list[Failure]:
    turns = asyncio.Semaphore(jobs)

    async def one(module: Path) -> Failure | None:
        async with turns:
            return await _build_one(module, target / notebook_of(module).name, progress)

    results = await asyncio.gather(*(one(module) for module in chosen))
    return [failure for failure in results if failure is not None]


async def _build_one(module: Path, file: Path, progress: Progress) -> Failure | None:
    notebook = fresh_notebook(module)
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    bar = progress.add_task(module.stem, total=total)

    def advance(**_: Any) -> None:
        progress.advance(bar)

    file.parent.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(file.parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_complete=advance,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    try:
        await client.async_execute(env=kernel_environment())
    except CellExecutionError as error:
        return Failure(module.name, _ANSI.sub("", str(error)))
    except (RuntimeError, TimeoutError) as error:  # a dead kernel, a cell that is stuck
        return Failure(module.name, f"{type(error).__name__}: {error}")
    _tidy(notebook)
    _write(notebook, file)
    return None


def _tidy(notebook: NotebookNode) -> None:
    """Leave out what differs from machine to machine and from run to run."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata = nbformat.from_dict(
            {name: cell.metadata[name] for name in LESSONS_METADATA if cell.metadata.get(name)}
        )
        if "jupyter" in cell.metadata:
            _fold(cell)
        for output in cell.outputs:
            if output.output_type == "error":
                output.traceback = short_traceback(output.traceback)


def _fold(cell: NotebookNode) -> None:
    """Let the fold say nothing of what is under it; where nothing is, there is no fold."""
    if cell.outputs:
        # JupyterLab writes the first output's first line on the fold; this one has none.
        cell.outputs.insert(0, nbformat.v4.new_output("display_data"))
    else:
        del cell.metadata["jupyter"]


def short_traceback(entries: Sequence[str]) -> list[str]:
    """Return a traceback with the lesson's own lines; frames inside libraries are only counted."""
    kept: list[str] = []
    hidden = 0
    for entry in entries:
        plain = _ANSI.sub("", entry)
        if plain.startswith("File "):
            hidden += 1
            continue
        if hidden:
            kept.append(_hidden(hidden))
            hidden = 0
        kept.append(entry)
    return [*kept, _hidden(hidden)] if hidden else kept


def _hidden(count: int) -> str:
    return f"    ({count} {'line' if count == 1 else 'lines'} inside libraries left out)\n"


def _write(notebook: NotebookNode, file: Path) -> None:
    """Write at once or not at all: a notebook is never half there."""
    partial = file.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        nbformat.write(notebook, stream)
    os.replace(partial, file)


def main(argv: Sequence[str]) -> int:
    """`build`, `check` and `nbval`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="courseware.notebooks")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="make the notebooks from modules/")
    make.add_argument("modules", nargs="*", metavar="NN", help="only these modules")
    make.add_argument(
        "--force", action="store_true", help="run again what agrees with its module too"
    )
    make.add_argument("--jobs", "-n", type=int, default=2, help="notebooks at once (default 2)")
    look = commands.add_parser("check", help="do the notebooks agree with the modules?")
    look.add_argument("modules", nargs="*", metavar="NN", help="only these modules")
    again = commands.add_parser("nbval", help="run the notebooks again and compare the outputs")
    again.add_argument("modules", nargs="*", metavar="NN", help="only these modules")
    again.add_argument("--jobs", "-n", type=int, default=2, help="notebooks at once (default 2)")
    options = parser.parse_args(argv)
    try:
        if options.command == "build":
            return _command_build(options.modules, options.force, max(1, options.jobs))
        if options.command == "check":
            return _command_check(options.modules)
        return nbval.run([notebook_of(file) for file in modules(options.modules)], options.jobs)
    except ModuleError as error:
        print(error, file=sys.stderr)
        return 2


def _command_build(numbers: Sequence[str], force: bool, jobs: int) -> int:
    console = Console()
    every = modules(numbers)
    chosen = [module for module in every if force or not is_current(module)]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        failures = build(chosen, jobs=jobs, progress=progress)
    for failure in failures:
        console.rule(failure.module)
        console.print(failure.text, markup=False, highlight=False)
    faulty = [
        fault
        for module in chosen
        if module.name not in {failure.module for failure in failures}
        for fault in checking.faults_of(notebook_of(module), module)
    ]
    for fault in faulty:
        console.print(str(fault), markup=False, highlight=False)
    made = len(chosen) - len(failures)
    console.print(
        f"{made} built, {len(every) - len(chosen)} up to date, {len(failures)} failed",
        highlight=False,
    )
    return 1 if failures or faulty else 0


def _command_check(numbers: Sequence[str]) -> int:
    found = checking.faults(numbers)
    for fault in found:
        print(fault)
    print(f"{len(modules(numbers))} modules and their notebooks: {len(found)} faults")
    return 1 if found else 0
