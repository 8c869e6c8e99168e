"""Lesson 04 in the terminal: an order is interrupted, continued after a restart, and forked.

    python code/04_persistence.py                      # a new SQLite file
    python code/04_persistence.py --url postgresql://user@host/database
    python code/04_persistence.py --sale 1000          # the total of the fork, in cents

Each part opens the checkpointer anew, as another process would.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from agent_patterns.checkpoints import open_checkpointer, prune
from courseware.lessons.persistence.releases import old_release
from courseware.runtime.tracing import stop_tracing


def say(node: str) -> None:
    """Print the name of a node that runs."""
    print(f"  running {node}")


def tell_the_story(url: str, sale: int) -> None:
    """Interrupt an order, continue it, fork its past, and prune it."""
    name = f"MF-{uuid4().hex[:8]}"
    config = {"configurable": {"thread_id": name}}
    print("An order, until the bank is away:")
    with open_checkpointer(url) as checkpointer, suppress(ConnectionError):
        order = {"lines": {"notebook A5": 2, "ink": 1}, "done": []}
        old_release(checkpointer, stop_at="charge", step=say).invoke(order, config)

    print("After a restart:")
    with open_checkpointer(url) as checkpointer:
        graph = old_release(checkpointer, step=say)
        if graph.get_state(config).created_at is None:
            print("  nothing is stored: the state died with its process")
            return
        values = graph.invoke(None, config)
        print(f"  total {values['total']}, done: {', '.join(values['done'])}")

        print(f"What if the total had been {sale}?")
        past = [s for s in graph.get_state_history(config) if s.next == ("reserve",)][-1]
        fork = graph.update_state(past.config, {"total": sale})
        print(f"  total {graph.invoke(None, fork)['total']}")

        report = prune(checkpointer, name, keep=1)
        print(f"Pruned: {report.removed} checkpoints removed, {report.kept} kept.")


def main() -> None:
    """Read the command line."""
    stop_tracing()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="a checkpointer's URL; default: a new SQLite file")
    parser.add_argument("--sale", type=int, default=1000, metavar="CENTS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder).as_posix()}/shop.db"
        tell_the_story(url, options.sale)


if __name__ == "__main__":
    main()
