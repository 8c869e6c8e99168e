"""Show a run's tokens and progress as they come, with a button that stops the run."""

from __future__ import annotations

import asyncio
from typing import Any

import ipywidgets

from agent_patterns.streaming import RunStream
from courseware.runtime.unattended import unattended
from courseware.widgets._frame import (
    labelled_button,
    markup,
    panel,
    register_style,
    show,
    status_html,
)
from courseware.widgets._text import escape

BEAT = 0.05
"""Seconds between two pictures; also how soon the notebook's own stop button gets through."""

_ENDS = {
    "finished": "Finished",
    "interrupted": "Waits for a human",
    "stopped": "Stopped",
    "drained": "Ended after the running step",
    "failed": "Failed",
}


class TokenView:
    """Show one run while it streams.

    Args:
        stream: the run, not yet read.
        title: heading, and the name that screen readers hear.
        stop_after: unattended, the stop button is pressed after that many tokens.
    """

    def __init__(
        self, stream: RunStream, *, title: str = "Answer", stop_after: int | None = None
    ) -> None:
        self.stream, self.title = stream, title
        self.tokens = 0
        self.progress: dict[str, dict[str, Any]] = {}
        self._stop_after = stop_after
        self._writer = ""
        self._text, self._bars, self._line = markup(""), markup(""), markup("")
        self.stop_button = labelled_button("Stop", "stop", "danger")
        self.stop_button.layout.flex = "0 0 auto"  # a long line beside it would squeeze it
        self.stop_button.on_click(lambda _button: self.stop())
        row = ipywidgets.HBox([self.stop_button, self._line])
        row.layout.align_items = "center"
        self.widget = panel(self._bars, self._text, row, label=title)
        self._draw()

    def stop(self) -> None:
        """Stop the run, as the button does."""
        if not self.stream.ended:
            self.stop_button.disabled = True
            self._line.value = status_html("Stopping …", "■")
            self.stream.stop()

    async def run(self) -> RunStream:
        """Read the run to its end or to the stop, and return it."""
        if not unattended():
            show(self.widget, text=self.text())
        drawing = asyncio.ensure_future(self._keep_drawing())
        try:
            async with self.stream:
                async for part in self.stream:
                    self._take(part)
        finally:
            drawing.cancel()
            self.stop_button.disabled = True
            for event in self.progress.values():  # its last event came after the stop, to nobody
                if event["state"] == "running":
                    event["state"] = self.stream.ended
            self._draw()
            if unattended():
                show(self.widget, text=self.text())
        return self.stream

    def _take(self, part: dict[str, Any]) -> None:
        data = part["data"]
        if part["type"] == "messages":
            message, metadata = data
            if message.text:
                self.tokens += 1
                self._writer = str(metadata.get("langgraph_node", ""))
            if unattended() and self.tokens == self._stop_after:
                self.stop_button.click()
        elif part["type"] == "custom" and isinstance(data, dict) and data.get("type") == "progress":
            self.progress[data["label"]] = data

    async def _keep_drawing(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(BEAT)

    def _draw(self) -> None:
        begun = self.progress or self.stream.ended
        shown = escape(self.stream.text) or ("" if begun else "…")
        box = f'<div class="ap-tokens" role="log" aria-label="{escape(self.title)}">{shown}</div>'
        self._text.value = box if shown else ""
        self._bars.value = "".join(_bar(event) for event in self.progress.values())
        if self.stream.ended or not self.stop_button.disabled:
            self._line.value = status_html(self._state())

    def _state(self) -> str:
        stream = self.stream
        counted = ""
        if stream.first_token is not None:
            counted = f"{self.tokens} tokens, the first after {stream.first_token:.2f} s"
        if stream.ended:
            took = f"{stream.seconds:.2f} s"
            counted = f": {counted}, {took} in all" if counted else f" after {took}"
            return _ENDS[stream.ended] + counted
        return f"Running in node {self._writer}: {counted}" if counted else "Running"

    def text(self) -> str:
        """Return what is the same every run, if the model's words are."""
        lines = [f"{self.title}: {_ENDS.get(self.stream.ended, 'Running')}"]
        for event in self.progress.values():
            total = "" if event["total"] is None else f" of {event['total']}"
            lines.append(f"  {event['label']}: {event['done']}{total}, {event['state']}")
        if self._stop_after is not None and self.stream.ended == "stopped":
            lines.append(f"  Scripted press of the stop button after {self._stop_after} tokens")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()


def _bar(event: dict[str, Any]) -> str:
    total = event["total"]
    limits = "" if total is None else f' max="{total}" value="{event["done"]}"'
    counted = f"{event['done']}" + ("" if total is None else f" of {total}")
    note = f" · {escape(event['note'])}" if event["note"] else ""
    label = escape(event["label"])
    return (
        f'<div class="ap-progress"><progress{limits} aria-label="{label}"></progress> '
        f"{label}: {counted}, {escape(event['state'])}{note}</div>"
    )


async def show_tokens(
    stream: RunStream, *, title: str = "Answer", stop_after: int | None = None
) -> RunStream:
    """Show a run's tokens and progress while the cell runs, with a stop button.

    Write ``stream = await show_tokens(RunStream(graph, input, config))`` as a cell. The button
    stops the run, not the cell: the cell ends, and later cells see how it ended.

    Args:
        stream: the run, not yet read.
        title: heading, and the name that screen readers hear.
        stop_after: with nobody there, the button is pressed after that many tokens.

    Raises:
        Exception: whatever the graph raises.
    """
    return await TokenView(stream, title=title, stop_after=stop_after).run()


register_style(
    """
.ap-tokens { white-space:pre-wrap; overflow-wrap:anywhere; border:1px solid
  var(--jp-border-color2); border-radius:6px; padding:8px 10px; min-height:3em; }
.ap-progress progress { width:220px; vertical-align:middle; margin-right:8px; }
"""
)
