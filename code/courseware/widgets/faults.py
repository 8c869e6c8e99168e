"""The fault panel: choose what the practice server does next and for how long, see what it saw."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from courseware.runtime.unattended import unattended
from courseware.widgets._fault_choices import CHOICES, SPANS, Choice
from courseware.widgets._frame import markup, panel, register_style, status_html, widget_bundle
from courseware.widgets._tables import grid
from courseware.widgets._text import one_line
from practice_model import PracticeServer
from practice_model.server.faults import Injection
from practice_model.server.records import RequestRecord

LISTED = 8
"""How many of the latest requests the table shows."""

register_style(
    ".ap-panel .ap-faults :is(th, td, .ap-value) { white-space:nowrap; overflow-wrap:normal; }"
    ".ap-panel .ap-faults :is(th, td):nth-child(5), "
    ".ap-panel .ap-faults td:nth-child(5) .ap-value { white-space:normal; width:60%; }"
)


_IN_FORCE: weakref.WeakKeyDictionary[PracticeServer, Injection] = weakref.WeakKeyDictionary()
"""One panel's fault at a time on each server: a cell that is run again makes a panel anew."""


class FaultPanel:
    """Chooses the practice server's next faults and list what the server saw.

    A new panel, and each press of *Set* or *All is well again*, ends what any panel has set on that
    server before.

    Args:
        server: the practice server.
        ask: sends one request and returns something to show; the *Ask now* button calls it in a
            thread of its own and shows what came of it, the exception's class included.  Without
            it there is no such button.
        script: what is pressed where nobody can press, when the panel is first shown: "ask", or a
            fault with its span and, if it has any, its seconds, such as
            ``("rate limit", "next 2 requests", 0.2)``.

    `press(fault, span, seconds)` does what the *Set* button does, by the same handler: for
    scripts, where nobody can press.  The text form lists attempts and answers without times, so
    that it is the same every run.
    """

    def __init__(
        self,
        server: PracticeServer,
        *,
        ask: Callable[[], Any] | None = None,
        script: Sequence[str | tuple[str, str] | tuple[str, str, float]] = (),
    ) -> None:
        self._server = server
        self._ask_fn = ask
        self._script = list(script)
        self._since = len(server.requests) and server.requests[-1].number
        self._injection: Injection | None = None
        self._timer: threading.Timer | None = None
        self._timed_out: Injection | None = None
        self._following = True
        self._shown: object = None
        self._polling: asyncio.Task[None] | None = None
        self._asked: list[str] = []

        buttons = self._controls()
        self._status = markup("")
        self._reply = markup("")
        self._table = markup("")
        self.widget = panel(
            self.fault,
            self.seconds,
            self.span,
            ipywidgets.HBox(buttons, layout=ipywidgets.Layout(flex_flow="row wrap")),
            self._status,
            self._reply,
            self._table,
        )
        self._fault_chosen(None)
        self._end()
        self._say("All is well: every request is answered.")
        self.refresh()

    def _controls(self) -> list[ipywidgets.Button]:
        """Make the fields and the buttons; return the buttons that are shown."""

        def wide() -> ipywidgets.Layout:  # one for each field: `seconds` hides by its own
            return ipywidgets.Layout(width="100%", max_width="430px")

        style = {"description_width": "8.5em"}
        self.fault = ipywidgets.Dropdown(
            options=[(choice.label, key) for key, choice in CHOICES.items()],
            description="The server:",
            layout=wide(),
            style=style,
        )
        self.seconds = ipywidgets.BoundedFloatText(
            value=0.5, min=0, max=60, step=0.1, description="Seconds:", layout=wide(), style=style
        )
        self.span = ipywidgets.Dropdown(
            options=[(span.label, key) for key, span in SPANS.items()],
            description="For:",
            layout=wide(),
            style=style,
        )
        self.fault.observe(self._fault_chosen, names="value")
        self.set_button = ipywidgets.Button(description="Set", button_style="warning")
        self.stop_button = ipywidgets.Button(description="All is well again")
        self.clear_button = ipywidgets.Button(description="Clear the list")
        self.ask_button = ipywidgets.Button(description="Ask now", button_style="primary")
        self.set_button.on_click(self._set)
        self.stop_button.on_click(self._stop)
        self.clear_button.on_click(self._clear)
        self.ask_button.on_click(self._ask)
        buttons = [self.set_button, self.stop_button, self.clear_button]
        if self._ask_fn is not None:
            buttons.insert(1, self.ask_button)
        return buttons

    # --- what it does -----------------------------------------------------------------------

    def press(self, fault: str, span: str = "next request", seconds: float | None = None) -> None:
        """Set a fault as the button does.

        Args:
            fault: one of `CHOICES`, such as "rate limit", "server error", "slow", "drop".
            span: one of `SPANS`, such as "next 2 requests", "until stopped".
            seconds: Retry-After or silence; None leaves the field as it is.

        Raises:
            ValueError: there is no such fault or span, or the field does not go that far; the
                message says what there is.
        """
        for name, value, known in (("fault", fault, CHOICES), ("span", span, SPANS)):
            if value not in known:
                raise ValueError(f"no {name} {value!r}; there are: {', '.join(known)}")
        low, high = self.seconds.min, self.seconds.max
        if seconds is not None and not low <= seconds <= high:
            raise ValueError(f"seconds={seconds:g} is not between {low:g} and {high:g}")
        self.fault.value, self.span.value = fault, span
        if seconds is not None:
            self.seconds.value = seconds
        self.set_button.click()

    def stop(self) -> None:
        """End this panel's fault, as the button does, and let the list rest.

        *Set* and *Ask now* begin a new list.
        """
        self.stop_button.click()
        self._following = False
        self._say("All is well: every request is answered. Set or Ask now begins a new list.", "✓")

    @property
    def records(self) -> Sequence[RequestRecord]:
        """The requests that the server has seen since the panel was made or cleared."""
        return [one for one in self._server.requests if one.number > self._since]

    def refresh(self) -> None:
        """List what the server has seen by now, unless the list rests."""
        if not self._following:
            return
        records = self.records
        key = [(one.number, one.status, one.outcome) for one in records]
        left = self._injection.left if self._injection is not None else None
        if self._injection is not None and self._injection is not _IN_FORCE.get(self._server):
            self._injection = None
            self._say("Ended by another panel. All is well here: Set begins anew.", "✓")
        timed_out = self._injection is not None and self._injection is self._timed_out
        if (key, left, timed_out) == self._shown:
            return
        self._shown = (key, left, timed_out)
        answered = all(one.duration is not None for one in records)
        if timed_out or (left == 0 and answered):
            self._injection = None
            why = "the time is over" if timed_out else "the faults are used up"
            self._say(f"Done: {why}, requests are answered again.", "✓")
        self._table.value = self._table_html(records)

    def _set(self, _button: Any) -> None:
        self._wake()
        self._end()
        choice, span = CHOICES[self.fault.value], SPANS[self.span.value]
        fault = choice.make(self.seconds.value)
        self._injection = self._server.inject(fault, times=span.requests, rate=span.rate)
        _IN_FORCE[self._server] = self._injection
        if span.seconds is not None:
            self._timer = threading.Timer(span.seconds, self._time_is_over, [self._injection])
            self._timer.daemon = True
            self._timer.start()
        meaning = f", {_named(choice)} {self.seconds.value:g} s" if choice.seconds else ""
        self._say(f"{choice.label}{meaning}, for {span.label}.", "⚠")
        self._reply.value = ""
        self._shown = None
        self.refresh()

    def _time_is_over(self, injection: Injection) -> None:
        injection.remove()
        self._timed_out = injection  # the next refresh says so, in the thread of the widgets

    def _wake(self) -> None:
        """Begins a new list if the one before rests."""
        if not self._following:
            self._clear(None)

    def _stop(self, _button: Any) -> None:
        self._end()
        self._say("All is well: every request is answered.", "✓")
        self.refresh()

    def _clear(self, _button: Any) -> None:
        records = self._server.requests
        self._since = records[-1].number if records else self._since
        self._asked.clear()
        self._reply.value = ""
        self._following = True
        if self._polling is not None:
            self._follow()
        self.refresh()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        before = _IN_FORCE.pop(self._server, None)
        if before is not None:
            before.remove()
        self._injection = None

    def _ask(self, _button: Any) -> None:
        if self.ask_button.disabled:
            return
        self._wake()
        self.ask_button.disabled = True
        self.ask_button.description = "Asking…"
        self._reply.value = status_html("Waiting for the answer.", "…")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or unattended():  # a script wants the answer before its next line
            try:
                self._answered(self._ask_once())
            finally:  # a stop button's KeyboardInterrupt too leaves a button that can be pressed
                self._ask_again()
            return

        async def ask() -> None:
            try:
                self._answered(await asyncio.to_thread(self._ask_once))
            finally:
                self._ask_again()

        self._asking = loop.create_task(ask())

    def _ask_once(self) -> str:
        assert self._ask_fn is not None
        try:
            return f"You got: {one_line(self._ask_fn(), 120)}"
        except Exception as error:  # what the learner wants to see
            return f"You got {type(error).__name__}: {one_line(str(error), 120)}"

    def _ask_again(self) -> None:
        self.ask_button.disabled = False
        self.ask_button.description = "Ask now"

    def _answered(self, text: str) -> None:
        self._asked.append(text)
        self._reply.value = status_html(text, "✗" if text.startswith("You got ") else "✓")
        self.refresh()

    # --- how it shows it --------------------------------------------------------------------

    def _fault_chosen(self, _change: Any) -> None:
        meaning = CHOICES[self.fault.value].seconds
        self.seconds.disabled = not meaning
        self.seconds.layout.display = None if meaning else "none"
        self.seconds.description = f"{meaning or 'Seconds'} (s):"

    def _say(self, text: str, mark: str = "") -> None:
        self._said = text
        self._status.value = status_html(text, mark)

    def _table_html(self, records: Sequence[RequestRecord]) -> str:
        if not records:
            return "<p>No request since this list was begun.</p>"
        first = records[0].at
        rows = [
            (
                number,
                f"{record.at - first:.2f} s",
                attempt,
                record.model,
                _answer(record),
                "…" if record.duration is None else f"{record.duration * 1000:.0f} ms",
            )
            for number, attempt, record in _counted(records)[-LISTED:]
        ]
        left_out = max(0, len(records) - LISTED)
        caption = "What the server saw" + (f" (the last {LISTED} requests)" if left_out else "")
        names = ["#", "at", "attempt", "model", "answered", "took"]
        return f'<div class="ap-faults">{grid(names, rows, caption)}</div>'

    def text(self) -> str:
        """Return the panel in plain text, without times."""
        lines = [f"Fault panel: {self._said}"]
        lines += self._asked
        records = self.records
        lines.append(
            f"The server saw {len(records)} {'request' if len(records) == 1 else 'requests'}."
        )
        for number, attempt, record in _counted(records)[-LISTED:]:
            lines.append(f"  {number:>3}  attempt {attempt}  {_answer(record)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            self._play()
            return {"text/plain": self.text()}
        self.refresh()
        self._follow()
        return widget_bundle(self.widget, self.text())

    def _play(self) -> None:
        """Presses what the script says, once."""
        script, self._script = self._script, []
        for step in script:
            if isinstance(step, str):
                self.ask_button.click()
            else:
                self.press(*step)
        self.refresh()

    def _follow(self) -> None:
        """Keep the list up to date while the panel is alive."""
        if self._polling is not None and not self._polling.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._polling = loop.create_task(_poll(weakref.ref(self)))


async def _poll(reference: weakref.ref[FaultPanel]) -> None:
    while (alive := reference()) is not None and alive._following:
        alive.refresh()
        del alive
        await asyncio.sleep(0.3)


def _named(choice: Choice) -> str:
    """Return what the seconds are called within a sentence."""
    return choice.seconds if "-" in choice.seconds else choice.seconds.lower()


def _counted(records: Sequence[RequestRecord]) -> list[tuple[int, int, RequestRecord]]:
    """Each request with its number, and how often its question has come since it was answered."""
    tries: dict[tuple[str, str, str], int] = {}
    counted = []
    for number, record in enumerate(records, 1):
        question = (record.path, record.model, record.prompt)
        tries[question] = tries.get(question, 0) + 1
        counted.append((number, tries[question], record))
        if record.outcome == "answered":
            del tries[question]
    return counted


def _answer(record: RequestRecord) -> str:
    """Return what the server answered, in a few words."""
    what = f"{record.status or 'nothing'}"
    if record.outcome not in ("answered", "refused"):
        what += f", {record.outcome}"
    if record.fault:
        return f"{what}  [{record.fault}]"
    return f"{what}  {one_line(record.answer, 50)}"
