"""The checkpoint explorer on every backend, with what other graphs keep in their state."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import START, StateGraph, add_messages
from langgraph.types import Command, interrupt

from agent_patterns.checkpoints import open_checkpointer
from courseware.widgets import CheckpointExplorer

CONFIG = {"configurable": {"thread_id": "t"}}


class Talk(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    amount: str


def build(checkpointer: Any) -> Any:
    """A talk whose answer is approved in a subgraph."""

    def approve(state: Talk) -> Talk:
        return {"amount": interrupt(f"Pay {state['amount']}?")}

    inner = StateGraph(Talk).add_node(approve).add_edge(START, "approve").compile()
    builder = StateGraph(Talk)
    builder.add_node("answer", lambda state: {"messages": [AIMessage("12.90 then")]})
    builder.add_node("approval", inner)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", "approval")
    return builder.compile(checkpointer=checkpointer)


def test_it_shows_and_forks_a_talk_with_an_approval(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = build(checkpointer)
        graph.invoke({"messages": [HumanMessage("refund")], "amount": "12.90"}, CONFIG)
        explorer = CheckpointExplorer(graph, CONFIG)
        assert "waits for a human in approval" in repr(explorer)
        graph.invoke(Command(resume="12.00"), CONFIG)
        explorer.refresh()
        assert explorer.go(99).step.values["amount"] == "12.00"
        before = next(step for step in explorer.steps if step.next == ("approval",))
        explorer.fork({"amount": "99.00"}, at=before.position)
        assert explorer.step.lane == 1
        (task,) = graph.get_state(CONFIG).tasks
        assert task.interrupts[0].value == "Pay 99.00?"
