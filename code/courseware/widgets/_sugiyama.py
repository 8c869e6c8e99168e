"""Lay out one graph in layers.

Layers, order and coordinates come from grandalf's Sugiyama layout (Sugiyama, Tagawa and Toda
1981, coordinates after Brandes and Köpf 2001). Three things are done around it: loops are opened
before it and closed after it, the label of an edge takes part as a small node of its own, so that
it overlaps nothing, and edges run straight through a layer and bend only between layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from grandalf.graphs import Edge as Line
from grandalf.graphs import Graph, Vertex
from grandalf.layouts import SugiyamaLayout, VertexViewer

from courseware.widgets._drawing import START, Direction, Level, Point, text_width

GAP_ALONG, GAP_ACROSS = 34.0, 26.0
HEAD = 10.0
"""Pixels in front of an arrow's end that run straight, for its head."""


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


def sugiyama(
    level: Level, sizes: dict[str, tuple[float, float]], direction: Direction
) -> tuple[dict[str, Point], list[_Route], tuple[float, float]]:
    """Return the centres of the nodes, the routes of the edges, and the size of the whole."""
    turned = direction == "right"
    vertices = _Vertices(level, turned)
    for name in level.nodes:
        vertices.add(name, *sizes[name])
    routes, edges = _routes(level, vertices)
    placed = _Placed(list(vertices.by_name.values()), edges)
    spots = {name: placed.position[id(v)] for name, v in vertices.by_name.items()}
    for route in routes:
        if route.chain:
            whole: list[Any] = [vertices.by_name[route.chain[0]]]
            for first, second in pairwise(route.chain):
                whole += [*placed.bends[first, second], vertices.by_name[second]]
            route.chain = whole
    _connect(routes, vertices.by_name, placed.position, placed.bands)
    for route in routes:
        if route.source == route.target:
            x, y = spots[route.source]
            _self_loop(route, x + vertices.by_name[route.source].across / 2, y, turned)
        if route.middle and route.label:
            route.label_at = spots[route.middle]
        if turned:
            route.points = [(y, x) for x, y in route.points]
            if route.label_at is not None:
                route.label_at = (route.label_at[1], route.label_at[0])
    if turned:
        return {n: (y, x) for n, (x, y) in spots.items()}, routes, (placed.length, placed.width)
    return spots, routes, (placed.width, placed.length)


class _Vertices:
    """The nodes as grandalf takes them, and the labels of edges as nodes between them."""

    def __init__(self, level: Level, turned: bool) -> None:
        self._turned = turned
        self._loops = {a: _loop_room(label, turned) for a, b, label, _ in level.edges if a == b}
        self.by_name: dict[str, Any] = {}

    def add(self, name: str, width: float, height: float) -> None:
        across, along = (height, width) if self._turned else (width, height)
        made = _Vertex(name)
        made.number = len(self.by_name)
        made.view = VertexViewer(across + 2 * self._loops.get(name, 0.0), along)
        made.name, made.across = name, across
        self.by_name[name] = made


def _routes(level: Level, vertices: _Vertices) -> tuple[list[_Route], list[Any]]:
    """Open the loops, and give every labelled edge a node for its label."""
    back = back_edges(level)
    edges: list[Any] = []
    routes: list[_Route] = []
    for number, (source, target, label, conditional) in enumerate(level.edges):
        route = _Route(source, target, label, conditional, (source, target) in back)
        routes.append(route)
        if source == target:
            continue
        upper, lower = (target, source) if route.back else (source, target)
        route.chain = [upper, lower]
        if label or route.back:
            route.middle = f"\0{number}"
            room = (text_width(label, 11) + 12, 18.0) if label else (8.0, 8.0)
            vertices.add(route.middle, *room)
            route.chain = [upper, route.middle, lower]
        for first, second in pairwise(route.chain):
            edge = _Edge(vertices.by_name[first], vertices.by_name[second])
            edge.number = len(edges)
            edge.view = _Path()
            edges.append(edge)
    return routes, edges


class _Placed:
    """Hold where grandalf puts everything: each unconnected part beside the one before."""

    def __init__(self, vertices: list[Any], edges: list[Any]) -> None:
        self.position: dict[int, Point] = {}
        self.bands: dict[int, tuple[float, float]] = {}
        self.bends: dict[tuple[str, str], list[Any]] = {}
        self.length = offset = 0.0
        for core in Graph(vertices, edges).C:
            layout = SugiyamaLayout(core)
            layout.dw = layout.dh = 8.0
            layout.xspace, layout.yspace = GAP_ACROSS, GAP_ALONG
            roots = [v for v in core.sV if not v.e_in()]
            layout.init_all(roots=roots, inverted_edges=[], optimize=True)
            layout.dw = layout.dh = 8.0
            layout.draw(6)
            offset = _settle(layout, offset, self.position, self.bands) + GAP_ACROSS
            self.length = max(self.length, max(bottom for _, bottom in self.bands.values()))
            for edge in core.sE:
                ctrl = layout.ctrls.get(edge, {})
                ranks = sorted(ctrl)[1:-1]
                self.bends[edge.v[0].name, edge.v[1].name] = [ctrl[rank] for rank in ranks]
        self.width = offset - GAP_ACROSS


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
    """Give an edge what grandalf wants it to have."""

    def setpath(self, points: Sequence[Point]) -> None:
        """Take grandalf's own route, which is not used."""


def back_edges(level: Level) -> set[tuple[str, str]]:
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
    """Return how far a loop and its label stand out from their node."""
    if not label:
        return 20.0
    return 20.0 + (18.0 if turned else text_width(label, 11) + 10)


def _self_loop(route: _Route, side: float, y: float, turned: bool) -> None:
    """Lay a loop at the side of its node."""
    out = side + 16
    route.points = [(side, y - 9), (out, y - 9), (out, y + 9), (side, y + 9)]
    if route.label:
        route.label_at = (side + (_loop_room(route.label, turned) + 16) / 2 + 2, y)
