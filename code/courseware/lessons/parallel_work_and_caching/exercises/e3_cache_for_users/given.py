"""Hold what earlier cells of the page import and define."""

from agent_patterns.caching import EVERYONE, Cache, SqliteStore, cache_key
