"""Check: A preference memory."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from langgraph.store.memory import InMemoryStore

from courseware.exercises import Wrong, chance, expect

CHOICES = {
    "ink": ("green ink", "blue ink", "black ink", "violet ink"),
    "paper": ("ruled paper", "plain paper", "dotted paper", "squared paper"),
    "contact": ("e-mail", "a phone call", "a letter", "a postcard"),
}


class _Customer:
    """Play one customer, and look at what is learnt of them."""

    def __init__(self, learn: Callable[..., None], read: Callable[..., Any], user: str) -> None:
        self.learn, self.read, self.user = learn, read, user
        self.store = InMemoryStore()
        self.told: list[str] = []

    def says(self, topic: str, text: str, said_at: int, source: str) -> None:
        """Hand one statement to the learner's code."""
        self.told.append(f"{text!r} (said at {said_at}, in {source})")
        self.learn(self.store, self.user, topic, text, said_at, source)

    def has(self, topic: str, text: str, sources: list[str], slip: str, why: str) -> None:
        """Compare what is known of a topic."""
        told = f"{self.user} said, in this order: {', '.join(self.told)}."
        found = dict(self.read(self.store, self.user) or {})
        if topic not in found:
            raise Wrong("forgets-a-topic", f"{told} Nothing is known about {topic!r} now: {found}.")
        known = found[topic]
        if not isinstance(known, (tuple, list)) or len(known) != 2:
            raise Wrong("not-a-pair", f"For {topic!r} you return {known!r}, not (text, sources).")
        expect(
            known[0] == text,
            slip,
            f"{told} You say that it is now {known[0]!r}; {text!r} is right. {why}",
        )
        expect(
            len(known[1]) == len(sources) and set(known[1]) == set(sources),
            "loses-or-mixes-sources",
            f"{told} The sources of {text!r} are {sources}; you have {known[1]!r}. A text keeps"
            " each source that said it, once, and none that said something else.",
        )


def check(learn: Callable[..., None], preferences: Callable[..., Any]) -> None:
    """Say things twice, change them, and let old statements arrive late."""
    draw = chance()
    for topic in draw.sample(list(CHOICES), 2):
        user = f"u-{draw.randint(1000, 9999)}"
        _check_times(_Customer(learn, preferences, user), topic, draw)
        _check_repeats(_Customer(learn, preferences, user), topic, draw)
        _check_users(learn, preferences, draw)
    _check_many(_Customer(learn, preferences, user), draw)


def _times(draw: random.Random) -> list[int]:
    return sorted(draw.sample(range(1, 10**5), 4))


def _check_times(customer: _Customer, topic: str, draw: random.Random) -> None:
    old, middle, new, _ = _times(draw)
    one, two, three = draw.sample(CHOICES[topic], 3)
    customer.says(topic, one, old, "t-1")
    customer.says(topic, two, new, "t-2")
    customer.has(topic, two, ["t-2"], "keeps-the-first", "What is said later replaces it.")
    customer.says(topic, three, middle, "t-3")
    customer.has(
        topic, two, ["t-2"], "believes-what-arrives-last",
        "A statement that arrives last isn't the newest: `said_at` tells when it was said.",
    )  # fmt: skip
    other = next(each for each in CHOICES if each != topic)
    customer.says(other, CHOICES[other][0], old, "t-4")
    customer.has(other, CHOICES[other][0], ["t-4"], "mixes-topics", "Each topic stands alone.")
    customer.has(topic, two, ["t-2"], "mixes-topics", "Another topic was told, not this one.")


def _check_repeats(customer: _Customer, topic: str, draw: random.Random) -> None:
    first, second, third, fourth = _times(draw)
    one, two, other = draw.sample(CHOICES[topic], 3)
    customer.says(topic, one, first, "t-1")
    customer.says(topic, one, third, "t-2")
    customer.says(topic, one, third, "t-2")
    customer.has(topic, one, ["t-1", "t-2"], "changes-the-text", "It was only said again.")
    customer.says(topic, two, second, "t-3")
    customer.has(
        topic, one, ["t-1", "t-2"], "forgets-the-repeat",
        f"It was repeated at {third}, which is later than {second}: keep the latest `said_at`.",
    )  # fmt: skip
    customer.says(topic, one, first, "t-4")
    customer.says(topic, two, second, "t-5")
    customer.has(
        topic, one, ["t-1", "t-2", "t-4"], "turns-the-clock-back",
        f"An old repeat must not turn `said_at` back from {third}.",
    )  # fmt: skip
    customer.says(topic, other, fourth, "t-6")
    customer.has(topic, other, ["t-6"], "keeps-the-first", "The customer has changed their mind.")


def _check_many(customer: _Customer, draw: random.Random) -> None:
    topics = [f"topic {number}" for number in draw.sample(range(100), 12)]
    for at, topic in enumerate(topics, 1):
        customer.says(topic, f"choice {at}", at, "t-1")
    count = len(dict(customer.read(customer.store, customer.user) or {}))
    expect(
        count == len(topics),
        "stops-at-ten",
        f"{customer.user} has a preference for each of {len(topics)} topics, and you return"
        f" {count}. `store.search` returns at most ten unless you pass a higher `limit`.",
    )


def _check_users(
    learn: Callable[..., None], preferences: Callable[..., Any], draw: random.Random
) -> None:
    ann, ben = (f"u-{number}" for number in draw.sample(range(1000, 9999), 2))
    store, text = InMemoryStore(), draw.choice(CHOICES["ink"])
    learn(store, ann, "ink", text, draw.randint(1, 999), "t-1")
    expect(
        not preferences(store, ben),
        "leaks-to-another-user",
        f"{ann} prefers {text}, and you say the same of {ben}, who has said nothing.",
    )
    expect(
        preferences(InMemoryStore(), ann) in ({}, None),
        "keeps-it-elsewhere",
        f"An empty store knows something about {ann}. Keep everything in the store you are given.",
    )
