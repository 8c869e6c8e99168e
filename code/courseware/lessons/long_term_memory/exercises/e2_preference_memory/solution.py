"""Solve: A preference memory."""


def learn(store, user, topic, text, said_at, source):
    """Keep one preference for each topic, with its sources."""
    namespace = ("preferences", user)
    new = {"text": text, "said_at": said_at, "sources": [source]}
    item = store.get(namespace, topic)
    if item is not None:
        known = item.value
        if known["text"] == text:
            new["said_at"] = max(said_at, known["said_at"])
            new["sources"] = list(dict.fromkeys([*known["sources"], source]))
        elif known["said_at"] > said_at:
            return
    store.put(namespace, topic, new)


def preferences(store, user):
    """Return {topic: (text, sources)}."""
    found = store.search(("preferences", user), limit=1000)
    return {each.key: (each.value["text"], each.value["sources"]) for each in found}
