"""Where the nodes and edges of a graph go.

Layers, order and coordinates come from grandalf's Sugiyama layout (Sugiyama, Tagawa and Toda
1981, coordinates after Brandes and Köpf 2001). Three things are done around it: loops are opened
before it and closed after it, the label of an edge takes part as a small node of its own, so that
it overlaps nothing, and edges run straight through a layer and bend only between layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from grandalf.graphs import Edge as Line
from grandalf.graphs import Graph, Vertex
from grandalf.layouts import SugiyamaLayout, VertexViewer
from langgraph.pregel import Pregel

from courseware.widgets._thread import AnyGraph

Point = tuple[float, float]
Edge = tuple[tuple[str, ...], tuple[str, ...]]
"""Where an edge begins and ends, each the names of the boxes around a node and its own."""

Direction = Literal["down", "right"]
BoxKind = Literal["node", "start", "end", "group"]

START, END = "__start__", "__end__"
GAP_ALONG, GAP_ACROSS = 34.0, 26.0
HEAD = 10.0
"""Pixels in front of an arrow's end that run straight, for its head."""

PAD, TITLE = 14.0, 24.0
WIDEST = 1000.0
"""Pixels up to which a picture is drawn from left to right."""


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
    """How many edges meet at the busier side of each node."""
    back = _back_edges(level)
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
    spots, routes, extent = _sugiyama(level, sizes, direction)
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


@dataclass
class _Route:
    source: str
    target: str
    label: str
    conditional: bool
    back: bool
    chain: list[Any] = field(default_factory=list)
    middle: str = ""
    points: list[Point] = field(default_factory=list)
    label_at: Point | None = None


def _sugiyama(
    level: Level, sizes: dict[str, tuple[float, float]], direction: Direction
) -> tuple[dict[str, Point], list[_Route], tuple[float, float]]:
    """Centres of the nodes, routes of the edges, and the size of the whole."""
    turned = direction == "right"
    back = _back_edges(level)
    vertices: dict[str, Any] = {}

    loops = {a: _loop_room(label, turned) for a, b, label, _ in level.edges if a == b}

    def vertex(name: str, width: float, height: float) -> None:
        across, along = (height, width) if turned else (width, height)
        made = _Vertex(name)
        made.number = len(vertices)
        made.view = VertexViewer(across + 2 * loops.get(name, 0.0), along)
        made.name, made.across = name, across
        vertices[name] = made

    for name in level.nodes:
        vertex(name, *sizes[name])
    edges: list[Any] = []
    routes: list[_Route] = []
    for number, (source, target, label, conditional) in enumerate(level.edges):
        route = _Route(source, target, label, conditional, (source, target) in back)
        routes.append(route)
        if source == target:
            continue
        upper, lower = (target, source) if route.back else (source, target)
        if label or route.back:
            route.middle = f"\0{number}"
            vertex(route.middle, *((text_width(label, 11) + 12, 18.0) if label else (8.0, 8.0)))
            route.chain = [upper, route.middle, lower]
        else:
            route.chain = [upper, lower]
        for first, second in zip(route.chain, route.chain[1:], strict=False):
            edge = _Edge(vertices[first], vertices[second])
            edge.number = len(edges)
            edge.view = _Path()
            edges.append(edge)
    placed = Graph(list(vertices.values()), edges)
    position: dict[int, Point] = {}
    bands: dict[int, tuple[float, float]] = {}
    bends: dict[tuple[str, str], list[Any]] = {}
    offset = 0.0
    length = 0.0
    for core in placed.C:
        layout = SugiyamaLayout(core)
        layout.dw = layout.dh = 8.0
        layout.xspace, layout.yspace = GAP_ACROSS, GAP_ALONG
        roots = [v for v in core.sV if not v.e_in()]
        layout.init_all(roots=roots, inverted_edges=[], optimize=True)
        layout.dw = layout.dh = 8.0
        layout.draw(6)
        offset = _settle(layout, offset, position, bands) + GAP_ACROSS
        length = max(length, max(bottom for _, bottom in bands.values()))
        for edge in core.sE:
            ctrl = layout.ctrls.get(edge, {})
            ranks = sorted(ctrl)[1:-1]
            bends[edge.v[0].name, edge.v[1].name] = [ctrl[rank] for rank in ranks]
    spots = {name: position[id(v)] for name, v in vertices.items()}
    for route in routes:
        if route.chain:
            whole: list[Any] = [vertices[route.chain[0]]]
            for first, second in zip(route.chain, route.chain[1:], strict=False):
                whole += [*bends[first, second], vertices[second]]
            route.chain = whole
    _connect(routes, vertices, position, bands)
    width, height = offset - GAP_ACROSS, length
    for route in routes:
        if route.source == route.target:
            x, y = spots[route.source]
            _self_loop(route, x + vertices[route.source].across / 2, y, turned)
        if route.middle and route.label:
            route.label_at = spots[route.middle]
        if turned:
            route.points = [(y, x) for x, y in route.points]
            if route.label_at is not None:
                route.label_at = (route.label_at[1], route.label_at[0])
    if turned:
        return {n: (y, x) for n, (x, y) in spots.items()}, routes, (height, width)
    return spots, routes, (width, height)


class _Numbered:
    """Hashes by number: grandalf goes through sets, and addresses differ from run to run."""

    number = 0

    def __hash__(self) -> int:
        return self.number


class _Vertex(_Numbered, Vertex):  # type: ignore[misc]
    pass


class _Edge(_Numbered, Line):  # type: ignore[misc]
    pass


class _Path:
    """What grandalf wants an edge to have."""

    def setpath(self, points: Sequence[Point]) -> None:
        """Take grandalf's own route, which is not used."""


def _back_edges(level: Level) -> set[tuple[str, str]]:
    """Edges that lead back to a node from which they can be reached."""
    out: dict[str, list[str]] = {name: [] for name in level.nodes}
    for source, target, _, _ in level.edges:
        out[source].append(target)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    ordered = sorted(level.nodes, key=lambda name: name != START)
    for root in ordered:
        if root in done:
            continue
        path = [root]
        on_path = {root}
        stack = [iter(out[root])]
        while stack:
            target = next(stack[-1], "")
            if not target:
                stack.pop()
                leaving = path.pop()
                on_path.discard(leaving)
                done.add(leaving)
            elif target in on_path:
                back.add((path[-1], target))
            elif target not in done:
                path.append(target)
                on_path.add(target)
                stack.append(iter(out[target]))
    return back


def _settle(
    layout: Any, offset: float, position: dict[int, Point], bands: dict[int, tuple[float, float]]
) -> float:
    """Take grandalf's coordinates, parts what still overlaps, and return the right edge."""
    centres: dict[int, float] = {}
    for layer in layout.layers:
        right = float("-inf")
        for v in layer:
            half = v.view.w / 2
            x = max(v.view.xy[0], right + half)
            centres[id(v)] = x
            right = x + half + GAP_ACROSS
    left = min(centres[id(v)] - v.view.w / 2 for layer in layout.layers for v in layer)
    edge = offset
    top = 0.0
    for layer in layout.layers:
        height = max(v.view.h for v in layer)
        for v in layer:
            x = centres[id(v)] - left + offset
            position[id(v)] = (x, top + height / 2)
            bands[id(v)] = (top, top + height)
            edge = max(edge, x + v.view.w / 2)
        top += height + GAP_ALONG
    return edge


def _connect(
    routes: Sequence[_Route],
    vertices: dict[str, Any],
    position: dict[int, Point],
    bands: dict[int, tuple[float, float]],
) -> None:
    """Give every route its points, downwards, its ends spread over the sides of the nodes."""
    leaving: dict[int, list[tuple[float, _Route]]] = {}
    arriving: dict[int, list[tuple[float, _Route]]] = {}
    for route in routes:
        if route.chain:
            first, last = route.chain[0], route.chain[-1]
            leaving.setdefault(id(first), []).append((position[id(route.chain[1])][0], route))
            arriving.setdefault(id(last), []).append((position[id(route.chain[-2])][0], route))
    widths = {id(v): v.across for v in vertices.values()}
    below = {id(route.chain[0]) for route in routes if route.back and route.chain}
    above = {id(route.chain[-1]) for route in routes if not route.back and route.chain}
    starts = _ports(leaving, position, widths)
    ends = _ports(arriving, position, widths)
    for route in routes:
        if not route.chain:
            continue
        first, *middle, last = route.chain
        points = [(starts[id(route)], position[id(first)][1] + first.view.h / 2)]
        lower = bands[id(first)][1]
        points.append((points[0][0], lower + HEAD if id(first) in below else lower))
        for v in middle:
            x = position[id(v)][0]
            top, bottom = bands[id(v)]
            points += [(x, top), (x, bottom)]
        end = ends[id(route)]
        upper = bands[id(last)][0]
        points.append((end, upper - HEAD if id(last) in above else upper))
        points.append((end, position[id(last)][1] - last.view.h / 2))
        points = [point for point, _ in groupby(points)]
        route.points = points[::-1] if route.back else points


def _ports(
    sides: dict[int, list[tuple[float, _Route]]],
    position: dict[int, Point],
    widths: dict[int, float],
) -> dict[int, float]:
    found: dict[int, float] = {}
    for vertex, attached in sides.items():
        attached.sort(key=lambda pair: pair[0])
        centre, width = position[vertex][0], widths[vertex]
        step = min(22.0, width * 0.75 / max(1, len(attached) - 1))
        if len(attached) == 1:
            step = 0.0
        for index, (_, route) in enumerate(attached):
            found[id(route)] = centre + (index - (len(attached) - 1) / 2) * step
    return found


def _loop_room(label: str, turned: bool) -> float:
    """How far a loop and its label stand out from their node."""
    if not label:
        return 20.0
    return 20.0 + (18.0 if turned else text_width(label, 11) + 10)


def _self_loop(route: _Route, side: float, y: float, turned: bool) -> None:
    """Lay a loop at the side of its node."""
    out = side + 16
    route.points = [(side, y - 9), (out, y - 9), (out, y + 9), (side, y + 9)]
    if route.label:
        route.label_at = (side + (_loop_room(route.label, turned) + 16) / 2 + 2, y)
