"""The transcript of a team: who said what to whom, what it cost, and who got to see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import ipywidgets
from IPython.display import Markdown

from agent_patterns.teams import tally
from agent_patterns.teams.turns import Turn, part_of
from courseware.runtime.unattended import unattended
from courseware.widgets._frame import (
    Static,
    markup,
    panel,
    register_style,
    status_html,
    widget_bundle,
)
from courseware.widgets._page import changes_html, is_version, page_html, unmarked
from courseware.widgets._text import escape, one_line, readable, visible

register_style(
    """
.ap-panel table.ap-transcript td, .ap-panel table.ap-transcript th { white-space:nowrap; }
.ap-panel table.ap-transcript td.ap-said { white-space:normal; width:99%; }
.ap-panel table.ap-transcript td.ap-number { text-align:right; }
.ap-panel .ap-transcript-box { max-height:62vh; overflow:auto; }
.ap-panel table.ap-transcript thead th { position:sticky; top:0;
  background:var(--jp-layout-color1); }
.ap-panel table.ap-transcript summary { cursor:pointer; }
.ap-panel .ap-title { font-weight:600; }
"""
)

HEAD = "".join(
    f'<th scope="col">{name}</th>'
    for name in ("No.", "Who to whom", "Kind", "What was said", "Calls", "Tokens")
)
EVERYBODY = "everybody"
NO_AGENTS = ("user", "bus", "FINISH")
LONGEST = 4_000
"""Characters of one message that the table shows; the rest is counted."""
ARROWS = {"decision": "-->>", "offer": "-->>", "failure": "-x"}
LOOK = (
    '%%{init: {"sequence": {"width": 100, "height": 40, "actorMargin": 26, "wrap": true, '
    '"wrapPadding": 3, "messageMargin": 18, "boxMargin": 4, "mirrorActors": false, '
    '"messageFontSize": 15, "actorFontSize": 14}, '
    '"themeCSS": ".actor-line { stroke-opacity: 0.3; }"}}%%'
)
"""How Mermaid lays a diagram out: narrow boxes, long messages on several lines, pale life lines."""


class TranscriptView:
    """Show who said what to whom, as a table with a choice of whose eyes to see it through.

    Args:
        turns: the transcript of a team, as its graph hands it back under ``turns``.
        title: what the table shows; its heading, and the first line of the plain text.
        seen_by: the agent whose part is shown at first; everybody's without it.
        width: characters of a message in the plain text.
        most: messages that the table shows; the rest is counted. The plain text has them all.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        title: str = "Transcript",
        seen_by: str | None = None,
        width: int = 72,
        most: int = 200,
    ) -> None:
        self.turns = list(turns)
        self._title, self._width, self._most = title, width, most
        names = dict.fromkeys(name for turn in self.turns for name in (turn["sender"], turn["to"]))
        self.agents = [name for name in names if name.rpartition("/")[2] not in NO_AGENTS]
        if seen_by is not None and seen_by not in self.agents:
            raise ValueError(f"Nobody is called {seen_by!r} here. There are: {self.agents}.")
        self._all = EVERYBODY if EVERYBODY not in self.agents else f"{EVERYBODY} together"
        self.choice = ipywidgets.Dropdown(
            options=[self._all, *self.agents], value=seen_by or self._all, description="Seen by"
        )
        self._table = markup("")
        self._sum = markup("")
        self.choice.observe(lambda _change: self._draw(), names="value")
        heading = markup(
            f'<div class="ap-title" role="heading" aria-level="3">{escape(title)}</div>'
        )
        self.widget = panel(heading, self.choice, self._table, self._sum, label=title)
        self._draw()

    @property
    def shown(self) -> list[Turn]:
        """The turns that the chosen agent takes part in; all of them for everybody."""
        chosen = str(self.choice.value)
        return self.turns if chosen == self._all else part_of(self.turns, chosen)

    @property
    def summary(self) -> str:
        """The shown turns in figures."""
        total = tally(self.shown)
        return f"{total.turns} messages, {total.calls} model calls, {total.tokens:,} tokens"

    def text(self) -> str:
        """Return the shown turns as plain text, one line each, and their sum."""
        pairs = [f"{turn['sender']} -> {turn['to']}" for turn in self.shown]
        wide = max(map(len, pairs), default=0)
        lines = [f"{self._title}, seen by {self.choice.value}"]
        for pair, turn in zip(pairs, self.shown, strict=True):
            said = one_line(turn["text"], self._width) or f"({turn['kind']})"
            lines.append(f"  {pair:<{wide}}  {_tokens(turn):>6}  {said}")
        return "\n".join([*lines, f"  {self.summary}"])

    def _draw(self) -> None:
        shown = self.shown[: self._most]
        rows = "".join(
            _row(number, turn, _version_before(shown, number - 1))
            for number, turn in enumerate(shown, start=1)
        )
        if len(self.shown) > len(shown):
            rows += f'<tr><td colspan="6">{_more(len(self.shown) - len(shown))}</td></tr>'
        label = escape(f"{self._title}, as seen by {self.choice.value}")
        self._table.value = (
            f'<div class="ap-transcript-box" tabindex="0" role="group" aria-label="{label}">'
            f'<table class="ap-table ap-transcript"><thead><tr>{HEAD}</tr>'
            f"</thead><tbody>{rows}</tbody></table></div>"
        )
        self._sum.value = status_html(f"Seen by {self.choice.value}: {self.summary}.")

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text()).bundle())
        return widget_bundle(self.widget, self.text())

    def __repr__(self) -> str:
        return self.text()


def _version_before(turns: Sequence[Turn], place: int) -> str | None:
    """Return the newest text before this one, by the same sender, of which it is a version."""
    turn = turns[place]
    for earlier in reversed(turns[:place]):
        if earlier["sender"] == turn["sender"] and is_version(earlier["text"], turn["text"]):
            return earlier["text"]
    return None


def _row(number: int, turn: Turn, before: str | None = None) -> str:
    said, short = readable(turn["text"], LONGEST), one_line(unmarked(turn["text"]), 70)
    if said.strip() != short:
        cell = f"<details><summary>{escape(short)}</summary>{page_html(said)}</details>"
    else:
        cell = escape(short)
    if before is not None:
        changes = changes_html(readable(before, LONGEST), said)
        cell += (
            f"<details><summary>What differs from the version before</summary>{changes}</details>"
        )
    cost = "".join(
        f'<td class="ap-number">{shown}</td>' for shown in (turn["calls"] or "", _tokens(turn))
    )
    return (
        f"<tr><td>{number}</td><td>{escape(turn['sender'])} → {escape(turn['to'])}</td>"
        f'<td>{escape(turn["kind"])}</td><td class="ap-said">{cell}</td>{cost}</tr>'
    )


def _more(count: int) -> str:
    return f"{count:,} more {'message' if count == 1 else 'messages'}"


def _tokens(turn: Turn) -> str:
    used = turn["input_tokens"] + turn["output_tokens"]
    return f"{used:,}" if used else ""


def sequence_diagram(turns: Sequence[Turn], *, most: int = 20) -> Markdown:
    """Return the transcript as a sequence diagram, which JupyterLab draws offline.

    Shows the first `most` messages. A failure ends in a cross; a decision and an offer are dashed.
    Agents at work at the same time stand in one frame, each in a part of its own. An answer that
    is at the same time the next agent's assignment is drawn once.
    """
    shown = _without_repeats(turns)
    left_out = len(shown) - most
    names: dict[str, str] = {}
    for turn in shown[:most]:
        for name in (turn["sender"], _receiver(turn)):
            names.setdefault(name, f"P{len(names)}")
    lines = [LOOK, "sequenceDiagram"]
    lines += [f"    participant {key} as {_name(name)}" for name, key in names.items()]
    for group in _groups(_parts(shown[:most])):
        for place, part in enumerate(group):
            if len(group) > 1:
                word = "and" if place else "par"
                lines.append(f"    {word} {_name(part[-1]['sender'])}")
            lines += [f"    {_arrow(turn, names)}" for turn in part]
        if len(group) > 1:
            lines.append("    end")
    if left_out > 0:
        lines.append(f"    Note over P0: {_more(left_out)}")
    return Markdown("```mermaid\n" + "\n".join(lines) + "\n```")  # type: ignore[no-untyped-call]


def _without_repeats(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns without assignments that the answer before has brought already."""
    kept: list[Turn] = []
    for turn in turns:
        key = (turn["kind"], turn["sender"], turn["to"])
        last = kept[-1] if kept else None
        if last is None or key != ("task", last["sender"], last["to"]) or last["kind"] != "answer":
            kept.append(turn)
    return kept


def _parts(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Return the parts of one agent's turn: offer, assignment, what happens inside, answer.

    A turn that belongs to none of these is a part by itself.
    """
    parts: list[list[Turn]] = []
    place = 0
    while place < len(turns):
        end = _end_of_part(turns, place)
        parts.append(list(turns[place:end]))
        place = end
    return parts


def _end_of_part(turns: Sequence[Turn], place: int) -> int:
    first = turns[place]
    if first["kind"] == "offer" and place + 1 < len(turns):
        following = turns[place + 1]
        accepted = following["kind"] == "task" and following["to"] == first["sender"]
        return _end_of_part(turns, place + 1) if accepted else place + 1
    if first["kind"] == "task":
        for other in range(place + 1, len(turns)):
            done = turns[other]["kind"] in ("answer", "failure")
            if done and turns[other]["sender"] == first["to"]:
                return other + 1
    return place + 1


def _groups(parts: Sequence[list[Turn]]) -> list[list[list[Turn]]]:
    """Parts that ran at the same time, together; each of the others alone."""
    groups: list[list[list[Turn]]] = []
    for part in parts:
        if groups and _together(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _together(group: Sequence[list[Turn]], part: list[Turn]) -> bool:
    """Peers who are asked the same are asked at once; for others, the times of their work tell."""
    first, asked = group[-1][0], part[0]
    if "offer" in (first["kind"], asked["kind"]):
        return first["kind"] == asked["kind"] and first["to"] == asked["to"]
    if first["kind"] != "task" or asked["kind"] != "task":
        return False
    ends = max(other[-1]["ended"] for other in group)
    return part[-1]["sender"] != group[-1][-1]["sender"] and 0 < part[-1]["started"] < ends


def _receiver(turn: Turn) -> str:
    """Return who gets a message; FINISH hands the result to whoever gave the task."""
    team, _, name = turn["to"].rpartition("/")
    return (team or "user") if name == "FINISH" else turn["to"]


def _arrow(turn: Turn, names: dict[str, str]) -> str:
    sender, receiver = names[turn["sender"]], names[_receiver(turn)]
    finished = turn["to"].rpartition("/")[2] == "FINISH"
    said = _plain(turn["text"], 40) or ("FINISH" if finished else turn["kind"])
    if turn["kind"] == "decision":
        said = said.replace("_", " ")  # names wrap at a space
    tokens = _tokens(turn)
    cost = f" ({tokens} tokens)" if tokens else ""
    return f"{sender}{ARROWS.get(turn['kind'], '->>')}{receiver}: {said}{cost}"


def _plain(text: str, limit: int) -> str:
    """Text without the characters that mean something in a sequence diagram."""
    flat = re.sub(r"[;#<>{}`\"\\%]", " ", visible(text))
    return one_line(" ".join(flat.split()), limit)


def _name(agent: str) -> str:
    """Return an agent's name as a participant's, which may hold no colon."""
    return _plain(agent.replace(":", " ").replace("/", " / "), 32).replace("_", " ")
