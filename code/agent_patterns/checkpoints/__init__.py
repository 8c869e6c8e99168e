"""Checkpoints that can be trusted: open from a URL, verify, recover, prune.

Read `checkpointer.py` first: it says what can go wrong with stored state, and what guards against
it.  All errors are in `errors.py`; `recovery.inspect` looks for damage and changes nothing.
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
