"""What a team costs per agent turn beside a bare graph of the same shape, and how it grows.

Agents are functions that answer at once, so what is measured is the pattern and nothing else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from agent_patterns.teams import (
    FINISH,
    Agent,
    Assignment,
    Classified,
    Limits,
    Offer,
    Peer,
    Progress,
    Route,
    agent_stage,
    backup_team,
    manager,
    network,
    pipeline,
    supervisor,
)
from courseware.bench import Measurement, interleaved

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
    graph = pipeline([agent_stage(agent) for agent in _agents(count)])
    return lambda: graph.invoke({"task": "go"})


def _backup() -> Callable[[], object]:
    graph = backup_team(_agents(1))
    return lambda: graph.invoke({"task": "go"})


def run(quick: bool) -> list[Measurement]:
    """Measures each pattern against a bare graph, and growth with agents and rounds."""
    rounds = 5 if quick else 25
    sizes = (3, 10) if quick else (3, 10, 25, 50)
    found: list[Measurement] = []
    shapes: dict[str, Runs] = {
        "supervisor": {"ours": _supervisor(3, 6), "bare": _star(3, 6)},
        "manager, three at once": {"ours": _manager(3), "bare": _fan(3)},
        "peer network, three at once": {"ours": _network(3), "bare": _fan(3)},
        "pipeline, three stages": {"ours": _pipeline(3), "bare": _chain(3)},
        "backup, not needed": {"ours": _backup(), "bare": _chain(1)},
    }
    for name, variants in shapes.items():
        times = interleaved(variants, rounds=rounds, calls=3)
        found.append(
            Measurement(f"{name}: a turn", times["ours"] / times["bare"], note="ours / bare graph")
        )
    makers: dict[str, Callable[[int], Callable[[], object]]] = {
        "supervisor": lambda size: _supervisor(size, size),
        "manager": _manager,
        "peer network": _network,
        "pipeline": _pipeline,
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
