"""Waiting for a human in a cell, so that later cells see what was decided."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from langchain_core.runnables import RunnableConfig

from courseware.runtime.unattended import unattended
from courseware.widgets._card_text import ask_text
from courseware.widgets._comms import kept_when_run_again
from courseware.widgets._frame import show, widget_bundle
from courseware.widgets._outcome import Card, decision_words
from courseware.widgets._thread import AnyGraph, PanelError, thread_name
from courseware.widgets.approval import ApprovalPanel, Follower
from courseware.widgets.graph import GraphView

STOPPED = "The waiting was stopped, and nothing was decided. Run the cell again to decide."

SLICE = 0.3
"""Seconds after which a waiting cell looks up, so that the stop button gets through."""


class WaitingStopped(PanelError):
    """The stop button ended the waiting; nothing was decided."""

    def __init__(self) -> None:
        super().__init__(STOPPED)

    def _render_traceback_(self) -> list[str]:
        """Return one word, since nothing went wrong and the panel says the rest."""
        return ["Stopped."]


class ScriptExhausted(PanelError):
    """Nobody is there, and the script has no decision for what waits."""


async def decide(
    graph: AnyGraph,
    config: RunnableConfig | Mapping[str, Any],
    script: Iterable[Any] = (),
    *,
    view: Follower | None = None,
    title: str = "Approval",
    **options: Any,
) -> dict[str, Any]:
    """Show what a thread waits for, waits for the human, and resumes the run.

    Write ``state = await decide(graph, config, script=[...])`` as a cell: it ends when nothing
    waits any more, so *Run All* pauses there and later cells see the result. The stop button
    ends the waiting, and the cell can be run again.

    When nobody is there (see `runtime.unattended`), the decisions of `script` are pressed
    one after another through the same buttons, and the text says so.

    Args:
        graph: a compiled graph with a checkpointer.
        config: names the thread.
        script: decisions (`approve()`, `reject("why")`, `edit(...)`, `respond("text")`) for a
            run with nobody there, in the order in which they are asked; for a question also a
            plain string, for a form a dictionary.
        view: a `GraphView` to light up while the run goes on.
        title: heading of the panel.
        options: passed on to the graph's `stream`, for example ``durability="sync"``.

    Returns:
        The values of the thread's state once nothing waits.

    Raises:
        WaitingStopped: the stop button was pressed while the cell waited.
        ScriptExhausted: unattended, and the script ended while something still waited.
        NoCheckpointer: the graph has none.
        NoThread: `config` has no ``thread_id``.
        Exception: whatever the graph raised after a decision; the panel shows it too.
    """
    panel = ApprovalPanel(graph, config, title=title, view=view, **options)
    await panel.load()
    picture = view if isinstance(view, GraphView) else None
    if unattended():
        state = await _scripted(panel, deque(script))
        if picture is not None:
            picture.show_result()
        return state
    if picture is not None:
        picture.show_once()
    return await _attended(panel)


async def _attended(panel: ApprovalPanel) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    decided: asyncio.Queue[Card | None] = asyncio.Queue()
    panel.attach(lambda card: _hand_over(loop, decided, card))
    show(panel.widget, text=panel.text())
    try:
        with kept_when_run_again(lambda: widget_bundle(panel.widget, panel.text())):
            while panel.unsettled:
                try:
                    card = await _next(decided, panel)
                except (asyncio.CancelledError, KeyboardInterrupt):
                    raise WaitingStopped from None
                if card is None:
                    await panel.load()
                    continue
                outcome = await panel.carry_out(card)
                if outcome.error is not None and card.state == "failed":
                    raise outcome.error
    except WaitingStopped:
        panel.close(STOPPED)
        raise
    except BaseException:
        panel.close("Run the cell again to go on from here.")
        raise
    return panel.values


def _hand_over(
    loop: asyncio.AbstractEventLoop, decided: asyncio.Queue[Card | None], card: Card | None
) -> None:
    loop.call_soon_threadsafe(decided.put_nowait, card)


async def _next(decided: asyncio.Queue[Card | None], panel: ApprovalPanel) -> Card | None:
    """Return the next decided card, or None where somebody else has moved the thread on.

    It looks up every `SLICE`: so the stop button gets through, and a decision that another
    process has carried out is heard of.
    """
    getting = asyncio.ensure_future(decided.get())
    try:
        while True:
            done, _ = await asyncio.wait({getting}, timeout=SLICE)
            if done:
                return getting.result()
            with suppress(Exception):  # a store that cannot be reached now may be in a moment
                if await panel.moved():
                    return None
    finally:
        getting.cancel()


async def _scripted(panel: ApprovalPanel, script: deque[Any]) -> dict[str, Any]:
    decided: deque[Card | None] = deque()
    panel.attach(decided.append)
    shown: set[str] = set()
    if not panel.waiting:
        print(panel.text())
    while panel.waiting:
        card = panel.waiting[0]
        index = next(i for i in range(len(card.request.asks)) if i not in card.answers)
        ask = card.request.asks[index]
        key = f"{card.request.id}:{index}"
        if key not in shown:
            print(f"Waits for a decision, thread {thread_name(panel._config)}:")
            print(ask_text(ask))
            shown.add(key)
        if not script:
            raise ScriptExhausted(
                f"nobody is there to press a button, and the script has no decision left for "
                f"{ask.title!r} in thread {thread_name(panel._config)!r}; "
                f"add one to script=[...]: {', '.join(ask.allowed)}"
            )
        answer = script.popleft()
        if not panel.fill_and_press(card, answer, index):
            print(f"  Scripted decision, not taken. {card.message}")
            continue
        print(f"  Scripted decision: {decision_words(ask, card.answers[index])}")
        while decided:
            taken = decided.popleft()
            if taken is None:
                await panel.load()
                continue
            outcome = await panel.carry_out(taken)
            if taken.state == "failed" and outcome.error is not None:
                print(f"  {outcome.summary()}")
                raise outcome.error
            print(f"  {taken.message or outcome.summary()}")
    if script:
        plural = "decision was" if len(script) == 1 else "decisions were"
        print(f"  {len(script)} scripted {plural} not needed.")
    return panel.values
