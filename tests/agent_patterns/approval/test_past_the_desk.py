"""A graph that knows limits which the desk does not, and answers that go past the desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from pydantic import AfterValidator, BaseModel
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalRuns, approve, ask, edit
from agent_patterns.approval.errors import NotAllowed
from agent_patterns.approval.protocol import Review
from agent_patterns.checkpoints import open_checkpointer


def even(amount: int) -> int:
    if amount % 2:
        raise ValueError("only even amounts")
    return amount


class Refund(BaseModel):
    amount: Annotated[int, AfterValidator(even)]  # which no JSON schema says


class Case(TypedDict, total=False):
    amount: int
    review: Review
    paid: int


Opened = tuple[ApprovalRuns, list[Any]]


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    paid: list[Any] = []
    with open_checkpointer(url) as checkpointer:
        people = {"Priya": ["billing"], "Pavel": ["security"]}
        chains = {"refund": ["billing", "security"]}
        desk = ApprovalDesk(checkpointer.database, chains=chains, people=people)

        def review(case: Case) -> Case:
            request: Any = {"action": "refund", "args": {"amount": case["amount"]}}
            return {"review": ask(request, key="own", ledger=desk.ledger, args=Refund)}

        def pay(case: Case) -> Case:
            key, action = case["review"]["key"], case["review"]["action"]
            desk.ledger.execute(key, action, lambda args, _: paid.append((key, args["amount"])))
            return {"paid": action["args"]["amount"]}

        graph: Any = StateGraph(Case).add_sequence([review, pay]).add_edge(START, "review")
        yield ApprovalRuns(graph.compile(checkpointer=checkpointer), desk), paid


def released(runs: ApprovalRuns, decision: Any) -> str:
    (ticket,) = runs.desk.pending()
    runs.desk.decide(ticket.id, decision, by="Priya")
    return runs.desk.decide(ticket.id, approve(), by="Pavel").id


def test_an_approval_that_the_graph_refuses_is_asked_again_and_never_delivered(
    opened: Opened,
) -> None:
    runs, paid = opened
    runs.start("t", {"amount": 40})
    key = released(runs, edit("refund", {"amount": 13}))
    assert [run.status for run in runs.work()] == ["waiting"]
    assert runs.desk.ledger.deliver({"refund": lambda *_: paid.append("too much")}) == []
    (ticket,) = runs.desk.pending()
    assert (ticket.id, ticket.request["args"], ticket.waits_for) == (
        key,
        {"amount": 40},
        ("billing",),
    )
    last = runs.desk.audit(key)[-1]
    assert (last.event, last.by) == ("reopened", "desk")
    assert "only even amounts" in last.note
    assert released(runs, edit("refund", {"amount": 12})) == key
    assert [run.status for run in runs.work()] == ["done"]
    assert paid == [(key, 12)]


def test_an_approval_that_was_delivered_before_the_graph_refused_it_fails_its_run(
    opened: Opened,
) -> None:
    runs, paid = opened
    runs.start("t", {"amount": 40})
    released(runs, edit("refund", {"amount": 13}))
    runs.desk.ledger.deliver({"refund": lambda args, key: paid.append(args["amount"])})
    (run,) = runs.work()
    assert (run.status, paid) == ("failed", [13])
    assert "only even amounts" in str(run.error)
    assert runs.desk.pending() == []


async def test_the_same_for_an_asynchronous_run(opened: Opened) -> None:
    runs, paid = opened
    await runs.astart("t", {"amount": 40})
    released(runs, edit("refund", {"amount": 13}))
    assert [run.status for run in await runs.awork()] == ["waiting"]
    released(runs, approve())
    assert [run.status for run in await runs.awork()] == ["done"]
    assert paid == [("A-1", 40)]


def test_no_answer_goes_past_the_desk(opened: Opened) -> None:
    runs, paid = opened
    (question,) = runs.start("t", {"amount": 40}).interrupts
    for decided in (False, True):
        if decided:
            released(runs, approve())
        for answer in (approve(), {question.id: approve()}):
            with pytest.raises(NotAllowed, match="at the desk"):
                runs.run("t", resume=Command(resume=answer))
    assert (runs.get("t").status, runs.desk.ledger.get("A-1").status) == ("waiting", "planned")
    assert [run.status for run in runs.work()] == ["done"]
    assert paid == [("A-1", 40)]
