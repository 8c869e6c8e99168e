"""Long-term memory: what users said, found by meaning, kept apart, merged, and forgotten.

Start with `memories.py`: it says what guards each failure.  All errors are in `errors.py`.
"""

from agent_patterns.longterm.errors import LongTermError
from agent_patterns.longterm.forgetting import forget_user
from agent_patterns.longterm.opening import open_memories
from agent_patterns.longterm.recall import RecallMiddleware
from agent_patterns.longterm.writer import MemoryWriter

__all__ = [
    "LongTermError",
    "MemoryWriter",
    "RecallMiddleware",
    "forget_user",
    "open_memories",
]
