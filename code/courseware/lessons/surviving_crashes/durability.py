"""Kill a worker in every node and in every durability mode, and draw what ran again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import ipywidgets
from matplotlib import pyplot

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.durable import Runner
from courseware.lessons.surviving_crashes.orders import NODES
from courseware.runtime.workers import Worker
from courseware.widgets import figure_svg, slider_plot

MODES: tuple[Literal["sync", "async", "exit"], ...] = ("sync", "async", "exit")


def build_plain_order(checkpointer: object, step: object) -> object:
    """Build the order without a bank; the source is sent to the worker."""
    from typing import Any, cast

    from courseware.lessons.surviving_crashes.orders import order_graph

    return order_graph(checkpointer, cast(Any, step))


def times_run(order: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, int]]:
    """Return how often each node ran, for (the node it was killed in, the durability mode).

    One worker runs an order for each case and is killed inside all of them at once. A second
    worker continues what is stored, and starts what isn't from the order.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder).as_posix()}/shop.db"
        cases = {f"{node} {mode}": (node, mode) for node in NODES for mode in MODES}
        first = Worker(build_plain_order, url)
        for case, (node, mode) in cases.items():
            first.run(case, dict(order), stop_at=node, durability=mode)
        for case, (node, _) in cases.items():
            first.wait_until(node, thread_id=case)
        first.kill()
        second = Worker(build_plain_order, url)
        with open_checkpointer(url) as checkpointer:
            for case in cases:
                stored = checkpointer.get_tuple({"configurable": {"thread_id": case}})
                second.run(case, None if stored else dict(order))
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for case, key in cases.items():
            second.result(case)
            ran = first.counts(case) + second.counts(case)
            counts[key] = {node: ran[node] for node in NODES}
        second.stop()
    return counts


def forget(url: str, number: str) -> None:
    """Remove what an earlier run of a cell has left of an order."""
    with open_checkpointer(url) as checkpointer:
        Runner(build_plain_order(checkpointer, print)).forget(number)


def durability_slider(counts: Mapping[tuple[str, str], Mapping[str, int]]) -> Any:
    """Return bars of how often each node ran, with a slider for the node of the crash."""

    def draw(killed: int) -> str:
        figure, axes = pyplot.subplots(figsize=(7, 2.8))
        for offset, mode in enumerate(MODES):
            heights = [counts[NODES[killed], mode][node] for node in NODES]
            places = [position + 0.27 * (offset - 1) for position in range(len(NODES))]
            hatch = ("", "//", "..")[offset]
            axes.bar(places, heights, width=0.25, label=mode, hatch=hatch)
        axes.set_xticks(range(len(NODES)), NODES)
        axes.set_yticks([0, 1, 2])
        axes.set_ylim(0, 2.9)
        axes.set_ylabel("times it ran")
        axes.set_title(f"killed inside {NODES[killed]}, finished by a second worker")
        axes.legend(title="durability", frameon=False, ncols=3, fontsize=8, loc="upper right")
        return figure_svg(figure)

    return slider_plot(
        draw,
        killed=ipywidgets.SelectionSlider(
            options=[(node, n) for n, node in enumerate(NODES)], value=2, description="killed in"
        ),
        label="How often each node ran, by durability mode",
        text=lambda killed: f"Plot: how often each node ran, killed inside {NODES[killed]}",
    )
