"""A module's markdown as cells, and as a notebook that has not been run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode

from courseware.lessons import UnknownLesson, chosen
from courseware.runtime.paths import NOTEBOOKS

PREDICTION = re.compile(r"\*Predict\b(?!\*)")
"""What asks for a prediction; the outputs that answer it start out hidden."""

PAGE_ONLY = re.compile(r"^\[The notebook\]\(\.\./notebooks/[^)]+\).*\n+", re.MULTILINE)
"""The line that leads from a module's page to its notebook, where it has no use."""

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""A notebook's metadata: without the version of the Python that ran it."""

LESSONS_METADATA = ("tags", "jupyter")
"""What a lesson says about a cell, as names in the cell's metadata."""

_INFO = re.compile(r"python(?:\s+tags=(?P<tags>\[[^\]]*\]))?")
_NOT_RUN = re.compile(r"python\s+\.noeval")


class ModuleError(ValueError):
    """A module does not follow the conventions. The text names the line and the cure."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson."""

    kind: Literal["code", "markdown"]
    source: str
    tags: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        """True for a cell that is run."""
        return self.kind == "code"


def cells(text: str) -> list[Cell]:
    """Return the cells of a module, in order.

    Raises:
        ModuleError: a python fence carries something else than tags.
    """
    lines = text.splitlines()
    found: list[Cell] = []
    position = 0
    for token in MarkdownIt("commonmark").parse(text):
        info = token.info.strip()
        if token.type != "fence" or token.level > 0 or info.split(" ")[0] != "python":
            continue
        assert token.map is not None
        start, end = token.map
        found += _prose(lines[position:start])
        position = end
        if _NOT_RUN.fullmatch(info):
            found.append(Cell("markdown", "\n".join(lines[start:end])))
            continue
        found.append(Cell("code", token.content.removesuffix("\n"), _tags(info, start + 1)))
    return [*found, *_prose(lines[position:])]


def _tags(info: str, line: int) -> tuple[str, ...]:
    match = _INFO.fullmatch(info)
    if match is None:
        raise ModuleError(
            f'line {line}: "{info}" is neither ```python nor ```python tags=["…"];'
            " ```python .noeval is for code that is not run"
        )
    try:
        tags = json.loads(match["tags"] or "[]")
    except ValueError as error:
        raise ModuleError(f"line {line}: tags are a JSON list of strings") from error
    return tuple(str(tag) for tag in tags)


def _prose(lines: Sequence[str]) -> Iterator[Cell]:
    for part in re.split(r"\n[ \t]*\n[ \t]*\n", "\n".join(lines)):
        if part.strip():
            yield Cell("markdown", PAGE_ONLY.sub("", part.strip("\n").rstrip()))


def cells_of_notebook(notebook: NotebookNode) -> list[Cell]:
    """Return the cells of a notebook, to compare with the module's."""
    return [
        Cell(cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())))
        for cell in notebook.cells
    ]


def fresh_notebook(module: Path) -> NotebookNode:
    """Return a module's notebook, not run yet.

    Cell ids come from the cells' text: an edit changes one id, and building again changes none.
    Where a text asks for a prediction, JupyterLab hides the stored outputs of the cells between it
    and the next text until they are run; GitHub shows them.

    Raises:
        ModuleError: see :func:`cells`; the text names the module.
    """
    try:
        found = cells(module.read_text(encoding="utf-8"))
    except ModuleError as error:
        raise ModuleError(f"{module.name}: {error}") from error
    seen: dict[str, int] = {}
    made: list[NotebookNode] = []
    hidden = False
    for cell in found:
        text = f"{cell.kind}\n{cell.source}"
        seen[text] = seen.get(text, 0) + 1
        number = hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:12]
        metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
        if not cell.is_code:
            hidden = PREDICTION.search(cell.source) is not None
        elif hidden:
            metadata["jupyter"] = {"outputs_hidden": True}
        make: Any = nbformat.v4.new_code_cell if cell.is_code else nbformat.v4.new_markdown_cell
        made.append(make(cell.source, id=number, metadata=metadata))
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=made, metadata=METADATA)
    return notebook


def modules(numbers: Sequence[str] = ()) -> list[Path]:
    """Return the pages of all lessons, or of those named (``05``, ``5`` or a file's name).

    Raises:
        ModuleError: a number that no module has.
    """
    try:
        return [each.page for each in chosen(numbers)]
    except UnknownLesson as error:
        raise ModuleError(str(error)) from error


def notebook_of(module: Path) -> Path:
    """Return the path of a module's notebook."""
    return NOTEBOOKS / f"{module.stem}.ipynb"
