"""What a team costs per agent turn beside a bare graph of the same shape, and how it grows.

Agents are functions that answer at once, so what is measured is the pattern and nothing else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool, tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, Send

from agent_patterns.teams import (
    Agent,
    Limits,
    Route,
    backup_team,
    handoff_team,
    handoff_tool,
    manager,
    network,
    pipeline,
    supervisor,
)
from agent_patterns.teams.agents import Assignment
from agent_patterns.teams.manager import Classified
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.supervisor import FINISH, Progress
from benchmarks import Measurement, interleaved

Runs = Mapping[str, Callable[[], object]]


class _Bare(TypedDict):
    done: Annotated[int, operator.add]


def _answer(assignment: Assignment) -> str:
    return "done"


def _agents(count: int) -> list[Agent]:
    return [Agent(f"agent_{number}", "", _answer) for number in range(count)]


def _work(state: _Bare) -> dict[str, int]:
    return {"done": 1}


def _chain(count: int) -> Callable[[], object]:
    builder: Any = StateGraph(_Bare)
    names = [f"agent_{number}" for number in range(count)]
    for name in names:
        builder.add_node(name, _work)
    for one, other in zip([START, *names], [*names, END], strict=True):
        builder.add_edge(one, other)
    graph = builder.compile()
    return lambda: graph.invoke({"done": 0})


def _star(count: int, turns: int) -> Callable[[], object]:
    builder: Any = StateGraph(_Bare)
    names = [f"agent_{number}" for number in range(count)]
    builder.add_node("hub", lambda state: {"done": 0})
    builder.add_edge(START, "hub")
    for name in names:
        builder.add_node(name, _work)
        builder.add_edge(name, "hub")
    builder.add_conditional_edges(
        "hub",
        lambda state: names[state["done"] % count] if state["done"] < turns else END,
        [*names, END],
    )
    graph = builder.compile()
    return lambda: graph.invoke({"done": 0}, {"recursion_limit": 10_000})


def _fan(count: int) -> Callable[[], object]:
    builder: Any = StateGraph(_Bare)
    names = [f"agent_{number}" for number in range(count)]
    builder.add_node("start", lambda state: {"done": 0})
    builder.add_node("gather", lambda state: {"done": 0})
    builder.add_node("end", lambda state: {"done": 0})
    builder.add_edge(START, "start")
    for name in names:
        builder.add_node(name, _work)
        builder.add_edge(name, "gather")
    builder.add_conditional_edges("start", lambda state: [Send(n, state) for n in names], names)
    builder.add_edge("gather", "end")
    builder.add_edge("end", END)
    graph = builder.compile()
    return lambda: graph.invoke({"done": 0})


def _supervisor(count: int, turns: int) -> Callable[[], object]:
    agents = _agents(count)

    def route(progress: Progress) -> Route:
        done = progress.rounds
        return Route(next=agents[done % count].name if done < turns else FINISH)

    graph = supervisor(agents, route, limits=Limits(rounds=turns + 1))
    return lambda: graph.invoke({"task": "go"}, {"recursion_limit": 10_000})


def _manager(count: int) -> Callable[[], object]:
    agents = _agents(count)
    plan = [tuple(agent.name for agent in agents)]
    graph = manager(agents, lambda task: Classified("complex"), plan)
    return lambda: graph.invoke({"task": "go"})


def _network(count: int) -> Callable[[], object]:
    graph = network([Peer(agent, lambda text: Offer(True)) for agent in _agents(count)])
    return lambda: graph.invoke({"task": "go"})


def _pipeline(count: int) -> Callable[[], object]:
    graph = pipeline(list(_agents(count)))
    return lambda: graph.invoke({"task": "go"})


def _backup(count: int) -> Callable[[], object]:
    """All agents but the last one fail."""

    def fail(assignment: Assignment) -> str:
        raise ConnectionError("down")

    failing = [Agent(f"failing_{number}", "", fail) for number in range(count - 1)]
    graph = backup_team([*failing, *_agents(1)])
    return lambda: graph.invoke({"task": "go"})


def _tries(count: int) -> Callable[[], object]:
    """Return a bare graph of a backup team's shape, with an edge after each node."""
    builder: Any = StateGraph(_Bare)
    names = [f"agent_{number}" for number in range(count)]

    def attempt(state: _Bare) -> dict[str, int]:
        try:
            if state["done"] < count - 1:
                raise ConnectionError("down")
        except ConnectionError:
            pass
        return {"done": 1}

    def give_up(state: _Bare) -> None:
        raise ConnectionError("down")

    builder.add_node("give_up", give_up)
    builder.add_edge(START, names[0])
    for name, following in zip(names, [*names[1:], "give_up"], strict=True):
        builder.add_node(name, attempt)
        builder.add_conditional_edges(
            name,
            lambda state: "accepted" if state["done"] == count else "failed",
            {"accepted": END, "failed": following},
        )
    graph = builder.compile()
    return lambda: graph.invoke({"done": 0})


def _relay(count: int, passing: Callable[[str, str], BaseTool]) -> dict[str, Any]:
    """Agents without a model, each of which passes the work on by a tool; the last one answers."""
    names = [f"agent_{number}" for number in range(count)]
    agents = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        builder: Any = StateGraph(MessagesState)
        said = AIMessage("done")
        builder.add_edge(START, "model")
        if following:
            call = {"name": f"transfer_to_{following}", "args": {"brief": "go"}, "id": "1"}
            said = AIMessage("", tool_calls=[call])
            builder.add_node("tools", ToolNode([passing(following, name)]))
            builder.add_edge("model", "tools")
        builder.add_node("model", lambda state, said=said: {"messages": [said]})
        agents[name] = builder.compile()
    return agents


def _handoff(count: int) -> Callable[[], object]:
    agents = _relay(count, lambda to, sender: handoff_tool(to, "next", sender=sender))
    graph = handoff_team(agents, first="agent_0", max_handoffs=count)
    return lambda: graph.invoke({"task": "go"})


def _bare_handoff(count: int) -> Callable[[], object]:
    def passing(to: str, sender: str) -> BaseTool:
        @tool(f"transfer_to_{to}", description="next")
        def transfer(brief: str) -> Command[Any]:
            return Command(goto=to, graph=Command.PARENT, update={"done": 1})

        return transfer

    builder: Any = StateGraph(_Bare)
    for name, agent in _relay(count, passing).items():

        def work(state: _Bare, agent: Any = agent) -> dict[str, int]:
            agent.invoke({"messages": []})
            return {"done": 1}

        builder.add_node(name, work)
    builder.add_edge(START, "agent_0")
    graph = builder.compile()
    return lambda: graph.invoke({"done": 0})


def run(quick: bool) -> list[Measurement]:
    """Measures each pattern against a bare graph, and growth with agents and rounds.

    A run takes a few milliseconds, which a busy machine easily doubles, so that even a quick bench
    takes the median of many.
    """
    rounds = 15 if quick else 25
    sizes = (3, 10) if quick else (3, 10, 25, 50)
    found: list[Measurement] = []
    shapes: dict[str, Runs] = {
        "supervisor": {"ours": _supervisor(3, 6), "bare": _star(3, 6)},
        "manager, three at once": {"ours": _manager(3), "bare": _fan(3)},
        "peer network, three at once": {"ours": _network(3), "bare": _fan(3)},
        "pipeline, three stages": {"ours": _pipeline(3), "bare": _chain(3)},
        "handoff, three agents": {"ours": _handoff(3), "bare": _bare_handoff(3)},
        "backup, not needed": {"ours": _backup(1), "bare": _tries(1)},
        "backup, the third works": {"ours": _backup(3), "bare": _tries(3)},
    }
    for name, variants in shapes.items():
        times = interleaved(variants, rounds=rounds, calls=10)
        found.append(
            Measurement(f"{name}: a turn", times["ours"] / times["bare"], note="ours / bare graph")
        )
    makers: dict[str, Callable[[int], Callable[[], object]]] = {
        "supervisor": lambda size: _supervisor(size, size),
        "manager": _manager,
        "peer network": _network,
        "pipeline": _pipeline,
        "handoff": _handoff,
        "backup": _backup,
    }
    for name, make in makers.items():
        found.append(_growth(f"{name}: agents", make, sizes, rounds))
    found.append(_growth("supervisor: rounds", lambda size: _supervisor(3, size), sizes, rounds))
    return found


def _growth(
    name: str, make: Callable[[int], Callable[[], object]], sizes: Sequence[int], rounds: int
) -> Measurement:
    """How much dearer a turn is with the most than with the fewest."""
    times = interleaved({str(size): make(size) for size in sizes}, rounds=rounds)
    each = {size: times[str(size)] / size for size in sizes}
    least = each[sizes[0]]
    listed = ", ".join(f"{size}: {each[size] / least:.2f}" for size in sizes)
    return Measurement(
        f"{name}, {sizes[-1]} against {sizes[0]}",
        each[sizes[-1]] / least,
        note=f"time of a turn, by size: {listed}",
    )
