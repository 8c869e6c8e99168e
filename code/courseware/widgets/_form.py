"""Show the form in which an edit or an answer is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from agent_patterns.approval.protocol import Decision, edit, reject, respond
from courseware.widgets._fields import Field, FieldError, FormModel
from courseware.widgets._frame import labelled_button, markup, status_html
from courseware.widgets._requests import Ask
from courseware.widgets._text import escape, readable, visible

UNCHANGED = 0.15
"""Seconds after Enter in which a changed value arrives; after them it was as it is."""


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
        self.kind, self._ask, self._send, self._guard = kind, ask, send, guard
        self._entered = False
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
        model.fields = [Field("", "text", "", hint=hint)]
        self._label = label
        return model

    def _row(self, field: Field) -> Any:
        label = visible(field.name) or getattr(self, "_label", "Answer")
        control = _control(field, label)
        control.add_class("ap-field")
        if type(control) is ipywidgets.Text:
            control.on_msg(self._key)
            control.observe(self._changed, names="value")
        self._controls[field.name] = control
        mark = markup("")
        self._marks[field.name] = mark
        hint = _hint(field)
        extra = [markup(f'<div class="ap-hint">{escape(hint)}</div>')] if hint else []
        row = ipywidgets.VBox([control, *extra, mark])
        row.add_class("ap-row")
        row.add_class("ap-wide")
        return row

    def _key(self, _control: Any, content: Mapping[str, Any], _buffers: Any) -> None:
        """Send on Enter. The browser tells of the key first and of what was typed after it."""
        if content.get("event") != "submit":
            return
        self._entered = True
        try:
            asyncio.get_running_loop().call_later(UNCHANGED, self._enter)
        except RuntimeError:
            self._enter()

    def _changed(self, _change: Any) -> None:
        self._enter()

    def _enter(self) -> None:
        if self._entered:
            self._entered = False
            self._guard(self.send)

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

    def refuse(self, problems: Sequence[tuple[str, str]]) -> bool:
        """Show what the graph did not accept at its fields; False where one has no field."""
        self._show(FieldError(problems))
        return all(name in self._controls for name, _ in problems)

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
        if self._ask.kind in ("question", "form") or (
            self._ask.kind == "value" and self.kind == "respond"
        ):
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
    if field.kind in ("long text", "lines", "JSON"):
        lines = start.count("\n") + len(start) // 80 + 1
        return ipywidgets.Textarea(value=start, rows=max(2, min(lines, 10)), **typed)
    return ipywidgets.Text(value=start, **typed)


def visible_control(text: str) -> str:
    """Text as a control can hold it: lone surrogates cannot be sent to a browser."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _hint(field: Field) -> str:
    kinds = {
        "whole number": "a whole number",
        "number": "a number",
        "lines": "one a line",
        "JSON": "JSON",
    }
    words = [kinds[field.kind]] if field.kind in kinds else []
    if field.hint:
        words.append(field.hint)
    if not field.required:
        words.append("may be left empty")
    return "; ".join(words)
