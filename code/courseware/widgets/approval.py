"""The approval panel: shows what a run waits for, and resumes the run on the click."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import is_invalid_resume

from courseware.runtime.unattended import unattended
from courseware.widgets._face import Face
from courseware.widgets._frame import widget_bundle
from courseware.widgets._outcome import Card, Outcome, complaints, decision_words, describe
from courseware.widgets._standing import Follower, Standing
from courseware.widgets._thread import (
    AnyGraph,
    NoCheckpointer,
    NotWaiting,
    PanelError,
    claim,
    run_sync,
)

__all__ = ["ApprovalPanel", "Follower"]

_panels: weakref.WeakSet[ApprovalPanel] = weakref.WeakSet()
_at: dict[str, weakref.WeakSet[ApprovalPanel]] = {}
"""The panels by the place of their thread."""


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
        self._standing = Standing(graph, config, options)
        self._config = self._standing.config
        self._view = view
        self._clock = clock
        self._lock = threading.RLock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._driver: Callable[[Card | None], None] | None = None
        self._closed = ""
        self._notice = ""
        self.cards: list[Card] = []
        """Every interrupt this panel has seen, in order."""
        self._face = Face(title, self._standing, self)
        self._face.on_again(lambda: self.click(self.refresh))
        self.widget = self._face.widget
        self._loop = _running_loop()
        _panels.add(self)
        try:
            self._standing.require_checkpointer()
        except NoCheckpointer as error:
            self._notice = str(error)
            self._draw()
            return
        if not self._standing.port.needs_loop:
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
        return dict(self._standing.values)

    def refresh(self) -> None:
        """Read the thread again, for example after another program has run it."""
        self._run(self._read())

    async def load(self) -> None:
        """Read the thread; needed before use only for a graph that runs in an event loop.

        Raises:
            NoCheckpointer: the graph has none.
        """
        self._standing.require_checkpointer()
        await self._read()

    async def moved(self) -> bool:
        """Tell whether the thread was run elsewhere since this panel last read it."""
        return await self._standing.moved()

    async def _read(self) -> None:
        await self._standing.read()
        if self._standing.place is not None:
            _at.setdefault(self._standing.place.key, weakref.WeakSet()).add(self)
        self._take()
        self._draw()

    def _take(self) -> None:
        """Adopt the newest state: cards for new interrupts, and none that has gone."""
        self._notice = ""
        ids = {request.id for request in self._standing.requests}
        for card in self.waiting:
            if card.request.id not in ids:
                card.state = "gone"
                card.message = "Decided elsewhere."
        known = {card.request.id for card in self.cards if card.state in ("waiting", "sent")}
        new = [request for request in self._standing.requests if request.id not in known]
        self.cards += map(Card, new)

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
            card.message, card.at_field = "", False
            if not card.complete:
                self._draw()
                return True
            card.state = "sent"
        self._face.view_of(card).draw_sent()
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
        return self._face.view_of(card).press(ask, answer)

    async def carry_out(self, card: Card) -> Outcome:
        """Resumes the run with the answers of `card`, once, and records what came of it."""
        answers = [card.answers[index] for index in range(len(card.request.asks))]
        words = "; ".join(map(decision_words, card.request.asks, answers))
        outcome = Outcome(words, at=self._clock())
        card.outcome = outcome
        standing = self._standing
        try:
            async with claim(await standing.locate(), standing.port.needs_loop):
                await standing.check(card.request)
                error = await standing.resume(card.request, answers, outcome, self._view)
                self._settle(card, error)
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

    def _settle(self, card: Card, error: Exception | None) -> None:
        refused = complaints(error) if error is not None and is_invalid_resume(error) else []
        if refused:  # before anything was saved: the form is opened again as it was filled
            card.state, card.answers, card.outcome = "waiting", {}, None
            words = "; ".join(f"{name}: {why}" if name else why for name, why in refused)
            card.message = f"Not accepted: {words.rstrip('.')}."
        else:
            card.state = "failed" if error is not None else "done"
        self._take()
        if refused:
            self._face.view_of(card).refuse(refused)
        self._draw()

    async def _refused(self, card: Card, error: PanelError) -> None:
        """Say that a decision came too late, or at a bad moment; execute nothing."""
        with contextlib.suppress(Exception):
            await self._standing.read()
            self._take()
        card.answers = {}
        card.state = "gone" if isinstance(error, NotWaiting) else "waiting"
        card.message = f"Nothing was executed: {error}."
        self._draw()

    # how it is run ---------------------------------------------------------------------------

    def _run(self, work: Any) -> None:
        if not self._standing.port.needs_loop:
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
        place = self._standing.place
        for other in list(_at.get(place.key, ())) if place is not None else ():
            if other is self or other._closed:
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

    def _draw(self) -> None:
        self._face.draw(self.cards, self._notice, self._closed)

    def text(self) -> str:
        """Return the panel as plain text, the same every run."""
        return self._face.text(self.cards, self._notice, self._closed)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return {"text/plain": self.text()}
        return widget_bundle(self.widget, self.text())


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
