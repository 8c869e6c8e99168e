"""The graph view: draws a compiled graph and light up its nodes while it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from courseware.runtime.unattended import unattended
from courseware.widgets._drawing import END, START, Direction, Drawing, Edge, structure
from courseware.widgets._frame import Static, markup, panel, show, widget_bundle
from courseware.widgets._layout import lay_out
from courseware.widgets._picture import picture
from courseware.widgets._player import Player
from courseware.widgets._thread import (
    MODES,
    AnyGraph,
    AsyncPort,
    Event,
    Port,
    SyncPort,
    needs_loop,
    run_sync,
)

NodeState = Literal["idle", "running", "done", "waiting", "paused", "failed"]

WORDS: dict[NodeState, str] = {
    "idle": "not reached",
    "running": "running",
    "done": "done",
    "waiting": "waits for a human",
    "paused": "paused before",
    "failed": "failed",
}


class GraphView:
    """A picture of any compiled graph that lights up as the graph runs.

    Display it, or just run it: the first `run` displays it. Every node carries a mark and a word
    as well as a colour: running, done (and how often), waits for a human, paused before (at a
    static breakpoint), failed. Graphs inside nodes are drawn as boxes in boxes, and light up too.
    A dashed arrow is a conditional edge; those that a run took are drawn stronger.

    Args:
        graph: any compiled graph.
        direction: ``"right"`` or ``"down"``; by default to the right where that fits a page.
        title: what the picture shows, for screen readers.
    """

    def __init__(
        self, graph: AnyGraph, *, direction: Direction | None = None, title: str = ""
    ) -> None:
        self._graph = graph
        self._title = title or f"Graph {graph.get_name()}"
        self.drawing: Drawing = lay_out(structure(graph), direction)
        self._lock = threading.RLock()
        self._running: dict[tuple[str, ...], set[str]] = {}
        self._counts: dict[tuple[str, ...], int] = {}
        self._states: dict[tuple[str, ...], NodeState] = {}
        self._before: dict[tuple[str, ...], NodeState] = {}
        self._steps: dict[tuple[str, ...], _Steps] = {}
        self._taken: set[Edge] = set()
        self._started = False
        self._shown = False
        self._html = markup("")
        self._player: Player[_Moment] = Player(self._show, lambda: self._shown and not unattended())
        slider = ipywidgets.VBox([self._player.slider])
        slider.add_class("ap-wide")
        self.widget = panel(self._html, slider)
        self._draw()

    # states ----------------------------------------------------------------------------------

    def state_of(self, *path: str) -> NodeState:
        """Return a node's state; an inner node is named by its boxes and its own name."""
        return self._states.get(path, "idle")

    @property
    def states(self) -> dict[str, NodeState]:
        """State of every node by name, inner ones as ``box/node``."""
        return {
            "/".join(box.path): self.state_of(*box.path)
            for box in self.drawing.boxes
            if box.kind in ("node", "group")
        }

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        return self._moment().svg

    def _moment(self) -> _Moment:
        states = {box.path: self.state_of(*box.path) for box in self.drawing.boxes}
        look = (states, dict(self._counts), self._title, self.text(), set(self._taken))
        return _Moment(picture(self.drawing, *look))

    def reset(self) -> None:
        """Put all lights out."""
        with self._lock:
            self._running.clear()
            self._counts.clear()
            self._states.clear()
            self._before.clear()
            self._steps.clear()
            self._taken.clear()
            self._started = False
        self._player.clear()
        self._draw()

    def begin(self) -> None:
        """Begin a run, or continue one after a decision: what is done stays lit."""
        with self._lock:
            self._started = True
            self._states[(START,)] = "done"
            for path, state in list(self._states.items()):
                if state in ("waiting", "paused", "failed", "running"):
                    self._states[path] = "idle"
            self._running.clear()
        self._draw()

    def follow(self, event: Event) -> None:
        """Lights up what a streamed event of the mode ``tasks`` tells; ignores other modes."""
        namespace, mode, data = event
        if mode != "tasks" or not isinstance(data, Mapping) or "name" not in data:
            return
        parent = tuple(part.split(":", 1)[0] for part in namespace)
        path = (*parent, str(data["name"]))
        with self._lock:
            resting = not any(self._running.values())
            if "result" in data or "error" in data:
                self._finish(path, data)
                resting = False
            else:
                self._start(path, str(data["id"]))
        self._draw(resting)

    def _start(self, path: tuple[str, ...], task: str) -> None:
        if not self._running.setdefault(path, set()):
            self._before[path] = self.state_of(*path)
        self._running[path].add(task)
        self._states[path] = "running"
        self._steps[path] = _Steps()
        self._reached(path, self._steps.setdefault(path[:-1], _Steps()).start())
        if len(path) > 1:
            self._states[(*path[:-1], START)] = "done"

    def _finish(self, path: tuple[str, ...], data: Mapping[str, Any]) -> None:
        tasks = self._running.setdefault(path, set())
        tasks.discard(str(data["id"]))
        held = bool(data.get("error") or data.get("interrupts"))
        self._steps.setdefault(path[:-1], _Steps()).finish(path[-1], held)
        if data.get("error"):
            self._states[path] = "failed"
            return
        if data.get("interrupts"):
            self._states[path] = "waiting"
            return
        self._counts[path] = self._counts.get(path, 0) + 1
        if self._states.get(path) in ("failed", "waiting"):
            return
        self._states[path] = "running" if tasks else "done"
        if not tasks:
            self._states.setdefault((*path, END), "idle")
            if (*path, START) in self._states:
                self._states[(*path, END)] = "done"
                self._reached((*path, END), self._steps[path].finished)

    def end(self, error: BaseException | None = None, due: Iterable[str] = ()) -> None:
        """End the run: nothing runs any more.

        Args:
            error: what ended it; what ran has failed then.
            due: the nodes that the thread says come next. Those that do not wait for a human have
                a static breakpoint before them.
        """
        with self._lock:
            for path, state in list(self._states.items()):
                if state == "running":
                    inner = [s for p, s in self._states.items() if p[: len(path)] == path != p]
                    if "waiting" in inner:
                        self._states[path] = "waiting"
                    elif error is None:
                        # finished in an earlier run of this step, so it did not run again
                        self._states[path] = self._before.get(path, "idle")
                    else:
                        self._states[path] = "failed" if "failed" in inner else "idle"
            self._running.clear()
            for name in due:
                if self.state_of(name) not in ("waiting", "failed"):
                    self._states[(name,)] = "paused"
            stopped = {"waiting", "paused", "failed"} & set(self._states.values())
            if error is None and not stopped:
                self._states[(END,)] = "done"
                self._reached((END,), self._steps.setdefault((), _Steps()).finished)
            else:
                self._states.pop((END,), None)
        self._draw()

    def _reached(self, path: tuple[str, ...], before: set[str]) -> None:
        """Mark the conditional edge on which a node was reached, where it can only be one."""
        arriving = [
            wire for wire in self.drawing.wires if wire.target == path and wire.source[-1] in before
        ]
        if len(arriving) == 1 and arriving[0].conditional:
            self._taken.add((arriving[0].source, path))

    # running ---------------------------------------------------------------------------------

    def run(
        self, value: Any, config: RunnableConfig | Mapping[str, Any] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Run the graph like `invoke`, and light up its nodes.

        Args:
            value: the input, or a `Command`, or None to go on where the thread stands.
            config: as for `invoke`.
            options: passed on to `stream`.

        Returns:
            What `invoke` returns, ``__interrupt__`` included where something waits.

        Raises:
            Exception: whatever the graph raises; its node is marked failed first.
        """
        if needs_loop(self._graph):
            raise RuntimeError("this graph is asynchronous: use `await view.arun(...)`")
        return run_sync(self._go(SyncPort(self._graph, _config(config), **options), value))

    async def arun(
        self, value: Any, config: RunnableConfig | Mapping[str, Any] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Run the graph like `ainvoke`, and light up its nodes; see `run`."""
        return await self._go(AsyncPort(self._graph, _config(config), **options), value)

    async def _go(self, port: Port, value: Any) -> dict[str, Any]:
        if not isinstance(value, Command) and value is not None:
            self.reset()
        self.show_once()
        self.begin()
        last: dict[str, Any] = {}
        error: BaseException | None = None
        due: tuple[str, ...] = ()
        interrupts: list[Any] = []
        try:
            async for event in port.events(value):
                namespace, mode, data = event
                if mode == "values" and not namespace:
                    last = dict(data) if isinstance(data, Mapping) else {"value": data}
                    interrupts += last.pop("__interrupt__", ())
                self.follow(event)
            if self._graph.checkpointer:
                due = (await port.state()).next
        except BaseException as failure:
            error = failure
            raise
        finally:
            self.end(error, due)
            if unattended():
                show(self.widget, text=self.text(), svg=self.svg)
        return {**last, "__interrupt__": interrupts} if interrupts else last

    # looks -----------------------------------------------------------------------------------

    def _draw(self, instead: bool = False) -> None:
        """Show how it is now, perhaps instead of the moment before, in which nothing ran."""
        self._player.add(self._moment(), replace=instead)

    def _show(self, moment: _Moment) -> None:
        self._html.value = moment.svg

    def text(self) -> str:
        """Return the picture in words, the same every run."""
        lines = [self._title]
        edges = [("/".join(w.source), "/".join(w.target), w.label) for w in self.drawing.wires]
        for box in self.drawing.boxes:
            if box.kind not in ("node", "group"):
                continue
            name = "/".join(box.path)
            goes = [
                _end(t) + (f" ({label})" if label else "") for s, t, label in edges if s == name
            ]
            line = f"  {name}"
            if goes:
                line += f" -> {', '.join(goes)}"
            if self._started:
                count = self._counts.get(box.path, 0)
                times = f" {count} times" if count > 1 else ""
                line += f"  [{WORDS[self.state_of(*box.path)]}{times}]"
            lines.append(line)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def show_once(self) -> None:
        """Display the picture unless it is displayed already, or nobody is there to watch."""
        if not self._shown and not unattended():
            self._shown = True
            show(self.widget, text=self.text(), svg=self.svg)

    def show_result(self) -> None:
        """Display the picture as it is now when nobody was there to watch it change."""
        if unattended():
            show(self.widget, text=self.text(), svg=self.svg)

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        self._shown = True
        return widget_bundle(self.widget, self.text())


@dataclass(frozen=True)
class _Moment:
    """Hold what the picture shows at one moment of a run."""

    svg: str


class _Steps:
    """The steps of one graph, told from the order in which its tasks begin and end."""

    def __init__(self) -> None:
        self.before = {START}
        """The nodes of the step before the one at work."""
        self.finished: set[str] = set()
        """The nodes of the step at work that have finished."""
        self._held = False

    def start(self) -> set[str]:
        """Return a task begins; returns the nodes of the step before its own."""
        if self.finished and not self._held:
            self.before, self.finished = self.finished, set()
        self._held = False
        return self.before

    def finish(self, name: str, held: bool) -> None:
        """End a task. One that an interrupt or an error holds will run again."""
        if held:
            self._held = True
        else:
            self.finished.add(name)


def _config(config: RunnableConfig | Mapping[str, Any] | None) -> RunnableConfig:
    return {**(config or {})}  # type: ignore[typeddict-item]


def _end(name: str) -> str:
    return "/".join({START: "start", END: "end"}.get(part, part) for part in name.split("/"))


__all__ = ["MODES", "GraphView"]
