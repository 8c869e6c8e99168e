"""Effects happen exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from agent_patterns.persistence import Effect, EffectFailed, Outbox, open_checkpointer


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
