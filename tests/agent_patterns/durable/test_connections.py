"""Connections that the server ends, a server that restarts, a file that is locked."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import psycopg_pool
import pytest
from tests.agent_patterns.durable.graphs import NODES, OrderState, order_graph, thread

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.durable import EffectLog, Runner, database
from agent_patterns.durable.database import is_transient, open_database
from agent_patterns.durable.errors import DatabaseUnavailable, UnknownBackend
from courseware.runtime.postgres import start_postgres

pytestmark = pytest.mark.slow

ORDER = {"order": "order", "log": []}


def end_connections(url: str) -> None:
    """What an idle time-out, a fail-over or an administrator does to everybody's connections."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database() "
            "AND backend_type = 'client backend'"
        )


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A server of its own, for its connections are ended and it is restarted."""
    place = tempfile.mkdtemp(prefix="postgres-")
    running = start_postgres(Path(place) / "data", cleanup_mode="delete")
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield running
    running.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def address(server: Any, request: pytest.FixtureRequest) -> str:
    name = f"test_{abs(hash(request.node.name))}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return str(server.get_uri(database=name))


def restart(server: Any) -> None:
    server.stop()
    server.ensure_postgres_running()


@pytest.mark.parametrize("when", ["before", "during", "after"])
@pytest.mark.parametrize("fault", ["connections", "restart"])
def test_a_run_goes_on_over_new_connections(
    server: Any, address: str, when: str, fault: str
) -> None:
    ran: list[str] = []

    def strike() -> None:
        end_connections(address) if fault == "connections" else restart(server)

    def during(node: str, state: dict[str, Any]) -> None:
        ran.append(node)
        if node == "charge" and when == "during":
            strike()

    with open_checkpointer(address, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        effects = EffectLog(checkpointer.database)
        runner = Runner(graph)
        runner.submit("order", ORDER)
        if when == "before":
            strike()
        run = runner.run("order")
        if when == "after":
            strike()
        assert runner.get("order").status == "done"
        assert graph.get_state(thread("order")).values == run.values
        assert effects.perform("k", lambda payload, key: "done") == "done"
        strike()
        assert effects.get("k").status == "done"
        assert effects.plan("later", "mail")
    assert sorted(ran) == sorted(NODES)


async def test_an_asynchronous_run_goes_on_too(address: str) -> None:
    ran: list[str] = []

    def during(node: str, state: dict[str, Any]) -> None:
        ran.append(node)
        end_connections(address)

    with await asyncio.to_thread(open_checkpointer, address, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer, during=during)
        run = await Runner(graph).astart("order", ORDER)
        await asyncio.to_thread(end_connections, address)
        assert (await graph.aget_state(thread("order"))).values == run.values
    assert set(ran) == set(NODES)  # a node whose writes were cut off may run again
    assert sorted(run.values["log"]) == sorted(NODES)


def test_a_failing_run_is_let_go_over_a_new_connection(address: str) -> None:
    def during(node: str, state: dict[str, Any]) -> None:
        if node == "charge":
            end_connections(address)
            raise ValueError("no such card")

    with open_checkpointer(address, schema=OrderState) as checkpointer:
        runner = Runner(order_graph(checkpointer, during=during), lease=3600)
        runner.submit("order", ORDER)
        assert [(run.status, run.error) for run in runner.work()] == [
            ("failed", "ValueError: no such card")
        ]


def test_connections_that_end_all_the_time_stop_nothing(address: str) -> None:
    over = threading.Event()

    def strike() -> None:
        for _ in range(20):
            end_connections(address)
            if over.wait(0.1):
                return

    with open_checkpointer(address, schema=OrderState) as checkpointer:
        runner = Runner(order_graph(checkpointer), lease=3600)
        effects = EffectLog(checkpointer.database)
        threads = [f"order-{number}" for number in range(5)]
        for name in threads:
            runner.submit(name, {"order": name, "log": []})
        striking = threading.Thread(target=strike)
        striking.start()
        try:
            while runner.open_runs():
                runner.work()
            for name in threads:
                effects.perform(f"count-{name}", lambda payload, key: 1)
        finally:
            over.set()
            striking.join()
        states = [runner.run(name) for name in threads]
    assert [state.status for state in states] == ["done"] * 5
    assert all(sorted(state.values["log"]) == sorted(NODES) for state in states)


def test_work_that_may_have_been_committed_is_not_repeated(address: str) -> None:
    with open_database(address) as base:
        base.create("counted", "CREATE TABLE counted (n INTEGER)")

        class LostAnswer:
            """Commits, and loses the connection before the answer comes."""

            def __enter__(self) -> Any:
                self.inner = transaction()
                return self.inner.__enter__()

            def __exit__(self, *what: Any) -> None:
                self.inner.__exit__(*what)
                raise psycopg.OperationalError("the connection is lost")

        transaction, base.transaction = base.transaction, LostAnswer  # type: ignore[method-assign]
        with pytest.raises(DatabaseUnavailable):
            base.transact(lambda session: session.run("INSERT INTO counted VALUES (1)"))
        base.transaction = transaction  # type: ignore[method-assign]
        assert base.transact(lambda session: session.run("SELECT n FROM counted")) == [(1,)]


def test_a_database_that_stays_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    with open_database("memory://") as base:

        def locked(session: Any) -> None:
            raise sqlite3.OperationalError("database is locked")

        with pytest.raises(DatabaseUnavailable, match="locked"):
            base.transact(locked)
    for nowhere in ("postgresql://localhost:1/none", "mysql://host/name", "sqlite:///a.db?x=1"):
        with pytest.raises(UnknownBackend):
            open_database(nowhere)


def test_a_locked_file_is_waited_for(fresh_url: Callable[[str], str]) -> None:
    url = fresh_url("sqlite")
    with open_database(url) as base:
        base.create("counted", "CREATE TABLE counted (n INTEGER)")
        held, let_go = threading.Event(), threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
                other.execute("BEGIN IMMEDIATE")
                held.set()
                let_go.wait(30)
                other.rollback()

        holding = threading.Thread(target=hold)
        holding.start()
        assert held.wait(30)
        threading.Timer(0.3, let_go.set).start()
        base.transact(lambda session: session.run("INSERT INTO counted VALUES (1)"))
        assert let_go.is_set()
        holding.join()


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg.errors.AdminShutdown("terminating connection"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (psycopg_pool.PoolTimeout("no connection came free"), True),
        (psycopg_pool.PoolClosed("the pool is closed"), False),
        (sqlite3.OperationalError("database is locked"), True),
        (sqlite3.OperationalError("database table is locked"), True),
        (sqlite3.OperationalError("no such table: x"), False),
        (psycopg.errors.UniqueViolation("duplicate key"), False),
        (psycopg.errors.UndefinedTable("no such table"), False),
        (ValueError("locked"), False),
    ],
)
def test_what_is_worth_a_retry(error: Exception, again: bool) -> None:
    assert is_transient(error) is again
