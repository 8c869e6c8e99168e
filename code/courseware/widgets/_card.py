"""Show one interrupt in the approval panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import ipywidgets

from courseware.widgets._ask import _OPEN, AskView
from courseware.widgets._frame import markup, register_style, status_html
from courseware.widgets._outcome import Card
from courseware.widgets._tables import folded
from courseware.widgets._text import escape, one_line


class Desk(Protocol):
    """The panel, as a card knows it."""

    def press(self, card: Card, answer: Any, ask: int = 0) -> bool:
        """Decide one ask of a card."""

    def take_back(self, card: Card, ask: int) -> None:
        """Open an ask again."""

    def click(self, action: Callable[[], Any]) -> None:
        """Run a button's action."""


class CardView:
    """The widgets of one card."""

    def __init__(self, panel: Desk, card: Card) -> None:
        self._panel, self.card = panel, card
        self._asks = [
            AskView(self, index, ask, len(card.request.asks))
            for index, ask in enumerate(card.request.asks)
        ]
        self._status = markup("")
        self._status.tabbable = False
        self._body = ipywidgets.VBox([ask.widget for ask in self._asks])
        self.widget = ipywidgets.VBox([self._body, self._status])
        self.widget.add_class("ap-card")

    def decide(self, ask: int, answer: Any) -> bool:
        """Return a button of an ask was pressed."""
        return self._panel.press(self.card, answer, ask)

    def take_back(self, ask: int) -> None:
        """Open an ask again."""
        self._panel.take_back(self.card, ask)

    def click(self, action: Callable[[], Any]) -> None:
        """Run a button's action as the panel does."""
        self._panel.click(action)

    def complain(self, message: str) -> None:
        """Show why a decision was not taken."""
        self.card.message = message
        self.draw()

    def press(self, ask: int, answer: Any) -> bool:
        """Presses what a human would press to give `answer`."""
        return self._asks[ask].press(answer)

    def refuse(self, problems: Sequence[tuple[str, str]]) -> None:
        """Show what the graph has refused, at the fields where there are some."""
        for ask in self._asks:
            self.card.at_field = ask.refuse(problems) or self.card.at_field
        self.draw()

    def draw(self, closed: bool = False) -> None:
        """Brings the widgets up to date with the card."""
        card = self.card
        settled = card.state in ("done", "gone")
        self._status.value = self._settled_html() if settled else self._status_html()
        self._body.layout.display = "none" if settled else ""
        self._look()
        for index, ask in enumerate(() if settled else self._asks):
            ask.draw(card.state, card.answers.get(index, _OPEN), closed)

    def draw_sent(self) -> None:
        """Show by one message that the decision is carried out; the style sheet does the rest."""
        self._status.value = self._status_html()

    def _look(self) -> None:
        card = self.card
        look = ["ap-card", f"ap-card-{card.state}"]
        look += ["ap-card-declined"] if card.state == "done" and card.rejected else []
        self.widget._dom_classes = tuple(look)

    def _settled_html(self) -> str:
        """Return a decided card as one line, which opens to what was asked and what came of it."""
        card = self.card
        titles = ", ".join(one_line(ask.title, 60) for ask in card.request.asks)
        given = [card.answers.get(index) for index in range(len(self._asks))]
        asked = "".join(ask.html(answer) for ask, answer in zip(self._asks, given, strict=True))
        if card.outcome is None:
            line = f"<span>{escape(titles)}</span>" + status_html(card.message, "–")
            return f"<details><summary>{line}</summary>{asked}</details>"
        outcome = card.outcome
        mark = "✗" if outcome.decided.startswith("rejected") else "✓"
        said = escape(outcome.decided[:1].upper() + outcome.decided[1:])
        when = f"{outcome.at:%H:%M:%S}" if outcome.at else ""
        changes = folded(outcome.changes.items(), "What changed in the state")
        return (
            f'<details><summary><span aria-hidden="true">{mark}</span> '
            f'<strong role="status">{said}</strong> <span>{escape(titles)}</span> '
            f'<span class="ap-when">{when}</span></summary>{asked}'
            f"{status_html(outcome.summary(), '→')}{changes}</details>"
        )

    def _status_html(self) -> str:
        card = self.card
        if card.state == "sent":
            return f'<div class="ap-sent">{status_html("Carrying out the decision…", "…")}</div>'
        parts = []
        if card.outcome is not None and card.state == "failed":
            when = f" at {card.outcome.at:%H:%M:%S}" if card.outcome.at else ""
            words = card.outcome.decided
            mark = "✗" if words.startswith("rejected") else "✓"
            parts.append(
                f'<div class="ap-decided" role="status"><span aria-hidden="true">{mark}</span> '
                f"<strong>{escape(words[:1].upper() + words[1:])}</strong>"
                f'<span class="ap-when">{escape(when)}</span></div>'
            )
            parts.append(status_html(card.outcome.summary(), "✗", urgent=True))
        if card.message:
            said = "Not accepted: see the field." if card.at_field else card.message
            parts.append(status_html(said, "!", urgent=True))
        return f'<div class="ap-outcome">{"".join(parts)}</div>' if parts else ""


register_style(
    """
.ap-card { border:1px solid var(--jp-border-color1); border-radius:6px; margin:8px 0;
  padding:12px 14px; background:var(--jp-layout-color1); border-left:4px solid
  var(--jp-border-color1); overflow:visible; }
.ap-card-waiting { border-left-color:var(--ap-amber); }
.ap-card-sent { border-left-color:var(--ap-blue); }
.ap-card-done { border-left-color:var(--ap-green); }
.ap-card-declined { border-left-color:var(--jp-ui-font-color2); }
.ap-card-failed { border-left-color:var(--ap-red); }
.ap-ask { overflow:visible; }
.ap-ask + .ap-ask { border-top:1px solid var(--jp-border-color1); padding-top:12px;
  margin-top:12px; }
.ap-ask-title { font-weight:600; font-size:var(--jp-ui-font-size2); overflow-wrap:anywhere;
  white-space:pre-wrap; max-height:24em; overflow:auto; }
.ap-ask-title code { background:none; color:inherit; font-size:inherit;
  font-family:var(--jp-code-font-family); }
.ap-kind { color:var(--jp-ui-font-color2); font-weight:400; font-size:var(--jp-ui-font-size1); }
.ap-fact { margin-top:4px; white-space:pre-wrap; overflow-wrap:anywhere; max-height:24em;
  overflow:auto; }
.ap-fact-name { color:var(--jp-ui-font-color2); }
.ap-outcome { margin:10px -14px -12px -14px; padding:8px 14px; border-radius:0 0 6px 0;
  background:var(--jp-layout-color2); }
.ap-outcome table.ap-table { margin-bottom:0; }
.ap-buttons { gap:8px; margin-top:10px; overflow:visible; flex-wrap:wrap; }
.ap-buttons .jupyter-button { margin:0; padding:0 14px; border-radius:4px; height:30px;
  line-height:30px; }
.ap-buttons .jupyter-button.mod-success { background:#1a7f4b; color:#fff; }
.ap-buttons .jupyter-button.mod-danger { background:#b3261e; color:#fff; }
.ap-buttons .jupyter-button.mod-primary { background:#1d6fb8; color:#fff; }
.ap-form { border-top:1px dashed var(--jp-border-color1); margin-top:12px; padding-top:10px;
  overflow:visible; }
.ap-row { margin-bottom:6px; }
.ap-old { color:var(--jp-ui-font-color2); }
.ap-new { text-decoration:none; font-weight:600; }
.ap-outcome summary { cursor:pointer; overflow-wrap:anywhere; }
.ap-row .widget-text, .ap-row .widget-textarea, .ap-row .widget-dropdown {
  flex-direction:column; align-items:stretch; height:auto; }
.ap-row .widget-label { text-align:left; font-weight:600; height:auto; line-height:1.6; }
.ap-row .widget-textarea textarea { height:auto; }
.ap-row .widget-dropdown > select { flex:none; height:28px; }
.ap-field.ap-invalid input, .ap-field.ap-invalid textarea, .ap-field.ap-invalid select {
  border:2px solid var(--ap-red); }
.ap-row .ap-hint, .ap-row .ap-status { padding-left:3px; }
.ap-panel .ap-hint { color:var(--jp-ui-font-color2); font-size:var(--jp-ui-font-size0); }
.ap-decided strong { font-weight:600; overflow-wrap:anywhere; }
.ap-when { color:var(--jp-ui-font-color2); }
.ap-card:has(.ap-sent) .ap-buttons, .ap-card:has(.ap-sent) .ap-form,
.ap-approval:has(.ap-sent) .ap-badge-wait { display:none; }
.ap-card:has(.ap-sent) { border-left-color:var(--ap-blue); }
.ap-card-done, .ap-card-gone { padding:4px 14px; margin:4px 0; }
.ap-panel summary { cursor:pointer; overflow-wrap:anywhere; }
.ap-panel summary .ap-status { display:inline; margin-left:8px; }
.ap-panel .ap-urgent, .ap-panel .ap-differs { color:var(--ap-red); }
.ap-panel .ap-differs { font-weight:600; }
.ap-panel .ap-known { color:var(--jp-ui-font-color2); }
"""
)
