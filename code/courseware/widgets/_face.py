"""Show an approval panel: its head, its cards, and where the thread stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from courseware.widgets._card import CardView, Desk
from courseware.widgets._card_text import card_text
from courseware.widgets._frame import labelled_button, markup, panel, register_style, status_html
from courseware.widgets._outcome import Card
from courseware.widgets._standing import Standing
from courseware.widgets._text import escape


class Face:
    """The widgets of a panel. What waits stands first; what is decided follows in single lines."""

    def __init__(self, title: str, standing: Standing, desk: Desk) -> None:
        self._title, self._standing, self._desk = title, standing, desk
        self._views: dict[int, CardView] = {}
        self._head = markup("")
        self._foot = markup("")
        self._again = labelled_button("Look again", "again")
        self._again.tooltip = "Reads the thread once more"
        self._again.layout.align_self = "flex-start"
        self._body = ipywidgets.VBox([])
        self.widget = panel(self._head, self._body, self._foot, self._again)
        self.widget.add_class("ap-approval")

    def on_again(self, action: Callable[[], Any]) -> None:
        """Have *Look again* do something."""
        self._again.on_click(lambda _button: action())

    def view_of(self, card: Card) -> CardView:
        """Return the widgets of a card."""
        if id(card) not in self._views:
            self._views[id(card)] = CardView(self._desk, card)
        return self._views[id(card)]

    def draw(self, cards: Sequence[Card], notice: str, closed: str) -> None:
        """Bring everything up to date."""
        for card in cards:
            self.view_of(card).draw(closed=bool(closed))
        open_ = [card for card in cards if card.state in ("waiting", "sent", "failed")]
        over = [card for card in cards if card.state in ("done", "gone")]
        boxes = tuple(self.view_of(card).widget for card in [*open_, *over])
        if self._body.children != boxes:
            self._body.children = boxes
        kind, words = self._badge(cards, closed)
        self._head.value = self._head_html(kind, words)
        self._foot.value = self._foot_html(cards, notice, closed)
        idle = not any(card.state in ("waiting", "sent") for card in cards)
        done = bool(cards) and words.endswith("Finished")
        self._again.layout.display = "" if idle and not closed and not done else "none"

    def text(self, cards: Sequence[Card], notice: str, closed: str) -> str:
        """Return the panel as plain text, the same every run."""
        words = self._badge(cards, closed)[1][2:]
        lines = [f"{self._title}, thread {self._standing.name}: {words}"]
        lines += [card_text(card) for card in cards]
        waits = any(card.state == "waiting" for card in cards)
        rest = notice or closed or ("" if waits else self._standing.words(bool(cards)))
        return "\n".join([*lines, f"  {rest}"] if rest else lines)

    def _badge(self, cards: Sequence[Card], closed: str) -> tuple[str, str]:
        states = [card.state for card in cards]
        count = states.count("waiting")
        if closed:
            return "stopped", "■ Stopped"
        if "sent" in states:
            return "busy", "… Working"
        if count:
            return "wait", "? Waits for you" if count == 1 else f"? {count} wait for you"
        if states[-1:] == ["failed"]:
            return "failed", "✗ Failed"
        if self._standing.finished:
            refused = bool(cards) and cards[-1].rejected
            return ("idle", "– Finished") if refused else ("done", "✓ Finished")
        return "idle", "– Nothing waits"

    def _head_html(self, kind: str, words: str) -> str:
        return (
            f'<div class="ap-head"><span class="ap-title" role="heading" aria-level="3">'
            f"{escape(self._title)}</span> "
            f'<span class="ap-thread">thread <code>{escape(self._standing.name)}</code></span>'
            f'<span class="ap-badge ap-badge-{kind}">{escape(words)}</span></div>'
        )

    def _foot_html(self, cards: Sequence[Card], notice: str, closed: str) -> str:
        if notice:
            return status_html(notice, "✗", urgent=True)
        if closed:
            return status_html(closed, "■")
        if not self._standing.loaded or any(c.state in ("waiting", "sent") for c in cards):
            return ""
        return status_html(self._standing.words(bool(cards)))


register_style(
    """
.ap-head { display:flex; flex-wrap:wrap; align-items:baseline; gap:4px 12px; }
.ap-title { font-weight:600; font-size:var(--jp-ui-font-size2); }
.ap-thread { color:var(--jp-ui-font-color2); }
.ap-thread code { background:none; color:inherit; font-family:var(--jp-code-font-family); }
.ap-badge { margin-left:auto; padding:1px 10px; border-radius:10px; border:1px solid;
  font-weight:600; white-space:nowrap; }
.ap-badge-wait { color:var(--ap-amber); } .ap-badge-busy { color:var(--ap-blue); }
.ap-badge-done { color:var(--ap-green); } .ap-badge-failed { color:var(--ap-red); }
.ap-badge-idle, .ap-badge-stopped { color:var(--jp-ui-font-color2); }
.ap-panel .ap-status { margin:4px 0; white-space:pre-wrap; overflow-wrap:anywhere; }
.ap-panel .jupyter-widgets-disconnected::before, .ap-panel.jupyter-widgets-disconnected::before {
  display:none; }
.ap-panel.jupyter-widgets-disconnected .ap-buttons,
.ap-panel.jupyter-widgets-disconnected .ap-badge { display:none; }
.ap-panel.jupyter-widgets-disconnected::after { display:block; padding:8px 12px; margin:4px 0;
  border-left:4px solid var(--ap-amber); background:var(--jp-layout-color2);
  content:"\\25A0\\00A0 The kernel that drew this is gone. Run the cells above, then this one."; }
.ap-approval.jupyter-widgets-disconnected::after {
  content:"\\25A0\\00A0 The kernel this panel belonged to is gone. Run the cells above, then "
  "this one. A run kept in memory starts over; one in a file or database still waits."; }
"""
)
