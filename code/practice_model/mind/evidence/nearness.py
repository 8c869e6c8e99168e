"""How near words are: forms of one word, or words whose vectors point the same way."""

from collections.abc import Iterable
from functools import lru_cache

from practice_model.mind import vectors
from practice_model.mind.reading.text import COMMON, alike, stem, words

LEAST = 0.38
"""Vectors of single words less alike than this tell nothing."""


@lru_cache(maxsize=1 << 16)
def near(one: str, other: str) -> float:
    """Return how near two words are, 0 to 1: 1 for forms of one word."""
    if alike(stem(one), stem(other)):
        return 1.0
    if len(one) < 3 or len(other) < 3 or not (one.isalpha() and other.isalpha()):
        return 0.0
    found = vectors.similarity(one, other)
    return 0.9 * found if found >= LEAST else 0.0


@lru_cache(maxsize=4096)
def telling(text: str) -> tuple[str, ...]:
    """Return the words of a text that carry meaning, each once, at most 60."""
    return tuple(dict.fromkeys(w for w in words(text) if w not in COMMON))[:60]


def nearest(word: str, text: str) -> float:
    """Return how near the nearest word of a text is to a word."""
    if word in COMMON:
        return float(word in words(text))
    return max((near(word, other) for other in telling(text)), default=0.0)


def support(wanted: Iterable[tuple[str, float]], text: str) -> float:
    """Return the share of weighted words that a text has, nearly had words in part."""
    pairs = list(wanted)
    total = sum(weight for _, weight in pairs)
    return sum(w * nearest(word, text) for word, w in pairs) / total if total else 0.0
