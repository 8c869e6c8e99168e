"""Streaming: a run with a stop, progress, back-pressure, retries, and who blocks the loop.

Start with `run_stream.py`: it is short, and says what guards each failure.
"""

from agent_patterns.streaming.run_stream import RunStream
from agent_patterns.streaming.tokens import Channel, Progress, retry_stream

__all__ = ["Channel", "Progress", "RunStream", "retry_stream"]
