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
from agent_patterns.persistence.outbox import Effect, Outbox
from agent_patterns.persistence.pruning import PruneReport, prune
from agent_patterns.persistence.quarantine import Quarantined, quarantined, restore
from agent_patterns.persistence.recovery import Damage, RecoveryReport, inspect, recover
from agent_patterns.persistence.storage import Usage, written_at
from agent_patterns.persistence.supervisor import Claim, Run, Supervisor

__all__ = [
    "AnswerRefused",
    "CheckpointCorrupted",
    "Claim",
    "ClaimLost",
    "ClaimRefused",
    "Damage",
    "Effect",
    "EffectFailed",
    "KeyReused",
    "NotSealed",
    "NothingToRecover",
    "Outbox",
    "PersistenceError",
    "PruneReport",
    "Quarantined",
    "RecoveryReport",
    "Run",
    "SafeCheckpointer",
    "SealKeyMismatch",
    "StateInvalid",
    "Supervisor",
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
