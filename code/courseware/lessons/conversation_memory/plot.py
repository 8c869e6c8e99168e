"""Plot recall and tokens per turn of four memories, with a slider for the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel

from agent_patterns.memory import TokenCounter
from courseware.lessons.conversation_memory.memories import TURNS, Turn, four_memories
from courseware.widgets import slider_plot
from courseware.widgets._svg import PALETTE, Svg

WIDTH, PANEL, LEFT, RIGHT, GAP = 720.0, 150.0, 56.0, 150.0, 46.0
STYLES = (
    (PALETTE["red"], ""),
    (PALETTE["amber"], "2 3"),
    (PALETTE["blue"], "7 3"),
    (PALETTE["green"], "8 8"),
)


def memory_plot(
    model: BaseChatModel, count: TokenCounter, *, budget: tuple[int, int, int, int]
) -> Any:
    """Return the plot; `budget` is lowest, highest, first value and step of the slider."""
    run = four_memories(model, count)

    def words(budget: int) -> str:
        lines = [f"After {TURNS} turns with a budget of {budget} tokens:"]
        for name, turns in run(budget).items():
            total = sum(turn.tokens for turn in turns)
            lines.append(
                f"  {name:12} recall {turns[-1].recall:4.0%}   last turn {turns[-1].tokens:6,}"
                f"   all turns {total:8,} tokens"
            )
        return "\n".join(lines)

    def draw(budget: int) -> str:
        return _picture(run(budget), words(budget))

    return slider_plot(draw, text=words, label="Recall and tokens by turn", budget=budget)


def _picture(runs: Mapping[str, Sequence[Turn]], description: str) -> str:
    height = 2 * PANEL + 2 * GAP + 12
    svg = Svg(WIDTH, height, "Recall and tokens by turn of four memories", description)
    most = max(turn.tokens for turns in runs.values() for turn in turns)
    _panel(svg, 22, runs, "facts still in the request", lambda t: t.recall, 1.0, "{:.0%}")
    _panel(svg, 22 + PANEL + GAP, runs, "tokens of the turn", lambda t: t.tokens, most, "{:,.0f}")
    svg.text((LEFT + WIDTH - RIGHT) / 2, height - 8, "turn", size=11)
    return str(svg)


def _panel(
    svg: Svg,
    top: float,
    runs: Mapping[str, Sequence[Turn]],
    label: str,
    read: Callable[[Turn], float],
    most: float,
    form: str,
) -> None:
    right, bottom = WIDTH - RIGHT, top + PANEL

    def at(turn: int, value: float) -> tuple[float, float]:
        return LEFT + (right - LEFT) * turn / TURNS, bottom - PANEL * value / most

    svg.text(8, top - 8, label, size=11, anchor="start", weight=600)
    svg.line(LEFT, bottom, right, bottom, stroke=PALETTE["muted"])
    svg.line(LEFT, top, LEFT, bottom, stroke=PALETTE["muted"])
    for part in (0.0, 0.5, 1.0):
        y = at(0, most * part)[1]
        svg.text(LEFT - 6, y + 4, form.format(most * part), size=10, anchor="end",
                 fill=PALETTE["muted"])  # fmt: skip
    for turn in range(0, TURNS + 1, 10):
        svg.text(at(turn, 0)[0], bottom + 14, turn, size=10, fill=PALETTE["muted"])
    ends = []
    for (name, turns), (colour, dash) in zip(runs.items(), STYLES, strict=True):
        points = [at(number, read(turn)) for number, turn in enumerate(turns, start=1)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        svg.raw(
            f'<polyline points="{path}" style="fill:none;stroke:{colour};stroke-width:2;'
            f'stroke-dasharray:{dash or "none"}"/>'
        )
        ends.append((points[-1][1], f"{name}: {form.format(read(turns[-1]))}", colour))
    places, free = [], top
    for y, *_ in sorted(ends):  # labels at the lines' ends, never on each other
        places.append(max(free, y))
        free = places[-1] + 14
    lowest = bottom
    for (_, words, colour), place in zip(sorted(ends)[::-1], places[::-1], strict=True):
        y = min(place, lowest)  # nor on the axis' figures
        svg.text(right + 8, y + 4, words, size=11, anchor="start", fill=colour, weight=600)
        lowest = y - 14
