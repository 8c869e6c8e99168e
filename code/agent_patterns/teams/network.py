"""Peers on a message bus: a question goes to all, who can help answers, nobody is in charge.

The bus is a list of envelopes in the graph's state. In every hop each peer gets its own
envelopes only; a peer may ask another by name, up to a number of hops. Every peer says first
whether it can help; when nobody can, that is the answer.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

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
from agent_patterns.teams.state import Node, TeamInput, TeamOutput, TeamState
from agent_patterns.teams.turns import NOTHING, Usage, turn

EVERYBODY = "everybody"
BUS = "bus"
"""The sender and receiver, in the transcript, of what goes to everybody on the bus."""


class Envelope(TypedDict):
    """One message on the bus. ``to`` is a peer's name or ``everybody``."""

    sender: str
    to: str
    text: str
    hop: int


@dataclass(frozen=True)
class Offer:
    """Whether a peer can help, why, and what it cost to find out."""

    can_help: bool
    reason: str = ""
    usage: Usage = NOTHING


@dataclass(frozen=True)
class Peer:
    """An agent on the bus: it says whether it can help, answers, and may ask others.

    `ask` looks at the peer's own answer and names further questions, as pairs of a peer's name
    and a text.
    """

    agent: Agent
    offer: Callable[[str], Offer]
    ask: Callable[[str, Answer], Sequence[tuple[str, str]]] = lambda question, answer: ()


class _NetworkState(TeamState):
    bus: Annotated[list[Envelope], operator.add]
    hop: int
    failed: Annotated[list[str], operator.add]


Combine = Callable[[str, Sequence[tuple[str, str]]], "Answer | str"]
"""Puts answers together: the task, and pairs of a peer's name and its answer."""


def join_answers(task: str, answers: Sequence[tuple[str, str]]) -> str:
    """One answer stands alone; several stand under the names of those who gave them."""
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
    `max_hops` bounds how often answers may lead to further questions.
    """
    members = {peer.agent.name: peer for peer in peers}
    if len(members) != len(peers) or not members:
        raise TeamError("A network needs peers, each with a name of its own.")

    def publish(state: _NetworkState) -> dict[str, Any]:
        asked = Envelope(sender="user", to=EVERYBODY, text=state["task"], hop=0)
        return {
            "bus": Overwrite([asked]),
            "hop": 0,
            "turns": Overwrite([turn("user", BUS, state["task"], "task")]),
            "work": Overwrite({}),
            "failed": Overwrite([]),
        }

    def deliver(state: _NetworkState) -> list[Send] | str:
        letters = [letter for letter in state["bus"] if letter["hop"] == state["hop"]]
        sends = []
        for member in members:
            own = [letter for letter in letters if letter["to"] in (member, EVERYBODY)]
            own = [letter for letter in own if letter["sender"] != member]
            if own:
                sends.append(Send(member, {"inbox": own}))
        return sends or "combine"

    def forward(state: _NetworkState) -> dict[str, Any]:
        return {"hop": state["hop"] + 1}

    def finish(state: _NetworkState) -> dict[str, Any]:
        given = state.get("work", {}).get("answer", {})
        if given:
            started = clock()
            combined = combine(state["task"], list(given.items()))
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

    graph = StateGraph(_NetworkState, input_schema=TeamInput, output_schema=TeamOutput)
    graph.add_node("publish", publish)
    graph.add_node("forward", forward)
    graph.add_node("combine", finish)
    graph.add_edge(START, "publish")
    targets = [*members, "combine"]
    graph.add_conditional_edges("publish", deliver, targets)
    for peer in peers:
        graph.add_node(peer.agent.name, _node(peer, set(members), max_hops, on_failure, clock))
        graph.add_edge(peer.agent.name, "forward")
    graph.add_conditional_edges("forward", deliver, targets)
    graph.add_edge("combine", END)
    return graph.compile(checkpointer=checkpointer, name=name)


class _Inbox(TypedDict):
    inbox: list[Envelope]


def _node(
    peer: Peer,
    members: set[str],
    max_hops: int,
    on_failure: Literal["raise", "report"],
    clock: Clock,
) -> Node[_Inbox]:
    inside = peer.agent.graph

    def run(state: _Inbox) -> dict[str, Any]:
        name = peer.agent.name
        update: dict[str, Any] = {"turns": [], "bus": [], "failed": []}
        answers: list[str] = []
        for letter in state["inbox"]:
            asker = BUS if letter["to"] == EVERYBODY else letter["sender"]
            started = clock()
            offer = peer.offer(letter["text"])
            said = offer.reason or ("I can help." if offer.can_help else "I cannot help.")
            update["turns"].append(
                turn(
                    name,
                    asker,
                    said,
                    "offer",
                    usage=offer.usage,
                    started=started,
                    ended=clock(),
                )
            )
            if not offer.can_help:
                continue
            try:
                done = perform(
                    peer.agent,
                    Assignment(letter["text"]),
                    inside,
                    asked_by=asker,
                    clock=clock,
                )
            except AgentFailed as error:
                if on_failure == "raise":
                    raise
                update["turns"].append(failure(error, asked_by=asker))
                update["failed"].append(name)
                continue
            update["turns"] += done.turns
            answers.append(done.answer.text)
            if letter["hop"] < max_hops:
                for to, text in peer.ask(letter["text"], done.answer):
                    if to not in members:
                        raise TeamError(f"{name!r} asks {to!r}, who is not on the bus.")
                    update["bus"].append(
                        Envelope(sender=name, to=to, text=text, hop=letter["hop"] + 1)
                    )
        if answers:
            update["work"] = {"answer": {name: "\n\n".join(answers)}}
        return update

    return run
