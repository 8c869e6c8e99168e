"""Hold what earlier cells of the page import and define."""

from agent_patterns.resilience import FullJitter, Retry, classify
