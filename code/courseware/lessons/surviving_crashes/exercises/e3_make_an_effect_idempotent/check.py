"""Check: Make an effect idempotent."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph.types import Command

from agent_patterns.durable import EffectLog
from agent_patterns.durable.errors import KeyReused
from courseware.exercises import Wrong, chance, expect, expecting
from courseware.lessons.surviving_crashes.exercises.common import short

_PEOPLE = ("clara", "bruno", "ines", "priya", "tomas", "jonas", "mei", "omar")


class _PowerCut(BaseException):
    """The process is gone, with the letter sent and nothing noted."""


class _Post:
    """A post office that sends no letter twice under the same key."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str, str]] = {}
        self.asked = 0
        self.dies_at = 0
        self.clock = count(step=100.0).__next__  # a dead worker's lease is over at once

    def send(self, letter: Any, key: str) -> str:
        """Take a letter; die after it at the attempt that the check has chosen."""
        self.asked += 1
        content = (str(letter["to"]), str(letter["text"]), str(letter.get("id")))
        self.sent.setdefault(key, content)
        if self.asked == self.dies_at:
            raise _PowerCut
        return f"receipt for {letter['to']}: {letter['text']}"

    @property
    def letters(self) -> Counter[tuple[str, str]]:
        """Return how often each text was sent to each person."""
        return Counter((to, text) for to, text, _ in self.sent.values())


def check(letters_node: Callable[[Any, Any], Any]) -> None:
    """Run the node, kill it after some letter, and run it again in another process."""
    draw = chance()
    for dies in (0, 1, draw.randint(2, 3)):
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            _check_one(letters_node, draw, dies, f"sqlite:///{Path(folder).as_posix()}/effects.db")


def _orders(draw: random.Random) -> list[dict[str, Any]]:
    """Return two orders whose letters have the same ids; one person gets two that are alike."""
    one, two = draw.sample(_PEOPLE, 2)
    note = f"Parcel {draw.randrange(100, 999)} is on its way."
    orders = []
    for number in draw.sample(range(1100, 9900), 2):
        letters = [
            {"id": "a", "to": one, "text": note},
            {"id": "b", "to": one, "text": f"Your invoice: {draw.randrange(10, 99)} euros."},
            {"id": "c", "to": two, "text": note},
            {"id": "d", "to": one, "text": note},
        ]
        orders.append({"number": f"MF-{number}", "letters": letters})
    return orders


def _check_one(
    letters_node: Callable[[Any, Any], Any], draw: random.Random, dies: int, where: str
) -> None:
    post, orders = _Post(), _orders(draw)
    post.dies_at = dies
    wanted: Counter[tuple[str, str]] = Counter()
    for number, order in enumerate(orders):
        if dies and not number:
            _run(letters_node, where, post, order)
        draw.shuffle(order["letters"])
        for attempt in range(2):
            asked = post.asked
            order["letters"].append(order["letters"].pop(0))
            node = _run(letters_node, where, post, order)
            if not attempt:
                wanted.update((letter["to"], letter["text"]) for letter in order["letters"])
            _check_sent(post, wanted, order, f"killed after letter {dies}" if dies else "unharmed")
            _check_receipts(node, order)
        expect(
            post.asked == asked,
            "asks-again",
            f"Order {order['number']} was done, the node ran again, and `send` was called"
            f" {post.asked - asked} times. Receivers forget keys after a while. The log does not:"
            " `effects.perform` returns the receipt of a finished effect without asking again.",
        )


def _run(letters_node: Callable[[Any, Any], Any], where: str, post: _Post, order: Any) -> Any:
    """Run the node as a new process would; return its update, or None if it was killed."""
    node = letters_node(EffectLog(where, clock=post.clock, heartbeat=False), post.send)
    expect(
        callable(node), "returns-no-node", f"`letters_node` returned {short(node)}. Return a node."
    )
    try:
        with (
            _hashing_anew(letters_node),
            expecting("an update with the receipts. `send` takes one letter, as it is, and a key."),
        ):
            return node({**order, "letters": [dict(letter) for letter in order["letters"]]})
    except _PowerCut:
        return None
    except KeyReused as error:
        raise Wrong(
            "one-key-for-two-letters",
            f"Two different letters came under one key: {error} A person may get two letters, ids"
            " repeat in another order, and the list may be in another order next time.",
        ) from error


@contextmanager
def _hashing_anew(answer: Any) -> Iterator[None]:
    """Let `hash` give the answer's code other numbers, as it does in every new process."""
    names, salt = getattr(answer, "__globals__", {}), random.random()
    own = names.setdefault("hash", salted := lambda value: hash((salt, value)))
    try:
        yield
    finally:
        if own is salted:
            del names["hash"]


def _check_sent(post: _Post, wanted: Counter[tuple[str, str]], order: Any, how: str) -> None:
    said = f"Order {order['number']} ({how}, then run again)"
    missing, extra = wanted - post.letters, post.letters - wanted
    expect(
        not missing,
        "swallows-a-letter",
        f"{said}: {[*missing]} was not sent as often as ordered. Letters that are alike, or that"
        " go to one person, are still different letters: their ids differ. Under one key, `send`"
        " sends one letter.",
    )
    expect(
        not extra,
        "sends-it-twice",
        f"{said}: {[*extra]} was sent again. The key must be the same on every attempt, in every"
        " process, wherever the letter stands in the list.",
    )


def _check_receipts(update: Any, order: Any) -> None:
    values = update.update if isinstance(update, Command) else update
    receipts = values.get("receipts") if isinstance(values, dict) else None
    expected = [f"receipt for {each['to']}: {each['text']}" for each in order["letters"]]
    expect(
        receipts == expected,
        "loses-a-receipt",
        f"The node returned {short(update)}, with the receipts {receipts}. Return"
        " `{'receipts': […]}`, a list with one receipt for each letter, in the order of this"
        f" attempt's letters, also for those that had been sent before: {expected}.",
    )
