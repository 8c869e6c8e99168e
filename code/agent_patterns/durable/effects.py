"""Effects on the world that happen exactly once, however often their node runs.

An effect gets a key that is the same on every attempt (the order's number, not a random id).  It is
written down under its key before it happens, and its result is written down after:

    planned ──take a lease──> running ──> done
                                └── failed, or its worker died ──> planned, if it may be repeated
                                                               └─> uncertain, until `settle`

Nobody can know if an effect happened in a worker that was killed in the middle of it.  One whose
receiver honours the key (payment services do) is `repeatable`: it is attempted again *with the same
key*, and the receiver does the work once.  Any other is held back as `uncertain`.

Source: C. Richardson, *Microservices Patterns*, "transactional outbox"; IETF, `Idempotency-Key`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from agent_patterns.driving import Call, Steps, adriven, driven
from agent_patterns.durable import errors
from agent_patterns.durable.canonical import canonical, plain_text
from agent_patterns.durable.database import Session, transacted
from agent_patterns.durable.leases import Holder, Lease, LeasedTable, holder_of

Handler = Callable[[Any, str], Any]
"""Does an effect: takes its payload (its own copy) and its key, returns JSON."""
AsyncHandler = Callable[[Any, str], Awaitable[Any]]


@dataclass(frozen=True)
class Effect:
    """A line of the log; `attempts` counts the beginnings."""

    key: str
    kind: str
    payload: Any
    status: Literal["planned", "running", "uncertain", "done"]
    attempts: int
    result: Any
    error: str | None


class EffectLog(LeasedTable):
    """The log of effects in a database, shared by all workers; takes the options of `Runner`."""

    table, key = "agent_effects", "effect_key"
    definition = f"""
CREATE TABLE IF NOT EXISTS agent_effects (
    effect_key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    {LeasedTable.COLUMNS},
    result TEXT,
    planned_at DOUBLE PRECISION NOT NULL,
    finished_at DOUBLE PRECISION
)"""

    @transacted
    def plan(self, session: Session, key: str, kind: str, payload: Any = None) -> bool:
        """Write down an effect that is to happen; return whether it is new.  Raises `KeyReused`."""
        return self.plan_in(session, key, kind, payload)

    def plan_in(self, session: Session, key: str, kind: str, payload: Any = None) -> bool:
        """Do `plan` as part of a caller's transaction on the same database."""
        plain_text(key, "An effect's key")
        text = canonical(payload, f"The payload of effect {key!r}")
        added = session.changed(
            "INSERT INTO agent_effects (effect_key, kind, payload, status, planned_at) "
            "VALUES (?, ?, ?, 'planned', ?) ON CONFLICT DO NOTHING",
            (key, plain_text(kind, "An effect's kind"), text, self.now(session)),
        )
        if not added:
            _compare(self.row(session, key), kind, text)
        return added == 1

    def perform(
        self,
        key: str,
        handler: Handler,
        payload: Any = None,
        *,
        kind: str = "effect",
        planned: bool = False,
        repeatable: bool = True,
    ) -> Any:
        """Make an effect happen, once; return its result, the stored one if it has happened.

        Args:
            key: Names the effect, for example `"charge:order-1042"`.
            handler: Does it.
            payload: Its data, JSON; the same on every attempt.
            kind: Names what `deliver` does it with.
            planned: Demand that it was planned before.
            repeatable: True if its receiver honours the key.

        Raises:
            EffectNotPlanned: It must have been planned, and was not.
            EffectUncertain: It began, its end is unknown, and it is not repeatable.
            KeyReused: The key stands for another effect.
            LeaseHeld: Another worker is at it right now.
            InvalidInput: The result is no JSON; the effect has happened, with None as its result.
        """
        how: Any = {"kind": kind, "planned": planned, "repeatable": repeatable}
        return driven(self._steps(key, handler, payload, **how))

    async def aperform(
        self, key: str, handler: AsyncHandler, payload: Any = None, **options: Any
    ) -> Any:
        """Do `perform` for a handler that is a coroutine function; never block the loop."""
        return await adriven(self._steps(key, handler, payload, **options))

    def _steps(
        self, key: str, handler: Handler, payload: Any, *, repeatable: bool = True, **how: Any
    ) -> Steps[Any]:
        taken = self._take(key, payload, repeatable, **how)
        if isinstance(taken, Effect):
            return taken.result
        attempt = partial(handler, json.loads(canonical(payload)), key)
        with self.kept(taken, lambda error: "planned" if repeatable else "uncertain"):
            result = yield Call(attempt, attempt)
        try:
            return self._finished(key, result)
        except errors.InvalidInput:
            self._finished(key, None)  # it must never happen again
            raise

    def deliver(self, handlers: Mapping[str, Handler], *, repeatable: bool = True) -> list[Effect]:
        """Do what was planned and is not done, by kind; return what is done now.

        If a handler raises, the others are still delivered, and then `EffectFailed` is raised.
        """
        delivered, failures = [], []
        for effect in self.pending():
            how: dict[str, Any] = {"kind": effect.kind, "repeatable": repeatable}
            try:
                if effect.kind in handlers:
                    self.perform(effect.key, handlers[effect.kind], effect.payload, **how)
                    delivered.append(self.get(effect.key))
            except (errors.LeaseHeld, errors.EffectUncertain):
                continue
            except Exception as error:
                error.add_note(f"effect {effect.key!r} stays in the log")
                failures.append(error)
        if failures:
            raise errors.EffectFailed(
                f"{len(failures)} effects failed and stay in the log; {len(delivered)} were done."
            ) from failures[0]
        return delivered

    def settle(self, key: str, *, happened: bool, result: Any = None) -> None:
        """Say what became of an uncertain effect; `happened=False` only if its worker is gone."""

        def work(session: Session) -> bool:
            if happened:
                return self._done(session, key, result, "AND status = 'uncertain'")
            row = self.row(session, key)
            if row and (begun_by := holder_of(row)) and begun_by.is_alive():
                raise errors.LeaseHeld(f"Effect {key!r}", begun_by.name)
            return self.set(session, key, "AND status = 'uncertain'", status="planned")

        if not self.database.transact(work):
            raise errors.EffectNotPlanned(f"There is no uncertain effect under {key!r}.")

    def get(self, key: str) -> Effect:
        """Return the line of the log under `key`, or raise `EffectNotPlanned`."""
        found = self.rows("effect_key = ?", plain_text(key, "An effect's key"))
        if not found:
            raise errors.EffectNotPlanned(f"Nothing was planned under {key!r}.")
        return _effect(found[0])

    def pending(self) -> list[Effect]:
        """Return what was planned and is not done, oldest first."""
        return [*map(_effect, self.rows("status <> 'done' ORDER BY planned_at, effect_key"))]

    def _take(
        self, key: str, payload: Any, repeatable: bool, kind: str = "effect", planned: bool = False
    ) -> Lease | Effect:
        text = canonical(payload, f"The payload of effect {key!r}")

        def work(session: Session, holder: Holder) -> Any:
            if not planned:
                self.plan_in(session, key, kind, payload)
            row = self.row(session, plain_text(key, "An effect's key"))
            if row is None:
                raise errors.EffectNotPlanned(f"Nothing was planned under {key!r}.")
            _compare(row, kind, text)
            if row.status == "done":
                return _effect(row)
            begun = row.status in ("running", "uncertain")
            if begun and not repeatable and self.is_free(session, row, self.now(session)):
                self.set(session, key, status="uncertain")
                return errors.EffectUncertain(
                    f"An attempt at {key!r} began and its end is unknown; find out whether it "
                    "happened, then call settle(key, happened=...)."
                )
            return self.take(session, row, holder)

        taken: Lease | Effect = self.leased(work)
        return taken

    @transacted
    def _finished(self, session: Session, key: str, result: Any) -> Any:
        """Note a result; it counts whoever holds the effect by now, since it did happen."""
        self._done(session, key, result, "AND status <> 'done'")
        return json.loads(self.row(session, key).result)

    def _done(self, session: Session, key: str, result: Any, also: str) -> bool:
        text = canonical(result, f"The result of effect {key!r}")
        done: Any = {"status": "done", "finished_at": self.now(session), "result": text}
        return self.set(session, key, also, **done, holder=None, error=None)


def _compare(row: Any, kind: str, payload: str) -> None:
    if (row.kind, row.payload) != (kind, payload):
        raise errors.KeyReused(row.effect_key, f"{row.kind} {row.payload}", f"{kind} {payload}")


def _effect(row: Any) -> Effect:
    payload, result = json.loads(row.payload), json.loads(row.result or "null")
    return Effect(row.effect_key, row.kind, payload, row.status, row.token, result, row.error)
