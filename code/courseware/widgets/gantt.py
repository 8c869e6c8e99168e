"""Draw calls as bars on one time line, live while they run, beside the ideal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, show, widget_bundle
from courseware.widgets._svg import PALETTE, Svg

Item = TypeVar("Item")
Value = TypeVar("Value")

WIDTH, LEFT, ROW, HEAD = 720.0, 168.0, 19.0, 26.0
BEAT = 0.08
"""Seconds between two pictures while something runs."""


@dataclass
class Bar:
    """Hold one call: seconds from the start of its group; `ended` is None while it runs."""

    name: str
    began: float
    ended: float | None = None
    failed: bool = False


@dataclass
class Group:
    """Hold the calls of one way of running them."""

    title: str
    limit: int | None
    began: float
    bars: list[Bar] = field(default_factory=list)
    most: int = 0

    def ideal(self) -> float:
        """Return the seconds that no schedule can beat: the longest call, or the full lanes."""
        lengths = [bar.ended - bar.began for bar in self.bars if bar.ended is not None]
        lanes = sum(lengths) / self.limit if self.limit else 0.0
        return max([lanes, *lengths], default=0.0)

    def seconds(self, now: float) -> float:
        """Return how long the group has taken so far."""
        return max((bar.ended or now - self.began for bar in self.bars), default=0.0)


class GanttChart:
    """Show every call of an async function as a bar that grows while it runs.

    ``chart.watch("in parallel", weather)`` is the same function, watched. Each title is a group
    with a clock of its own. The dashed line ends where the ideal does.

    Args:
        title: the picture's name, for screen readers.
        clock: monotonic seconds.
    """

    def __init__(self, title: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self.groups: list[Group] = []
        self._clock = clock
        self._running = 0
        self._shown = False
        self._drawing: asyncio.Task[None] | None = None
        self._picture = markup("")
        self.widget = panel(self._picture, label=title)
        self._draw()

    def watch(
        self,
        group: str,
        work: Callable[[Item], Awaitable[Value]],
        *,
        limit: int | None = None,
        name: Callable[[Item], str] = str,
    ) -> Callable[[Item], Awaitable[Value]]:
        """Return the function, with every call of it drawn into a new group.

        Args:
            group: the group's title.
            work: an async function of one item.
            limit: how many calls may run at once, for the ideal; None: all.
            name: how an item's bar is called.
        """
        made = Group(group, limit, self._clock())
        self.groups.append(made)

        async def watched(item: Item) -> Value:
            if not made.bars:
                made.began = self._clock()
            bar = Bar(name(item), self._clock() - made.began)
            made.bars.append(bar)
            self._start(made)
            try:
                return await work(item)
            except BaseException:
                bar.failed = True
                raise
            finally:
                bar.ended = self._clock() - made.began
                self._running -= 1
                self._draw()

        return watched

    def _start(self, group: Group) -> None:
        self._running += 1
        group.most = max(group.most, sum(bar.ended is None for bar in group.bars))
        if not self._shown and not unattended():
            self._shown = True
            show(self.widget, text=self.text())
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.ensure_future(self._keep_drawing())

    async def _keep_drawing(self) -> None:
        while self._running:
            self._draw()
            await asyncio.sleep(BEAT)

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        rows = sum(len(group.bars) + 1.6 for group in self.groups)
        svg = Svg(WIDTH, HEAD + ROW * max(rows, 1) + 8, self.title, self.text())
        now = self._clock()
        longest = max((group.seconds(now) for group in self.groups), default=0.0)
        scale = (WIDTH - LEFT - 70) / max(longest, 0.5)
        for step in range(int(max(longest, 0.5) * 2) + 1):
            x = LEFT + step / 2 * scale
            svg.line(x, 18, x, HEAD + ROW * rows, stroke=PALETTE["panel"])
            svg.text(x, 13, f"{step / 2:g} s", size=10.5, fill=PALETTE["muted"])
        top = HEAD
        for group in self.groups:
            top = self._draw_group(svg, group, top, scale, now)
        return str(svg)

    def _draw_group(self, svg: Svg, group: Group, top: float, scale: float, now: float) -> float:
        svg.text(8, top + 12, group.title, anchor="start", weight=600)
        begin = top + ROW
        for number, bar in enumerate(group.bars):
            y = begin + ROW * number
            running = bar.ended is None
            end = now - group.began if bar.ended is None else bar.ended
            colour = PALETTE["red" if bar.failed else "amber" if running else "blue"]
            x, wide = LEFT + bar.began * scale, max((end - bar.began) * scale, 2)
            svg.rect(x, y + 2, wide, ROW - 5, fill=colour, stroke="none", radius=3)
            svg.text(LEFT - 8, y + 13, bar.name, anchor="end", size=11.5)
            word = "failed" if bar.failed else "…" if running else f"{end - bar.began:.2f} s"
            svg.text(x + wide + 5, y + 13, word, anchor="start", size=10.5, fill=PALETTE["muted"])
        bottom = begin + ROW * len(group.bars)
        if group.bars and all(bar.ended is not None for bar in group.bars):
            ideal = LEFT + group.ideal() * scale
            svg.line(ideal, top + 6, ideal, bottom, stroke=PALETTE["green"], dash="5 4")
            svg.text(ideal + 5, top + 12, "ideal", anchor="start", size=11, fill=PALETTE["green"])
        return bottom + 0.6 * ROW

    def _draw(self) -> None:
        self._picture.value = self.svg

    def text(self) -> str:
        """Return what the picture shows that is the same every run."""
        lines = [self.title]
        for group in self.groups:
            failed = [bar.name for bar in group.bars if bar.failed]
            told = f"{len(group.bars)} calls, at most {group.most} at once"
            lines.append(f"  {group.title}: {told}" + (f", failed: {failed}" if failed else ""))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        self._draw()
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        if self._shown:
            return {"text/plain": ""}  # it is there already, above what the cell has printed
        return widget_bundle(self.widget, self.text())
