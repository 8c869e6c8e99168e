"""Checkpoints that can be trusted: open from a URL, verify, recover, prune.

Read `checkpointer.py` first: it says what can go wrong with stored state, and what guards against
it.
"""

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer
from agent_patterns.checkpoints.errors import (
    CheckpointCorrupted,
    CheckpointError,
    NotSealed,
    SealKeyMismatch,
    StateInvalid,
)
from agent_patterns.checkpoints.opening import open_checkpointer
from agent_patterns.checkpoints.pruning import prune
from agent_patterns.checkpoints.recovery import inspect, recover

__all__ = [
    "CheckpointCorrupted",
    "CheckpointError",
    "NotSealed",
    "SafeCheckpointer",
    "SealKeyMismatch",
    "StateInvalid",
    "inspect",
    "open_checkpointer",
    "prune",
    "recover",
]
