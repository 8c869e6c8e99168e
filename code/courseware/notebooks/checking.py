"""Does each notebook agree with its module, and is what it stores fit to be read anywhere?"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from courseware.notebooks.source import (
    LESSONS_METADATA,
    METADATA,
    ModuleError,
    cells_of_notebook,
    fresh_notebook,
    modules,
    notebook_of,
)
from courseware.runtime.paths import NOTEBOOKS, ROOT

_WIDGET = "application/vnd.jupyter.widget-view+json"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACES = "home|Users|root|tmp|private|var|opt|usr|mnt|Library|workspace|github|runner"
_UNFIT = (
    ("an absolute path", re.compile(rf"(?<![\w/.:<-])/(?:{_PLACES})/[\w.-]+")),
    ("an absolute path", re.compile(r"\b[A-Za-z]:\\{1,2}\w[\w .-]*\\")),
    ("a port", re.compile(r"(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):\d+")),
    ("an address in memory", re.compile(r"\b0x[0-9a-fA-F]{6,}\b")),
    ("an id that changes", re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")),
    ("a warning", re.compile(r"\b[A-Z]\w*Warning: ")),
)
_CURE = "run course.py build"


@dataclass(frozen=True)
class Fault:
    """Something that must not stay."""

    notebook: str
    cell: int | None
    """The cell's number, from 1; None for the notebook as a whole."""
    text: str

    def __str__(self) -> str:
        place = "" if self.cell is None else f", cell {self.cell}"
        return f"{self.notebook}{place}: {self.text}"


def faults(numbers: Sequence[str] = ()) -> list[Fault]:
    """Return what is wrong with the notebooks, all or those of the given modules.

    Raises:
        ModuleError: a number that no module has.
    """
    every = modules(numbers)
    found = [fault for module in every for fault in faults_of(notebook_of(module), module)]
    if not numbers:
        expected = {notebook_of(module).name for module in every}
        found += [
            Fault(file.name, None, "there is no module of that name; delete it")
            for file in sorted(NOTEBOOKS.glob("*.ipynb"))
            if file.name not in expected
        ]
    return found


def faults_of(file: Path, module: Path) -> list[Fault]:
    """Return what is wrong with one notebook."""
    if not file.exists():
        return [Fault(file.name, None, f"missing; {_CURE}")]
    try:
        notebook: NotebookNode = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
    except (ValueError, nbformat.ValidationError) as error:
        return [Fault(file.name, None, f"not a notebook ({type(error).__name__}); {_CURE}")]
    try:
        wanted = fresh_notebook(module)
    except ModuleError as error:
        return [Fault(module.name, None, str(error))]
    named = [
        *_disagreements(notebook, wanted, module.name),
        *_not_run_in_order(notebook),
        *(
            (number, text)
            for number, cell in enumerate(notebook.cells, 1)
            if cell.cell_type == "code"
            for text in _unfit_outputs(cell)
        ),
    ]
    return [Fault(file.name, number, text) for number, text in named]


def _disagreements(
    notebook: NotebookNode, wanted: NotebookNode, module: str
) -> Iterator[tuple[int | None, str]]:
    if dict(notebook.metadata) != METADATA:
        yield None, f"metadata other than the build's; {_CURE}"
    have, want = cells_of_notebook(notebook), cells_of_notebook(wanted)
    for number, (one, other) in enumerate(zip(have, want, strict=False), 1):
        if one != other:
            what = next(
                name for name in ("kind", "tags", "source") if _of(one, name) != _of(other, name)
            )
            yield number, f"its {what} is not that of {module}; {_CURE}"
            return
    if len(have) != len(want):
        yield None, f"{len(have)} cells, but {module} has {len(want)}; {_CURE}"
    elif [cell.id for cell in notebook.cells] != [cell.id for cell in wanted.cells]:
        yield None, f"cell ids other than the build's; {_CURE}"
    else:
        for number, (cell, other) in enumerate(zip(notebook.cells, wanted.cells, strict=True), 1):
            metadata = dict(other.metadata)
            if not cell.get("outputs"):
                metadata.pop("jupyter", None)  # nothing to hide
            if any(cell.metadata.get(name) != metadata.get(name) for name in LESSONS_METADATA):
                yield number, f"its outputs are hidden, or shown, other than in the build; {_CURE}"
                return


def _of(cell: object, name: str) -> Any:
    return getattr(cell, name)


def _not_run_in_order(notebook: NotebookNode) -> Iterator[tuple[int | None, str]]:
    expected = 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        expected += 1
        if cell.execution_count is None:
            yield number, f"not run; {_CURE}"
            return
        if cell.execution_count != expected:
            yield number, f"not run from top to bottom in a fresh kernel; {_CURE}"
            return


def _unfit_outputs(cell: NotebookNode) -> Iterator[str]:
    may_raise = "raises-exception" in cell.metadata.get("tags", ())
    raised = any(output.output_type == "error" for output in cell.outputs)
    if raised and not may_raise:
        name = next(output.ename for output in cell.outputs if output.output_type == "error")
        yield f"it failed with {name}, and has no tag raises-exception"
    if may_raise and not raised:
        yield "it has the tag raises-exception, but raised nothing"
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield f"standard error: {_excerpt(output.text)}"
            continue
        if _WIDGET in output.get("data", {}):
            yield "a widget, which is dead when the notebook is opened; store text or SVG"
        for text in _texts(output):
            yield from _unfit(text)


def _texts(output: NotebookNode) -> Iterable[str]:
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [_ANSI.sub("", line) for line in (*output.traceback, output.evalue)]
    return [
        str(value)
        for kind, value in output.data.items()
        if not kind.startswith("image/") or kind == "image/svg+xml"
    ]


def _unfit(text: str) -> Iterator[str]:
    found = {name: match for name, pattern in _UNFIT if (match := pattern.search(text))}
    for name, match in found.items():
        yield f"{name}: {_excerpt(text[match.start() :])}"
    for place in {str(ROOT), str(Path.home()), sys.prefix}:
        if len(place) > 3 and place in text and "an absolute path" not in found:
            yield f"an absolute path: {_excerpt(text[text.index(place) :])}"


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:80]
