"""Human approval of actions: requests, decisions, execution exactly once.

`ask` interrupts a node until a human has decided; `ExecutionLedger` executes what was approved,
once; `ApprovalDesk` keeps what waits, for whom and until when; `ApprovalRuns` and `create_app`
(in `agent_patterns.approval.service`) put a graph behind it.
"""

from agent_patterns.approval.arguments import Amount, ArgumentModels
from agent_patterns.approval.chain import RoleChain
from agent_patterns.approval.delivery import adeliver, deliver
from agent_patterns.approval.desk import ApprovalDesk, Escalation
from agent_patterns.approval.digest import digest
from agent_patterns.approval.errors import (
    AlreadyDecided,
    AlreadyRunning,
    ApprovalError,
    ArgumentsChanged,
    ExecutionUncertain,
    Expired,
    InvalidArguments,
    InvalidDecision,
    InvalidRequest,
    NotAllowed,
    NotApproved,
    SamePerson,
    UnknownApproval,
    WrongRole,
)
from agent_patterns.approval.gate import (
    Review,
    answer_schema,
    ask,
    check_decision,
    pass_without_asking,
    review_of,
)
from agent_patterns.approval.ledger import Execution, ExecutionLedger
from agent_patterns.approval.payloads import Asked, read_payload
from agent_patterns.approval.policy import AutoApproval, Verdict
from agent_patterns.approval.protocol import (
    Action,
    ApprovalRequest,
    Decision,
    DecisionType,
    approve,
    edit,
    reject,
    respond,
)
from agent_patterns.approval.runs import ApprovalRuns, Run
from agent_patterns.approval.ticket import AuditEntry, Source, Ticket
from agent_patterns.approval.waiting import waiting_threads

__all__ = [
    "Action",
    "AlreadyDecided",
    "AlreadyRunning",
    "Amount",
    "ApprovalDesk",
    "ApprovalError",
    "ApprovalRequest",
    "ApprovalRuns",
    "ArgumentModels",
    "ArgumentsChanged",
    "Asked",
    "AuditEntry",
    "AutoApproval",
    "Decision",
    "DecisionType",
    "Escalation",
    "Execution",
    "ExecutionLedger",
    "ExecutionUncertain",
    "Expired",
    "InvalidArguments",
    "InvalidDecision",
    "InvalidRequest",
    "NotAllowed",
    "NotApproved",
    "Review",
    "RoleChain",
    "Run",
    "SamePerson",
    "Source",
    "Ticket",
    "UnknownApproval",
    "Verdict",
    "WrongRole",
    "adeliver",
    "answer_schema",
    "approve",
    "ask",
    "check_decision",
    "deliver",
    "digest",
    "edit",
    "pass_without_asking",
    "read_payload",
    "reject",
    "respond",
    "review_of",
    "waiting_threads",
]
