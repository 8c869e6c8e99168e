"""Long-term memory: what users said, found by meaning, kept apart, merged, and forgotten.

Start with `memories.py`: it says what guards each failure.  All errors are in `errors.py`.
"""

from agent_patterns.longterm.errors import LongTermError
from agent_patterns.longterm.memory import Memory
from agent_patterns.longterm.opening import open_memories

__all__ = [
    "LongTermError",
    "Memory",
    "open_memories",
]
