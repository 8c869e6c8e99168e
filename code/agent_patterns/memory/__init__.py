"""Memory of a conversation: what is sent, what is summarized, what is kept in files.

Read `context.py` first.
"""

from agent_patterns.memory.context import ContextManager, TokenCounter
from agent_patterns.memory.middleware import ContextMiddleware
from agent_patterns.memory.offload import Offload
from agent_patterns.memory.summary import SummaryMemory, missing_details

__all__ = [
    "ContextManager",
    "ContextMiddleware",
    "Offload",
    "SummaryMemory",
    "TokenCounter",
    "missing_details",
]
