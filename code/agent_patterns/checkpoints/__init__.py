"""Checkpoints that can be trusted: open from a URL, verify, recover, prune.

Read `checkpointer.py` first: it says what can go wrong, and what guards against it.
"""

from agent_patterns.checkpoints.checkpointer import SafeCheckpointer, open_checkpointer
from agent_patterns.checkpoints.errors import CheckpointCorrupted, StateInvalid
from agent_patterns.checkpoints.recovery import recover
from agent_patterns.checkpoints.rows import prune

__all__ = [
    "CheckpointCorrupted",
    "SafeCheckpointer",
    "StateInvalid",
    "open_checkpointer",
    "prune",
    "recover",
]
