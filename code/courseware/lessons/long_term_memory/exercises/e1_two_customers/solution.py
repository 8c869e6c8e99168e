"""Solve: Two customers, one second."""


def keep(store, user, text, now):
    """Keep what the user said, once."""
    store.put(("memories", user), text, {"text": text, "said_at": now})


def kept(store, user):
    """Return the user's texts."""
    return [item.value["text"] for item in store.search(("memories", user), limit=1000)]
