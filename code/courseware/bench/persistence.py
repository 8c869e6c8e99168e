"""What a checkpointer costs: per step, by backend, state size and durability; and its storage."""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from agent_patterns.persistence import open_checkpointer, prune
from courseware.bench import Measurement, interleaved
from courseware.postgres import postgres_url

Durability = Literal["sync", "async", "exit"]
STEPS = 5
"""Super-steps of the measured graph."""


class _State(TypedDict):
    payload: list[str]
    step: int


def _graph(checkpointer: Any, kilobytes: float, work_seconds: float = 0.0) -> Any:
    """A loop of `STEPS` super-steps, each of which changes a state of so many kilobytes.

    A step waits `work_seconds`, as one that calls a model does: time to write something meanwhile.
    """
    line = "x" * 1000
    full = max(1, round(kilobytes))
    never = threading.Event()

    def work(state: _State) -> _State:
        if work_seconds:
            never.wait(work_seconds)
        step = state["step"] + 1
        return {"step": step, "payload": [f"{step}{line}" for _ in range(full)]}

    builder = StateGraph(_State)
    builder.add_node("work", work)
    builder.add_edge(START, "work")
    builder.add_conditional_edges("work", lambda s: END if s["step"] >= STEPS else "work")
    return builder.compile(checkpointer=checkpointer)


def _runner(
    checkpointer: Any, kilobytes: float, durability: Durability, work_seconds: float = 0.0
) -> Callable[[], object]:
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
                f"{name}|{durability}": _runner(checkpointer, size, durability, work_seconds)
                for name, checkpointer in opened.items()
                for durability in durabilities
            }
            for variant, seconds in interleaved(variants, rounds=rounds).items():
                name, _, durability = variant.partition("|")
                step = seconds / STEPS - work_seconds
                costs[name, size, durability] = step  # type: ignore[index]
    return costs


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
                sizes[pruned].append(checkpointer.storage.usage(thread).bytes)
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


def run(quick: bool) -> list[Measurement]:
    """All figures of persistence, as ratios."""
    rounds = 3 if quick else 15
    sizes = (1.0, 100.0) if quick else (1.0, 10.0, 100.0, 1000.0)
    results = []
    with backends() as urls:
        costs = step_costs(urls, kilobytes=sizes, rounds=rounds)
        for size in sizes:
            base = costs["memory", size, "sync"]
            results += [
                Measurement(
                    f"step, {size:g} kB state, {name} / memory",
                    costs[name, size, "sync"] / base,
                    note="sync durability",
                )
                for name in ("SQLite", "PostgreSQL")
            ]
        modes: tuple[Durability, ...] = ("sync", "async", "exit")
        costs = step_costs(
            urls, kilobytes=(10,), durabilities=modes, rounds=rounds, work_seconds=0.01
        )
        results += [
            Measurement(
                f"step, {name}, {mode} / sync",
                costs[name, 10, mode] / costs[name, 10, "sync"],
                note="nodes that wait 10 ms, which are not counted in",
            )
            for name in ("SQLite", "PostgreSQL")
            for mode in ("async", "exit")
        ]
        results.append(_cost_of_safety(rounds))
        runs = 4 if quick else 20
        for name in ("SQLite", "PostgreSQL"):
            alone, pruned = storage_growth(urls[name], runs=runs)
            results.append(
                Measurement(
                    f"storage after {runs} runs, pruned / left alone, {name}",
                    pruned[-1] / alone[-1],
                    note="keep=5",
                )
            )
    return results


def _cost_of_safety(rounds: int) -> Measurement:
    """Seals and validation against LangGraph's bare saver on a file that is opened alike."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder).as_posix()
        safe = stack.enter_context(open_checkpointer(f"sqlite:///{place}/safe.db", schema=_State))
        bare = stack.enter_context(SqliteSaver.from_conn_string(f"{place}/bare.db"))
        bare.conn.execute("PRAGMA journal_mode = WAL")
        bare.conn.execute("PRAGMA synchronous = FULL")
        seconds = interleaved(
            {"safe": _runner(safe, 10, "sync"), "bare": _runner(bare, 10, "sync")}, rounds=rounds
        )
    return Measurement(
        "step, 10 kB state, sealed and validated / bare SqliteSaver",
        seconds["safe"] / seconds["bare"],
    )
