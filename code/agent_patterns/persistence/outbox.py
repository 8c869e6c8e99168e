"""The outbox: an external effect happens exactly once, however often its node runs.

A node may run again: it was killed after it charged the card and before its result was stored.
So the effect gets a key that is the same on every run (the order's number, not a random id), is
written down under it before it happens, and its result is written down after.  Two ways:

- `perform`: calls a function, remembers the result under the key.  Killed in between, it calls
  again *with the same key*; a receiver that honours idempotency keys (payment services do) does
  the work once.
- `apply`: a change in this very database, committed together with the note that it is done: once,
  with no help from anybody.

`add` and `deliver` part the two: a node only notes what is to happen, a dispatcher does it later.

Source: C. Richardson, *Microservices Patterns*, "transactional outbox"; the IETF draft on the
`Idempotency-Key` header.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent_patterns.checkpoints import SafeCheckpointer
from agent_patterns.durable.holder import Holder
from agent_patterns.persistence.database import Session, create_table
from agent_patterns.persistence.errors import EffectFailed, KeyReused

_OWN_TOPICS = ("perform", "apply")

TABLE = """
CREATE TABLE IF NOT EXISTS agent_outbox (
    effect_key TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    held_until DOUBLE PRECISION NOT NULL DEFAULT 0
)"""


@dataclass(frozen=True)
class Effect:
    """One effect on the world.

    Attributes:
        key: the same on every attempt; hand it to the receiver as its idempotency key.
        topic: what kind of effect, for the dispatcher.
        payload: its data.
        attempt: 1 on the first attempt.
    """

    key: str
    topic: str
    payload: Any
    attempt: int


class Outbox:
    """Effects with keys, in the database of a checkpointer.

    Args:
        checkpointer: whose database to use.
        hold_seconds: how long an attempt may take before another worker may try; a worker of this
            machine that has died is found at once.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        checkpointer: SafeCheckpointer,
        *,
        hold_seconds: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = checkpointer.database
        self._hold_seconds = hold_seconds
        self._clock = clock
        self._holder = Holder.this_process()
        create_table(self._database, "agent_outbox", TABLE)

    def add(self, key: str, topic: str, payload: Any) -> bool:
        """Notes an effect that is to happen; returns whether it is new.

        Raises:
            KeyReused: the key names another effect already.
            ValueError: the topic is one that `perform` and `apply` use.
        """
        if topic in _OWN_TOPICS:
            raise ValueError(f"The topic {topic!r} is the outbox's own; choose another.")
        with self._database.transaction() as session:
            return self._add(session, key, topic, payload)

    def perform(self, key: str, effect: Callable[[Effect], Any], payload: Any = None) -> Any:
        """Makes an effect happen, once; returns its result, the stored one if it has happened.

        Args:
            key: names the effect, for example `"charge:order-1042"`.
            effect: does it; gets the `Effect`, returns JSON data.
            payload: its data, JSON; the same on every attempt.

        Raises:
            EffectFailed: another worker is at it right now.
            KeyReused: the key was used with another payload.
            TypeError: the result is no JSON data; the effect has happened, and stays pending.
            Exception: what `effect` raises; the effect then stays pending.
        """
        with self._database.transaction() as session:
            self._add(session, key, "perform", payload)
        taken = self._take(key)
        if isinstance(taken, Effect):
            return self._do(taken, effect)
        return taken[0]

    def apply(self, key: str, change: Callable[[Session], Any]) -> Any:
        """Makes a change in this database, once, together with the note that it is done.

        Args:
            key: names the change.
            change: gets the open transaction's session, returns JSON data.

        Raises:
            KeyReused: the key names another effect already.
            TypeError: the result is no JSON data; nothing was changed.
        """
        with self._database.transaction() as session:
            new = self._add(session, key, "apply", None)
            if not new:
                status, result = session.run(
                    "SELECT status, result FROM agent_outbox WHERE effect_key = ?", (key,)
                )[0]
                if status == "done":
                    return json.loads(result)
            result = change(session)
            session.run(
                "UPDATE agent_outbox SET status = 'done', result = ? WHERE effect_key = ?",
                (_json("result", key, result), key),
            )
            return result

    def deliver(self, handler: Callable[[Effect], Any], *, topic: str | None = None) -> int:
        """Lets every pending effect that was added happen; returns how many did.

        Args:
            handler: does one; gets the `Effect`, returns JSON data.
            topic: those of one topic; default: of all.  What `perform` and `apply` left pending is
                theirs to do again, with the function that knows how.

        Raises:
            EffectFailed: the handler raised for at least one; the others were still delivered.
        """
        delivered = 0
        failures: list[Exception] = []
        for key in self._pending(topic, _OWN_TOPICS):
            taken = self._take(key, wait=False)
            if not isinstance(taken, Effect):
                continue
            try:
                self._do(taken, handler)
                delivered += 1
            except Exception as error:
                error.add_note(f"effect {key!r}, attempt {taken.attempt}; it stays in the outbox")
                failures.append(error)
        if failures:
            raise EffectFailed(
                f"{len(failures)} effects failed and stay in the outbox; {delivered} were delivered"
            ) from failures[0]
        return delivered

    def pending(self, topic: str | None = None) -> list[str]:
        """Keys of the effects that have not happened yet, sorted."""
        return self._pending(topic)

    def _pending(self, topic: str | None, without: tuple[str, ...] = ()) -> list[str]:
        with self._database.transaction() as session:
            rows = session.run(
                "SELECT effect_key, topic FROM agent_outbox WHERE status = 'pending' "
                "ORDER BY effect_key"
            )
        return [str(key) for key, of in rows if of not in without and topic in (None, of)]

    def attempts(self, key: str) -> int:
        """How often an effect was attempted."""
        with self._database.transaction() as session:
            rows = session.run("SELECT attempts FROM agent_outbox WHERE effect_key = ?", (key,))
        return int(rows[0][0]) if rows else 0

    def _add(self, session: Session, key: str, topic: str, payload: Any) -> bool:
        added = session.changed(
            "INSERT INTO agent_outbox (effect_key, topic, payload, status) "
            "VALUES (?, ?, ?, 'pending') ON CONFLICT DO NOTHING",
            (key, topic, _json("payload", key, payload)),
        )
        if not added:
            of, stored = session.run(
                "SELECT topic, payload FROM agent_outbox WHERE effect_key = ?", (key,)
            )[0]
            if (of, json.loads(stored)) != (topic, json.loads(json.dumps(payload))):
                raise KeyReused(key)
        return added == 1

    def _take(self, key: str, *, wait: bool = True) -> Effect | tuple[Any]:
        """Holds a pending effect, or returns its stored result in a tuple."""
        now = self._clock()
        lock = " FOR UPDATE" if self._database.dialect == "postgresql" else ""
        with self._database.transaction() as session:
            topic, payload, status, result, attempts, holder, until = session.run(
                "SELECT topic, payload, status, result, attempts, holder, held_until "
                f"FROM agent_outbox WHERE effect_key = ?{lock}",
                (key,),
            )[0]
            if status == "done":
                return (json.loads(result),)
            if holder and until > now and not Holder.read(holder).is_dead():
                if not wait:
                    return (None,)
                raise EffectFailed(f"Effect {key!r} is being performed by another worker.")
            session.run(
                "UPDATE agent_outbox SET attempts = ?, holder = ?, held_until = ? "
                "WHERE effect_key = ?",
                (attempts + 1, self._holder.text(), now + self._hold_seconds, key),
            )
        return Effect(key, topic, json.loads(payload), attempts + 1)

    def _do(self, taken: Effect, effect: Callable[[Effect], Any]) -> Any:
        try:
            result = effect(taken)
            stored = _json("result", taken.key, result)
        except BaseException:
            with self._database.transaction() as session:
                session.run(
                    "UPDATE agent_outbox SET holder = NULL WHERE effect_key = ? AND attempts = ?",
                    (taken.key, taken.attempt),
                )
            raise
        with self._database.transaction() as session:
            noted = session.changed(
                "UPDATE agent_outbox SET status = 'done', result = ?, holder = NULL "
                "WHERE effect_key = ? AND attempts = ?",
                (stored, taken.key, taken.attempt),
            )
            if noted:
                return result
            status, stored = session.run(  # it took too long, and another attempt was begun
                "SELECT status, result FROM agent_outbox WHERE effect_key = ?", (taken.key,)
            )[0]
        if status == "done":
            return json.loads(stored)
        raise EffectFailed(f"Effect {taken.key!r} was taken over by another worker, who is at it.")


def _json(what: str, key: str, value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"The {what} of effect {key!r} must be JSON data: {error}") from error
