"""An approval desk, live: people side by side, deadlines running, the audit trail as a timeline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
from langgraph.types import Interrupt

from agent_patterns.approval import ApprovalDesk
from agent_patterns.approval.errors import ApprovalError, InvalidArguments
from agent_patterns.approval.protocol import Decision
from agent_patterns.approval.ticket import Ticket
from courseware.runtime.unattended import unattended
from courseware.widgets._audit import audit_picture, audit_table, audit_text
from courseware.widgets._card import CardView
from courseware.widgets._frame import (
    Static,
    labelled_button,
    markup,
    panel,
    register_style,
    status_html,
    widget_bundle,
)
from courseware.widgets._outcome import Card, decision_words, describe
from courseware.widgets._requests import read
from courseware.widgets._text import escape

FRAME = 1.0
"""Seconds between two looks at the desk."""
LONGEST = 1800.0
"""Seconds after which the picture stands still by itself."""

Step = tuple[str, str, Decision] | float
"""A person, a request's id and a decision; or seconds that pass."""


class DeskView:
    """Everybody who decides at a desk, side by side, with what waits for each of them now.

    Every press goes to the desk with the fingerprint of what that person was shown. Deadlines
    count down, `ApprovalDesk.tick` is called every second, and the audit trail grows below.

    Args:
        desk: the desk.
        people: who sits at it; by default all whom the desk knows.
        clock: seconds since the epoch, the desk's own clock.
        script: for a run with nobody there: decisions, and seconds that pass on a clock that has
            `advance`.
        docs: the address of a page about the desk's web API, offered as a link.
    """

    def __init__(
        self,
        desk: ApprovalDesk,
        people: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.time,
        script: Sequence[Step] = (),
        docs: str = "",
    ) -> None:
        self._desk, self._clock, self._script = desk, clock, list(script)
        self.seats = [Seat(self, name) for name in people or desk.people]
        self._task: asyncio.Task[None] | None = None
        self._trail = markup("")
        self._follow = labelled_button("Pause", "stop")
        self._follow.layout.align_self = "flex-start"
        self._follow.on_click(lambda _button: self.stop() if self._task else self.start())
        row = ipywidgets.HBox([seat.widget for seat in self.seats])
        row.add_class("ap-seats")
        foot = ipywidgets.HBox([self._follow, markup(_link_html(docs))])
        foot.add_class("ap-buttons")
        self.widget = panel(row, foot, self._trail, label="An approval desk")
        self.refresh()

    @property
    def desk(self) -> ApprovalDesk:
        """The desk."""
        return self._desk

    def refresh(self) -> None:
        """Expire and escalate what is due, and show how everything stands."""
        self._desk.tick()
        now = self._clock()
        for seat in self.seats:
            seat.draw(now)
        entries = self._desk.audit()
        self._trail.value = (
            f'<div class="ap-ask-title">Audit trail</div>{audit_picture(entries, now)}'
            f"<details><summary>As a table</summary>{audit_table(entries)}</details>"
        )

    def start(self) -> None:
        """Follow the desk; must be called where an event loop runs, as in a notebook."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._show_following(True)

    def stop(self) -> None:
        """Let the picture stand still."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show_following(False)

    def _show_following(self, follows: bool) -> None:
        self._follow.description = "Pause" if follows else "Follow"
        self._follow.remove_class("ap-mark-play" if follows else "ap-mark-stop")
        self._follow.add_class("ap-mark-stop" if follows else "ap-mark-play")

    async def _run(self) -> None:
        ends = time.monotonic() + LONGEST
        try:
            while time.monotonic() < ends:
                self.refresh()
                await asyncio.sleep(FRAME)
        finally:
            if self._task is asyncio.current_task():
                self.stop()

    def play(self) -> list[str]:
        """Play the script, by the same buttons; return what was said to each decision."""
        said = []
        while self._script:
            step = self._script.pop(0)
            if isinstance(step, tuple):
                name, ticket, decision = step
                (seat,) = [seat for seat in self.seats if seat.name == name]
                said.append(seat.decide(ticket, decision))
            else:
                self._clock.advance(step)  # type: ignore[attr-defined]
            self.refresh()
        return said

    def text(self) -> str:
        """Return what waits for whom, and the audit trail, in words."""
        lines = []
        for seat in self.seats:
            waits = (
                ", ".join(f"{each.id} {each.action['name']}" for each in seat.waiting) or "nothing"
            )
            lines.append(f"{seat.name} ({seat.roles}): {waits}")
            lines += [f"  {line}" for line in seat.said]
        return "\n".join([*lines, "Audit trail", audit_text(self._desk.audit())])

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            self.play()
            svg = audit_picture(self._desk.audit(), self._clock())
            return dict(Static(self.text(), svg).bundle())
        self.start()
        return widget_bundle(self.widget, self.text())


class Seat:
    """Seat one person at the desk: what waits for them, and what they were told."""

    def __init__(self, view: DeskView, name: str) -> None:
        self._view, self.name = view, name
        self.roles = ", ".join(sorted(view.desk.roles_of(name)))
        self.waiting: list[Ticket] = []
        self.said: list[str] = []
        self._cards: dict[tuple[str, str, int], tuple[Ticket, CardView, Any]] = {}
        self._head = markup(
            f'<div class="ap-title" role="heading" aria-level="3">{escape(name)}</div>'
            f'<div class="ap-hint">{escape(self.roles)}</div>'
        )
        self._body = ipywidgets.VBox([])
        self._told = markup("")
        self.widget = ipywidgets.VBox([self._head, self._body, self._told])
        self.widget.add_class("ap-seat")

    def draw(self, now: float) -> None:
        """Show what waits now; a card whose request has not changed stays as it was filled."""
        self.waiting = self._view.desk.pending(person=self.name)
        keys = {(each.id, each.digest, each.chain.step): each for each in self.waiting}
        for key, ticket in keys.items():
            if key not in self._cards:
                card = Card(read(Interrupt(ticket.request, id=ticket.id)))
                view = CardView(self, card)
                view.draw()
                self._cards[key] = ticket, view, markup("")
        self._cards = {key: self._cards[key] for key in keys}
        for ticket, _, line in self._cards.values():
            line.value = _deadline_html(ticket, now)
        boxes = tuple(box for _, view, line in self._cards.values() for box in (line, view.widget))
        if self._body.children != boxes:
            self._body.children = boxes
        nothing = "" if keys else status_html("Nothing waits for you.", "–")
        self._told.value = nothing + "".join(status_html(line, "→") for line in self.said[-3:])

    def press(self, card: Card, answer: Any, ask: int = 0) -> bool:
        """Decide a request as this person; the desk says what it thinks of it."""
        ticket = next(each for each, view, _ in self._cards.values() if view.card is card)
        words = decision_words(card.request.asks[ask], answer)
        try:
            found = self._view.desk.decide(ticket.id, answer, by=self.name, seen=ticket.digest)
        except InvalidArguments as error:
            self._refuse(card, error)
            return False
        except ApprovalError as error:
            self.said.append(f"{ticket.id}: {error}")
        else:
            waits = " or ".join(found.waits_for)
            ended = "released" if found.status == "approved" else "closed"
            after = f"now waits for {waits}" if waits else ended
            self.said.append(f"{ticket.id} {words}; {after}")
        self._view.refresh()
        return True

    def _refuse(self, card: Card, error: InvalidArguments) -> None:
        view = next(view for _, view, _ in self._cards.values() if view.card is card)
        card.message = f"Not accepted: {error}."
        view.refuse(error.fields)

    def take_back(self, card: Card, ask: int) -> None:
        """Open an ask again; at a desk each decision is carried out at once."""

    def click(self, action: Callable[[], Any]) -> None:
        """Run a button's action; what goes wrong is shown."""
        try:
            action()
        except Exception as error:
            self.said.append(describe(error))
            self.draw(0.0)

    def decide(self, ticket: str, decision: Decision) -> str:
        """Press what this person would press; return what they are told.

        A request that does not wait for them now is decided with what they were shown last, as by
        a hand that is too late; the desk refuses it.
        """
        for each, view, _ in self._cards.values():
            if each.id == ticket:
                before = len(self.said)
                view.press(0, decision)
                return self.said[-1] if len(self.said) > before else view.card.message
        try:
            self._view.desk.decide(ticket, decision, by=self.name)
        except ApprovalError as error:
            self.said.append(f"{ticket}: {error}")
        return self.said[-1]


def _link_html(address: str) -> str:
    if not address:
        return ""
    link = f'<a class="ap-link" href="{escape(address)}" target="_blank" rel="noopener">'
    return f"{link}Open the web API's page (new tab)</a>"


def _deadline_html(ticket: Ticket, now: float) -> str:
    waits = " or ".join(ticket.waits_for)
    words = f"{ticket.id} · step {ticket.chain.step + 1} of {len(ticket.chain.roles)}: {waits}"
    if ticket.escalations:
        words += " (escalated)"
    left, look = "", ""
    if ticket.expires_at is not None:
        seconds = max(0.0, ticket.expires_at - now)
        left = f"{int(seconds // 60)}:{int(seconds % 60):02} left"
        whole = ticket.expires_at - ticket.created_at
        look = " ap-differs" if seconds < 0.2 * whole else ""
    return (
        f'<div class="ap-deadline"><span>{escape(words)}</span>'
        f'<span class="ap-left{look}">{escape(left)}</span></div>'
    )


register_style(
    """
.ap-seats { gap:14px; align-items:flex-start; flex-wrap:wrap; }
.ap-seat { flex:1 1 220px; min-width:220px; border:1px solid var(--jp-border-color1);
  border-radius:6px; padding:8px 12px; }
.ap-deadline { display:flex; justify-content:space-between; gap:8px; margin-top:6px; }
.ap-panel a.ap-link { color:var(--jp-content-link-color, var(--ap-blue));
  text-decoration:underline; }
.ap-left { font-variant-numeric:tabular-nums; white-space:nowrap; }
"""
)
