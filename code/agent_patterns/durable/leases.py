"""Leases: a row is one worker's for a while, and another's when that worker dies or falls silent.

A lease has an end and a heartbeat that moves it on.  A holder that died on this machine is noticed
at once, one on another machine when its lease runs out.  A lease alone is not enough: a worker may
stall, lose its lease, wake up and write.  So every lease carries a token that only grows (a fencing
token), and each write checks that its token is still the row's.

Source: M. Kleppmann, *Designing Data-Intensive Applications*, ch. 8.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from agent_patterns.durable.database import Database, Session
from agent_patterns.durable.errors import DatabaseUnavailable, LeaseHeld, LeaseLost
from agent_patterns.durable.holder import Holder

T = TypeVar("T")


@dataclass(frozen=True)
class Lease:
    """The right to work on a row.

    Attributes:
        key: The row: a thread's id, or an effect's key.
        token: Grows with every lease; the newest wins.
        took_over_from: Name of the worker that died or fell silent over it, if one did.
        found: The row's status before; `queued` when its worker was cut off.
    """

    key: str
    token: int
    took_over_from: str | None = None
    found: str = "queued"


class Leases:
    """Leases on the rows of one table, which has the columns of `COLUMNS`.

    Args:
        database: Where the table lies.
        table: Its name.
        key: Its primary key.
        seconds: How long a silent worker keeps a row; the same in all workers.
        clock: Seconds since the epoch; default: the clock that all workers share.
        heartbeat: Renew in the background while the work lasts.
        name: What others see as the holder.
    """

    COLUMNS = """token INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL,
    holder TEXT,
    lease_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    error TEXT"""

    def __init__(
        self,
        database: Database,
        table: str,
        key: str,
        *,
        seconds: float,
        clock: Callable[[], float] | None = None,
        heartbeat: bool = True,
        name: str | None = None,
    ) -> None:
        if seconds <= 0:
            raise ValueError("A lease must last longer than 0 seconds.")
        self.seconds = seconds
        self._database = database
        self._clock = clock
        self._heartbeat = heartbeat
        self._holder = Holder.this_process(name)
        self._what = key.partition("_")[0].capitalize()
        self._select = f"SELECT * FROM {table} WHERE {key} = ?{database.for_update}"
        self._update = f"UPDATE {table} SET {{}} WHERE {key} = ? AND token = ?"

    def now(self, session: Session) -> float:
        """Return the time that leases are measured by."""
        return self._clock() if self._clock is not None else self._database.now(session)

    def take(self, key: str, look: Callable[[Session, Any, bool], T | None]) -> Lease | T:
        """Take the lease of a row, unless `look` has something else to return.

        Args:
            key: The row.
            look: Sees the locked row first, and whether a living worker holds it; returns what
                `take` shall return instead of a lease.  If there is no row it gets None, and may
                insert one.

        Raises:
            LeaseHeld: A living worker holds it.
        """
        holder = json.loads(self._holder.text()) | {"lease": uuid4().hex}

        def work(session: Session) -> Lease | T | LeaseHeld:
            row = next(iter(session.run(self._select, (key,))), None)
            if row is None:
                if (instead := look(session, None, False)) is not None:
                    return instead
                (row,) = session.run(self._select, (key,))  # its own, or another worker's by now
            now = self.now(session)
            held = self._living(row, now, holder["lease"])
            if (instead := look(session, row, held is not None)) is not None:
                return instead
            if held is not None:
                if row.lease_until > now + self.seconds:  # a clock was set back since
                    self._set(session, "lease_until = ?", (now + self.seconds,), key, row.token)
                return LeaseHeld(f"{self._what} {key!r}", held)
            token = row.token
            if not self._is(row, holder["lease"]):
                token += 1
                values = (token, json.dumps(holder), now + self.seconds)
                self._set(
                    session,
                    "status = 'running', token = ?, holder = ?, lease_until = ?, error = NULL",
                    values,
                    key,
                    row.token,
                )
            cut_off = row.status == "running"
            previous = json.loads(row.holder)["name"] if cut_off and row.holder else None
            return Lease(key, token, previous, "queued" if cut_off else row.status)

        taken = self._database.transact(work, repeatable=True)
        if isinstance(taken, LeaseHeld):
            raise taken
        return taken

    def renew(self, lease: Lease) -> None:
        """Move a lease's end on.

        Raises:
            LeaseLost: Another worker holds the row now.
        """

        def work(session: Session) -> int:
            until = self.now(session) + self.seconds
            return self._set(session, "lease_until = ?", (until,), lease.key, lease.token)

        if not self._database.transact(work, repeatable=True):
            raise LeaseLost(f"{self._what} {lease.key!r}")

    @contextmanager
    def kept(self, lease: Lease) -> Iterator[None]:
        """Renew a lease in the background until the block is left."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.seconds / 3):
                try:
                    self.renew(lease)
                except LeaseLost:
                    return  # the work's next write is refused
                except DatabaseUnavailable:
                    continue  # the lease runs out if no beat gets through

        if not self._heartbeat:
            yield
            return
        pulse = threading.Thread(target=beat, name=f"lease {lease.key}", daemon=True)
        pulse.start()
        try:
            yield
        finally:
            over.set()
            pulse.join()

    def release(self, session: Session, lease: Lease, status: str, error: str | None) -> bool:
        """Give a row back with its new status; return whether it was still this lease's."""
        to = "status = ?, error = ?, holder = NULL, lease_until = 0"
        return self._set(session, to, (status, error), lease.key, lease.token) == 1

    def is_free(self, row: Any, now: float) -> bool:
        """Tell whether a row has no living holder."""
        return self._living(row, now, "") is None

    def _living(self, row: Any, now: float, mine: str) -> str | None:
        """Return the name of the living worker that holds a row."""
        if row is None or row.status != "running" or not row.holder or row.lease_until <= now:
            return None
        holder = Holder.read(row.holder)
        return None if self._is(row, mine) or holder.is_dead() else holder.name

    @staticmethod
    def _is(row: Any, lease: str) -> bool:
        """Tell whether a transaction that seemed to fail has taken the row after all."""
        return bool(row.holder and lease and json.loads(row.holder)["lease"] == lease)

    def _set(self, session: Session, to: str, values: Any, key: str, token: int) -> int:
        return session.changed(self._update.format(to), (*values, key, token))
