"""Measure what a checkpointer costs: per step, by backend, state size and durability."""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph

from agent_patterns.checkpoints import open_checkpointer, prune
from courseware.runtime.postgres import postgres_url
from courseware.runtime.timing import interleaved

Durability = Literal["sync", "async", "exit"]
STEPS = 5
"""Super-steps of the measured graph."""


class State(TypedDict):
    """The measured graph's state."""

    payload: list[str]
    step: int


def _graph(checkpointer: Any, kilobytes: float, work_seconds: float = 0.0) -> Any:
    """Return a loop of `STEPS` super-steps, each of which changes a state of so many kilobytes.

    A step waits `work_seconds`, as one that calls a model does: time to write something meanwhile.
    """
    line = "x" * 1000
    full = max(1, round(kilobytes))
    never = threading.Event()

    def work(state: State) -> State:
        if work_seconds:
            never.wait(work_seconds)
        step = state["step"] + 1
        return {"step": step, "payload": [f"{step}{line}" for _ in range(full)]}

    builder = StateGraph(State)
    builder.add_node("work", work)
    builder.add_edge(START, "work")
    builder.add_conditional_edges("work", lambda s: END if s["step"] >= STEPS else "work")
    return builder.compile(checkpointer=checkpointer)


def runner(
    checkpointer: Any, kilobytes: float, durability: Durability, work_seconds: float = 0.0
) -> Callable[[], object]:
    """Return a call that runs the measured graph once on a thread of its own."""
    graph = _graph(checkpointer, kilobytes, work_seconds)
    names = itertools.count()

    def run() -> object:
        thread = f"bench-{kilobytes}-{durability}-{next(names)}"
        config = {"configurable": {"thread_id": thread}}
        result = graph.invoke({"payload": [], "step": 0}, config, durability=durability)
        checkpointer.delete_thread(thread)
        return result

    return run


def step_costs(
    urls: Mapping[str, str],
    *,
    kilobytes: Sequence[float] = (1, 10, 100, 1000),
    durabilities: Sequence[Durability] = ("sync",),
    rounds: int = 5,
    work_seconds: float = 0.0,
) -> dict[tuple[str, float, Durability], float]:
    """Median seconds of one super-step for (backend, kilobytes of state, durability).

    `work_seconds`, what the node itself takes, is not counted in.
    """
    costs: dict[tuple[str, float, Durability], float] = {}
    with ExitStack() as stack:
        opened = {name: stack.enter_context(open_checkpointer(url)) for name, url in urls.items()}
        for size in kilobytes:
            variants = {
                f"{name}|{durability}": runner(checkpointer, size, durability, work_seconds)
                for name, checkpointer in opened.items()
                for durability in durabilities
            }
            for variant, seconds in interleaved(variants, rounds=rounds).items():
                name, _, durability = variant.partition("|")
                step = seconds / STEPS - work_seconds
                costs[name, size, durability] = step  # type: ignore[index]
    return costs


def _stored(checkpointer: Any, thread: str) -> int:
    """Return about how many bytes are stored for a thread."""
    with checkpointer.database.transaction() as session:
        found = (f"SELECT * FROM {table} WHERE thread_id = ?" for table in checkpointer.rows.tables)
        rows = [row for each in found for row in session.run(each, (thread,))]
    return sum(len(cell if isinstance(cell, bytes) else str(cell)) for row in rows for cell in row)


def storage_growth(
    url: str, *, runs: int = 10, kilobytes: float = 10, keep: int = 5
) -> tuple[list[int], list[int]]:
    """Bytes stored for a thread after each of so many runs: left alone, and pruned each time."""
    sizes: dict[bool, list[int]] = {False: [], True: []}
    with open_checkpointer(url) as checkpointer:
        graph = _graph(checkpointer, kilobytes)
        for pruned in (False, True):
            thread = f"growth-{pruned}"
            checkpointer.delete_thread(thread)
            config = {"configurable": {"thread_id": thread}}
            for _ in range(runs):
                graph.invoke({"payload": [], "step": 0}, config)
                if pruned:
                    prune(checkpointer, thread, keep=keep)
                sizes[pruned].append(_stored(checkpointer, thread))
            checkpointer.delete_thread(thread)
    return sizes[False], sizes[True]


@contextmanager
def backends() -> Any:
    """URLs of the three backends: memory, a new SQLite file, the course's PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        yield {
            "memory": "memory://",
            "SQLite": f"sqlite:///{Path(folder).as_posix()}/bench.db",
            "PostgreSQL": postgres_url(),
        }
