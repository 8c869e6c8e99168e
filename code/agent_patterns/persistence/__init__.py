"""Persistence: checkpointers that can be trusted, recovery, and workers that replace each other."""

from agent_patterns.persistence.checkpointer import SafeCheckpointer
from agent_patterns.persistence.errors import (
    AnswerRefused,
    CheckpointCorrupted,
    ClaimLost,
    ClaimRefused,
    EffectFailed,
    KeyReused,
    NothingToRecover,
    NotSealed,
    PersistenceError,
    SealKeyMismatch,
    StateInvalid,
    UnknownBackend,
)
from agent_patterns.persistence.opening import open_async_checkpointer, open_checkpointer
from agent_patterns.persistence.pruning import PruneReport, prune
from agent_patterns.persistence.quarantine import Quarantined, quarantined, restore
from agent_patterns.persistence.recovery import Damage, RecoveryReport, inspect, recover
from agent_patterns.persistence.storage import Usage, written_at

__all__ = [
    "AnswerRefused",
    "CheckpointCorrupted",
    "ClaimLost",
    "ClaimRefused",
    "Damage",
    "EffectFailed",
    "KeyReused",
    "NotSealed",
    "NothingToRecover",
    "PersistenceError",
    "PruneReport",
    "Quarantined",
    "RecoveryReport",
    "SafeCheckpointer",
    "SealKeyMismatch",
    "StateInvalid",
    "UnknownBackend",
    "Usage",
    "inspect",
    "open_async_checkpointer",
    "open_checkpointer",
    "prune",
    "quarantined",
    "recover",
    "restore",
    "written_at",
]
