"""Errors of `agent_patterns.loops`: LoopError, and below it BudgetError and TranscriptError."""

from agent_patterns.errors import PatternError


class LoopError(PatternError):
    """Base of the errors of `agent_patterns.loops`."""


class BudgetError(LoopError, ValueError):
    """Raised for a budget that cannot be kept: no limit, a limit below one, no usage to count."""


class TranscriptError(LoopError, ValueError):
    """Raised for a transcript that cannot be repaired, or tools that cannot be told apart."""
