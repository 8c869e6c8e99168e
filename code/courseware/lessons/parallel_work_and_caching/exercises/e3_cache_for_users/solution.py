"""Solve: A cache that respects its users."""

from .given import Cache, cache_key


def make_cached(ask, clock):
    """Return cached(question, user=…, model=…), which asks only what it does not know."""
    cache: Cache[str] = Cache(ttl=60, clock=clock)

    async def cached(question, *, user, model):
        key = cache_key(question, model=model, parameters={}, tools=[], user=user)
        return await cache.get_or_compute(key, lambda: ask(question, user, model))

    return cached
