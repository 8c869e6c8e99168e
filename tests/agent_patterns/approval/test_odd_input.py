"""Whatever is sent to the desk and the service is answered with a typed error, never a raw one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desks import open_desk, open_runs
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_patterns.approval import ApprovalDesk, approve, edit
from agent_patterns.approval.errors import (
    ApprovalError,
    InvalidDecision,
    InvalidRequest,
    NotAllowed,
    UnknownApproval,
)
from agent_patterns.approval.service import create_app
from agent_patterns.durable.errors import InvalidInput
from agent_patterns.errors import PatternError

REFUND: Any = {"action": "refund", "args": {"amount": "40.00"}}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


ODD: dict[str, Any] = {
    "half a surrogate": "\ud800",
    "a key of half a surrogate": {"\udfff": 1},
    "a thousand levels": nested(1000),
    "a hundred thousand levels": nested(100_000),
    "a number as a key": {1: "x"},
    "None as a key": {None: "x"},
    "not a number": float("nan"),
    "a set": {1, 2},
    "bytes": b"x",
    "an object": object(),
}


@pytest.fixture
def desk(file: Path) -> Iterator[ApprovalDesk]:
    opened = open_desk(file)
    opened.submit(REFUND)
    yield opened
    assert [ticket.id for ticket in opened.pending()] == ["A-1"]
    assert [entry.event for entry in opened.audit()] == ["submitted"]
    opened.close()


@pytest.mark.parametrize("name", ODD)
def test_odd_values_are_refused_wherever_they_stand(desk: ApprovalDesk, name: str) -> None:
    odd = ODD[name]
    for request in (
        odd,
        {**REFUND, "args": odd} if not isinstance(odd, dict) else {**REFUND, "args": {"x": odd}},
        {**REFUND, "args": {"amount": odd}},
        {**REFUND, "reason": odd},
        {**REFUND, "requested_by": odd},
        {**REFUND, "extra": odd},
        {**REFUND, "args_schema": {"properties": odd}},
    ):
        with pytest.raises(InvalidRequest):
            desk.submit(request)
    for decision in (
        odd,
        edit("refund", {"amount": odd}),
        {"type": "edit", "edited_action": odd},
        {"type": odd},
        {"type": "reject", "message": odd},
        {"type": "approve", "approval_id": odd},
    ):
        with pytest.raises(InvalidDecision):
            desk.decide("A-1", decision, by="Priya")


@pytest.mark.parametrize(
    "request_",
    [
        None,
        "refund",
        [],
        {},
        {"action": "refund"},
        {"args": {}},
        {"action": "", "args": {}},
        {"action": 5, "args": {}},
        {"action": "refund", "args": []},
        {"action": "refund", "args": None},
        {**REFUND, "reason": 5},
        {**REFUND, "requested_by": ["Priya"]},
        {**REFUND, "allow": []},
        {**REFUND, "allow": 7},
        {**REFUND, "allow": [["approve"]]},
        {**REFUND, "args_schema": "object"},
    ],
)
def test_requests_with_missing_or_odd_fields(desk: ApprovalDesk, request_: Any) -> None:
    with pytest.raises(InvalidRequest):
        desk.submit(request_)


@pytest.mark.parametrize(
    "decision",
    [
        None,
        5,
        [],
        {},
        "approve",
        {"type": None},
        {"type": ["approve"]},
        {"type": "approve", "amount": "9999"},
        {"type": "approve", "edited_action": {"name": "refund", "args": {"amount": "1"}}},
        {"type": "approve", "message": "yes"},
        {"type": "reject", "message": None},
        {"type": "reject", "message": 5},
        {"type": "edit"},
        {"type": "edit", "edited_action": {"name": "refund", "args": {"amount": "1"}, "to": "me"}},
        {"type": "edit", "edited_action": {"name": 5, "args": {"amount": "1"}}},
        {"type": "edit", "edited_action": {"args": {"amount": "1"}}},
        {"type": "edit", "edited_action": {"name": "refund", "args": [1]}},
        {"type": "approve", "approval_id": 5},
    ],
)
def test_decisions_with_missing_odd_or_unknown_fields(desk: ApprovalDesk, decision: Any) -> None:
    with pytest.raises(InvalidDecision):
        desk.decide("A-1", decision, by="Priya")


@pytest.mark.parametrize("odd", [None, 5, 1.5, b"A-1", ["A-1"], {}, "\ud800", "A-1\0", "A-١"])
def test_ids_people_and_notes_of_the_wrong_type(desk: ApprovalDesk, odd: Any) -> None:
    for call in (
        lambda: desk.get(odd),
        lambda: desk.decide(odd, approve(), by="Priya"),
        lambda: desk.decide(odd, edit("refund", {}), by="Priya"),
    ):
        with pytest.raises(UnknownApproval):
            call()
    with pytest.raises(NotAllowed):
        desk.decide("A-1", approve(), by=odd)
    with pytest.raises(NotAllowed):
        desk.pending(person=odd if odd is not None else "Mallory")
    if odd is not None:
        with pytest.raises(ApprovalError):
            desk.decide("A-1", approve(), by="Priya", seen=odd)
    if not isinstance(odd, str) or odd != "A-١":
        with pytest.raises(InvalidInput):
            desk.decide("A-1", approve(), by="Priya", note=odd)


def test_a_number_and_its_text_are_not_one_key(desk: ApprovalDesk) -> None:
    number: Any = {1: "40.00"}
    with pytest.raises(InvalidRequest, match="key 1 must be a text"):
        desk.submit({"action": "refund", "args": number})


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(open_runs(tmp_path), tick_seconds=None)
    with TestClient(app, headers={"x-user": "Priya"}, raise_server_exceptions=False) as client:
        client.post("/runs?wait=20", json={"thread_id": "t", "input": {"amount": "40.00"}})
        yield client


BODIES = {
    "half a surrogate": '{"args": {"amount": "\\ud800"}}',
    "a key of half a surrogate": '{"args": {"\\ud800": 1}}',
    "a thousand levels": json.dumps({"args": nested(900)}).replace("1}", "1}"),
    "ten thousand levels": '{"args":' * 10_000 + "1" + "}" * 10_000,
    "lists": '{"args":' + "[" * 990 + "]" * 990 + "}",
    "not a number": '{"args": {"amount": NaN}}',
    "no JSON": "{",
    "not UTF-8": b'{"args": {"amount": "\xff"}}',
    "a list": "[]",
    "nothing": "",
    "no fields": "{}",
    "odd fields": '{"args": 5}',
    "unknown fields": '{"args": {"amount": "1"}, "approve": true}',
    "an odd note": '{"args": {"amount": "1"}, "note": 5}',
    "an odd digest": '{"args": {"amount": "1"}, "seen": ["x"]}',
    "another digest": '{"args": {"amount": "1"}, "seen": "\\ud800"}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["requests/A-1/edit", "requests/A-1/reject", "runs"])
def test_odd_bodies_are_the_callers_mistake(client: TestClient, path: str, name: str) -> None:
    body: Any = BODIES[name]
    if path.endswith("reject") and name == "no fields":
        body = '{"args": {}}'  # a rejection without a reason is one
    if path == "runs" and isinstance(body, str):
        body = body.replace('"args"', '"thread_id": "u", "input"')
    if path.endswith("reject") and isinstance(body, str):
        body = body.replace('"args": {"amount": "\\ud800"}', '"note": "\\ud800"')
    answer = client.post(f"/{path}", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json()) <= {"error", "detail"}
    assert [ticket["id"] for ticket in client.get("/pending").json()] == ["A-1"]


@pytest.mark.parametrize(
    "path",
    [
        "/requests/5",
        "/requests/A-",
        "/requests/%ED%A0%80",
        "/requests/A-1%00",
        "/runs/%00",
        "/runs/%ED%A0%80",
        f"/runs/{'x' * 5000}",
        f"/requests/A-{'9' * 60}",
    ],
)
def test_odd_paths_are_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 422)
    assert client.post(f"{path}/retry").status_code in (404, 405, 422)
    assert client.post(f"{path}/approve").status_code in (404, 405, 422)


@pytest.mark.parametrize("wait", ["-1", "31", "x", "nan", "inf"])
def test_odd_waits_are_refused(client: TestClient, wait: str) -> None:
    body = {"thread_id": "v", "input": {}}
    assert client.post("/runs", params={"wait": wait}, json=body).status_code == 422


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, st.sampled_from(["edit", "reject", "approve", "answer"]))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_no_body_is_answered_with_a_server_error(client: TestClient, body: Any, verb: str) -> None:
    answer = client.post(f"/requests/A-1/{verb}", json=body)
    assert answer.status_code < 500


@given(JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_decision_is_answered_with_a_raw_error(file: Path, decision: Any) -> None:
    desk = open_desk(file)
    ticket = desk.submit(REFUND)
    try:
        desk.decide(ticket.id, decision, by="Priya")
    except PatternError:
        assert desk.get(ticket.id).status == "waiting"
    desk.close()
