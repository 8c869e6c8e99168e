"""Teams of agents: six ways to share work, each a graph that drops into another.

============  ==================================================================================
supervisor    one router gives work to specialists, with limits on rounds, calls and tokens
manager       classifies a task: one specialist for a simple one, several for a complex one
network       peers on a message bus; who can help answers, nobody is in charge
pipeline      typed stages in a fixed order, resumable at the stage that failed
handoff_team  agents pass work to each other by a tool
backup_team   the next agent works when the one before it fails
============  ==================================================================================

All take ``{"task": text}`` and give ``result``, ``status``, ``work`` and ``turns``, the
transcript of who said what to whom and what it cost. An `interrupt` inside an agent goes through
every team: with a checkpointer, the run waits for its answer. Agents are called synchronously, in
`ainvoke` too.
"""

from agent_patterns.teams.agents import (
    Agent,
    Answer,
    Assignment,
    as_agent,
    chat_agent,
    message_usage,
    perform,
    renamed,
)
from agent_patterns.teams.backup import backup_team, with_backup
from agent_patterns.teams.errors import (
    AgentFailed,
    NoAgentLeft,
    RoutingError,
    StageFailed,
    StageMismatch,
    TeamError,
)
from agent_patterns.teams.handoff import handoff_team, handoff_tool
from agent_patterns.teams.manager import Classified, manager, structured_classifier
from agent_patterns.teams.network import Envelope, Offer, Peer, join_answers, network
from agent_patterns.teams.pipeline import (
    Report,
    Stage,
    agent_stage,
    pipeline,
    resume,
    stage,
    start,
)
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, latest
from agent_patterns.teams.supervisor import (
    FINISH,
    Limits,
    Progress,
    Route,
    Routed,
    structured_router,
    supervisor,
)
from agent_patterns.teams.turns import Tally, Turn, Usage, part_of, tally, turn, usage_of

__all__ = [
    "FINISH",
    "Agent",
    "AgentFailed",
    "Answer",
    "Assignment",
    "Classified",
    "Envelope",
    "Limits",
    "NoAgentLeft",
    "Offer",
    "Peer",
    "Progress",
    "Report",
    "Route",
    "Routed",
    "RoutingError",
    "Stage",
    "StageFailed",
    "StageMismatch",
    "Tally",
    "TeamError",
    "TeamInput",
    "TeamOutput",
    "TeamState",
    "Turn",
    "Usage",
    "agent_stage",
    "as_agent",
    "backup_team",
    "chat_agent",
    "handoff_team",
    "handoff_tool",
    "join_answers",
    "latest",
    "manager",
    "message_usage",
    "network",
    "part_of",
    "perform",
    "pipeline",
    "renamed",
    "resume",
    "stage",
    "start",
    "structured_classifier",
    "structured_router",
    "supervisor",
    "tally",
    "turn",
    "usage_of",
    "with_backup",
]
