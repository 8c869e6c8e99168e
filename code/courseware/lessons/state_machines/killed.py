"""A process that is killed in the middle of a conversation.

    python -m courseware.lessons.state_machines.killed sqlite:///care.db '[["complain", "…"]]'

sends the events to Clara's thread, says where the thread stands, and waits to be killed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from agent_patterns.checkpoints import open_checkpointer
from courseware.lessons.state_machines.care import care_machine


def send_and_die(url: str, events: list[Any], thread_id: str = "clara") -> str:
    """Send events from another process, and kill it with SIGKILL (TerminateProcess on Windows).

    Returns:
        Where the thread stood then.
    """
    command = [sys.executable, "-m", __name__, url, json.dumps(events), thread_id]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        state = process.stdout.readline().strip()
        process.kill()
    if not state:
        raise RuntimeError("The process died by itself; what it said is above.")
    return state


def main(url: str, events: str, thread_id: str) -> None:
    """Send the events and wait."""
    with open_checkpointer(url) as saver:
        machine = care_machine(lambda data: ("drafted", "A letter."), lambda data: "sent")
        session = machine.session(machine.compile(saver), thread_id)
        for event, value in json.loads(events):
            session.send(event, value)
        print(session.snapshot().state, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
