"""What was approved, and what became of it: every approved action is executed exactly once."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent_patterns.approval.arguments import ArgumentModels, check_model
from agent_patterns.approval.database import reading, transaction
from agent_patterns.approval.digest import canonical, digest
from agent_patterns.approval.errors import (
    AlreadyRunning,
    ArgumentsChanged,
    ExecutionUncertain,
    InvalidRequest,
    NotApproved,
    UnknownApproval,
)
from agent_patterns.approval.protocol import Action

Effect = Callable[[dict[str, Any], str], Any]
"""Does the action: takes its arguments and an idempotency key, returns JSON."""
AsyncEffect = Callable[[dict[str, Any], str], Awaitable[Any]]
"""The same as a coroutine function."""
ExecutionStatus = Literal["approved", "running", "uncertain", "done"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
    key TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    digest TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'approved'
        CHECK (status IN ('approved', 'running', 'uncertain', 'done')),
    attempts INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    lease_until REAL,
    result TEXT,
    error TEXT,
    approved_at REAL NOT NULL,
    finished_at REAL
)
"""


@dataclass(frozen=True)
class Execution:
    """One line of the ledger."""

    key: str
    action: Action
    digest: str
    status: ExecutionStatus
    attempts: int
    """How often an execution was begun."""
    result: Any
    """What the effect returned, once the status is ``done``."""
    error: str | None
    """What the last failed attempt said."""
    approved_at: float
    """Seconds since the epoch."""
    finished_at: float | None


class ExecutionLedger:
    """A table of approved actions in a SQLite file, shared by threads and processes.

    `record` writes down what a human approved; `execute` does it.  The key is unique, so an
    action runs once, however often and from wherever it is asked for; the digest is compared, so
    nothing but the approved action runs under it.

    No ledger can know whether an effect happened in a process that was killed in the middle of
    it.  What happens then depends on the effect: one that is `repeatable` (its receiver drops a
    second request with the same idempotency key, as payment services do) is run again under the
    same key; any other is held back as ``uncertain`` until somebody looks and calls `settle`.

    Args:
        path: The SQLite file; created when missing.
        lease: Seconds after which a running execution without an end counts as dead.  Choose it
            longer than the effect's own time-out.
        clock: Seconds since the epoch; wall time, for it is compared across processes.
        args: For each action's name what it accepts.  Nothing else is written down, whoever has
            approved it: this is the last look before the money moves.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        lease: float = 120.0,
        clock: Callable[[], float] = time.time,
        args: ArgumentModels | None = None,
    ) -> None:
        self.path = Path(path)
        self.lease = lease
        self._clock = clock
        self.args = dict(args or {})
        with transaction(self.path) as connection:
            connection.execute(_SCHEMA)

    def record(self, key: str, action: Action) -> None:
        """Write down that a human approved `action`; the same again changes nothing.

        Raises:
            ArgumentsChanged: Another action was approved under this key.
            InvalidArguments: The action does not accept these arguments.
        """
        with transaction(self.path) as connection:
            self.record_in(connection, key, action)

    def record_in(self, connection: sqlite3.Connection, key: str, action: Action) -> None:
        """`record` as part of a caller's transaction on the same file."""
        if model := self.args.get(action["name"]):
            check_model(action, model)
        connection.execute(
            "INSERT INTO executions (key, action, digest, approved_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (key) DO NOTHING",
            (key, canonical(action), digest(action), self._clock()),
        )
        row = connection.execute("SELECT * FROM executions WHERE key = ?", (key,)).fetchone()
        _compare(row, action)

    def execute(self, key: str, action: Action, effect: Effect, *, repeatable: bool = False) -> Any:
        """Do what was approved under `key`, unless it is done; return the effect's result.

        Args:
            key: The key of the approval; the effect gets it as its idempotency key.
            action: What the caller is about to do; it must be what was approved.
            effect: Does it; the arguments it gets are its own, to change as it likes.
            repeatable: True if the effect may be run again after a failure or a crash, because
                its receiver honours the idempotency key.

        Raises:
            NotApproved: Nothing was approved under this key.
            ArgumentsChanged: Something else was approved under this key.
            AlreadyRunning: Another worker is at it.
            ExecutionUncertain: It began, its end is unknown, and it is not repeatable.
            InvalidRequest: The effect returned something that is not JSON; it is done all the same,
                with None as its result.
        """
        owner = self._claim(key, action, repeatable)
        if owner is None:
            return self.get(key).result
        with self._noting_failure(key, owner, repeatable):
            result = effect(deepcopy(action["args"]), key)
        return self._finish(key, result)

    async def aexecute(
        self, key: str, action: Action, effect: AsyncEffect, *, repeatable: bool = False
    ) -> Any:
        """`execute` for an effect that is a coroutine function."""
        owner = self._claim(key, action, repeatable)
        if owner is None:
            return self.get(key).result
        with self._noting_failure(key, owner, repeatable):
            result = await effect(deepcopy(action["args"]), key)
        return self._finish(key, result)

    def recover(
        self, effects: Mapping[str, Effect], *, repeatable: bool = False
    ) -> list[Execution]:
        """Finish what a dead process left: approved, but not executed.

        What had not begun is executed.  What had begun is executed again if the effects are
        repeatable, and held back as ``uncertain`` if they are not.  Executions of a living worker
        are left to it.

        Args:
            effects: For each action's name what does it; actions without one are left alone.
            repeatable: As for `execute`.

        Returns:
            What was finished now.

        Raises:
            Exception: Whatever an effect raises; the rest is left for the next call.
        """
        finished = []
        for execution in self.unfinished():
            effect = effects.get(execution.action["name"])
            if effect is None:
                continue
            try:
                self.execute(execution.key, execution.action, effect, repeatable=repeatable)
            except (AlreadyRunning, ExecutionUncertain):
                continue
            finished.append(self.get(execution.key))
        return finished

    def settle(self, key: str, *, happened: bool, result: Any = None) -> None:
        """Say what became of an uncertain execution, after somebody has looked.

        Args:
            key: The execution.
            happened: True if the effect did happen; False lets it be executed again.
            result: What `execute` shall return from now on, if it happened.
        """
        with transaction(self.path) as connection:
            cursor = connection.execute(
                "UPDATE executions SET status = ?, result = ?, finished_at = ?, owner = NULL"
                " WHERE key = ? AND status = 'uncertain'",
                (
                    "done" if happened else "approved",
                    canonical(result) if happened else None,
                    self._clock() if happened else None,
                    key,
                ),
            )
            if cursor.rowcount == 0:
                raise UnknownApproval(f"no uncertain execution under {key!r}")

    def get(self, key: str) -> Execution:
        """The line of the ledger under `key`.

        Raises:
            UnknownApproval: There is none.
        """
        with reading(self.path) as connection:
            row = connection.execute("SELECT * FROM executions WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise UnknownApproval(f"nothing was approved under {key!r}")
        return _execution(row)

    def unfinished(self) -> list[Execution]:
        """All that was approved and is not done, oldest first."""
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT * FROM executions WHERE status != 'done' ORDER BY approved_at, key"
            ).fetchall()
        return [_execution(row) for row in rows]

    def _claim(self, key: str, action: Action, repeatable: bool) -> str | None:
        """Take the execution for this caller; None when it is done already."""
        owner = uuid.uuid4().hex
        uncertain = False
        with transaction(self.path) as connection:
            row = connection.execute("SELECT * FROM executions WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise NotApproved(f"nothing was approved under {key!r}; ask a human first")
            _compare(row, action)
            now = self._clock()
            if row["status"] == "running" and row["lease_until"] > now:
                raise AlreadyRunning(
                    f"another worker executes {key!r}; if it dies, it can be taken over in"
                    f" {row['lease_until'] - now:.0f} s"
                )
            if row["status"] in ("running", "uncertain") and not repeatable:
                uncertain = True
                connection.execute(
                    "UPDATE executions SET status = 'uncertain', owner = NULL WHERE key = ?", (key,)
                )
            elif row["status"] == "done":
                return None
            else:
                connection.execute(
                    "UPDATE executions SET status = 'running', attempts = attempts + 1,"
                    " owner = ?, lease_until = ? WHERE key = ?",
                    (owner, now + self.lease, key),
                )
        if uncertain:
            raise ExecutionUncertain(
                f"an execution of {key!r} began and its end is unknown; find out whether it"
                " happened, then call settle(key, happened=...)"
            )
        return owner

    @contextmanager
    def _noting_failure(self, key: str, owner: str, repeatable: bool) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            with transaction(self.path) as connection:
                connection.execute(
                    "UPDATE executions SET status = ?, error = ?, owner = NULL"
                    " WHERE key = ? AND owner = ?",
                    (
                        "approved" if repeatable else "uncertain",
                        f"{type(error).__name__}: {error}",
                        key,
                        owner,
                    ),
                )
            raise

    def _finish(self, key: str, result: Any) -> Any:
        try:
            text = canonical(result)
        except InvalidRequest:
            self._finish(key, None)  # it did happen, so it must never happen again
            raise
        with transaction(self.path) as connection:
            connection.execute(
                "UPDATE executions SET status = 'done', result = ?, finished_at = ?, owner = NULL,"
                " error = NULL WHERE key = ? AND status != 'done'",
                (text, self._clock(), key),
            )
        return self.get(key).result


def _compare(row: sqlite3.Row, action: Action) -> None:
    if row["digest"] != digest(action):
        raise ArgumentsChanged(
            f"under {row['key']!r} a human approved {row['action']}, not {canonical(action)};"
            " ask again with the new arguments"
        )


def _execution(row: sqlite3.Row) -> Execution:
    return Execution(
        key=row["key"],
        action=json.loads(row["action"]),
        digest=row["digest"],
        status=row["status"],
        attempts=row["attempts"],
        result=None if row["result"] is None else json.loads(row["result"]),
        error=row["error"],
        approved_at=row["approved_at"],
        finished_at=row["finished_at"],
    )
