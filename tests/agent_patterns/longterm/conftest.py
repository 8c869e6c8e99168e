"""Every kind of store, empty, for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.agent_patterns.longterm.stores import Vectors

_numbers = itertools.count(1)


@pytest.fixture
def vectors() -> Vectors:
    return Vectors()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A function: kind of store -> URL of an empty one."""

    def make(kind: str) -> str:
        if kind == "memory":
            return "memory://"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path.as_posix()}/memories.db"
        if kind == "qdrant":
            return f"qdrant:///{tmp_path.as_posix()}/qdrant"
        server = request.getfixturevalue("postgres")
        name = f"memories_{next(_numbers)}"  # a schema would not do: extensions have a database's
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return str(server.get_uri(database=name))

    return make


@pytest.fixture(params=["memory", "sqlite", "postgresql", "qdrant"])
def url(request: pytest.FixtureRequest, place: Callable[[str], str]) -> str:
    """The same test on every kind of store."""
    return place(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, place: Callable[[str], str]) -> str:
    """The same test on every kind of store that processes can share."""
    return place(request.param)
