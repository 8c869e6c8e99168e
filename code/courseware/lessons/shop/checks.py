"""Whether a text keeps to its sources: computed from the text, by rules anybody can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from courseware.lessons.shop.documents import library, stems
from courseware.lessons.shop.evidence import bears_out, figures_of

_CITATION = re.compile(r"\[([\w-]+(?:\s*,\s*[\w-]+)*)\]")
_LINE = re.compile(
    r"#|(?i:subject:)|(?i:hello|dear|hi)(?:\s+(?:[A-ZÀ-Þ][\w.'’-]*|all|there|sir|madam|or|and))*[,.!]?$"
    r"|(?i:(?:best|kind|warm)(?: regards| wishes)|yours(?: \w+)?|regards)"
    r"[,.!]?(?:\s+[A-ZÀ-Þ][\w.'’-]*){0,3}$"
)
"""Lines that claim nothing: headings, greetings and closings."""
_ABOUT_SOURCES = re.compile(
    r"(?:i found nothing\b|note: (?:not done:|i was given no)"
    r"|the sources?(?: found| given here)? (?:say|says|hold|holds) nothing\b"
    r"|the sources?(?: found| given here)? (?:do|does) not\b"
    r"|my search found nothing\b|no sources? (?:was|were|is|are|came|says?|bears?)\b"
    r"|nothing is claimed\b|this text is\b|this is a first look\b)"
    r"(?!.*[,;] (?:but|yet|however)\b)",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"thank you\b|as a next step\b|i am writing\b|please (?!note|remember|be aware|keep in mind)\b"
    r"|if (?:you|there|anything)\b[^,]*,"
    r" (?:please|just|do|contact|write|ask|call|tell|reply|let)\b",
    re.IGNORECASE,
)
"""Sentences that ask or thank; one with a figure in it says something as well."""


@dataclass(frozen=True)
class Claim:
    """A statement of a text, with the ids that it cites."""

    text: str
    cited: tuple[str, ...]


def claims(text: str) -> list[Claim]:
    """Return the statements of a text; greetings, headings, questions and closings are none.

    Nor are requests and thanks without a figure, what a text says about its sources, and what has
    fewer than three words that carry meaning.
    """
    found = []
    for line in text.splitlines():
        if _LINE.match(line.strip()):
            continue
        line = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line).strip()
        line = re.sub(r"([.!?])\s*((?:\[[\w, -]+\]\s*)+)(?=[A-Z]|$)", r" \2\1 ", line)
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", line):
            ids = [i.strip() for match in _CITATION.findall(sentence) for i in match.split(",")]
            bare = re.sub(r"\s+([.,!?])", r"\1", _CITATION.sub("", sentence)).strip()
            if len(stems(bare)) < 3 or bare.endswith(("?", ":")) or _claims_nothing(bare):
                continue
            found.append(Claim(" ".join(bare.split()), tuple(ids)))
    return found


def _claims_nothing(sentence: str) -> bool:
    polite = _COURTESY.match(sentence) and not figures_of(stems(sentence))
    return bool(polite or _ABOUT_SOURCES.match(sentence))


def unsupported(text: str) -> list[Claim]:
    """Return the claims without a source that says so.

    They cite nothing, an id that does not exist, or a document that says something else.
    """
    documents = library()
    found = []
    for claim in claims(text):
        cited = [documents[entry] for entry in claim.cited if entry in documents]
        if not any(bears_out(claim.text, document) for document in cited):
            found.append(claim)
    return found


def word_count(text: str) -> int:
    """Return the words of a text; the ids that it cites are none."""
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
