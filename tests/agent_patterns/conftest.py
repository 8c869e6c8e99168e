"""Real backends: a SQLite file and a PostgreSQL server of its own for each test process."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from courseware.runtime.postgres import start_postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    # Not in pytest's folder: every pytest that starts closes that to other users, of whom the
    # server is one when the tests run as root.
    place = tempfile.mkdtemp(prefix="postgres-")
    folder = Path(place) / "data"
    server = start_postgres(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Workers are killed here, machines are not: no test waits for the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A function: backend name -> URL of an empty place to store in."""

    def make(backend: str) -> str:
        if backend == "memory":
            return "memory://"
        number = next(_numbers)
        if backend == "sqlite":
            return f"sqlite:///{tmp_path.as_posix()}/store-{number}.db"
        server = request.getfixturevalue("postgres")
        # A schema of its own: empty like a new database, and made in no time.
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA test_{number}".encode())
        separator = "&" if "?" in address else "?"
        return f"{address}{separator}options=-csearch_path%3Dtest_{number}"

    return make


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """A function: wait until a condition holds, however busy the machine is."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "it never came true"
            threading.Event().wait(0.01)

    return wait


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, fresh_url: Callable[[str], str]) -> str:
    """The same test on every backend."""
    return fresh_url(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, fresh_url: Callable[[str], str]) -> str:
    """The same test on every backend that processes can share."""
    return fresh_url(request.param)
