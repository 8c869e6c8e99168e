"""Whether a document bears a claim out, by its words, figures, names and negations."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence

from courseware.lessons.shop.documents import Document, library, stem, stems

_NUMBERS = frozenset(
    stem(word)
    for word in [
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
_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "cannot",
        "nobody",
        "none",
        "nothing",
        "neither",
        "nor",
        "without",
        "unless",
    ]
)
_SHOP = frozenset(["marlow", "finch"])
"""Names that every document may be about."""
_SHARED = 0.6
"""The share of a claim's words that the source must have too."""


def bears_out(claim: str, document: Document) -> bool:
    """Tell whether one sentence of a document says what a claim says, or one says each part of it.

    A sentence does when it has most of the claim's words, all its figures and names, and denies
    what the claim denies; and when the claim puts no word of another sentence in the place of one
    of this sentence.

    It compares words and knows no meaning. So it does not see a word that is false but stands
    nowhere in the document ("hot" for "cool"), two figures or subjects of one clause changed round
    ("dye inks dry in about twenty seconds"), or a claim that is true and leaves out the condition.
    And it takes a true claim for a false one when that says it in words of its own, or draws two
    sentences together without a comma or an "and".
    """
    parts = _parts(claim)
    if any(_says(claim, sentence, document) for sentence in document.sentences):
        return True
    return len(parts) > 1 and all(
        len(stems(part)) > 1
        and any(_says(part, sentence, document) for sentence in document.sentences)
        for part in parts
    )


def _says(claim: str, sentence: str, document: Document) -> bool:
    wanted, own = stems(claim), stems(sentence)
    known = {*own, *stems(document.title)}
    return (
        sum(word in known for word in wanted) >= _SHARED * len(wanted) > 0
        and set(figures_of(wanted)) <= set(own)
        and _names(claim) <= known | _SHOP
        and _denied(claim) & set(own) == _denied(sentence) & set(wanted)
        and not _replaced(wanted, own, document)
        and all(_figures_in_place(part, sentence) for part in _parts(claim))
    )


def _parts(text: str) -> list[str]:
    return re.split(r"[,;]\s+(?!\d)(?:and |but |while )?|\s+(?:and|but|while)\s+", text)


def figures_of(words: Sequence[str]) -> list[str]:
    """Return the numbers among the stems of a text, in digits or in words."""
    return [word for word in words if word[0].isdigit() or word in _NUMBERS]


def _names(text: str) -> set[str]:
    """Return the stems of capitalised words; the first counts only if it is always a name."""
    first, *others = re.findall(r"[^\W\d_]+", text) or [""]
    names = {word for word in others if len(word) > 1 and word[0].isupper()}
    return {stem(word) for word in names | ({first} & _known_names(tuple(library().values())))}


@functools.lru_cache(maxsize=4)
def _known_names(documents: tuple[Document, ...]) -> frozenset[str]:
    """Return the words that the documents write with a capital inside their sentences."""
    words = [
        word
        for document in documents
        for sentence in document.sentences
        for word in re.findall(r"[^\W\d_]+", sentence)[1:]
    ]
    return frozenset(word for word in words if len(word) > 1 and word[0].isupper())


def _denied(text: str) -> set[str]:
    """Return the word after each negation that carries meaning."""
    denied, negated = set(), False
    for word in re.findall(r"[^\W\d_]+(?:['’]t\b)?", text):
        if word.lower() in _NEGATIONS or word.lower().endswith(("n't", "n’t")):
            negated = True
        elif negated and (found := stems(word)):
            denied.add(found[0])
            negated = False
    return denied


def _replaced(wanted: Sequence[str], own: Sequence[str], document: Document) -> bool:
    """Tell whether a claim has another sentence's word where this one has its own."""
    foreign = {word for sentence in document.sentences for word in stems(sentence)} - set(own)
    for word, following in itertools.pairwise(wanted):
        before = {one for one, other in itertools.pairwise(own) if other == following}
        if word in foreign and before and not before & set(wanted):
            return True
    return False


def _figures_in_place(part: str, sentence: str) -> bool:
    """Tell whether the clause with the part's figure fits best.

    A clause that fits better and has another figure speaks against it.
    """
    words = stems(part)
    figures = set(figures_of(words))
    clauses = [set(stems(clause)) for clause in re.split(r"[,;]\s+(?!\d)", sentence)]
    fit = [len((set(words) - figures) & clause) for clause in clauses]
    for figure in figures:
        best = max((n for n, c in zip(fit, clauses, strict=True) if figure in c), default=0)
        for n, clause in zip(fit, clauses, strict=True):
            others = set(figures_of(list(clause)))
            if n > best and others and not others & figures:
                return False
    return True
