"""Solve: Prune without losing."""

from agent_patterns.checkpoints import prune


def tidy(graph, names, keep):
    """Prune the threads of these names; return how many checkpoints were removed."""
    removed = 0
    for name in names:
        state = graph.get_state({"configurable": {"thread_id": name}})
        if state.created_at is None:  # nothing is stored
            continue
        wanted = keep if state.next else 1
        removed += prune(graph.checkpointer, name, keep=wanted).removed
    return removed
