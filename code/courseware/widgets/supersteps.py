"""Draw a run as its super-steps: who worked side by side, and what a key held afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, show, widget_bundle
from courseware.widgets._svg import PALETTE, Svg
from courseware.widgets._text import one_line

COLUMN, BOX, ROW, HEAD = 176.0, 30.0, 40.0, 34.0
LETTERS, LINES, LINE = 25, 4, 15.0
"""Characters of a value that fit into a column, lines of a value, and the height of one."""


@dataclass
class Step:
    """Hold one super-step: its nodes, and the key's value once their updates are merged."""

    nodes: list[str] = field(default_factory=list)
    updates: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    state: str = "running"
    """``running``, ``merged`` or ``failed``."""


class SuperSteps:
    """Run a graph and draw each super-step as it happens, with the value of one key below.

    Args:
        graph: any compiled graph.
        key: the key of the state to watch.
        pace: seconds between two super-steps, so that a person can follow; none when unattended.
        title: what the picture shows.

    Raises:
        ValueError: if the graph's state has no such key.
    """

    def __init__(self, graph: Any, key: str, *, pace: float = 0.7, title: str = "") -> None:
        if key not in graph.channels:
            keys = [each for each in graph.channels if ":" not in each and each[:2] != "__"]
            raise ValueError(f"The state has no key {key!r}. It has {', '.join(keys)}.")
        self._graph, self._key, self._pace = graph, key, pace
        self._title = title or f"Super-steps, and the key {key!r}"
        self.steps: list[Step] = []
        self.error = ""
        self._html = markup("")
        self.widget = panel(self._html, label=self._title)

    def run(self, value: Mapping[str, Any], config: Any = None) -> dict[str, Any]:
        """Run the graph like `invoke` and draw it; an error of the graph is drawn and raised."""
        self.steps, self.error = [], ""
        if not unattended():
            self._draw()
            show(self.widget, text=self.text(), svg=self.svg)
        last: dict[str, Any] = {}
        try:
            for mode, data in self._graph.stream(value, config, stream_mode=["tasks", "values"]):
                if mode == "values":
                    last = dict(data)
                    self._merged(last)
                else:
                    self._task(data)
            if self.steps[-1].state == "running":  # nothing was written, so nothing was streamed
                self._merged(last)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}".partition("\n")[0]
            if self.steps:
                self.steps[-1].state = "failed"
            raise
        finally:
            self._draw()
            if unattended():
                show(self.widget, text=self.text(), svg=self.svg)
        return last

    def _task(self, data: Mapping[str, Any]) -> None:
        if "input" in data:
            if not self.steps or self.steps[-1].state == "merged":
                self.steps.append(Step())
            self.steps[-1].nodes.append(str(data["name"]))
        elif isinstance(result := data.get("result"), Mapping) and self._key in result:
            self.steps[-1].updates[str(data["name"])] = result[self._key]

    def _merged(self, state: Mapping[str, Any]) -> None:
        if not self.steps:  # the input itself
            self.steps.append(Step(nodes=["input"], state="merged", value=state.get(self._key)))
            return
        self.steps[-1].state, self.steps[-1].value = "merged", state.get(self._key)
        if not unattended():
            self._draw()
            time.sleep(self._pace)

    def _draw(self) -> None:
        self._html.value = self.svg

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        rows = max((len(step.nodes) for step in self.steps), default=1)
        width = 24 + COLUMN * max(len(self.steps), 1)
        lines = max((len(_lines(step)) for step in self.steps), default=1)
        height = HEAD + ROW * rows + 43 + LINE * lines
        svg = Svg(width, height, self._title, self.text())
        svg.rect(0.5, 0.5, width - 1, height - 1, radius=8)
        for number, step in enumerate(self.steps):
            _column(svg, 12 + COLUMN * number, number, step, rows, self._key)
        return str(svg)

    def text(self) -> str:
        """Return the picture in words, the same every run."""
        lines = [self._title]
        for number, step in enumerate(self.steps):
            nodes = " | ".join(step.nodes)
            name = "input" if number == 0 else f"super-step {number}: {nodes}"
            after = self.error if step.state == "failed" else f"{self._key} = {step.value!r}"
            lines.append(f"  {name} -> {one_line(after, 110)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        return widget_bundle(self.widget, self.text())


def _column(svg: Svg, x: float, number: int, step: Step, rows: int, key: str) -> None:
    colour = {"merged": PALETTE["green"], "failed": PALETTE["red"]}.get(step.state, PALETTE["blue"])
    middle = x + (COLUMN - 16) / 2
    svg.text(middle, 22, "input" if number == 0 else f"super-step {number}", size=11, weight=600)
    for row, name in enumerate(step.nodes if number else []):
        y = HEAD + ROW * row
        svg.rect(x, y, COLUMN - 16, BOX, radius=6, stroke=colour, stroke_width=1.8)
        svg.text(middle, y + 13, name, size=12, weight=600)
        wrote = step.updates.get(name)
        words = "writes nothing here" if wrote is None else one_line(wrote, LETTERS)
        svg.text(middle, y + 25, words, size=9, fill=PALETTE["muted"])
    y = HEAD + ROW * rows
    mark = {"merged": "✓ merged", "failed": "✗ cannot be merged"}.get(step.state, "▶ running")
    label = f"{key} holds" if number == 0 else mark
    svg.text(middle, y + 16, label, size=11, fill=colour, weight=600)
    for place, words in enumerate(_lines(step)):
        svg.text(middle, y + 34 + LINE * place, words, size=10, mono=True)


def _lines(step: Step) -> list[str]:
    """Return what a key holds after a step, the items of a list one a line."""
    if step.state != "merged":
        return [""]
    if not isinstance(step.value, list | tuple) or not step.value:
        return [one_line(step.value, LETTERS)]
    shown = [one_line(item, LETTERS) for item in step.value]
    more = len(shown) - LINES
    return shown if more <= 0 else [*shown[: LINES - 1], f"and {more + 1} more"]
