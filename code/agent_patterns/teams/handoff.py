"""Agents that hand work to each other through a tool, without anybody in charge.

A handoff tool returns ``Command(goto=…, graph=Command.PARENT)``: the agent's run ends and the
team's graph goes on at the other agent, who starts with the brief and nothing else. So no agent
reads another's conversation, and no tool call is left without its tool message.
"""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool, tool
from langgraph.errors import ParentCommand
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import InjectedState
from langgraph.types import Checkpointer, Command, Overwrite, Send

from agent_patterns.teams.agents import Clock, converse, failure, message_usage
from agent_patterns.teams.errors import AgentFailed, RoutingError, WorkFailed
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, check_names
from agent_patterns.teams.steps import Steps, node_of
from agent_patterns.teams.turns import turn

_PREFIX = "transfer_to_"
_WAIT = (
    "Nothing was handed over yet: other tools were called beside this one. Read their results, "
    "then hand over again, with what matters of them in the brief."
)


class _HandoffState(TeamState):
    brief: str
    active: str
    handoffs: Annotated[int, operator.add]


def handoff_tool(to: str, description: str, *, sender: str) -> BaseTool:
    """Make a tool named ``transfer_to_<to>`` with which `sender` passes work on, with a brief.

    A model that passes work to several at once is told to choose: only one can take over. One that
    calls other tools beside it is told their results first, and hands over then; if it insists, the
    results go into the brief.
    """

    @tool(f"{_PREFIX}{re.sub(r'[^a-zA-Z0-9_-]', '_', to)}", description=description)
    def transfer(brief: str, state: Annotated[dict[str, Any], InjectedState]) -> Command[Any] | str:
        messages: list[BaseMessage] = state["messages"]
        calls = getattr(messages[-1], "tool_calls", [])
        if sum(call["name"].startswith(_PREFIX) for call in calls) > 1:
            return "Nothing was handed over. Hand over to one colleague only, with one brief."
        if len(calls) > 1:
            results = [one for one in messages if isinstance(one, ToolMessage)]
            if all(one.text != _WAIT for one in results):
                return _WAIT
            brief = "\n\n".join([brief, *_findings(results)])
        said = turn(sender, to, brief, "handoff", usage=message_usage(state["messages"]))
        return Command(
            goto=to,
            graph=Command.PARENT,
            update={"brief": brief, "active": to, "handoffs": 1, "turns": [said]},
        )

    return transfer


def _findings(results: Sequence[ToolMessage]) -> Iterator[str]:
    """Yield what the agent's other tools found."""
    for one in results:
        if not (one.name or "").startswith(_PREFIX):
            yield f"{one.name}: {one.text}"


def handoff_team(
    agents: Mapping[str, Runnable[Any, Any]],
    *,
    first: str,
    max_handoffs: int = 6,
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "handoff_team",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the team as a graph: ``{"task": …}`` in, result, status, work and turns out.

    `agents` are `create_agent` graphs that hold the `handoff_tool`s of those they may pass work
    to. A handoff beyond `max_handoffs` is not followed: the run ends with status ``handoffs`` and
    the last brief as result. Raises `RoutingError` when an agent hands over to nobody of the team,
    and `AgentFailed`.
    """
    check_names(agents, "begin")
    if first not in agents:
        raise RoutingError(first, agents)
    graph = StateGraph(_HandoffState, input_schema=TeamInput, output_schema=TeamOutput)
    for member, agent in agents.items():
        graph.add_node(
            member,
            _node(member, agent, tuple(agents), max_handoffs, clock),
            destinations=(*[other for other in agents if other != member], END),
        )
    graph.add_node("begin", _begin)
    graph.add_edge(START, "begin")
    graph.add_edge("begin", first)
    return graph.compile(checkpointer=checkpointer, name=name)


def _begin(state: _HandoffState) -> dict[str, Any]:
    """Begin a new task; nothing is left of those that the thread has done."""
    return {
        "brief": state["task"],
        "handoffs": Overwrite(0),
        "turns": Overwrite([]),
        "work": Overwrite({}),
        "status": "",
        "result": "",
    }


def _node(
    name: str,
    agent: Runnable[Any, Any],
    members: tuple[str, ...],
    max_handoffs: int,
    clock: Clock,
) -> Any:
    def run(state: _HandoffState) -> Steps[Command[Any]]:
        brief = state.get("brief") or state["task"]
        if state.get("handoffs", 0) > max_handoffs:
            update = {"status": "handoffs", "result": brief}
            return Command(goto=END, update=update)
        started = clock()
        try:
            messages = yield from converse(agent, brief)
        except ParentCommand as handoff:
            _check_goto(name, handoff.args[0], members)
            raise
        except WorkFailed as error:
            told = failure(name, error.cause, error.usage, "user", started, clock())
            raise AgentFailed(name, error.cause, [told]) from error.cause
        text = str(messages[-1].text)
        said = turn(
            name, "user", text, usage=message_usage(messages), started=started, ended=clock()
        )
        return Command(
            goto=END,
            update={
                "status": "done",
                "result": text,
                "turns": [said],
                "work": {"answer": {name: text}},
            },
        )

    return node_of(run, agent)


def _check_goto(name: str, command: Command[Any], members: tuple[str, ...]) -> None:
    """Raise where a command goes to nobody; LangGraph would end the run silently."""
    goto = command.goto if isinstance(command.goto, list | tuple) else [command.goto]
    for to in [entry.node if isinstance(entry, Send) else entry for entry in goto]:
        if to not in members:
            raise RoutingError(
                str(to), members, who=f"Agent {name!r}", advice="Mend its handoff tools."
            )
