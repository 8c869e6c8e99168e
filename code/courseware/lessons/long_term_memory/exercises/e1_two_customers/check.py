"""Check: Two customers, one second."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from langgraph.store.memory import InMemoryStore

from courseware.exercises import chance, expect

TOPICS = ("red inks", "papers", "nibs", "waxes", "pens", "cards", "stamps", "folders")


def check(keep: Callable[..., None], kept: Callable[..., Any]) -> None:
    """Let two customers speak in the same second, repeat themselves, and say a lot."""
    draw = chance()
    for _ in range(2):
        _check_store(InMemoryStore(), keep, kept, draw)


def _check_store(
    store: InMemoryStore,
    keep: Callable[..., None],
    kept: Callable[..., Any],
    draw: random.Random,
) -> None:
    ann, ben = (f"u-{number}" for number in draw.sample(range(1000, 9999), 2))
    second = float(draw.randint(10**6, 10**9))
    start = "For my collection I have bought "  # so that the start of a text is no key
    said = [
        f"{start}{number} of the {draw.choice(TOPICS)}." for number in draw.sample(range(2, 99), 15)
    ]
    first, other, shared, *more = said[: draw.randint(13, 15)]
    for user, text in ((ann, first), (ben, other), (ann, shared)):
        keep(store, user, text, second)
    found = _texts(kept(store, ann), ann)
    expect(
        not {other} & found,
        "leaks-to-another-user",
        f"{ben} said {other!r}, and {ann} gets it. Put the user into the namespace, and search"
        " in that namespace only.",
    )
    expect(
        found,
        "recalls-nothing",
        f"{ann} said {first!r} and {shared!r}, and nothing is recalled. A namespace is a tuple of"
        " strings; put and search need the same one.",
    )
    expect(
        found == {first, shared},
        "overwrites-a-memory",
        f"{ann} said {first!r} and {shared!r} in the same second; recalled: {sorted(found)}."
        " Neither a clock nor the start of a text makes a key that is unique.",
    )
    keep(store, ben, shared, second)
    expect(
        _texts(kept(store, ben), ben) == {other, shared}
        and _texts(kept(store, ann), ann) == {first, shared},
        "loses-a-shared-text",
        f"{ann} and {ben} both said {shared!r}, and not both of them have it now. Each user needs"
        " a memory of their own.",
    )
    keep(store, ann, first, second + draw.randint(1, 999))
    expect(
        len(list(kept(store, ann))) == 2,
        "keeps-twice",
        f"{ann} said {first!r} again, and it is kept twice. Make the key from the text: the same"
        " text then has the same key.",
    )
    for text in more:
        keep(store, ann, text, second)
    _check_all(store, kept, ann, {first, shared, *more})


def _check_all(store: InMemoryStore, kept: Callable[..., Any], user: str, said: set[str]) -> None:
    count = len(_texts(kept(store, user), user))
    expect(
        count == len(said),
        "stops-at-ten",
        f"{user} has {len(said)} memories, and {count} were recalled. `store.search` returns at"
        " most ten unless you pass a higher `limit`.",
    )
    keys = {item.key for item in store.search((), limit=1000)}
    expect(
        not any(f"{hash(text)}" in key for text in said for key in keys),
        "another-key-tomorrow",
        "A key comes from Python's `hash`, which differs in every process: tomorrow the same text"
        " is kept twice. Take the text, or a digest of `hashlib`.",
    )
    copy = InMemoryStore()
    for item in store.search((), limit=1000):
        copy.put(item.namespace, item.key, dict(item.value))
    expect(
        _texts(kept(copy, user), user) == said and not _texts(kept(InMemoryStore(), user), user),
        "keeps-it-elsewhere",
        "A copy of your store should recall the same, and an empty store nothing. A variable is"
        " gone when the process ends: keep everything in the store that you are given.",
    )


def _texts(found: Any, user: str) -> set[str]:
    told = list(found or ())
    expect(
        all(isinstance(text, str) for text in told),
        "not-texts",
        f"Recalled for {user}: {told[:1]!r}. Return the texts; an item's value holds them.",
    )
    return set(told)
