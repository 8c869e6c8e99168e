from __future__ import annotations

import operator
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from desks import open_desk, open_runs, payments
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalRuns, approve
from agent_patterns.approval.service import create_app
from agent_patterns.testing import FakeClock
from courseware.lessons.approvals_in_production.serve import serving


def user(name: str) -> dict[str, str]:
    return {"x-user": name}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(open_runs(tmp_path), tick_seconds=None)
    with TestClient(app, headers=user("Priya")) as client:
        yield client


def start(client: TestClient | httpx.Client, thread: str = "t-1") -> Any:
    body = {"thread_id": thread, "input": {"amount": "40.00"}}
    return client.post("/runs", params={"wait": 20}, json=body)


def outcome(client: TestClient | httpx.Client, thread: str) -> str:
    """What came of a run, once the server has finished it."""
    return str(run_when(client, thread, "done")["values"]["outcome"])


def run_when(client: TestClient | httpx.Client, thread: str, status: str) -> Any:
    """The run, once it has that status."""
    deadline = time.monotonic() + 120
    while (run := client.get(f"/runs/{thread}").json())["status"] != status:
        assert time.monotonic() < deadline, run
        threading.Event().wait(0.01)
    return run


def test_start_pending_approve_result(client: TestClient, tmp_path: Path) -> None:
    started = start(client)
    assert started.status_code == 202
    assert started.json()["pending"] == ["A-1"]
    [waiting] = client.get("/pending").json()
    assert waiting["request"]["args"] == {"amount": "40.00"}
    assert waiting["waits_for"] == ["billing"]

    answer = client.post(
        "/requests/A-1/approve", params={"wait": 20}, json={"note": "ok", "seen": waiting["seen"]}
    )
    assert answer.status_code == 202
    assert answer.json()["run"]["status"] == "done"
    assert client.get("/runs/t-1").json()["values"]["outcome"] == "paid 40.00"
    assert client.get("/pending").json() == []
    trail = client.get("/requests/A-1").json()["audit"]
    assert [(e["event"], e["by"]) for e in trail] == [
        ("submitted", ""),
        ("approved", "Priya"),
        ("released", "desk"),
    ]
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


def test_deciding_twice_is_refused(client: TestClient, tmp_path: Path) -> None:
    start(client)
    assert client.post("/requests/A-1/approve?wait=20").status_code == 202
    for path, body in (("approve", None), ("reject", {"note": "no"})):
        again = client.post(f"/requests/A-1/{path}", json=body, headers=user("Pavel"))
        assert again.status_code == 409
        assert again.json()["error"] == "AlreadyDecided"
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


def test_edit_and_reject(client: TestClient) -> None:
    start(client, "t-1")
    start(client, "t-2")
    client.post("/requests/A-1/edit?wait=20", json={"args": {"amount": "20.00"}})
    client.post("/requests/A-2/reject?wait=20", json={"note": "no receipt"})
    assert client.get("/runs/t-1").json()["values"]["outcome"] == "paid 20.00"
    assert client.get("/runs/t-2").json()["values"]["outcome"] == "refused: no receipt"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/requests/A-99", None, 404),
        ("POST", "/requests/A-99/approve", None, 404),
        ("POST", "/requests/A-99/edit", {"args": {}}, 404),
        ("GET", "/requests/nonsense", None, 404),
        ("GET", "/runs/unknown", None, 404),
        ("POST", "/runs", {"thread_id": "t-1", "input": {"amount": "1"}}, 409),
        ("POST", "/runs", {"thread_id": ""}, 422),
        ("POST", "/requests/A-1/reject", None, 422),
        ("POST", "/requests/A-1/answer", {"message": "hm"}, 422),
        ("POST", "/requests/A-1/edit", {"args": {"bcc": "x"}}, 422),
        ("POST", "/requests/A-1/approve", {"seen": "0" * 64}, 409),
        ("POST", "/requests/A-1/approve?wait=1000", None, 422),
    ],
)
def test_refusals(client: TestClient, method: str, path: str, body: Any, status: int) -> None:
    start(client)
    assert client.request(method, path, json=body).status_code == status
    assert [t["id"] for t in client.get("/pending").json()] == ["A-1"]


def test_who_may_decide(client: TestClient) -> None:
    start(client)
    assert client.post("/requests/A-1/approve", headers=user("Jonas")).status_code == 403
    assert client.post("/requests/A-1/approve", headers=user("Mallory")).status_code == 403
    assert client.post("/requests/A-1/approve", headers=user("")).status_code == 401
    for path in ("/pending", "/pending?mine=true", "/requests/A-1"):
        assert client.get(path, headers=user("Mallory")).status_code == 403
    assert client.get("/pending", params={"mine": True}, headers=user("Jonas")).json() == []
    assert len(client.get("/pending", params={"mine": True}).json()) == 1


def test_authentication_can_be_replaced(tmp_path: Path) -> None:
    def who(request: Request) -> str:
        if request.headers.get("authorization") != "Bearer secret":
            raise HTTPException(401)
        return "Priya"

    with TestClient(create_app(open_runs(tmp_path), who=who, tick_seconds=None)) as client:
        assert client.get("/pending", headers=user("Priya")).status_code == 401
        assert client.get("/pending", headers={"authorization": "Bearer secret"}).json() == []


def test_expired_is_gone(tmp_path: Path, clock: FakeClock) -> None:
    runs = open_runs(tmp_path)
    runs.desk.expires_after = 60
    runs.desk._clock = clock
    with TestClient(create_app(runs, tick_seconds=None), headers=user("Priya")) as client:
        start(client)
        clock.advance(61)
        answer = client.post("/requests/A-1/approve")
        assert answer.status_code == 410
        assert client.get("/requests/A-1").json()["status"] == "expired"
        assert client.get("/pending").json() == []


def test_the_clock_tells_the_graph_that_nobody_decided(tmp_path: Path, clock: FakeClock) -> None:
    runs = open_runs(tmp_path)
    runs.desk.expires_after = 60
    runs.desk._clock = clock
    with TestClient(create_app(runs, tick_seconds=0.01), headers=user("Priya")) as client:
        start(client)
        assert run_when(client, "t-1", "waiting")["pending"] == ["A-1"]
        clock.advance(61)
        assert outcome(client, "t-1") == "refused: nobody decided in time"


def test_a_dead_workers_run_is_taken_over_while_the_server_runs(
    tmp_path: Path, clock: FakeClock
) -> None:
    runs = open_runs(tmp_path, lease=300, clock=clock)
    runs.start("t-1", {"amount": "40.00"})
    runs.desk.decide("A-1", approve(), by="Priya")
    assert runs.claim("t-1") is not None  # a worker that never comes back
    with TestClient(create_app(runs, tick_seconds=0.01), headers=user("Priya")) as client:
        assert client.get("/runs/t-1").json()["status"] == "running"
        clock.advance(301)
        assert outcome(client, "t-1") == "paid 40.00"
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


class Waiting(TypedDict, total=False):
    log: Annotated[list[str], operator.add]


def test_nothing_blocks_while_a_graph_is_slow(tmp_path: Path) -> None:
    go_on = threading.Event()

    def slow(state: Waiting) -> Waiting:
        assert go_on.wait(280)
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    graph = StateGraph(Waiting).add_node("slow", slow).add_edge(START, "slow")
    runs = ApprovalRuns(graph.compile(checkpointer=InMemorySaver()), open_desk(tmp_path / "d"))
    with TestClient(create_app(runs, tick_seconds=None), headers=user("Priya")) as client:
        try:
            answer = client.post("/runs", json={"thread_id": "t", "input": {"log": []}})
            assert answer.status_code == 202
            assert run_when(client, "t", "running")["pending"] == []
            assert client.get("/pending").json() == []
        finally:
            go_on.set()
        assert run_when(client, "t", "waiting")["pending"] == ["A-1"]


def test_a_failing_run_is_tried_once_and_then_when_asked(tmp_path: Path) -> None:
    calls: list[str] = []
    looks: list[list[str]] = []
    looked = threading.Event()

    def review(state: Waiting) -> Waiting:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    def send(state: Waiting) -> Waiting:
        calls.append("send")
        if len(calls) == 1:
            raise ValueError("no such card")
        return {"log": ["sent"]}

    class Watched(ApprovalRuns):
        def open_runs(self) -> list[str]:
            found = super().open_runs()
            if calls:
                looks.append(found)
            if len(looks) == 5:
                looked.set()
            return found

    graph = StateGraph(Waiting).add_sequence([review, send]).add_edge(START, "review")
    runs = Watched(graph.compile(checkpointer=InMemorySaver()), open_desk(tmp_path / "d"))
    with TestClient(create_app(runs, tick_seconds=0.001), headers=user("Priya")) as client:
        client.post("/runs?wait=20", json={"thread_id": "shop/7", "input": {"log": []}})
        answer = client.post("/requests/A-1/approve?wait=20")
        assert answer.json()["run"]["status"] == "failed"
        assert looked.wait(60)
        assert calls == ["send"]
        assert client.get("/runs/shop/7").json()["error"] == "ValueError: no such card"
        assert client.post("/runs/other/retry").status_code == 404
        again = client.post("/runs/shop/7/retry?wait=20")
        assert (again.status_code, again.json()["status"]) == (202, "done")
        assert client.get("/runs/shop%2F7").json()["values"]["log"] == ["approve", "sent"]


def test_an_application_that_cannot_start_is_said_at_once() -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    with pytest.raises(RuntimeError, match="did not start"), serving(FastAPI(lifespan=broken)):
        pass


async def test_a_question_is_answered_through_an_asynchronous_graph(tmp_path: Path) -> None:
    async def ask(state: Waiting) -> Waiting:
        return {"log": [interrupt("Which order?")]}

    graph = StateGraph(Waiting).add_node("ask", ask).add_edge(START, "ask")
    desk = ApprovalDesk(
        tmp_path / "d", chains={"answer": ["billing"]}, people={"Priya": ["billing"]}
    )
    runs = ApprovalRuns(graph.compile(checkpointer=InMemorySaver()), desk)
    app = create_app(runs, asynchronous=True, tick_seconds=None)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://desk", headers=user("Priya")
        ) as client,
    ):
        await client.post("/runs?wait=20", json={"thread_id": "t", "input": {"log": []}})
        answer = await client.post("/requests/A-1/answer?wait=20", json={"message": "MF-1"})
        assert answer.json()["run"]["status"] == "done"
        assert (await client.get("/runs/t")).json()["values"]["log"] == ["MF-1"]


def test_a_restarted_server_goes_on_with_what_was_decided(tmp_path: Path) -> None:
    with (
        serving(create_app(open_runs(tmp_path))) as url,
        httpx.Client(base_url=url, headers=user("Priya"), trust_env=False, timeout=30) as client,
    ):
        assert start(client).json()["status"] == "waiting"
    open_desk(tmp_path / "desk.sqlite").decide(
        "A-1", approve(), by="Priya"
    )  # and then the lights went out
    with (
        serving(create_app(open_runs(tmp_path))) as url,
        httpx.Client(base_url=url, headers=user("Priya"), trust_env=False, timeout=30) as client,
    ):
        assert outcome(client, "t-1") == "paid 40.00"
        assert client.post("/requests/A-1/approve").status_code == 409
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


def test_a_second_message_is_refused_queued_or_takes_the_question_back(client: TestClient) -> None:
    start(client)
    body = {"thread_id": "t-1", "input": {"amount": "20.00"}}
    assert client.post("/runs?wait=20", json=body).status_code == 409
    assert client.post("/runs?wait=20", json={**body, "if_exists": "maybe"}).status_code == 422
    queued = client.post("/runs?wait=20", json={**body, "if_exists": "queue"})
    assert (queued.status_code, queued.json()["pending"]) == (202, ["A-1"])
    taken_back = client.post("/runs?wait=20", json={**body, "if_exists": "withdraw"})
    assert taken_back.json()["pending"] == ["A-2"]
    assert client.get("/requests/A-1").json()["status"] == "withdrawn"
    trail = client.get("/requests/A-1").json()["audit"]
    assert (trail[-1]["event"], trail[-1]["by"]) == ("withdrawn", "Priya")
