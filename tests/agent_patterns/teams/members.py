"""Members of teams for tests: agents that say what they are told to, fail, or hand work over."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from agent_patterns.teams import Agent, Route
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.manager import Classified
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.supervisor import FINISH, Progress
from agent_patterns.teams.turns import Usage

ONE_CALL = Usage(1, 10, 5)


class Seen(list[Assignment]):
    """Remembers the assignments that an agent was given."""


def says(
    name: str,
    *texts: str,
    reads: Sequence[str] = (),
    produces: str = "answer",
    seen: Seen | None = None,
) -> Agent:
    """An agent that gives its texts one after the other, then repeats the last."""
    told = iter([*texts, *itertools.repeat(texts[-1], 1000)])

    def work(assignment: Assignment) -> Answer:
        if seen is not None:
            seen.append(assignment)
        return Answer(next(told), ONE_CALL)

    return Agent(name, f"{name} at work", work, tuple(reads), produces)


def breaks(name: str, error: Exception | None = None, times: int = 1000) -> Agent:
    """An agent that raises `times` times, then works."""
    count = itertools.count(1)

    def work(assignment: Assignment) -> str:
        if next(count) <= times:
            raise error or ConnectionError("the line is dead")
        return f"{name} is back"

    return Agent(name, f"{name} at work", work)


def in_order(*names: str) -> Callable[[Progress], Route]:
    """A router that goes through the names once."""

    def route(progress: Progress) -> Route:
        return Route(next=names[progress.rounds] if progress.rounds < len(names) else FINISH)

    return route


def simple(name: str) -> Callable[[str], Classified]:
    return lambda task: Classified("simple", name, ONE_CALL)


def hard(task: str) -> Classified:
    return Classified("complex", usage=ONE_CALL)


def peer(name: str, topic: str, ask: Any = None, agent: Agent | None = None) -> Peer:
    def offer(text: str) -> Offer:
        return Offer(topic in text, f"{topic} is my subject" if topic in text else "not my subject")

    member = agent or says(name, f"{name} on {topic}")
    return Peer(member, offer, ask) if ask else Peer(member, offer)


class Scripted(GenericFakeChatModel):
    """A model that says what it is told to, tool calls included."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


def passing(to: str, brief: str) -> AIMessage:
    call = {"name": f"transfer_to_{to}", "args": {"brief": brief}, "id": "1", "type": "tool_call"}
    return AIMessage(
        "",
        tool_calls=[call],
        usage_metadata={"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
    )
