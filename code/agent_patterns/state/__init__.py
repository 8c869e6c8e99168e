"""State of a graph: reducers with tested properties, and which framework a task needs.

Read `reducers.py` first.
"""

from agent_patterns.state.choosing import Needs, recommend
from agent_patterns.state.reducers import append, join, latest_by, maximum, unique

__all__ = [
    "Needs",
    "append",
    "join",
    "latest_by",
    "maximum",
    "recommend",
    "unique",
]
