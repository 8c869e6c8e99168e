"""Play a state machine: its table drawn and lit up, its questions asked, every event a button."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
from langchain_core.callbacks import BaseCallbackHandler

from agent_patterns.machines import Machine, MachineError
from agent_patterns.machines.table import EXCEPTION
from courseware.runtime.unattended import unattended
from courseware.widgets._drawing import Edge, Level
from courseware.widgets._frame import (
    Static,
    labelled_button,
    markup,
    panel,
    register_style,
    show,
    status_html,
    widget_bundle,
)
from courseware.widgets._layout import lay_out
from courseware.widgets._picture import picture
from courseware.widgets._player import Player
from courseware.widgets._text import escape, one_line

LINES = 6
"""Lines of the log that are in view."""


class MachineView:
    """Draw one thread of a machine, and send it what is pressed.

    Every event that a person may send is a button, the impossible ones too: pressing one of those
    shows the refusal. A slot's options are buttons; pressing one answers the question that asks for
    it, and corrects it later. While the machine works, another press is told that it is busy.

    Args:
        machine: the machine.
        graph: its compiled graph.
        thread_id: the thread.
        slots: what is asked for, and the options of each.
        values: the value that a button sends with its event; a learner may change it.
        switches: a name for each box to tick, and what is called with True or False.
        script: unattended, these events are sent: (event, value), or (switch, True).
    """

    def __init__(
        self,
        machine: Machine[Any, Any],
        graph: Any,
        thread_id: str,
        *,
        slots: Mapping[str, Sequence[str]] | None = None,
        values: Mapping[str, str] | None = None,
        switches: Mapping[str, Callable[[bool], None]] | None = None,
        script: Sequence[tuple[str, Any]] = (),
    ) -> None:
        self.machine, self.title = machine, f"{machine.name}, thread {thread_id}"
        self._slots, self._switches, self._script = slots or {}, switches or {}, script
        watched = graph.with_config(callbacks=[_Follower(self._reached)])
        self._session = machine.session(watched, thread_id)
        self._drawing = lay_out(_level(machine), "down")
        self._state = self._session.snapshot().state
        self._taken: set[Edge] = set()
        self.log: list[str] = []
        self._shown = False
        self._fields = {event: _field(event, value) for event, value in (values or {}).items()}
        self.buttons = {event: labelled_button(event) for event in _sent_by_people(machine)}
        self._options = {
            (slot, option): labelled_button(option)
            for slot, options in self._slots.items()
            for option in options
        }
        self._picture, self._asked = markup(""), markup("")
        self._picture.add_class("ap-machine")
        self._line, self._log = markup(""), markup("")
        self._player: Player[str] = Player(self._draw, lambda: self._shown and not unattended())
        self.widget = panel(*self._parts(), label=self.title)
        self._rest()

    def _parts(self) -> list[Any]:
        for event, button in self.buttons.items():
            button.on_click(lambda _, event=event: self._press(event, self._value(event)))
        for (slot, option), button in self._options.items():
            button.on_click(lambda _, slot=slot, option=option: self._choose(slot, option))
        rows = []
        for slot in self._slots:
            label = markup(f"<strong>{escape(slot)}</strong>")
            label.layout.width = "6em"
            row = _row(label, *(each for (of, _), each in self._options.items() if of == slot))
            row.add_class("ap-slot")
            rows.append(row)
        boxes = []
        for name, switch in self._switches.items():
            box = ipywidgets.Checkbox(description=name, indent=False)
            box.observe(lambda change, switch=switch: switch(change["new"]), names="value")
            boxes.append(box)
        events = [
            button
            for event, button in self.buttons.items()
            if not (self._slots and event in ("answer", "correct"))
        ]
        return [
            self._asked, *rows, *self._fields.values(), _row(*events), *boxes, self._line,
            self._picture, self._player.slider, self._log,
        ]  # fmt: skip

    # sending ---------------------------------------------------------------------------------

    def _value(self, event: str) -> Any:
        return self._fields[event].value if event in self._fields else None

    def _choose(self, slot: str, option: str) -> None:
        now = self._session.snapshot()
        if now.data.get(slot):
            self._press("correct", {slot: option})
        else:
            self._press("answer", option)

    def _press(self, event: str, value: Any) -> None:
        if unattended():
            self._send(event, value)
        else:
            threading.Thread(target=self._send, args=(event, value), daemon=True).start()

    def _send(self, event: str, value: Any) -> None:
        shown = event if value is None else f"{event} {one_line(value, 40)}"
        before, self._taken = self._taken, set()
        try:
            now = self._session.send(event, value)
        except MachineError as refused:
            self._taken = self._taken or before
            self._told(f"✗ {type(refused).__name__}: {refused}", urgent=True)
            return
        self._taken = self._taken or {((now.state,), (now.state,))}
        self._reached(now.state)
        went = f"{shown} → {now.state}"
        self._told(f"✗ {went}: {now.error}" if now.error else f"✓ {went}")
        self._rest()

    def _told(self, line: str, urgent: bool = False) -> None:
        self.log.append(line)
        self._line.value = status_html(line, urgent=urgent)
        lines = "".join(f"<li>{escape(each)}</li>" for each in self.log[-LINES - 1 : -1])
        self._log.value = f'<ol class="ap-events" aria-label="Earlier events">{lines}</ol>'

    # drawing ---------------------------------------------------------------------------------

    def _reached(self, state: str) -> None:
        """Light a state up; called for every node that begins, and for the last state."""
        if state not in self.machine.table.states:
            return
        if state != self._state:
            self._taken = {((self._state,), (state,))}
            self._state = state
        self._player.add(self.svg)

    def _rest(self) -> None:
        """Show what is possible and what is asked, where the thread has come to rest."""
        now = self._session.snapshot()
        for event, button in self.buttons.items():
            button.button_style = "primary" if event in now.legal else ""
        self._asked.value = _question_html(now.question)
        asked = next((slot for slot in self._slots if not now.data.get(slot)), None)
        begun = now.state != self.machine.table.initial  # at rest, answers are of the last round
        for (slot, option), button in self._options.items():
            said = now.data.get(slot) if begun else None
            button.button_style = "success" if said == option else ""
            button.icon = "check" if said == option else ""
            answers = slot == asked and "answer" in now.legal and now.state != "waiting"
            button.disabled = not (answers or (said and "correct" in now.legal))
        self._player.add(self.svg)

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        state = self.machine.table.states[self._state]
        look = "failed" if self._state == self.machine.table.error else (
            "waiting" if state.ask else "running" if state.run else "here"
        )  # fmt: skip
        states: dict[tuple[str, ...], str] = {(self._state,): look}
        return picture(self._drawing, states, {}, self.title, self.text(), self._taken)

    def _draw(self, svg: str) -> None:
        self._picture.value = svg

    def text(self) -> str:
        """Return the thread's way in words, the same every run."""
        asked = self._session.snapshot().question
        question = asked.get("question", asked) if isinstance(asked, dict) else asked
        ends = f" asks: {one_line(question, 80)}" if question else ""
        return "\n".join([self.title, *self.log, f"{self._state}{ends}"])

    def __repr__(self) -> str:
        return self.text()

    def play(self) -> None:
        """Display the machine; with nobody there, send it the script and show what came of it."""
        if unattended():
            for event, value in self._script:
                if event in self._switches:
                    self._switches[event](value)
                    self.log.append(f"• {event}: {'on' if value else 'off'}")
                else:
                    self._send(event, value)
            show(self.widget, text=self.text(), svg=self.svg)
        else:
            self._shown = True
            show(self.widget, text=self.text())

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        self._shown = True
        return widget_bundle(self.widget, self.text())


class _Follower(BaseCallbackHandler):
    """Tell of every node of a graph that begins."""

    def __init__(self, reached: Callable[[str], None]) -> None:
        self._reached = reached

    def on_chain_start(self, serialized: Any, inputs: Any, **told: Any) -> None:
        """Tell it, if the chain is a node and no part of one."""
        name = told.get("name")
        if name and name == (told.get("metadata") or {}).get("langgraph_node"):
            self._reached(name)


def _level(machine: Machine[Any, Any]) -> Level:
    """Return the table as a graph; of the exceptions, those of the states that work."""
    labels: dict[tuple[str, str], list[str]] = {}
    for source, event, target in machine.table.edges():
        if event != EXCEPTION:
            labels.setdefault((source, target), []).append(event)
        elif machine.table.states[source].run:
            labels.setdefault((source, target), [])
    edges = [(a, b, " / ".join(dict.fromkeys(of)), not of) for (a, b), of in labels.items()]
    return Level(list(machine.table.states), edges)


def _question_html(question: Any) -> str:
    """Return what a thread asks, with the details that come with it."""
    if question is None:
        return ""
    told = dict(question) if isinstance(question, dict) else {"question": question}
    title = told.pop("question", "The thread asks")
    rows = "".join(
        f'<tr><th scope="row">{escape(key)}</th>'
        f'<td><div class="ap-value">{escape(_close(value))}</div></td></tr>'
        for key, value in told.items()
        if key != "options" and value is not None
    )
    table = f'<table class="ap-table"><tbody>{rows}</tbody></table>' if rows else ""
    return f'<div role="status"><strong>? {escape(title)}</strong></div>{table}'


def _close(value: object) -> str:
    """Return a text without its empty lines, so that picture and buttons stay in view together."""
    return "\n".join(line for line in str(value).splitlines() if line.strip())


def _sent_by_people(machine: Machine[Any, Any]) -> list[str]:
    """Return the events that are possible where the machine does not work."""
    table = machine.table
    people = [name for name, state in table.states.items() if not state.run]
    return [event for event in table.events if any(event in table.legal(name) for name in people)]


def _field(event: str, value: str) -> Any:
    field = ipywidgets.Text(value=value, description=event)
    field.layout.width = "min(100%, 480px)"
    return field


def _row(*children: Any) -> Any:
    row = ipywidgets.HBox(list(children), layout=ipywidgets.Layout(flex_flow="row wrap"))
    row.layout.align_items = "center"
    row.add_class("ap-wide")
    return row


register_style(
    """
.ap-machine svg { max-height:520px; width:auto; }
.ap-slot .jupyter-button.mod-success { background:#1a7f4b; color:#fff; }
.ap-events { color:var(--jp-ui-font-color2); margin:2px 0; padding-left:0; list-style:none; }
"""
)

__all__ = ["MachineView"]
