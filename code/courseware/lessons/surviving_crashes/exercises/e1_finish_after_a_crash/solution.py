"""Solve: Survive the crash."""


def finish(graph, config, order):
    """Bring the order of this thread to its end; return the state's values."""
    state = graph.get_state(config)
    if state.created_at is None:  # no checkpoint, and so no values: the run never began
        return graph.invoke(order, config, durability="sync")
    if not state.next:  # something is stored, and nothing is due: it is finished
        return state.values
    return graph.invoke(None, config, durability="sync")
