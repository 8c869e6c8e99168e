"""Plot what a loop leaves behind in the state, by reducer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from agent_patterns.state import append, unique
from courseware.widgets import slider_plot
from courseware.widgets._svg import PALETTE, Svg

FINDINGS = ["late parcel", "wrong ink", "torn paper"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 620.0, 260.0, 52.0, 180.0, 28.0, 40.0


def kept(reduce: Callable[[Any, Any], list[str]] | None, visits: int) -> int:
    """Return how many items a key holds after a node has written the findings so often."""
    value: list[str] = []
    for _ in range(visits):
        value = FINDINGS if reduce is None else reduce(value, FINDINGS)
    return len(value)


LINES: dict[str, tuple[Callable[[Any, Any], list[str]] | None, str, str]] = {
    "append": (append, PALETTE["red"], ""),
    "unique(5), no reducer": (unique(5), PALETTE["green"], "6 3"),
}


def growth_plot(visits: tuple[int, int, int]) -> Any:
    """Return a plot of items in the state against visits of the node, with a slider."""
    draw = partial(_draw, most=visits[1])
    return slider_plot(draw, text=_words, label="Items in the state", visits=visits)


def _words(visits: int) -> str:
    held = ", ".join(f"{name}: {kept(reduce, visits)}" for name, (reduce, *_) in LINES.items())
    return f"Items in the state after {visits} visits: {held}"


def _draw(visits: int, most: int) -> str:
    svg = Svg(WIDTH, HEIGHT, "Items in the state by visits of the node", _words(visits))
    top = len(FINDINGS) * most

    def at(visit: int, items: int) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * visit / most
        return x, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * items / top

    (x0, y0), (x1, _) = at(0, 0), at(most, 0)
    svg.line(x0, y0, x1, y0, stroke=PALETTE["muted"])
    svg.line(x0, y0, x0, TOP, stroke=PALETTE["muted"])
    for tick in range(0, most + 1, max(1, most // 4)):
        svg.text(at(tick, 0)[0], y0 + 16, tick, size=10, fill=PALETTE["muted"])
        y = at(0, tick * len(FINDINGS))[1]
        svg.text(x0 - 8, y + 4, tick * len(FINDINGS), size=10, anchor="end", fill=PALETTE["muted"])
    svg.text((x0 + x1) / 2, HEIGHT - 6, "visits of the node", size=11)
    svg.text(LEFT - 40, 12, "items in the key", size=11, anchor="start")
    ends = []
    for name, (reduce, colour, dash) in LINES.items():
        points = [at(visit, kept(reduce, visit)) for visit in range(visits + 1)]
        for (xa, ya), (xb, yb) in pairwise(points):
            svg.line(xa, ya, xb, yb, stroke=colour, stroke_width=2.4, dash=dash)
        x, y = points[-1]
        svg.raw(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:{colour}"/>')
        ends.append((y, x, f"{name}: {kept(reduce, visits)}", colour))
    free = HEIGHT
    for y, x, said, colour in reversed(ends):  # upwards from the lowest, no label on another
        free = min(free, y)
        svg.text(x + 9, free + 4, said, size=11, anchor="start", fill=colour, weight=600)
        free -= 14
    return str(svg)
