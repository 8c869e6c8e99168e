"""A handoff beside an ordinary tool call loses nothing: it waits for the other tools."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from tests.agent_patterns.teams.members import Scripted, passing

from agent_patterns.teams import handoff_team, handoff_tool

ran: list[str] = []


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    ran.append(order)
    return f"order {order}: charged twice"


def both_at_once(number: int) -> AIMessage:
    return AIMessage(
        "",
        tool_calls=[
            {"name": "look_up", "args": {"order": "7"}, "id": f"l{number}", "type": "tool_call"},
            {
                "name": "transfer_to_billing",
                "args": {"brief": "refund it"},
                "id": f"t{number}",
                "type": "tool_call",
            },
        ],
    )


class Seeing(Scripted):
    """Keeps what the model was sent."""

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(list(messages))
        return super()._generate(messages, *args, **kwargs)


seen: list[list[Any]] = []


def team(*front_says: AIMessage) -> Any:
    ran.clear()
    seen.clear()
    front = create_agent(
        Seeing(messages=iter(front_says)),
        [look_up, handoff_tool("billing", "Hand over.", sender="front")],
    )
    billing = create_agent(Seeing(messages=iter([AIMessage("refunded")])), [])
    return handoff_team({"front": front, "billing": billing}, first="front")


@pytest.mark.parametrize("colour", ["invoke", "ainvoke"])
async def test_the_handoff_waits_and_the_agent_sees_the_result(colour: str) -> None:
    graph = team(both_at_once(1), passing("billing", "refund order 7, it was charged twice"))
    given = {"task": "I paid twice"}
    state = graph.invoke(given) if colour == "invoke" else await graph.ainvoke(given)
    assert ran == ["7"]
    told = {m.name: m.content for m in seen[1] if isinstance(m, ToolMessage)}
    assert told["look_up"] == "order 7: charged twice"
    assert "hand over again" in told["transfer_to_billing"]
    assert state["result"] == "refunded"
    (handoff,) = [entry for entry in state["turns"] if entry["kind"] == "handoff"]
    assert handoff["text"] == "refund order 7, it was charged twice"
    assert seen[-1][-1].content == "refund order 7, it was charged twice"


def test_who_insists_is_obeyed_with_the_result_in_brief_and_transcript() -> None:
    state = team(both_at_once(1), both_at_once(2)).invoke({"task": "I paid twice"})
    assert ran[0] == "7"
    assert state["result"] == "refunded"
    (handoff,) = [entry for entry in state["turns"] if entry["kind"] == "handoff"]
    assert "refund it" in handoff["text"]
    assert "look_up: order 7: charged twice" in handoff["text"]
    assert seen[-1][-1].content == handoff["text"]


def test_a_handoff_after_a_tool_call_needs_no_second_try() -> None:
    alone = AIMessage("", tool_calls=both_at_once(1).tool_calls[:1])
    state = team(alone, passing("billing", "refund order 7")).invoke({"task": "I paid twice"})
    (handoff,) = [entry for entry in state["turns"] if entry["kind"] == "handoff"]
    assert handoff["text"] == "refund order 7"
