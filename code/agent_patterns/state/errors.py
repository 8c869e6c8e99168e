"""Errors of `agent_patterns.state`: StateError, and below it ReducerError."""

from agent_patterns.errors import PatternError


class StateError(PatternError):
    """Base of the errors of `agent_patterns.state`."""


class ReducerError(StateError, ValueError):
    """Raised for a reducer that cannot be built, or an update that it cannot merge."""
