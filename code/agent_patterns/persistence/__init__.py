"""Persistence: checkpointers that can be trusted, recovery, and workers that replace each other."""

from agent_patterns.persistence.errors import (
    AnswerRefused,
    ClaimLost,
    ClaimRefused,
    EffectFailed,
    KeyReused,
    NothingToRecover,
    PersistenceError,
)
from agent_patterns.persistence.outbox import Effect, Outbox
from agent_patterns.persistence.supervisor import Claim, Run, Supervisor

__all__ = [
    "AnswerRefused",
    "Claim",
    "ClaimLost",
    "ClaimRefused",
    "Effect",
    "EffectFailed",
    "KeyReused",
    "NothingToRecover",
    "Outbox",
    "PersistenceError",
    "Run",
    "Supervisor",
]
