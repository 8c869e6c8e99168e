"""Vectors for texts: words, their near-synonyms and subjects, and pieces of words, hashed."""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

from practice_model.brain.words import (
    alike,
    families,
    phrase_stems,
    split,
    subjects,
)

_WORD, _ALIKE, _SUBJECT, _FAMILY, _PIECE = 1.0, 0.75, 0.7, 1.1, 0.12


@lru_cache(maxsize=65536)
def _slot(feature: str, dimensions: int) -> tuple[int, float]:
    digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    return (number >> 1) % dimensions, 1.0 if number & 1 else -1.0


def embed(text: str, dimensions: int = 256) -> list[float]:
    """Return an L2-normalised vector of `dimensions` numbers for a text.

    Texts that share words, near-synonyms or everyday subjects point the same way. The
    hashing trick is due to Weinberger et al., "Feature hashing for large scale multitask
    learning" (2009).
    """
    dimensions = max(1, dimensions)
    weights: dict[str, float] = {}

    def add(feature: str, weight: float) -> None:
        weights[feature] = weights.get(feature, 0.0) + weight

    roots = phrase_stems(text)
    for root in roots:
        add(f"w:{root}", _WORD)
        near = alike(root)
        for group in near:
            add(f"a:{group}", _ALIKE / math.sqrt(len(near)))
        about = subjects(root)
        for group in about:
            add(f"s:{group}", _SUBJECT / math.sqrt(len(about)))
        near = families(root)
        for group in near:
            add(f"f:{group}", _FAMILY / math.sqrt(len(near)))
        padded = f"<{root}>"
        for start in range(len(padded) - 2):
            add(f"p:{padded[start : start + 3]}", _PIECE)
    if not weights:
        for word in split(text) or [text.strip().lower() or "<empty>"]:
            add(f"w:{word}", _WORD)
    vector = [0.0] * dimensions
    for feature, weight in weights.items():
        index, sign = _slot(feature, dimensions)
        vector[index] += sign * math.sqrt(weight)
    norm = math.sqrt(math.fsum(value * value for value in vector))
    if norm == 0.0:
        vector[0], norm = 1.0, 1.0
    return [value / norm for value in vector]
