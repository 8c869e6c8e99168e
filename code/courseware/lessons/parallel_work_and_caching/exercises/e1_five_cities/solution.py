"""Solve: Five cities, one of them down."""

import asyncio


async def report(weather, cities):
    """Return the answers by city, and the cities that failed, both in the order of `cities`."""
    results = await asyncio.gather(*map(weather, cities), return_exceptions=True)
    answers, failed = {}, []
    for city, result in zip(cities, results, strict=True):
        if isinstance(result, Exception):
            failed.append(city)
        else:
            answers[city] = result
    return answers, failed
