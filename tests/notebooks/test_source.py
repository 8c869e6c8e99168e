"""Modules as cells: the same cells that jupytext would make, and ids that stay."""

from pathlib import Path

import jupytext
import pytest

from courseware.notebooks import Cell, ModuleError, cells, fresh_notebook
from courseware.notebooks.source import PAGE_ONLY
from courseware.runtime.paths import MODULES

SAMPLE = """# Title

First paragraph.


Second cell, after two blank lines.

- a list

```text
not run
```

```python
x = 1

y = 2
```
Right below.

```python tags=["raises-exception"]
1 / 0
```

```python .noeval
this is not run
```

```mermaid
flowchart LR
    a --> b
```

```python
```
"""


def test_fences_become_cells() -> None:
    found = cells(SAMPLE)
    assert [cell.kind for cell in found] == [
        "markdown",
        "markdown",
        "code",
        "markdown",
        "code",
        "markdown",
        "markdown",
        "code",
    ]
    assert found[2] == Cell("code", "x = 1\n\ny = 2")
    assert found[4] == Cell("code", "1 / 0", ("raises-exception",))
    assert "this is not run" in found[5].source
    assert "mermaid" in found[6].source


@pytest.mark.parametrize("name", ["sample", *sorted(file.name for file in MODULES.glob("*.md"))])
def test_jupytext_reads_the_same_cells(name: str) -> None:
    text = SAMPLE if name == "sample" else (MODULES / name).read_text(encoding="utf-8")
    read = jupytext.reads(PAGE_ONLY.sub("", text), fmt="md")
    theirs = [(cell.cell_type, cell.source) for cell in read.cells]
    assert [(cell.kind, cell.source) for cell in cells(text)] == theirs


def test_a_fence_with_something_else_than_tags_is_refused_with_its_line() -> None:
    with pytest.raises(ModuleError, match="line 3"):
        cells("# Title\n\n```python hidden\nx = 1\n```\n")
    with pytest.raises(ModuleError, match="JSON"):
        cells("```python tags=[raises-exception]\nx = 1\n```\n")


def ids(module: Path) -> list[str]:
    return [cell.id for cell in fresh_notebook(module).cells]


def test_ids_stay_when_other_cells_change(tmp_path: Path) -> None:
    module = tmp_path / "90_x.md"
    module.write_text(SAMPLE, encoding="utf-8")
    before = ids(module)
    assert before == ids(module)
    assert len(set(before)) == len(before)
    module.write_text("A new first cell.\n\n\n" + SAMPLE.replace("y = 2", "y = 3"), "utf-8")
    after = ids(module)
    assert after[1:3] == before[:2]
    assert after[4:] == before[3:]
    assert after[3] != before[2]


def test_equal_cells_have_different_ids(tmp_path: Path) -> None:
    module = tmp_path / "90_x.md"
    module.write_text("```python\nx\n```\n\n```python\nx\n```\n", encoding="utf-8")
    assert len(set(ids(module))) == 2


def test_the_line_that_leads_to_the_notebook_is_on_the_page_only() -> None:
    line = "[The notebook](../notebooks/90_x.ipynb) holds the outputs."
    (cell,) = cells(f"# Title\n\n{line}\n\nSee [module 91](../notebooks/91_y.ipynb).\n")
    assert cell.source == "# Title\n\nSee [module 91](../notebooks/91_y.ipynb)."


PREDICTIONS = """# Title

*Predict: how many?*

```python
1
```

```python
2
```

Where it says *Predict*, nothing shows.

```python
3
```

It goes on. *Predict: which
of them?*

```python
4
```
"""


def test_what_answers_a_prediction_starts_out_hidden(tmp_path: Path) -> None:
    module = tmp_path / "90_x.md"
    module.write_text(PREDICTIONS, encoding="utf-8")
    codes = [cell for cell in fresh_notebook(module).cells if cell.cell_type == "code"]
    hidden = {"outputs_hidden": True}
    assert [cell.metadata.get("jupyter") for cell in codes] == [hidden, hidden, None, hidden]
