"""A library of your own: a folder of markdown and text files, one subject a file."""

from __future__ import annotations

import re
from pathlib import Path

from courseware.lessons.shop.documents import Document, choose, library
from courseware.lessons.shop.tools import describe

_ENDINGS = (".md", ".markdown", ".txt")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\))?")  # or a document would seem to cite
_BULLET = re.compile(r"^(?:[-*+\u2022]|\d+[.)])\s+")


class NoDocuments(ValueError):
    """The folder holds no text to search."""


def use_library(folder: str | Path | None = None) -> dict[str, Document]:
    """Search and cite the files of a folder from now on; without one, the shop's documents again.

    Takes the .md and .txt files of the folder and of its subfolders. A file's name is its id, so
    ``Tea notes.md`` is cited as ``[tea-notes]``; a heading on its first line is its title. Call it
    again after you change a file. Raises `NoDocuments`, and `FileNotFoundError`.
    """
    if folder is None:
        choose(())
    else:
        choose(_read(Path(folder).expanduser()))
    describe()
    return library()


def _read(folder: Path) -> list[Document]:
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {str(folder)!r} in {str(Path.cwd())!r}.")
    found: dict[str, Document] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.suffix.lower() in _ENDINGS and not any(part.startswith(".") for part in parts):
            document = _document(_id("-".join(parts)[: -len(path.suffix)], found), path)
            if document.text:
                found[document.id] = document
    if not found:
        raise NoDocuments(
            f"The folder {str(folder)!r} holds no .md or .txt file with a text. Write one subject "
            "a file, a few sentences each."
        )
    return list(found.values())


def _id(name: str, taken: dict[str, Document]) -> str:
    wanted = re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "text"
    number, free = 2, wanted
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    return free


def _document(id_: str, path: Path) -> Document:
    lines = [line.strip() for line in path.read_text("utf-8-sig", errors="replace").splitlines()]
    lines = [line for line in lines if line]
    title = id_.replace("-", " ")
    if lines and lines[0].startswith("#"):
        title = lines.pop(0).lstrip("# ") or title
    return Document(id_, title, " ".join(_paragraphs(lines)))


def _paragraphs(lines: list[str]) -> list[str]:
    """Return the lines as sentences: an item of a list is one, and other headings are none."""
    kept = []
    for line in lines:
        if line.startswith(("#", "```", "---", "|")):
            continue
        bare = _LINK.sub(r"\1", _BULLET.sub("", line)).replace("**", "")
        item = _BULLET.match(line) and not bare.endswith((".", "!", "?", ":"))
        kept.append(f"{bare}." if item else bare)
    return kept
