"""`python -m courseware.commands.prose`: hold pages and docstrings to plain English.

The rules are data, `prose.toml`. Pages that a change has not yet reached are listed in the tests
with the number of their faults, which may only shrink.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.runtime.paths import CODE, MODULES, ROOT

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_SKIP = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|<[^>]*>|\*Predict:.*?\*", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?|\n]+(?:\n(?![\n\-*#|>\d])[^.!?|\n]+)*[.!?]?")
_MARKS = re.compile(r"^[\s\-*#>\d.:|)(\[_\"“]+")


@dataclass(frozen=True)
class Rule:
    """A kind of wording that is refused."""

    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Fault:
    """A sentence that breaks a rule."""

    file: str
    line: int
    text: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text!r}: {self.instead}"


def _rules() -> dict[str, list[Rule]]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    flags = {"start": 0, "anywhere": re.IGNORECASE, "docstring": 0}
    return {
        kind: [Rule(re.compile(rule["pattern"], flags[kind]), rule["instead"]) for rule in rules]
        for kind, rules in told.items()
    }


RULES = _rules()


def page_faults(name: str, text: str) -> Iterator[Fault]:
    """Yield the faults of a markdown text."""
    for found in (_FENCE, _SKIP):
        text = found.sub(lambda gone: re.sub(r"[^\n]", " ", gone.group()), text)
    for sentence in _SENTENCE.finditer(text):
        said = sentence.group()
        start = _MARKS.sub("", said)
        line = text.count("\n", 0, sentence.start() + len(said) - len(said.lstrip())) + 1
        if not said.rstrip().endswith("?") and not said.lstrip().startswith("#"):
            for rule in RULES["start"]:
                if rule.pattern.match(start):
                    yield Fault(name, line, " ".join(start.split())[:60], rule.instead)
        for rule in RULES["anywhere"]:
            if hit := rule.pattern.search(said):
                yield Fault(name, line, hit.group(), rule.instead)


def docstring_faults(name: str, source: str) -> Iterator[Fault]:
    """Yield the faults of the first lines of a file's docstrings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            for rule in RULES["docstring"]:
                if rule.pattern.match(first):
                    yield Fault(name, node.body[0].lineno, first[:60], rule.instead)


def faults(root: Path = ROOT) -> list[Fault]:
    """Return the faults of README, CONTRIBUTING, the pages and every docstring."""
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted(MODULES.glob("*.md"))]
    found = [
        fault
        for page in pages
        for fault in page_faults(
            page.relative_to(root).as_posix(), page.read_text(encoding="utf-8")
        )
    ]
    for file in sorted(CODE.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        found += docstring_faults(name, file.read_text(encoding="utf-8"))
    return found


def main(arguments: Sequence[str] = ()) -> int:
    """Print the faults, all or those of the named files; the exit code is 1 if there are any."""
    found = [
        fault for fault in faults() if not arguments or any(a in fault.file for a in arguments)
    ]
    for fault in found:
        print(fault)
    print(f"{len(found)} sentences to rewrite")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
