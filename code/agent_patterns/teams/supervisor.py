"""A supervisor gives work to specialists, one at a time, until it says FINISH or a limit holds.

The router is asked for a *structured* decision: its values are the agents' names and FINISH, so
free text can name nobody who does not exist. Each agent sees its assignment and the kinds of
work it reads, never the whole conversation.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite
from pydantic import BaseModel

from agent_patterns.teams.agents import Agent, Clock, Work, perform
from agent_patterns.teams.errors import AgentFailed, RoutingError, TeamError
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, check_names, latest
from agent_patterns.teams.steps import Ask, Steps, node_of
from agent_patterns.teams.turns import NOTHING, Turn, Usage, turn, usage_of

FINISH = "FINISH"


class Route(BaseModel):
    """The agent who works next, and on what."""

    next: str
    instructions: str = ""


@dataclass(frozen=True)
class Progress:
    """Everything that a router sees: the task, the work so far, and the transcript."""

    task: str
    work: Work
    turns: Sequence[Turn]

    @property
    def rounds(self) -> int:
        """Return the assignments given so far; a team inside counts its own."""
        return _rounds(self.turns)

    @property
    def text(self) -> str:
        """Return the progress as a message: who did what, only the newest of each in full."""
        lines = [f"Task: {self.task}", "", "Progress so far:"]
        done = _reports(self.turns)
        newest = {entry["sender"]: place for place, entry in enumerate(done)}
        for place, entry in enumerate(done):
            said = entry["text"] if newest[entry["sender"]] == place else "(replaced later)"
            lines.append(f"{entry['sender']}: {said}")
        if not done:
            lines.append("nothing yet")
        return "\n".join(lines)

    @property
    def brief(self) -> str:
        """Return who worked and the first line of what they said."""
        done = _reports(self.turns)
        lines = [f"{t['sender']}: {t['text'].strip()[:80]}".partition("\n")[0] for t in done]
        return "\n".join(["Progress so far:", *(lines or ["nothing yet"])])


@dataclass(frozen=True)
class Routed:
    """A router's decision and what it cost."""

    route: Route
    usage: Usage = NOTHING


Router = Callable[[Progress], "Route | Routed | Awaitable[Route | Routed]"]


@dataclass(frozen=True)
class Limits:
    """The limits at which a supervisor stops although it was not told FINISH.

    `rounds` counts assignments to agents, `calls` model calls, `tokens` tokens in both
    directions. None means no limit; rounds always have one.
    """

    rounds: int = 12
    calls: int | None = None
    tokens: int | None = None

    def reached(self, turns: Sequence[Turn]) -> str | None:
        """Return the name of the limit that is reached."""
        usage = usage_of(turns)
        if _rounds(turns) >= self.rounds:
            return "rounds"
        if self.calls is not None and usage.calls >= self.calls:
            return "calls"
        if self.tokens is not None and usage.tokens >= self.tokens:
            return "tokens"
        return None


class _SupervisorState(TeamState):
    next: str
    instructions: str


def supervisor(
    agents: Sequence[Agent],
    router: Router,
    *,
    limits: Limits = Limits(),
    result: str | None = None,
    accept: Callable[[str], str | None] | None = None,
    on_failure: Literal["raise", "report"] = "raise",
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "supervisor_team",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the team as a graph: ``{"task": …}`` in, result, status, work and turns out.

    `result` names the kind of work that is the team's result; without it the last answer is.
    `accept` has the last word when the router says FINISH: for a result that isn't done it
    returns the status to end with, such as ``no source`` (see `sources.cites`), otherwise None.
    With ``on_failure="report"`` a failed agent becomes a turn that the router sees; an agent
    that fails twice in a row ends the run with status ``failed``. Raises `RoutingError` when the
    router names nobody of the team, and `AgentFailed` with ``on_failure="raise"``.
    """
    members = {agent.name: agent for agent in agents}
    check_names([agent.name for agent in agents], "supervisor", "begin", FINISH)

    graph = StateGraph(_SupervisorState, input_schema=TeamInput, output_schema=TeamOutput)
    graph.add_node("supervisor", _deciding(router, members, limits, result, accept, clock))
    graph.add_node("begin", _begin)
    graph.add_edge(START, "begin")
    graph.add_edge("begin", "supervisor")
    for agent in agents:
        graph.add_node(agent.name, _node(agent, on_failure, clock))
        graph.add_edge(agent.name, "supervisor")
    graph.add_conditional_edges(
        "supervisor", lambda state: state["next"], {**{key: key for key in members}, FINISH: END}
    )
    return graph.compile(checkpointer=checkpointer, name=name)


def _deciding(
    router: Router,
    members: Mapping[str, Agent],
    limits: Limits,
    result: str | None,
    accept: Callable[[str], str | None] | None,
    clock: Clock,
) -> Any:
    def decide(state: _SupervisorState) -> Steps[dict[str, Any]]:
        turns = state.get("turns", [])
        ended = limits.reached(turns) or _failing(turns)
        if ended:
            return {"next": FINISH, "status": ended, "result": _outcome(state, result)}
        started = clock()
        decision = yield Ask(router, (Progress(state["task"], state.get("work", {}), turns),))
        routed = Routed(decision) if isinstance(decision, Route) else decision
        if not isinstance(routed, Routed):
            raise TeamError(
                f"The router returned {decision!r}. A router returns Route(next=...), with the "
                f"name of an agent or {FINISH!r}."
            )
        chosen = routed.route.next
        if chosen != FINISH and chosen not in members:
            raise RoutingError(chosen, (*members, FINISH))
        said = turn(
            "supervisor",
            chosen,
            routed.route.instructions,
            "decision",
            usage=routed.usage,
            started=started,
            ended=clock(),
        )
        update: dict[str, Any] = {
            "next": chosen,
            "instructions": routed.route.instructions,
            "turns": [said],
        }
        if chosen == FINISH:
            made = _outcome(state, result)
            update |= {"status": (accept and accept(made)) or "done", "result": made}
        return update

    return node_of(decide)


def _begin(state: _SupervisorState) -> dict[str, Any]:
    """Begin a new task; nothing is left of those that the thread has done or failed at."""
    return {"turns": Overwrite([]), "work": Overwrite({}), "status": "", "result": ""}


def _node(agent: Agent, on_failure: Literal["raise", "report"], clock: Clock) -> Any:
    def run(state: _SupervisorState) -> Steps[dict[str, Any]]:
        given = agent.assignment(
            state["task"], state.get("work", {}), state.get("instructions", "")
        )
        try:
            done = yield from perform(agent, given, asked_by="supervisor", clock=clock)
        except AgentFailed as error:
            if on_failure == "raise":
                raise
            return {"turns": error.turns}
        return {
            "turns": done.turns,
            "work": {agent.produces: {agent.name: done.answer.text}},
        }

    return node_of(run, agent.graph)


def _failing(turns: Sequence[Turn]) -> str | None:
    last = _reports(turns)[-2:]
    twice = len(last) == 2 and all(entry["kind"] == "failure" for entry in last)
    return "failed" if twice and last[0]["sender"] == last[1]["sender"] else None


def _outcome(state: Mapping[str, Any], kind: str | None) -> str:
    if kind is not None:
        return latest(state.get("work", {}), kind)
    answers = [entry for entry in _reports(state.get("turns", [])) if entry["kind"] == "answer"]
    return answers[-1]["text"] if answers else ""


def _rounds(turns: Sequence[Turn]) -> int:
    return sum(entry["kind"] == "task" and entry["sender"] == "supervisor" for entry in turns)


def _reports(turns: Sequence[Turn]) -> list[Turn]:
    """Return what the members told this supervisor, without what was said inside a member."""
    return [
        entry
        for entry in turns
        if entry["kind"] in ("answer", "failure") and entry["to"] == "supervisor"
    ]
