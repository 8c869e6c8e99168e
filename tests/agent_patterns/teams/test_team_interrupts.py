"""An interrupt inside an agent waits for its answer; it is no failure, and nobody steps in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.teams.members import hard, in_order, says

from agent_patterns.teams import (
    Agent,
    as_agent,
    backup_team,
    chat_agent,
    handoff_team,
    manager,
    network,
    pipeline,
    supervisor,
)
from agent_patterns.teams.backup import with_backup
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.pipeline import resume, stage, start

Graph = CompiledStateGraph[Any, Any, Any, Any]


def asking() -> Graph:
    """A graph that asks a human."""

    def ask(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(f"the human says {interrupt('Print it?')}")]}

    return StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile()


def human() -> Agent:
    return chat_agent("human", "asks a human", asking())


def inner_team() -> Agent:
    return as_agent("human", "", supervisor([human()], in_order("human")))


TEAMS: dict[str, Callable[[Any], Graph]] = {
    "supervisor": lambda saver: supervisor(
        [says("a", "x"), human()], in_order("a", "human"), on_failure="report", checkpointer=saver
    ),
    "manager": lambda saver: manager(
        [says("a", "x"), human()],
        hard,
        [("a", "human")],
        result="answer",
        on_failure="report",
        checkpointer=saver,
    ),
    "network": lambda saver: network(
        [Peer(human(), lambda text: Offer(True)), Peer(says("a", "x"), lambda text: Offer(True))],
        checkpointer=saver,
    ),
    "pipeline": lambda saver: pipeline([says("a", "x"), human()], checkpointer=saver),
    "backup": lambda saver: backup_team([human(), says("spare", "x")], checkpointer=saver),
    "handoff": lambda saver: handoff_team({"human": asking()}, first="human", checkpointer=saver),
    "a team inside": lambda saver: supervisor(
        [inner_team()], in_order("human"), checkpointer=saver
    ),
    "a backed-up agent": lambda saver: supervisor(
        [with_backup(human(), says("spare", "x"))], in_order("human"), checkpointer=saver
    ),
}


@pytest.mark.parametrize("kind", TEAMS)
def test_a_team_waits_for_the_human_inside_it_and_goes_on(kind: str) -> None:
    team = TEAMS[kind](InMemorySaver())
    config: Any = {"configurable": {"thread_id": "t"}}
    waiting = team.invoke({"task": "Print."}, config)
    assert [entry.value for entry in waiting["__interrupt__"]] == ["Print it?"]
    done = team.invoke(Command(resume="yes"), config)
    assert done["status"] == "done"
    assert "the human says yes" in done["result"]
    assert not any(entry["kind"] == "failure" for entry in done["turns"])
    assert sum("the human says yes" in entry["text"] for entry in done["turns"]) <= 2


def test_an_interrupt_in_a_plain_stage_or_an_offer_waits_too() -> None:
    def confirm(text: str) -> str:
        return f"{text}: {interrupt('Sure?')}"

    config: Any = {"configurable": {"thread_id": "t"}}
    orders = pipeline([stage(confirm)], checkpointer=InMemorySaver())
    assert start(orders, "order 7", config).status == "waiting"
    assert resume(orders, config).status == "waiting"
    assert orders.invoke(Command(resume="yes"), config)["result"] == "order 7: yes"

    peers = network(
        [Peer(says("a", "x"), lambda text: Offer(interrupt("Can you?")))],
        checkpointer=InMemorySaver(),
    )
    peers.invoke({"task": "Go."}, config)
    assert peers.invoke(Command(resume=True), config)["result"] == "x"
