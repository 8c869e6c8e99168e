"""Plot what a runaway loop costs, by the number of model calls that it is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from courseware.widgets import slider_plot
from courseware.widgets._svg import PALETTE, Svg

WIDTH, HEIGHT, LEFT, BOTTOM = 620.0, 250.0, 64.0, 40.0


def by_default(tokens: Sequence[int], super_steps: int = 10_007) -> str:
    """Return what a recorded run would cost if it went on to LangGraph's default limit."""
    growth = tokens[-1] - tokens[-2] if len(tokens) > 1 else 0
    requests = super_steps // 2 + 1  # model, tools, ..., model
    billed = sum(tokens[0] + growth * number for number in range(requests))
    return f"{requests:,} requests, {billed:,} tokens for one question"


def bill_plot(tokens: Sequence[int], allowed: int) -> Any:
    """Return a plot of the tokens billed in all, with a slider for the model calls allowed.

    Args:
        tokens: the tokens that each request of a recorded run was billed.
        allowed: where the slider begins.
    """
    billed = [0, *accumulate(tokens)]

    def words(model_calls: int) -> str:
        return f"{model_calls} model calls allowed: {billed[model_calls]:,} tokens billed"

    def draw(model_calls: int) -> str:
        svg = Svg(WIDTH, HEIGHT, "Tokens billed by model calls", words(model_calls))

        def at(call: int) -> tuple[float, float]:
            x = LEFT + (WIDTH - LEFT - 30) * call / len(tokens)
            return x, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 24) * billed[call] / billed[-1]

        (x0, y0), (x1, top) = at(0), at(len(tokens))
        svg.line(x0, y0, x1, y0, stroke=PALETTE["muted"])
        svg.line(x0, y0, x0, top, stroke=PALETTE["muted"])
        for call in range(0, len(tokens) + 1, 4):
            svg.text(at(call)[0], y0 + 16, call, size=10, fill=PALETTE["muted"])
        for part in (0, 0.5, 1):
            y = y0 - (y0 - top) * part
            amount = f"{round(billed[-1] * part):,}"
            svg.text(x0 - 8, y + 4, amount, size=10, anchor="end", fill=PALETTE["muted"])
        svg.text((x0 + x1) / 2, HEIGHT - 6, "model calls", size=11)
        svg.text(8, 12, "tokens billed in all", size=11, anchor="start")
        for call, (start, end) in enumerate(pairwise(map(at, range(len(tokens) + 1)))):
            paid = call < model_calls
            colour = PALETTE["red"] if paid else PALETTE["line"]
            svg.line(*start, *end, stroke=colour, stroke_width=2.6 if paid else 1.4)
        x, y = at(model_calls)
        svg.raw(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:{PALETTE["red"]}"/>')
        svg.text(x - 10, y - 8, f"{billed[model_calls]:,}", size=12, anchor="end", weight=600)
        return str(svg)

    return slider_plot(
        draw, text=words, label="Tokens billed", model_calls=(1, len(tokens), allowed)
    )
