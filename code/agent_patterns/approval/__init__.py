"""Human approval of actions: requests, decisions, execution exactly once.

Read `gate.py` first: it says what guards each failure.  `protocol.py` has the types.
"""

from agent_patterns.approval.arguments import Amount
from agent_patterns.approval.desk import ApprovalDesk
from agent_patterns.approval.gate import ask
from agent_patterns.approval.ledger import ApprovalLedger
from agent_patterns.approval.policy import AutoApproval
from agent_patterns.approval.protocol import approve, edit, reject
from agent_patterns.approval.runs import ApprovalRuns

__all__ = [
    "Amount",
    "ApprovalDesk",
    "ApprovalLedger",
    "ApprovalRuns",
    "AutoApproval",
    "approve",
    "ask",
    "edit",
    "reject",
]
