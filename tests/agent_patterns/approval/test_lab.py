from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalLedger, approve, edit, reject
from courseware.lessons.human_in_the_loop.lab import RefundMonth, TwoClicks, decide_at
from courseware.lessons.human_in_the_loop.waiting import waiting_threads

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


def test_waiting_threads_are_those_that_wait() -> None:
    graph = asking(lambda state: {})
    for name in ("a", "b"):
        graph.invoke({}, config(name))
    TwoClicks().resume(graph, config("a"), approve())
    assert {name: found[0].value for name, found in waiting_threads(graph).items()} == {"b": "Pay?"}


def test_a_graph_without_a_checkpointer_has_no_waiting_threads() -> None:
    builder = StateGraph(State).add_node("n", lambda state: {}).add_edge(START, "n")
    with pytest.raises(ValueError, match="checkpointer"):
        waiting_threads(builder.compile())


def test_people_decide_at_the_desk_what_is_theirs(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    people = {"Priya": ["billing"], "Jonas": ["technical"]}
    desk = ApprovalDesk(
        file, chains={"refund": ["billing"], "code": ["technical", "billing"]}, people=people
    )
    desk.submit({"action": "refund", "args": {"amount": "5"}})
    desk.submit({"action": "code", "args": {"percent": 50}})

    def at(person: str, *script: Any) -> list[str]:
        return asyncio.run(decide_at(desk, person, script))

    assert at("Jonas", approve()) == ["A-2 now waits for billing"]
    assert at("Jonas") == []
    assert at("Priya", edit("refund", {"amount": "4"}), reject("too much")) == [
        "A-1 is approved",
        "A-2 is rejected",
    ]
    assert desk.get("A-1").request["args"] == {"amount": "4"}
    assert "refund" in capsys.readouterr().out


def test_a_higher_limit_asks_less_and_lets_more_through() -> None:
    month = RefundMonth()
    points = [month.at(limit) for limit in range(0, 400, 10)]
    assert [waiting for waiting, _ in points] == sorted((w for w, _ in points), reverse=True)
    assert [unseen for _, unseen in points] == sorted(unseen for _, unseen in points)
    assert points[0] == (1.0, 0.0)
    assert month.words(0).startswith("Limit 0 euros: 400 of 400 refunds wait (800 minutes")
    assert "2 of 400 refunds wait (4 minutes" in month.words(200)
    assert "svg" in str(getattr(month.picture(50), "data", month.picture(50)))[:300]
