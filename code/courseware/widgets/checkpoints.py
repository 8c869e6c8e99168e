"""The checkpoint explorer: a thread's history as a scrubber, and forks from any step."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
from langchain_core.runnables import RunnableConfig
from langgraph.errors import InvalidUpdateError

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import (
    Static,
    markup,
    panel,
    status_html,
    widget_bundle,
)
from courseware.widgets._history import (
    Step,
    history_picture,
    steps_of,
)
from courseware.widgets._history_words import history_text, ran_since, state_html
from courseware.widgets._namespaces import PARENT, namespaces
from courseware.widgets._range import Range
from courseware.widgets._text import visible
from courseware.widgets._thread import (
    AnyGraph,
    PanelError,
    needs_loop,
    run_sync,
    thread_config,
    thread_name,
)

REST = 0.5
"""Seconds after a run in which a press counts as the second half of a double click."""


class CheckpointExplorer:
    """Shows what a checkpointer holds of a thread, step by step, and forks from any step.

    Move the scrubber, read the state and what changed, write changes as JSON if you like, and press
    *Fork from here and run on*. The old line of events stays: a fork is a new branch.

    The checkpoints of subgraphs lie in namespaces of their own: choose one beside *Look into*, or
    call `look_into("research")`. Inside a subgraph the explorer only looks.

    Works with any compiled graph and any checkpointer. For an asynchronous one, write
    `await CheckpointExplorer(graph, config).load()`.

    Args:
        graph: compiled with a checkpointer.
        config: names the thread.
        at: the position to show first; default: the newest.
        read_only: only look; nothing can be forked.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        graph: AnyGraph,
        config: RunnableConfig | Mapping[str, Any],
        *,
        at: int | None = None,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._graph = graph
        self._clock, self._ended = clock, float("-inf")
        self._read_only = read_only
        self._config = thread_config(config)
        self._async = needs_loop(graph)
        self._inside, self._offering = "", False
        self.steps: list[Step] = []
        self.at = 0
        self.namespaces: dict[str, str] = {}
        self._build()
        if not self._async:
            run_sync(self._load())
            self.go(len(self.steps) - 1 if at is None else at)

    async def load(self) -> CheckpointExplorer:
        """Read the history again; needed once, first, for an asynchronous checkpointer."""
        await self._load()
        self.go(len(self.steps) - 1)
        return self

    def refresh(self) -> None:
        """Read the history again, and stay where it is."""
        self._synchronous()
        run_sync(self._load())
        self.go(self.at)

    # --- what it shows ---------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step under the scrubber.

        Raises:
            PanelError: the thread has no checkpoint.
        """
        if not self.steps:
            raise PanelError(f"thread {thread_name(self._config)!r} has no checkpoint yet")
        return self.steps[self.at]

    def go(self, position: int) -> CheckpointExplorer:
        """Move the scrubber; positions beyond the ends mean the ends."""
        self.at = max(0, min(position, len(self.steps) - 1))
        self._draw()
        return self

    def look_into(self, name: str = PARENT) -> CheckpointExplorer:
        """Show the checkpoints of a subgraph, by a name of `namespaces`.

        ``research`` means the newest call of that subgraph; without a name, the graph itself.

        Raises:
            PanelError: nothing is stored under this name.
        """
        self._synchronous()
        self._point_at(name)
        run_sync(self._load())
        return self.go(len(self.steps) - 1)

    def _point_at(self, name: str) -> None:
        found = [full for full in self.namespaces if full.split(", call")[0] == name]
        full = name if name in self.namespaces else found[-1] if found else ""
        if not full:
            raise PanelError(f"nothing is stored under {name!r}: {', '.join(self.namespaces)}")
        configurable = {**self._config["configurable"], "checkpoint_ns": self.namespaces[full]}
        self._config = {**self._config, "configurable": configurable}
        self._inside = "" if full == PARENT else full

    def fork(
        self, changes: Mapping[str, Any] | None = None, *, at: int | None = None
    ) -> dict[str, Any]:
        """Goes back to a step, changes its state, and run on from there, as a new branch.

        Args:
            changes: an update, as a node would return it (reducers apply); nothing: replay.
            at: the step to fork from; default: the one under the scrubber.

        Returns:
            The state's values at the end of the new branch.
        """
        self._synchronous()
        return run_sync(self._fork(changes or {}, at))

    async def afork(
        self, changes: Mapping[str, Any] | None = None, *, at: int | None = None
    ) -> dict[str, Any]:
        """Like `fork`, for an asynchronous graph."""
        return await self._fork(changes or {}, at)

    async def _fork(self, changes: Mapping[str, Any], at: int | None) -> dict[str, Any]:
        if self._read_only:
            raise PanelError("this explorer only looks: make one without read_only=True to fork")
        if self._inside:
            # LangGraph would run the subgraph again from its start: langgraph issue 8458
            raise PanelError("a subgraph is forked from its parent: look into the graph itself")
        if at is not None:
            self.go(at)
        step = self.step
        config = step.config
        known = [key for key in self._graph.channels if ":" not in key and key[:2] != "__"]
        for key in changes:
            if key not in known and known:
                # LangGraph would leave it out without a word.
                raise PanelError(f"the state has no key {key!r}; it has {', '.join(known)}")
        if changes and step.next == ("__start__",):
            raise PanelError(  # LangGraph would take the changes instead of the input
                "the input has only just arrived here, and there is no state yet to change: "
                "change it at the next checkpoint, or leave the changes empty"
            )
        if changes:
            config = await self._update(step, dict(changes))
        elif not step.next:
            raise PanelError("nothing comes after this step: change the state, or go further back")
        if self._async:
            values = await self._graph.ainvoke(None, config)
        else:
            values = self._graph.invoke(None, config)
        await self._load()
        self.go(len(self.steps) - 1)
        return dict(values) if isinstance(values, Mapping) else {"value": values}

    async def _update(self, step: Step, changes: dict[str, Any]) -> RunnableConfig:
        try:
            return await self._write(step.config, changes, None)
        except InvalidUpdateError:
            # Several nodes wrote this step, so LangGraph cannot tell whose update this is.
            if not step.wrote:
                raise
            return await self._write(step.config, changes, step.wrote[-1])

    async def _write(
        self, config: RunnableConfig, changes: dict[str, Any], node: str | None
    ) -> RunnableConfig:
        if self._async:
            return await self._graph.aupdate_state(config, changes, as_node=node)
        return self._graph.update_state(config, changes, as_node=node)

    def _synchronous(self) -> None:
        if self._async:
            raise PanelError("this graph is asynchronous: use `await explorer.afork(...)`")

    async def _load(self) -> None:
        self.namespaces = await namespaces(self._graph, self._config, is_async=self._async)
        self._offer_namespaces()
        if self._async:
            found = [item async for item in self._graph.aget_state_history(self._config)]
        else:
            found = list(self._graph.get_state_history(self._config))
        self.steps = steps_of(found[::-1])

    # --- as a widget -----------------------------------------------------------------------

    def _build(self) -> None:
        wide = ipywidgets.Layout(width="100%")
        self._picture = markup("")
        self._state = markup("")
        self._message = markup("")
        self.slider = Range("Checkpoint", high=0, live=True)
        self.back = ipywidgets.Button(description="◀ Back", layout={"width": "auto"})
        self.forth = ipywidgets.Button(description="Forward ▶", layout={"width": "auto"})
        self.changes = ipywidgets.Textarea(
            value="", placeholder='{"total": 1200}', rows=2, layout=wide,
            description="Changes (JSON; an update, as a node would return it; may be left empty)",
            style={"description_width": "initial"},
        )  # fmt: skip
        self.button = ipywidgets.Button(
            description="Fork from here and run on",
            button_style="primary",
            layout=ipywidgets.Layout(width="auto", align_self="flex-start"),
        )
        self.slider.observe(self._scrubbed, names="value")
        self.where = ipywidgets.Dropdown(
            description="Look into", layout=ipywidgets.Layout(display="none", width="auto"),
            style={"description_width": "initial"},
        )  # fmt: skip
        self.where.observe(self._chosen, names="value")
        self.back.on_click(lambda _: self.go(self.at - 1))
        self.forth.on_click(lambda _: self.go(self.at + 1))
        self.button.on_click(self._pressed)
        row = ipywidgets.HBox([self.back, self.slider, self.forth], layout=wide)
        row.add_class("ap-scrubber")
        self.changes.add_class("ap-changes")
        forking = [] if self._read_only else [self.changes, self.button]
        self.widget = panel(
            self.where, self._picture, row, self._state, *forking, self._message,
            label="Checkpoint explorer",
        )  # fmt: skip

    def _offer_namespaces(self) -> None:
        here = self._inside or PARENT
        self._offering = True  # what is set here was not chosen by anybody
        self.where.options = list(self.namespaces)
        self.where.value = here if here in self.namespaces else PARENT
        self.where.layout.display = "" if len(self.namespaces) > 1 else "none"
        self._offering = False

    def _chosen(self, change: Any) -> None:
        if self._offering or change["new"] is None or change["new"] == (self._inside or PARENT):
            return
        self._point_at(change["new"])
        if self._async:
            self._loading = asyncio.ensure_future(self.load())
        else:
            run_sync(self._load())
            self.go(len(self.steps) - 1)

    def _scrubbed(self, change: Any) -> None:
        if change["new"] != self.at:
            self.at = int(change["new"])
            self._draw()

    def _pressed(self, _button: Any) -> None:
        if self.button.disabled or self._clock() - self._ended < REST:
            return
        self.button.disabled = True
        self._say("Running on …", "▶")
        work = self._from_form()
        if self._async:
            self._task = asyncio.ensure_future(work)
        else:
            run_sync(work)

    async def _from_form(self) -> None:
        text = self.changes.value.strip()
        start = self.at
        try:
            changes = json.loads(text) if text else {}
            if not isinstance(changes, dict):
                raise PanelError('the changes must be an object, like {"total": 1200}')
            await self._fork(changes, None)
        except json.JSONDecodeError as error:
            self._say(f"The changes are not JSON: {error}", "✗", urgent=True)
        except PanelError as error:
            said = str(error)
            self._say(f"{said[:1].upper()}{said[1:]}.", "✗", urgent=True)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if "closed" in said:  # every driver says it in its own words
                said = "The checkpointer is closed by now. Open it again, and run this cell again."
            self._say(said, "✗", urgent=True)
        else:
            self.changes.value = ""
            lane = self.step.lane
            branched = lane != self.steps[start].lane
            where = f"the new branch {lane} ends here" if branched else "the thread ends here now"
            ran = ", ".join(ran_since(self.steps, self.at, start))
            done = f"Run on from checkpoint {start}; {where}. Nodes that ran: {ran}."
            self._say(done if ran else f"Changed at checkpoint {start}; {where}.", "✓")
            self._ended = self._clock()
        finally:
            self.button.disabled = False

    def _say(self, text: str, mark: str, *, urgent: bool = False) -> None:
        self._message.value = status_html(text, mark, urgent)

    def _draw(self) -> None:
        last = max(0, len(self.steps) - 1)
        if self.slider.max != last:
            self.slider.max = last
        if self.slider.value != self.at:
            self.slider.value = self.at
        self.back.disabled = self.at == 0
        self.forth.disabled = self.at >= last
        self.button.disabled = not self.steps
        self._picture.value = self.svg
        self._state.value = state_html(self.step if self.steps else None)

    @property
    def svg(self) -> str:
        """The history as a picture: one dot a checkpoint, one line a branch."""
        return history_picture(self.steps, self.at, self.title)

    @property
    def title(self) -> str:
        """The thread and how much is stored of it."""
        number = len(self.steps)
        branches = max((step.lane for step in self.steps), default=0)
        forks = f", {branches} fork{'s' if branches > 1 else ''}" if branches else ""
        plural = "" if number == 1 else "s"
        name = visible(thread_name(self._config))
        if self._inside:
            name += f", inside {visible(self._inside)}"
        return f"Thread {name}: {number} checkpoint{plural}{forks}"

    def text(self) -> str:
        """History and chosen state in words, the same every run."""
        return history_text(self.steps, self.at, self.title)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            state = self.text().split("\n")[1 + len(self.steps) :]
            return dict(
                Static(
                    self.text(), history_picture(self.steps, self.at, self.title, state)
                ).bundle()
            )
        return widget_bundle(self.widget, self.text())
