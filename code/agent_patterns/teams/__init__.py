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
transcript of who said what to whom and what it cost. All run by `invoke` and `stream` and, without
blocking the event loop, by `ainvoke` and `astream`; tools, routers and agents that are async only
need the latter.

==========================================  ========================================  =============
what goes wrong                             what guards it                            read
==========================================  ========================================  =============
a team that never finishes                  `Limits` on rounds, calls and tokens;     supervisor.py
                                            `max_handoffs`, `max_hops`
a page without sources called done          `accept` with `cites`, ``no source``      sources.py
a route to somebody who does not exist      structured decisions, `RoutingError`      supervisor.py
everybody reads everything                  an agent `reads` the kinds of work that   agents.py
                                            you name, and nothing else
an agent that fails                         `AgentFailed` with its name, a turn with  agents.py
                                            ``on_failure="report"``, or a backup
a value of the wrong type between stages    checked where it passes, `StageFailed`    pipeline.py
work repeated after a failure               checkpoint a stage, then `resume`         pipeline.py
a tool's result lost by a handoff           the handoff waits for the other tools     handoff.py
an `interrupt` inside an agent              it goes through every team; the run       steps.py
                                            waits for its answer
costs that nobody can explain               every turn says what it cost, `tally`     turns.py
==========================================  ========================================  =============

Read `supervisor.py` first; what it builds on is in `agents.py`.
"""

from agent_patterns.teams.agents import Agent, as_agent, chat_agent
from agent_patterns.teams.backup import backup_team
from agent_patterns.teams.handoff import handoff_team, handoff_tool
from agent_patterns.teams.manager import manager
from agent_patterns.teams.network import network
from agent_patterns.teams.pipeline import pipeline
from agent_patterns.teams.supervisor import Limits, Route, supervisor
from agent_patterns.teams.turns import tally

__all__ = [
    "Agent",
    "Limits",
    "Route",
    "as_agent",
    "backup_team",
    "chat_agent",
    "handoff_team",
    "handoff_tool",
    "manager",
    "network",
    "pipeline",
    "supervisor",
    "tally",
]
