"""A laid-out graph as SVG."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise

from courseware.widgets._drawing import STATE_SIZE, Box, Drawing, Edge, Point, Wire, text_width
from courseware.widgets._svg import PALETTE, Svg
from courseware.widgets._text import escape

MARGIN = 12.0

LOOK = {
    "idle": (PALETTE["muted"], "", ""),
    "running": (PALETTE["blue"], "▶", "running"),
    "done": (PALETTE["green"], "✓", "done"),
    "waiting": (PALETTE["amber"], "?", "waits for a human"),
    "paused": (PALETTE["violet"], "‖", "paused before"),
    "failed": (PALETTE["red"], "✗", "failed"),
    "here": (PALETTE["blue"], "●", "here"),
}


def picture(
    drawing: Drawing,
    states: Mapping[tuple[str, ...], str],
    counts: Mapping[tuple[str, ...], int],
    title: str,
    description: str = "",
    taken: Collection[Edge] = (),
) -> str:
    """Return the graph as SVG text; a node's state shows as colour, mark and word.

    The conditional edges in `taken` are drawn stronger, and in the colour of what is done.
    """
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    svg = Svg(width, height, title, description)
    svg.rect(0.5, 0.5, width - 1, height - 1, radius=8, stroke=PALETTE["line"])
    svg.raw(f'<g transform="translate({MARGIN},{MARGIN})">')
    for box in drawing.boxes:
        if box.kind == "group":
            _group(svg, box, states.get(box.path, "idle"), counts.get(box.path, 0))
    for wire in drawing.wires:
        lit = (wire.source, wire.target) in taken or (
            not wire.conditional
            and states.get(wire.source) == "done"
            and states.get(wire.target, "idle") != "idle"
        )
        _wire(svg, wire, drawing.direction == "right", lit)
    for box in drawing.boxes:
        if box.kind in ("start", "end"):
            _terminal(svg, box, states.get(box.path, "idle"))
        elif box.kind == "node":
            _node(svg, box, states.get(box.path, "idle"), counts.get(box.path, 0))
    svg.raw("</g>")
    return str(svg)


def _wire(svg: Svg, wire: Wire, turned: bool, lit: bool) -> None:
    colour = PALETTE["green"] if lit else PALETTE["muted"]
    width = 2.2 if lit and wire.conditional else 1.4
    dash = ";stroke-dasharray:5 4" if wire.conditional else ""
    svg.raw(
        f'<path d="{path(wire.points, turned)}" '
        f'style="fill:none;stroke:{colour};stroke-width:{width}{dash}"/>'
    )
    svg.raw(f'<path d="{_arrowhead(wire.points, turned)}" style="fill:{colour}"/>')
    if wire.label and wire.label_at is not None:
        x, y = wire.label_at
        wide = text_width(wire.label, 11) + 8
        behind = PALETTE["panel"] if len(wire.source) > 1 else PALETTE["paper"]
        svg.rect(x - wide / 2, y - 9, wide, 18, radius=4, stroke="none", fill=behind)
        svg.text(x, y + 4, wire.label, size=11, fill=PALETTE["muted"])


def _arrowhead(points: tuple[Point, ...], turned: bool) -> str:
    """Return a triangle at the end of an edge; edges arrive along the direction of the picture."""
    (x0, y0), (x, y) = points[-2:]
    flat = x0 == x or (y0 != y and not turned)
    if flat:
        back = y - 8 if y >= y0 else y + 8
        return f"M{x:.1f} {y:.1f}L{x - 3.4:.1f} {back:.1f}L{x + 3.4:.1f} {back:.1f}z"
    back = x - 8 if x >= x0 else x + 8
    return f"M{x:.1f} {y:.1f}L{back:.1f} {y - 3.4:.1f}L{back:.1f} {y + 3.4:.1f}z"


def path(points: tuple[Point, ...], turned: bool) -> str:
    """Straight through the layers, and smooth bends between them."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x1, y1), (x2, y2) in pairwise(points):
        if abs(x1 - x2) < 0.5 or abs(y1 - y2) < 0.5:
            parts.append(f"L{x2:.1f} {y2:.1f}")
        elif turned:
            middle = (x1 + x2) / 2
            parts.append(f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
        else:
            middle = (y1 + y2) / 2
            parts.append(f"C{x1:.1f} {middle:.1f} {x2:.1f} {middle:.1f} {x2:.1f} {y2:.1f}")
    return "".join(parts)


def _group(svg: Svg, box: Box, state: str, count: int) -> None:
    colour, mark, words = LOOK[state]
    svg.rect(
        box.x, box.y, box.width, box.height, radius=8, fill=PALETTE["panel"],
        stroke=colour, stroke_width=1 if state == "idle" else 2,
    )  # fmt: skip
    svg.text(box.x + 12, box.y + 17, box.label, size=12, anchor="start", weight=600)
    if mark:
        svg.text(
            box.x + box.width - 12, box.y + 17, f"{mark} {_short(words)}{_times(count)}", size=11,
            anchor="end", fill=colour, weight=600,
        )  # fmt: skip


def _terminal(svg: Svg, box: Box, state: str) -> None:
    colour = PALETTE["green"] if state == "done" else PALETTE["muted"]
    svg.rect(box.x, box.y, box.width, box.height, radius=12, stroke=colour, stroke_width=1.2)
    svg.text(box.x + box.width / 2, box.y + box.height / 2 + 4, box.label, size=11, fill=colour)


def _node(svg: Svg, box: Box, state: str, count: int) -> None:
    colour, mark, words = LOOK[state]
    label = escape(f"{box.label}: {words or 'not reached'}")
    svg.raw(f'<g role="group" aria-label="{label}" data-node="{escape("/".join(box.path))}" '
            f'data-state="{escape(state)}">')  # fmt: skip
    svg.rect(
        box.x, box.y, box.width, box.height, radius=6, stroke=colour,
        stroke_width=1.2 if state == "idle" else 2.2,
        fill=PALETTE["paper"],
    )  # fmt: skip
    centre = box.x + box.width / 2
    if not mark:
        svg.text(centre, box.y + box.height / 2 + 4.5, box.label, size=13)
    else:
        middle = box.y + box.height / 2
        svg.text(centre, middle - 3, box.label, size=13, weight=600)
        state_text = f"{mark} {_short(words)}{_times(count)}"
        size = STATE_SIZE * min(
            1.0, (box.width - 8) / text_width(state_text, STATE_SIZE, bold=True)
        )
        svg.text(centre, middle + 12, state_text, size=size, fill=colour, weight=600)
    svg.raw("</g>")


def _short(words: str) -> str:
    return "waits" if words.startswith("waits") else words


def _times(count: int) -> str:
    return f" ×{count}" if count > 1 else ""
