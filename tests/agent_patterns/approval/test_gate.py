from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from pydantic import BaseModel, Field, ValidationError
from typing_extensions import TypedDict

from agent_patterns.approval import (
    ApprovalLedger,
    AutoApproval,
    approve,
    ask,
    edit,
    reject,
)
from agent_patterns.approval.decisions import check_decision
from agent_patterns.approval.errors import InvalidArguments, InvalidDecision, InvalidRequest
from agent_patterns.approval.gate import pass_without_asking
from agent_patterns.approval.payloads import read_payload
from agent_patterns.approval.policy import Verdict
from agent_patterns.approval.protocol import Review, respond

EMAIL: Any = {"action": "send_email", "args": {"to": "a@b.example", "body": "Hello"}}
SCHEMA = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "copies": {"type": "integer", "minimum": 1}},
    "required": ["to"],
    "additionalProperties": False,
}


class State(TypedDict, total=False):
    review: Review


def asking(request: Any, ledger: ApprovalLedger | None = None) -> Any:
    def node(state: State) -> State:
        return {"review": ask(request, key="k", ledger=ledger)}

    builder = StateGraph(State).add_node("ask", node).add_edge(START, "ask").add_edge("ask", END)
    return builder.compile(checkpointer=InMemorySaver())


CONFIG: Any = {"configurable": {"thread_id": "1"}}


def test_the_human_is_shown_the_request_and_the_answer_becomes_a_review() -> None:
    graph = asking(EMAIL)
    shown = graph.invoke({}, CONFIG)["__interrupt__"][0].value
    assert shown == EMAIL
    review = graph.invoke(Command(resume=approve()), CONFIG)["review"]
    assert review == {
        "approved": True,
        "key": "k",
        "action": {"name": "send_email", "args": EMAIL["args"]},
        "message": "",
    }


def test_an_edit_is_what_may_be_executed(tmp_path: Path) -> None:
    ledger = ApprovalLedger(tmp_path / "l.sqlite")
    graph = asking(EMAIL, ledger)
    graph.invoke({}, CONFIG)
    other = {"to": "a@b.example", "body": "Good day"}
    graph.invoke(Command(resume=edit("send_email", other)), CONFIG)
    assert (ledger.get("k").kind, ledger.get("k").payload) == ("send_email", other)


def test_a_rejection_leaves_nothing_to_execute(tmp_path: Path) -> None:
    ledger = ApprovalLedger(tmp_path / "l.sqlite")
    graph = asking(EMAIL, ledger)
    graph.invoke({}, CONFIG)
    review = graph.invoke(Command(resume=reject("too short")), CONFIG)["review"]
    assert (review["approved"], review["message"]) == (False, "too short")
    assert ledger.pending() == []


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        {},
        {"type": "perhaps"},
        respond("no such offer"),
        edit("delete_all", {}),
        {"type": "edit"},
        edit("send_email", {"bcc": "everybody"}),
    ],
)
def test_a_bad_answer_is_refused_and_can_be_given_again(answer: Any) -> None:
    graph = asking(EMAIL)
    graph.invoke({}, CONFIG)
    if answer == {}:
        assert "__interrupt__" in graph.invoke(Command(resume=answer), CONFIG)
    else:
        with pytest.raises(ValidationError):
            graph.invoke(Command(resume=answer), CONFIG)
    assert graph.get_state(CONFIG).interrupts
    assert graph.invoke(Command(resume=approve()), CONFIG)["review"]["approved"]


class Email(BaseModel):
    to: Annotated[str, Field(pattern="@")]
    body: str


@pytest.mark.parametrize(
    ("models", "bad"),
    [
        ({"send_email": Email}, {"to": "nobody", "body": "Hello"}),
        ({}, {"to": "a@b.example", "body": Decimal(12)}),
        ({}, {"to": "a@b.example", "body": float("nan")}),
        ({}, {"to": "a@b.example", "body": "\ud800"}),
    ],
)
def test_what_the_ledger_would_refuse_is_refused_before_it_is_saved(
    tmp_path: Path, models: Any, bad: dict[str, Any]
) -> None:
    ledger = ApprovalLedger(tmp_path / "l.sqlite", args=models)
    graph = asking(EMAIL, ledger)
    graph.invoke({}, CONFIG)
    with pytest.raises(ValidationError):
        graph.invoke(Command(resume=edit("send_email", bad)), CONFIG)
    assert graph.invoke(Command(resume=approve()), CONFIG)["review"]["approved"]
    assert ledger.get("k").payload == EMAIL["args"]


@pytest.mark.parametrize("nothing", [[], ["bogus"], "approve"])
def test_a_request_that_offers_nothing_can_neither_be_asked_nor_decided(nothing: Any) -> None:
    request: Any = {**EMAIL, "allow": nothing}
    with pytest.raises(InvalidRequest, match="nobody could decide"):
        asking(request).invoke({}, CONFIG)
    with pytest.raises(InvalidDecision, match="offers nothing"):
        check_decision(request, approve())


def test_edited_arguments_are_held_against_the_formats_of_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
        },
    }
    request: Any = {"action": "plan", "args": {}, "args_schema": schema}
    check_decision(request, edit("plan", {"day": "2026-03-04", "at": "2026-03-04T09:00"}))
    for args in ({"day": "4 March"}, {"at": "soon"}):
        with pytest.raises(InvalidArguments, match=r"day|at"):
            check_decision(request, edit("plan", args))


@pytest.mark.parametrize("schema", [{"type": 5}, {"$ref": "https://elsewhere.example/schema"}])
def test_a_schema_that_cannot_be_applied_lets_nothing_through(schema: Any) -> None:
    request: Any = {"action": "plan", "args": {}, "args_schema": schema}
    with pytest.raises(InvalidArguments, match="cannot be applied"):
        check_decision(request, edit("plan", {"day": "2026-03-04"}))


def test_edited_arguments_are_held_against_the_schema() -> None:
    request: Any = {"action": "print", "args": {"to": "a"}, "args_schema": SCHEMA}
    check_decision(request, edit("print", {"to": "b", "copies": 2}))
    for args in ({"to": "b", "copies": 0}, {"copies": 1}, {"to": "b", "bcc": "c"}):
        with pytest.raises(InvalidArguments, match=r"copies|'to'|'bcc'"):
            check_decision(request, edit("print", args))


def test_a_policy_lets_a_small_refund_pass_and_records_it(tmp_path: Path) -> None:
    ledger = ApprovalLedger(tmp_path / "l.sqlite")
    policy = AutoApproval({"refund": Decimal(50)})
    action: Any = {"name": "refund", "args": {"amount": "12.00"}}
    request: Any = {"action": "refund", "args": {"amount": "12.00"}}
    review = pass_without_asking(request, policy(action), key="k", ledger=ledger)
    assert review["approved"]
    assert "within the limit" in review["message"]
    assert ledger.execute("k", action, lambda args, key: args["amount"]) == "12.00"
    with pytest.raises(InvalidDecision, match="a human must decide"):
        pass_without_asking(request, Verdict(False, "too much"), key="k")


def test_payloads_of_every_origin_become_requests_and_their_answers() -> None:
    yes, no = {**approve(), "approval_id": "A-1"}, reject("no")

    own = read_payload(EMAIL)
    assert own.requests == (EMAIL,)
    assert own.resume_value([yes]) == yes

    question = read_payload("Which order?")
    assert question.requests[0]["allow"] == ["respond"]
    assert question.requests[0]["reason"] == "Which order?"
    assert question.resume_value([respond("MF-1")]) == "MF-1"

    batch = read_payload(
        {
            "action_requests": [
                {"name": "a", "args": {"x": 1}, "description": "why"},
                {"name": "b", "args": {}},
            ],
            "review_configs": [
                {"action_name": "a", "allowed_decisions": ["approve"]},
                {"action_name": "b", "allowed_decisions": ["approve", "reject"]},
            ],
        }
    )
    assert [r["action"] for r in batch.requests] == ["a", "b"]
    assert batch.requests[0]["allow"] == ["approve"]
    assert batch.requests[0]["reason"] == "why"
    assert batch.resume_value([yes, no]) == {"decisions": [approve(), no]}

    tool = read_payload({"type": "tool_approval", "tool_call_id": "1", "name": "a", "args": {}})
    assert tool.requests[0]["action"] == "a"
    assert tool.resume_value([yes]) == approve()

    schema = {"properties": {"type": {"const": "approve"}}}
    narrowed = read_payload({"type": "tool_approval", "name": "a", "args": {}}, schema)
    assert narrowed.requests[0]["allow"] == ["approve"]

    no_calls: list[Any] = [
        {"type": "tool_approval"},
        {"action_requests": [{"name": "x"}]},
        {"action": "x", "args": [1]},
    ]
    for other in ({"what": "ever"}, [1, 2], 3, *no_calls):
        shown = read_payload(other)
        assert shown.requests[0]["allow"] == ["approve", "reject"]
        assert shown.resume_value([no]) == no
