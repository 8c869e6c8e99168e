"""Solve: A reducer with a cap."""


def last_three(old, new):
    """Return the three most recent different items, the newest last."""
    seen = dict.fromkeys(old)
    for item in new:
        seen.pop(item, None)
        seen[item] = True
    return list(seen)[-3:]
