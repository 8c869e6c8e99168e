"""A graph for one lease: its checkpointer refuses to write once the lease is lost.

A checkpointer of `agent_patterns.checkpoints` on the same database checks the token in the
transaction of each write (`fenced` gives such a view of it).  With any other, the token is checked
just before each write.  A worker that falls asleep exactly in between could still write once when
it wakes up; effects are safe from that by their keys.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from agent_patterns.durable.database import Database, Session
from agent_patterns.durable.errors import LeaseLost
from agent_patterns.durable.leases import Lease


def fenced(graph: Any, database: Database, lease: Lease) -> Any:
    """Return the graph with a checkpointer that writes under `lease` alone."""
    held = copy.copy(graph)
    saver = graph.checkpointer
    lock = " FOR SHARE" if database.dialect == "postgresql" else ""

    def check(session: Session) -> None:
        rows = session.run(f"SELECT token FROM agent_runs WHERE thread_id = ?{lock}", (lease.key,))
        if not rows or rows[0].token != lease.token:
            raise LeaseLost(f"Thread {lease.key!r}")

    if getattr(saver, "database", None) is database and hasattr(saver, "fenced"):
        held.checkpointer = saver.fenced(lease.key, check)
        return held

    def before() -> None:
        database.transact(check, repeatable=True)

    held.checkpointer = copy.copy(saver)
    for name in ("put", "put_writes", "delete_thread"):
        setattr(held.checkpointer, name, _checked(getattr(saver, name), before))
        setattr(held.checkpointer, f"a{name}", _achecked(getattr(saver, f"a{name}"), before))
    return held


def _checked(write: Callable[..., Any], check: Callable[[], None]) -> Callable[..., Any]:
    def checked(*args: Any, **options: Any) -> Any:
        check()
        return write(*args, **options)

    return checked


def _achecked(write: Callable[..., Any], check: Callable[[], None]) -> Callable[..., Any]:
    async def checked(*args: Any, **options: Any) -> Any:
        await asyncio.to_thread(check)
        return await write(*args, **options)

    return checked
