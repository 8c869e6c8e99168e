"""Whether a text keeps to its sources: computed from the text, by rules anybody can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from courseware.library.documents import Document, library, stem, stems

_CITATION = re.compile(r"\[([\w-]+(?:\s*,\s*[\w-]+)*)\]")
_OPEN = re.compile(
    r"^(?:hello|dear|hi|best|kind|warm|thank|please|subject:|#|yours|as a next step|i am writing|"
    r"if (?:you|there)|the sources? |my search found nothing|no sources?|nothing is claimed|"
    r"this (?:text|is a first look))",
    re.IGNORECASE,
)
_NUMBERS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "thousand",
        "half",
        "third",
        "quarter",
    ]
)
_NUMBER_STEMS = frozenset(map(stem, _NUMBERS))


@dataclass(frozen=True)
class Claim:
    """One statement of a text, with the ids that it cites."""

    text: str
    cited: tuple[str, ...]


def claims(text: str) -> list[Claim]:
    """The statements of a text; greetings, headings, questions and closings are none."""
    found = []
    for line in text.splitlines():
        line = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line).strip()
        line = re.sub(r"([.!?])\s*((?:\[[\w, -]+\]\s*)+)(?=[A-Z]|$)", r" \2\1 ", line)
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", line):
            ids = [i.strip() for match in _CITATION.findall(sentence) for i in match.split(",")]
            bare = re.sub(r"\s+([.,!?])", r"\1", _CITATION.sub("", sentence)).strip()
            if len(stems(bare)) < 3 or _OPEN.match(bare) or bare.endswith(("?", ":")):
                continue
            found.append(Claim(" ".join(bare.split()), tuple(ids)))
    return found


def bears_out(claim: str, document: Document) -> bool:
    """Whether a document says what a claim says: all its figures, and most of its words."""
    known = set(stems(f"{document.title} {document.text}"))
    wanted = stems(claim)
    figures = [word for word in wanted if word[0].isdigit() or word in _NUMBER_STEMS]
    shared = sum(word in known for word in wanted) / len(wanted) if wanted else 0.0
    return all(figure in known for figure in figures) and shared >= 0.6


def unsupported(text: str) -> list[Claim]:
    """The claims that cite nothing, cite an id that does not exist, or a document that says
    something else.
    """
    documents = library()
    found = []
    for claim in claims(text):
        cited = [documents[entry] for entry in claim.cited if entry in documents]
        if not any(bears_out(claim.text, document) for document in cited):
            found.append(claim)
    return found


def word_count(text: str) -> int:
    """The words of a text; the ids that it cites are none."""
    return len(re.sub(rf"\s*{_CITATION.pattern}", "", text).split())


@dataclass(frozen=True)
class Rubric:
    """The quality of a text, each part from 0 to 1."""

    cited: float
    """Share of the wanted number of different sources."""
    supported: float
    """Share of the claims that their cited source bears out."""
    covered: float
    """Share of the points that the text takes up."""
    fits: float
    """1 within the word limit, less the more words are too many; 0 for a text that says nothing."""

    @property
    def total(self) -> float:
        """The mean of the four parts."""
        return (self.cited + self.supported + self.covered + self.fits) / 4


def rubric(
    text: str, *, points: Sequence[str] = (), sources: int = 2, max_words: int | None = None
) -> Rubric:
    """Judge a text: sources cited, claims supported, points covered, length kept.

    A point is covered when one supported claim has most of its words.
    """
    stated = claims(text)
    real = {entry for claim in stated for entry in claim.cited if entry in library()}
    without = unsupported(text)
    wrong = len(without)
    bags = [set(stems(claim.text)) for claim in stated if claim not in without]
    covered = 0
    for point in points:
        wanted = set(stems(point))
        covered += any(len(wanted & bag) >= 0.6 * len(wanted) for bag in bags)
    words = word_count(text)
    return Rubric(
        cited=min(1.0, len(real) / sources) if sources else 1.0,
        supported=1 - wrong / len(stated) if stated else 0.0,
        covered=covered / len(points) if points else 1.0,
        fits=0.0
        if not stated
        else 1.0
        if max_words is None or words <= max_words
        else max_words / words,
    )
