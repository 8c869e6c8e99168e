"""Weather stations that take their time, for the shop's morning report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

SECONDS = {"Lisbon": 0.5, "Oslo": 0.2, "Bristol": 0.4, "Vienna": 0.7, "Turin": 0.3}
"""How long each station takes to answer."""

DEGREES = {"Lisbon": 19, "Oslo": 4, "Bristol": 11, "Vienna": 9, "Turin": 14}


class StationDown(ConnectionError):
    """A weather station does not answer."""


class Stations:
    """Ask a city's station, as an async function of the city.

    `most` says how many calls were under way at the same time.

    Args:
        down: cities whose station fails.
    """

    def __init__(self, down: Iterable[str] = ()) -> None:
        self.down = set(down)
        self.asked: list[str] = []
        self.answered: list[str] = []
        self.most = self._running = 0

    async def __call__(self, city: str) -> str:
        """Return the weather of a city.

        Raises:
            StationDown: its station is down, or it has none.
        """
        if city not in SECONDS:
            raise StationDown(f"no station in {city}, only in {', '.join(SECONDS)}")
        self.asked.append(city)
        self._running += 1
        self.most = max(self.most, self._running)
        try:
            await asyncio.sleep(SECONDS[city])
        finally:
            self._running -= 1
        if city in self.down:
            raise StationDown(f"no answer from the station of {city}")
        self.answered.append(city)
        return f"{DEGREES[city]} degrees"
