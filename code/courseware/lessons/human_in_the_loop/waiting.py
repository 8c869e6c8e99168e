"""Which threads of a checkpointer wait for somebody."""

from __future__ import annotations

from typing import Any

from langgraph.types import Interrupt


def waiting_threads(graph: Any) -> dict[str, tuple[Interrupt, ...]]:
    """Return the interrupts of every thread that waits for an answer, by thread id.

    It reads all that the checkpointer holds, finished threads too: good for a look, too slow for
    a queue that people work from.

    Args:
        graph: A graph with a synchronous checkpointer, whose threads are all this graph's.
    """
    saver = graph.checkpointer
    if saver is None or isinstance(saver, bool):
        raise ValueError("the graph needs a checkpointer: nothing can wait without one")
    names = {
        saved.config["configurable"]["thread_id"]
        for saved in saver.list(None)
        if not saved.config["configurable"].get("checkpoint_ns")
    }
    states = {
        name: graph.get_state({"configurable": {"thread_id": name}}) for name in sorted(names)
    }
    return {name: state.interrupts for name, state in states.items() if state.interrupts}
