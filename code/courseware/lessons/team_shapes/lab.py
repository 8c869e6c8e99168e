"""Five ways to staff one task, run side by side: the comparison of lesson 11.

from courseware.lessons.team_shapes.lab import compare, table

table(compare(llm, difficulty=4))
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from agent_patterns.teams import tally
from agent_patterns.teams.errors import StageFailed
from agent_patterns.teams.sources import cites
from agent_patterns.teams.turns import Tally, Turn
from courseware.lessons.shop import Rubric, library, rubric, search, word_count
from courseware.lessons.team_shapes.crew import MAX_WORDS, POINTS, WAYS, crew, points_of, task
from courseware.runtime.unattended import unattended
from courseware.widgets._plot import Plot
from courseware.widgets._slider import SliderPlot, slider_plot
from courseware.widgets._svg import figure_svg
from courseware.widgets.waiting import watched

_ASKS = re.compile(
    r"\b(?:please|contact|write to|reply|ask us|call us|e-?mail us|visit|order|choose|see)\b",
    re.IGNORECASE,
)


def broken_rules(page: str) -> set[str]:
    """Return the rules of the house that a page breaks: its length, and the next step at its end.

    A next step is a last sentence that asks the reader to do something, told by a few verbs:
    please, contact, write to, order and the like.
    """
    last = re.split(r"(?<=[.!?\]])\s+", page.strip())[-1]
    broken = set()
    if word_count(page) > MAX_WORDS:
        broken.add("length")
    if not _ASKS.search(last):
        broken.add("next step")
    return broken


def revised(first: str, page: str) -> float:
    """Return the share of the changes that the house rules ask for and the page has made.

    1 when the first draft breaks no rule; 0 when there is no page.
    """
    asked = broken_rules(first)
    if not page or not asked:
        return float(bool(page))
    return 1 - len(asked & broken_rules(page)) / len(asked)


@dataclass(frozen=True)
class Run:
    """A way of working, run once."""

    way: str
    points: tuple[str, ...]
    result: str
    status: str
    turns: list[Turn]
    tally: Tally
    rubric: Rubric
    revised: float
    """Whether the changes were made that the house rules ask of the first draft, from 0 to 1."""
    seconds: float
    """Wall time; only ratios of one comparison mean anything."""

    @property
    def quality(self) -> float:
        """The mean of the rubric's four parts and of `revised`."""
        return (4 * self.rubric.total + self.revised) / 5


def quality(page: str, points: Sequence[str]) -> float:
    """Return how good a page about these points is, from 0 to 1: the mean of its `parts`."""
    return sum(parts(page, points).values()) / 5


def parts(page: str, points: Sequence[str]) -> dict[str, float]:
    """Return the five parts of a page's quality, each from 0 to 1."""
    body = _body(page)
    judged = _judged(body, points)
    return {
        "cited": judged.cited,
        "borne out": judged.supported,
        "points": judged.covered,
        "length": judged.fits,
        "house rules": revised(body, body),
    }


def _body(page: str) -> str:
    """Return a page without the note at its end that says what was left out."""
    return re.sub(r"(?:\A|\n)\s*Note: .*\Z", "", page.strip(), flags=re.DOTALL).strip()


def _judged(page: str, points: Sequence[str]) -> Rubric:
    """Return the rubric of a page, which cites as many documents as its points have."""
    best = {found[0].id for point in points if (found := search(point, limit=1))}
    wanted = len(points) if set(points) <= set(POINTS) else max(1, len(best))
    judged = rubric(page, points=points, sources=wanted, max_words=MAX_WORDS)
    return judged if page else Rubric(0.0, 0.0, 0.0, 0.0)


def run(
    way: str,
    llm: BaseChatModel,
    difficulty: int | Sequence[str],
    failing: str | None = None,
    told: bool = False,
) -> Run:
    """Run one way of working on a number of points, or on points of your own; judge the result."""
    points = points_of(difficulty)
    team = WAYS[way](llm, crew(llm, failing, told=told))
    started = time.perf_counter()
    try:
        state = team.invoke({"task": task(points)})
    except StageFailed as error:
        state = {"result": "", "status": f"failed: {error.stage}", "turns": error.turns}
    seconds = time.perf_counter() - started
    turns: list[Turn] = state["turns"]
    page, status = str(state["result"]), str(state["status"])
    drafts = [
        turn["text"]
        for turn in turns
        if turn["kind"] == "answer" and turn["sender"] in ("clerk", "writer", "combine")
    ]
    refused = cites(library())(page) if status == "done" else None
    return Run(
        way,
        points,
        page,
        refused or status,
        turns,
        tally(turns),
        _judged(_body(page), points),
        revised(_body(drafts[0] if drafts else page), _body(page)),
        seconds,
    )


def compare(
    llm: BaseChatModel,
    difficulty: int | Sequence[str],
    failing: str | None = None,
    *,
    told: bool = False,
) -> list[Run]:
    """Run all ways of working on one task; a bar shows how far it is, where somebody watches.

    Args:
        llm: the model of all agents.
        difficulty: number of points, 1 to 6, or a list of points of your own.
        failing: the shelf that does not answer; see `crew`.
        told: whether those who write know the rules of the house from the start.
    """
    return [run(way, llm, difficulty, failing, told) for way in watched(WAYS, "Comparing")]


def table(runs: Sequence[Run]) -> str:
    """Return what the runs cost, and their quality, as a markdown table."""
    return _markdown(
        ["way", "calls", "in a row", "tokens", "handoffs", "at once", "status", "quality"],
        [
            [
                entry.way,
                f"{entry.tally.calls}",
                f"{entry.tally.in_a_row}",
                f"{entry.tally.tokens:,}",
                f"{entry.tally.handoffs}",
                f"{entry.tally.peak}",
                entry.status,
                f"{entry.quality:.0%}",
            ]
            for entry in runs
        ],
    )


def marks(runs: Sequence[Run]) -> str:
    """Return the parts of each run's quality as a markdown table."""
    return _markdown(
        ["way", "cited", "borne out", "points", "length", "revised", "quality"],
        [
            [
                entry.way,
                *(
                    f"{part:.0%}"
                    for part in (
                        entry.rubric.cited,
                        entry.rubric.supported,
                        entry.rubric.covered,
                        entry.rubric.fits,
                        entry.revised,
                        entry.quality,
                    )
                ),
            ]
            for entry in runs
        ],
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    words = ("way", "status")
    lines = [header, ["---" if name in words else "---:" for name in header], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pays_off(runs: Sequence[Run]) -> Run:
    """Return the run with the fewest tokens whose quality is within 0.03 of the best one's."""
    best = max(entry.quality for entry in runs)
    good = [entry for entry in runs if entry.quality >= best - 0.03]
    return min(good, key=lambda entry: entry.tally.tokens)


MARKS = {
    "one agent": ("o", "#1d6fb8"),
    "pipeline": ("s", "#b3541e"),
    "supervisor": ("^", "#5b3f9e"),
    "manager": ("D", "#2f7d4f"),
    "peer network": ("P", "#a02c5a"),
}
"""A mark and a colour for each way of working, the same for every number of points."""


def difficulty_plot(llm: BaseChatModel) -> SliderPlot:
    """Plot quality against tokens for each way of working, with a slider for the number of points.

    All positions are run first, so that the slider answers at once. Small marks show the other
    numbers of points.
    """
    numbers = range(1, len(POINTS) + 1)
    every = {
        points: [run(way, llm, points) for way in WAYS]
        for points in watched(numbers, "Running every position of the slider")
    }
    dearest = max(entry.tally.tokens for runs in every.values() for entry in runs)
    poorest = 100 * min(entry.quality for runs in every.values() for entry in runs)

    def heading(points: int) -> str:
        return f"{points} point{'s' if points > 1 else ''}; pays off: {pays_off(every[points]).way}"

    def draw(points: int) -> str:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 3.4))
        axes = figure.add_subplot()
        for place, entry in enumerate(every[points]):
            mark, colour = MARKS[entry.way]
            others = [every[number][place] for number in numbers]
            tokens = [one.tally.tokens for one in others]
            heights = [100 * one.quality for one in others]
            axes.plot(tokens, heights, mark, color=colour, alpha=0.3, markersize=4)
            place_of = entry.tally.tokens, 100 * entry.quality
            axes.plot(*place_of, mark, color=colour, markersize=10, label=entry.way)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=9)
        axes.set(
            xlim=(0, 1.05 * dearest),
            ylim=(max(0, poorest - 10), 105),
            xlabel="tokens",
            ylabel="quality, percent",
            title=heading(points),
        )
        axes.grid(alpha=0.3)
        return figure_svg(figure)

    def text(points: int) -> str:
        return "\n".join([heading(points), *map(_line, every[points])])

    return slider_plot(draw, text=text, label="Quality against tokens", points=(1, len(POINTS), 1))


def _line(entry: Run) -> str:
    quality = f"{entry.quality:.0%}"
    return f"  {entry.way:<13}{entry.tally.tokens:>7,} tokens  quality {quality:>4}"


def wall_time_plot(runs: Sequence[Run], wait: float) -> None:
    """Draw how long each run took, and the least it can take: its calls in a row times the wait.

    The bars depend on the machine, so a notebook that is built for storing leaves them out.

    Args:
        runs: what to draw.
        wait: seconds that the model waits before each answer.
    """
    least = [wait * entry.tally.in_a_row for entry in runs]
    if unattended():
        print("Bars of the time each way took appear here when you run the cell: they depend on")
        print("the machine. What no machine can beat does not:")
        for entry, seconds in zip(runs, least, strict=True):
            calls = f"{entry.tally.calls:>2} calls, {entry.tally.in_a_row:>2} in a row"
            print(f"  {entry.way:<13} {calls}: at least {seconds:.1f} s of waiting")
        return
    from IPython.display import display
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.0))
    axes = figure.add_subplot()
    names = [
        f"{entry.way}\n{entry.tally.calls} calls, {entry.tally.in_a_row} in a row" for entry in runs
    ]
    taken = [entry.seconds for entry in runs]
    axes.barh(names, taken, color="#9cc3e4", label="taken")
    axes.barh(names, least, color="#1d6fb8", label="calls in a row × wait")
    axes.margins(x=0.1)
    axes.invert_yaxis()
    axes.legend(fontsize=9)
    axes.set(xlabel="seconds")
    display(Plot(figure, "How long each way of working took"))  # type: ignore[no-untyped-call]
