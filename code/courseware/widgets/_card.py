"""How one interrupt looks in the approval panel: its asks, their buttons and their forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from agent_patterns.approval.protocol import Decision, approve, edit, reject, respond
from courseware.widgets._base import (
    changed_table,
    escape,
    folded,
    labelled_button,
    markup,
    readable,
    register_style,
    status_html,
    table,
    visible,
)
from courseware.widgets._fields import Field, FieldError, FormModel
from courseware.widgets._requests import NOTHING_OFFERED, Ask

if TYPE_CHECKING:
    from courseware.widgets.approval import ApprovalPanel, Card


class CardView:
    """The widgets of one card."""

    def __init__(self, panel: ApprovalPanel, card: Card) -> None:
        self._panel, self._card = panel, card
        self._asks = [
            AskView(self, index, ask, len(card.request.asks))
            for index, ask in enumerate(card.request.asks)
        ]
        self._status = markup("")
        self._status.tabbable = False
        self.widget = ipywidgets.VBox([*(ask.widget for ask in self._asks), self._status])
        self.widget.add_class("ap-card")

    def decide(self, ask: int, answer: Any) -> bool:
        """Return a button of an ask was pressed."""
        return self._panel.press(self._card, answer, ask)

    def take_back(self, ask: int) -> None:
        """Open an ask again."""
        self._panel.take_back(self._card, ask)

    def complain(self, message: str) -> None:
        """Show why a decision was not taken."""
        self._card.message = message
        self.draw()

    def press(self, ask: int, answer: Any) -> bool:
        """Presses what a human would press to give `answer`."""
        return self._asks[ask].press(answer)

    def mark(self, names: Sequence[str]) -> None:
        """Mark the fields whose values the graph has refused."""
        for ask in self._asks:
            ask.mark(names)

    def draw(self, closed: bool = False) -> None:
        """Brings the widgets up to date with the card."""
        card = self._card
        for index, ask in enumerate(self._asks):
            ask.draw(card.state, card.answers.get(index, _OPEN), closed)
        self._status.value = self._status_html()
        for state in ("waiting", "sent", "done", "failed", "gone"):
            (self.widget.add_class if card.state == state else self.widget.remove_class)(
                f"ap-card-{state}"
            )
        declined = card.state == "done" and card.rejected
        (self.widget.add_class if declined else self.widget.remove_class)("ap-card-declined")

    def _status_html(self) -> str:
        card = self._card
        if card.state == "sent":
            return status_html("Carrying out the decision…", "…")
        parts = []
        if card.outcome is not None and card.state in ("done", "failed"):
            when = f" at {card.outcome.at:%H:%M:%S}" if card.outcome.at else ""
            words = card.outcome.decided
            mark = "✗" if words.startswith("rejected") else "✓"
            parts.append(
                f'<div class="ap-decided" role="status"><span aria-hidden="true">{mark}</span> '
                f"<strong>{escape(words[:1].upper() + words[1:])}</strong>"
                f'<span class="ap-when">{escape(when)}</span></div>'
            )
            failed = card.outcome.error is not None
            parts.append(status_html(card.outcome.summary(), "✗" if failed else "→", urgent=failed))
            if not failed and card.outcome.changes:
                parts.append(folded(card.outcome.changes.items(), "What changed in the state"))
        if card.message:
            parts.append(status_html(card.message, "!", urgent=True))
        return f'<div class="ap-outcome">{"".join(parts)}</div>' if parts else ""


_OPEN = object()


class AskView:
    """The widgets of one ask: what is asked, the buttons, and the form they open."""

    def __init__(self, owner: CardView, index: int, ask: Ask, of: int) -> None:
        self._owner, self._index, self._ask = owner, index, ask
        self._given: Any = _OPEN
        self._many = of > 1
        number = f"{index + 1} of {of}: " if of > 1 else ""
        self._number = number
        self._about = markup(_ask_html(ask, number))
        self._made: dict[str, Any] = {}
        self._form: Form | None = None
        self._form_box = ipywidgets.VBox([])
        self._chosen = markup("")
        self._buttons = ipywidgets.HBox(self._make_buttons())
        self._buttons.add_class("ap-buttons")
        self.widget = ipywidgets.VBox([self._about, self._buttons, self._form_box, self._chosen])
        self.widget.add_class("ap-ask")
        if ask.kind in ("question", "form"):
            self._open_form("respond", focus=False)

    def _make_buttons(self) -> list[Any]:
        ask = self._ask
        first = {"breakpoint": "Continue", "retry": "Try again"}.get(ask.kind, "Approve")
        made: list[Any] = []
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
        button.on_click(lambda _button: self._owner._panel._click(action))
        self._made[key] = button
        return button

    def _opener(self, key: str, text: str, icon: str, tip: str) -> Any:
        button = self._button(key, text, icon, "", lambda: self._toggle(key))
        button.tooltip = f"{tip}: {visible(self._ask.title)}"
        return button

    # actions

    def _approve(self) -> None:
        self._owner.decide(self._index, approve())

    def _take_back(self) -> None:
        self._owner.take_back(self._index)

    def _toggle(self, kind: str) -> None:
        if self._form is not None and self._form.kind == kind:
            self._close_form()
        else:
            self._open_form(kind)

    def _open_form(self, kind: str, focus: bool = True) -> None:
        cancel = None if self._ask.kind in ("question", "form") else self._close_form
        self._form = Form(kind, self._ask, self._submit, cancel, self._owner._panel._click)
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
        if ask.kind in ("question", "form"):
            assert self._form is not None
            value = answer
            if kind == "respond" and "message" in answer and ask.kind == "question":
                value = answer["message"]
            return self._form.fill_and_send(value, self._owner.complain)
        if kind not in ask.allowed or kind not in self._made:
            offers = ", ".join(name for name in ask.allowed if name in self._made) or "nothing"
            self._owner.complain(
                f"{readable(kind if kind is not None else answer)!r} is not offered here; "
                f"the panel offers: {offers}."
            )
            return False
        if kind == "approve":
            before = self._owner._card.answers.get(self._index, _OPEN)
            self._made["approve"].click()
            return (before is _OPEN and self._owner._card.state != "waiting") or (
                self._index in self._owner._card.answers
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
        return self._form.fill_and_send(answer.get("message", ""), self._owner.complain)

    # looks

    def mark(self, names: Sequence[str]) -> None:
        """Mark the form's fields whose values were refused."""
        if self._form is not None:
            self._form.mark(names)

    def draw(self, state: str, given: Any, closed: bool) -> None:
        """Brings the widgets up to date: `given` is the answer, when there is one."""
        from courseware.widgets.approval import decision_words

        is_open = state == "waiting" and given is _OPEN and not closed
        half = state == "waiting" and given is not _OPEN and not closed
        for key, button in self._made.items():
            button.layout.display = "" if (half if key == "back" else is_open) else "none"
        free = is_open and (self._form is None or self._ask.kind in ("question", "form"))
        self._buttons.layout.display = "" if free or half else "none"
        self._form_box.layout.display = "" if is_open else "none"
        # While the run is asked, the form stays: the graph may refuse what was typed.
        over = closed or state in ("done", "failed", "gone")
        if over and self._ask.kind not in ("question", "form"):
            self._form, self._form_box.children = None, ()
        edited = given.get("edited_action") if isinstance(given, Mapping) else None
        about = _ask_html(self._ask, self._number, edited.get("args") if edited else None)
        if self._about.value != about:
            self._about.value = about
        chosen = "" if self._ask.allowed or not is_open else status_html(NOTHING_OFFERED, "!")
        if half:
            words = decision_words(self._ask, given)
            chosen = status_html(f"Will be {words}, as soon as the others are decided.", "•")
        elif self._many and given is not _OPEN:
            words = decision_words(self._ask, given)
            chosen = status_html(words[:1].upper() + words[1:], "•")
        self._chosen.value = chosen


class Form:
    """The fields one decision needs, and the button that sends it."""

    def __init__(
        self,
        kind: str,
        ask: Ask,
        send: Callable[[Any], bool],
        cancel: Callable[[], None] | None,
        guard: Callable[[Callable[[], Any]], None],
    ) -> None:
        self.kind, self._ask, self._send = kind, ask, send
        self._problems = markup("")
        self._controls: dict[str, Any] = {}
        self._marks: dict[str, Any] = {}
        self._model = self._make_model()
        self._rows = ipywidgets.VBox([self._row(field) for field in self._model.fields])
        words = {"edit": "Approve with changes", "reject": "Reject", "respond": "Send answer"}
        styles = {"edit": "success", "reject": "danger", "respond": "primary"}
        mark = "cross" if kind == "reject" else "tick"
        self._go = labelled_button(words[kind], mark, styles[kind])
        self._go.tooltip = words[kind]
        self._go.on_click(lambda _button: guard(self.send))
        buttons = [self._go]
        if cancel is not None:
            back = labelled_button("Cancel")
            back.on_click(lambda _button: guard(cancel))
            buttons.append(back)
        row = ipywidgets.HBox(buttons)
        row.add_class("ap-buttons")
        self.widget = ipywidgets.VBox([self._rows, self._problems, row])
        self.widget.add_class("ap-form")

    def _make_model(self) -> FormModel:
        ask = self._ask
        if ask.kind == "form":
            return FormModel.for_answer(ask.schema or {})
        if self.kind == "edit":
            return FormModel(ask.args, ask.schema)
        model = FormModel({}, None, single=True)
        label = "Reason" if self.kind == "reject" else "Your answer"
        hint = "told to whoever asked; may be left empty" if self.kind == "reject" else ""
        model.fields = [Field("", "long text" if self.kind == "respond" else "text", "", hint=hint)]
        self._label = label
        return model

    def _row(self, field: Field) -> Any:
        label = visible(field.name) or getattr(self, "_label", "Answer")
        control = _control(field, label)
        control.add_class("ap-field")
        self._controls[field.name] = control
        mark = markup("")
        self._marks[field.name] = mark
        hint = _hint(field)
        extra = [markup(f'<div class="ap-hint">{escape(hint)}</div>')] if hint else []
        row = ipywidgets.VBox([control, *extra, mark])
        row.add_class("ap-row")
        row.add_class("ap-wide")
        return row

    def focus(self) -> None:
        """Move the keyboard to the first field."""
        for control in self._controls.values():
            control.focus()
            return

    def fill_and_send(self, value: Any, complain: Callable[[str], None]) -> bool:
        """Write `value` into the fields and presses the button."""
        try:
            self._fill(value)
        except ValueError as error:
            complain(f"Not accepted: {error}.")
            return False
        self._result: bool | None = None
        self._go.click()
        if not self._result:
            complain(f"Not accepted: {self._complaint.rstrip('.')}.")
        return bool(self._result)

    def _fill(self, value: Any) -> None:
        if self._model.single:
            pairs = {"": value}
        elif isinstance(value, Mapping):
            pairs = dict(value)
        else:
            raise ValueError(f"the answer needs the fields {', '.join(self._controls)}")
        for name, item in pairs.items():
            if name not in self._controls:
                field = self._model.add(name, item)
                self._rows.children = (*self._rows.children, self._row(field))
        kept = []
        for field, row in zip(self._model.fields, self._rows.children, strict=True):
            if field.name in pairs:
                try:
                    self._controls[field.name].value = field.to_control(pairs[field.name])
                except ValueError as error:
                    raise ValueError(f"{field.label}: {error}") from None
            elif self.kind == "edit" and field.name in self._ask.args:
                continue_without = field
                self._controls.pop(continue_without.name)
                continue
            kept.append((field, row))
        self._model.fields = [field for field, _ in kept]
        self._rows.children = tuple(row for _, row in kept)

    _complaint = ""

    def send(self) -> None:
        """Read the fields and send the decision, or says what is wrong with them."""
        for mark in self._marks.values():
            mark.value = ""
        for control in self._controls.values():
            control.remove_class("ap-invalid")
        self._problems.value = ""
        try:
            value = self._model.parse({n: c.value for n, c in self._controls.items()})
            self._check(value)
        except FieldError as error:
            self._result, self._complaint = False, str(error)
            self._show(error)
            return
        self._result = self._send(self._answer(value))
        self._complaint = "" if self._result else "it has been decided already"

    def _check(self, value: Any) -> None:
        """Refuses what a human cannot have meant to send.

        Raises:
            FieldError: an empty answer, or an edit that changes nothing.
        """
        if self.kind == "respond" and self._ask.kind != "form" and not str(value).strip():
            raise FieldError([("", "Write an answer first")])
        if self.kind == "edit" and value == self._ask.args and "approve" in self._ask.allowed:
            raise FieldError(
                [("", "Nothing was changed yet; Cancel, then Approve, takes it as it is")]
            )

    def mark(self, names: Sequence[str]) -> None:
        """Mark fields by name and moves the keyboard to the first of them."""
        found = [self._controls[name] for name in names if name in self._controls]
        for control in found:
            control.add_class("ap-invalid")
        if found:
            found[0].focus()

    def _show(self, error: FieldError) -> None:
        loose = []
        for name, why in error.problems:
            if name in self._marks and name in self._controls:
                self._marks[name].value = status_html(why, "✗", urgent=True)
                self._controls[name].add_class("ap-invalid")
            else:
                loose.append(f"{name}: {why}" if name else why)
        self._problems.value = status_html("\n".join(loose), "✗", urgent=True)
        first = next((n for n, _ in error.problems if n in self._controls), None)
        if first is not None:
            self._controls[first].focus()

    def _answer(self, value: Any) -> Decision | Any:
        if self._ask.kind in ("question", "form"):
            return value.strip() if isinstance(value, str) else value
        if self.kind == "edit":
            return edit(self._ask.title, value)
        return reject(value) if self.kind == "reject" else respond(value)


def _control(field: Field, label: str) -> Any:
    wide = ipywidgets.Layout(width="100%")
    style = {"description_width": "initial"}
    start = field.start()
    if isinstance(start, str):
        start = visible_control(start)
    options: dict[str, Any] = {"description": label, "layout": wide, "style": style}
    # A value that is sent with every key is throttled, and a quick click overtakes it.
    typed = {**options, "continuous_update": False}
    if field.kind == "yes or no":
        return ipywidgets.Checkbox(value=start, indent=False, **options)
    if field.kind == "choice":
        offered = [(readable(choice), choice) for choice in field.choices]
        if start is None or not field.required:
            offered.insert(0, ("(nothing chosen)", None))
        return ipywidgets.Dropdown(options=offered, value=start, **options)
    if field.kind in ("long text", "JSON"):
        lines = start.count("\n") + len(start) // 80 + 1
        return ipywidgets.Textarea(value=start, rows=max(2, min(lines, 10)), **typed)
    return ipywidgets.Text(value=start, **typed)


def visible_control(text: str) -> str:
    """Text as a control can hold it: lone surrogates cannot be sent to a browser."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _hint(field: Field) -> str:
    kinds = {"whole number": "a whole number", "number": "a number", "JSON": "JSON"}
    words = [kinds[field.kind]] if field.kind in kinds else []
    if field.hint:
        words.append(field.hint)
    if not field.required:
        words.append("may be left empty")
    return "; ".join(words)


def _ask_html(ask: Ask, number: str, edited: Mapping[str, Any] | None = None) -> str:
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
        parts.append(table(ask.args.items(), f"Arguments of {ask.title}"))
    else:
        parts.append(changed_table(ask.args, edited, f"Arguments of {ask.title}, as edited"))
    parts.append(table(rest, "Details"))
    return "".join(parts)


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
.ap-field.ap-invalid input, .ap-field.ap-invalid textarea, .ap-field.ap-invalid select {
  border:2px solid var(--ap-red); }
.ap-row .ap-hint, .ap-row .ap-status { padding-left:3px; }
.ap-panel .ap-hint { color:var(--jp-ui-font-color2); font-size:var(--jp-ui-font-size0); }
.ap-decided strong { font-weight:600; overflow-wrap:anywhere; }
.ap-when { color:var(--jp-ui-font-color2); }
"""
)
