"""Durable runs: leases with a heartbeat, fencing tokens, effects exactly once under a key.

Read `runner.py` first: it says what guards each failure.
"""

from agent_patterns.durable.database import open_database
from agent_patterns.durable.effects import Effect, EffectLog
from agent_patterns.durable.errors import (
    AnswerRefused,
    DurableError,
    EffectUncertain,
    KeyReused,
    LeaseHeld,
    LeaseLost,
    RunExists,
)
from agent_patterns.durable.runner import Runner
from agent_patterns.durable.runs import Run

__all__ = [
    "AnswerRefused",
    "DurableError",
    "Effect",
    "EffectLog",
    "EffectUncertain",
    "KeyReused",
    "LeaseHeld",
    "LeaseLost",
    "Run",
    "RunExists",
    "Runner",
    "open_database",
]
