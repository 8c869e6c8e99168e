"""The check finds every fault that is planted, and nothing in a good notebook."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from tests.notebooks.conftest import Course

from courseware.notebooks import faults, main
from courseware.runtime.paths import ROOT


def test_a_good_notebook_has_no_faults(course: Course) -> None:
    assert faults() == []


def code(notebook: NotebookNode, number: int = 0) -> NotebookNode:
    return [cell for cell in notebook.cells if cell.cell_type == "code"][number]


def prints(text: str, name: str = "stdout") -> Callable[[NotebookNode], None]:
    def plant(notebook: NotebookNode) -> None:
        code(notebook).outputs.append(nbformat.v4.new_output("stream", name=name, text=text))

    return plant


def shows(kind: str, text: Any) -> Callable[[NotebookNode], None]:
    def plant(notebook: NotebookNode) -> None:
        code(notebook).outputs.append(nbformat.v4.new_output("display_data", data={kind: text}))

    return plant


def changes(**fields: Any) -> Callable[[NotebookNode], None]:
    def plant(notebook: NotebookNode) -> None:
        code(notebook).update(fields)

    return plant


def fails(notebook: NotebookNode) -> None:
    code(notebook).outputs.append(
        nbformat.v4.new_output("error", ename="ValueError", evalue="x", traceback=["x"])
    )


def never_fails(notebook: NotebookNode) -> None:
    code(notebook, 1).outputs = []


def loses_a_tag(notebook: NotebookNode) -> None:
    del code(notebook, 1).metadata["tags"]


def shows_what_was_to_be_predicted(notebook: NotebookNode) -> None:
    del code(notebook, 2).metadata["jupyter"]


def loses_a_cell(notebook: NotebookNode) -> None:
    notebook.cells.pop()


def swaps_cells(notebook: NotebookNode) -> None:
    notebook.cells[1], notebook.cells[2] = notebook.cells[2], notebook.cells[1]


def becomes_text(notebook: NotebookNode) -> None:
    notebook.cells[1] = nbformat.v4.new_markdown_cell(notebook.cells[1].source)


def is_paired(notebook: NotebookNode) -> None:
    notebook.metadata["jupytext"] = {"formats": "ipynb,md"}


def runs_out_of_order(notebook: NotebookNode) -> None:
    code(notebook, 0).execution_count, code(notebook, 1).execution_count = 2, 1


PLANTED: list[tuple[str, Callable[[NotebookNode], None], str]] = [
    ("shown answer", shows_what_was_to_be_predicted, "outputs are hidden, or shown, other than"),
    ("changed source", changes(source="print('other')"), "source is not that of 90_small.md"),
    ("other kind", becomes_text, "kind is not that"),
    ("lost tag", loses_a_tag, "tags is not that"),
    ("lost cell", loses_a_cell, "5 cells, but 90_small.md has 6"),
    ("swapped cells", swaps_cells, "is not that of 90_small.md"),
    ("other id", changes(id="abc"), "cell ids other than the build's"),
    ("pairing", is_paired, "metadata other than the build's"),
    ("not run", changes(execution_count=None, outputs=[]), "not run"),
    ("out of order", runs_out_of_order, "not run from top to bottom"),
    ("run twice", changes(execution_count=7), "not run from top to bottom"),
    ("failed cell", fails, "failed with ValueError"),
    ("expected failure is gone", never_fails, "raised nothing"),
    ("standard error", prints("oops\n", "stderr"), "standard error: oops"),
    ("warning", prints("x.py:1: DeprecationWarning: old\n"), "a warning"),
    ("home", prints("saved to /home/ines/shop.db\n"), "an absolute path: /home/ines"),
    ("macOS", prints("File '/Users/ines/x.py'"), "an absolute path"),
    ("Windows", prints(r"C:\Users\ines\shop.db"), "an absolute path"),
    ("temporary", prints("/tmp/tmpabc/shop.db"), "an absolute path"),
    ("this course", prints(f"in {ROOT}\n"), "an absolute path"),
    ("path in HTML", shows("text/html", "<p>in /root/x</p>"), "an absolute path"),
    ("port", prints("at http://127.0.0.1:43211/v1\n"), "a port"),
    ("address", prints("<object at 0x7f6c9aef3b80>\n"), "an address in memory"),
    ("uuid", prints("1f0c5b0e-90aa-6b7e-8001-0a4cf1d5d7d1\n"), "an id that changes"),
    ("widget", shows("application/vnd.jupyter.widget-view+json", {"model_id": "a"}), "a widget"),
]


@pytest.mark.parametrize(
    ("plant", "said"), [case[1:] for case in PLANTED], ids=[case[0] for case in PLANTED]
)
def test_a_planted_fault_is_found(
    course: Course,
    plant: Callable[[NotebookNode], None],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    plant(notebook)
    nbformat.write(notebook, course.notebook)
    assert any(said in str(fault) for fault in faults()), [str(fault) for fault in faults()]
    assert main(["check"]) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "see https://example.com/home/page",
        "a/b/home/c",
        "5 / 3, and/or",
        "key 0x1f",
        "total: 3/4",
        "no warning here",
        "</details>",
    ],
)
def test_harmless_text_is_no_fault(course: Course, text: str) -> None:
    notebook = nbformat.read(course.notebook, as_version=4)
    prints(text)(notebook)
    nbformat.write(notebook, course.notebook)
    assert faults() == []


def test_a_missing_notebook_is_a_fault(course: Course) -> None:
    course.notebook.unlink()
    (fault,) = faults()
    assert "missing" in str(fault)


def test_a_notebook_without_a_module_is_a_fault(course: Course) -> None:
    (course.notebooks / "91_other.ipynb").write_bytes(course.notebook.read_bytes())
    (fault,) = faults()
    assert "no module of that name" in str(fault)


def test_a_broken_file_is_a_fault(course: Course) -> None:
    course.notebook.write_text('{"cells": [', encoding="utf-8")
    (fault,) = faults()
    assert "not a notebook" in str(fault)


def test_a_module_that_breaks_the_conventions_is_a_fault(course: Course) -> None:
    course.module.write_text("```python hidden\nx\n```\n", encoding="utf-8")
    (fault,) = faults()
    assert "line 1" in str(fault)


def test_the_learners_copies_are_not_lessons(course: Course) -> None:
    kept: Path = course.notebooks / "my_copies"
    kept.mkdir()
    (kept / "90_small-1.ipynb").write_bytes(course.notebook.read_bytes())
    assert faults() == []
