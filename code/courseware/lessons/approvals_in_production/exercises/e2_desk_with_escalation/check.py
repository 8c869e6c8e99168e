"""Check: A desk with escalation."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from agent_patterns.approval import AlreadyDecided
from courseware.exercises import Unattempted, Wrong, chance, expect
from courseware.exercises._sqlite_watch import watched_writes
from courseware.exercises.reading import is_placeholder

MINUTE = 60.0


HOUR = 60 * MINUTE


def check(Desk: Callable[[Path], Any]) -> None:
    """Live through a night at the desk, with the clock in hand."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for number, check in enumerate(
            (
                _waits,
                _in_sqlite,
                _restarts,
                _only_roles,
                _escalates,
                _expires,
                _decided_once,
                _noted,
                _decided_elsewhere,
                _decided_in_between,
            )
        ):
            check(Desk, Path(folder) / f"desk_{number}.sqlite")


def _submit(desk: Any, data: str, now: float) -> Any:
    number = desk.submit(data, now)
    if number is None:
        if is_placeholder(type(desk).submit):
            raise Unattempted("`submit` is still the starter's.")
        raise Wrong("returns-nothing", "`submit` returned None. It returns the request's id.")
    return number


def _pending(desk: Any, now: float) -> dict[Any, tuple[str, set[str]]]:
    waiting = desk.pending(now)
    if waiting is None:
        if is_placeholder(type(desk).pending):
            raise Unattempted("`pending` is still the starter's.")
        raise Wrong("returns-nothing", "`pending` returned None. It returns a list.")
    try:
        return {number: (data, set(roles)) for number, data, roles in waiting}
    except (TypeError, ValueError) as error:
        raise Wrong(
            "pending-has-another-shape",
            f"`pending` returned {waiting!r}. It returns a list of (id, data, roles).",
        ) from error


def _waits(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    rng = chance()
    same, other = rng.sample([f"refund {number}" for number in range(100, 999)], 2)
    ids = [_submit(desk, data, 0.0) for data in (same, other, same)]
    expect(
        len(set(ids)) == 3,
        "ids-collide",
        f"Three requests of the same second got the ids {ids!r}. Let the database number them:"
        " INTEGER PRIMARY KEY.",
    )
    waiting = _pending(desk, 1.0)
    expect(
        [waiting.get(number, ("",))[0] for number in ids] == [same, other, same],
        "loses-requests",
        f"Submitted were {same}, {other}, {same}; pending is {waiting!r}.",
    )
    expect(
        all(roles == {"billing"} for _, roles in waiting.values()),
        "escalates-too-early",
        f"After one second they should wait for billing alone: {waiting!r}.",
    )
    try:
        desk.decide(ids[0], "lead", "approved", 29 * MINUTE)
    except PermissionError:
        return
    raise Wrong(
        "accepts-any-role",
        "The lead decided after 29 minutes, before it was escalated. Raise `PermissionError` for"
        " a role that may not decide yet.",
    )


def _only_roles(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    for role in ("intern", "billing assistant", ""):
        try:
            desk.decide(number, role, "approved", 31 * MINUTE)
        except PermissionError:
            continue
        raise Wrong(
            "accepts-any-role",
            f"The role {role!r} decided, which this desk does not know. Raise `PermissionError` for"
            " everybody but billing and, after 30 minutes, the lead.",
        )


def _restarts(desk_class: Callable[[Path], Any], path: Path) -> None:
    first = _submit(desk_class(path), "ink", 0.0)
    again = desk_class(path)
    expect(
        first in _pending(again, 1.0),
        "kept-in-memory",
        "A second desk on the same file, as after a restart, knows nothing of the request. Keep"
        " it in the SQLite file, and commit.",
    )
    second = _submit(again, "pen", 2.0)
    expect(
        second != first,
        "ids-collide",
        "After a restart the ids begin again, and two requests share one.",
    )


def _escalates(desk_class: Callable[[Path], Any], path: Path) -> None:
    start = float(chance().randrange(2_000, 900_000))
    number = _submit(desk_class(path), "ink", start)
    early = _roles(desk_class(path), number, start + 30 * MINUTE - 1)
    expect(
        early == {"billing"},
        "escalates-too-early",
        f"Submitted at {start:.0f} s, it waits for {sorted(early)} one second before its 30 minutes"
        " are over. Compare `now` with the stored time.",
    )
    roles = _roles(desk_class(path), number, start + 30 * MINUTE)
    expect(
        "lead" in roles,
        "never-escalates",
        f"After 30 minutes it waits for {sorted(roles)}. The lead may decide too then, also if the"
        " desk was restarted in between: compare `now` with the stored time.",
    )
    expect(
        "billing" in roles,
        "escalation-locks-out",
        "After 30 minutes only the lead may decide. Escalation adds somebody; billing, who comes"
        " back from lunch, may still decide.",
    )
    desk_class(path).decide(number, "lead", "approved", start + 31 * MINUTE)
    expect(
        number not in _pending(desk_class(path), start + 32 * MINUTE),
        "decision-is-lost",
        "The lead has approved, and the request still waits.",
    )


def _roles(desk: Any, number: Any, now: float) -> set[str]:
    return _pending(desk, now).get(number, ("", set()))[1]


def _expires(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    expect(
        number in _pending(desk, 8 * HOUR - 1),
        "expires-too-early",
        "It has gone before its 8 hours were over.",
    )
    expect(
        number not in _pending(desk, 8 * HOUR),
        "expired-still-waits",
        "After 8 hours it still waits. What was urgent today must not be approved tomorrow.",
    )
    _refuses(
        desk,
        number,
        8 * HOUR,
        "expired-still-waits",
        "After 8 hours it could still be approved. `pending` hides it, but `decide` must look at"
        " the time too.",
    )


def _decided_once(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    desk.decide(number, "billing", "rejected", 1.0)
    expect(
        number not in _pending(desk, 2.0),
        "decision-is-lost",
        "Billing has rejected it, and it still waits.",
    )
    _refuses(
        desk,
        number,
        2.0,
        "decided-twice",
        "Billing rejected it, and it could be approved a second later. Raise `AlreadyDecided`.",
    )


def _noted(desk_class: Callable[[Path], Any], path: Path) -> None:
    """Two desks that differ in one decision alone must differ in their files."""
    files = []
    for number, decision in enumerate(("approved", "approved", "rejected")):
        file = path.with_name(f"{decision}_{number}.sqlite")
        desk = desk_class(file)
        ticket = _submit(desk, "ink", 0.0)
        desk.decide(ticket, "billing", decision, 1.0)
        with closing(sqlite3.connect(file)) as db:
            text = "\n".join(db.iterdump())
        # A random id tells two files apart, and says nothing about the decision.
        files.append(text if isinstance(ticket, int) else text.replace(str(ticket), "id"))
    if files[0] != files[1]:  # something else is by chance or by the clock
        files = [f"{text.count('approved')} {text.count('rejected')}" for text in files]
    expect(
        files[0] != files[2] or files[0] == "0 0",
        "forgets-the-decision",
        "One request was approved and another one rejected, and nothing in the file tells them"
        " apart. Whoever reads it tomorrow must see which it was: store `decision`.",
    )


def _decided_elsewhere(desk_class: Callable[[Path], Any], path: Path) -> None:
    mine, yours = desk_class(path), desk_class(path)
    number = _submit(mine, "ink", 0.0)
    _pending(mine, 1.0)
    _pending(yours, 1.0)
    yours.decide(number, "billing", "approved", 2.0)
    _refuses(
        mine,
        number,
        3.0,
        "decided-twice",
        "Two desks on one file, as in two processes: both could decide the same request. Look in"
        " the file at the moment of the decision, best with UPDATE … WHERE status = 'waiting'.",
    )


def _decided_in_between(desk_class: Callable[[Path], Any], path: Path) -> None:
    """Let another desk decide just before this one writes, whatever it has read before."""
    with watched_writes() as before_write:
        mine, yours = desk_class(path), desk_class(path)
        number = _submit(mine, "ink", 0.0)
        wins: list[str] = []

        def decide(desk: Any, decision: str) -> None:
            try:
                desk.decide(number, "billing", decision, 2.0)
            except (AlreadyDecided, sqlite3.OperationalError):
                return  # refused, or kept out by the other one's transaction
            wins.append(decision)

        before_write(lambda: decide(yours, "rejected"))
        decide(mine, "approved")
        before_write(None)
    expect(
        len(wins) < 2,
        "looks-then-writes",
        "Between your look and your UPDATE another desk rejected the same request, and both"
        " decisions were accepted. Look and write in one statement, UPDATE … WHERE status ="
        " 'waiting', and see in `rowcount` whether you were first; or begin the transaction with"
        " BEGIN IMMEDIATE.",
    )


def _in_sqlite(desk_class: Callable[[Path], Any], path: Path) -> None:
    _submit(desk_class(path), "ink", 0.0)
    expect(
        path.exists(),
        "kept-in-memory",
        "After a request was submitted there is no file. Keep it in the SQLite file at `path`, and"
        " commit.",
    )
    with path.open("rb") as file:
        expect(
            file.read(15) == b"SQLite format 3",
            "no-sqlite-file",
            "The file is no SQLite database. A file that is read and rewritten as a whole loses"
            " decisions when two processes do so at once; SQLite locks for you.",
        )


def _refuses(desk: Any, number: Any, now: float, misconception: str, message: str) -> None:
    try:
        desk.decide(number, "billing", "approved", now)
    except AlreadyDecided:
        return
    except PermissionError as error:
        raise Wrong(
            "wrong-refusal",
            "It was refused with `PermissionError`, as if the role were wrong. Raise"
            " `AlreadyDecided` for what is decided or expired, so that the person knows why.",
        ) from error
    raise Wrong(misconception, message)
