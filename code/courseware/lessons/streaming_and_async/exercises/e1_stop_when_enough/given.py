"""Hold what earlier cells of the page import and define."""

from agent_patterns.streaming import RunStream
