"""Tell a thread's history in words, and show the state at one of its checkpoints."""

from __future__ import annotations

from courseware.widgets._frame import register_style, status_html
from courseware.widgets._history import COPIED, EDITED, Step, begins, comes_next, compact, sentence
from courseware.widgets._tables import grid
from courseware.widgets._text import one_line, visible


def ran_since(steps: list[Step], end: int, start: int) -> list[str]:
    """Return the nodes that ran between two checkpoints of one branch, in order."""
    ran: list[str] = []
    walker: int | None = end
    while walker is not None and walker != start:
        step = steps[walker]
        if step.what not in (EDITED, COPIED):
            ran[:0] = [name for name in step.wrote if name != "__start__"]
        walker = step.parent
    return ran


def state_html(step: Step | None) -> str:
    """Return the state at a checkpoint as a safe HTML table."""
    if step is None:
        return status_html("Nothing is stored for this thread yet.")
    head = status_html(f"Checkpoint {step.position}: {step.what}. {sentence(step)}")
    rows = [(key, compact(value), step.changes.get(key, "")) for key, value in step.values.items()]
    rows += [(key, "", what) for key, what in step.changes.items() if key not in step.values]
    if not rows:
        return head + status_html("The state is empty.")
    table = grid(("Key", "Value", "Change"), rows, "State at this checkpoint")
    return f'{head}<div class="ap-state">{table}</div>'


def history_text(steps: list[Step], at: int, title: str) -> str:
    """Return the history, and the state at one checkpoint, as lines of text."""
    lines = [title]
    width = max((len(visible(step.what)) for step in steps), default=0)
    for step in steps:
        here = ">" if step.position == at else " "
        branch = f"  (branch {step.lane}, from {step.parent})" if begins(steps, step) else ""
        what = visible(step.what)
        lines.append(
            f"{here}{step.position:>3}  {what:<{width}}  {comes_next(step)}{branch}".rstrip()
        )
    if steps:
        step = steps[at]
        lines.append(f"state at {step.position}:")
        keys = [*step.values, *(key for key in step.changes if key not in step.values)]
        size = max((len(key) for key in keys), default=0)
        for key in keys:
            value = one_line(step.values[key], 60) if key in step.values else "-"
            change = f"  [{step.changes[key]}]" if key in step.changes else ""
            lines.append(f"    {visible(key):<{size}}  {value}{change}")
    return "\n".join(lines)


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
