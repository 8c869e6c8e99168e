"""Peers who ask each other get replies, and their answers to the task stay theirs."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.teams.members import breaks, says

from agent_patterns.teams import Agent, network
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.errors import AgentFailed
from agent_patterns.teams.network import Offer, Peer


def echoes(name: str) -> Agent:
    """An agent whose answer shows what it was given."""

    def work(assignment: Assignment) -> str:
        replies = assignment.material.get("replies", {})
        return f"{name} on {assignment.task}" + "".join(
            f" [{by}: {t}]" for by, t in replies.items()
        )

    return Agent(name, "", work)


def anything(text: str) -> Offer:
    return Offer(True)


def asks(*questions: tuple[str, str]) -> Any:
    """Asks when at work on the task itself."""
    return lambda question, answer: questions if question == "the task" else ()


def test_a_side_question_leaves_the_answer_to_the_task_and_its_reply_comes_back() -> None:
    team = network(
        [Peer(echoes("a"), anything), Peer(echoes("b"), anything, asks(("a", "the price")))],
        checkpointer=InMemorySaver(),
    )
    state = team.invoke({"task": "the task"}, {"configurable": {"thread_id": "t"}})
    assert state["work"]["answer"] == {
        "a": "a on the task",
        "b": "b on the task [a: a on the price]",
    }
    said = [(e["sender"], e["to"]) for e in state["turns"] if e["kind"] == "answer"]
    assert said == [("a", "bus"), ("b", "bus"), ("a", "b"), ("b", "bus")]


def test_all_replies_come_together_and_through_those_who_ask_others_first() -> None:
    relay = Peer(
        echoes("relay"),
        lambda text: Offer(text == "far"),
        lambda question, answer: [("source", "deep")],
    )
    team = network(
        [
            Peer(
                echoes("a"),
                lambda text: Offer(text == "the task"),
                asks(("relay", "far"), ("source", "near"), ("source", "near"), ("deaf", "hear?")),
            ),
            relay,
            Peer(echoes("source"), lambda text: Offer(text in ("deep", "near"))),
            Peer(echoes("deaf"), lambda text: Offer(False, "not my subject")),
            Peer(echoes("down"), lambda text: Offer(False)),
        ]
    )
    state = team.invoke({"task": "the task"})
    assert state["work"]["answer"] == {
        "a": "a on the task [source: source on near] [deaf: not my subject] "
        "[relay: relay on far [source: source on deep]]"
    }
    assert sum(e["kind"] == "answer" and e["sender"] == "a" for e in state["turns"]) == 2


def test_that_somebody_failed_is_a_reply_too() -> None:
    team = network(
        [
            Peer(echoes("a"), anything, asks(("b", "the price"))),
            Peer(breaks("b"), lambda text: Offer(text == "the price")),
        ]
    )
    state = team.invoke({"task": "the task"})
    assert "[b: Agent 'b' failed: ConnectionError" in state["result"]
    assert state["status"] == "done"


def test_who_fails_with_the_replies_has_its_first_answer_still() -> None:
    told = iter([Answer("first")])
    once = Agent("a", "", lambda given: next(told))
    team = network(
        [Peer(once, anything, asks(("b", "?"))), Peer(echoes("b"), lambda t: Offer(t == "?"))]
    )
    assert team.invoke({"task": "the task"})["result"] == "first"


def test_an_offer_that_fails_is_a_failed_peer() -> None:
    def dead(text: str) -> Offer:
        raise ConnectionError("dead")

    peers = [Peer(says("a", "x"), dead), Peer(says("b", "y"), anything)]
    state = network(peers).invoke({"task": "t"})
    assert (state["status"], state["result"]) == ("done", "y")
    failed = [e for e in state["turns"] if e["kind"] == "failure"]
    assert [(e["sender"], e["to"]) for e in failed] == [("a", "bus")]
    with pytest.raises(AgentFailed, match="'a' failed: ConnectionError"):
        network(peers, on_failure="raise").invoke({"task": "t"})


def test_a_failed_peer_shows_what_it_was_asked() -> None:
    state = network([Peer(breaks("a"), anything)]).invoke({"task": "t"})
    kinds = [(e["sender"], e["to"], e["kind"]) for e in state["turns"]]
    assert kinds[-2:] == [("bus", "a", "task"), ("a", "bus", "failure")]
