"""Parallel work: bounded fan-out with partial failure, and the same as branches of a graph.

Start with `fan_out.py`: it is short, and says what guards each failure.
"""

from agent_patterns.parallel.branches import branch, merge, send_each
from agent_patterns.parallel.fan_out import fan_out
from agent_patterns.parallel.outcomes import Outcome, Outcomes

__all__ = ["Outcome", "Outcomes", "branch", "fan_out", "merge", "send_each"]
