"""Leases: a row is one worker's for a while, and another's when that worker dies or falls silent.

A lease has an end and a heartbeat that moves it on.  It alone is not enough: a worker may stall,
lose its lease, wake up and write.  So every lease carries a token that only grows (a fencing
token), and each write checks that its token is still the row's.

Source: M. Kleppmann, *Designing Data-Intensive Applications*, ch. 8.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import psutil

from agent_patterns.durable import errors
from agent_patterns.durable.database import Session, Where, open_database, transacted

T = TypeVar("T")
FAULTS = ("failed", "planned", "uncertain")
"""What becomes of work that raised; anything else was broken off by no fault of its own."""


@dataclass(frozen=True)
class Lease:
    """The right to work on the row of a thread or an effect, its `key`.

    Attributes:
        token: Grows with every lease; the newest wins.
        took_over_from: Name of the worker that died or fell silent over it, if one did.
        found: The row's status before; `queued` when its worker was cut off.
    """

    key: str
    token: int
    took_over_from: str | None = None
    found: str = "queued"


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease; `started` tells two apart that got the same id."""

    machine: str
    pid: int
    started: int
    name: str
    lease: str = ""

    @classmethod
    def this_process(cls, name: str | None = None) -> Holder:
        """Return the calling process."""
        process = psutil.Process()
        return cls(_machine(), process.pid, hash(process), name or f"process {process.pid}")

    def is_alive(self) -> bool | None:
        """Tell whether the process lives; None on another machine, which cannot know."""
        if self.machine != _machine():
            return None
        try:
            process = psutil.Process(self.pid)
        except psutil.NoSuchProcess:
            return False
        # By its start, which setting the clock doesn't move; Windows may hide that of a stranger.
        known = (self.started, hash((self.pid, None)))
        return hash(process) in known and process.status() != psutil.STATUS_ZOMBIE


@cache
def _machine() -> str:
    # Two containers may share a host name but not their process ids.
    parts = [platform.node(), f"{uuid.getnode():x}"]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    return "/".join(parts)


class LeasedTable:
    """A table whose rows are leased; a subclass defines it.  Takes the options of `Runner`."""

    COLUMNS = """token INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL,
    holder TEXT,
    lease_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    error TEXT"""
    table: ClassVar[str]
    key: ClassVar[str]
    definition: ClassVar[str]

    def __init__(
        self,
        where: Where,
        *,
        lease: float = 60.0,
        clock: Callable[[], float] | None = None,
        heartbeat: bool = True,
        name: str | None = None,
    ) -> None:
        if lease <= 0:
            raise ValueError("A lease must last longer than 0 seconds.")
        self.database = open_database(where)
        self.database.create(self.table, self.definition)
        self._seconds, self._clock, self._heartbeat = lease, clock, heartbeat
        self._holder = Holder.this_process(name)
        self._what = self.key.partition("_")[0].capitalize()

    def now(self, session: Session) -> float:
        """Return the time that leases are measured by."""
        return self._clock() if self._clock is not None else self.database.now(session)

    @transacted
    def rows(self, session: Session, where: str, *parameters: Any) -> list[Any]:
        """Return the rows for which a condition holds."""
        return session.run(f"SELECT * FROM {self.table} WHERE {where}", parameters)

    def row(self, session: Session, key: str) -> Any:
        """Return a row and lock it; None if there is none."""
        sql = f"SELECT * FROM {self.table} WHERE {self.key} = ?{self.database.for_update}"
        return next(iter(session.run(sql, (key,))), None)

    def set(self, session: Session, key: str, also: str = "", /, **columns: Any) -> bool:
        """Change a row's columns if the condition `also` holds; return whether it did."""
        to = ", ".join(f"{name} = ?" for name in columns)
        sql = f"UPDATE {self.table} SET {to} WHERE {self.key} = ? {also}"
        return session.changed(sql, (*columns.values(), key)) == 1

    def leased(self, work: Callable[[Session, Holder], T | errors.DurableError]) -> T:
        """Run a transaction that may `take` a row; commit, and raise the error that it returns."""
        holder = replace(self._holder, lease=uuid.uuid4().hex)
        done = self.database.transact(lambda session: work(session, holder), repeatable=True)
        if isinstance(done, errors.DurableError):
            raise done
        return done

    def take(
        self, session: Session, row: Any, holder: Holder, **columns: Any
    ) -> Lease | errors.LeaseHeld:
        """Return the lease of a locked row, columns set, or the error if a living worker has it."""
        key, before, now = getattr(row, self.key), holder_of(row), self.now(session)
        # A transaction that seemed to fail may have taken the row after all.
        mine = before is not None and before.lease == holder.lease
        if before and not mine and not self.is_free(session, row, now):
            return errors.LeaseHeld(f"{self._what} {key!r}", before.name)
        token, cut_off = row.token + (not mine), row.status == "running"
        columns |= {"holder": json.dumps(vars(holder)), "lease_until": now + self._seconds}
        self.set(session, key, status="running", error=None, token=token, **columns)
        took_over_from = before.name if before and cut_off and not mine else None
        return Lease(key, token, took_over_from, "queued" if cut_off else row.status)

    @transacted
    def renew(self, session: Session, lease: Lease) -> None:
        """Move a lease's end on; raise `LeaseLost` if another worker holds the row now."""
        until = self.now(session) + self._seconds
        if not self.set(session, lease.key, f"AND token = {lease.token}", lease_until=until):
            raise errors.LeaseLost(f"{self._what} {lease.key!r}")

    @contextmanager
    def kept(self, lease: Lease, status_after: Callable[[BaseException], str]) -> Iterator[None]:
        """Renew a lease in the background while a block runs; free its row if that fails."""
        over = threading.Event()

        def beat() -> None:
            with suppress(errors.LeaseLost):  # the work's next write is refused
                while not over.wait(self._seconds / 3):
                    with suppress(errors.DatabaseUnavailable):  # the next beat may get through
                        self.renew(lease)

        pulse = threading.Thread(target=beat, name=f"lease {lease.key}", daemon=True)
        if self._heartbeat:
            pulse.start()
        try:
            yield
        except BaseException as error:
            status = status_after(error)
            said = f"{type(error).__name__}: {error}" if status in FAULTS else ""
            note = partial(self.give_back, lease=lease, status=status, error=said)
            try:
                self.database.transact(note, repeatable=True)
            except Exception as unnoted:
                error.add_note(f"Not noted; the lease of {lease.key!r} runs out: {unnoted}")
            raise
        finally:
            over.set()
            if self._heartbeat:
                pulse.join()

    def give_back(self, session: Session, lease: Lease, status: str, error: str = "") -> bool:
        """Free a row with its new status; return whether it was still this lease's."""
        said = error.encode("utf-8", "replace").decode().replace("\0", "?")[:2000] or None
        free: dict[str, Any] = {"status": status, "error": said, "holder": None, "lease_until": 0}
        return self.set(session, lease.key, f"AND token = {lease.token}", **free)

    def is_free(self, session: Session, row: Any, now: float) -> bool:
        """Tell whether a row has no living holder; shorten its lease if a clock was set back."""
        if row.lease_until > now + self._seconds:
            self.set(session, getattr(row, self.key), lease_until=now + self._seconds)
        holder = holder_of(row)
        over = row.status != "running" or row.lease_until <= now
        return over or holder is None or holder.is_alive() is False


def holder_of(row: Any) -> Holder | None:
    """Return who holds a row, or held it last if its attempt has not ended."""
    return Holder(**json.loads(row.holder)) if row.holder else None
