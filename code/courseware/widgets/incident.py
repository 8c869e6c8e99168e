"""One incident, live: traffic, faults, the breaker's timeline, and who answers, in one picture."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets

from agent_patterns.resilience import Kind, Policy, classify
from agent_patterns.resilience.diagnosis import Transition
from agent_patterns.resilience.errors import AllLinksFailedError
from agent_patterns.testing import FakeClock
from courseware.runtime.unattended import unattended
from courseware.widgets._frame import (
    Static,
    labelled_button,
    markup,
    panel,
    register_style,
    status_html,
    widget_bundle,
)
from courseware.widgets._incident_log import NOBODY, Call, Log, incident_picture
from practice_model import Fault, PracticeServer
from practice_model.server.faults import Injection

FAULTS: dict[str, tuple[str, Callable[[], Fault] | None]] = {
    "well": ("All is well", None),
    "unavailable": ("503 unavailable", Fault.unavailable),
    "rate limit": ("429 rate limit", partial(Fault.rate_limit, None)),
    "drop": ("Dropped connections", Fault.drop),
    "slow": ("Slow answers", partial(Fault.slow, 1.5)),
    "unauthorized": ("401 key refused", Fault.unauthorized),
}
"""What the service can be told to do: label and fault."""

FRAME = 0.25
"""Seconds between two pictures."""
LONGEST = 600.0
"""Seconds after which the traffic pauses by itself."""
AT_ONCE = 6
"""Calls that may be under way at once."""

_RUNNING: weakref.WeakKeyDictionary[PracticeServer, Incident] = weakref.WeakKeyDictionary()


class Incident:
    """Traffic that runs by itself through a policy, against a service whose faults are switched.

    The calls are real: they go to the practice model, which shows real faults, through
    `agent_patterns.resilience`. Where somebody is there, *Start* sets the traffic going and the
    buttons switch the faults. With nobody there, `script` is played on a clock of its own, so that
    the picture is the same every run.

    Args:
        server: the practice model's server.
        ask: sends one question to the service and returns the answer.
        policy: makes the policy under test, given the clock that it has to go by.
        model: only requests for this model meet the faults; without it all do.
        script: seconds and faults (see `FAULTS`), such as ``[(5, "unavailable"), (17, "well")]``.
        seconds: how long the script is played.
        per_second: questions a second.
        window: seconds that the picture shows.
    """

    def __init__(
        self,
        server: PracticeServer,
        ask: Callable[[], Any],
        policy: Callable[[Callable[[], float]], Policy],
        *,
        model: str | None = None,
        script: Sequence[tuple[float, str]] = ((5, "unavailable"), (17, "well")),
        seconds: float = 30.0,
        per_second: float = 2.0,
        window: float = 40.0,
    ) -> None:
        for _, fault in script:
            _known(fault)
        self._server, self._ask, self._make = server, ask, policy
        self._where: dict[Any, str] = {"model": model} if model else {}
        self._script, self._seconds = sorted(script), seconds
        self._every, self._window = 1 / per_second, window
        self._injection: Injection | None = None
        self._task: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._fault = "well"
        self._picture = markup("")
        self._words = markup("")
        self._begin(time.monotonic)
        self.widget = self._panel()
        self._draw()

    def _begin(self, clock: Callable[[], float]) -> None:
        self._clock, self._zero = clock, clock()
        self._policy = self._make(clock)
        links = (self._policy.name, *(link.name for link in self._policy.fallbacks))
        self.log = Log(links)
        self._paused: float | None = None
        if self._policy.breaker is not None:
            self._policy.breaker.add_listener(partial(self._changed, self.log))

    def _changed(self, log: Log, change: Transition) -> None:
        at = change.at - self._zero
        log.changes.append(
            Transition(change.breaker, change.before, change.after, at, change.reason)
        )

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._zero

    # --- what can be pressed ----------------------------------------------------------------

    def start(self) -> None:
        """Set the traffic going; must be called where an event loop runs, as in a notebook."""
        if self._task is not None:
            return
        other = _RUNNING.get(self._server)
        if other is not None and other is not self:
            other.pause()
        _RUNNING[self._server] = self
        if not self.log.calls:
            self._begin(time.monotonic)
            self.switch(self._fault)
        elif self._paused is not None:
            self.log.pauses.append((self._paused, self.now))
        self._paused = None
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._show_running(True)

    def pause(self) -> None:
        """Let the traffic rest, and end the fault."""
        self.switch("well")
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._paused = self.now
        self._show_running(False)
        self._draw()

    def switch(self, fault: str) -> None:
        """Have the service show a fault from now on, or none.

        Raises:
            ValueError: there is no such fault.
        """
        label, make = _known(fault)
        if self._injection is not None:
            self._injection.remove()
            self._injection = None
        if make is not None:
            self._injection = self._server.inject(make(), rate=1.0, where=self._where or None)
        if (fault != "well") or self.log.faults:
            self.log.faults.append((self.now, "" if fault == "well" else label))
        self._fault = fault
        for name, button in getattr(self, "buttons", {}).items():
            button.button_style = "warning" if name == fault != "well" else ""
        self._draw()

    def again(self) -> None:
        """Forget what has happened, and begin with a fresh policy."""
        running = self._task is not None
        self.pause()
        self._begin(time.monotonic)
        self._draw()
        if running:
            self.start()

    def play(self) -> Incident:
        """Play the script at once, on a clock of its own."""
        clock = FakeClock()
        self._begin(clock)
        due = list(self._script)
        try:
            while self.now < self._seconds:
                while due and due[0][0] <= self.now:
                    self.switch(due.pop(0)[1])
                self._ask_once(self.log, self._policy)
                clock.advance(self._every)
        finally:
            if self._injection is not None:
                self._injection.remove()
                self._injection = None
        self._draw()
        return self

    # --- traffic ----------------------------------------------------------------------------

    async def _run(self) -> None:
        due = began = self._clock()
        try:
            while self._clock() - began < LONGEST:
                if self._clock() >= due and len(self._calls) < AT_ONCE:
                    due = max(due + self._every, self._clock())
                    self._send()
                self._draw()
                await asyncio.sleep(min(FRAME, max(due - self._clock(), 0.02)))
        finally:
            if self._task is asyncio.current_task():
                self._task = None
                self.pause()

    def _send(self) -> None:
        call = asyncio.get_running_loop().create_task(
            asyncio.to_thread(self._ask_once, self.log, self._policy)
        )
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def _ask_once(self, log: Log, policy: Policy) -> None:
        at, link, kind = self.now, NOBODY, None
        try:
            answer = policy.answer(self._ask)
            link = answer.link
            kind = answer.failures[0].verdict.kind if answer.failures else None
        except AllLinksFailedError as failed:
            kind = failed.failures[0].verdict.kind
        except Exception as error:  # of a policy without fallbacks: the user gets no answer
            kind = classify(error).kind
        asked = kind is not Kind.CIRCUIT_OPEN
        log.calls.append(Call(at, asked, kind.value if kind is not None and asked else "", link))

    # --- looks ------------------------------------------------------------------------------

    def _panel(self) -> Any:
        self.start_button = labelled_button("Start", "play", "primary")
        self.again_button = labelled_button("Start over", "again")
        self.start_button.on_click(lambda _: self.pause() if self._task else self.start())
        self.again_button.on_click(lambda _: self.again())
        self.buttons = {name: labelled_button(label) for name, (label, _) in FAULTS.items()}
        for name, button in self.buttons.items():
            button.on_click(partial(self._pressed, name))
            button.tooltip = f"The service: {button.description}"
        rows = (
            ipywidgets.HBox([self.start_button, self.again_button]),
            ipywidgets.HBox(list(self.buttons.values())),
        )
        for row in rows:
            row.add_class("ap-buttons")
        label = "An incident: traffic, faults, the breaker and the answers"
        return panel(*rows, self._picture, self._words, label=label)

    def _pressed(self, fault: str, _button: Any) -> None:
        self.switch(fault)

    def _show_running(self, runs: bool) -> None:
        self.start_button.description = "Pause" if runs else "Start"
        self.start_button.remove_class("ap-mark-play" if runs else "ap-mark-stop")
        self.start_button.add_class("ap-mark-stop" if runs else "ap-mark-play")

    def _draw(self) -> None:
        self._picture.value = self.svg
        breaker = self._policy.breaker
        lines = [] if breaker is None else str(breaker.diagnosis()).splitlines()
        told = "".join(f"<div>{status_html(line.strip())}</div>" for line in lines)
        self._words.value = f'<div class="ap-incident">{status_html(self.log.counts())}{told}</div>'

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        now = self.now if self._paused is None else self._paused
        return incident_picture(self.log, now if self.log.calls else 0.0, self._window)

    def text(self) -> str:
        """Return what has happened, in words."""
        return self.log.text(self.now if self._paused is None else self._paused)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if not unattended():
            return widget_bundle(self.widget, "An incident: press Start.")
        if not self.log.calls:
            self.play()
        return dict(Static(self.text(), self.svg).bundle())


def _known(fault: str) -> tuple[str, Callable[[], Fault] | None]:
    if fault not in FAULTS:
        raise ValueError(f"no fault {fault!r}; there are: {', '.join(FAULTS)}")
    return FAULTS[fault]


register_style(".ap-panel .ap-incident .ap-status { white-space:pre-wrap; margin:2px 0; }")
