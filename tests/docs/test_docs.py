"""The pages' own check: silent on this course, and it finds every fault that is planted."""

import ast
from pathlib import Path

import nbformat
import pytest

from courseware.commands import docs
from courseware.commands.readme import with_table
from courseware.lessons import LESSONS
from courseware.runtime.paths import ROOT

README = """# A course

- [90 Small](modules/90_small.md)
- [above](#a-course), [below](modules/90_small.md#the-problem)
- ![a panel](modules/panel.png)

Code is in `code/thing.py`; a module is `modules/NN_name.md`; see [the web](https://example.com/x).
"""

MODULE = """# 90 Small

## The problem

Read [the code](../code/thing.py), [the notebook](../notebooks/90_small.ipynb) or [up](#90-small).
`courseware.commands.docs.main` checks this.

```python
answer = await something()
```
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small course without a fault."""
    for name, text in {
        "README.md": README,
        "modules/90_small.md": MODULE,
        "modules/panel.png": "",
        "notebooks/90_small.ipynb": "{}",
        "code/thing.py": "",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_course_without_faults(root: Path) -> None:
    assert docs.faults(root) == []


PLANTED = [
    ("README.md", "[x](modules/91_other.md)", "no such file"),
    ("README.md", "[x](Modules/90_small.md)", "no such file"),
    ("README.md", "[x](../outside.md)", "no such file"),
    ("README.md", "[x](modules/90_small.md#nowhere)", "has no heading #nowhere"),
    ("README.md", "[x](#nowhere)", "has no heading #nowhere"),
    ("README.md", "[x](/modules/90_small.md)", "root of the disk"),
    ("README.md", "[x](ftp://example.com/x)", "neither a relative link nor a web address"),
    ("README.md", "[x][ref]\n\n[ref]: nowhere.md", "no such file"),
    ("README.md", '<a href="nowhere.md">x</a>', "no such file"),
    ("README.md", '<img src="modules/panel.png">', "without a description"),
    ("README.md", "![](modules/panel.png)", "without a description"),
    ("README.md", "see `code/missing.py`", "no such file"),
    ("README.md", "see `courseware.missing.name`", "no such name"),
    ("README.md", "see `courseware.commands.docs.missing`", "no such name"),
    ("README.md", "```python\nx = = 1\n```", "does not compile"),
    ("modules/90_small.md", "```python\nfor\n```", "does not compile"),
    ("modules/90_small.md", "```bash\nls\n```", "becomes a cell"),
    ("modules/90_small.md", "```python hidden\nx\n```", "neither ```python nor"),
    ("modules/90_small.md", "[x](90_small.md)", "does not lead there from the notebook"),
]


@pytest.mark.parametrize(("page", "text", "said"), PLANTED)
def test_a_planted_fault_is_found_with_its_page(
    root: Path, page: str, text: str, said: str
) -> None:
    file = root / page
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    found = docs.faults(root)
    assert any(fault.startswith(f"{page}:") and said in fault for fault in found), found


def test_a_fault_is_named_with_its_line(root: Path) -> None:
    file = root / "README.md"
    file.write_text(README + "\n[x](nowhere.md)\n", encoding="utf-8")
    (fault,) = docs.faults(root)
    assert fault.startswith(f"README.md:{len(README.splitlines()) + 2}:")


def test_readmes_table_is_that_of_the_lessons() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(text) == text
    for each in LESSONS.values():
        assert f"[{each.number} {each.title}](modules/{each.key}.md)" in text
    assert with_table(text.replace(LESSONS["00"].title, "Another title")) == text


def test_anchors_are_those_of_github(root: Path) -> None:
    page = root / "README.md"
    page.write_text(
        "# What's `new`, in 2.0?\n\n## Twice\n\n## Twice\n\n## Trade-offs: a _b_\n"
        '\n<a id="by-hand"></a>\n',
        encoding="utf-8",
    )
    assert docs.anchors(docs.Page(page, root)) == {
        "whats-new-in-20",
        "twice",
        "twice-1",
        "trade-offs-a-b",
        "by-hand",
    }


def test_the_command_ends_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    docs.main([])
    assert "pages: " in capsys.readouterr().out


def prints(source: str) -> bool:
    """Whether a cell prints, not counting the functions that it only defines."""
    apart = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    run = [line for line in ast.parse(source).body if not isinstance(line, apart)]
    calls = [each for line in run for each in ast.walk(line) if isinstance(each, ast.Call)]
    return any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls)


@pytest.mark.parametrize("number", LESSONS)
def test_a_cell_that_prints_has_printed(number: str) -> None:
    """A failure that a cell means to catch and tell did happen."""
    notebook = nbformat.read(LESSONS[number].notebook, as_version=4)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    silent = [code.source for code in codes if prints(code.source) and not code.outputs]
    assert silent == []
