"""Measure three ways to search on 200 memories and 60 questions, and draw what they find."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langchain_core.embeddings import Embeddings

from courseware.widgets import slider_plot
from courseware.widgets._svg import PALETTE, Svg

OURS, SHARED, DISTANCE = "a namespace each", "one for everybody", "distance as score"
WAYS = (OURS, SHARED, DISTANCE)
MOST_K = 10
THRESHOLDS = [number / 50 for number in range(41)]
WIDTH, HEIGHT, WIDE, TALL, BASE = 740.0, 300.0, 290.0, 165.0, 200.0


class Hit(NamedTuple):
    """Hold one place in the ranking of a question's results."""

    score: float
    right: bool
    foreign: bool
    outdated: bool


class Line(NamedTuple):
    """Hold one line of a panel."""

    name: str
    colour: str
    dash: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Measured:
    """Count what all questions together get, with one k and one threshold.

    Attributes:
        recall: the share of questions whose answer is among their results.
        silent: the share of questions without an answer that get no result.
        leaked: the share of questions with a result of another user.
        leaks: results that belong to another user.
        outdated: results that do not hold any more.
    """

    recall: float
    silent: float
    leaked: float
    leaks: int
    outdated: int


class Measurement:
    """Rank all memories for all questions once; then count for any k and threshold."""

    def __init__(self, embeddings: Embeddings) -> None:
        file = Path(__file__).parent / "recall_set.toml"
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        memories, self.questions = told["memories"], told["questions"]
        texts = [(each["user"], each["text"], False) for each in memories]
        texts += [(each["user"], each["earlier"], True) for each in memories if "earlier" in each]
        kept = _unit(embeddings.embed_documents([text for _, text, _ in texts]))
        asked = _unit(embeddings.embed_documents([each["text"] for each in self.questions]))
        self._ranked: dict[str, list[list[Hit]]] = {way: [] for way in WAYS}
        for question, cosines in zip(self.questions, asked @ kept.T, strict=True):
            hits = [
                Hit(
                    float(score), user == question["user"] and text == question.get("answer"),
                    user != question["user"], old,
                )
                for (user, text, old), score in zip(texts, cosines, strict=True)
            ]  # fmt: skip
            mine = [hit for hit in hits if not hit.foreign and not hit.outdated]
            far = [hit._replace(score=1 - hit.score) for hit in mine]
            for way, ranking in ((OURS, mine), (SHARED, hits), (DISTANCE, far)):
                self._ranked[way].append(sorted(ranking, key=lambda hit: -hit.score)[:MOST_K])

    def at(self, way: str, k: int, threshold: float) -> Measured:
        """Count for one way of searching."""
        answered, unanswered, results = [], [], []
        for question, ranking in zip(self.questions, self._ranked[way], strict=True):
            found = [hit for hit in ranking[:k] if hit.score >= threshold]
            results.append(found)
            if "answer" in question:
                answered.append(any(hit.right for hit in found))
            else:
                unanswered.append(not found)
        every = [hit for found in results for hit in found]
        return Measured(
            recall=sum(answered) / len(answered),
            silent=sum(unanswered) / len(unanswered),
            leaked=sum(any(hit.foreign for hit in found) for found in results) / len(results),
            leaks=sum(hit.foreign for hit in every),
            outdated=sum(hit.outdated for hit in every),
        )


def recall_plot(
    embeddings: Embeddings,
    *,
    k: tuple[int, int, int],
    threshold: tuple[float, float, float, float],
) -> Any:
    """Return the plot; the tuples are a slider's lowest, highest and first value, and its step."""
    measured = Measurement(embeddings)

    def words(k: int, threshold: float) -> str:
        lines = [
            f"k = {k}, threshold {threshold:.2f}",
            f"{'':18}recall  silent  leaks  out of date",
        ]
        for way in WAYS:
            each = measured.at(way, k, threshold)
            lines.append(
                f"{way:18}{each.recall:6.0%}{each.silent:8.0%}{each.leaks:7}{each.outdated:13}"
            )
        return "\n".join(lines)

    def draw(k: int, threshold: float) -> str:
        return _picture(measured, k, threshold, words(k, threshold))

    label = "Recall and leaks of three ways to search"
    return slider_plot(draw, text=words, label=label, k=k, threshold=threshold)


def _picture(measured: Measurement, k: int, threshold: float, description: str) -> str:
    svg = Svg(WIDTH, HEIGHT, "Recall and leaks by k and threshold", description)
    styles = ((OURS, "green", ""), (SHARED, "amber", "7 3"), (DISTANCE, "red", "2 3"))
    by_k = [
        Line(way, colour, dash, [
            (float(n), measured.at(way, n, threshold).recall) for n in range(1, MOST_K + 1)
        ])
        for way, colour, dash in styles
    ]  # fmt: skip
    series = (
        (OURS, "recall", "right answer found", "green", ""),
        (OURS, "silent", "silent if there is no answer", "blue", "2 3"),
        (SHARED, "leaked", "another's memory, one for everybody", "amber", "7 3"),
    )
    by_threshold = [
        Line(name, colour, dash, [
            (step, getattr(measured.at(way, k, step), field)) for step in THRESHOLDS
        ])
        for way, field, name, colour, dash in series
    ]  # fmt: skip
    _panel(svg, 44, f"recall by k, threshold {threshold:.2f}", by_k, k, "k")
    _panel(svg, 418, f"share of questions by threshold, k = {k}", by_threshold, threshold,
           "threshold (score)")  # fmt: skip
    return str(svg)


def _panel(
    svg: Svg, left: float, title: str, lines: Sequence[Line], here: float, axis: str
) -> None:
    first, last = lines[0].points[0][0], lines[0].points[-1][0]

    def place(x: float, y: float) -> tuple[float, float]:
        return left + WIDE * (x - first) / (last - first), BASE - TALL * y

    svg.text(left, 18, title, anchor="start", weight=600)
    svg.line(left, BASE, left + WIDE, BASE, stroke=PALETTE["muted"])
    svg.line(left, BASE - TALL, left, BASE, stroke=PALETTE["muted"])
    for part in (0.0, 0.5, 1.0):
        y = place(first, part)[1] + 4
        svg.text(left - 6, y, f"{part:.0%}", anchor="end", size=10, fill=PALETTE["muted"])
    for x in (first, last):
        svg.text(place(x, 0)[0], BASE + 15, f"{x:g}", size=10, fill=PALETTE["muted"])
    svg.text(left + WIDE / 2, BASE + 28, axis, size=11, fill=PALETTE["muted"])
    svg.line(place(here, 0)[0], BASE, place(here, 0)[0], BASE - TALL, stroke=PALETTE["line"])
    for row, (name, colour, dash, points) in enumerate(lines):
        ink = PALETTE[colour]
        for start, end in pairwise(points):
            svg.line(*place(*start), *place(*end), stroke=ink, stroke_width=2.2, dash=dash)
        value = min(points, key=lambda point: abs(point[0] - here))[1]
        x, y = place(here, value)
        svg.raw(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" style="fill:{ink}"/>')
        low = BASE + 50 + 16 * row
        svg.line(left, low - 4, left + 26, low - 4, stroke=ink, stroke_width=2.2, dash=dash)
        svg.text(left + 34, low, f"{name}: {value:.0%}", anchor="start", size=11.5, fill=ink)


def _unit(vectors: Iterable[Sequence[float]]) -> Any:
    made = np.array(list(vectors))
    return made / np.linalg.norm(made, axis=1, keepdims=True)
