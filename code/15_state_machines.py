"""Lesson 15 in the terminal: the care desk. Stop it in the middle of a question; start it again.

    python code/15_state_machines.py                 # asks; Ctrl+C stops it, nothing is lost
    python code/15_state_machines.py --say "complain My pen leaks." --say "answer repair"
    python code/15_state_machines.py --outage        # the model is away once: error, then retry
    python code/15_state_machines.py --prove         # searches for ways around the approval

The thread lies in a SQLite file, so every start continues where the last one stood.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from langchain_openai import ChatOpenAI

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.machines import Machine, MachineError
from courseware import connect
from courseware.lessons.state_machines.care import TABLE, care_machine
from courseware.runtime.paths import STATE
from practice_model.server.faults import Fault


def build(model: ChatOpenAI) -> Machine[str, str]:
    """Return the care desk, with this model as its pen."""

    def draft(data: dict[str, Any]) -> tuple[str, str]:
        wish = f"we will {data['approach']} what you complained of, {data['timeline']}"
        letter = model.invoke(f"Write a letter to the customer: {wish}.")
        return "drafted", str(letter.text)

    def send(data: dict[str, Any]) -> str:
        print(f"SENT: a letter of {len(data['letter'].split())} words", flush=True)
        return "sent"

    return care_machine(draft, send)


def show(now: Any) -> None:
    """Print where the thread stands."""
    print(f"[{now.state}]", now.error)
    if now.question:
        options = now.question.get("options", ())
        print(f"  {now.question['question']} {' / '.join(options)}")
    print(f"  possible: {', '.join(now.legal)}", flush=True)


def said(scripted: list[str]) -> Iterator[str]:
    """Yield what is said: the script, or what somebody types."""
    yield from scripted
    while not scripted and sys.stdin.isatty():
        yield input("> ")


def read(line: str) -> tuple[str, Any]:
    """Return the event and the value of a line such as `correct {'approach': 'refund'}`."""
    event, _, value = line.strip().partition(" ")
    return event, ast.literal_eval(value) if value.startswith("{") else value or None


def prove() -> bool:
    """Search the table, breadth first, for a way to `acting` around `waiting`."""
    table = care_machine(lambda data: "drafted", lambda data: "sent", TABLE).table
    ways: deque[tuple[str, list[str]]] = deque([(table.initial, [])])
    seen = {"waiting"}
    while ways:
        state, way = ways.popleft()
        if state == "acting":
            print("A way around approval:", ", ".join(way))
            return False
        if state not in seen:
            seen.add(state)
            edges = [edge for edge in table.edges() if edge[0] == state]
            ways.extend((target, [*way, f"{event} → {target}"]) for _, event, target in edges)
    print(f"No way leads around approval: {len(seen)} states, {len(set(table.edges()))} edges.")
    return True


def main() -> int:
    """Talk to one thread."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    database = STATE / "care.sqlite"
    parser.add_argument("--database", default=database, help="where the thread lies")
    parser.add_argument("--thread", default="clara", help="the thread's name")
    parser.add_argument("--say", action="append", default=[], help="an event, and its value")
    parser.add_argument("--outage", action="store_true", help="the model is away for one request")
    parser.add_argument("--prove", action="store_true", help="check the table, and send nothing")
    options = parser.parse_args()
    if options.prove:
        return 0 if prove() else 1
    course = connect()
    machine = build(ChatOpenAI(model=course.model, temperature=0, max_retries=0))
    outage: Any = nullcontext()
    if options.outage and not course.live:
        outage = course.practice.inject(Fault.unavailable(), times=1)
    url = f"sqlite:///{Path(options.database).absolute().as_posix()}"
    with open_checkpointer(url) as saver, outage:
        thread = machine.session(machine.compile(saver), options.thread)
        show(thread.resume())
        for line in said(options.say):
            try:
                show(thread.send(*read(line)))
            except (MachineError, ValueError, SyntaxError) as error:
                print(f"  {error}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, EOFError):
        print("\nStopped; start again to continue.")
