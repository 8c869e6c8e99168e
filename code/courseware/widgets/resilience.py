"""Pictures for retries and breakers: load on a recovering service, a breaker's time, a storm."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from agent_patterns.resilience.diagnosis import State
from courseware.lessons.circuit_breakers_and_fallbacks.simulation import BreakerRun
from courseware.lessons.errors_and_retries.simulation import Recovery
from courseware.widgets._svg import PALETTE, Svg
from practice_model.server.records import RequestRecord

MARKS = {State.CLOSED: "●", State.OPEN: "○", State.HALF_OPEN: "◐"}
COLOURS = {State.CLOSED: "green", State.OPEN: "red", State.HALF_OPEN: "amber"}


def load_picture(runs: Mapping[str, Recovery], *, width: int = 760) -> str:
    """Request per second on a service that comes back, one row for each policy."""
    row, left, top, right = 118, 232, 26, 14
    first = next(iter(runs.values()))
    seconds = len(first.requests)
    svg = Svg(width, top + row * len(runs) + 34, "Requests per second on a recovering service")
    scale = (width - left - right) / seconds
    highest = max(max(run.requests) for run in runs.values())
    told = "requests in each second, all rows to the same scale"
    svg.text(left, 15, told, anchor="start", fill=PALETTE["muted"])
    tall = (row - 34) / highest
    for number, (name, run) in enumerate(runs.items()):
        base = top + row * (number + 1) - 22
        roof = base - highest * tall
        svg.rect(left, roof, run.outage * scale, base - roof, fill=PALETTE["panel"], stroke="none")
        svg.text(left, roof - 4, "down", anchor="start", size=11, fill=PALETTE["muted"])
        for second, requests in enumerate(run.requests):
            served = run.served[second]
            x, wide = left + second * scale, max(scale - 0.6, 0.8)
            for below, count, colour in ((served, requests - served, "red"), (0, served, "green")):
                if count:
                    y, height = base - (below + count) * tall, count * tall
                    svg.rect(x, y, wide, height, fill=PALETTE[colour], stroke="none")
        capacity = base - run.capacity * tall
        for y, label in ((roof + 4, f"{highest:,}"), (capacity, f"{run.capacity:,}")):
            svg.text(left - 6, y + 4, label, anchor="end", size=10, fill=PALETTE["muted"])
        svg.line(left, roof, left, base)
        svg.line(left, base, width - right, base)
        svg.line(left, capacity, width - right, capacity, stroke=PALETTE["blue"], dash="5 4")
        done = run.all_served_after
        svg.text(10, base - 62, name, anchor="start", weight=600)
        svg.text(10, base - 44, f"{run.total:,} requests", anchor="start", size=11)
        svg.text(
            10, base - 28, f"once it is back, up to {run.peak:,} a second", anchor="start", size=11
        )
        served_at = f"all served at {done} s" if done else f"not all served in {seconds} s"
        svg.text(10, base - 12, served_at, anchor="start", size=11)
    bottom = top + row * len(runs)
    for second in range(0, seconds + 1, 20):
        x = left + second * scale - (8 if second == seconds else 0)
        svg.text(x, bottom - 4, f"{second} s", size=11, fill=PALETTE["muted"])
    svg.rect(left, bottom + 12, 10, 10, fill=PALETTE["red"], stroke="none")
    svg.text(left + 15, bottom + 21, "refused (above)", anchor="start", size=11)
    svg.rect(left + 120, bottom + 12, 10, 10, fill=PALETTE["green"], stroke="none")
    svg.text(left + 135, bottom + 21, "served (below)", anchor="start", size=11)
    svg.line(left + 235, bottom + 17, left + 265, bottom + 17, stroke=PALETTE["blue"], dash="5 4")
    svg.text(left + 270, bottom + 21, "what it can serve", anchor="start", size=11)
    return str(svg)


def load_text(runs: Mapping[str, Recovery]) -> str:
    """`load_picture` in words."""
    lines = [f"{'':<14}{'requests':>10}{'peak once back':>17}{'all served after':>18}"]
    for name, run in runs.items():
        done = run.all_served_after
        told = f"{done} s" if done else "never"
        lines.append(f"{name:<14}{run.total:>10,}{f'{run.peak:,} a second':>17}{told:>18}")
    return "\n".join(lines)


RULE, PROBE = "▼", "↻"


def breaker_picture(runs: Mapping[str, BreakerRun], *, width: int = 760) -> str:
    """Breakers' states over time, each above its calls of each second by what became of them."""
    left, right, row = 90, 14, 190
    svg = Svg(width, row * len(runs) + 22, "Circuit breakers' states over time")
    for number, (name, run) in enumerate(runs.items()):
        top = number * row
        svg.text(10, top + 14, name, anchor="start", weight=600)
        svg.text(left + 130, top + 14, _opened(run), anchor="start", size=11)
        _breaker_row(svg, run, left, top + 22, width - right)
    foot = row * len(runs) + 12
    for x, colour, text in (
        (left, "green", "answered (bottom)"),
        (left + 135, "red", "failed (middle)"),
        (left + 250, "line", "refused by the breaker (top)"),
    ):
        svg.rect(x, foot - 9, 10, 10, fill=PALETTE[colour], stroke="none")
        svg.text(x + 15, foot, text, anchor="start", size=11)
    svg.text(left + 440, foot, f"{RULE} its rule  {PROBE} a failed probe", anchor="start", size=11)
    return str(svg)


def _breaker_row(svg: Svg, run: BreakerRun, left: float, top: float, end: float) -> None:
    scale = (end - left) / run.seconds
    lanes = {State.OPEN: top + 12, State.HALF_OPEN: top + 30, State.CLOSED: top + 48}
    svg.text(left - 8, top + 9, "opened by", anchor="end", size=11, fill=PALETTE["muted"])
    for change in run.openings:
        mark = PROBE if change.before is State.HALF_OPEN else RULE
        svg.text(left + change.at * scale, top + 9, mark, size=10)
    for state, y in lanes.items():
        svg.text(left - 8, y + 13, f"{MARKS[state]} {state.value}", anchor="end", size=11)
        svg.line(left, y + 16, end, y + 16)
    for start, stop, state in run.spans():
        wide, colour = max((stop - start) * scale, 1.2), PALETTE[COLOURS[state]]
        svg.rect(left + start * scale, lanes[state] + 2, wide, 13, fill=colour, stroke="none")
    base, tall = top + 138, 62
    most = max(sum(counts) for counts in zip(run.answered, run.failed, run.refused, strict=True))
    svg.text(left - 8, base - tall + 10, f"{most} calls/s", anchor="end", size=11)
    for second in range(run.seconds):
        level = base
        for counts, colour in (
            (run.answered, "green"),
            (run.failed, "red"),
            (run.refused, "line"),
        ):
            height = counts[second] * tall / max(most, 1)
            if height:
                level -= height
                x, wide = left + second * scale, max(scale - 0.6, 0.8)
                svg.rect(x, level, wide, height, fill=PALETTE[colour], stroke="none")
    svg.line(left, base, end, base)
    for second in range(0, run.seconds + 1, 20):
        x = left + second * scale - (8 if second == run.seconds else 0)
        svg.text(x, base + 14, f"{second} s", size=11, fill=PALETTE["muted"])


def _opened(run: BreakerRun) -> str:
    """Say how often it opened, and what did it."""
    if not run.opened:
        return "never opened"
    first = run.openings[0]
    told = f"opened {'once' if run.opened == 1 else f'{run.opened} times'}"
    if run.reopened:
        told += f", {run.reopened} of them by a failed probe"
    return f"{told}; first at {first.at:.1f} s: {first.reason.partition(':')[0]}"


def breaker_text(runs: Mapping[str, BreakerRun]) -> str:
    """`breaker_picture` in words."""
    lines = []
    for name, run in runs.items():
        shares = ", ".join(f"{state.value} {run.share(state):.0%}" for state in State)
        lines += [
            f"{name}: {_opened(run)}",
            f"  {shares}",
            f"  {sum(run.answered)} answered, {sum(run.failed)} failed, "
            f"{sum(run.refused)} refused by the breaker",
        ]
    return "\n".join(lines)


def storm_picture(records: Sequence[RequestRecord], *, chain: int, width: int = 740) -> str:
    """Every request of one question that the server saw, grouped by the layer that repeated it.

    A request whose client counts no retry begins a new attempt of the chain, and every `chain`
    attempts of the chain begin a new attempt of the node.
    """
    attempts: list[list[RequestRecord]] = []
    for record in records:
        if not record.client_retry or not attempts:
            attempts.append([])
        attempts[-1].append(record)
    nodes = [attempts[start : start + chain] for start in range(0, len(attempts), chain)]
    row, left = 62, 92
    title = f"{_requests(len(records))} for one question"
    svg = Svg(width, 30 + row * max(len(nodes), 1), title)
    svg.text(10, 17, title, anchor="start", weight=600)
    each = (width - left - 10) / max(chain, 1)
    for number, node in enumerate(nodes):
        y = 28 + number * row
        svg.text(10, y + 31, f"node, try {number + 1}", anchor="start", size=12)
        svg.rect(left - 4, y, each * len(node) + 4, row - 8, radius=6, fill=PALETTE["panel"])
        for place, requests in enumerate(node):
            x = left + place * each
            svg.rect(x + 2, y + 5, each - 8, row - 18, radius=5)
            label = f"chain, try {place + 1}"
            svg.text(x + 8, y + 18, label, anchor="start", size=10, fill=PALETTE["muted"])
            for index, record in enumerate(requests):
                good = record.outcome == "answered" and not record.fault
                centre = x + 16 + index * 22
                svg.raw(
                    f'<circle cx="{centre:.1f}" cy="{y + 34}" r="9" '
                    f'style="fill:{PALETTE["green" if good else "red"]}">'
                    f"<title>{html.escape(str(record.status or 'no answer'))}</title></circle>"
                )
                svg.text(centre, y + 38, "✓" if good else "✗", size=11, fill=PALETTE["paper"])
    return str(svg)


def storm_text(
    records: Sequence[RequestRecord], *, client_tries: int, chain_tries: int, node_tries: int
) -> str:
    """`storm_picture` in words."""
    return (
        f"{client_tries} tries of the client × {chain_tries} of the chain × {node_tries} of the "
        f"node: the server saw {_requests(len(records))} for one question"
    )


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"
