"""The documents and a search over them: BM25 on word stems, nothing to install or download."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "to",
        "with",
        "without",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "as",
        "which",
        "who",
        "what",
        "when",
        "where",
        "how",
        "much",
        "many",
        "do",
        "does",
        "not",
        "no",
        "our",
        "we",
        "you",
        "your",
        "i",
        "they",
        "them",
        "their",
        "there",
        "about",
        "write",
        "tell",
        "me",
        "please",
        "can",
        "will",
        "up",
        "so",
        "if",
        "than",
        "then",
    ]
)


class UnknownDocument(KeyError):
    """No document has this id."""

    def __str__(self) -> str:
        return f"No document has the id {self.args[0]!r}. Known ids: {', '.join(library())}."


@dataclass(frozen=True)
class Document:
    """A document: an id to cite it by, a title, and a text of a few sentences."""

    id: str
    title: str
    text: str

    @property
    def sentences(self) -> list[str]:
        """Return the statements of the text, one sentence each."""
        return re.split(r"(?<=[.!?])\s+(?=[A-Z])", self.text)


@functools.cache
def _shop() -> dict[str, Document]:
    found = {}
    folder = resources.files("courseware.lessons.shop").joinpath("texts")
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.endswith(".md"):
            heading, text = entry.read_text(encoding="utf-8").split("\n", 1)
            name = entry.name.removesuffix(".md")
            found[name] = Document(name, heading.lstrip("# ").strip(), " ".join(text.split()))
    return found


_chosen: dict[str, Document] = {}


def library() -> dict[str, Document]:
    """Return all documents by id, in the order of their ids: the shop's, or your own."""
    return dict(_chosen or _shop())


def is_shop() -> bool:
    """Tell whether the library is the shop's and not a folder of your own."""
    return not _chosen


def choose(documents: Sequence[Document]) -> None:
    """Make these documents the library; none brings the shop's back."""
    _chosen.clear()
    _chosen.update({document.id: document for document in documents})


def get(id_: str) -> Document:
    """Return the document with this id. Raises `UnknownDocument`, which lists the known ids."""
    try:
        return library()[id_]
    except KeyError:
        raise UnknownDocument(id_) from None


def stem(word: str) -> str:
    """Return a word without its usual endings, for comparing."""
    word = word.lower()
    if len(word) > 4:
        for ending in ("ies", "ing", "ed", "es", "s", "y", "e"):
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word.removesuffix(ending)
    return word


def stems(text: str) -> list[str]:
    """Return the stems of the words of a text that carry meaning; figures are kept whole."""
    words = re.findall(r"\d+(?:[.:,]\d+)*|[^\W\d_]+", text)
    return [stem(word) for word in words if word.lower() not in _COMMON]


def search(query: str, limit: int = 3) -> list[Document]:
    """Return the documents that fit a query best, best first; none when no word of it occurs."""
    documents = list(library().values())
    bags = [Counter(stems(f"{entry.title} {entry.title} {entry.text}")) for entry in documents]
    average = sum(bag.total() for bag in bags) / len(bags)
    scores = []
    for document, bag in zip(documents, bags, strict=True):
        score = 0.0
        for word in set(stems(query)):
            holders = sum(word in other for other in bags)
            if bag[word]:
                rarity = math.log(1 + (len(bags) - holders + 0.5) / (holders + 0.5))
                weight = bag[word] * 2.2 / (bag[word] + 1.2 * (0.25 + 0.75 * bag.total() / average))
                score += rarity * weight
        scores.append((score, document))
    ranked = sorted((pair for pair in scores if pair[0] > 0), key=lambda pair: -pair[0])
    best = ranked[0][0] if ranked else 0.0
    return [document for score, document in ranked[:limit] if score >= 0.35 * best]
