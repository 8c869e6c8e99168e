"""Draw pictures as SVG text in the colours of the notebook's theme."""

from __future__ import annotations

import colorsys
import io
import re
from typing import Any

from courseware.widgets._text import escape

PALETTE = {
    "paper": "var(--jp-layout-color1, #ffffff)",
    "panel": "var(--jp-layout-color2, #f3f5f7)",
    "line": "var(--jp-border-color1, #c3c9d0)",
    "text": "var(--jp-ui-font-color1, #1f2933)",
    "muted": "var(--jp-ui-font-color2, #5b6773)",
    "blue": "var(--ap-blue, #1d6fb8)",
    "green": "var(--ap-green, #1a7f4b)",
    "amber": "var(--ap-amber, #a05a00)",
    "red": "var(--ap-red, #c0312b)",
    "violet": "var(--ap-violet, #7048b6)",
}
"""Colours by name. Inside JupyterLab they follow the theme; elsewhere they are dark on white."""

FONT = (
    "var(--jp-ui-font-family, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif)"
)

MONO = "var(--jp-code-font-family, ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace)"

WIDEST = 760.0
"""Pixels that a picture takes at most, as wide as a panel; a wider drawing is shown smaller."""


class Svg:
    """Collects the elements of one picture."""

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        self.width, self.height = width, height
        self._title, self._description = title, description
        self._parts: list[str] = []

    def raw(self, element: str) -> None:
        """Add an element as it is; what it contains must already be safe."""
        self._parts.append(element)

    def text(
        self,
        x: float,
        y: float,
        content: object,
        *,
        size: float = 12,
        anchor: str = "middle",
        fill: str = PALETTE["text"],
        weight: int = 400,
        mono: bool = False,
    ) -> None:
        """Add a line of text; `y` is its baseline."""
        self.raw(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
            f'font-weight="{weight}" style="fill:{fill};font-family:{MONO if mono else FONT}">'
            f"{escape(content)}</text>"
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = PALETTE["paper"],
        stroke: str = PALETTE["line"],
        stroke_width: float = 1,
        radius: float = 0,
    ) -> None:
        """Add a rectangle."""
        self.raw(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius:g}" style="fill:{fill};stroke:{stroke};stroke-width:{stroke_width:g}"/>'
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        stroke: str = PALETTE["line"],
        stroke_width: float = 1,
        dash: str = "",
    ) -> None:
        """Add a straight line."""
        dashes = f";stroke-dasharray:{dash}" if dash else ""
        self.raw(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'style="stroke:{stroke};stroke-width:{stroke_width:g}{dashes}"/>'
        )

    def __str__(self) -> str:
        scale = min(1.0, WIDEST / self.width)  # a stored picture is no narrower than it says
        description = f"<desc>{escape(self._description)}</desc>" if self._description else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.0f} '
            f'{self.height:.0f}" width="{self.width * scale:.0f}" '
            f'height="{self.height * scale:.0f}" role="img" '
            f'aria-label="{escape(self._title)}" style="max-width:100%;height:auto">'
            f"<title>{escape(self._title)}</title>{description}{''.join(self._parts)}</svg>"
        )


_PLOTTED = {
    "#ffffff": "paper",
    "#000000": "text",
    "#b0b0b0": "line",
    "#cccccc": "line",
    "#808080": "muted",
    "#1f77b4": "blue",
    "#ff7f0e": "amber",
    "#2ca02c": "green",
    "#d62728": "red",
    "#9467bd": "violet",
}
"""Matplotlib's own colours, and the names of those that follow the notebook's theme."""
_INK = re.compile(r"(?<=[:\s\"])#[0-9a-f]{6}\b", re.IGNORECASE)


def figure_svg(figure: Any) -> str:
    """Return a matplotlib figure as SVG text, the same every run, and close the figure.

    Its default colours become the theme's, so that a plot is no white slab in the dark one.
    """
    import matplotlib
    from matplotlib import pyplot

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "agent-patterns", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    text = buffer.getvalue()
    text = _INK.sub(lambda found: _themed(found.group().lower()), text[text.index("<svg") :])
    return text.replace("<svg ", f'<svg fill="{PALETTE["text"]}" ', 1)


def _themed(ink: str) -> str:
    """Return the theme's colour for one of a plot's: its own, or the nearest by hue."""
    if ink in _PLOTTED:
        return PALETTE[_PLOTTED[ink]]
    red, green, blue = (int(ink[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < 0.15:
        grey = "line" if lightness > 0.6 else "muted" if lightness > 0.3 else "text"
        return PALETTE["paper" if lightness > 0.95 else grey]
    name = min(_HUES, key=lambda each: min(abs(hue - _HUES[each]), 1 - abs(hue - _HUES[each])))
    if lightness < 0.7:
        return PALETTE[name]
    return f"color-mix(in srgb, {PALETTE[name]} 55%, {PALETTE['paper']})"


_HUES = {"red": 0.0, "amber": 0.09, "green": 0.4, "blue": 0.58, "violet": 0.74}
"""Where the palette's colours lie on the colour wheel, from 0 to 1."""
