"""A process that sends events to a thread, and stands still where it is told to, to be killed."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from typing import Any

from tests.agent_patterns.machines.desk import Desk

from agent_patterns.checkpoints import open_checkpointer


def work(url: str, events: list[Any], stop_in: str, pipe: Connection) -> None:
    """Send the events, tell of each; stand still in `draft`, or in the effect of `fill`."""

    def stand_still() -> None:
        pipe.send(("stands", stop_in))
        threading.Event().wait()

    with open_checkpointer(url) as saver:
        desk = Desk(saver)
        if stop_in == "draft":
            desk._may_fail = stand_still  # type: ignore[method-assign]
        session = desk.thread()
        for event in events:
            now = session.send(*event)
            pipe.send((now.state, now.question))
        if stop_in == "question":
            stand_still()
