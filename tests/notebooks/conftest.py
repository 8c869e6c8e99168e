"""A course of one module, built once."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.progress import Progress

from courseware.lessons import Lesson
from courseware.notebooks import build

MODULE = """# 90 A small module

```python
import json

print("hello")
```

```python tags=["raises-exception"]
json.loads("{")
```

*Predict: what comes out?*

```python
{"a": 1}
```

```python
seen = True
```
"""


class Course(NamedTuple):
    """Where a module and its notebook lie."""

    modules: Path
    notebooks: Path

    @property
    def module(self) -> Path:
        return self.modules / "90_small.md"

    @property
    def notebook(self) -> Path:
        return self.notebooks / "90_small.ipynb"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    course = Course(root / "modules", root / "notebooks")
    course.modules.mkdir()
    course.module.write_text(MODULE, encoding="utf-8")
    with Progress(disable=True) as progress:
        failures = build.build([course.module], target=course.notebooks, progress=progress)
    assert not failures
    return course


@pytest.fixture
def course(built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy to change; the machinery takes it for the course itself."""
    own = Course(tmp_path / "modules", tmp_path / "notebooks")
    shutil.copytree(built.modules, own.modules)
    shutil.copytree(built.notebooks, own.notebooks)
    for name in ("notebooks.source", "notebooks.checking", "notebooks.build", "lessons"):
        monkeypatch.setattr(f"courseware.{name}.NOTEBOOKS", own.notebooks)
    small = Lesson("90", "small", 1, "say hello", (), ())
    monkeypatch.setattr("courseware.lessons.MODULES", own.modules)
    monkeypatch.setattr("courseware.lessons.LESSONS", {"90": small})
    return own
