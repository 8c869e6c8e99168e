"""A failure keeps its name, its cause and its cost, however deep in a team it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from tests.agent_patterns.teams.members import (
    ONE_CALL,
    Scripted,
    breaks,
    hard,
    in_order,
    passing,
    says,
)

from agent_patterns.teams import (
    Agent,
    Route,
    as_agent,
    backup_team,
    chat_agent,
    handoff_team,
    handoff_tool,
    manager,
    network,
    pipeline,
    supervisor,
    tally,
)
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.backup import with_backup
from agent_patterns.teams.errors import (
    AgentFailed,
    RoutingError,
    StageFailed,
    TeamError,
    WorkFailed,
)
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.structured import structured_classifier, structured_router
from agent_patterns.teams.supervisor import Progress

Graph = CompiledStateGraph[Any, Any, Any, Any]
CONFIG: Any = {"configurable": {"thread_id": "t"}}


def spends_and_breaks(name: str) -> Agent:
    def work(assignment: Assignment) -> Answer:
        raise WorkFailed(ConnectionError("dead"), ONE_CALL)

    return Agent(name, "", work)


CRASHING: dict[str, Callable[[Agent], Graph]] = {
    "supervisor": lambda b: supervisor(
        [says("a", "x"), b], in_order("a", "b"), checkpointer=InMemorySaver()
    ),
    "manager": lambda b: manager(
        [says("a", "x"), b], hard, ["a", "b"], checkpointer=InMemorySaver()
    ),
    "network": lambda b: network(
        [Peer(says("a", "x"), lambda text: Offer(True)), Peer(b, lambda text: Offer(True))],
        on_failure="raise",
        checkpointer=InMemorySaver(),
    ),
    "pipeline": lambda b: pipeline([says("a", "x"), b], checkpointer=InMemorySaver()),
    "backup": lambda b: backup_team([b], retry_on=TimeoutError, checkpointer=InMemorySaver()),
}


@pytest.mark.parametrize("kind", CRASHING)
def test_a_task_that_crashed_leaves_nothing_to_the_next_on_its_thread(kind: str) -> None:
    team = CRASHING[kind](breaks("b", times=1))
    with pytest.raises((AgentFailed, StageFailed)):
        team.invoke({"task": "one"}, CONFIG)
    used, fresh = team.invoke({"task": "two"}, CONFIG), CRASHING[kind](breaks("b", times=0))
    expected = fresh.invoke({"task": "two"}, CONFIG)
    assert [entry["text"] for entry in used["turns"]] == [e["text"] for e in expected["turns"]]
    assert used["work"] == expected["work"]


def test_a_router_that_crashed_leaves_nothing_to_the_next_task_either() -> None:
    crashes = iter([False, True])

    def route(progress: Progress) -> Route:
        if next(crashes, False):
            raise ConnectionError("dead")
        return in_order("a")(progress)

    team = supervisor([says("a", "one", "two")], route, checkpointer=InMemorySaver())
    with pytest.raises(ConnectionError):
        team.invoke({"task": "one"}, CONFIG)
    state = team.invoke({"task": "two"}, CONFIG)
    assert state["work"] == {"answer": {"a": "two"}}
    assert not any("one" in entry["text"] for entry in state["turns"])


def test_a_failure_inside_a_team_is_that_teams_and_keeps_its_cost() -> None:
    inner = supervisor([says("r", "notes"), spends_and_breaks("w")], in_order("r", "w"))
    outer = [as_agent("desk", "", inner), says("editor", "x")]
    state = supervisor(outer, in_order("desk", "editor"), on_failure="report").invoke({"task": "t"})
    failures = [(e["sender"], e["to"]) for e in state["turns"] if e["kind"] == "failure"]
    assert failures == [("desk/w", "desk/supervisor"), ("desk", "supervisor")]
    assert tally(state["turns"]).calls == 3
    assert tally(state["turns"]).failures == 1
    with pytest.raises(AgentFailed, match="'desk' failed: Agent 'w' failed: ConnectionE") as caught:
        supervisor(outer, in_order("desk")).invoke({"task": "t"})
    assert caught.value.agent == "desk"
    assert caught.value.usage.calls == 2


def test_a_failed_pipeline_inside_a_team_keeps_its_transcript() -> None:
    inner = pipeline([says("r", "notes"), spends_and_breaks("w")])
    desk = as_agent("desk", "", inner)
    state = supervisor([desk], in_order("desk"), on_failure="report").invoke({"task": "t"})
    assert [e["sender"] for e in state["turns"] if e["kind"] == "failure"] == ["desk/w", "desk"]
    assert tally(state["turns"]).calls == 2


def test_an_agent_whose_backups_failed_too_has_spent_what_all_spent() -> None:
    agent = with_backup(spends_and_breaks("r"), spends_and_breaks("r2"))
    team = supervisor([agent, says("e", "x")], in_order("r", "e"), on_failure="report")
    assert tally(team.invoke({"task": "t"})["turns"]).calls == 3


@pytest.mark.parametrize("kind", ["supervisor", "pipeline"])
def test_a_backup_steps_in_for_what_caused_a_failure_inside_a_team(kind: str) -> None:
    worker = breaks("w")
    inner: Graph = (
        supervisor([worker], in_order("w")) if kind == "supervisor" else pipeline([worker])
    )
    agents = [as_agent("desk", "", inner), says("spare", "x")]
    team = backup_team(agents, retry_on=(ConnectionError,))
    assert team.invoke({"task": "t"})["result"] == "x"
    with pytest.raises(AgentFailed, match="'desk'"):
        backup_team(agents, retry_on=TimeoutError).invoke({"task": "t"})


def test_a_failed_reviser_leaves_no_notes_as_the_page() -> None:
    agents = [says("a", "notes", produces="notes"), breaks("w")]
    agents[1] = Agent("w", "", agents[1].work, ("notes",), "draft")
    team = manager(agents, hard, ["a", "w"], result="draft", on_failure="report")
    state = team.invoke({"task": "t"})
    assert (state["status"], state["result"]) == ("failed", "")


def test_a_plan_with_nothing_to_do_is_refused() -> None:
    with pytest.raises(TeamError, match="step without agents"):
        manager([says("a", "x")], hard, [()])
    with pytest.raises(TeamError, match="no steps"):
        manager([says("a", "x")], hard, []).invoke({"task": "t"})


@pytest.mark.parametrize("make", ["router", "classifier"])
def test_an_invalid_choice_is_quoted(make: str) -> None:
    name = "Route" if make == "router" else "Classification"
    call = {"name": name, "args": {"next": "Mr. Nobody"}, "id": "1", "type": "tool_call"}
    model = Scripted(messages=iter([AIMessage("", tool_calls=[call])]))
    agents = [says("a", "x")]
    route = structured_router(model, agents, "rules")
    classify = structured_classifier(model, agents, "rules")
    with pytest.raises(RoutingError, match=r"Mr\. Nobody"):
        route(Progress("t", {}, [])) if make == "router" else classify("t")


def test_an_agent_with_an_async_tool_is_told_the_cure() -> None:
    @tool
    async def look(word: str) -> str:
        """Look a word up."""
        return word

    call = {"name": "look", "args": {"word": "x"}, "id": "1", "type": "tool_call"}
    graph = create_agent(Scripted(messages=iter([AIMessage("", tool_calls=[call])])), [look])
    with pytest.raises(AgentFailed, match=r"run with ainvoke or astream"):
        supervisor([chat_agent("w", "", graph)], in_order("w")).invoke({"task": "t"})


def test_a_handoff_to_nobody_is_an_error() -> None:
    front = create_agent(
        Scripted(messages=iter([passing("ghost", "yours")])),
        [handoff_tool("ghost", "nobody", sender="front")],
    )
    with pytest.raises(RoutingError, match=r"'front' chose 'ghost'.* none of front"):
        handoff_team({"front": front}, first="front").invoke({"task": "t"})


def test_an_agent_that_hands_over_to_two_at_once_is_asked_to_choose() -> None:
    both = passing("a", "to a")
    both.tool_calls.append({**passing("b", "to b").tool_calls[0], "id": "2"})
    front = create_agent(
        Scripted(messages=iter([both, passing("b", "all of it")])),
        [handoff_tool(name, "", sender="front") for name in ("a", "b")],
    )
    others = {
        name: create_agent(Scripted(messages=iter([AIMessage(f"by {name}")]))) for name in "ab"
    }
    state = handoff_team({"front": front, **others}, first="front").invoke({"task": "t"})
    assert state["result"] == "by b"
    assert [e["text"] for e in state["turns"] if e["kind"] == "handoff"] == ["all of it"]
    assert tally(state["turns"]).calls == 3


def test_an_agent_that_fails_after_a_handoff_is_named_with_what_it_spent() -> None:
    @tool
    def pay() -> str:
        """Pay."""
        raise ConnectionError("dead")

    call = {"name": "pay", "args": {}, "id": "1", "type": "tool_call"}
    billing = create_agent(Scripted(messages=iter([AIMessage("", tool_calls=[call])])), [pay])
    with pytest.raises(AgentFailed, match="'billing' failed: ConnectionError: dead") as caught:
        handoff_team({"billing": billing}, first="billing").invoke({"task": "t"})
    assert caught.value.usage.calls == 1


def test_a_handoff_where_nobody_follows_it_is_a_failure() -> None:
    graph = create_agent(
        Scripted(messages=iter([passing("b", "yours")])), [handoff_tool("b", "", sender="a")]
    )
    with pytest.raises(AgentFailed, match="only a handoff_team follows"):
        supervisor([chat_agent("a", "", graph), says("b", "x")], in_order("a")).invoke(
            {"task": "t"}
        )
