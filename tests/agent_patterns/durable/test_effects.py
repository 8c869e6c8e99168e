"""Effects happen exactly once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from agent_patterns.persistence import Effect, EffectFailed, KeyReused, Outbox, open_checkpointer

from agent_patterns.durable.holder import Holder


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_effect_is_performed_once_and_its_result_remembered(url: str) -> None:
    calls: list[Effect] = []

    def charge(effect: Effect) -> dict[str, Any]:
        calls.append(effect)
        return {"receipt": 7}

    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        for _ in range(3):
            assert outbox.perform("charge-1", charge, {"amount": 42}) == {"receipt": 7}
        assert [effect.key for effect in calls] == ["charge-1"]
        assert calls[0].payload == {"amount": 42}
        assert outbox.attempts("charge-1") == 1
        assert outbox.pending() == []


def test_a_failed_attempt_is_repeated_under_the_same_key(url: str) -> None:
    keys: list[tuple[str, int]] = []

    def flaky(effect: Effect) -> str:
        keys.append((effect.key, effect.attempt))
        if len(keys) == 1:
            raise ConnectionError("no line")
        return "ok"

    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        with pytest.raises(ConnectionError):
            outbox.perform("mail-1", flaky)
        assert outbox.pending() == ["mail-1"]
        assert outbox.perform("mail-1", flaky) == "ok"
        assert keys == [("mail-1", 1), ("mail-1", 2)]


def test_a_change_here_is_committed_with_the_note_that_it_is_done(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        with checkpointer.database.transaction() as session:
            session.run("CREATE TABLE stock (n INTEGER)")
            session.run("INSERT INTO stock VALUES (10)")

        def take_one(session: Any) -> int:
            session.run("UPDATE stock SET n = n - 1")
            return 1

        def take_one_and_fail(session: Any) -> int:
            take_one(session)
            raise RuntimeError("died in between")

        with pytest.raises(RuntimeError):
            outbox.apply("take-1", take_one_and_fail)
        for _ in range(3):
            assert outbox.apply("take-1", take_one) == 1
        with checkpointer.database.transaction() as session:
            assert session.run("SELECT n FROM stock") == [(9,)]


def test_noted_effects_are_delivered_once_even_if_some_fail(url: str) -> None:
    sent: list[str] = []

    def send(effect: Effect) -> None:
        if effect.key == "mail-2" and effect.attempt == 1:
            raise ConnectionError("no line")
        sent.append(effect.key)

    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        assert outbox.add("mail-1", "mail", {})
        assert not outbox.add("mail-1", "mail", {})
        outbox.add("mail-2", "mail", {})
        outbox.add("mail-3", "mail", {})
        outbox.add("fax-1", "fax", {})
        with pytest.raises(EffectFailed, match="1 effects failed and stay"):
            outbox.deliver(send, topic="mail")
        assert sent == ["mail-1", "mail-3"]
        assert outbox.deliver(send, topic="mail") == 1
        assert outbox.deliver(send, topic="mail") == 0
        assert sent == ["mail-1", "mail-3", "mail-2"]
        assert outbox.pending() == ["fax-1"]


def test_a_dispatcher_leaves_alone_what_perform_has_begun(url: str) -> None:
    def refused(effect: Effect) -> None:
        raise ConnectionError("the bank is away")

    mails: list[str] = []
    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        with pytest.raises(ConnectionError):
            outbox.perform("charge-1", refused, 42)
        outbox.add("mail-1", "mail", {})
        assert outbox.deliver(lambda effect: mails.append(effect.key)) == 1
        assert mails == ["mail-1"]
        assert outbox.pending() == ["charge-1"]
        assert outbox.perform("charge-1", lambda effect: effect.payload, 42) == 42
        with pytest.raises(ValueError, match="own"):
            outbox.add("mail-2", "perform", {})


def test_a_key_stands_for_one_payload(url: str) -> None:
    def refused(effect: Effect) -> None:
        raise ConnectionError("the bank is away")

    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        with pytest.raises(ConnectionError):
            outbox.perform("charge-1", refused, {"amount": (1, 2)})
        with pytest.raises(KeyReused, match="needs a new key"):
            outbox.perform("charge-1", lambda effect: effect.payload, {"amount": (1, 3)})
        assert outbox.perform("charge-1", lambda effect: "paid", {"amount": [1, 2]}) == "paid"
        with pytest.raises(KeyReused):
            outbox.perform("charge-1", lambda effect: "paid again", {"amount": [1, 3]})
        with pytest.raises(KeyReused):
            outbox.add("charge-1", "mail", {"amount": [1, 2]})
        with pytest.raises(KeyReused):
            outbox.apply("charge-1", lambda session: 1)


def test_a_result_that_is_no_json_is_said_and_frees_the_effect(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)
        with pytest.raises(TypeError, match="result of effect 'charge-1' must be JSON"):
            outbox.perform("charge-1", lambda effect: object())
        assert outbox.perform("charge-1", lambda effect: "at once") == "at once"
        with pytest.raises(TypeError, match="result of effect 'take-1' must be JSON"):
            outbox.apply("take-1", lambda session: object())
        assert outbox.apply("take-1", lambda session: "again") == "again"
        with pytest.raises(TypeError, match="payload of effect 'mail-1' must be JSON"):
            outbox.add("mail-1", "mail", object())


def test_an_attempt_that_took_too_long_changes_nothing_of_the_next(url: str) -> None:
    clock = Clock()
    with open_checkpointer(url) as checkpointer:
        slow = Outbox(checkpointer, clock=clock, hold_seconds=10)
        quick = Outbox(checkpointer, clock=clock, hold_seconds=10)

        def overtaken(effect: Effect) -> str:
            clock.now += 11
            assert quick.perform(effect.key, lambda again: "the second's") == "the second's"
            return "the first's"

        assert slow.perform("charge-1", overtaken) == "the second's"
        assert slow.perform("charge-1", overtaken) == "the second's"

        def held_by_the_second(first_raises: bool) -> Callable[[Effect], str]:
            def run(effect: Effect) -> str:
                clock.now += 11
                assert isinstance(quick._take(effect.key), Effect)  # and it is still at it
                if first_raises:
                    raise ConnectionError
                return "the first's"

            return run

        with pytest.raises(EffectFailed, match="taken over"):
            slow.perform("charge-2", held_by_the_second(False))
        with pytest.raises(EffectFailed, match="another worker"):
            slow.perform("charge-2", lambda effect: "")
        with pytest.raises(ConnectionError):
            slow.perform("charge-3", held_by_the_second(True))
        with pytest.raises(EffectFailed, match="another worker"):
            slow.perform("charge-3", lambda effect: "")


def test_a_hold_of_a_dead_process_keeps_nobody(shared_url: str) -> None:
    dead = Holder.this_process("dead")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with open_checkpointer(shared_url) as checkpointer:
        outbox = Outbox(checkpointer)
        outbox.add("mail-1", "mail", {})
        outbox._holder = replace(dead, pid=gone.pid)
        assert isinstance(outbox._take("mail-1"), Effect)
        assert Outbox(checkpointer).deliver(lambda effect: None) == 1


def test_a_question_mark_within_quotes_is_no_placeholder(url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer)

        def ask(session: Any) -> list[Any]:
            session.run('CREATE TABLE asked (why TEXT, "how?" TEXT)')
            session.run("INSERT INTO asked VALUES ('why? it''s 5 % off?', ?)", ("like this?",))
            rows = session.run("SELECT why, \"how?\" FROM asked WHERE why LIKE '%off?'")
            return [list(row) for row in rows] + [7 % 4 for _ in session.run("SELECT 7 % 4")]

        assert outbox.apply("ask", ask) == [["why? it's 5 % off?", "like this?"], 3]


def test_two_at_one_effect(url: str) -> None:
    clock = Clock()
    with open_checkpointer(url) as checkpointer:
        outbox = Outbox(checkpointer, clock=clock, hold_seconds=10)
        second = Outbox(checkpointer, clock=clock, hold_seconds=10)

        def slow(effect: Effect) -> str:
            with pytest.raises(EffectFailed, match="another worker"):
                second.perform("charge-1", lambda again: "twice")
            assert second.deliver(lambda again: "twice") == 0
            return "once"

        assert outbox.perform("charge-1", slow) == "once"
        assert second.perform("charge-1", lambda again: "twice") == "once"
