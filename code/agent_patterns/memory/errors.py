"""Errors of `agent_patterns.memory`: ContextError and, below it, BudgetTooSmallError."""

from agent_patterns.errors import PatternError


class ContextError(PatternError):
    """Base of the errors of `agent_patterns.memory`."""


class BudgetTooSmallError(ContextError, ValueError):
    """Raised when what must be sent does not fit; nothing was left out or sent."""

    def __init__(self, max_tokens: int, system: int, last: int) -> None:
        super().__init__(max_tokens, system, last)
        self.max_tokens, self.system, self.last = max_tokens, system, last

    def __str__(self) -> str:
        return (
            f"{self.max_tokens} tokens cannot hold the system prompt ({self.system}) and the last "
            f"exchange ({self.last}). Raise the budget, shorten the prompt, or offload large "
            "tool results"
        )
