"""Measure three ways to search on the same memories and questions, and draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from courseware.widgets import slider_plot
from courseware.widgets._svg import PALETTE, Svg

OURS, SHARED, DISTANCE = "a namespace each", "one for everybody", "distance as score"
STYLES = {OURS: ("green", ""), SHARED: ("amber", "7 3"), DISTANCE: ("red", "2 3")}
MOST_K = 10
THRESHOLDS = [number / 50 for number in range(51)]


@dataclass(frozen=True)
class Noted:
    """A memory, and whose it is."""

    user: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question, who asks it, and the texts that answer it."""

    user: str
    text: str
    answers: frozenset[str]


@dataclass(frozen=True)
class Hit:
    """One place in the ranking of a question's results."""

    score: float
    answers: bool
    foreign: bool


@dataclass(frozen=True)
class Measured:
    """Count what all questions together got, with one k and one threshold."""

    recall: float
    leaks: int
    returned: int


class Measurement:
    """Rank all memories for all questions once; then count for any k and threshold."""

    def __init__(
        self, memories: Sequence[Noted], questions: Sequence[Question], embeddings: Embeddings
    ) -> None:
        kept = _unit(embeddings.embed_documents([memory.text for memory in memories]))
        asked = _unit(embeddings.embed_documents([question.text for question in questions]))
        self.questions = questions
        self._ranked: dict[str, list[list[Hit]]] = {OURS: [], SHARED: [], DISTANCE: []}
        for question, cosines in zip(questions, asked @ kept.T, strict=True):
            hits = [
                Hit(float(score), memory.text in question.answers, memory.user != question.user)
                for memory, score in zip(memories, cosines, strict=True)
            ]
            mine = [hit for hit in hits if not hit.foreign]
            far = [Hit(1 - hit.score, hit.answers, hit.foreign) for hit in mine]
            for name, ranking in ((OURS, mine), (SHARED, hits), (DISTANCE, far)):
                self._ranked[name].append(_best(ranking))
        self.at = cache(self._at)

    def _at(self, way: str, k: int, threshold: float) -> Measured:
        rankings = [
            [hit for hit in ranking[:k] if hit.score >= threshold] for ranking in self._ranked[way]
        ]
        pairs = zip(rankings, self.questions, strict=True)
        found = [any(hit.answers for hit in hits) for hits, asked in pairs if asked.answers]
        own = [sum(hit.answers and not hit.foreign for hit in hits) for hits in rankings]
        del own
        return Measured(
            recall=sum(found) / len(found),
            leaks=sum(hit.foreign for hits in rankings for hit in hits),
            returned=sum(map(len, rankings)),
        )


def _unit(vectors: Iterable[Sequence[float]]) -> Any:
    made = np.array(list(vectors))
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def _best(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: -hit.score)[:MOST_K]
