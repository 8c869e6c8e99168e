"""The panel on LangChain's human-in-the-loop middleware, in both of its modes."""

from __future__ import annotations

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from tests.courseware.widgets.waiting_desk import shown_html

from agent_patterns.approval.protocol import approve, edit, reject
from courseware.widgets import ApprovalPanel

CONFIG = {"configurable": {"thread_id": "agent"}}


class Model(GenericFakeChatModel):
    def bind_tools(self, tools, **options):
        return self


@pytest.fixture
def calls():
    return []


def agent(calls, mode):
    @tool
    def refund(order: str, amount: float) -> str:
        """Refunds an order."""
        calls.append((order, amount))
        return "done"

    model = Model(
        messages=iter(
            [
                AIMessage(
                    "",
                    tool_calls=[
                        {"name": "refund", "args": {"order": "A-1", "amount": 10.0}, "id": "1"},
                        {"name": "refund", "args": {"order": "A-2", "amount": 20.0}, "id": "2"},
                    ],
                ),
                AIMessage("All done."),
            ]
        )
    )
    middleware = HumanInTheLoopMiddleware(
        {"refund": {"allowed_decisions": ["approve", "edit", "reject"]}}, interrupt_mode=mode
    )
    built = create_agent(model, [refund], middleware=[middleware], checkpointer=InMemorySaver())
    built.invoke({"messages": [("user", "refund both")]}, CONFIG)
    return built


def test_batched_goes_on_when_all_are_decided(calls):
    graph = agent(calls, "batched")
    panel = ApprovalPanel(graph, CONFIG)
    (card,) = panel.waiting
    assert len(card.request.asks) == 2
    assert panel.fill_and_press(card, approve(), 1)
    assert calls == []
    panel.take_back(card, 1)
    assert panel.fill_and_press(card, edit("refund", {"order": "A-2", "amount": 5.5}), 1)
    assert panel.fill_and_press(card, reject("Clara called, too late"), 0)
    assert "Rejected: &quot;Clara called, too late&quot;" in shown_html(panel.widget)
    assert calls == [("A-2", 5.5)]
    messages = graph.get_state(CONFIG).values["messages"]
    assert [m.status for m in messages if isinstance(m, ToolMessage)] == ["error", "success"]
    assert messages[-1].content == "All done."


def test_per_call_knows_the_tools_schema(calls):
    panel = ApprovalPanel(agent(calls, "per_call"), CONFIG)
    first, second = panel.waiting
    assert first.request.asks[0].allowed == ("approve", "edit", "reject")
    assert not panel.fill_and_press(first, edit("refund", {"order": "A-1", "amount": "lots"}))
    assert "amount: 'lots' is not a number" in first.message
    assert panel.fill_and_press(first, edit("refund", {"order": "A-1", "amount": 1.5}))
    assert panel.fill_and_press(second, reject("no"))
    assert calls == [("A-1", 1.5)]
