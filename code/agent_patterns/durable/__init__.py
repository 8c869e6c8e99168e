"""Durable runs: leases with a heartbeat, fencing tokens, effects exactly once under a key.

Read `runner.py` first: it says what guards each failure.
"""

from agent_patterns.durable.effects import EffectLog
from agent_patterns.durable.runner import Runner
from agent_patterns.durable.runs import Run

__all__ = ["EffectLog", "Run", "Runner"]
