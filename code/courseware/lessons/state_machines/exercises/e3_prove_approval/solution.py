"""Solve: Prove that no path skips approval."""

from .given import deque


def unapproved(edges, start, goal, approve, revoke):
    """Return the shortest list of events from start to goal without a valid approval, or None."""
    edges = list(edges)
    ways: deque = deque([(start, False, [])])
    seen = set()
    while ways:
        state, approved, way = ways.popleft()
        if state == goal and not approved:
            return way
        if (state, approved) in seen:
            continue
        seen.add((state, approved))
        for source, event, target in edges:
            if source == state:
                valid = (approved or event == approve) and event not in revoke
                ways.append((target, valid, [*way, event]))
    return None
