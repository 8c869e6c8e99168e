"""A manager classifies a task: a simple one goes to one specialist, a complex one to several.

Steps of a complex task that do not build on each other run at the same time.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite, Send

from agent_patterns.teams.agents import (
    Agent,
    Clock,
    perform,
)
from agent_patterns.teams.errors import AgentFailed, RoutingError, TeamError
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, check_names
from agent_patterns.teams.steps import Ask, Steps, node_of
from agent_patterns.teams.turns import NOTHING, Usage, turn

Plan = Sequence[str | Sequence[str]]
"""Steps in order; a group of names is one step whose agents work at the same time."""


@dataclass(frozen=True)
class Classified:
    """A verdict on a task: ``simple`` with the specialist who suits it, or ``complex``."""

    kind: Literal["simple", "complex"]
    specialist: str = ""
    usage: Usage = NOTHING


Classifier = Callable[[str], "Classified | Awaitable[Classified]"]


class _ManagerState(TeamState):
    steps: list[list[str]]
    done: Annotated[int, operator.add]
    failed: Annotated[list[str], operator.add]


def manager(
    agents: Sequence[Agent],
    classifier: Classifier,
    plan: Plan,
    *,
    result: str | None = None,
    on_failure: Literal["raise", "report"] = "raise",
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "manager_team",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the team as a graph: ``{"task": …}`` in, result, status, work and turns out.

    A complex task goes through `plan`; `result` names the kind of work that is the result. Without
    it, and where nobody at work produces that kind, all answers are, each under its agent's name.
    With ``on_failure="report"`` the steps after a failed agent go on with what there is, and the
    status is ``failed``.
    """
    check_names([agent.name for agent in agents], "manager", "gather", "combine")
    members = {agent.name: agent for agent in agents}
    steps = [[step] if isinstance(step, str) else list(step) for step in plan]
    for known in [entry for step in steps for entry in step]:
        if known not in members:
            raise TeamError(f"The plan names {known!r}, who is not in the team: {list(members)}.")
    if not all(steps):
        raise TeamError("The plan has a step without agents. Name who works in it.")

    graph = StateGraph(_ManagerState, input_schema=TeamInput, output_schema=TeamOutput)
    graph.add_node("manager", _classifying(classifier, members, steps, clock))
    graph.add_node("gather", _gather)
    graph.add_node("combine", _combining(members, result))
    graph.add_edge(START, "manager")
    targets = [*members, "combine"]
    graph.add_conditional_edges("manager", _next_step, targets)
    for agent in agents:
        graph.add_node(agent.name, _node(agent, on_failure, clock))
        graph.add_edge(agent.name, "gather")
    graph.add_conditional_edges("gather", _next_step, targets)
    graph.add_edge("combine", END)
    return graph.compile(checkpointer=checkpointer, name=name)


def _classifying(
    classifier: Classifier, members: Mapping[str, Agent], steps: list[list[str]], clock: Clock
) -> Any:
    def classify(state: _ManagerState) -> Steps[dict[str, Any]]:
        started = clock()
        verdict = yield Ask(classifier, (state["task"],))
        if verdict.kind == "simple" and verdict.specialist not in members:
            raise RoutingError(verdict.specialist, members)
        chosen = [[verdict.specialist]] if verdict.kind == "simple" else steps
        if not chosen:
            raise TeamError("The task is complex, and the plan has no steps for it.")
        said = turn(
            "manager",
            "manager",
            f"{verdict.kind}: {', '.join(entry for step in chosen for entry in step)}",
            "decision",
            usage=verdict.usage,
            started=started,
            ended=clock(),
        )
        return {
            "steps": chosen,
            "turns": Overwrite([said]),
            "work": Overwrite({}),
            "failed": Overwrite([]),
            "done": Overwrite(0),
            "status": "working",
        }

    return node_of(classify)


def _next_step(state: _ManagerState) -> list[Send] | str:
    if state["done"] >= len(state["steps"]):
        return "combine"
    return [Send(entry, state) for entry in state["steps"][state["done"]]]


def _gather(state: _ManagerState) -> dict[str, Any]:
    return {"done": 1}


def _combining(members: Mapping[str, Agent], result: str | None) -> Any:
    def combine(state: _ManagerState) -> dict[str, Any]:
        work = state.get("work", {})
        used = {entry for step in state["steps"] for entry in step}
        planned = result in {members[entry].produces for entry in used}
        kinds = [result] if result is not None and planned else list(work)
        texts = [
            (author, text)
            for kind in kinds
            for author, text in work.get(kind, {}).items()
            if author in used
        ]
        alone = len(texts) == 1 or planned
        joined = "\n\n".join(text if alone else f"{author}:\n{text}" for author, text in texts)
        return {"result": joined, "status": "failed" if state.get("failed") else "done"}

    return combine


def _node(agent: Agent, on_failure: Literal["raise", "report"], clock: Clock) -> Any:
    def run(state: _ManagerState) -> Steps[dict[str, Any]]:
        given = agent.assignment(state["task"], state.get("work", {}))
        try:
            done = yield from perform(agent, given, asked_by="manager", clock=clock)
        except AgentFailed as error:
            if on_failure == "raise":
                raise
            return {"turns": error.turns, "failed": [agent.name]}
        return {"turns": done.turns, "work": {agent.produces: {agent.name: done.answer.text}}}

    return node_of(run, agent.graph)
