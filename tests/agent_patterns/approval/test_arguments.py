from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from agent_patterns.approval import (
    Amount,
    ApprovalDesk,
    ApprovalLedger,
    ApprovalRuns,
    approve,
    ask,
    edit,
    reject,
)
from agent_patterns.approval.errors import InvalidArguments
from agent_patterns.approval.policy import decimal_amount
from agent_patterns.approval.protocol import Review
from agent_patterns.approval.service import create_app

BAD = ["a lot", "-5", "", " ", "0", "0.00", "1e3", "12.905", "12,90", "NaN", "1_000", " 12.90", "٣"]


class Refund(BaseModel):
    order: str
    amount: Amount


class State(TypedDict, total=False):
    amount: str
    review: Review


def asking(ledger: ApprovalLedger | None = None) -> Any:
    def node(state: State) -> State:
        request: Any = {"action": "refund", "args": {"order": "1", "amount": state["amount"]}}
        return {"review": ask(request, key="k", ledger=ledger, args=Refund)}

    builder = StateGraph(State).add_node("ask", node).add_edge(START, "ask")
    return builder.compile(checkpointer=InMemorySaver())


CONFIG: Any = {"configurable": {"thread_id": "1"}}


def args(amount: str) -> dict[str, str]:
    return {"order": "1", "amount": amount}


@pytest.mark.parametrize("amount", BAD)
def test_an_edit_that_is_no_amount_is_refused_and_the_question_stays(amount: str) -> None:
    graph = asking()
    graph.invoke({"amount": "12.90"}, CONFIG)
    with pytest.raises(ValidationError, match=r"is not a positive amount such as 12\.90"):
        graph.invoke(Command(resume=edit("refund", args(amount))), CONFIG)
    assert graph.get_state(CONFIG).interrupts
    review = graph.invoke(Command(resume=edit("refund", args("9.50"))), CONFIG)["review"]
    assert review["action"]["args"] == args("9.50")


def test_what_was_asked_for_is_input_too() -> None:
    graph = asking()
    graph.invoke({"amount": "a lot"}, CONFIG)
    with pytest.raises(ValidationError, match="edit the arguments, or reject"):
        graph.invoke(Command(resume=approve()), CONFIG)
    assert graph.invoke(Command(resume=reject("no")), CONFIG)["review"]["approved"] is False


def test_the_schema_goes_out_with_the_request() -> None:
    shown = asking().invoke({"amount": "12.90"}, CONFIG)["__interrupt__"][0].value
    assert shown["args_schema"]["required"] == ["order", "amount"]


def test_the_ledger_writes_no_such_thing_down(file: Path) -> None:
    ledger = ApprovalLedger(file, args={"refund": Refund})
    with pytest.raises(InvalidArguments, match="amount: 'a lot'"):
        ledger.record("k", {"name": "refund", "args": args("a lot")})
    assert ledger.pending() == []


def a_desk(file: Path, **options: Any) -> ApprovalDesk:
    people = {"Priya": ["billing"]}
    return ApprovalDesk(file, chains={"refund": ["billing"]}, people=people, **options)


def test_the_desk_refuses_bad_arguments_and_waits_on(file: Path) -> None:
    desk = a_desk(file, args={"refund": Refund})
    ticket = desk.submit({"action": "refund", "args": args("a lot")})
    with pytest.raises(InvalidArguments):
        desk.decide(ticket.id, approve(), by="Priya")
    with pytest.raises(InvalidArguments):
        desk.decide(ticket.id, edit("refund", args("-5")), by="Priya")
    assert desk.get(ticket.id).status == "waiting"
    assert [entry.event for entry in desk.audit(ticket.id)] == ["submitted"]
    assert desk.decide(ticket.id, edit("refund", args("5.00")), by="Priya").status == "approved"


def test_a_desk_without_models_goes_by_the_schema_of_the_request(file: Path) -> None:
    desk = a_desk(file)
    request: Any = {"action": "refund", "args": args("12.90")}
    request["args_schema"] = Refund.model_json_schema()
    ticket = desk.submit(request)
    with pytest.raises(InvalidArguments, match=r"is not a positive amount such as 12\.90"):
        desk.decide(ticket.id, edit("refund", args("a lot")), by="Priya")


def test_the_web_api_answers_422(file: Path) -> None:
    desk = a_desk(file, args={"refund": Refund})
    ticket = desk.submit({"action": "refund", "args": args("12.90")})
    app = create_app(ApprovalRuns(asking(), desk), tick_seconds=None)
    with TestClient(app, headers={"X-User": "Priya"}) as client:
        answer = client.post(f"/requests/{ticket.id}/edit", json={"args": args("a lot")})
        assert answer.status_code == 422
        assert answer.json()["error"] == "InvalidArguments"
        assert client.get("/pending").json()[0]["request"]["args_schema"]


@given(st.decimals(min_value="0.01", max_value="999999999", places=2))
def test_every_amount_to_the_cent_is_one(amount: Any) -> None:
    assert TypeAdapter(Amount).validate_python(f"{amount:f}") == f"{amount:f}"


@given(st.text(max_size=12))
def test_what_passes_is_an_amount_for_the_policy_too(text: str) -> None:
    try:
        TypeAdapter(Amount).validate_python(text)
    except ValidationError:
        return
    assert decimal_amount(text) is not None
