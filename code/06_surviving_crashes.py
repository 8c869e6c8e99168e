"""Lesson 06 in the terminal: a worker is killed in mid-order, and another finishes the order.

    python code/06_surviving_crashes.py                      # asks where to kill
    python code/06_surviving_crashes.py --kill-at charge     # asks nothing
    python code/06_surviving_crashes.py --url postgresql://user@host/database

Workers are processes of their own, on one SQLite file unless a URL says otherwise. The bank is a
database of its own that takes no money twice for the same key.
"""

from __future__ import annotations

import argparse
import operator
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import uuid4

from langgraph.graph import START, StateGraph

from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import EffectLog, Runner
from agent_patterns.durable.errors import RunExists
from courseware.runtime.tracing import stop_tracing

NODES = ("price", "reserve", "charge", "pack", "confirm")


class Order(TypedDict, total=False):
    """An order on its way through the shop; amounts in cents."""

    number: str
    lines: dict[str, int]
    total: int
    done: Annotated[list[str], operator.add]


def build(checkpointer: SafeCheckpointer, bank: str, stop_at: str | None = None) -> Any:
    """Return the graph price -> reserve -> charge -> pack -> confirm; it stops in `stop_at`."""
    effects = EffectLog(checkpointer.database)

    def stand_still(name: str) -> None:
        if name == stop_at:
            print("  ... in the middle of it", flush=True)
            sys.stdin.read()  # until somebody kills this process

    def charge_card(cents: int, key: str) -> str:
        with closing(sqlite3.connect(bank)) as books, books:
            new = books.execute(
                "INSERT OR IGNORE INTO charged VALUES (?, ?)", (key, cents)
            ).rowcount
        said = f"takes {cents / 100:.2f}" if new else "knows the key and takes nothing"
        print(f"    the bank {said} (key {key})", flush=True)
        stand_still("charge")  # the bank has charged, and nobody has noted it
        return "paid"

    def node(name: str) -> Any:
        def run(order: Order) -> Order:
            print(f"  {name}", flush=True)
            update: Order = {"done": [name]}
            if name == "price":
                update["total"] = 450 * sum(order["lines"].values())
            if name == "charge":
                effects.perform(f"charge:{order['number']}", charge_card, order["total"])
            else:
                stand_still(name)
            return update

        return run

    builder: Any = StateGraph(Order)
    builder.add_sequence([(name, node(name)) for name in NODES])
    builder.add_edge(START, NODES[0])
    return builder.compile(checkpointer=checkpointer)


def work(url: str, number: str, bank: str, stop_at: str | None) -> None:
    """Claim the order, continue from the last good checkpoint, and finish it."""
    with open_checkpointer(url, schema=Order) as checkpointer:
        runner = Runner(build(checkpointer, bank, stop_at))
        with suppress(RunExists):  # an earlier worker has submitted it
            runner.submit(number, {"number": number, "lines": {"notebook A5": 2, "ink": 1}})
        run = runner.run(number)
        stored = run.recovery is not None and run.recovery.resumes_from
        print(f"  {run.status}: {', '.join(run.values['done'])}")
        print(f"  ({'went on from the last good checkpoint' if stored else 'began at the input'})")


def start(url: str, number: str, bank: str, stop_at: str | None) -> subprocess.Popen[str]:
    """Start a worker in a process of its own."""
    command = [sys.executable, __file__, "--url", url, "--work", number, "--bank", bank]
    command += ["--kill-at", stop_at] if stop_at else []
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def tell_the_story(url: str, bank: str, kill_at: str) -> None:
    """Kills one worker and watches the next one.

    Raises:
        SystemExit: a worker failed; what it said stands above.
    """
    with closing(sqlite3.connect(bank)) as books, books:
        books.execute("CREATE TABLE charged (key TEXT PRIMARY KEY, cents INTEGER)")
    number = f"MF-{uuid4().hex[:8]}"
    print("First worker:")
    first = start(url, number, bank, kill_at)
    assert first.stdout is not None
    killed = False
    for line in first.stdout:
        print(line, end="")
        if "in the middle" in line:
            first.kill()  # SIGKILL; TerminateProcess on Windows
            killed = True
    first.wait()
    if not killed:
        sys.exit("The first worker failed before it could be killed. Check the URL.")
    print(f"  killed in {kill_at}\n\nSecond worker:")
    second = start(url, number, bank, None)
    print(second.communicate()[0], end="")
    if second.returncode:
        sys.exit("The second worker failed.")
    with closing(sqlite3.connect(bank)) as books:
        charged = books.execute("SELECT count(*) FROM charged").fetchone()[0]
    times = "once" if charged == 1 else f"{charged} times"
    print(f"\nOnly the step of the crash ran twice. The card was charged {times}.")
    other = "pack" if kill_at != "pack" else "charge"
    print(f"Kill it somewhere else: --kill-at {other}, or any of {', '.join(NODES)}.")


def main() -> None:
    """Read the command line."""
    stop_tracing()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="a checkpointer's URL; default: a new SQLite file")
    parser.add_argument("--kill-at", choices=NODES)
    parser.add_argument("--work", metavar="ORDER", help=argparse.SUPPRESS)
    parser.add_argument("--bank", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if (options.url or "").startswith("memory:"):
        parser.error("memory dies with its worker: name a file or a database")
    if options.work:
        work(options.url, options.work, options.bank, options.kill_at)
        return
    kill_at = options.kill_at
    if kill_at is None and sys.stdin.isatty():
        print("An order goes through:", ", ".join(NODES))
        while kill_at not in NODES:
            kill_at = input("Kill the worker in which step? [charge] ").strip() or "charge"
            if kill_at not in NODES:
                print(f"There is no step {kill_at!r}.")
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder).as_posix()}/shop.db"
        tell_the_story(url, str(Path(folder) / "bank.db"), kill_at or "charge")


if __name__ == "__main__":
    main()
