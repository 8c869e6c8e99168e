"""A backup works when the first agent fails, and the answer says who gave it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite

from agent_patterns.teams.agents import (
    Agent,
    Answer,
    Assignment,
    Clock,
    as_agent,
    perform,
)
from agent_patterns.teams.errors import AgentFailed, NoAgentLeft, caused_by
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, check_names
from agent_patterns.teams.steps import Steps, node_of
from agent_patterns.teams.turns import turn


def accept_all(answer: Answer) -> bool:
    """Accept every answer, an empty one excepted."""
    return bool(answer.text.strip())


class _BackupState(TeamState):
    place: int


def backup_team(
    agents: Sequence[Agent],
    *,
    accept: Callable[[Answer], bool] = accept_all,
    retry_on: type[Exception] | tuple[type[Exception], ...] = Exception,
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "backup_team",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the chain as a graph: the first agent whose answer is accepted wins.

    Only failures caused by `retry_on`, in the agent or in a team inside it, lead to the next
    agent; any other is raised as `AgentFailed`. Raises `NoAgentLeft` when all have failed.
    """
    check_names([agent.name for agent in agents], "give_up")
    graph = StateGraph(_BackupState, input_schema=TeamInput, output_schema=TeamOutput)
    for place, agent in enumerate(agents):
        graph.add_node(agent.name, _node(agent, place == 0, accept, retry_on, clock))
        if place == 0:
            graph.add_edge(START, agent.name)
        following = agents[place + 1].name if place + 1 < len(agents) else "give_up"
        graph.add_conditional_edges(
            agent.name,
            lambda state: "accepted" if state.get("status") == "done" else "failed",
            {"accepted": END, "failed": following},
        )

    def give_up(state: _BackupState) -> dict[str, Any]:
        lines = [
            f"{entry['sender']}: {entry['text']}"
            for entry in state["turns"]
            if entry["kind"] == "failure"
        ]
        raise NoAgentLeft(lines)

    graph.add_node("give_up", give_up)
    graph.add_edge("give_up", END)
    return graph.compile(checkpointer=checkpointer, name=name)


def with_backup(
    agent: Agent,
    *others: Agent,
    accept: Callable[[Answer], bool] = accept_all,
    retry_on: type[Exception] | tuple[type[Exception], ...] = Exception,
) -> Agent:
    """Return the same agent to the rest of the team, with backups behind it."""
    graph = backup_team([agent, *others], accept=accept, retry_on=retry_on)
    return as_agent(
        agent.name, agent.description, graph, reads=agent.reads, produces=agent.produces
    )


def _node(
    agent: Agent,
    first: bool,
    accept: Callable[[Answer], bool],
    retry_on: type[Exception] | tuple[type[Exception], ...],
    clock: Clock,
) -> Any:
    def run(state: _BackupState) -> Steps[dict[str, Any]]:
        given = Assignment(state["task"])
        update: dict[str, Any] = {"status": "failed", "work": {}}
        try:
            done = yield from perform(agent, given, asked_by="user", clock=clock)
        except AgentFailed as error:
            if not caused_by(error, retry_on):
                raise
            update["turns"] = error.turns
        else:
            update["turns"] = done.turns
            if accept(done.answer):
                text = done.answer.text
                update |= {"status": "done", "result": text}
                update["work"] = {agent.produces: {agent.name: text}}
            else:
                refused = turn(agent.name, "user", "Failed: the answer was not accepted", "failure")
                update["turns"] = [*done.turns, refused]
        if first:
            update |= {key: Overwrite(update[key]) for key in ("turns", "work")}
        return update

    return node_of(run, agent.graph)
