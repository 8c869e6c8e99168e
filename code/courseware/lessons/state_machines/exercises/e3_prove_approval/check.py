"""Check: Prove that no path skips approval."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Set
from typing import Any

from courseware.exercises import Wrong, chance, expect

Edge = tuple[str, str, str]
APPROVE, REVOKE = "approve", frozenset({"correct", "redraft"})

# Tables in which the answer is known: the edges from "idle" to "acting", the shortest way, the
# misconception of whoever finds another, and what to say about it.
SAFE = (
    "idle go draft, draft drafted wait, wait approve acting, wait correct draft, acting sent idle"
)
KNOWN: list[tuple[str, int | None, str, str]] = [
    (SAFE, None, "sees-what-is-not-there", "every way to the goal has a valid approval"),
    ("idle go draft, draft drafted wait, wait approve wait", None, "sees-what-is-not-there",
     "no way leads to the goal at all"),
    (f"{SAFE}, draft exception error, error retry acting", 3, "misses-a-way",
     "three events lead there without any approval"),
    (f"{SAFE}, idle loop idle, draft loop draft, wait resume acting", 3, "misses-a-way",
     "three events lead there without any approval"),
    ("idle approve mid, idle go far, far go farther, farther go mid, mid send acting", 4,
     "visits-a-state-once", "a state is reached first with an approval, and later without one"),
    ("idle go wait, wait approve ready, ready correct ready, ready send acting", 4,
     "keeps-an-old-approval", "the approval is taken back on the way, after it was given"),
    (f"{SAFE}, acting exception error, error redraft fresh, fresh send acting", 6,
     "keeps-an-old-approval", "the approval is taken back on the way, after the goal was reached"),
    ("idle go a, a go b, b go c, c send acting, idle walk d, d send acting", 2,
     "not-the-shortest", "a shorter way leads there"),
    (f"idle go s0, {', '.join(f's{n} go s{n + 1}' for n in range(18))}, s18 send acting", 20,
     "misses-a-way", "a way may be as long as there are states"),
]  # fmt: skip


def check(unapproved: Callable[..., Any]) -> None:
    """Ask about tables with a known answer, renamed at random, and about random ones."""
    draw = chance()
    for text, length, misconception, why in KNOWN:
        known = [edge.split() for edge in text.split(", ")]
        _ask(unapproved, _renamed(known, draw), length, misconception, why)
    for _ in range(40):
        edges, start, goal = _random_table(draw)
        length = _shortest(edges, start, goal)
        misconception = "sees-what-is-not-there" if length is None else "misses-a-way"
        why = "no way leads there unapproved" if length is None else f"{length} events lead there"
        _ask(unapproved, (edges, start, goal, APPROVE, set(REVOKE)), length, misconception, why)


def _ask(
    unapproved: Callable[..., Any],
    question: tuple[list[Edge], str, str, str, set[str]],
    length: int | None,
    misconception: str,
    why: str,
) -> None:
    edges, start, goal, approve, revoke = question
    got = unapproved(list(edges), start, goal, approve, set(revoke))
    shown = ", ".join(f"{a} -{event}-> {b}" for a, event, b in edges)
    told = (
        f"From {start!r} to {goal!r}, with {approve!r} as approval, taken back by"
        f" {sorted(revoke)}: {why}. `unapproved` returned {got!r}. The edges: {shown}"
    )
    if length is None:
        expect(got is None, misconception, told)
        return
    expect(got is not None, misconception, told)
    expect(
        isinstance(got, list | tuple) and all(isinstance(event, str) for event in got),
        "returns-no-list",
        told,
    )
    if strange := [name for name in got if name not in {event for _, event, _ in edges}]:
        raise Wrong("returns-no-events", f"{strange[0]!r} is not an event's name. {told}")
    expect(
        _leads(edges, start, goal, approve, revoke, got),
        "no-such-way",
        f"These events lead there by no unapproved way. {told}",
    )
    expect(len(got) == length, "not-the-shortest", f"{length} events are enough. {told}")


def _next(
    edges: Iterable[Edge], pairs: Set[tuple[str, bool]], approve: str, revoke: Set[str], event: str
) -> set[tuple[str, bool]]:
    """Return the pairs of a state and a valid approval to which an event leads."""
    return {
        (target, (valid or event == approve) and event not in revoke)
        for state, valid in pairs
        for source, said, target in edges
        if source == state and said == event
    }


def _leads(
    edges: list[Edge], start: str, goal: str, approve: str, revoke: Set[str], events: Iterable[str]
) -> bool:
    pairs: set[tuple[str, bool]] = {(start, False)}
    for event in events:
        pairs = _next(edges, pairs, approve, revoke, event)
    return (goal, False) in pairs


def _shortest(edges: list[Edge], start: str, goal: str) -> int | None:
    pairs: set[tuple[str, bool]] = {(start, False)}
    names = {event for _, event, _ in edges}
    for length in range(2 * len(edges) + 2):
        if (goal, False) in pairs:
            return length
        pairs = set().union(*(_next(edges, pairs, APPROVE, REVOKE, name) for name in names))
    return None


def _renamed(
    listed: list[list[str]], draw: random.Random
) -> tuple[list[Edge], str, str, str, set[str]]:
    """Give states and events names that are drawn, and shuffle the edges."""
    words = sorted({word for edge in listed for word in edge} | {APPROVE, *REVOKE, "acting"})
    numbers = draw.sample(range(100, 999), len(words))
    names = {word: f"{word[0]}{number}" for word, number in zip(words, numbers, strict=True)}
    renamed = [(names[a], names[event], names[b]) for a, event, b in listed]
    draw.shuffle(renamed)
    revoke = {names[each] for each in REVOKE}
    return renamed, names["idle"], names["acting"], names[APPROVE], revoke


def _random_table(draw: random.Random) -> tuple[list[Edge], str, str]:
    states = [f"s{number}" for number in range(draw.randint(4, 7))]
    events = [APPROVE, APPROVE, *sorted(REVOKE), "go", "send", "retry"]
    edges = {
        (draw.choice(states), draw.choice(events), draw.choice(states))
        for _ in range(draw.randint(6, 12))
    }
    start, goal = draw.sample(states, 2)
    return sorted(edges), start, goal
