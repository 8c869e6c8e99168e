"""The turns of one run: every call of its graph, from wherever the run stands to where it rests."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from agent_patterns.driving import Call, Steps
from agent_patterns.durable.database import Database, Session, is_transient
from agent_patterns.durable.errors import AnswerRefused, LeaseLost
from agent_patterns.durable.leases import Lease
from agent_patterns.durable.runs import RunTable, Status, answers_fit

Answers = Callable[[str, Any], dict[str, Any]]
"""Returns the answers that are there already to what a thread's state waits for."""
TURN = "agent_run_turn"
"""Key in a checkpoint's metadata: the number of the input that it comes from."""
ATTEMPTS = 3
"""How often a run is driven on after the database has cut it off."""


def turns(
    table: RunTable, answers: Answers, graph: Any, lease: Lease, resume: Any, attempt: int = 1
) -> Steps[tuple[Status, Any]]:
    """Take turns; and again from the last checkpoint if the database cut them off."""
    try:
        return (yield from _turns(table, answers, graph, lease, resume, attempt > 1))
    except Exception as error:
        if not is_transient(error) or attempt == ATTEMPTS:
            raise
    return (yield from turns(table, answers, graph, lease, resume, attempt + 1))


def _turns(
    table: RunTable, answers: Answers, graph: Any, lease: Lease, resume: Any, again: bool
) -> Steps[tuple[Status, Any]]:
    config = config_of(lease.key)
    state = yield Call.of(graph, "get_state", config)
    turn = yield from _turn_of(graph, state)
    if resume is not None and answers_fit(resume, state.interrupts):
        state = yield from _go(graph, config, resume, turn)
    elif resume is not None and not again:
        raise AnswerRefused(lease.key, len(state.interrupts))
    # Not `next`: that is empty too when a worker died after the last node of a step.
    elif state.tasks and (again or lease.found != "waiting" or not state.interrupts):
        state = yield from _go(graph, config, None, turn)  # it was cut off, or failed
    while True:
        if found := answers(lease.key, state):
            state = yield from _go(graph, config, Command(resume=found), turn)
        elif state.tasks:
            return "waiting", state
        elif (following := table.next_input(lease, turn)) is not None:
            turn, value = following
            state = yield from _go(graph, config, value, turn)
        else:
            return "done", state


def config_of(thread_id: str) -> RunnableConfig:
    """Return the configuration of a thread."""
    return {"configurable": {"thread_id": thread_id}}


def _go(graph: Any, config: RunnableConfig, value: Any, turn: int) -> Steps[Any]:
    """Run the graph, and look where it stands then."""
    noted: RunnableConfig = {**config, "metadata": {TURN: turn}}
    yield Call.of(graph, "invoke", value, noted, durability="sync")
    return (yield Call.of(graph, "get_state", config))


def _turn_of(graph: Any, state: Any) -> Steps[int]:
    """Return the number of the input that a state comes from; 0 if it comes from none."""
    while TURN not in (state.metadata or {}):  # somebody changed it by hand
        if state.parent_config is None:
            return 0
        state = yield Call.of(graph, "get_state", state.parent_config)
    return int(state.metadata[TURN])


def fenced(graph: Any, database: Database, lease: Lease) -> Any:
    """Return the graph with a checkpointer that refuses to write once the lease is lost.

    A checkpointer of `agent_patterns.checkpoints` on the same database checks the token in the
    transaction of each write.  With any other, the token is checked just before each write.  A
    worker that falls asleep exactly in between could still write once when it wakes up; effects are
    safe from that by their keys.
    """
    held, saver = copy.copy(graph), graph.checkpointer
    lock = " FOR SHARE" if database.dialect == "postgresql" else ""

    def check(session: Session) -> None:
        rows = session.run(f"SELECT token FROM agent_runs WHERE thread_id = ?{lock}", (lease.key,))
        if not rows or rows[0].token != lease.token:
            raise LeaseLost(f"Thread {lease.key!r}")

    if getattr(saver, "database", None) is database and hasattr(saver, "fenced"):
        held.checkpointer = saver.fenced(check)
        return held
    check_now = partial(database.transact, check, repeatable=True)
    held.checkpointer = copy.copy(saver)
    for name in ("put", "put_writes", "delete_thread"):
        for method in (name, f"a{name}"):
            checked = _checked(getattr(saver, method), check_now)
            setattr(held.checkpointer, method, checked)
    return held


def _checked(write: Callable[..., Any], check: Callable[[], None]) -> Callable[..., Any]:
    def checked(*args: Any, **options: Any) -> Any:
        check()
        return write(*args, **options)

    async def achecked(*args: Any, **options: Any) -> Any:
        await asyncio.to_thread(check)
        return await write(*args, **options)

    return achecked if asyncio.iscoroutinefunction(write) else checked
