"""The approval panel: shows what a run waits for, and resumes the run on the click."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import ipywidgets
from langchain_core.runnables import RunnableConfig
from langgraph.errors import is_invalid_resume
from langgraph.types import Command, StateSnapshot

from courseware.runtime.unattended import unattended
from courseware.widgets._card import CardView
from courseware.widgets._card_text import card_text, waiting_requests
from courseware.widgets._frame import (
    labelled_button,
    markup,
    panel,
    register_style,
    status_html,
    widget_bundle,
)
from courseware.widgets._outcome import (
    Card,
    Outcome,
    _listing,
    complaints,
    decision_words,
    describe,
)
from courseware.widgets._requests import Request
from courseware.widgets._text import escape
from courseware.widgets._thread import (
    AnyGraph,
    Event,
    NoCheckpointer,
    NotWaiting,
    PanelError,
    Place,
    Port,
    claim,
    place_of,
    port,
    run_sync,
    thread_config,
    thread_name,
)


class Follower(Protocol):
    """Something that is told what a run streams, such as a graph view."""

    def begin(self) -> None:
        """Begin a run."""

    def follow(self, event: Event) -> None:
        """Follow what the run streams."""

    def end(self, error: BaseException | None, due: Iterable[str] = ()) -> None:
        """End the run, perhaps with `error`; the nodes that are `due` come next."""


_panels: weakref.WeakSet[ApprovalPanel] = weakref.WeakSet()


class ApprovalPanel:
    """Shows what a thread waits for, and resumes it with what is decided, exactly once.

    Display it as the last value of a cell, or `await decide(...)` where later cells need the
    decision. Every button ends in `press`, and so does every scripted decision.

    Args:
        graph: a compiled graph with a checkpointer.
        config: names the thread; a ``checkpoint_id`` in it is ignored, since only the newest
            state of a thread waits for anybody.
        title: heading of the panel.
        view: a `GraphView` (or any `Follower`) to light up while the run goes on.
        clock: tells the time of a decision.
        options: passed on to the graph's `stream`, for example ``durability="sync"``.

    Raises:
        NoThread: `config` has no ``thread_id``.
    """

    def __init__(
        self,
        graph: AnyGraph,
        config: RunnableConfig | Mapping[str, Any],
        *,
        title: str = "Approval",
        view: Follower | None = None,
        clock: Callable[[], datetime] = datetime.now,
        **options: Any,
    ) -> None:
        self._graph = graph
        self._config = thread_config(config)
        self._title = title
        self._view = view
        self._clock = clock
        self._port: Port = port(graph, self._config, **options)
        self._lock = threading.RLock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._driver: Callable[[Card | None], None] | None = None
        self._place: Place | None = None
        self._closed = ""
        self._notice = ""
        self._loaded = False
        self.cards: list[Card] = []
        """Every interrupt this panel has seen, in order."""
        self._values: dict[str, Any] = {}
        self._next: tuple[str, ...] = ()
        self._exists = False
        self._views: dict[str, CardView] = {}
        self._head = markup("")
        self._foot = markup("")
        self._again = labelled_button("Look again", "again")
        self._again.tooltip = "Reads the thread once more"
        self._again.on_click(lambda _button: self.click(self.refresh))
        self._again.layout.align_self = "flex-start"
        self._body = ipywidgets.VBox([])
        self.widget = panel(self._head, self._body, self._foot, self._again)
        self.widget.add_class("ap-approval")
        self._loop = _running_loop()
        _panels.add(self)
        if graph.checkpointer is None or graph.checkpointer is False:
            self._notice = str(NoCheckpointer())
            self._draw()
        elif not self._port.needs_loop:
            run_sync(self._read())
        elif self._loop is not None:
            self._spawn(self._read())
        else:
            asyncio.run(self._read())

    # what is there ---------------------------------------------------------------------------

    @property
    def waiting(self) -> list[Card]:
        """The interrupts that still wait, in order."""
        return [card for card in self.cards if card.state == "waiting"]

    @property
    def unsettled(self) -> bool:
        """Something waits, or was decided and is not carried out yet."""
        return any(card.state in ("waiting", "sent") for card in self.cards)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the thread's state when it was last read."""
        return dict(self._values)

    def refresh(self) -> None:
        """Read the thread again, for example after another program has run it."""
        self._run(self._read())

    async def load(self) -> None:
        """Read the thread; needed before use only for a graph that runs in an event loop.

        Raises:
            NoCheckpointer: the graph has none.
        """
        if self._graph.checkpointer is None or self._graph.checkpointer is False:
            raise NoCheckpointer
        await self._read()

    async def _read(self) -> None:
        self._take(await self._port.state())
        await self._locate()
        self._draw()

    async def _locate(self) -> Place:
        if self._place is None:
            self._place = await place_of(self._graph, self._config)
        return self._place

    def _take(self, snapshot: StateSnapshot) -> None:
        """Adopts the newest state: cards for new interrupts, and none that has gone."""
        values = snapshot.values
        self._values = dict(values) if isinstance(values, Mapping) else {"value": values}
        self._next = snapshot.next
        self._exists = snapshot.created_at is not None
        self._loaded = True
        self._notice = ""
        requests = waiting_requests(snapshot)
        ids = {request.id for request in requests}
        for card in self.cards:
            if card.state == "waiting" and card.request.id not in ids:
                card.state = "gone"
                card.message = "Decided elsewhere."
        known = {card.request.id for card in self.cards if card.state in ("waiting", "sent")}
        self.cards += [Card(request) for request in requests if request.id not in known]

    # deciding --------------------------------------------------------------------------------

    def press(self, card: Card, answer: Any, ask: int = 0) -> bool:
        """Return what every button does: decides one ask of one card.

        Returns whether the decision was taken; a second press on a decided card is not.
        When the last ask of the card is decided, the run goes on.
        """
        with self._lock:
            if self._closed:
                card.message = self._closed
                self._draw()
                return False
            if card.state != "waiting":
                return False
            card.answers[ask] = answer
            card.message = ""
            if not card.complete:
                self._draw()
                return True
            card.state = "sent"
        self._draw()
        if self._driver is not None:
            self._driver(card)
        else:
            self._run(self.carry_out(card))
        return True

    def take_back(self, card: Card, ask: int) -> None:
        """Open a decided ask of a card again, while the others have not been decided."""
        with self._lock:
            if card.state == "waiting":
                card.answers.pop(ask, None)
        self._draw()

    def fill_and_press(self, card: Card, answer: Any, ask: int = 0) -> bool:
        """Presses the very buttons a human would press to give `answer`.

        Returns whether the decision was taken; where it was not, `card.message` says why.
        """
        return self._view_of(card).press(ask, answer)

    async def carry_out(self, card: Card) -> Outcome:
        """Resumes the run with the answers of `card`, once, and records what came of it."""
        answers = [card.answers[index] for index in range(len(card.request.asks))]
        words = "; ".join(map(decision_words, card.request.asks, answers))
        outcome = Outcome(words, at=self._clock())
        card.outcome = outcome
        try:
            async with claim(await self._locate(), self._port.needs_loop):
                before = await self._port.state()
                self._check(before, card.request)
                await self._resume(card, answers, outcome)
        except PanelError as error:
            card.outcome = None
            await self._refused(card, error)
            outcome.error = error
        except BaseException as stop:
            card.state = "failed"
            stopped = stop if isinstance(stop, Exception) else KeyboardInterrupt("stopped")
            outcome.error = outcome.error or stopped
            card.message = "The run was stopped. Look again to see where it stands."
            self._draw()
            raise
        self._tell_others()
        return outcome

    def _check(self, snapshot: StateSnapshot, request: Request) -> None:
        if request.id in {waiting.id for waiting in waiting_requests(snapshot)}:
            return
        if snapshot.created_at is None:
            raise NotWaiting(
                f"the thread {thread_name(self._config)!r} does not exist in this checkpointer"
            )
        if snapshot.next:
            raise NotWaiting("this was decided before; the run has gone on to another step")
        raise NotWaiting("this was decided before; the run is finished")

    async def _resume(self, card: Card, answers: list[Any], outcome: Outcome) -> None:
        request = card.request
        command: Any = None
        if request.asks[0].kind not in ("breakpoint", "retry"):
            command = Command(resume={request.id: request.resume_value(answers)})
        before = dict(self._values)
        error: Exception | None = None
        refused: list[tuple[str, str]] = []
        if self._view is not None:
            self._view.begin()
        try:
            async for event in self._port.events(command, inner=self._view is not None):
                namespace, mode, data = event
                if mode == "tasks" and not namespace and _finished(data):
                    outcome.nodes.append(str(data["name"]))
                if self._view is not None:
                    self._view.follow(event)
        except Exception as failure:
            error = outcome.error = failure
        except BaseException as stop:
            if self._view is not None:
                self._view.end(stop)
            raise
        snapshot = await self._port.state()
        if self._view is not None:
            self._view.end(error, () if error is not None else snapshot.next)
        if error is not None and is_invalid_resume(error):
            refused = complaints(error)
            self._reopen(card, refused, snapshot)
        else:
            card.state = "failed" if error is not None else "done"
        self._take(snapshot)
        outcome.finished = error is None and not snapshot.next
        outcome.changes = {
            name: value
            for name, value in self._values.items()
            if name not in before or not _same(before[name], value)
        }
        self._draw()
        self._view_of(card).mark([name for name, _ in refused])

    def _reopen(
        self, card: Card, problems: Sequence[tuple[str, str]], snapshot: StateSnapshot
    ) -> None:
        """Reopen the forms as they were filled: the graph refused the answer before saving it."""
        card.state, card.answers, card.outcome = "waiting", {}, None
        words = "; ".join(f"{name}: {why}" if name else why for name, why in problems)
        card.message = f"Not accepted: {words.rstrip('.')}."
        if self._view is not None:
            for task in snapshot.tasks:
                if task.interrupts:
                    asked = {"name": task.name, "interrupts": list(task.interrupts), "error": None}
                    self._view.follow(((), "tasks", {"id": task.id, "result": {}, **asked}))

    async def _refused(self, card: Card, error: PanelError) -> None:
        """Say that a decision came too late, or at a bad moment; execute nothing."""
        with contextlib.suppress(Exception):
            self._take(await self._port.state())
        card.answers = {}
        if isinstance(error, NotWaiting):
            card.state = "gone"
        else:
            card.state = "waiting"
        card.message = f"Nothing was executed: {error}."
        self._draw()

    # how it is run ---------------------------------------------------------------------------

    def _run(self, work: Any) -> None:
        if not self._port.needs_loop:
            run_sync(work)
            return
        here, home = _running_loop(), self._loop
        if home is not None and home is not here and home.is_running():
            home.call_soon_threadsafe(self._spawn, work)
        elif here is not None:
            self._spawn(work)
        else:
            asyncio.run(work)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._notice = describe(task.exception() or RuntimeError())
            self._draw()

    def click(self, action: Callable[[], Any]) -> None:
        """Run a button's action; what goes wrong is shown, since nobody sees it otherwise."""
        try:
            action()
        except Exception as error:
            self._notice = describe(error)
            self._draw()

    def _tell_others(self) -> None:
        for other in list(_panels):
            if other is self or other._closed or other._place is None or self._place is None:
                continue
            if other._place.key != self._place.key:
                continue
            with contextlib.suppress(Exception):
                if other._driver is not None:
                    other._driver(None)
                else:
                    other._run(other._read())

    def attach(self, driver: Callable[[Card | None], None]) -> None:
        """Hands decided cards to `driver`, which carries them out, instead of doing it here.

        It gets None where another panel has moved the thread on: then it is to `load` this one.
        """
        self._driver = driver

    def close(self, message: str) -> None:
        """Take no more decisions; a press shows `message`."""
        with self._lock:
            self._closed = message
            self._driver = None
        self._draw()

    # how it looks ----------------------------------------------------------------------------

    def _view_of(self, card: Card) -> CardView:
        key = f"{id(card)}"
        if key not in self._views:
            self._views[key] = CardView(self, card)
        return self._views[key]

    def _draw(self) -> None:
        views = [self._view_of(card) for card in self.cards]
        for view in views:
            view.draw(closed=bool(self._closed))
        boxes = tuple(view.widget for view in views)
        if self._body.children != boxes:
            self._body.children = boxes
        self._head.value = self._head_html()
        self._foot.value = self._foot_html()
        done = bool(self.cards) and self._badge()[1].endswith("Finished")
        idle = not self.waiting and not any(card.state == "sent" for card in self.cards)
        show_again = idle and not self._closed and not done
        self._again.layout.display = "" if show_again else "none"

    def _badge(self) -> tuple[str, str]:
        if self._closed:
            return "stopped", "■ Stopped"
        if any(card.state == "sent" for card in self.cards):
            return "busy", "… Working"
        count = len(self.waiting)
        if count:
            return "wait", "? Waits for you" if count == 1 else f"? {count} wait for you"
        if self.cards and self.cards[-1].state == "failed":
            return "failed", "✗ Failed"
        if self._loaded and self._exists and not self._next:
            refused = bool(self.cards) and self.cards[-1].rejected
            return ("idle", "– Finished") if refused else ("done", "✓ Finished")
        return "idle", "– Nothing waits"

    def _head_html(self) -> str:
        kind, words = self._badge()
        thread = thread_name(self._config)
        return (
            f'<div class="ap-head"><span class="ap-title" role="heading" aria-level="3">'
            f"{escape(self._title)}</span> "
            f'<span class="ap-thread">thread <code>{escape(thread)}</code></span>'
            f'<span class="ap-badge ap-badge-{kind}">{escape(words)}</span></div>'
        )

    def _foot_html(self) -> str:
        if self._notice:
            return status_html(self._notice, "✗", urgent=True)
        if self._closed:
            return status_html(self._closed, "■")
        if not self._loaded or self.waiting or any(card.state == "sent" for card in self.cards):
            return ""
        return status_html(self._standing())

    def _standing(self) -> str:
        """Where the thread stands when nothing waits."""
        if not self._exists:
            return (
                f"There is no thread {thread_name(self._config)!r} here: start the run first, "
                "with the same thread_id and checkpointer."
            )
        if self._next:
            return f"The run stands before {_listing(self._next)}, and nothing waits for you."
        if self.cards:
            return ""
        return (
            "Nothing waits for a decision: the run is finished. "
            "To decide anew, run the cell that started this run."
        )

    def text(self) -> str:
        """Return the panel as plain text, the same every run."""
        lines = [f"{self._title}, thread {thread_name(self._config)}: {self._badge()[1][2:]}"]
        for card in self.cards:
            lines.append(card_text(card))
        rest = self._notice or self._closed or ("" if self.waiting else self._standing())
        if rest:
            lines.append(f"  {rest}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return {"text/plain": self.text()}
        return widget_bundle(self.widget, self.text())


def _finished(task: Mapping[str, Any]) -> bool:
    return "result" in task and not task["error"] and not task["interrupts"]


def _same(first: Any, second: Any) -> bool:
    try:
        return bool(first == second)
    except Exception:
        return False


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


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
