"""Effects happen exactly once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_patterns.durable import EffectLog
from agent_patterns.durable.canonical import canonical, digest
from agent_patterns.durable.database import Database, open_database
from agent_patterns.durable.errors import (
    EffectFailed,
    EffectNotPlanned,
    EffectUncertain,
    InvalidInput,
    KeyReused,
    LeaseHeld,
)
from agent_patterns.durable.leases import Holder, Lease
from agent_patterns.testing import FakeClock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def base(url: str) -> Iterator[Database]:
    with open_database(url) as opened:
        yield opened


def test_an_effect_happens_once_and_its_result_is_remembered(base: Database) -> None:
    calls: list[Any] = []

    def charge(payload: Any, key: str) -> dict[str, Any]:
        calls.append((payload, key))
        payload["amount"] = 0  # its own copy
        return {"receipt": 7}

    log = EffectLog(base)
    for _ in range(3):
        assert log.perform("charge-1", charge, {"amount": 42}) == {"receipt": 7}
    assert calls == [({"amount": 0}, "charge-1")]
    effect = log.get("charge-1")
    assert (effect.status, effect.attempts, effect.payload) == ("done", 1, {"amount": 42})
    assert log.pending() == []


async def test_the_same_for_a_coroutine(base: Database) -> None:
    calls: list[str] = []

    async def charge(payload: Any, key: str) -> str:
        calls.append(key)
        if len(calls) == 1:
            raise ConnectionError("no line")
        return "ok"

    log = EffectLog(base)
    with pytest.raises(ConnectionError):
        await log.aperform("charge-1", charge)
    assert (log.get("charge-1").status, log.get("charge-1").error) == (
        "planned",
        "ConnectionError: no line",
    )
    for _ in range(3):
        assert await log.aperform("charge-1", charge) == "ok"
    assert calls == ["charge-1", "charge-1"]
    assert log.get("charge-1").attempts == 2


@pytest.mark.parametrize("happened", [True, False])
def test_an_effect_that_must_not_be_repeated_waits_for_somebody_to_look(
    base: Database, happened: bool
) -> None:
    log, calls = EffectLog(base), []

    def send(payload: Any, key: str) -> str:
        calls.append(key)
        if len(calls) == 1:
            raise ConnectionError("no answer")
        return "sent"

    with pytest.raises(ConnectionError):
        log.perform("k", send, repeatable=False)
    for _ in range(2):
        with pytest.raises(EffectUncertain, match="find out"):
            log.perform("k", send, repeatable=False)
    assert len(calls) == 1
    log.settle("k", happened=happened, result="seen")
    assert log.perform("k", send, repeatable=False) == ("seen" if happened else "sent")
    with pytest.raises(EffectNotPlanned):
        log.settle("k", happened=True)


def test_nobody_can_say_it_did_not_happen_while_its_worker_may_still_do_it(base: Database) -> None:
    clock, sent = FakeClock(1000.0), []
    options: dict[str, Any] = {"clock": clock, "lease": 10, "heartbeat": False}
    paused, successor = EffectLog(base, **options, name="paused"), EffectLog(base, **options)

    def send(payload: Any, key: str) -> str:
        clock.advance(11)  # it is paused, and its lease runs out
        with pytest.raises(EffectUncertain):
            successor.perform(key, send, repeatable=False)
        with pytest.raises(LeaseHeld, match="paused"):
            successor.settle(key, happened=False)
        sent.append(key)
        return "sent"

    assert paused.perform("k", send, repeatable=False) == "sent"
    assert (successor.perform("k", send, repeatable=False), sent) == ("sent", ["k"])
    for gone in ({"started": 0}, {"machine": "elsewhere"}):
        paused._holder = replace(paused._holder, **gone)  # type: ignore[arg-type]
        assert isinstance(paused._take("other", None, False), Lease)
        clock.advance(11)
        with pytest.raises(EffectUncertain):
            successor.perform("other", send, repeatable=False)
        successor.settle("other", happened=False)
        assert successor.get("other").status == "planned"


@pytest.mark.parametrize("repeatable", [True, False])
def test_an_attempt_whose_claim_was_committed_unheard_is_made_once(
    base: Database, monkeypatch: pytest.MonkeyPatch, repeatable: bool
) -> None:
    log, calls, unheard = EffectLog(base, name="A"), [], [1]
    log.plan("k", "effect")
    transaction = base.transaction

    @contextmanager
    def deaf() -> Iterator[Any]:
        with transaction() as session:
            yield session
        if unheard:
            unheard.clear()
            raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(base, "transaction", deaf)
    assert log.perform("k", lambda _, key: calls.append(key), repeatable=repeatable) is None
    assert (calls, unheard, log.get("k").attempts) == (["k"], [], 1)


def test_a_change_here_is_committed_with_the_note_that_it_is_planned(base: Database) -> None:
    log = EffectLog(base)
    with base.transaction() as session:
        session.run("CREATE TABLE stock (n INTEGER)")
        session.run("INSERT INTO stock VALUES (10)")

    def take_one(session: Any) -> None:
        if log.plan_in(session, "take-1", "take"):
            session.run("UPDATE stock SET n = n - 1")

    def take_one_and_fail(session: Any) -> None:
        take_one(session)
        raise RuntimeError("died in between")

    with pytest.raises(RuntimeError):
        base.transact(take_one_and_fail)
    for _ in range(3):
        base.transact(take_one)
    with base.transaction() as session:
        assert session.run("SELECT n FROM stock") == [(9,)]


def test_planned_effects_are_delivered_once_even_if_some_fail(base: Database) -> None:
    sent: list[str] = []
    failing = {"mail-2"}

    def send(payload: Any, key: str) -> None:
        if key in failing:
            raise ConnectionError("no line")
        sent.append(key)

    log = EffectLog(base)
    assert log.plan("mail-1", "mail", {})
    assert not log.plan("mail-1", "mail", {})
    log.plan("mail-2", "mail", {})
    log.plan("mail-3", "mail", {})
    log.plan("fax-1", "fax", {})
    with pytest.raises(EffectFailed, match="1 effects failed and stay"):
        log.deliver({"mail": send})
    assert sent == ["mail-1", "mail-3"]
    failing.clear()
    assert [effect.key for effect in log.deliver({"mail": send})] == ["mail-2"]
    assert log.deliver({"mail": send}) == []
    assert sent == ["mail-1", "mail-3", "mail-2"]
    assert [effect.key for effect in log.pending()] == ["fax-1"]


def test_a_key_stands_for_one_effect(base: Database) -> None:
    def refused(payload: Any, key: str) -> None:
        raise ConnectionError("the bank is away")

    log = EffectLog(base)
    with pytest.raises(ConnectionError):
        log.perform("charge-1", refused, {"amount": (1, 2)})
    with pytest.raises(KeyReused, match="needs a new key"):
        log.perform("charge-1", refused, {"amount": (1, 3)})
    assert log.perform("charge-1", lambda payload, key: "paid", {"amount": [1, 2]}) == "paid"
    for again in (
        lambda: log.perform("charge-1", refused, {"amount": [1, 3]}),
        lambda: log.plan("charge-1", "mail", {"amount": [1, 2]}),
    ):
        with pytest.raises(KeyReused):
            again()
    with pytest.raises(EffectNotPlanned):
        log.perform("charge-2", refused, planned=True)


def test_a_result_that_is_no_json_is_said_and_nothing_is_done_twice(base: Database) -> None:
    log, calls = EffectLog(base), []
    with pytest.raises(InvalidInput, match="result of effect 'charge-1' must be JSON"):
        log.perform("charge-1", lambda payload, key: calls.append(key) or object())
    assert log.perform("charge-1", lambda payload, key: calls.append(key)) is None
    assert calls == ["charge-1"]


def test_an_attempt_that_took_too_long_still_counts_if_it_succeeded(base: Database) -> None:
    clock = FakeClock(1000.0)
    slow = EffectLog(base, clock=clock, lease=10, heartbeat=False)
    quick = EffectLog(base, clock=clock, lease=10, heartbeat=False)

    def overtaken(payload: Any, key: str) -> str:
        clock.now += 11
        assert quick.perform(key, lambda payload, key: "the second's") == "the second's"
        return "the first's"

    assert slow.perform("charge-1", overtaken) == "the second's"
    assert slow.perform("charge-1", overtaken) == "the second's"

    def held_by_the_second(first_raises: bool) -> Callable[[Any, str], str]:
        def run(payload: Any, key: str) -> str:
            clock.now += 11
            # The second is still at it.
            assert isinstance(quick._take(key, None, True), Lease)
            if first_raises:
                raise ConnectionError
            return "the first's"

        return run

    assert slow.perform("charge-2", held_by_the_second(False)) == "the first's"
    with pytest.raises(ConnectionError):
        slow.perform("charge-3", held_by_the_second(True))
    with pytest.raises(LeaseHeld):
        slow.perform("charge-3", lambda payload, key: "")


def test_two_at_one_effect(base: Database) -> None:
    first, second = EffectLog(base), EffectLog(base)

    def slow(payload: Any, key: str) -> str:
        with pytest.raises(LeaseHeld):
            second.perform("charge-1", lambda payload, key: "twice")
        assert second.deliver({"effect": lambda payload, key: "twice"}) == []
        return "once"

    assert first.perform("charge-1", slow) == "once"
    assert second.perform("charge-1", lambda payload, key: "twice") == "once"


@pytest.mark.slow
def test_an_effect_longer_than_its_lease_is_begun_once(
    shared_url: str, eventually: Callable[[Callable[[], object]], None]
) -> None:
    begun, over = threading.Event(), threading.Event()
    calls: list[str] = []
    clock = FakeClock(1000.0)  # the heart beats in real time, the lease runs out on this clock

    def slow(payload: Any, key: str) -> str:
        calls.append(key)
        begun.set()
        assert over.wait(280)
        return "once"

    with open_database(shared_url) as base, open_database(shared_url) as other:
        first, second = (EffectLog(each, lease=0.5, clock=clock) for each in (base, other))

        def is_renewed() -> bool:
            (row,) = other.transact(
                lambda session: session.run("SELECT lease_until FROM agent_effects")
            )
            return bool(row.lease_until > clock.now + 0.49)

        at_it = threading.Thread(target=first.perform, args=("k", slow))
        at_it.start()
        try:
            assert begun.wait(60)
            for _ in range(6):  # four leases in all
                clock.advance(0.3)
                eventually(is_renewed)
                assert second.deliver({"effect": slow}) == []
        finally:
            over.set()
            at_it.join()
        assert second.perform("k", slow) == "once"
    assert calls == ["k"]


def test_a_dead_worker_holds_nothing(shared_url: str) -> None:
    dead = Holder.this_process("dead")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with open_database(shared_url) as base:
        log = EffectLog(base)
        log._holder = replace(dead, pid=gone.pid)
        for key in ("mail-1", "mail-2"):
            log.plan(key, "mail")
            assert isinstance(log._take(key, None, True, "mail", True), Lease)
        later = EffectLog(base)
        assert [each.key for each in later.deliver({"mail": lambda *_: None})] == [
            "mail-1",
            "mail-2",
        ]


def test_a_question_mark_within_quotes_is_no_placeholder(base: Database) -> None:
    def ask(session: Any) -> list[Any]:
        session.run('CREATE TABLE asked (why TEXT, "how?" TEXT)')
        session.run("INSERT INTO asked VALUES ('why? it''s 5 % off?', ?)", ("like this?",))
        rows = session.run("SELECT why, \"how?\" FROM asked WHERE why LIKE '%off?'")
        return [list(row) for row in rows] + [7 % 4 for _ in session.run("SELECT 7 % 4")]

    assert base.transact(ask) == [["why? it's 5 % off?", "like this?"], 3]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "payload",
    [
        "\ud800",
        {"\udfff": 1},
        nested(1000),
        nested(100_000),
        {1: "x"},
        {"a": {None: 1}},
        float("nan"),
        float("inf"),
        {1, 2},
        b"bytes",
        object(),
        [0] * 200_000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_json_is_refused_by_name(base: Database, payload: Any) -> None:
    log = EffectLog(base)
    with pytest.raises(InvalidInput, match="payload of effect 'k'"):
        log.plan("k", "kind", payload)
    with pytest.raises(InvalidInput):
        log.perform("k", lambda payload, key: None, payload)
    assert log.pending() == []


@pytest.mark.parametrize("key", [None, 5, b"k", "", "\0", "\ud800", "x" * 2000, ("a",)])
def test_a_key_is_a_text_that_can_be_stored(base: Database, key: Any) -> None:
    log = EffectLog(base)
    for refused in (
        log.get,
        lambda key: log.plan(key, "kind"),
        lambda key: log.perform(key, print),
    ):
        with pytest.raises(InvalidInput):
            refused(key)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.randoms())
def test_the_digest_ignores_the_order_of_keys_and_nothing_else(args: Any, random: Any) -> None:
    keys = list(args)
    random.shuffle(keys)
    assert digest({key: args[key] for key in keys}) == digest(args)
    assert digest({**args, "\0extra": 1}) != digest(args)
    assert canonical([args]) != canonical(args)
