"""Lesson 13 in the terminal: a morning report that keeps what it gets, and asks nothing twice.

    python code/13_parallel_work_and_caching.py                    # one station is down
    python code/13_parallel_work_and_caching.py --down Lisbon,Turin --limit 2
    python code/13_parallel_work_and_caching.py --cache today.sqlite

With a cache file, a second run asks only the stations that failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Annotated, Any, TypedDict

from langgraph.graph import START, StateGraph

from agent_patterns.caching import EVERYONE, Cache, CacheError, SqliteStore, cache_key
from agent_patterns.parallel import Outcome, Outcomes, branch, merge, send_each
from courseware.lessons.parallel_work_and_caching.stations import SECONDS, Stations


class Morning(TypedDict, total=False):
    """A report on its way: cities in, outcomes in between."""

    cities: list[str]
    outcomes: Annotated[list[Outcome[str]], merge]
    report: str


def build(weather: Any) -> Any:
    """Return the graph: one branch a city, then the report."""

    def gather(state: Morning) -> Morning:
        outcomes = Outcomes(state["outcomes"])
        lines = [f"  {one.name:<8} {one.value}" for one in outcomes if one.ok]
        return {"report": "\n".join([*lines, outcomes.report()])}

    def each(state: Morning) -> Any:
        return send_each("ask", state["cities"])

    builder: Any = StateGraph(Morning)
    builder.add_node("ask", branch(weather, attempts=2, timeout=5))
    builder.add_node("gather", gather, defer=True)
    builder.add_conditional_edges(START, each, ["ask"]).add_edge("ask", "gather")
    return builder.compile()


async def report(stations: Stations, cache: Cache[str], limit: int) -> str:
    """Ask every station that the cache has no answer of, at most `limit` at once."""

    async def weather(city: str) -> str:
        key = cache_key(city, model="stations", parameters={}, tools=[], user=EVERYONE)
        return await cache.get_or_compute(key, lambda: stations(city))

    result = await build(weather).ainvoke({"cities": [*SECONDS]}, {"max_concurrency": limit})
    return str(result["report"])


def main() -> int:
    """Run the report once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--down", default="Oslo", help="stations that fail, as Oslo,Turin")
    parser.add_argument("--limit", type=int, default=3, help="calls at the same time")
    parser.add_argument("--cache", metavar="FILE", help="keep answers for an hour in this file")
    options = parser.parse_args()
    stations = Stations(down=options.down.split(","))
    try:
        store = SqliteStore(options.cache) if options.cache else None
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    print(asyncio.run(report(stations, Cache(store, ttl=3600), options.limit)))
    print(f"calls: {len(stations.asked)}")
    if store is not None:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
