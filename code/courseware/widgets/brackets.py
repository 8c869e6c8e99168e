"""Draw the order of middleware as nested brackets that light up while an agent runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, hook_config

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, show, widget_bundle
from courseware.widgets._svg import PALETTE, Svg

HOOKS = ("before_model", "wrap in", "wrap out", "after_model")
WIDTH, INSET, TOP, FOOT, MODEL = 640.0, 22.0, 44.0, 12.0, 40.0


class MiddlewareOrder:
    """Make middleware that only reports, and draw who was called when in one round of the model.

    Hand `middleware` to `create_agent`. What is listed first is the outermost bracket: its
    `before_model` comes first and its `after_model` last.

    Args:
        names: one for each middleware, the outermost first.
        jumper: the one whose `after_model` jumps to the end of the agent; none by default.
        pace: seconds between two lights, so that a person can follow; none when unattended.

    Raises:
        ValueError: if the jumper is none of them.
    """

    def __init__(self, *names: str, jumper: str | None = None, pace: float = 0.35) -> None:
        if jumper not in (None, *names):
            raise ValueError(f"{jumper!r} is none of the middleware {', '.join(names)}.")
        self.names = names
        self._jumper, self._pace = jumper, pace
        self.calls: list[tuple[str, str]] = []
        """Name and hook of every call, in order."""
        self.middleware = [_reporter(name, self._report, name == jumper) for name in names]
        self._html = markup("")
        self.widget = panel(self._html, label="Order of middleware")
        self._draw()

    def show(self) -> None:
        """Display the brackets; those that were passed by have no number."""
        show(self.widget, text=self.text(), svg=self.svg)

    def _report(self, name: str, hook: str) -> None:
        if name == self.names[0] and hook == "before_model":
            self.calls.clear()  # a new round
        self.calls.append((name, hook))
        self._draw()
        if not unattended():
            time.sleep(self._pace)

    def _draw(self) -> None:
        self._html.value = self.svg

    def _number(self, name: str, hook: str) -> int | None:
        call = (name, hook)
        return self.calls.index(call) + 1 if call in self.calls else None

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        count = len(self.names)
        height = 12 + (TOP + FOOT) * count + MODEL
        svg = Svg(WIDTH, height, "Order of middleware", self.text())
        for level, name in enumerate(self.names):
            self._bracket(svg, level, name, height)
        x, y = 6 + INSET * count, 6 + TOP * count
        colour = PALETTE["green"] if self._number(self.names[-1], "wrap out") else PALETTE["muted"]
        svg.rect(x, y, WIDTH - 2 * x, MODEL, radius=6, stroke=colour, stroke_width=1.8)
        svg.text(WIDTH / 2, y + MODEL / 2 + 5, "model", size=13, weight=600, fill=colour)
        return str(svg)

    def _bracket(self, svg: Svg, level: int, name: str, height: float) -> None:
        x, y = 6 + INSET * level, 6 + TOP * level
        width = WIDTH - 2 * x
        svg.rect(
            x, y, width, height - y - 6 - FOOT * level, radius=8, stroke=PALETTE["line"],
            fill=PALETTE["panel"] if level % 2 else PALETTE["paper"],
        )  # fmt: skip
        svg.text(WIDTH / 2, y + 18, name, size=12, weight=600)
        for row, (left, right) in enumerate(
            (("before_model", "after_model"), ("wrap in", "wrap out"))
        ):
            line = y + 17 + 15 * row
            self._light(svg, x + 8, line, name, left, "start")
            self._light(svg, x + width - 8, line, name, right, "end")

    def _light(self, svg: Svg, x: float, y: float, name: str, hook: str, anchor: str) -> None:
        number = self._number(name, hook)
        passed = number is None and bool(self.calls)
        colour = PALETTE["red"] if passed else PALETTE["green"] if number else PALETTE["muted"]
        words = f"{hook} {number or ('✗' if passed else '')}".rstrip()
        svg.text(x, y, words, size=10, anchor=anchor, fill=colour, weight=600 if number else 400)

    def text(self) -> str:
        """Return the order in words, the same every run."""
        lines = ["Order of middleware, the outermost first"]
        for level, name in enumerate(self.names):
            told = ", ".join(f"{hook} {self._number(name, hook) or '-'}" for hook in HOOKS)
            lines.append(f"  {'  ' * level}{name}: {told}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        return widget_bundle(self.widget, self.text())


def _reporter(name: str, report: Callable[[str, str], None], jumps: bool) -> AgentMiddleware:
    """Return a middleware of that name that reports each of its hooks."""

    class Reporter(AgentMiddleware):
        def before_model(self, state: Any, runtime: Any) -> None:
            report(name, "before_model")

        def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
            report(name, "wrap in")
            response = handler(request)
            report(name, "wrap out")
            return response

        @hook_config(can_jump_to=["end"])
        def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
            report(name, "after_model")
            return {"jump_to": "end"} if jumps else None

    Reporter.__name__ = name
    return Reporter()
