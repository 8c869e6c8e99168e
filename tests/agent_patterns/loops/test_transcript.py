"""Transcript repair."""

from __future__ import annotations

import pytest
from hypothesis import given
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph.message import add_messages
from tests.agent_patterns.loops.transcripts import broken, call, complaint, exchanges, result

from agent_patterns.loops import check_tools, repair_transcript
from agent_patterns.loops.errors import LoopError


@given(exchanges())
def test_a_valid_transcript_comes_back_as_it_is(messages: list[AnyMessage]) -> None:
    repair = repair_transcript(messages)
    assert (repair.messages, repair.changes, repair.removed) == (messages, (), [])
    assert repair.as_update() == []


@given(broken())
def test_whatever_broke_it_the_provider_accepts_it_again(messages: list[AnyMessage]) -> None:
    before = list(messages)
    repair = repair_transcript(messages)
    assert complaint(repair.messages) is None
    assert messages == before
    assert bool(repair.changes) == (repair.messages != messages)
    again = repair_transcript(repair.messages)
    assert (again.messages, again.changes) == (repair.messages, ())


@given(broken())
def test_nothing_is_lost(messages: list[AnyMessage]) -> None:
    repair = repair_transcript(messages)

    def others(some: list[AnyMessage]) -> list[AnyMessage]:
        return [m for m in some if not isinstance(m, ToolMessage)]

    assert others(repair.messages) == others(messages)
    kept = [*repair.messages, *repair.removed]
    for message in messages:
        assert any(message is other for other in kept)


def test_each_break_is_told() -> None:
    repair = repair_transcript(
        [
            result("left over"),
            HumanMessage("Where are my parcels?"),
            call("a", "b", "c"),
            result("c"),
            result("a", "time-out", failed=True),
            HumanMessage("Hello?"),
            result("a", "on its way"),
        ]
    )
    assert [m.type for m in repair.messages] == ["human", "ai", "tool", "tool", "tool", "human"]
    a, b, c = repair.messages[2:5]
    assert (a.content, b.status, c.content) == ("on its way", "error", "fine")
    assert "not run" in str(b.content)
    assert [m.content for m in repair.removed] == ["fine", "time-out"]
    told = "; ".join(repair.changes)
    for words in ("call b of look_up had no result", "call c was moved", "left over was an orphan",
                  "result a was a duplicate"):  # fmt: skip
        assert words in told


def test_calls_with_broken_arguments_need_a_result_too() -> None:
    message = AIMessage(
        "",
        invalid_tool_calls=[{"name": "pay", "args": "{", "id": "x", "error": None,
                             "type": "invalid_tool_call"}],
    )  # fmt: skip
    assert complaint([message]) is not None
    assert complaint(repair_transcript([message]).messages) is None


def test_an_id_that_is_used_again_belongs_to_the_latest_call() -> None:
    first, second = result("call_1", "one"), result("call_1", "two")
    messages = [call("call_1"), first, call("call_1"), second]
    assert repair_transcript(messages).messages == messages
    without = repair_transcript([call("call_1"), call("call_1"), second]).messages
    assert [m.content for m in without if isinstance(m, ToolMessage)][1] == "two"


def test_a_call_without_an_id_cannot_be_answered() -> None:
    nameless = AIMessage("", tool_calls=[{"name": "pay", "args": {}, "id": None}])
    with pytest.raises(LoopError, match="Message 1 calls 'pay' without an id"):
        repair_transcript([HumanMessage("hi"), nameless])


def test_the_update_replaces_the_messages_of_a_graph() -> None:
    stored = add_messages([], [HumanMessage("hi"), call("a"), HumanMessage("hello?")])
    repair = repair_transcript(stored)
    after = add_messages(stored, repair.as_update())
    assert [m.type for m in after] == ["human", "ai", "tool", "human"]
    assert complaint(after) is None


def test_tools_with_one_name() -> None:
    def refund() -> str:
        return ""

    check_tools([refund, {"name": "other"}])
    with pytest.raises(LoopError, match="'refund'"):
        check_tools([refund, refund])


def test_repair_is_linear_in_the_number_of_calls() -> None:
    def looked_at(turns: int) -> int:
        counted = 0

        class Counting(list[AnyMessage]):
            def __getitem__(self, index: object) -> object:  # type: ignore[override]
                nonlocal counted
                counted += 1
                return super().__getitem__(index)  # type: ignore[index]

        messages = Counting()
        for turn in range(turns):
            messages += [call(f"{turn}"), result(f"{turn}")]
        repair_transcript(messages)
        return counted

    assert looked_at(400) == 4 * looked_at(100)
