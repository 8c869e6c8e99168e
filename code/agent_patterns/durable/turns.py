"""The turns of one run: every call of the graph, from wherever the run stands to where it rests.

One control flow for synchronous and asynchronous graphs: a generator yields each call of the graph
to whoever drives it, and does all else itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from agent_patterns.durable.database import is_transient
from agent_patterns.durable.errors import AnswerRefused
from agent_patterns.durable.leases import Lease
from agent_patterns.durable.runs import RunTable, Status, answers_fit

T = TypeVar("T")
TURN = "agent_run_turn"
"""Key in a checkpoint's metadata: the number of the input that it comes from."""
ATTEMPTS = 3
"""How often a run is driven on after the database has cut it off."""


@dataclass(frozen=True)
class Call:
    """One call of a graph's method, to be made synchronously or not."""

    graph: Any
    method: str
    args: tuple[Any, ...]

    def make(self) -> Any:
        """Make the call."""
        options = {"durability": "sync"} if self.method == "invoke" else {}
        answer = getattr(self.graph, self.method)(*self.args, **options)
        return list(answer) if self.method == "get_state_history" else answer

    async def amake(self) -> Any:
        """Make the call of the asynchronous twin."""
        method = getattr(self.graph, f"a{self.method}")
        if self.method == "get_state_history":
            return [state async for state in method(*self.args)]
        options = {"durability": "sync"} if self.method == "invoke" else {}
        return await method(*self.args, **options)


Steps = Generator[Call, Any, T]


class Asking(Protocol):
    """What a run needs of its runner."""

    table: RunTable

    def answers(self, thread_id: str, state: Any) -> dict[str, Any]:
        """Return answers that are there already, by interrupt id."""
        ...


def driven(steps: Steps[T]) -> T:
    """Make the calls that steps yield; return what they return."""
    call = _advance(steps.send, None)
    while isinstance(call, Call):
        try:
            answer = call.make()
        except BaseException as error:
            call = _advance(steps.throw, error)
        else:
            call = _advance(steps.send, answer)
    result: T = call[0]
    return result


async def adriven(steps: Steps[T]) -> T:
    """Do `driven` with the asynchronous twins; the steps between run in a thread."""
    call = await asyncio.to_thread(_advance, steps.send, None)
    while isinstance(call, Call):
        try:
            answer = await call.amake()
        except BaseException as error:
            call = await asyncio.to_thread(_advance, steps.throw, error)
        else:
            call = await asyncio.to_thread(_advance, steps.send, answer)
    result: T = call[0]
    return result


def turns(
    runner: Asking, graph: Any, lease: Lease, resume: Command[Any] | None
) -> Steps[tuple[Status, Any]]:
    """Take turns; and again from the last checkpoint if the database cut them off."""
    for attempt in range(ATTEMPTS):
        try:
            return (yield from _turns(runner, graph, lease, resume, again=attempt > 0))
        except Exception as error:
            if not is_transient(error) or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _turns(
    runner: Asking, graph: Any, lease: Lease, resume: Command[Any] | None, again: bool
) -> Steps[tuple[Status, Any]]:
    thread_id = lease.key
    state = yield Call(graph, "get_state", (config_of(thread_id),))
    turn = yield from _turn_of(graph, thread_id, state)
    if resume is not None and answers_fit(resume, state.interrupts):
        state = yield from _go(graph, thread_id, resume, turn)
    elif resume is not None and not again:
        raise AnswerRefused(thread_id, len(state.interrupts))
    # Not `next`: that is empty too when a worker died after the last node of a step.
    elif state.tasks and (again or lease.found != "waiting" or not state.interrupts):
        state = yield from _go(graph, thread_id, None, turn)  # it was cut off, or failed
    while True:
        answers = runner.answers(thread_id, state)
        if answers:
            state = yield from _go(graph, thread_id, Command(resume=answers), turn)
        elif state.tasks:
            return "waiting", state
        elif (following := runner.table.next_input(lease, turn)) is not None:
            turn, value = following
            state = yield from _go(graph, thread_id, value, turn)
        else:
            return "done", state


def config_of(thread_id: str) -> RunnableConfig:
    """Return the configuration of a thread."""
    return {"configurable": {"thread_id": thread_id}}


def _go(graph: Any, thread_id: str, value: Any, turn: int) -> Steps[Any]:
    """Run the graph, and look where it stands then."""
    config: RunnableConfig = {**config_of(thread_id), "metadata": {TURN: turn}}
    yield Call(graph, "invoke", (value, config))
    return (yield Call(graph, "get_state", (config_of(thread_id),)))


def _turn_of(graph: Any, thread_id: str, state: Any) -> Steps[int]:
    """Return the number of the input that a state comes from; 0 if it comes from none."""
    states = [state]
    if state.created_at is not None and TURN not in state.metadata:  # somebody changed it by hand
        states = yield Call(graph, "get_state_history", (config_of(thread_id),))
    numbers = (each.metadata[TURN] for each in states if TURN in (each.metadata or {}))
    return int(next(numbers, 0))


def _advance(step: Callable[[Any], Call], value: Any) -> Call | tuple[Any]:
    """Go on to the next call, or to the end with its result in a tuple."""
    try:
        return step(value)
    except StopIteration as end:
        return (end.value,)
