"""Hold what earlier cells of the page import and define."""

import asyncio

from langgraph.config import get_stream_writer

from agent_patterns.streaming import Progress
