"""Where the nodes and edges of a graph go, and those of the graphs inside its nodes."""

from __future__ import annotations

from courseware.widgets._drawing import (
    END,
    START,
    STATE_SIZE,
    Box,
    BoxKind,
    Direction,
    Drawing,
    Level,
    Wire,
    text_width,
)
from courseware.widgets._sugiyama import back_edges, sugiyama

PAD, TITLE = 14.0, 24.0
WIDEST = 1000.0
"""Pixels up to which a picture is drawn from left to right."""

NARROWEST = text_width("▶ running ×9", STATE_SIZE, bold=True) + 12


def lay_out(level: Level, direction: Direction | None = None) -> Drawing:
    """Places a structure; from left to right where that fits a page, else downwards."""
    if direction is not None:
        return _place(level, direction, ())
    across = _place(level, "right", ())
    if across.width <= WIDEST:
        return across
    return _place(level, "down", ())


def _size(name: str, direction: Direction, wires: int) -> tuple[float, float]:
    """Return a node's size; a side at which many edges meet is longer."""
    if name in (START, END):
        return 46.0, 24.0
    width, height = max(NARROWEST, text_width(name) + 40), 40.0
    if direction == "right":
        return width, max(height, 14.0 * wires)
    return max(width, 14.0 * wires), height


def _crowd(level: Level) -> dict[str, int]:
    """Count the edges that meet at the busier side of each node."""
    back = back_edges(level)
    sides: dict[tuple[str, bool], int] = {}
    for source, target, _, _ in level.edges:
        if source != target:
            turned = (source, target) in back
            sides[source, turned] = sides.get((source, turned), 0) + 1
            sides[target, not turned] = sides.get((target, not turned), 0) + 1
    return {name: max(sides.get((name, side), 0) for side in (True, False)) for name in level.nodes}


def _place(level: Level, direction: Direction, path: tuple[str, ...]) -> Drawing:
    inner = {name: _place(sub, direction, (*path, name)) for name, sub in level.inner.items()}
    sizes: dict[str, tuple[float, float]] = {}
    crowd = _crowd(level)
    for name in level.nodes:
        if name in inner:
            width = max(inner[name].width + 2 * PAD, text_width(name, 12, bold=True) + 110)
            sizes[name] = width, inner[name].height + PAD + TITLE + 4
        else:
            sizes[name] = _size(name, direction, crowd.get(name, 1))
    spots, routes, extent = sugiyama(level, sizes, direction)
    boxes: list[Box] = []
    wires: list[Wire] = []
    for name in level.nodes:
        x, y = spots[name]
        width, height = sizes[name]
        kind: BoxKind = (
            "start" if name == START else "end" if name == END else
            "group" if name in inner else "node"
        )  # fmt: skip
        label = {START: "start", END: "end"}.get(name, name)
        boxes.append(Box((*path, name), label, kind, x - width / 2, y - height / 2, width, height))
        if name in inner:
            dx = x - inner[name].width / 2
            dy = y - height / 2 + TITLE
            boxes += [box.moved(dx, dy) for box in inner[name].boxes]
            wires += [wire.moved(dx, dy) for wire in inner[name].wires]
    for route in routes:
        wires.append(
            Wire(
                (*path, route.source),
                (*path, route.target),
                tuple(route.points),
                route.conditional,
                route.label,
                route.label_at,
            )
        )
    return Drawing(extent[0], extent[1], tuple(boxes), tuple(wires), direction)
