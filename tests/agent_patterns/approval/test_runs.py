from __future__ import annotations

import asyncio
import operator
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import pytest
from desks import open_desk, open_runs, payments
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalRuns, approve, edit, reject
from agent_patterns.approval.errors import AlreadyDecided
from agent_patterns.approval.protocol import respond
from agent_patterns.durable.errors import LeaseHeld, NothingToRun, RunExists
from agent_patterns.testing import FakeClock


def test_a_run_waits_is_decided_and_finishes(tmp_path: Path) -> None:
    runs = open_runs(tmp_path)
    run = runs.start("t-1", {"amount": "40.00"})
    assert (run.status, [t.id for t in runs.desk.pending(thread_id="t-1")]) == ("waiting", ["A-1"])
    assert runs.run("t-1").status == "waiting"
    runs.desk.decide("A-1", approve(), by="Priya")
    assert runs.run("t-1").status == "done"
    assert runs.result("t-1")["outcome"] == "paid 40.00"
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]
    assert runs.work() == []


def test_edited_and_rejected(tmp_path: Path) -> None:
    runs = open_runs(tmp_path)
    for thread in ("t-1", "t-2"):
        runs.start(thread, {"amount": "40.00"})
    runs.desk.decide("A-1", edit("refund", {"amount": "20.00"}), by="Priya")
    runs.desk.decide("A-2", reject("no receipt"), by="Priya")
    assert {run.status for run in runs.work()} == {"done"}
    assert runs.result("t-1")["outcome"] == "paid 20.00"
    assert runs.result("t-2")["outcome"] == "refused: no receipt"
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "20.00", 1)]


def test_what_expires_goes_back_to_the_graph_as_a_no(tmp_path: Path, clock: FakeClock) -> None:
    runs = open_runs(tmp_path)
    runs.desk.expires_after = 60
    runs.desk._clock = clock
    runs.start("t-1", {"amount": "40.00"})
    clock.advance(61)
    runs.desk.tick()
    assert [run.status for run in runs.work()] == ["done"]
    assert runs.result("t-1")["outcome"] == "refused: nobody decided in time"


@pytest.mark.slow
def test_killed_between_decision_and_resume_is_recovered_once(
    tmp_path: Path, worker: Callable[..., Any]
) -> None:
    process = worker("run.py", tmp_path, "40.00")
    assert process.hear() == "A-1"
    process.kill()
    outbox = tmp_path / "payments.sqlite"
    assert payments(outbox) == []

    runs = open_runs(tmp_path)
    assert runs.desk.get("A-1").status == "approved"
    assert [(run.thread_id, run.status) for run in runs.work()] == [("t-1", "done")]
    assert payments(outbox) == [("A-1", "40.00", 1)]
    assert open_runs(tmp_path).work() == []
    assert payments(outbox) == [("A-1", "40.00", 1)]


def test_a_run_that_was_only_registered_is_started_by_recovery(tmp_path: Path) -> None:
    open_runs(tmp_path).submit("t-1", {"amount": "40.00"})
    assert [run.status for run in open_runs(tmp_path).work()] == ["waiting"]


def test_a_run_is_driven_by_one_worker_and_taken_over_from_a_dead_one(
    tmp_path: Path, clock: FakeClock
) -> None:
    runs = open_runs(tmp_path, lease=300, clock=clock)
    runs.submit("t-1", {"amount": "40.00"})
    assert runs.claim("t-1") is not None  # a worker that never comes back
    with pytest.raises(LeaseHeld):
        runs.run("t-1")
    assert runs.desk.pending() == []
    clock.advance(301)
    assert runs.run("t-1").status == "waiting"


def test_ids_and_graphs_that_cannot_work_are_refused(tmp_path: Path) -> None:
    runs = open_runs(tmp_path)
    runs.submit("t-1", {"amount": "1"})
    with pytest.raises(RunExists):
        runs.submit("t-1", {"amount": "2"})
    with pytest.raises(NothingToRun):
        runs.run("t-2")
    builder = StateGraph(dict).add_node("n", lambda state: state).add_edge(START, "n")
    with pytest.raises(ValueError, match="checkpointer"):
        ApprovalRuns(builder.compile(), runs.desk)
    with pytest.raises(ValueError, match="interrupt"):
        ApprovalRuns(
            builder.compile(checkpointer=InMemorySaver(), interrupt_before=["n"]), runs.desk
        )


class Log(TypedDict, total=False):
    log: Annotated[list[str], operator.add]


def graph_of(*nodes: Callable[[Log], Any], parallel: bool = False) -> Any:
    builder = StateGraph(Log)
    before = START
    for node in nodes:
        builder.add_node(node.__name__, node)
        builder.add_edge(before, node.__name__)
        if parallel:
            builder.add_edge(node.__name__, END)
        else:
            before = node.__name__
    return builder.compile(checkpointer=InMemorySaver())


def test_parallel_interrupts_are_answered_one_by_one(tmp_path: Path) -> None:
    def left(state: Log) -> Log:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    def right(state: Log) -> Log:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "2"}})["type"]]}

    runs = ApprovalRuns(graph_of(left, right, parallel=True), open_desk(tmp_path / "d.sqlite"))
    run = runs.start("t", {"log": []})
    assert [t.id for t in runs.desk.pending(thread_id="t")] == ["A-1", "A-2"]
    runs.desk.decide("A-2", reject("no"), by="Priya")
    run = runs.run("t")
    assert (run.status, [t.id for t in runs.desk.pending(thread_id="t")]) == ("waiting", ["A-1"])
    runs.desk.decide("A-1", approve(), by="Priya")
    assert runs.run("t").status == "done"
    assert runs.result("t")["log"] == ["approve", "reject"]


def test_two_interrupts_in_one_node_are_two_requests(tmp_path: Path) -> None:
    desk = ApprovalDesk(
        tmp_path / "d.sqlite", chains={"answer": ["billing"]}, people={"Priya": ["billing"]}
    )

    def both(state: Log) -> Log:
        return {"log": [interrupt("Same question?"), interrupt("Same question?")]}

    runs = ApprovalRuns(graph_of(both), desk)
    runs.start("t", {"log": []})
    for ticket, text in (("A-1", "one"), ("A-2", "two")):
        desk.decide(ticket, respond(text), by="Priya")
        runs.run("t")
    assert runs.result("t")["log"] == ["one", "two"]


def test_an_interrupt_in_a_subgraph_waits_at_the_desk_too(tmp_path: Path) -> None:
    def inner(state: Log) -> Log:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    child = StateGraph(Log).add_node("inner", inner).add_edge(START, "inner").compile()
    parent = StateGraph(Log).add_node("child", child).add_edge(START, "child")
    runs = ApprovalRuns(
        parent.compile(checkpointer=InMemorySaver()), open_desk(tmp_path / "d.sqlite")
    )
    assert runs.start("t", {"log": []}).status == "waiting"
    runs.desk.decide("A-1", approve(), by="Priya")
    assert runs.run("t").status == "done"
    assert runs.result("t")["log"] == ["approve"]


def test_a_failed_node_is_reported_and_goes_on_where_it_failed(tmp_path: Path) -> None:
    calls: list[str] = []

    def review(state: Log) -> Log:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    def send(state: Log) -> Log:
        calls.append("send")
        if len(calls) == 1:
            raise ConnectionError("mail server is away")
        return {"log": ["sent"]}

    runs = ApprovalRuns(graph_of(review, send), open_desk(tmp_path / "d.sqlite"))
    runs.start("t", {"log": []})
    runs.desk.decide("A-1", approve(), by="Priya")
    with pytest.raises(ConnectionError):
        runs.run("t")
    run = runs.get("t")
    assert (run.status, run.error) == ("failed", "ConnectionError: mail server is away")
    assert runs.run("t").status == "done"
    assert runs.result("t")["log"] == ["approve", "sent"]


def test_a_failed_run_stands_still_until_somebody_drives_it(tmp_path: Path) -> None:
    calls: list[str] = []

    def review(state: Log) -> Log:
        return {"log": [interrupt({"action": "refund", "args": {"amount": "1"}})["type"]]}

    def send(state: Log) -> Log:
        calls.append("send")
        raise ValueError("no such address")

    runs = ApprovalRuns(graph_of(review, send), open_desk(tmp_path / "d.sqlite"))
    runs.start("t", {"log": []})
    runs.desk.decide("A-1", approve(), by="Priya")
    assert [run.error for run in runs.work()] == ["ValueError: no such address"]
    assert runs.work() == []
    assert calls == ["send"]


class Scripted(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


@pytest.mark.parametrize("mode", ["batched", "per_call"])
def test_langchains_middleware_waits_at_the_same_desk(tmp_path: Path, mode: Any) -> None:
    paid: list[str] = []

    def refund(amount: str) -> str:
        """Pay an amount back."""
        paid.append(amount)
        return f"paid {amount}"

    calls = [{"name": "refund", "args": {"amount": a}, "id": f"c{a}"} for a in ("1", "2", "3")]
    model = Scripted(messages=iter([AIMessage("", tool_calls=calls), AIMessage("All done.")]))
    agent = create_agent(
        model,
        [refund],
        middleware=[HumanInTheLoopMiddleware({"refund": True}, interrupt_mode=mode)],
        checkpointer=InMemorySaver(),
    )
    runs = ApprovalRuns(agent, open_desk(tmp_path / "d.sqlite"))
    runs.start("t", {"messages": [{"role": "user", "content": "Refund 1, 2 and 3."}]})
    assert len(runs.desk.pending(thread_id="t")) == 3
    by_amount = {t.request["args"]["amount"]: t.id for t in runs.desk.pending(thread_id="t")}
    runs.desk.decide(by_amount["1"], approve(), by="Priya")
    runs.run("t")
    runs.desk.decide(by_amount["2"], reject("paid already"), by="Priya")
    runs.desk.decide(by_amount["3"], edit("refund", {"amount": "2.50"}), by="Priya")
    assert runs.run("t").status == "done"
    assert sorted(paid) == ["1", "2.50"]
    messages = runs.result("t")["messages"]
    assert messages[-1].content == "All done."
    rejected = [m for m in messages if isinstance(m, ToolMessage) and m.status == "error"]
    assert [m.tool_call_id for m in rejected] == ["c2"]


async def test_asynchronous_nodes_and_checkpointer(tmp_path: Path) -> None:
    async def review(state: Log) -> Log:
        await asyncio.sleep(0)
        answer = interrupt({"action": "refund", "args": {"amount": "1"}})
        return {"log": [answer["type"]]}

    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "g.sqlite")) as saver:
        builder = StateGraph(Log).add_node("review", review).add_edge(START, "review")
        runs = ApprovalRuns(builder.compile(checkpointer=saver), open_desk(tmp_path / "d.sqlite"))
        run = await runs.astart("t", {"log": []})
        assert run.status == "waiting"
        runs.desk.decide("A-1", approve(), by="Priya")
        assert [run.status for run in await runs.awork()] == ["done"]
        assert (await runs.aresult("t"))["log"] == ["approve"]


def test_many_workers_recover_at_once_and_the_money_moves_once(tmp_path: Path) -> None:
    open_runs(tmp_path).start("t-1", {"amount": "40.00"})
    open_desk(tmp_path / "desk.sqlite").decide("A-1", approve(), by="Priya")
    workers = [open_runs(tmp_path) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ApprovalRuns.work, workers))
    assert workers[0].run("t-1").status == "done"
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


def test_two_workers_that_deliver_one_decision_resume_once(tmp_path: Path) -> None:
    first, second = open_runs(tmp_path), open_runs(tmp_path)
    first.start("t-1", {"amount": "40.00"})
    first.desk.decide("A-1", approve(), by="Priya")
    assert {first.run("t-1").status, second.run("t-1").status} == {"done"}
    with sqlite3.connect(tmp_path / "graph.sqlite") as connection:
        before = connection.execute("SELECT count(*) FROM checkpoints").fetchone()
    second.run("t-1")
    with sqlite3.connect(tmp_path / "graph.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone() == before
    assert payments(tmp_path / "payments.sqlite") == [("A-1", "40.00", 1)]


def conversation(tmp_path: Path) -> ApprovalRuns:
    """Each message asks for a refund and says what came of it."""

    def review(state: Log) -> Log:
        request: Any = {"action": "refund", "args": {"amount": state["log"][-1]}}
        answer = interrupt(request)
        return {"log": [f"{answer['type']} {answer.get('message', '')}".strip()]}

    return ApprovalRuns(graph_of(review), open_desk(tmp_path / "d.sqlite"))


def test_a_finished_thread_takes_a_next_turn_only_if_told_to(tmp_path: Path) -> None:
    runs = conversation(tmp_path)
    runs.start("t", {"log": ["1"]})
    runs.desk.decide("A-1", approve(), by="Priya")
    assert runs.run("t").status == "done"
    with pytest.raises(RunExists, match="is done"):
        runs.start("t", {"log": ["2"]})
    assert runs.result("t")["log"] == ["1", "approve"]
    assert runs.start("t", {"log": ["2"]}, queue=True).status == "waiting"
    runs.desk.decide("A-2", reject("no"), by="Priya")
    assert runs.run("t").status == "done"
    assert runs.result("t")["log"] == ["1", "approve", "2", "reject no"]


def test_a_message_that_comes_while_an_approval_waits_is_refused_or_queued(tmp_path: Path) -> None:
    runs = conversation(tmp_path)
    runs.start("t", {"log": ["1"]})
    with pytest.raises(RunExists, match="is waiting"):
        runs.start("t", {"log": ["2"]})
    runs.submit("t", {"log": ["2"]}, queue=True)
    assert runs.work() == []
    assert [t.id for t in runs.desk.pending(thread_id="t")] == ["A-1"]
    runs.desk.decide("A-1", approve(), by="Priya")
    assert [(run.status, run.values["log"]) for run in runs.work()] == [
        ("waiting", ["1", "approve", "2"])
    ]
    assert [t.request["args"] for t in runs.desk.pending(thread_id="t")] == [{"amount": "2"}]


def test_a_message_may_take_back_what_waits(tmp_path: Path) -> None:
    runs = conversation(tmp_path)
    runs.start("t", {"log": ["1"]})
    runs.submit("t", {"log": ["2"]}, withdraw="Ada")
    (run,) = runs.work()
    assert run.values["log"] == ["1", "reject withdrawn: a new message came", "2"]
    assert [t.request["args"] for t in runs.desk.pending(thread_id="t")] == [{"amount": "2"}]
    assert runs.desk.get("A-1").status == "withdrawn"
    with pytest.raises(AlreadyDecided, match="withdrawn"):
        runs.desk.decide("A-1", approve(), by="Priya")
    assert [(e.event, e.by) for e in runs.desk.audit("A-1")][-1] == ("withdrawn", "Ada")


def test_a_decision_that_comes_while_the_run_is_let_go_is_not_lost(tmp_path: Path) -> None:
    runs = conversation(tmp_path)
    release = runs.release

    def decided_meanwhile(lease: Any, status: str) -> bool:
        for ticket in runs.desk.pending(thread_id="t"):
            runs.desk.decide(ticket.id, approve(), by="Priya")
        return release(lease, status)

    runs.release = decided_meanwhile  # type: ignore[method-assign]
    assert runs.start("t", {"log": ["1"]}).status == "done"
    assert runs.result("t")["log"] == ["1", "approve"]
