"""Progress in a notebook: a table with a button to read it again."""

from __future__ import annotations

import sqlite3
from typing import Any

import ipywidgets

from courseware.lessons import LESSONS, progress
from courseware.widgets._frame import markup, panel, show, status_html
from courseware.widgets._text import escape

_MARK = {"passed": "✓ passed", "started": "… started", "open": "open"}
_HEAD = ("Exercise", "State", "Tries and hints")


class ProgressView:
    """The table of progress as a widget; `widget` is the box to display.

    Args:
        module: only this module's exercises, e.g. ``"05"``.
    """

    def __init__(self, module: str | None = None) -> None:
        self._module = module
        self._table = markup("")
        self._again = ipywidgets.Button(description="Read again", tooltip="Read the progress again")
        self._again.on_click(self._refresh)
        self.widget = panel(self._table, self._again, label="Progress")
        self._refresh()

    def _refresh(self, _button: Any = None) -> None:
        try:
            self._table.value = as_html(progress.table(self._module))
        except (sqlite3.Error, OSError) as error:
            self._table.value = status_html(
                f"The progress file cannot be read: {error}", urgent=True
            )


def as_html(modules: dict[str, list[progress.Line]]) -> str:
    """Return the table of progress as safe HTML."""
    rows = ""
    for module, lines in modules.items():
        done = sum(line.standing.passed for line in lines)
        title = escape(f"{module} {LESSONS[module].title}")
        rows += (
            f'<tr><th scope="row" style="width: auto; font-weight: 600">{title}</th>'
            f'<td colspan="2">{done} of {len(lines)} passed</td></tr>'
        )
        for line in lines:
            cells = (_MARK[line.standing.state], _detail(line))
            rows += (
                f'<tr><th scope="row" style="width: auto">{escape(line.exercise)}'
                f" {escape(line.title)}</th>"
                + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
                + "</tr>"
            )
    head = "".join(f'<th scope="col">{name}</th>' for name in _HEAD)
    return (
        f'<table class="ap-table" aria-label="Progress"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _detail(line: progress.Line) -> str:
    return line.remark.partition("(")[2].rstrip(")")


def show_progress(module: str | None = None) -> None:
    """Show, in a notebook, which exercises are passed; plain text if nobody is there.

    Args:
        module: only this lesson's exercises, e.g. ``"05"``.
    """
    show(ProgressView(module).widget, text=progress.as_text(progress.table(module)))
