"""An approval desk's audit trail as a timeline, one lane for each request."""

from __future__ import annotations

from collections.abc import Sequence

from agent_patterns.approval.ticket import AuditEntry
from courseware.widgets._svg import PALETTE, Svg
from courseware.widgets._tables import grid

MARKS = {
    "submitted": ("+", "blue"),
    "approved": ("✓", "green"),
    "edited": ("✎", "green"),
    "answered": ("↵", "green"),
    "rejected": ("✗", "red"),
    "escalated": ("↑", "amber"),
    "expired": ("!", "red"),
    "withdrawn": ("–", "muted"),
    "reopened": ("↺", "amber"),
    "released": ("■", "violet"),
}
WIDTH, LEFT, RIGHT, LANE, APART = 760.0, 92.0, 90.0, 40.0, 30.0


def audit_picture(entries: Sequence[AuditEntry], now: float) -> str:
    """Draw who did what to which request, from the first entry until now."""
    tickets = list(dict.fromkeys(entry.ticket for entry in entries))
    start = min((entry.at for entry in entries), default=now)
    length = max(now - start, 10.0)
    height = LANE * len(tickets) + 52
    svg = Svg(WIDTH, height, f"Audit trail: {len(entries)} entries, {len(tickets)} requests")
    scale = (WIDTH - LEFT - RIGHT) / length
    for row, ticket in enumerate(tickets):
        y = 22 + LANE * row
        svg.text(8, y + 4, ticket, anchor="start", weight=600)
        svg.line(LEFT, y, WIDTH - RIGHT, y)
        right = 0.0
        for entry in (each for each in entries if each.ticket == ticket):
            x = max(LEFT + (entry.at - start) * scale, right + APART)  # so that each can be read
            right = x
            mark, colour = MARKS.get(entry.event, ("•", "muted"))
            svg.raw(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" '
                f'style="fill:{PALETTE["paper"]};stroke:{PALETTE[colour]};stroke-width:2"/>'
            )
            svg.text(x, y + 4, mark, size=11, fill=PALETTE[colour], weight=700)
            svg.text(x, y + 21, entry.by if len(entry.by) < 9 else f"{entry.by[:7]}…", size=9)
    for share in (0.0, 0.5, 1.0):
        x = LEFT + share * length * scale
        svg.text(x, height - 22, _span(share * length), size=10, fill=PALETTE["muted"])
    legend = dict.fromkeys(f"{MARKS.get(each.event, '•')[0]} {each.event}" for each in entries)
    svg.text(8, height - 4, " · ".join(legend), anchor="start", size=10)
    return str(svg)


def audit_table(entries: Sequence[AuditEntry]) -> str:
    """Return the trail as a safe HTML table."""
    start = entries[0].at if entries else 0.0
    rows = [
        (
            entry.ticket,
            _span(entry.at - start),
            f"{MARKS.get(entry.event, ('•', ''))[0]} {entry.event}",
            f"{entry.by} ({entry.role})" if entry.role else entry.by,
            entry.note,
        )
        for entry in entries
    ]
    return grid(["request", "after", "what", "who", "note"], rows, "Audit trail")


def audit_text(entries: Sequence[AuditEntry]) -> str:
    """Return the trail in words."""
    start = entries[0].at if entries else 0.0
    lines = []
    for entry in entries:
        role = f" ({entry.role})" if entry.role else ""
        note = f": {entry.note}" if entry.note else ""
        who = f" by {entry.by}{role}" if entry.by else ""
        lines.append(f"  {_span(entry.at - start):>8}  {entry.ticket} {entry.event}{who}{note}")
    return "\n".join(lines)


def _span(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
