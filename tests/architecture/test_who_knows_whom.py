"""The rules of CONTRIBUTING.md about who may import whom, and who uses deprecated names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.runtime.paths import CODE, MODULES, ROOT

FORBIDDEN = {
    "agent_patterns": ("courseware", "IPython", "ipykernel", "ipywidgets", "jupyter"),
    "practice_model": (
        "agent_patterns",
        "langchain",
        "langgraph",
    ),
    "courseware/widgets": ("courseware.exercises",),
    "courseware/exercises": ("courseware.notebooks.build",),
}
DEPRECATED = (
    "create_react_agent",
    "NodeInterrupt",
    "MessageGraph",
    "langgraph.constants import Send",
    "draw_mermaid_png",
)
HOSTS = re.compile(r"(pypi|npmjs|pythonhosted|debian)\.org", re.IGNORECASE)


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_import_only_what_they_may_know(package: str) -> None:
    files = list((CODE / package).rglob("*.py"))
    assert files
    wrong = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in imports(file)
        for forbidden in FORBIDDEN[package]
        if name == forbidden or name.startswith(forbidden + ".")
    ]
    assert wrong == []


def test_the_practice_model_knows_nothing_else_of_the_course() -> None:
    own = "practice_model"
    known = {
        name
        for file in (CODE / "practice_model").rglob("*.py")
        for name in imports(file)
        if name.split(".")[0] == "courseware" and not (name + ".").startswith(own + ".")
    }
    assert known == set()


def test_code_is_no_package() -> None:
    assert not (CODE / "__init__.py").exists()


def test_every_module_has_its_program_and_notebook() -> None:
    for module in MODULES.glob("[0-9][0-9]_*.md"):
        assert (ROOT / "notebooks" / f"{module.stem}.ipynb").is_file()
        if not module.stem.startswith("00"):
            assert (CODE / f"{module.stem}.py").is_file(), f"no terminal program for {module.stem}"


def test_no_registry_is_named_and_nothing_deprecated_is_used() -> None:
    suffixes = {".py", ".md", ".toml", ".txt", ".json", ".yml", ".ipynb"}
    files = [
        file
        for folder in ("code", "modules", "notebooks", "tests", ".github")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in suffixes and "node_modules" not in file.parts and file != Path(__file__)
    ]
    files += [file for file in ROOT.iterdir() if file.is_file() and file.suffix in suffixes]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not HOSTS.search(text), f"{file} names a package registry"
        if file.suffix == ".py" and "tests" not in file.parts:
            used = [name for name in DEPRECATED if name in text]
            assert used == [], f"{file} uses {used}"
