"""Draw what a checkpoint costs, and how storage grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
from matplotlib import pyplot

from courseware.widgets import Plot, figure_svg, slider_plot

SIZES = [1, 100, 1000]
"""Kilobytes of state at which a step is measured."""
BACKENDS = ("memory", "SQLite", "PostgreSQL")
_MODES = ("sync", "async", "exit")


def cost_slider(costs: Mapping[Any, float]) -> Any:
    """Return bars of what a checkpoint adds to a step, with a slider for the state's size."""
    base = costs["memory", 1, "sync"]

    def draw(size: int) -> str:
        figure, axes = pyplot.subplots(figsize=(7, 3))
        for offset, mode in enumerate(_MODES):
            heights = [costs[name, SIZES[size], mode] / base for name in BACKENDS]
            places = [position + 0.27 * (offset - 1) for position in range(3)]
            hatch = ("", "//", "..")[offset]
            bars = axes.bar(places, heights, width=0.25, label=mode, hatch=hatch)
            axes.bar_label(bars, fmt="%.2g", fontsize=8)
        axes.set_yscale("log")
        axes.set_ylim(min(costs.values()) / base / 2, max(costs.values()) / base * 12)
        axes.set_xticks(range(3), BACKENDS)
        axes.set_ylabel("added to a step, log scale\n(memory, 1 kB, sync = 1)")
        axes.set_title(f"{SIZES[size]} kB of state, all of it changed in every step")
        axes.legend(title="durability", frameon=False, ncols=3, fontsize=8)
        return figure_svg(figure)

    return slider_plot(
        draw,
        size=ipywidgets.SelectionSlider(
            options=[(f"{kilobytes} kB", n) for n, kilobytes in enumerate(SIZES)],
            description="state",
        ),
        label="What a checkpoint adds to a step, by backend and durability, as a ratio",
        text=lambda size: f"Plot: what a checkpoint adds to a step, {SIZES[size]} kB, by backend",
    )


def growth_plot(growth: Mapping[Any, tuple[Sequence[int], Sequence[int]]]) -> Plot:
    """Return the storage of a thread by runs and by state size, left alone and pruned."""
    states = sorted({size for _, size in growth})
    figure, (by_runs, by_size) = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for name, look in zip(BACKENDS, ("oC0", "sC1", "^C2"), strict=True):  # a mark and a colour
        for which, style in enumerate(("-", ":")):  # left alone, pruned
            sizes = growth[name, 10][which]
            heights = [size / growth[name, 10][0][0] for size in sizes]
            by_runs.plot(range(1, len(sizes) + 1), heights, look, linestyle=style)
            heights = [growth[name, k][which][-1] / growth["memory", 1][0][-1] for k in states]
            label = f"{name}, pruned to 5" if which else name
            by_size.plot(states, heights, look, linestyle=style, label=label)
    by_runs.set_xlabel("runs of one thread, 10 kB of state")
    by_runs.set_ylabel("stored\n(after its first run = 1)")
    by_size.set_xscale("log")
    by_size.set_yscale("log")
    by_size.set_xticks(states, [f"{k} kB" for k in states])
    by_size.set_xlabel("state, after all runs")
    by_size.set_ylabel("stored\n(memory, 1 kB = 1)")
    figure.legend(frameon=False, ncols=3, fontsize=8, loc="outside lower center")
    return Plot(figure, "stored bytes of a thread by runs and by state, left alone and pruned")
