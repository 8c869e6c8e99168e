"""Work whose calls end in an order that is drawn, once all of them have begun."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

TURNS = 200
"""Turns of the event loop in which calls that run at once have all begun."""


class Down(ConnectionError):
    """A station, or a document, fails."""


class Together:
    """An async function of one item; it tells whether all calls were under way at once."""

    def __init__(self, items: Sequence[str], down: Sequence[str], chance: random.Random) -> None:
        self.count = len(items)
        self.down = set(down)
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.at_once = False
        order = list(items)
        chance.shuffle(order)
        self._turn = {item: place for place, item in enumerate(order)}
        values = [0, *chance.sample(range(1, 31), len(items) - 1)]  # 0 is an answer like any other
        self._value = dict(zip(chance.sample(items, len(items)), values, strict=True))

    async def __call__(self, item: str) -> int:
        """Return a value that belongs to the item, or fail."""
        self.begun.append(item)
        for _ in range(TURNS):
            await asyncio.sleep(0)
            if len(self.begun) >= self.count and not self.ended:
                self.at_once = True
                break
        for _ in range(3 * self._turn[item]):
            await asyncio.sleep(0)
        self.ended.append(item)
        if item in self.down:
            raise Down(f"{item} is down")
        return self.value(item)

    def value(self, item: str) -> int:
        """Return the right answer for an item."""
        return self._value[item]
