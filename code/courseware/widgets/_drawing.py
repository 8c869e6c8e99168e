"""What a drawn graph consists of, and the structure that it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from langgraph.pregel import Pregel

from courseware.widgets._thread import AnyGraph

Point = tuple[float, float]
Edge = tuple[tuple[str, ...], tuple[str, ...]]
"""Where an edge begins and ends, each the names of the boxes around a node and its own."""

Direction = Literal["down", "right"]
BoxKind = Literal["node", "start", "end", "group"]

START, END = "__start__", "__end__"


@dataclass(frozen=True)
class Box:
    """A placed node; `x` and `y` are its upper left corner in the whole picture."""

    path: tuple[str, ...]
    label: str
    kind: BoxKind
    x: float
    y: float
    width: float
    height: float

    def moved(self, dx: float, dy: float) -> Box:
        """Return the same box elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True)
class Wire:
    """A placed edge: a polyline of points, of which every second pair is a bend."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    points: tuple[Point, ...]
    conditional: bool
    label: str = ""
    label_at: Point | None = None

    def moved(self, dx: float, dy: float) -> Wire:
        """Return the same edge elsewhere."""
        points = tuple((x + dx, y + dy) for x, y in self.points)
        at = None if self.label_at is None else (self.label_at[0] + dx, self.label_at[1] + dy)
        return replace(self, points=points, label_at=at)


@dataclass(frozen=True)
class Drawing:
    """A laid-out graph; groups come before what they contain."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    direction: Direction


@dataclass
class Level:
    """The structure of one graph: its nodes, edges and the graphs inside its nodes."""

    nodes: list[str]
    edges: list[tuple[str, str, str, bool]]
    inner: dict[str, Level] = field(default_factory=dict)


def structure(graph: AnyGraph, depth: int = 8) -> Level:
    """Read a compiled graph, and the graphs inside its nodes."""
    drawn = graph.get_graph()
    merged: dict[tuple[str, str], tuple[list[str], bool]] = {}
    for edge in drawn.edges:
        labels, conditional = merged.setdefault((edge.source, edge.target), ([], edge.conditional))
        label = "" if edge.data is None else str(edge.data)
        if label and label != edge.target and label not in labels:
            labels.append(label)
        merged[edge.source, edge.target] = (labels, conditional and edge.conditional)
    edges = [(a, b, " / ".join(labels), cond) for (a, b), (labels, cond) in merged.items()]
    inner = {}
    if depth:
        for name, sub in graph.get_subgraphs():
            if name in drawn.nodes and sub is not graph and isinstance(sub, Pregel):
                inner[name] = structure(sub, depth - 1)
    return Level(list(drawn.nodes), edges, inner)


def text_width(text: str, size: float = 13, *, bold: bool = False) -> float:
    """Roughly how wide a text is in pixels; errs on the wide side."""
    return sum(map(_units, text)) * size * (1.12 if bold else 1)


def _units(character: str) -> float:
    if character in "iljtf.,:;'|![]() ":
        return 0.38
    if character in "mwMW@%":
        return 0.95
    if ord(character) > 0x2000:
        return 1.0
    return 0.72 if character.isupper() or character.isdigit() else 0.62


STATE_SIZE = 10.5
"""Pixels of the letters in which a node says what state it is in."""
