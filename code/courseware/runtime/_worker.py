"""The other end of `courseware.runtime.workers`: runs graphs as it is told on standard input."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from typing import Any

from langgraph.types import Command

from agent_patterns.checkpoints import SafeCheckpointer, open_checkpointer
from agent_patterns.durable import Runner
from agent_patterns.durable.errors import LeaseHeld, LeaseLost, RunExists

_speaking = threading.Lock()
_standing: set[threading.Thread] = set()
"""Threads that stand still at a step, for ever."""


def _say(**news: Any) -> None:
    with _speaking:
        sys.stdout.write(json.dumps(news, default=str) + "\n")
        sys.stdout.flush()


class _Runner:
    """Runs one graph on whatever checkpointers it is told of."""

    def __init__(self, order: dict[str, Any]) -> None:
        scope: dict[str, Any] = {}
        # The lesson's own function, from the lesson's own process, compiled as it was there.
        exec(compile(order["source"], "<lesson>", "exec", dont_inherit=True), scope)
        self._build = scope[order["function"]]
        self._url = order["url"]
        self._name = order["name"]
        self._open: dict[str, SafeCheckpointer] = {}
        self._opening = threading.Lock()

    def checkpointer(self, url: str | None) -> SafeCheckpointer:
        url = url or self._url
        with self._opening:
            if url not in self._open:
                self._open[url] = open_checkpointer(url)
            return self._open[url]

    def close(self) -> None:
        for checkpointer in self._open.values():
            checkpointer.close()

    def run(self, order: dict[str, Any]) -> None:
        thread_id = order["thread_id"]

        def step(name: str) -> None:
            _say(thread_id=thread_id, step=name)
            if name == order["stop_at"]:
                _standing.add(threading.current_thread())
                threading.Event().wait()  # until the process is killed

        try:
            _say(thread_id=thread_id, **self._outcome(order, step))
        except (LeaseHeld, LeaseLost) as error:
            _say(thread_id=thread_id, status="refused", said=str(error))
        except Exception as error:
            _say(thread_id=thread_id, status="failed", said=f"{type(error).__name__}: {error}")

    def _outcome(self, order: dict[str, Any], step: Any) -> dict[str, Any]:
        thread_id, value = order["thread_id"], order["input"]
        if order.get("resume") is not None:
            value = Command(resume=order["resume"])
        checkpointer = self.checkpointer(order["url"])
        if order["supervised"]:
            runner = Runner(self._build(checkpointer, step), name=self._name)
            resume = value if isinstance(value, Command) else None
            if value is not None and resume is None:
                with suppress(RunExists):  # another worker was told the same
                    runner.submit(thread_id, value)
            run = runner.run(thread_id, resume=resume)
            from_whom = run.lease.took_over_from if run.lease else None
            return {
                "status": run.status,
                "values": run.values,
                "worked": run.worked,
                "took_over_from": from_whom,
            }
        graph = self._build(checkpointer, step)
        config = {"configurable": {"thread_id": thread_id}}
        values = graph.invoke(value, config, durability=order["durability"])
        waiting = bool(graph.get_state(config).next)
        return {"status": "waiting" if waiting else "done", "values": values}


def main() -> None:
    """Read one order a line: first what to build, then what to run."""
    runner = _Runner(json.loads(sys.stdin.readline()))
    running = []
    for line in sys.stdin:
        thread = threading.Thread(target=runner.run, args=(json.loads(line),), daemon=True)
        thread.start()
        running.append(thread)
    # Whoever gave the orders has closed the line, or is gone.  What runs may run to its end; what
    # stands still ends here, as it would have been killed there.
    for thread in running:
        while thread.is_alive() and thread not in _standing:
            thread.join(0.05)
    if _standing:
        os._exit(0)
    runner.close()


if __name__ == "__main__":
    main()
