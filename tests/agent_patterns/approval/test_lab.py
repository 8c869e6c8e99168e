from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalLedger, approve
from courseware.lessons.approvals_in_production.lab import TwoClicks
from courseware.lessons.human_in_the_loop.lab import RefundMonth

ACTION: Any = {"name": "refund", "args": {"amount": "5"}}


class State(TypedDict, total=False):
    decision: dict[str, Any]


def asking(execute: Any) -> Any:
    def review(state: State) -> State:
        return {"decision": interrupt("Pay?")}

    builder = StateGraph(State).add_sequence([("review", review), ("execute", execute)])
    return builder.add_edge(START, "review").compile(checkpointer=InMemorySaver())


def config(name: str) -> Any:
    return {"configurable": {"thread_id": name}}


def test_two_clicks_pay_twice_without_a_ledger_and_once_with_one(file: Path) -> None:
    ledger, paid = ApprovalLedger(file), []
    ledger.record("k", ACTION)
    clicks = TwoClicks()

    def effect(args: Any, key: str) -> None:
        clicks.hold()
        paid.append(args)

    def naive(state: State) -> State:
        effect({}, "")
        return {}

    def guarded(state: State) -> State:
        ledger.execute("k", ACTION, effect)
        return {}

    for execute, times, refused in ((naive, 2, []), (guarded, 1, ["LeaseHeld"])):
        clicks, graph = TwoClicks(), asking(execute)
        paid.clear()
        graph.invoke({}, config("t"))
        clicks.resume(graph, config("t"), approve())
        assert len(paid) == times
        assert clicks.refused == refused


def test_a_higher_limit_asks_less_and_lets_more_through() -> None:
    month = RefundMonth()
    points = [month.at(limit) for limit in range(0, 400, 10)]
    assert [waiting for waiting, _ in points] == sorted((w for w, _ in points), reverse=True)
    assert [unseen for _, unseen in points] == sorted(unseen for _, unseen in points)
    assert points[0] == (1.0, 0.0)
    assert month.words(0).startswith("Limit 0 euros: 400 of 400 refunds wait (800 minutes")
    assert "2 of 400 refunds wait (4 minutes" in month.words(200)
    assert "svg" in str(getattr(month.picture(50), "data", month.picture(50)))[:300]
