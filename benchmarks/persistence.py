"""What a checkpointer costs: per step, by backend, state size and durability; and its storage."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from agent_patterns.checkpoints import open_checkpointer
from benchmarks import Measurement, interleaved
from courseware.lessons.persistence.costs import (
    Durability,
    State,
    backends,
    runner,
    step_costs,
    storage_growth,
)


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
        safe = stack.enter_context(open_checkpointer(f"sqlite:///{place}/safe.db", schema=State))
        bare = stack.enter_context(SqliteSaver.from_conn_string(f"{place}/bare.db"))
        bare.conn.execute("PRAGMA journal_mode = WAL")
        bare.conn.execute("PRAGMA synchronous = FULL")
        seconds = interleaved(
            {"safe": runner(safe, 10, "sync"), "bare": runner(bare, 10, "sync")}, rounds=rounds
        )
    return Measurement(
        "step, 10 kB state, sealed and validated / bare SqliteSaver",
        seconds["safe"] / seconds["bare"],
    )
