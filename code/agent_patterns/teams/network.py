"""Peers on a message bus: a question goes to all, who can help answers, nobody is in charge.

The bus is a list of envelopes in the graph's state; each peer gets its own envelopes only. Every
peer says first whether it can help; when nobody can, that is the answer. A peer may ask another by
name, up to a number of hops, and when all whom it asked have replied, it answers again.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

from langgraph.errors import GraphBubbleUp
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite, Send

from agent_patterns.teams.agents import (
    Agent,
    Answer,
    Assignment,
    Clock,
    failure,
    perform,
)
from agent_patterns.teams.errors import AgentFailed, TeamError
from agent_patterns.teams.state import TeamInput, TeamOutput, TeamState, check_names
from agent_patterns.teams.steps import Ask, Steps, node_of
from agent_patterns.teams.turns import NOTHING, Turn, Usage, turn

EVERYBODY = "everybody"
BUS = "bus"
"""The sender and receiver, in the transcript, of what goes to everybody on the bus."""


class Envelope(TypedDict):
    """A message on the bus. ``to`` is a peer's name or ``everybody``."""

    sender: str
    to: str
    kind: Literal["question", "reply"]
    text: str
    hop: int
    about: Envelope | None
    """The question at which the peer who asked was at work; None for the task itself."""


@dataclass(frozen=True)
class Offer:
    """An offer to help or a refusal, the reason, and what it cost to find out."""

    can_help: bool
    reason: str = ""
    usage: Usage = NOTHING


@dataclass(frozen=True)
class Peer:
    """An agent on the bus: it says whether it can help, answers, and may ask others.

    `ask` looks at the peer's own answer and names further questions, as pairs of a peer's name
    and a text. Whoever asked answers once more, with the replies as the material ``replies``; that
    somebody cannot help, or has failed, is a reply too. A peer whom several ask works on all their
    questions at the same time.
    """

    agent: Agent
    offer: Callable[[str], Offer | Awaitable[Offer]]
    ask: Callable[[str, Answer], Any] = lambda question, answer: ()


class _NetworkState(TeamState):
    bus: Annotated[list[Envelope], operator.add]
    hop: int
    failed: Annotated[list[str], operator.add]


Combine = Callable[[str, Sequence[tuple[str, str]]], "Answer | str | Awaitable[Answer | str]"]
"""Puts answers together: the task, and pairs of a peer's name and its answer."""


def join_answers(task: str, answers: Sequence[tuple[str, str]]) -> str:
    """Return one answer as it is, and several under the names of those who gave them."""
    if len(answers) == 1:
        return answers[0][1]
    return "\n\n".join(f"{peer}: {text}" for peer, text in answers)


def network(
    peers: Sequence[Peer],
    *,
    combine: Combine = join_answers,
    max_hops: int = 3,
    on_failure: Literal["raise", "report"] = "report",
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "peer_network",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the network as a graph: ``{"task": …}`` in, result, status, work and turns out.

    Status is ``nobody`` when no peer offers help, and ``failed`` when all who offered failed.
    `max_hops` bounds how often answers may lead to further questions. ``work`` and ``result`` hold
    the answers to the task; those to a peer's question go to that peer.
    """
    members = [peer.agent.name for peer in peers]
    check_names(members, "publish", "forward", "combine", BUS, EVERYBODY)

    def deliver(state: _NetworkState) -> list[Send] | str:
        sends = [
            Send(member, given)
            for member in members
            for given in _mail(member, state["bus"], state["hop"])
        ]
        return sends or "combine"

    graph = StateGraph(_NetworkState, input_schema=TeamInput, output_schema=TeamOutput)
    graph.add_node("publish", _publish)
    graph.add_node("forward", _forward)
    graph.add_node("combine", _combining(combine, clock))
    graph.add_edge(START, "publish")
    targets = [*members, "combine"]
    graph.add_conditional_edges("publish", deliver, targets)
    for peer in peers:
        graph.add_node(
            peer.agent.name,
            _node(peer, set(members), max_hops, on_failure, clock),
            input_schema=_Given,
        )
        graph.add_edge(peer.agent.name, "forward")
    graph.add_conditional_edges("forward", deliver, targets)
    graph.add_edge("combine", END)
    return graph.compile(checkpointer=checkpointer, name=name)


def _publish(state: _NetworkState) -> dict[str, Any]:
    asked = Envelope(
        sender="user", to=EVERYBODY, kind="question", text=state["task"], hop=0, about=None
    )
    return {
        "bus": Overwrite([asked]),
        "hop": 0,
        "turns": Overwrite([turn("user", BUS, state["task"], "task")]),
        "work": Overwrite({}),
        "failed": Overwrite([]),
    }


def _forward(state: _NetworkState) -> dict[str, Any]:
    return {"hop": state["hop"] + 1}


def _combining(combine: Combine, clock: Clock) -> Any:
    def finish(state: _NetworkState) -> Steps[dict[str, Any]]:
        given = state.get("work", {}).get("answer", {})
        if given:
            started = clock()
            combined = yield Ask(combine, (state["task"], list(given.items())))
            if isinstance(combined, str):
                return {"result": combined, "status": "done"}
            asked = turn(BUS, "combine", join_answers(state["task"], list(given.items())), "task")
            said = turn(
                "combine",
                "user",
                combined.text,
                usage=combined.usage,
                started=started,
                ended=clock(),
            )
            return {"result": combined.text, "status": "done", "turns": [asked, said]}
        if state.get("failed"):
            return {"result": "", "status": "failed"}
        return {"result": "Nobody in this team can help with that.", "status": "nobody"}

    return node_of(finish)


class _Given(TypedDict):
    """A peer's assignment: a question, or one that it asked others about, with replies."""

    question: Envelope
    replies: dict[str, str]
    hop: int


def _mail(member: str, bus: Sequence[Envelope], hop: int) -> list[_Given]:
    """Return a peer's mail of one hop: new questions, and its own with all replies."""
    new = [letter for letter in bus if letter["hop"] == hop and letter["to"] in (member, EVERYBODY)]
    mail = [
        _Given(question=letter, replies={}, hop=hop)
        for letter in new
        if letter["kind"] == "question"
    ]
    waiting: list[Envelope] = []
    for letter in new:
        if letter["kind"] == "reply" and letter["about"] and letter["about"] not in waiting:
            waiting.append(letter["about"])
    for question in waiting:
        about = [letter for letter in bus if letter["about"] == question]
        asked = [
            entry for entry in about if (entry["kind"], entry["sender"]) == ("question", member)
        ]
        told = [entry for entry in about if (entry["kind"], entry["to"]) == ("reply", member)]
        if len(told) == len(asked):
            replies: dict[str, str] = {}
            for reply in told:
                before = replies.get(reply["sender"])
                replies[reply["sender"]] = f"{before}\n{reply['text']}" if before else reply["text"]
            mail.append(_Given(question=question, replies=replies, hop=hop))
    return mail


def _node(
    peer: Peer,
    members: set[str],
    max_hops: int,
    on_failure: Literal["raise", "report"],
    clock: Clock,
) -> Any:
    name = peer.agent.name

    def run(state: _Given) -> Steps[dict[str, Any]]:
        question, replies = state["question"], state["replies"]
        asker = BUS if question["to"] == EVERYBODY else question["sender"]
        turns: list[Turn] = []

        try:
            if not replies:
                offer, said = yield from _offer(peer, question["text"], asker, clock)
                turns.append(said)
                if not offer.can_help:
                    return {"turns": turns, "bus": _reply(name, state, said["text"])}
            material = {"replies": replies}
            assignment = Assignment(question["text"], material=material)
            done = yield from perform(peer.agent, assignment, asked_by=asker, clock=clock)
        except AgentFailed as error:
            if on_failure == "raise":
                raise
            turns += error.turns
            return {"turns": turns, "bus": _reply(name, state, error.reason), "failed": [name]}
        turns += done.turns
        asked: list[Envelope] = []
        if not replies and question["hop"] < max_hops:
            further = yield Ask(peer.ask, (question["text"], done.answer))
            for to, text in dict.fromkeys(further):
                if to not in members - {name}:
                    raise TeamError(f"{name!r} asks {to!r}, who is not on the bus beside it.")
                asked.append(
                    Envelope(
                        sender=name,
                        to=to,
                        kind="question",
                        text=text,
                        hop=question["hop"] + 1,
                        about=question,
                    )
                )
        work = {} if question["about"] else {"answer": {name: done.answer.text}}
        return {"turns": turns, "bus": asked or _reply(name, state, done.answer.text), "work": work}

    return node_of(run, peer.agent.graph)


def _reply(name: str, given: _Given, text: str) -> list[Envelope]:
    """Return what goes back to the peer who asked; nothing for the task itself."""
    question = given["question"]
    if question["about"] is None:
        return []
    told = Envelope(
        sender=name,
        to=question["sender"],
        kind="reply",
        text=text,
        hop=given["hop"] + 1,
        about=question["about"],
    )
    return [told]


def _offer(peer: Peer, question: str, asker: str, clock: Clock) -> Steps[tuple[Offer, Turn]]:
    name = peer.agent.name
    started = clock()
    try:
        offer = yield Ask(peer.offer, (question,))
    except GraphBubbleUp:
        raise
    except Exception as error:
        told = failure(name, error, NOTHING, asker, started, clock())
        raise AgentFailed(name, error, [told]) from error
    said = offer.reason or ("I can help." if offer.can_help else "I cannot help.")
    return offer, turn(
        name, asker, said, "offer", usage=offer.usage, started=started, ended=clock()
    )
