"""Caching of answers: exact keys, single flight, files, and questions that mean the same.

Start with `cache.py`: it is short, and says what guards each failure.
"""

from agent_patterns.caching.cache import EVERYONE, Cache, cache_key
from agent_patterns.caching.semantic import SemanticCache
from agent_patterns.caching.store import CacheError, SqliteStore

__all__ = [
    "EVERYONE",
    "Cache",
    "CacheError",
    "SemanticCache",
    "SqliteStore",
    "cache_key",
]
