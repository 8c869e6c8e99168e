from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from desks import pay, payments
from hypothesis import given
from hypothesis import strategies as st

from agent_patterns.approval import ApprovalLedger
from agent_patterns.approval.errors import ArgumentsChanged, InvalidRequest, NotApproved
from agent_patterns.durable.canonical import digest
from agent_patterns.durable.errors import EffectNotPlanned, EffectUncertain, InvalidInput, LeaseHeld
from agent_patterns.testing import FakeClock

REFUND = {"name": "refund", "args": {"amount": "40.00"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Effect:
    """Counts how often it happened; fails as often as told, after the fact."""

    def __init__(self, failures: int = 0) -> None:
        self.calls: list[tuple[dict[str, Any], str]] = []
        self.failures = failures

    def __call__(self, args: dict[str, Any], key: str) -> str:
        self.calls.append((args, key))
        if len(self.calls) <= self.failures:
            raise ConnectionError("no answer")
        return f"done {len(self.calls)}"


def test_an_approved_action_is_executed_once_however_often_it_is_asked_for(file: Path) -> None:
    ledger, effect = ApprovalLedger(file), Effect()
    ledger.record("k", REFUND)
    results = [ledger.execute("k", REFUND, effect) for _ in range(3)]
    assert results == ["done 1"] * 3
    assert effect.calls == [({"amount": "40.00"}, "k")]
    assert ledger.get("k").status == "done"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_an_effect_does_to_its_arguments_stays_with_it(file: Path, asynchronous: bool) -> None:
    letter = {"name": "send", "args": {"to": ["ann@shop.example"]}}
    sent: list[int] = []

    def send(args: dict[str, Any], key: str) -> str:
        args["to"].append("archive@shop.example")
        sent.append(len(args["to"]))
        if len(sent) == 1:
            raise ConnectionError("no answer")
        return "sent"

    async def later(args: dict[str, Any], key: str) -> str:
        return send(args, key)

    def attempt() -> Any:
        if asynchronous:
            return asyncio.run(ledger.aexecute("k", letter, later, repeatable=True))
        return ledger.execute("k", letter, send, repeatable=True)

    ledger = ApprovalLedger(file)
    ledger.record("k", letter)
    with pytest.raises(ConnectionError):
        attempt()
    assert attempt() == "sent"
    assert sent == [2, 2]


def test_nothing_is_executed_that_nobody_approved(file: Path) -> None:
    ledger, effect = ApprovalLedger(file), Effect()
    with pytest.raises(NotApproved, match="ask a human"):
        ledger.execute("k", REFUND, effect)
    assert effect.calls == []


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "refund", "args": {"amount": "400.00"}},
        {"name": "refund", "args": {"amount": "40.00", "to": "x"}},
        {"name": "credit", "args": {"amount": "40.00"}},
    ],
)
def test_arguments_changed_after_the_approval_are_refused(
    file: Path, changed: dict[str, Any]
) -> None:
    ledger, effect = ApprovalLedger(file), Effect()
    ledger.record("k", REFUND)
    with pytest.raises(ArgumentsChanged, match="ask again"):
        ledger.execute("k", changed, effect)
    with pytest.raises(ArgumentsChanged):
        ledger.record("k", changed)
    assert effect.calls == []
    assert ledger.execute("k", REFUND, effect) == "done 1"


def test_the_effect_cannot_change_the_approved_arguments(file: Path) -> None:
    ledger = ApprovalLedger(file)
    ledger.record("k", REFUND)

    def greedy(args: dict[str, Any], key: str) -> None:
        args["amount"] = "4000.00"

    ledger.execute("k", REFUND, greedy)
    assert REFUND["args"] == {"amount": "40.00"}


def test_a_failure_of_a_repeatable_effect_leaves_the_approval_standing(file: Path) -> None:
    ledger, effect = ApprovalLedger(file), Effect(failures=1)
    ledger.record("k", REFUND)
    with pytest.raises(ConnectionError):
        ledger.execute("k", REFUND, effect, repeatable=True)
    assert ledger.get("k").error == "ConnectionError: no answer"
    assert ledger.execute("k", REFUND, effect, repeatable=True) == "done 2"
    assert ledger.get("k").attempts == 2


@pytest.mark.parametrize("happened", [True, False])
def test_a_failure_of_any_other_effect_waits_for_somebody_to_look(
    file: Path, happened: bool
) -> None:
    ledger, effect = ApprovalLedger(file), Effect(failures=1)
    ledger.record("k", REFUND)
    with pytest.raises(ConnectionError):
        ledger.execute("k", REFUND, effect)
    with pytest.raises(EffectUncertain, match="find out"):
        ledger.execute("k", REFUND, effect)
    assert len(effect.calls) == 1
    ledger.settle("k", happened=happened, result="seen")
    assert ledger.execute("k", REFUND, effect) == ("seen" if happened else "done 2")


def test_only_an_uncertain_execution_can_be_settled(file: Path) -> None:
    ledger = ApprovalLedger(file)
    ledger.record("k", REFUND)
    with pytest.raises(EffectNotPlanned):
        ledger.settle("k", happened=True)


def test_an_effect_whose_result_cannot_be_kept_is_not_repeated(file: Path) -> None:
    ledger, calls = ApprovalLedger(file), []
    ledger.record("k", REFUND)

    def odd(args: dict[str, Any], key: str) -> object:
        calls.append(key)
        return object()

    with pytest.raises(InvalidRequest):
        ledger.execute("k", REFUND, odd, repeatable=True)
    assert ledger.execute("k", REFUND, odd, repeatable=True) is None
    assert calls == ["k"]


def test_many_threads_execute_it_once(file: Path) -> None:
    ledger, effect = ApprovalLedger(file), Effect()
    ledger.record("k", REFUND)

    def attempt(_: int) -> str:
        try:
            return ledger.execute("k", REFUND, effect)
        except LeaseHeld:
            return "busy"

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(attempt, range(16)))
    assert results <= {"done 1", "busy"}
    assert len(effect.calls) == 1


async def test_coroutines_execute_it_once(file: Path) -> None:
    ledger, calls = ApprovalLedger(file), []
    ledger.record("k", REFUND)

    async def effect(args: dict[str, Any], key: str) -> str:
        calls.append(key)
        await asyncio.sleep(0)
        return "done"

    results = await asyncio.gather(
        *(ledger.aexecute("k", REFUND, effect) for _ in range(5)), return_exceptions=True
    )
    assert results.count("done") >= 1
    assert all(r == "done" or isinstance(r, LeaseHeld) for r in results)
    assert calls == ["k"]


async def test_a_worker_that_outlived_its_lease_does_not_disturb_its_successor(
    file: Path, clock: FakeClock
) -> None:
    ledger = ApprovalLedger(file, lease=60, clock=clock, heartbeat=False)
    ledger.record("k", REFUND)
    fail, finish, began, slow_began = (asyncio.Event() for _ in range(4))

    async def slow(args: dict[str, Any], key: str) -> None:
        slow_began.set()
        await fail.wait()
        raise ConnectionError

    async def successor(args: dict[str, Any], key: str) -> str:
        began.set()
        await finish.wait()
        return "done"

    first = asyncio.create_task(ledger.aexecute("k", REFUND, slow, repeatable=True))
    await slow_began.wait()
    clock.advance(61)
    second = asyncio.create_task(ledger.aexecute("k", REFUND, successor, repeatable=True))
    await began.wait()
    fail.set()
    with pytest.raises(ConnectionError):
        await first
    with pytest.raises(LeaseHeld):
        await ledger.aexecute("k", REFUND, successor, repeatable=True)
    finish.set()
    assert await second == "done"
    assert ledger.get("k").error is None


@pytest.mark.slow
@pytest.mark.parametrize(("when", "tries"), [("before", 1), ("after", 2)])
def test_killed_while_executing_the_money_moves_once(
    file: Path, tmp_path: Path, worker: Callable[..., Any], when: str, tries: int
) -> None:
    outbox = tmp_path / "payments.sqlite"
    ApprovalLedger(file).record("k", REFUND)
    process = worker("execute.py", file, outbox, when)
    assert process.hear() == "ready"
    process.go()
    assert process.hear() == when
    process.kill()

    successor = ApprovalLedger(file)
    effects = {"refund": lambda args, key: pay(outbox, args, key)}
    assert successor.deliver(effects) == []
    assert successor.get("k").status == "uncertain"
    finished = successor.deliver(effects, repeatable=True)
    assert [(e.key, e.status, e.result) for e in finished] == [("k", "done", "paid 40.00")]
    assert payments(outbox) == [("k", "40.00", tries)]
    assert successor.deliver({"refund": Effect()}) == []


def test_killed_between_decision_and_execution_is_recovered(
    file: Path, tmp_path: Path, worker: Callable[..., Any]
) -> None:
    outbox = tmp_path / "payments.sqlite"
    ApprovalLedger(file).record("k", REFUND)
    process = worker("execute.py", file, outbox, "never")
    assert process.hear() == "ready"
    process.kill()
    assert payments(outbox) == []
    ApprovalLedger(file).deliver({"refund": lambda args, key: pay(outbox, args, key)})
    assert payments(outbox) == [("k", "40.00", 1)]


def test_two_processes_execute_it_once(
    file: Path, tmp_path: Path, worker: Callable[..., Any]
) -> None:
    outbox = tmp_path / "payments.sqlite"
    ApprovalLedger(file).record("k", REFUND)
    both = [worker("execute.py", file, outbox, "never") for _ in range(2)]
    assert [one.hear() for one in both] == ["ready"] * 2
    for one in both:
        one.go()
    answers = {one.hear() for one in both}
    assert answers <= {"paid 40.00", "LeaseHeld"}
    assert "paid 40.00" in answers
    assert payments(outbox) == [("k", "40.00", 1)]


@given(st.dictionaries(st.text(), JSON, max_size=4), st.randoms())
def test_the_digest_ignores_the_order_of_keys_and_nothing_else(args: Any, random: Any) -> None:
    keys = list(args)
    random.shuffle(keys)
    shuffled = {key: args[key] for key in keys}
    assert digest({"name": "a", "args": args}) == digest({"name": "a", "args": shuffled})
    assert digest({"name": "a", "args": args}) != digest({"name": "b", "args": args})
    more = {**args, "\0extra": 1}
    assert digest({"name": "a", "args": args}) != digest({"name": "a", "args": more})


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), Path()])
def test_what_is_not_json_cannot_be_approved(value: object) -> None:
    with pytest.raises(InvalidInput, match="as text"):
        digest({"name": "a", "args": {"x": value}})
