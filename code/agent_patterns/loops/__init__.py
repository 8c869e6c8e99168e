"""Agent loops that end: budgets with a polite stop, and transcripts that a provider accepts.

Read `budget.py` first.
"""

from agent_patterns.loops.budget import Budget, BudgetGate
from agent_patterns.loops.middleware import BudgetMiddleware
from agent_patterns.loops.transcript import check_tools, repair_transcript

__all__ = [
    "Budget",
    "BudgetGate",
    "BudgetMiddleware",
    "check_tools",
    "repair_transcript",
]
