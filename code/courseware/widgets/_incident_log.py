"""Record an incident: its calls, the faults, the breaker's states, and draw it over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_patterns.resilience.diagnosis import State, Transition
from courseware.widgets._svg import PALETTE, Svg

MARKS = {State.CLOSED: "●", State.OPEN: "○", State.HALF_OPEN: "◐"}
COLOURS = {State.CLOSED: "green", State.OPEN: "red", State.HALF_OPEN: "amber"}
NOBODY = "no answer"

WIDTH, LEFT, RIGHT, LANE = 760.0, 128.0, 12.0, 19.0


@dataclass(frozen=True)
class Call:
    """Record one question of the traffic, and what became of it."""

    at: float
    """Seconds since the incident began."""
    asked: bool
    """The service was asked; otherwise the breaker refused."""
    problem: str
    """What the service's failure was; empty when it answered."""
    link: str
    """Who answered, or `NOBODY`."""


@dataclass
class Log:
    """Everything that happened, by seconds since the beginning."""

    links: tuple[str, ...]
    """Who may answer, the service first."""
    calls: list[Call] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    """Since when which fault is in force; an empty label where all is well."""
    changes: list[Transition] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    """From when to when the traffic rested."""

    def states(self, now: float) -> list[tuple[float, float, State]]:
        """Return the breaker's states from the beginning until now: from, to, state."""
        marks = [(0.0, State.CLOSED), *((change.at, change.after) for change in self.changes)]
        ends = [at for at, _ in marks[1:]] + [now]
        return [(at, end, state) for (at, state), end in zip(marks, ends, strict=True)]

    def spans(self, now: float) -> list[tuple[float, float, str]]:
        """Return the faults from the beginning until now: from, to, label."""
        ends = [at for at, _ in self.faults[1:]] + [now]
        pairs = zip(self.faults, ends, strict=True) if self.faults else ()
        return [(at, end, label) for (at, label), end in pairs if label]

    def text(self, now: float) -> str:
        """Return what happened in words, the same for the same events."""
        moments = [(at, label or "all is well again") for at, label in self.faults]
        moments += [(c.at, f"{c.before.value} → {c.after.value}: {c.reason}") for c in self.changes]
        lines = [f"{at:6.1f} s  {words}" for at, words in sorted(moments, key=lambda one: one[0])]
        return "\n".join([*lines, f"{now:6.1f} s  {self.counts()}"])

    def counts(self) -> str:
        """Return how many calls there were and who answered them, in one line."""
        by = Counter(call.link for call in self.calls)
        asked = sum(call.asked for call in self.calls)
        failed = sum(bool(call.problem) for call in self.calls if call.asked)
        answered = ", ".join(f"{name} {by[name]}" for name in (*self.links, NOBODY) if by[name])
        return (
            f"{len(self.calls)} calls: {asked} sent to the service, {failed} of them failed, "
            f"{len(self.calls) - asked} refused by the breaker; answered by: {answered or 'nobody'}"
        )


def incident_picture(log: Log, now: float, window: float) -> str:
    """Draw the last `window` seconds: faults, calls, the breaker, and who answered."""
    start = max(0.0, now - window)
    lanes = ["fault", "answered", "failed", "refused", *State, *log.links, NOBODY]
    height = LANE * len(lanes) + 84
    svg = Svg(WIDTH, height, f"Incident, {now:.0f} seconds: {log.counts()}", log.text(now))
    scale = (WIDTH - LEFT - RIGHT) / window

    def x_of(at: float) -> float:
        return LEFT + (min(max(at, start), now) - start) * scale

    places = _lanes(svg, log.links)
    for begin, end in log.pauses:
        if end > start:
            wide = x_of(end) - x_of(begin)
            svg.rect(x_of(begin), 14, wide, height - 40, fill=PALETTE["panel"], stroke="none")
            svg.text(x_of(begin) + 4, 12, "paused", size=10, anchor="start", fill=PALETTE["muted"])
    for begin, end, label in log.spans(now):
        if end > start:
            _bar(svg, x_of(begin), x_of(end), places["fault"], "violet", label)
    for begin, end, state in log.states(now):
        if end > start:
            least = 4.0 if state is State.HALF_OPEN else 1.5  # a probe may take a millisecond
            last = max(x_of(end), x_of(begin) + least)
            _bar(svg, x_of(begin), last, places[state.value], COLOURS[state])
    for call in log.calls:
        if call.at >= start:
            _call(svg, x_of(call.at), call, places, log.links[0])
    _axis(svg, start, now, window, height)
    return str(svg)


def _lanes(svg: Svg, links: Sequence[str]) -> dict[str, float]:
    """Draw the names of the lanes, group by group; return where each lane lies."""
    groups = (
        ("the service", ("fault", "answered", "failed", "refused")),
        ("the breaker", tuple(state.value for state in State)),
        ("the user's answer", (*links, NOBODY)),
    )
    places: dict[str, float] = {}
    y = 4.0
    for title, names in groups:
        y += 16
        svg.text(8, y, title, anchor="start", weight=600, size=11)
        svg.line(LEFT, y + 2, WIDTH - RIGHT, y + 2, stroke=PALETTE["text"], stroke_width=0.6)
        for name in names:
            y += LANE
            places[name] = y
            mark = next((MARKS[state] + " " for state in State if state.value == name), "")
            shown = name if len(name) <= 17 else f"{name[:16]}…"
            svg.text(LEFT - 8, y - 2, f"{mark}{shown}", anchor="end", size=11)
            svg.line(LEFT, y + 2, WIDTH - RIGHT, y + 2)
    return places


def _bar(svg: Svg, begin: float, end: float, y: float, colour: str, label: str = "") -> None:
    wide = end - begin
    svg.rect(begin, y - 13, wide, 13, fill=PALETTE[colour], stroke="none", radius=2)
    if label and wide > 7 * len(label):
        svg.text(begin + 5, y - 3, label, size=10, anchor="start", fill=PALETTE["paper"])


def _call(svg: Svg, x: float, call: Call, places: dict[str, float], service: str) -> None:
    if not call.asked:
        svg.text(x, places["refused"] - 2, "○", size=11, fill=PALETTE["muted"])
    elif call.problem:
        svg.text(x, places["failed"] - 2, "✗", size=11, fill=PALETTE["red"], weight=700)
    else:
        svg.text(x, places["answered"] - 2, "✓", size=11, fill=PALETTE["green"], weight=700)
    colour = {service: "green", NOBODY: "red"}.get(call.link, "blue")
    mark = "✗" if call.link == NOBODY else "■"
    svg.text(x, places[call.link] - 2, mark, size=11, fill=PALETTE[colour])


def _axis(svg: Svg, start: float, now: float, window: float, height: float) -> None:
    scale = (WIDTH - LEFT - RIGHT) / window
    svg.text(8, height - 8, "seconds", anchor="start", size=11, fill=PALETTE["muted"])
    step = 5 if window <= 60 else 20
    first = int(-(-start // step) * step)
    for second in range(first, int(start + window) + 1, step):
        x = LEFT + (second - start) * scale
        svg.line(x, height - 26, x, height - 21)
        svg.text(x, height - 8, second, size=11, fill=PALETTE["muted"])
    x = LEFT + (now - start) * scale
    svg.line(x, 8, x, height - 21, stroke=PALETTE["blue"], dash="3 3")
