from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.agent_patterns.approval.approval_support import Worker

from agent_patterns.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_000_000.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "approvals.sqlite"


@pytest.fixture
def worker() -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def start(name: str, *arguments: object) -> Worker:
        workers.append(Worker(name, *map(str, arguments)))
        return workers[-1]

    yield start
    for one in workers:
        one.end()
