"""The real client against the practice model's real faults."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_openai import ChatOpenAI

from agent_patterns.resilience import CircuitBreaker, Kind, Link, Policy, Retry, classify
from agent_patterns.resilience.backoff import Constant
from agent_patterns.resilience.diagnosis import State
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock
from practice_model import Fault, PracticeServer


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with PracticeServer() as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(server: PracticeServer) -> None:
    server.clear()


def chat(server: PracticeServer, **options: Any) -> ChatOpenAI:
    options = {"model": "gpt-4.1-mini", "max_retries": 0, "timeout": 5.0, **options}
    return ChatOpenAI(base_url=server.base_url, api_key=server.api_key, **options)


CASES = [
    (Fault.rate_limit(0.2), openai.RateLimitError, Kind.RATE_LIMIT, 0.2),
    (Fault.server_error(), openai.InternalServerError, Kind.SERVER, None),
    (Fault.unavailable(3), openai.InternalServerError, Kind.SERVER, 3.0),
    (Fault.unauthorized(), openai.AuthenticationError, Kind.AUTHENTICATION, None),
    (Fault.slow(5), openai.APITimeoutError, Kind.TIMEOUT, None),
    (Fault.stall(1, 5), openai.APITimeoutError, Kind.TIMEOUT, None),
    (Fault.drop(), openai.APIConnectionError, Kind.CONNECTION, None),
    (Fault.drop_mid(), openai.APIConnectionError, Kind.CONNECTION, None),
    (Fault.truncated(), ValueError, Kind.MALFORMED, None),
]


@pytest.mark.parametrize(("fault", "cls", "kind", "wait"), CASES, ids=lambda value: str(value)[:40])
async def test_every_fault_is_recognised(
    server: PracticeServer, fault: Fault, cls: type[Exception], kind: Kind, wait: float | None
) -> None:
    llm = chat(server, timeout=0.2 if kind is Kind.TIMEOUT else 5.0)
    with server.inject(fault, times=2):
        with pytest.raises(cls) as sync:
            llm.invoke("hello")
        with pytest.raises(cls) as awaited:
            await llm.ainvoke("hello")
    for error in (sync.value, awaited.value):
        verdict = classify(error)
        assert (verdict.kind, verdict.retry_after) == (kind, wait)


def test_pythons_own_client_too(server: PracticeServer) -> None:
    asked = urllib.request.Request(
        f"{server.base_url}/chat/completions",
        data=b'{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hello"}]}',
        headers={"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"},
    )
    with (
        server.inject(Fault.unavailable(3)),
        pytest.raises(urllib.error.HTTPError) as away,
        urllib.request.urlopen(asked),
    ):
        pass
    verdict = classify(away.value)
    assert (verdict.kind, verdict.retry_after) == (Kind.SERVER, 3.0)
    with PracticeServer() as gone:
        address = gone.base_url
    with pytest.raises(urllib.error.URLError) as refused, urllib.request.urlopen(address):
        pass
    assert classify(refused.value).kind is Kind.CONNECTION


def test_a_wrong_key_and_a_wrong_model_are_asked_once(server: PracticeServer) -> None:
    policy = Policy(retry=Retry(3, backoff=Constant(0)))
    wrong_key = ChatOpenAI(
        model="gpt-4.1-mini", base_url=server.base_url, api_key="stolen", max_retries=0
    )
    with pytest.raises(openai.AuthenticationError):
        policy.call(wrong_key.invoke, "hello")
    with pytest.raises(openai.NotFoundError):
        policy.call(chat(server, model="no-such-model").invoke, "hello")
    assert [record.status for record in server.requests] == [401, 404]


def test_the_server_sees_the_retries_and_the_waits(server: PracticeServer) -> None:
    clock = FakeClock()
    policy = Policy(retry=Retry(3, backoff=Constant(1), clock=clock, sleep=clock.sleep))
    with server.inject(Fault.rate_limit(7), Fault.drop()):
        answer = policy.call(chat(server).invoke, "hello")
    assert answer.content
    assert [record.attempt for record in server.requests] == [1, 2, 3]
    assert clock.slept == [8, 1]


def test_an_open_breaker_spares_the_server_and_probes_it_once(server: PracticeServer) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker("chat", failures=2, open_for=30, clock=clock)
    policy = Policy(
        "main",
        retry=Retry(2, backoff=Constant(0)),
        breaker=breaker,
        fallbacks=[Link("refusal", lambda prompt: "Please try again later.", instant=True)],
    )
    llm = chat(server)
    with server.inject(Fault.server_error(), rate=1.0):
        links = [policy.answer(llm.invoke, "hello").link for _ in range(10)]
        assert links == ["refusal"] * 10
        assert len(server.requests) == 4
        clock.advance(30)
        assert policy.answer(llm.invoke, "hello").link == "refusal"
        assert len(server.requests) == 6
    clock.advance(30)
    assert policy.answer(llm.invoke, "hello").link == "main"
    assert breaker.state is State.CLOSED


def test_a_stream_is_guarded_to_its_end(server: PracticeServer) -> None:
    breaker = CircuitBreaker(failures=1)
    llm = chat(server)
    with (
        server.inject(Fault.drop_mid(after_chunks=2)),
        pytest.raises(Exception) as error,  # noqa: PT011  the client's choice, asserted below
        breaker.guard(),
    ):
        list(llm.stream("Tell me about paper."))
    assert classify(error.value).kind is Kind.CONNECTION
    with pytest.raises(CircuitOpenError):
        breaker.call(llm.invoke, "hello")
