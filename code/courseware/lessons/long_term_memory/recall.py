"""Measure three ways to search on the same memories and questions, and draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
WIDTH, HEIGHT, WIDE, TALL, BASE = 740.0, 292.0, 290.0, 165.0, 200.0


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
    """Count what all questions together get, with one k and one threshold.

    Attributes:
        recall: the share of the questions whose answer is among the results.
        leaks: results that belong to another user, of all questions together.
        returned: all results, of all questions together.
    """

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
        self.memories, self.questions = memories, questions
        self._ranked: dict[str, list[list[Hit]]] = {way: [] for way in STYLES}
        for question, cosines in zip(questions, asked @ kept.T, strict=True):
            hits = [
                Hit(float(score), memory.text in question.answers, memory.user != question.user)
                for memory, score in zip(memories, cosines, strict=True)
            ]
            mine = [hit for hit in hits if not hit.foreign]
            far = [replace(hit, score=1 - hit.score) for hit in mine]
            for way, ranking in ((OURS, mine), (SHARED, hits), (DISTANCE, far)):
                self._ranked[way].append(sorted(ranking, key=lambda hit: -hit.score)[:MOST_K])

    def at(self, way: str, k: int, threshold: float) -> Measured:
        """Count for one way of searching."""
        results = [[hit for hit in hits[:k] if hit.score >= threshold] for hits in self._ranked[way]]
        asked = [hits for hits, q in zip(results, self.questions, strict=True) if q.answers]
        found = [any(hit.answers and not hit.foreign for hit in hits) for hits in asked]
        leaks = sum(hit.foreign for hits in results for hit in hits)
        return Measured(sum(found) / len(found), leaks, sum(map(len, results)))


def recall_plot(
    embeddings: Embeddings,
    *,
    k: tuple[int, int, int],
    threshold: tuple[float, float, float, float],
) -> Any:
    """Return the plot; the tuples are lowest, highest and first value of a slider, and its step."""
    measured = Measurement(*recall_set(), embeddings)

    def words(k: int, threshold: float) -> str:
        lines = [f"{len(measured.questions)} questions, k = {k}, threshold {threshold:.2f}:"]
        for way in STYLES:
            each = measured.at(way, k, threshold)
            lines.append(
                f"  {way:<17} recall {each.recall:4.0%}   leaks {each.leaks:4}"
                f"   results {each.returned:4}"
            )
        return "\n".join(lines)

    def draw(k: int, threshold: float) -> str:
        return _picture(measured, k, threshold, words(k, threshold))

    label = "Recall and leaks of three ways to search"
    return slider_plot(draw, text=words, label=label, k=k, threshold=threshold)


def _picture(measured: Measurement, k: int, threshold: float, description: str) -> str:
    svg = Svg(WIDTH, HEIGHT, "Recall and leaks by k and threshold", description)
    by_k = {
        way: [(n, measured.at(way, n, threshold).recall) for n in range(1, MOST_K + 1)]
        for way in STYLES
    }
    by_threshold = {
        way: [(step, measured.at(way, k, step).leaks) for step in THRESHOLDS] for way in STYLES
    }
    most = MOST_K * len(measured.questions)
    _panel(svg, 44, f"recall at k, threshold {threshold:.2f}", by_k, 1.0, k, "{:.0%}", "k")
    _panel(
        svg, 408, f"leaks of {len(measured.questions)} questions, k = {k}", by_threshold,
        most, min(threshold, THRESHOLDS[-1]), "{:.0f}", "threshold (score)",
    )  # fmt: skip
    return str(svg)


def _panel(
    svg: Svg,
    left: float,
    title: str,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    most: float,
    here: float,
    form: str,
    axis: str,
) -> None:
    first, last = (next(iter(lines.values()))[at][0] for at in (0, -1))

    def place(x: float, y: float) -> tuple[float, float]:
        return left + WIDE * (x - first) / (last - first), BASE - TALL * y / most

    svg.text(left, 18, title, anchor="start", weight=600)
    svg.line(left, BASE, left + WIDE, BASE, stroke=PALETTE["muted"])
    svg.line(left, BASE - TALL, left, BASE, stroke=PALETTE["muted"])
    for part in (0.0, 0.5, 1.0):
        words = form.format(part * most)
        svg.text(left - 6, place(first, part * most)[1] + 4, words, anchor="end", size=10,
                 fill=PALETTE["muted"])  # fmt: skip
    for x in (first, last):
        svg.text(place(x, 0)[0], BASE + 15, f"{x:g}", size=10, fill=PALETTE["muted"])
    svg.text(left + WIDE / 2, BASE + 30, axis, size=11, fill=PALETTE["muted"])
    svg.line(place(here, 0)[0], BASE, place(here, 0)[0], BASE - TALL, stroke=PALETTE["line"])
    labels = []
    for way, points in lines.items():
        colour, dash = PALETTE[STYLES[way][0]], STYLES[way][1]
        for start, end in pairwise(points):
            svg.line(*place(*start), *place(*end), stroke=colour, stroke_width=2.2, dash=dash)
        value = min(points, key=lambda point: abs(point[0] - here))[1]
        x, y = place(here, value)
        svg.raw(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" style="fill:{colour}"/>')
        labels.append((f"{way}: {form.format(value)}", colour))
    for row, (words, colour) in enumerate(labels):
        svg.text(left, BASE + 50 + 15 * row, words, anchor="start", size=11, fill=colour)


def _unit(vectors: Iterable[Sequence[float]]) -> Any:
    made = np.array(list(vectors))
    return made / np.linalg.norm(made, axis=1, keepdims=True)
