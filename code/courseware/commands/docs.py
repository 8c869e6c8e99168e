"""`python -m courseware.commands.docs`: does what the course's pages say and link to exist?

Checked without a network, in README, CONTRIBUTING and the modules: relative links and their
anchors, pictures and their alternative text, files and names of code that are mentioned, Python
fences that do not compile, fences that would become shell cells, and README's list of modules.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from courseware.commands.readme import with_table
from courseware.notebooks.source import ModuleError, cells
from courseware.runtime.paths import ROOT

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_HTML_TARGET = re.compile(r"""<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*["']([^"']+)["']""", re.I)
_HTML_ANCHOR = re.compile(r"""\b(?:id|name)\s*=\s*["']([^"']+)["']""", re.I)
_HTML_PICTURE = re.compile(r"<img\b[^>]*>", re.I)
_ALT = re.compile(r"""\balt\s*=\s*["'][^"']+["']""", re.I)
_FILE = re.compile(r"(?:code|modules|notebooks|tests|docs|\.ci|\.github)/[\w./-]+")
_DOTTED = re.compile(r"(?:agent_patterns|courseware)(?:\.\w+)+")
_SHELL = {"bash", "sh", "html", "js", "javascript", "sql", "perl", "ruby", "latex", "svg", "R"}


@dataclass(frozen=True)
class Page:
    """A page of the course."""

    file: Path
    root: Path

    @property
    def name(self) -> str:
        """Its path from the course's folder."""
        return self.file.relative_to(self.root).as_posix()

    @property
    def is_module(self) -> bool:
        """True for a page from which a notebook is made, in the folder beside its own."""
        return self.file.parent.name == "modules"

    @property
    def tokens(self) -> list[Token]:
        """Its markdown, parsed; inline tokens are flattened."""
        found: list[Token] = []
        for token in _MARKDOWN.parse(self.file.read_text(encoding="utf-8")):
            found.append(token)
            found += _with_lines(token)
        return found


def _with_lines(token: Token) -> Iterator[Token]:
    for child in token.children or ():
        child.map = token.map
        yield child


def pages(root: Path = ROOT) -> list[Page]:
    """README, CONTRIBUTING and the modules."""
    names = ("README.md", "CONTRIBUTING.md")
    files = [root / name for name in names if (root / name).exists()]
    return [Page(file, root) for file in [*files, *sorted((root / "modules").glob("*.md"))]]


def faults(root: Path = ROOT) -> list[str]:
    """Return what is wrong, one line each: page, line, and what to mend."""
    every = pages(root)
    found = [
        f"{page.name}:{line}: {text}"
        for page in every
        for check in (_links, _pictures, _mentions, _fences)
        for line, text in check(page)
    ]
    return found + list(_index(root))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _links(page: Page) -> Iterator[tuple[int, str]]:
    for token in page.tokens:
        targets: list[str] = []
        if token.type == "link_open":
            targets = [str(token.attrs.get("href", ""))]
        elif token.type == "image":
            targets = [str(token.attrs.get("src", ""))]
        elif token.type in ("html_block", "html_inline"):
            targets = _HTML_TARGET.findall(token.content)
        for target in targets:
            text = _broken(page, target)
            if text:
                yield _line(token), f"{target}: {text}"


def _broken(page: Page, target: str) -> str:
    """Return why a link leads nowhere, or None."""
    parts = urlsplit(target)
    if parts.scheme in ("http", "https", "mailto"):
        return "" if parts.netloc or parts.path else "an empty link"
    if parts.scheme or parts.netloc:
        return "neither a relative link nor a web address"
    if parts.path.startswith("/"):
        return "begins at the root of the disk; write it relative to the page"
    if parts.path and page.is_module and not parts.path.startswith("../"):
        return "does not lead there from the notebook; write ../modules/… or ../notebooks/…"
    file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
    if not _exists_as_written(file, page.root):
        return "there is no such file"
    if parts.fragment and file.suffix == ".md":
        wanted = unquote(parts.fragment)
        if wanted not in anchors(Page(file, page.root)):
            return f"{file.name} has no heading #{wanted}"
    return ""


def _exists_as_written(file: Path, root: Path) -> bool:
    """Return True if the path exists inside the course in exactly this spelling, as on Linux."""
    if not file.is_relative_to(root.resolve()):
        return False
    place = root.resolve()
    for part in file.relative_to(place).parts:
        if not place.is_dir() or part not in {entry.name for entry in place.iterdir()}:
            return False
        place /= part
    return True


def anchors(page: Page) -> set[str]:
    """Return the anchors of a page: its headings as GitHub names them, and ids in its HTML."""
    found: set[str] = set()
    seen: dict[str, int] = {}
    tokens = page.tokens
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            text = "".join(
                child.content
                for child in following.children or ()
                if child.type in ("text", "code_inline")
            )
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            found.add(f"{slug}-{count}" if count else slug)
        elif token.type in ("html_block", "html_inline"):
            found.update(_HTML_ANCHOR.findall(token.content))
    return found


def _pictures(page: Page) -> Iterator[tuple[int, str]]:
    for token in page.tokens:
        if token.type == "image" and not token.content.strip():
            yield _line(token), "a picture without a description"
        elif token.type in ("html_block", "html_inline"):
            for tag in _HTML_PICTURE.findall(token.content):
                if not _ALT.search(tag):
                    yield _line(token), "a picture without a description (alt)"


def _mentions(page: Page) -> Iterator[tuple[int, str]]:
    for token in page.tokens:
        if token.type != "code_inline":
            continue
        text = token.content.strip()
        if _FILE.fullmatch(text) and not re.search(r"N{2}", text):
            if not _exists_as_written((page.root / text.rstrip("/")).resolve(), page.root):
                yield _line(token), f"`{text}`: there is no such file"
        elif _DOTTED.fullmatch(text) and not _resolves(text):
            yield _line(token), f"`{text}`: there is no such name"


def _resolves(dotted: str) -> bool:
    """Return True for a module, or an attribute of one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        try:
            found: object = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            continue
        for attribute in parts[length:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


def _fences(page: Page) -> Iterator[tuple[int, str]]:
    for token in page.tokens:
        if token.type != "fence":
            continue
        language = token.info.strip().partition(" ")[0]
        if page.is_module and language in _SHELL:
            yield (
                _line(token),
                f"a fence named {language} becomes a cell in some tools; write console or text",
            )
        if language == "python":
            try:
                compile(
                    token.content,
                    page.name,
                    "exec",
                    ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                    dont_inherit=True,
                )
            except SyntaxError as error:
                yield _line(token) + (error.lineno or 0), f"does not compile: {error.msg}"
    if page.is_module:
        try:
            cells(page.file.read_text(encoding="utf-8"))
        except ModuleError as error:
            yield 1, str(error)


def _index(root: Path) -> Iterator[str]:
    """Yield what is wrong with README's table of lessons."""
    readme = root / "README.md"
    if not readme.exists():
        yield "README.md: missing"
    elif root == ROOT and with_table(text := readme.read_text(encoding="utf-8")) != text:
        yield "README.md:1: its table of lessons is not that of LESSONS; run course.py build"


def main(argv: Sequence[str] = ()) -> int:
    """Print the faults; the exit code is 1 if there are any."""
    found = faults()
    for fault in found:
        print(fault)
    print(f"{len(pages())} pages: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
