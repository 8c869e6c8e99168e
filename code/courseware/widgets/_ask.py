"""Show one ask of an interrupt: what is asked, its buttons and its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Protocol

import ipywidgets

from agent_patterns.approval.protocol import approve
from courseware.widgets._fields import broken_limits
from courseware.widgets._form import Form
from courseware.widgets._frame import labelled_button, markup, status_html
from courseware.widgets._outcome import Card, decision_words
from courseware.widgets._requests import NOTHING_OFFERED, Ask
from courseware.widgets._tables import changed_table, table
from courseware.widgets._text import escape, one_line, readable, visible


class Owner(Protocol):
    """The card that an ask belongs to."""

    card: Card

    def decide(self, ask: int, answer: Any) -> bool:
        """Take the decision on an ask."""

    def take_back(self, ask: int) -> None:
        """Open an ask again."""

    def click(self, action: Callable[[], Any]) -> None:
        """Run a button's action."""

    def complain(self, message: str) -> None:
        """Show why a decision was not taken."""


_OPEN = object()


class AskView:
    """The widgets of one ask: what is asked, the buttons, and the form they open."""

    def __init__(self, owner: Owner, index: int, ask: Ask, of: int) -> None:
        self._owner, self._index, self._ask = owner, index, ask
        self._many = of > 1
        number = f"{index + 1} of {of}: " if of > 1 else ""
        self._number = number
        self._about = markup("")
        self._made: dict[str, Any] = {}
        self._form: Form | None = None
        self._form_box = ipywidgets.VBox([])
        self._chosen = markup("")
        self._broken = broken_limits(ask.args, ask.schema) if ask.kind == "action" else {}
        self._as_asked = _ask_html(ask, number, None, self._broken)
        self._buttons = ipywidgets.HBox(self._make_buttons())
        self._buttons.add_class("ap-buttons")
        self.widget = ipywidgets.VBox([self._about, self._buttons, self._form_box, self._chosen])
        self.widget.add_class("ap-ask")
        if self._typed:
            self._open_form("respond", focus=False)

    def _make_buttons(self) -> list[Any]:
        ask = self._ask
        first = {"breakpoint": "Continue", "retry": "Try again"}.get(ask.kind, "Approve")
        made: list[Any] = [
            self._button(f"option {number}", label, "", "primary", partial(self._choose, value))
            for number, (label, value) in enumerate(ask.options)
        ]
        for kind in ask.allowed:
            if ask.kind in ("question", "form"):
                continue
            if kind == "approve":
                made.append(self._button("approve", first, "tick", "success", self._approve))
            elif kind == "edit" and (ask.args or ask.schema or ask.allowed == ("edit",)):
                made.append(self._opener("edit", "Edit…", "pencil", "Change the arguments"))
            elif kind == "reject":
                made.append(self._opener("reject", "Reject…", "cross", "Refuse, with a reason"))
            elif kind == "respond":
                made.append(self._opener("respond", "Answer…", "reply", "Answer instead"))
        self._made["back"] = self._button("back", "Change", "back", "", self._take_back)
        self._made["back"].layout.display = "none"
        return [*made, self._made["back"]]

    def _button(self, key: str, text: str, icon: str, style: str, action: Callable[[], Any]) -> Any:
        button = labelled_button(text, icon, style)
        title = visible(self._ask.title) if self._ask.kind == "action" else ""
        button.tooltip = f"{text.rstrip('…')} {title}".strip()
        button.on_click(lambda _button: self._owner.click(action))
        self._made[key] = button
        return button

    def _opener(self, key: str, text: str, icon: str, tip: str) -> Any:
        button = self._button(key, text, icon, "", lambda: self._toggle(key))
        button.tooltip = f"{tip}: {visible(self._ask.title)}"
        return button

    # actions

    def _approve(self) -> None:
        if self._broken:
            words = "; ".join(f"{name}: {why}" for name, why in self._broken.items())
            instead = " or ".join(kind for kind in ("edit", "reject") if kind in self._made)
            self._owner.complain(
                f"Cannot be approved as it is: {words}. {instead.capitalize()} it."
            )
            return
        self._owner.decide(self._index, approve())

    def _choose(self, value: Any) -> None:
        self._owner.decide(self._index, value)

    @property
    def _typed(self) -> bool:
        """The answer is typed into a form that stands open, instead of chosen by a button."""
        return self._ask.kind in ("question", "form") and not self._ask.options

    def _take_back(self) -> None:
        self._owner.take_back(self._index)

    def _toggle(self, kind: str) -> None:
        if self._form is not None and self._form.kind == kind:
            self._close_form()
        else:
            self._owner.complain("")
            self._open_form(kind)

    def _open_form(self, kind: str, focus: bool = True) -> None:
        cancel = None if self._ask.kind in ("question", "form") else self._close_form
        self._form = Form(kind, self._ask, self._submit, cancel, self._owner.click)
        self._form_box.children = (self._form.widget,)
        if focus:
            self._buttons.layout.display = "none"
            self._form.focus()

    def _close_form(self) -> None:
        opener = self._made.get(self._form.kind) if self._form is not None else None
        self._form = None
        self._form_box.children = ()
        self._owner.complain("")
        if opener is not None:
            opener.focus()

    def _submit(self, answer: Any) -> bool:
        return self._owner.decide(self._index, answer)

    def press(self, answer: Any) -> bool:
        """Presses what a human would press to give `answer`; False where it is not taken."""
        ask = self._ask
        kind = answer.get("type") if isinstance(answer, Mapping) else None
        said = answer["message"] if kind == "respond" and "message" in answer else answer
        if ask.options:
            return self._press_option(said)
        if ask.kind in ("question", "form"):
            assert self._form is not None
            return self._form.fill_and_send(
                said if ask.kind == "question" else answer, self._owner.complain
            )
        if ask.kind == "value" and kind is None:
            kind = "respond"
        if kind not in ask.allowed or kind not in self._made:
            offers = ", ".join(name for name in ask.allowed if name in self._made) or "nothing"
            self._owner.complain(
                f"{readable(kind if kind is not None else answer)!r} is not offered here; "
                f"the panel offers: {offers}."
            )
            return False
        if kind == "approve":
            before = self._owner.card.answers.get(self._index, _OPEN)
            self._made["approve"].click()
            return (before is _OPEN and self._owner.card.state != "waiting") or (
                self._index in self._owner.card.answers
            )
        if self._form is not None:
            self._close_form()
        self._made[kind].click()
        assert self._form is not None
        if kind == "edit":
            action = answer.get("edited_action", {})
            if action.get("name", ask.title) != ask.title:
                self._owner.complain(
                    f"The panel edits the arguments of {ask.title!r}; it cannot turn it into "
                    f"{action.get('name')!r}."
                )
                return False
            return self._form.fill_and_send(dict(action.get("args", {})), self._owner.complain)
        message = answer.get("message", "") if isinstance(answer, Mapping) else answer
        return self._form.fill_and_send(message, self._owner.complain)

    def _press_option(self, answer: Any) -> bool:
        for number, (label, value) in enumerate(self._ask.options):
            if answer in (label, value):
                self._made[f"option {number}"].click()
                return True
        offers = ", ".join(label for label, _ in self._ask.options)
        self._owner.complain(
            f"{readable(answer)!r} is not offered here; the panel offers: {offers}."
        )
        return False

    # looks

    def html(self, given: Any) -> str:
        """Return what is asked, beside what an edit made of it."""
        edited = given.get("edited_action") if isinstance(given, Mapping) else None
        changed = edited.get("args") if isinstance(edited, Mapping) else None
        return self._as_asked if changed is None else _ask_html(self._ask, self._number, changed)

    def refuse(self, problems: Sequence[tuple[str, str]]) -> bool:
        """Show what was refused at the form's fields; False where it does not all fit there."""
        return self._form is not None and self._form.refuse(problems)

    def draw(self, state: str, given: Any, closed: bool) -> None:
        """Brings the widgets up to date: `given` is the answer, when there is one."""
        is_open = state == "waiting" and given is _OPEN and not closed
        half = state == "waiting" and given is not _OPEN and not closed
        for key, button in self._made.items():
            button.layout.display = "" if (half if key == "back" else is_open) else "none"
        free = is_open and (self._form is None or self._typed)
        self._buttons.layout.display = "" if free or half else "none"
        self._form_box.layout.display = "" if is_open else "none"
        # While the run is asked, the form stays: the graph may refuse what was typed.
        over = closed or state in ("done", "failed", "gone")
        if over and not self._typed:
            self._form, self._form_box.children = None, ()
        self._about.value = self.html(given)
        chosen = "" if self._ask.allowed or not is_open else status_html(NOTHING_OFFERED, "!")
        if half:
            words = decision_words(self._ask, given)
            chosen = status_html(f"Will be {words}, as soon as the others are decided.", "•")
        elif self._many and given is not _OPEN:
            words = decision_words(self._ask, given)
            chosen = status_html(words[:1].upper() + words[1:], "•")
        self._chosen.value = chosen


def _ask_html(
    ask: Ask,
    number: str,
    edited: Mapping[str, Any] | None = None,
    broken: Mapping[str, str] | None = None,
) -> str:
    """Return an ask; with `edited`, what was asked for is struck out beside what was made of it."""
    facts = [(name, value) for name, value in ask.details if name in ("reason", "asked by")]
    rest = [(name, value) for name, value in ask.details if name not in ("reason", "asked by")]
    kind = {"action": "Action", "question": "Question", "form": "Question"}.get(ask.kind, "")
    lead = f'<span class="ap-kind">{escape(number)}{kind}</span>'
    name = escape(readable(ask.title))
    title = f"<code>{name}</code>" if ask.kind == "action" else f"<span>{name}</span>"
    parts = [f'<div class="ap-ask-title" role="heading" aria-level="4">{lead} {title}</div>']
    for name, value in facts:
        words = {"reason": "Why", "asked by": "Asked by"}[name]
        parts.append(
            f'<div class="ap-fact"><span class="ap-fact-name">{words}: </span>'
            f"<span>{escape(readable(value))}</span></div>"
        )
    if edited is None:
        notes = {name: _note_html(ask, name, (broken or {}).get(name, "")) for name in ask.args}
        parts.append(table(ask.args.items(), f"Arguments of {ask.title}", notes))
    else:
        parts.append(changed_table(ask.args, edited, f"Arguments of {ask.title}, as edited"))
    parts.append(table(rest, "Details"))
    return "".join(parts)


def _note_html(ask: Ask, name: str, broken: str) -> str:
    """Return what is known beside an argument; what does not agree with it stands out."""
    parts = []
    for label, value in ask.facts.get(name, {}).items():
        differs = not _agree(value, ask.args[name])
        words = f"{'≠ ' if differs else ''}{label}: {one_line(value)}"
        parts.append(
            f'<span class="{"ap-differs" if differs else "ap-known"}">{escape(words)}</span>'
        )
    if broken:
        parts.append(f'<span class="ap-differs">✗ {escape(broken)}</span>')
    return " ".join(parts)


def _agree(known: Any, asked: Any) -> bool:
    """Tell whether two values are the same, amounts as numbers and as text alike."""
    try:
        return Decimal(str(known)) == Decimal(str(asked))
    except InvalidOperation:
        return bool(known == asked)
