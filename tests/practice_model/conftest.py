"""Servers and clients for the tests of the practice model."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator

import openai
import pytest

from practice_model import PracticeServer

MODEL = "gpt-4.1-mini"


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until a condition that another thread brings about holds; fails after ten seconds."""

    def wait(condition: Callable[[], object]) -> None:
        never = threading.Event()
        for _ in range(1000):
            if condition():
                return
            never.wait(0.01)
        pytest.fail("it did not come about")

    return wait


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def shared_server() -> Iterator[PracticeServer]:
    """One server for tests that neither inject faults nor look at records."""
    with PracticeServer() as server:
        yield server


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    """A server of the test's own."""
    with PracticeServer() as server:
        yield server


@pytest.fixture
def client(server: PracticeServer) -> Iterator[openai.OpenAI]:
    """The openai client, showing every fault: it does not try again."""
    with openai.OpenAI(base_url=server.base_url, api_key="practice", max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(server: PracticeServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=server.base_url, api_key="practice", max_retries=0
    ) as client:
        yield client
