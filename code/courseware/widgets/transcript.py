"""The transcript of a team: who said what to whom, what it cost, and who got to see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import ipywidgets
from IPython.display import Markdown

from agent_patterns.teams import Turn, part_of, tally
from courseware.attendance import unattended
from courseware.widgets._base import (
    Static,
    escape,
    markup,
    one_line,
    panel,
    readable,
    register_style,
    status_html,
    visible,
    widget_bundle,
)

register_style(
    """
.ap-panel table.ap-transcript td, .ap-panel table.ap-transcript th { white-space:nowrap; }
.ap-panel table.ap-transcript td.ap-said { white-space:normal; width:99%; }
.ap-panel table.ap-transcript td.ap-number { text-align:right; }
.ap-panel table.ap-transcript details > div { white-space:pre-wrap; margin:4px 0 6px 14px; }
.ap-panel table.ap-transcript summary { cursor:pointer; }
"""
)

HEAD = "".join(
    f'<th scope="col">{name}</th>'
    for name in ("No.", "Who to whom", "Kind", "What was said", "Calls", "Tokens")
)
EVERYBODY = "everybody"
ARROWS = {"task": "->>", "decision": "-->>", "answer": "->>", "handoff": "->>", "failure": "-x"}


class TranscriptView:
    """Who said what to whom, as a table with a choice of whose eyes to see it through.

    Args:
        turns: the transcript of a team, as its graph hands it back under ``turns``.
        title: what the table shows, for screen readers and as the first line of the plain text.
        seen_by: the agent whose part is shown at first; everybody's without it.
        width: characters of a message in the plain text.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        title: str = "Transcript",
        seen_by: str | None = None,
        width: int = 72,
    ) -> None:
        self.turns = list(turns)
        self._title, self._width = title, width
        names = dict.fromkeys(name for turn in self.turns for name in (turn["sender"], turn["to"]))
        self.agents = [name for name in names if name not in ("user", "FINISH")]
        if seen_by is not None and seen_by not in self.agents:
            raise ValueError(f"Nobody is called {seen_by!r} here. There are: {self.agents}.")
        self.choice = ipywidgets.Dropdown(
            options=[EVERYBODY, *self.agents], value=seen_by or EVERYBODY, description="Seen by"
        )
        self._table = markup("")
        self._sum = markup("")
        self.choice.observe(lambda _change: self._draw(), names="value")
        self.widget = panel(self.choice, self._table, self._sum, label=title)
        self._draw()

    @property
    def shown(self) -> list[Turn]:
        """The turns that the chosen agent takes part in; all of them for everybody."""
        chosen = str(self.choice.value)
        return self.turns if chosen == EVERYBODY else part_of(self.turns, chosen)

    @property
    def summary(self) -> str:
        """The shown turns in figures."""
        total = tally(self.shown)
        return f"{total.turns} messages, {total.calls} model calls, {total.tokens:,} tokens"

    def text(self) -> str:
        """The shown turns as plain text, one line each, and their sum."""
        pairs = [f"{turn['sender']} -> {turn['to']}" for turn in self.shown]
        wide = max(map(len, pairs), default=0)
        lines = [f"{self._title}, seen by {self.choice.value}"]
        for pair, turn in zip(pairs, self.shown, strict=True):
            said = one_line(turn["text"], self._width) or f"({turn['kind']})"
            lines.append(f"  {pair:<{wide}}  {_tokens(turn):>6}  {said}")
        return "\n".join([*lines, f"  {self.summary}"])

    def _draw(self) -> None:
        rows = "".join(_row(number, turn) for number, turn in enumerate(self.shown, start=1))
        label = escape(f"{self._title}, as seen by {self.choice.value}")
        self._table.value = (
            f'<table class="ap-table ap-transcript" aria-label="{label}"><thead><tr>{HEAD}</tr>'
            f"</thead><tbody>{rows}</tbody></table>"
        )
        self._sum.value = status_html(f"Seen by {self.choice.value}: {self.summary}.")

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text()).bundle())
        return widget_bundle(self.widget, self.text())

    def __repr__(self) -> str:
        return self.text()


def _row(number: int, turn: Turn) -> str:
    said, short = readable(turn["text"]), one_line(turn["text"], 70)
    if said.strip() != short:
        cell = f"<details><summary>{escape(short)}</summary><div>{escape(said)}</div></details>"
    else:
        cell = escape(short)
    cost = "".join(
        f'<td class="ap-number">{shown}</td>' for shown in (turn["calls"] or "", _tokens(turn))
    )
    return (
        f"<tr><td>{number}</td><td>{escape(turn['sender'])} → {escape(turn['to'])}</td>"
        f'<td>{escape(turn["kind"])}</td><td class="ap-said">{cell}</td>{cost}</tr>'
    )


def _tokens(turn: Turn) -> str:
    used = turn["input_tokens"] + turn["output_tokens"]
    return f"{used:,}" if used else ""


def sequence_diagram(turns: Sequence[Turn], *, most: int = 40) -> Markdown:
    """The transcript as a sequence diagram, which JupyterLab draws offline.

    Shows the first `most` messages. A failure ends in a cross, a router's decision is dashed.
    """
    names: dict[str, str] = {}
    lines = ["sequenceDiagram"]

    def key(name: str) -> str:
        if name not in names:
            names[name] = f"P{len(names)}"
            lines.append(f"    participant {names[name]} as {_plain(name, 24)}")
        return names[name]

    shown = [turn for turn in turns if turn["to"] != "FINISH"][:most]
    for turn in shown:
        key(turn["sender"])
        key(turn["to"])
    for turn in shown:
        arrow = ARROWS.get(turn["kind"], "->>")
        said = _plain(turn["text"], 44) or turn["kind"]
        tokens = _tokens(turn)
        cost = f" ({tokens} tokens)" if tokens else ""
        lines.append(f"    {key(turn['sender'])}{arrow}{key(turn['to'])}: {said}{cost}")
    if len(turns) > len(shown) and len(shown) == most:
        lines.append(f"    Note over P0: {len(turns) - most} more messages")
    return Markdown("```mermaid\n" + "\n".join(lines) + "\n```")  # type: ignore[no-untyped-call]


def _plain(text: str, limit: int) -> str:
    """Text without the characters that mean something in a sequence diagram."""
    flat = re.sub(r"[;:#<>{}`\"\\%]", " ", visible(text))
    return one_line(" ".join(flat.split()), limit)
