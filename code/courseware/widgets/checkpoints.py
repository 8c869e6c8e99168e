"""The checkpoint explorer: a thread's history as a scrubber, and forks from any step."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets
from langchain_core.runnables import RunnableConfig
from langgraph.errors import InvalidUpdateError
from langgraph.types import StateSnapshot

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import (
    Static,
    markup,
    panel,
    register_style,
    status_html,
    widget_bundle,
)
from courseware.widgets._range import Range
from courseware.widgets._svg import PALETTE, Svg
from courseware.widgets._tables import grid
from courseware.widgets._text import one_line, readable, visible
from courseware.widgets._thread import (
    AnyGraph,
    PanelError,
    needs_loop,
    run_sync,
    thread_config,
    thread_name,
)

_MISSING = object()
_EDITED = "state edited from outside"
_COPIED = "copied to run again"
WIDTH = 720.0
REST = 0.5
"""Seconds after a run in which a press counts as the second half of a double click."""


@dataclass
class Step:
    """One checkpoint of a thread.

    Attributes:
        position: its place in the order in which checkpoints were written, from 0.
        what: what led to it, in words.
        next: the nodes that come next.
        values: the state.
        changes: key -> what happened to its value since the parent.
        parent: position of the checkpoint it follows.
        lane: 0 for the first line of events, 1 for the first fork, and so on.
        config: addresses it, for `graph.invoke(None, config)` and `graph.update_state`.
    """

    position: int
    what: str
    next: tuple[str, ...]
    values: dict[str, Any]
    changes: dict[str, str]
    parent: int | None
    lane: int
    config: RunnableConfig
    wrote: tuple[str, ...] = ()
    interrupted: bool = False
    children: list[int] = field(default_factory=list)


class CheckpointExplorer:
    """Shows what a checkpointer holds of a thread, step by step, and forks from any step.

    Move the scrubber, read the state and what changed, write changes as JSON if you like, and press
    *Fork from here and run on*. The old line of events stays: a fork is a new branch.

    Works with any compiled graph and any checkpointer. For an asynchronous one, write
    `await CheckpointExplorer(graph, config).load()`.

    Args:
        graph: compiled with a checkpointer.
        config: names the thread.
        at: the position to show first; default: the newest.
        read_only: only look; nothing can be forked.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        graph: AnyGraph,
        config: RunnableConfig | Mapping[str, Any],
        *,
        at: int | None = None,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._graph = graph
        self._clock, self._ended = clock, float("-inf")
        self._read_only = read_only
        self._config = thread_config(config)
        self._async = needs_loop(graph)
        self.steps: list[Step] = []
        self.at = 0
        self._build()
        if not self._async:
            run_sync(self._load())
            self.go(len(self.steps) - 1 if at is None else at)

    async def load(self) -> CheckpointExplorer:
        """Read the history again; needed once, first, for an asynchronous checkpointer."""
        await self._load()
        self.go(len(self.steps) - 1)
        return self

    def refresh(self) -> None:
        """Read the history again, and stay where it is."""
        self._synchronous()
        run_sync(self._load())
        self.go(self.at)

    # --- what it shows ---------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step under the scrubber.

        Raises:
            PanelError: the thread has no checkpoint.
        """
        if not self.steps:
            raise PanelError(f"thread {thread_name(self._config)!r} has no checkpoint yet")
        return self.steps[self.at]

    def go(self, position: int) -> CheckpointExplorer:
        """Move the scrubber; positions beyond the ends mean the ends."""
        self.at = max(0, min(position, len(self.steps) - 1))
        self._draw()
        return self

    def fork(
        self, changes: Mapping[str, Any] | None = None, *, at: int | None = None
    ) -> dict[str, Any]:
        """Goes back to a step, changes its state, and run on from there, as a new branch.

        Args:
            changes: an update, as a node would return it (reducers apply); nothing: replay.
            at: the step to fork from; default: the one under the scrubber.

        Returns:
            The state's values at the end of the new branch.
        """
        self._synchronous()
        return run_sync(self._fork(changes or {}, at))

    async def afork(
        self, changes: Mapping[str, Any] | None = None, *, at: int | None = None
    ) -> dict[str, Any]:
        """Like `fork`, for an asynchronous graph."""
        return await self._fork(changes or {}, at)

    async def _fork(self, changes: Mapping[str, Any], at: int | None) -> dict[str, Any]:
        if self._read_only:
            raise PanelError("this explorer only looks: make one without read_only=True to fork")
        if at is not None:
            self.go(at)
        step = self.step
        config = step.config
        known = [key for key in self._graph.channels if ":" not in key and key[:2] != "__"]
        for key in changes:
            if key not in known and known:
                # LangGraph would leave it out without a word.
                raise PanelError(f"the state has no key {key!r}; it has {', '.join(known)}")
        if changes and step.next == ("__start__",):
            raise PanelError(  # LangGraph would take the changes instead of the input
                "the input has only just arrived here, and there is no state yet to change: "
                "change it at the next checkpoint, or leave the changes empty"
            )
        if changes:
            config = await self._update(step, dict(changes))
        elif not step.next:
            raise PanelError("nothing comes after this step: change the state, or go further back")
        if self._async:
            values = await self._graph.ainvoke(None, config)
        else:
            values = self._graph.invoke(None, config)
        await self._load()
        self.go(len(self.steps) - 1)
        return dict(values) if isinstance(values, Mapping) else {"value": values}

    async def _update(self, step: Step, changes: dict[str, Any]) -> RunnableConfig:
        try:
            return await self._write(step.config, changes, None)
        except InvalidUpdateError:
            # Several nodes wrote this step, so LangGraph cannot tell whose update this is.
            if not step.wrote:
                raise
            return await self._write(step.config, changes, step.wrote[-1])

    async def _write(
        self, config: RunnableConfig, changes: dict[str, Any], node: str | None
    ) -> RunnableConfig:
        if self._async:
            return await self._graph.aupdate_state(config, changes, as_node=node)
        return self._graph.update_state(config, changes, as_node=node)

    def _synchronous(self) -> None:
        if self._async:
            raise PanelError("this graph is asynchronous: use `await explorer.afork(...)`")

    async def _load(self) -> None:
        if self._async:
            found = [item async for item in self._graph.aget_state_history(self._config)]
        else:
            found = list(self._graph.get_state_history(self._config))
        self.steps = _steps(found[::-1])

    # --- as a widget -----------------------------------------------------------------------

    def _build(self) -> None:
        wide = ipywidgets.Layout(width="100%")
        self._picture = markup("")
        self._state = markup("")
        self._message = markup("")
        self.slider = Range("Checkpoint", high=0, live=True)
        self.back = ipywidgets.Button(description="◀ Back")
        self.forth = ipywidgets.Button(description="Forth ▶")
        self.changes = ipywidgets.Textarea(
            value="", placeholder='{"total": 1200}', rows=2, layout=wide,
            description="Changes (JSON; an update, as a node would return it; may be left empty)",
            style={"description_width": "initial"},
        )  # fmt: skip
        self.button = ipywidgets.Button(
            description="Fork from here and run on",
            button_style="primary",
            layout=ipywidgets.Layout(width="auto", align_self="flex-start"),
        )
        self.slider.observe(self._scrubbed, names="value")
        self.back.on_click(lambda _: self.go(self.at - 1))
        self.forth.on_click(lambda _: self.go(self.at + 1))
        self.button.on_click(self._pressed)
        row = ipywidgets.HBox([self.back, self.slider, self.forth], layout=wide)
        row.add_class("ap-scrubber")
        self.changes.add_class("ap-changes")
        forking = [] if self._read_only else [self.changes, self.button]
        self.widget = panel(
            self._picture, row, self._state, *forking, self._message,
            label="Checkpoint explorer",
        )  # fmt: skip

    def _scrubbed(self, change: Any) -> None:
        if change["new"] != self.at:
            self.at = int(change["new"])
            self._draw()

    def _pressed(self, _button: Any) -> None:
        if self.button.disabled or self._clock() - self._ended < REST:
            return
        self.button.disabled = True
        self._say("Running on …", "▶")
        work = self._from_form()
        if self._async:
            self._task = asyncio.ensure_future(work)
        else:
            run_sync(work)

    async def _from_form(self) -> None:
        text = self.changes.value.strip()
        start = self.at
        try:
            changes = json.loads(text) if text else {}
            if not isinstance(changes, dict):
                raise PanelError('the changes must be an object, like {"total": 1200}')
            await self._fork(changes, None)
        except json.JSONDecodeError as error:
            self._say(f"The changes are not JSON: {error}", "✗", urgent=True)
        except PanelError as error:
            said = str(error)
            self._say(f"{said[:1].upper()}{said[1:]}.", "✗", urgent=True)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if "closed" in said:  # every driver says it in its own words
                said = "The checkpointer is closed by now. Open it again, and run this cell again."
            self._say(said, "✗", urgent=True)
        else:
            self.changes.value = ""
            lane = self.step.lane
            branched = lane != self.steps[start].lane
            where = f"the new branch {lane} ends here" if branched else "the thread ends here now"
            ran = ", ".join(self._ran_since(start))
            done = f"Run on from checkpoint {start}; {where}. Nodes that ran: {ran}."
            self._say(done if ran else f"Changed at checkpoint {start}; {where}.", "✓")
            self._ended = self._clock()
        finally:
            self.button.disabled = False

    def _ran_since(self, start: int) -> list[str]:
        """Return the nodes of the last fork, in order."""
        ran: list[str] = []
        walker: int | None = self.at
        while walker is not None and walker != start:
            step = self.steps[walker]
            if step.what not in (_EDITED, _COPIED):
                ran[:0] = [name for name in step.wrote if name != "__start__"]
            walker = step.parent
        return ran

    def _say(self, text: str, mark: str, *, urgent: bool = False) -> None:
        self._message.value = status_html(text, mark, urgent)

    def _draw(self) -> None:
        last = max(0, len(self.steps) - 1)
        if self.slider.max != last:
            self.slider.max = last
        if self.slider.value != self.at:
            self.slider.value = self.at
        self.back.disabled = self.at == 0
        self.forth.disabled = self.at >= last
        self.button.disabled = not self.steps
        self._picture.value = self.svg
        self._state.value = self._state_html()

    @property
    def svg(self) -> str:
        """The history as a picture: one dot a checkpoint, one line a branch."""
        return _picture(self.steps, self.at, self.title)

    @property
    def title(self) -> str:
        """The thread and how much is stored of it."""
        number = len(self.steps)
        branches = max((step.lane for step in self.steps), default=0)
        forks = f", {branches} fork{'s' if branches > 1 else ''}" if branches else ""
        plural = "" if number == 1 else "s"
        name = visible(thread_name(self._config))
        return f"Thread {name}: {number} checkpoint{plural}{forks}"

    def _state_html(self) -> str:
        if not self.steps:
            return status_html("Nothing is stored for this thread yet.")
        step = self.step
        head = status_html(f"Checkpoint {step.position}: {step.what}. {_sentence(step)}")
        rows = [
            (key, _compact(value), step.changes.get(key, "")) for key, value in step.values.items()
        ]
        rows += [(key, "", what) for key, what in step.changes.items() if key not in step.values]
        if not rows:
            return head + status_html("The state is empty.")
        table = grid(("Key", "Value", "Change"), rows, "State at this checkpoint")
        return f'{head}<div class="ap-state">{table}</div>'

    def text(self) -> str:
        """History and chosen state in words, the same every run."""
        lines = [self.title]
        width = max((len(visible(step.what)) for step in self.steps), default=0)
        for step in self.steps:
            here = ">" if step.position == self.at else " "
            branch = (
                f"  (branch {step.lane}, from {step.parent})" if _begins(self.steps, step) else ""
            )
            what = visible(step.what)
            lines.append(
                f"{here}{step.position:>3}  {what:<{width}}  {_comes_next(step)}{branch}".rstrip()
            )
        if self.steps:
            step = self.step
            lines.append(f"state at {step.position}:")
            keys = [*step.values, *(key for key in step.changes if key not in step.values)]
            size = max((len(key) for key in keys), default=0)
            for key in keys:
                value = one_line(step.values[key], 60) if key in step.values else "-"
                change = f"  [{step.changes[key]}]" if key in step.changes else ""
                lines.append(f"    {visible(key):<{size}}  {value}{change}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            state = self.text().split("\n")[1 + len(self.steps) :]
            return dict(
                Static(self.text(), _picture(self.steps, self.at, self.title, state)).bundle()
            )
        return widget_bundle(self.widget, self.text())


def _steps(snapshots: list[StateSnapshot]) -> list[Step]:
    """Snapshots, oldest first, as steps of a tree."""
    places: dict[str, int] = {}
    steps: list[Step] = []
    lanes = 0
    for position, snapshot in enumerate(snapshots):
        places[_id(snapshot.config)] = position
        parent = places.get(_id(snapshot.parent_config))
        values = _values(snapshot)
        lane = 0
        if parent is not None:
            lane = steps[parent].lane
            if steps[parent].children:
                lanes += 1
                lane = lanes
            steps[parent].children.append(position)
        before = steps[parent].values if parent is not None else {}
        ran = _ran(snapshots[parent]) if parent is not None else ()
        steps.append(
            Step(
                position=position,
                what=_what(snapshot, ran, pruned=parent is None and bool(snapshot.parent_config)),
                next=tuple(snapshot.next),
                values=values,
                changes=_changes(before, values),
                parent=parent,
                lane=lane,
                config=snapshot.config,
                wrote=ran,
                interrupted=any(task.interrupts for task in snapshot.tasks),
            )
        )
    return steps


def _id(config: RunnableConfig | None) -> str:
    return str((config or {}).get("configurable", {}).get("checkpoint_id", ""))


def _values(snapshot: StateSnapshot) -> dict[str, Any]:
    values = snapshot.values
    return dict(values) if isinstance(values, Mapping) else {"value": values}


def _ran(parent: StateSnapshot) -> tuple[str, ...]:
    return tuple(dict.fromkeys(task.name for task in parent.tasks))


def _what(snapshot: StateSnapshot, ran: tuple[str, ...], *, pruned: bool) -> str:
    if pruned:
        return "the oldest one kept"
    source = (snapshot.metadata or {}).get("source")
    if source == "input":
        return "input arrives"
    if source == "update":
        return _EDITED
    if source == "fork":
        return _COPIED
    if ran == ("__start__",):
        return "input taken in"
    return f"after {', '.join(ran)}" if ran else "saved"


def _comes_next(step: Step) -> str:
    if not step.next:
        return "end" if step.position and step.values else ""
    waits = "waits for a human in" if step.interrupted else "next:"
    return f"{waits} {', '.join(step.next)}"


def _sentence(step: Step) -> str:
    if not step.next:
        return "Nothing comes next." if step.values else ""
    names = ", ".join(step.next)
    return f"Waits for a human in {names}." if step.interrupted else f"Next: {names}."


def _compact(value: Any) -> Any:
    """Return a short structure as one line, anything else as it is."""
    if isinstance(value, str) or len(readable(value)) > 120:
        return value
    return one_line(value, 200)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    changes = {}
    for key, value in after.items():
        old = before.get(key, _MISSING)
        if old is _MISSING:
            changes[key] = "new"
        elif readable(old) != readable(value):
            changes[key] = _difference(old, value)
    changes |= {key: "removed" for key in before if key not in after}
    return changes


def _difference(old: Any, new: Any) -> str:
    if isinstance(old, list) and isinstance(new, list) and new[: len(old)] == old:
        added = new[len(old) :]
        if len(added) == 1:
            return f"added {one_line(added[0], 60)}"
        return f"added {len(added)} items"
    return f"was {one_line(old, 60)}"


def _begins(steps: list[Step], step: Step) -> bool:
    return step.parent is not None and steps[step.parent].lane != step.lane


def _picture(steps: list[Step], at: int, title: str, below: Sequence[str] = ()) -> str:
    """Return the history with lines of text below it, for a place without a table."""
    lanes = max((step.lane for step in steps), default=0) + 1
    height = 34.0 * lanes + 46
    svg = Svg(WIDTH, height + 17.0 * len(below) + (8 if below else 0), title)
    for number, line in enumerate(below):
        where = height + 17.0 * (number + 1)
        spaced = line.replace(" ", "\u00a0")
        svg.text(12, where, spaced, size=11.5, anchor="start", mono=True)
    svg.rect(0.5, 0.5, WIDTH - 1, height - 1, radius=8)
    if not steps:
        svg.text(WIDTH / 2, height / 2, "nothing stored yet", fill=PALETTE["muted"])
        return str(svg)
    gap = min(70.0, (WIDTH - 70) / max(1, len(steps) - 1))
    spots = {s.position: (35 + gap * s.position, 30 + 34.0 * s.lane) for s in steps}
    line_of_events = set()
    walker: int | None = at
    while walker is not None:
        line_of_events.add(walker)
        walker = steps[walker].parent
    for step in steps:
        if step.parent is None:
            continue
        (x1, y1), (x2, y2) = spots[step.parent], spots[step.position]
        lit = step.position in line_of_events
        colour = PALETTE["blue"] if lit else PALETTE["line"]
        bend = min(gap, 30.0)
        svg.raw(
            f'<path d="M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y2:.1f} {x1 + bend:.1f} {y2:.1f} '
            f'{x2:.1f} {y2:.1f}" style="fill:none;stroke:{colour};'
            f'stroke-width:{2.4 if lit else 1.4}"/>'
        )
    radius = 8.0 if gap > 20 else 4.0
    for step in steps:
        x, y = spots[step.position]
        here = step.position == at
        lit = step.position in line_of_events
        colour = PALETTE["blue"] if lit else PALETTE["muted"]
        svg.raw(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius + 3 if here else radius:g}" '
            f'style="fill:{colour if here else PALETTE["paper"]};stroke:{colour};stroke-width:2"/>'
        )
        if radius > 5:
            svg.text(
                x, y + 3.5, step.position, size=9.5, weight=600 if here else 400,
                fill=PALETTE["paper"] if here else PALETTE["text"],
            )  # fmt: skip
    x, _ = spots[at]
    anchor = "start" if x < 160 else "end" if x > WIDTH - 160 else "middle"
    words = f"▲ {at}: {steps[at].what}"
    edge = 12 if anchor == "start" else WIDTH - 12 if anchor == "end" else x
    svg.text(edge, height - 14, words, size=12, anchor=anchor, weight=600, fill=PALETTE["blue"])
    return str(svg)


register_style(
    """
.ap-scrubber { align-items:center; gap:6px; overflow:visible; }
.ap-scrubber .jupyter-button { width:84px; flex:none; }
.ap-scrubber .widget-readout { min-width:3em; }
.ap-changes { flex-direction:column; align-items:stretch; height:auto; margin-top:8px; }
.ap-changes .widget-label { text-align:left; font-weight:600; height:auto; }
.ap-state table.ap-table th .ap-value { white-space:nowrap; overflow-wrap:normal; }
.ap-state table.ap-table td { width:50%; }
.ap-panel .jupyter-button.mod-primary { background:#1d6fb8; color:#fff; }
"""
)
