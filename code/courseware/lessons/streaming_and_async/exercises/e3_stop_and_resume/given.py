"""Hold what earlier cells of the page import and define."""

import asyncio

from agent_patterns.streaming import RunStream
