"""Judged pairs of questions, and a picture of what each threshold does to them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from agent_patterns.caching.semantic import Threshold
from courseware.widgets._svg import PALETTE, Svg


def judged_pairs() -> list[tuple[str, str, bool]]:
    """Return pairs of questions, and True for those with the same answer."""
    file = Path(__file__).parent / "pairs.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    same = [(one, other, True) for one, other in told["same"]]
    return same + [(one, other, False) for one, other in told["other"]]


def _at(rows: Sequence[Threshold], value: float) -> Threshold:
    return min(rows, key=lambda row: abs(row.value - value))


def threshold_picture(
    bare: Sequence[Threshold], guarded: Sequence[Threshold]
) -> Callable[[float], str]:
    """Return a function that draws hits and false hits, with one threshold marked."""

    def draw(threshold: float) -> str:
        svg = Svg(720, 250, "Hits and false hits by threshold")
        for column, (title, rows) in enumerate(
            (("threshold alone", bare), ("with guard", guarded))
        ):
            _draw_panel(svg, 40 + 350 * column, title, rows, _at(rows, threshold))
        return str(svg)

    return draw


def _draw_panel(
    svg: Svg, left: float, title: str, rows: Sequence[Threshold], here: Threshold
) -> None:
    most = rows[0].hits + rows[0].missed
    wide, tall, base = 290.0, 160.0, 205.0

    def place(row: Threshold, count: int) -> tuple[float, float]:
        low, high = rows[0].value, rows[-1].value
        x = left + wide * (row.value - low) / (high - low)
        return x, base - tall * count / most

    svg.text(left, 18, title, anchor="start", weight=600)
    svg.line(left, base, left + wide, base)
    svg.line(left, base - tall, left, base)
    svg.text(left - 6, base - tall - 12, "pairs", anchor="end", size=11, fill=PALETTE["muted"])
    for count in (0, most):
        svg.text(left - 6, place(rows[0], count)[1] + 4, count, anchor="end", size=11)
    for row in (rows[0], rows[-1]):
        svg.text(place(row, 0)[0], base + 16, f"{row.value:.2f}", size=11)
    svg.text(left + wide / 2, base + 32, "threshold (cosine)", size=11, fill=PALETTE["muted"])
    heights = _label_heights(place(here, here.hits)[1], place(here, here.false_hits)[1])
    for kind, colour, dash in (("hits", "green", ""), ("false_hits", "red", "5 4")):
        points = [place(row, getattr(row, kind)) for row in rows]
        for (x1, y1), (x2, y2) in pairwise(points):
            svg.line(x1, y1, x2, y2, stroke=PALETTE[colour], stroke_width=2.2, dash=dash)
        x, y = place(here, getattr(here, kind))
        svg.raw(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:{PALETTE[colour]}"/>')
        word = f"{getattr(here, kind)} {kind.replace('_', ' ')}"
        right = x > left + wide - 90
        svg.text(
            x - 8 if right else x + 8, heights[kind], word, anchor="end" if right else "start",
            size=11.5, fill=PALETTE[colour],
        )  # fmt: skip


def _label_heights(hits: float, false_hits: float) -> dict[str, float]:
    """Return where the two labels stand: each above its point, or stacked if they would meet."""
    if abs(hits - false_hits) >= 16:
        return {"hits": hits - 8, "false_hits": false_hits - 8}
    upper, lower = min(hits, false_hits), max(hits, false_hits)
    first = lower + 18 if upper < 70 else upper - 23  # below, where the title is near
    return {"hits": first, "false_hits": first + 15}


def threshold_text(
    bare: Sequence[Threshold], guarded: Sequence[Threshold]
) -> Callable[[float], str]:
    """Return a function that says in words what the picture shows."""

    def tell(threshold: float) -> str:
        lines = []
        for title, rows in (("threshold alone", bare), ("with guard", guarded)):
            row = _at(rows, threshold)
            total = row.hits + row.missed
            lines.append(
                f"{title:<16} at {row.value:.2f}: {row.hits} hits of {total}, "
                f"{row.false_hits} false hits"
            )
        return "\n".join(lines)

    return tell
