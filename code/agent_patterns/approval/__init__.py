"""Human approval of actions: requests, decisions, execution exactly once.

Read `gate.py` first: it says what guards each failure.
"""

from agent_patterns.approval.arguments import Amount
from agent_patterns.approval.desk import ApprovalDesk
from agent_patterns.approval.gate import Review, ask
from agent_patterns.approval.ledger import ApprovalLedger, deliver
from agent_patterns.approval.policy import AutoApproval
from agent_patterns.approval.protocol import (
    ApprovalRequest,
    Decision,
    approve,
    edit,
    reject,
    respond,
)
from agent_patterns.approval.runs import ApprovalRuns

__all__ = [
    "Amount",
    "ApprovalDesk",
    "ApprovalLedger",
    "ApprovalRequest",
    "ApprovalRuns",
    "AutoApproval",
    "Decision",
    "Review",
    "approve",
    "ask",
    "deliver",
    "edit",
    "reject",
    "respond",
]
