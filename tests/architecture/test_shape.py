"""No circles, no long files or functions, no export that nobody uses."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from courseware.runtime.paths import CODE, MODULES, ROOT

PACKAGES = ("agent_patterns", "practice_model", "courseware")
LONGEST_FILE, LONGEST_FUNCTION, MOST_EXPORTS = 400, 60, 90
OVER: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "oversize.toml").read_text(encoding="utf-8")
)
"""What exceeds the limits, with its size. The list may only shrink."""


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def files(folder: str) -> list[Path]:
    return sorted((CODE / folder).rglob("*.py"))


def name_of(file: Path) -> str:
    parts = file.relative_to(CODE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(file: Path, known: set[str]) -> Iterator[str]:
    """The modules that a file imports anywhere, also in functions and for types alone."""
    package = name_of(file) if file.name == "__init__.py" else name_of(file).rpartition(".")[0]
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                outer = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*outer, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield from (name for name in (inner, base) if name in known)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_goes_round_in_a_circle(package: str) -> None:
    found = files(package)
    known = {name_of(file) for file in found}
    # `from package import file` reaches the file; the package around it is not what is meant.
    arrows = {
        name_of(file): {each for each in imported(file, known) if each != name_of(file)}
        for file in found
    }
    for name, targets in arrows.items():
        arrows[name] = {
            each for each in targets if not (any(other.startswith(f"{each}.") for other in targets))
        }
    assert sorted(set(circles(arrows)) - set(OVER["circles"]["known"])) == []


def circles(arrows: dict[str, set[str]]) -> Iterator[str]:
    """The strongly connected parts with more than one file (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[str] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in arrows[name]:
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            part = []
            while True:
                part.append(stack.pop())
                if part[-1] == name:
                    break
            if len(part) > 1:
                found.append(" <-> ".join(sorted(part)))

    for name in arrows:
        if name not in index:
            visit(name)
    yield from found


def lengths_of_files() -> dict[str, int]:
    every = [file for package in PACKAGES for file in files(package)]
    every += [*CODE.glob("*.py"), *(ROOT / "benchmarks").rglob("*.py"), ROOT / "course.py"]
    return {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in every
    }


def lengths_of_functions() -> dict[str, int]:
    found: dict[str, int] = {}
    for name in lengths_of_files():
        for node in ast.walk(tree(ROOT / name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                key = f"{name}:{node.name}"
                found[key] = max(found.get(key, 0), (node.end_lineno or 0) - node.lineno + 1)
    return found


@pytest.mark.parametrize(
    ("kind", "limit"), [("files", LONGEST_FILE), ("functions", LONGEST_FUNCTION)]
)
def test_what_is_too_long_is_listed_and_only_shrinks(kind: str, limit: int) -> None:
    lengths = lengths_of_files() if kind == "files" else lengths_of_functions()
    listed = OVER[kind]
    too_long = {name: size for name, size in lengths.items() if size > limit}
    grown = {name: size for name, size in too_long.items() if size > listed.get(name, limit)}
    assert grown == {}, f"split these: at most {limit} lines"
    assert sorted(set(listed) - set(too_long)) == [], "short enough now; take it off the list"


def exports() -> list[tuple[str, str]]:
    found = []
    for file in (CODE / "agent_patterns").rglob("*.py"):
        for node in tree(file).body:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id == "__all__"
            ):
                found += [(name_of(file), name) for name in ast.literal_eval(node.value)]
    return found


def test_the_taught_library_exports_little_and_nothing_in_vain() -> None:
    users = [*MODULES.glob("*.md"), *CODE.glob("*.py"), *files("courseware")]
    used = set(re.findall(r"\w+", "\n".join(file.read_text(encoding="utf-8") for file in users)))
    unused = sorted(f"{module}.{name}" for module, name in exports() if name not in used)
    assert unused == OVER["unused"]["exports"], "exports that no lesson or program uses"
    assert len(exports()) <= OVER["unused"]["most"], "exports of agent_patterns in all"
    assert OVER["unused"]["most"] >= MOST_EXPORTS
