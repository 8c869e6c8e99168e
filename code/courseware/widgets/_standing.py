"""Know where a thread stands, and run it on from there with a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from courseware.widgets._card_text import waiting_requests
from courseware.widgets._outcome import Outcome, _listing
from courseware.widgets._requests import Request
from courseware.widgets._thread import (
    AnyGraph,
    Event,
    Mark,
    NoCheckpointer,
    NotWaiting,
    Place,
    Port,
    place_of,
    port,
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


class Standing:
    """Hold one thread as it was when it was last read."""

    def __init__(
        self, graph: AnyGraph, config: RunnableConfig | Mapping[str, Any], options: dict[str, Any]
    ) -> None:
        self.graph = graph
        self.config = thread_config(config)
        self.port: Port = port(graph, self.config, **options)
        self.place: Place | None = None
        self.values: dict[str, Any] = {}
        self.next: tuple[str, ...] = ()
        self.exists = False
        self.loaded = False
        self.requests: list[Request] = []
        self._mark: Mark | None = None

    @property
    def name(self) -> str:
        """The thread's id."""
        return thread_name(self.config)

    @property
    def finished(self) -> bool:
        """The run is at its end."""
        return self.loaded and self.exists and not self.next

    def require_checkpointer(self) -> None:
        """Refuse a graph that keeps nothing.

        Raises:
            NoCheckpointer: the graph has none.
        """
        if self.graph.checkpointer is None or self.graph.checkpointer is False:
            raise NoCheckpointer

    async def locate(self) -> Place:
        """Return where the thread is kept."""
        if self.place is None:
            self.place = await place_of(self.graph, self.config)
        return self.place

    async def read(self) -> None:
        """Read the newest state."""
        mark = await self.port.mark()
        self._take(await self.port.state(), mark)
        await self.locate()

    async def moved(self) -> bool:
        """Tell whether anybody has saved anything in the thread since it was last read.

        One look-up of the newest checkpoint: cheap enough for several a second.
        """
        return await self.port.mark() != self._mark

    def _take(self, snapshot: StateSnapshot, mark: Mark) -> None:
        values = snapshot.values
        self.values = dict(values) if isinstance(values, Mapping) else {"value": values}
        self.next = snapshot.next
        self.exists = snapshot.created_at is not None
        self.loaded = True
        self.requests = waiting_requests(snapshot)
        self._mark = mark  # taken before the state: what comes in between is noticed

    async def check(self, request: Request) -> None:
        """Make sure that a request still waits.

        Raises:
            NotWaiting: it does not.
        """
        if await self.moved():
            await self.read()
        if request.id in {waiting.id for waiting in self.requests}:
            return
        if not self.exists:
            raise NotWaiting(f"the thread {self.name!r} does not exist in this checkpointer")
        if self.next:
            raise NotWaiting("this was decided before; the run has gone on to another step")
        raise NotWaiting("this was decided before; the run is finished")

    async def resume(
        self,
        request: Request,
        answers: list[Any],
        outcome: Outcome,
        view: Follower | None,
    ) -> Exception | None:
        """Run the thread on with the answers to a request; record what came of it."""
        command: Any = None
        if request.asks[0].kind not in ("breakpoint", "retry"):
            command = Command(resume={request.id: request.resume_value(answers)})
        before, error = dict(self.values), None
        if view is not None:
            view.begin()
        try:
            async for event in self.port.events(command, inner=view is not None):
                namespace, mode, data = event
                if mode == "tasks" and not namespace and _finished(data):
                    outcome.nodes.append(str(data["name"]))
                if view is not None:
                    view.follow(event)
        except Exception as failure:
            error = outcome.error = failure
        except BaseException as stop:
            if view is not None:
                view.end(stop)
            raise
        mark = await self.port.mark()
        snapshot = await self.port.state()
        self._take(snapshot, mark)
        if view is not None:
            view.end(error, () if error is not None else snapshot.next)
            _relight(view, snapshot, error)
        outcome.finished = error is None and not snapshot.next
        outcome.changes = {
            name: value
            for name, value in self.values.items()
            if name not in before or not _same(before[name], value)
        }
        return error

    def words(self, anything_decided: bool) -> str:
        """Say where the thread stands when nothing waits."""
        if not self.exists:
            return (
                f"There is no thread {self.name!r} here: start the run first, "
                "with the same thread_id and checkpointer."
            )
        if self.next:
            return f"The run stands before {_listing(self.next)}, and nothing waits for you."
        if anything_decided:
            return ""
        return (
            "Nothing waits for a decision: the run is finished. "
            "To decide anew, run the cell that started this run."
        )


def _relight(view: Follower, snapshot: StateSnapshot, error: Exception | None) -> None:
    """Show what waits still, where the graph refused the answer before saving it."""
    for task in snapshot.tasks if error is not None else ():
        if task.interrupts:
            asked = {"name": task.name, "interrupts": list(task.interrupts), "error": None}
            view.follow(((), "tasks", {"id": task.id, "result": {}, **asked}))


def _finished(task: Mapping[str, Any]) -> bool:
    return "result" in task and not task["error"] and not task["interrupts"]


def _same(first: Any, second: Any) -> bool:
    try:
        return bool(first == second)
    except Exception:
        return False
