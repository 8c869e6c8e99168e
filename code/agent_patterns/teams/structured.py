"""Decisions by a model that can only answer with the names of the team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import Field, create_model

from agent_patterns.teams.agents import Agent, message_usage
from agent_patterns.teams.errors import RoutingError
from agent_patterns.teams.manager import Classified, Classifier
from agent_patterns.teams.steps import Ask, Both, Steps
from agent_patterns.teams.supervisor import FINISH, Progress, Route, Routed, Router


def structured_router(
    model: BaseChatModel,
    agents: Sequence[Agent],
    rules: str,
    *,
    brief: bool = False,
    method: Literal["function_calling", "json_schema"] = "function_calling",
) -> Router:
    """Make a router that asks a model for a structured decision.

    `rules` says in plain words who comes when, and when to finish. The model can only answer
    with the agents' names and FINISH. With `brief` it sees who worked and the first line of each
    answer, which is all that an order of work needs, and neither the task nor the drafts.
    """
    names = (*[agent.name for agent in agents], FINISH)
    fields: dict[str, Any] = {
        "next": (Literal[names], Field(description="The agent who works next, or FINISH.")),
    }
    schema = create_model("Route", __doc__="Who works next.", **fields)
    members = "\n".join(f"- {agent.name}: {agent.description}" for agent in agents)
    system = SystemMessage(
        f"You are the supervisor of a team:\n{members}\n\n{rules}\n\n"
        f"Decide who works next, or {FINISH}."
    )
    chain = model.with_structured_output(schema, method=method, include_raw=True)

    def route(progress: Progress) -> Steps[Routed]:
        answer = yield Ask(
            chain, ([system, HumanMessage(progress.brief if brief else progress.text)],)
        )
        if answer["parsed"] is None:
            raise RoutingError(_attempt(answer["raw"]), names)
        return Routed(
            Route(next=answer["parsed"].model_dump()["next"]),
            message_usage([answer["raw"]]),
        )

    return Both(route)


def structured_classifier(
    model: BaseChatModel,
    agents: Sequence[Agent],
    rules: str,
    *,
    method: Literal["function_calling", "json_schema"] = "function_calling",
) -> Classifier:
    """Make a classifier that asks a model for a structured verdict.

    `rules` says in plain words what makes a task complex.
    """
    names = tuple(agent.name for agent in agents)
    fields: dict[str, Any] = {
        "kind": (Literal["simple", "complex"], Field(description="simple or complex")),
        "specialist": (Literal[names], Field(description="Who suits a simple task.")),
    }
    schema = create_model("Classification", __doc__="What sort of task this is.", **fields)
    members = "\n".join(f"- {agent.name}: {agent.description}" for agent in agents)
    system = SystemMessage(
        f"You are the manager of these specialists:\n{members}\n\nClassify the task. {rules}"
    )
    chain = model.with_structured_output(schema, method=method, include_raw=True)

    def classify(task: str) -> Steps[Classified]:
        answer = yield Ask(chain, ([system, HumanMessage(task)],))
        if answer["parsed"] is None:
            raise RoutingError(_attempt(answer["raw"]), ("simple", "complex", *names))
        values = answer["parsed"].model_dump()
        return Classified(values["kind"], values["specialist"], message_usage([answer["raw"]]))

    return Both(classify)


def _attempt(message: AIMessage) -> str:
    """Return what a model said instead of a valid structured answer, cut short."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    return (str(message.text) or ", ".join(str(call["args"]) for call in calls))[:80]
