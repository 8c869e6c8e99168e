"""Solve: Fork the past."""


def what_if(graph, config, changes, before):
    """Return the values at the end of a fork with `changes` before the node `before`."""
    history = graph.get_state_history(config)  # newest first
    past = next(snapshot for snapshot in history if before in snapshot.next)
    fork = graph.update_state(past.config, changes)
    return graph.invoke(None, fork)
