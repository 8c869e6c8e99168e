"""Read a thread's history as a tree of steps, and draw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from courseware.widgets._svg import PALETTE, Svg
from courseware.widgets._text import one_line, readable

_MISSING = object()
EDITED = "state edited from outside"
COPIED = "copied to run again"
WIDTH = 720.0


@dataclass
class Step:
    """Hold one checkpoint of a thread.

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


def steps_of(snapshots: list[StateSnapshot]) -> list[Step]:
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
        return EDITED
    if source == "fork":
        return COPIED
    if ran == ("__start__",):
        return "input taken in"
    return f"after {', '.join(ran)}" if ran else "saved"


def comes_next(step: Step) -> str:
    if not step.next:
        return "end" if step.position and step.values else ""
    waits = "waits for a human in" if step.interrupted else "next:"
    return f"{waits} {', '.join(step.next)}"


def sentence(step: Step) -> str:
    if not step.next:
        return "Nothing comes next." if step.values else ""
    names = ", ".join(step.next)
    return f"Waits for a human in {names}." if step.interrupted else f"Next: {names}."


def compact(value: Any) -> Any:
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


def begins(steps: list[Step], step: Step) -> bool:
    return step.parent is not None and steps[step.parent].lane != step.lane


def history_picture(steps: list[Step], at: int, title: str, below: Sequence[str] = ()) -> str:
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
