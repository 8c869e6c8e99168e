"""Faults, as real clients see them, and what the server remembers of them."""

import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

from practice_model import Fault, PracticeServer

MODEL = "gpt-4.1-mini"
Eventually = Callable[[Callable[[], object]], None]
HEADERS = {"authorization": "Bearer practice"}


def ask(client: openai.OpenAI, text: str = "Hello", **more: Any) -> str:
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": text}], **more
    )
    return answer.choices[0].message.content or ""


def ask_streamed(
    client: openai.OpenAI, text: str = "Hello", into: list[str] | None = None, **more: Any
) -> list[str]:
    pieces = [] if into is None else into
    for chunk in client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": text}], stream=True, **more
    ):
        pieces += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    return pieces


@pytest.mark.parametrize(
    ("fault", "error", "status", "retry_after"),
    [
        (Fault.rate_limit(retry_after=2), openai.RateLimitError, 429, "2"),
        (Fault.rate_limit(retry_after=None), openai.RateLimitError, 429, None),
        (Fault.server_error(), openai.InternalServerError, 500, None),
        (Fault.unavailable(), openai.InternalServerError, 503, None),
        (Fault.unavailable(retry_after=3), openai.InternalServerError, 503, "3"),
        (Fault.unauthorized(), openai.AuthenticationError, 401, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("ask", [ask, ask_streamed])
def test_errors_arrive_as_the_clients_own(
    server: PracticeServer,
    client: openai.OpenAI,
    fault: Fault,
    error: type[openai.APIStatusError],
    status: int,
    retry_after: str | None,
    ask: Callable[[openai.OpenAI], object],
) -> None:
    with server.inject(fault), pytest.raises(error) as caught:
        ask(client)
    assert caught.value.status_code == status
    assert caught.value.response.headers.get("retry-after") == retry_after
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    assert caught.value.request_id == "req_000001"
    (record,) = server.requests
    assert (record.status, record.outcome, record.fault) == (status, "refused", str(fault))
    assert record.prompt == "Hello"
    assert ask(client)


def test_fractions_of_a_second_are_told_in_milliseconds(
    server: PracticeServer, client: openai.OpenAI
) -> None:
    with server.inject(Fault.rate_limit(0.05)), pytest.raises(openai.RateLimitError) as caught:
        ask(client)
    assert caught.value.response.headers["retry-after"] == "1"
    assert caught.value.response.headers["retry-after-ms"] == "50"


@pytest.mark.parametrize("ask", [ask, ask_streamed])
def test_dropped_before_the_answer(
    server: PracticeServer, client: openai.OpenAI, ask: Callable[[openai.OpenAI], object]
) -> None:
    with server.inject(Fault.drop()), pytest.raises(openai.APIConnectionError):
        ask(client)
    (record,) = server.requests
    assert (record.status, record.outcome) == (None, "dropped")
    assert ask(client)


@pytest.mark.parametrize("fault", [Fault.drop_mid(), Fault.drop_mid(after_bytes=20)], ids=str)
def test_dropped_in_the_middle_of_a_whole_answer(
    server: PracticeServer, client: openai.OpenAI, fault: Fault
) -> None:
    with server.inject(fault), pytest.raises(openai.APIConnectionError):
        ask(client)
    (record,) = server.requests
    assert (record.status, record.outcome) == (200, "cut")


def test_dropped_in_the_middle_of_a_stream(server: PracticeServer, client: openai.OpenAI) -> None:
    whole = ask_streamed(client, "Hello there")
    seen: list[str] = []
    with server.inject(Fault.drop_mid(after_chunks=3)), pytest.raises(openai.APIConnectionError):
        ask_streamed(client, "Hello there", into=seen)
    assert seen == whole[:2]  # the first chunk carries the role
    assert server.requests[-1].outcome == "cut"


@pytest.mark.parametrize("ask", [ask, ask_streamed])
def test_truncated_json(
    server: PracticeServer, client: openai.OpenAI, ask: Callable[[openai.OpenAI], object]
) -> None:
    with server.inject(Fault.truncated()), pytest.raises(json.JSONDecodeError):
        ask(client)
    (record,) = server.requests
    assert (record.status, record.outcome) == (200, "cut")


def test_slow_first_byte(server: PracticeServer, client: openai.OpenAI) -> None:
    with server.inject(Fault.slow(first_byte_seconds=60)), pytest.raises(openai.APITimeoutError):
        ask(client, timeout=0.2)
    with server.inject(Fault.slow(first_byte_seconds=0.2)):
        assert ask(client)


def test_slow_chunks(server: PracticeServer, client: openai.OpenAI) -> None:
    whole = ask_streamed(client)
    with server.inject(Fault.slow(first_byte_seconds=0, per_chunk=0.02)):
        assert ask_streamed(client) == whole
    with (
        server.inject(Fault.slow(first_byte_seconds=0, per_chunk=60)),
        pytest.raises(openai.APITimeoutError),
    ):
        ask_streamed(client, timeout=0.3)


def test_stall_in_mid_stream(server: PracticeServer, client: openai.OpenAI) -> None:
    whole = ask_streamed(client, "Hello there")
    seen: list[str] = []
    with (
        server.inject(Fault.stall(after_chunks=3, seconds=60)),
        pytest.raises(openai.APITimeoutError),
    ):
        ask_streamed(client, "Hello there", into=seen, timeout=0.3)
    assert seen == whole[:2]
    with server.inject(Fault.stall(after_chunks=2, seconds=0.1)):
        assert ask_streamed(client, "Hello there") == whole
    with server.inject(Fault.stall(seconds=0.1)):
        assert ask(client, "Hello there") == "".join(whole)


def test_a_client_that_gave_up_is_noticed(
    server: PracticeServer, client: openai.OpenAI, eventually: Eventually
) -> None:
    with server.inject(Fault.slow(60)), pytest.raises(openai.APITimeoutError):
        ask(client, timeout=0.1)
    eventually(lambda: server.requests[0].outcome != "open")
    assert server.requests[0].outcome == "client left"
    assert server.requests[0].status is None


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "fault", [Fault.slow(3600), Fault.stall(1, 3600), Fault.slow(0, per_chunk=3600)], ids=str
)
def test_a_hanging_answer_does_not_hold_up_the_end(
    fault: Fault, stream: bool, eventually: Eventually
) -> None:
    server = PracticeServer().start()
    server.inject(fault)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": stream}
    ended = threading.Event()

    def call() -> None:
        with pytest.raises(httpx.TransportError):
            httpx.post(
                f"{server.base_url}/chat/completions", json=body, headers=HEADERS, timeout=60
            )
        ended.set()

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    eventually(lambda: server.requests and server.requests[0].fault)
    server.stop()
    assert not server.running
    assert ended.wait(10)
    caller.join()


def test_faults_come_in_order_and_end(server: PracticeServer, client: openai.OpenAI) -> None:
    injection = server.inject(Fault.rate_limit(), None, Fault.server_error(), times=2)
    outcomes = []
    for _ in range(8):
        try:
            ask(client)
            outcomes.append(200)
        except openai.APIStatusError as error:
            outcomes.append(error.status_code)
    assert outcomes == [429, 200, 500, 429, 200, 500, 200, 200]
    assert injection.left == 0
    assert injection.applied == 6
    assert server.injections == []


def test_a_rate_is_seeded(server: PracticeServer, client: openai.OpenAI) -> None:
    def pattern(seed: int) -> list[bool]:
        hits = []
        with server.inject(Fault.server_error(), rate=0.4, seed=seed):
            for _ in range(40):
                try:
                    ask(client)
                    hits.append(False)
                except openai.InternalServerError:
                    hits.append(True)
        return hits

    first = pattern(1)
    assert 5 < sum(first) < 30
    assert pattern(1) == first
    assert pattern(2) != first


def test_a_rate_can_have_a_limit(server: PracticeServer, client: openai.OpenAI) -> None:
    with server.inject(Fault.server_error(), rate=1.0, times=2):
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                ask(client)
        assert ask(client)


def test_the_latest_injection_wins_and_a_block_ends_it(
    server: PracticeServer, client: openai.OpenAI
) -> None:
    with server.inject(Fault.server_error(), rate=1.0):
        with server.inject(Fault.rate_limit(), rate=1.0), pytest.raises(openai.RateLimitError):
            ask(client)
        with pytest.raises(openai.InternalServerError):
            ask(client)
    assert ask(client)


def test_where_chooses_requests(server: PracticeServer, client: openai.OpenAI) -> None:
    with server.inject(Fault.server_error(), rate=1.0, where={"model": "gpt-4.1-nano"}):
        assert ask(client)
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(
                model="gpt-4.1-nano", messages=[{"role": "user", "content": "Hello"}]
            )
    with server.inject(Fault.server_error(), rate=1.0, where={"path": "/v1/embeddings"}):
        assert ask(client)
        with pytest.raises(openai.InternalServerError):
            client.embeddings.create(model="text-embedding-3-small", input="a")


def test_a_wrong_key_uses_up_no_fault(server: PracticeServer, client: openai.OpenAI) -> None:
    with server.inject(Fault.rate_limit()) as injection:
        with pytest.raises(openai.AuthenticationError):
            ask(client.with_options(api_key="another"))
        assert injection.left == 1


def test_retries_are_counted(server: PracticeServer) -> None:
    with (
        openai.OpenAI(base_url=server.base_url, api_key="practice", max_retries=2) as client,
        server.inject(Fault.rate_limit(retry_after=0.001), times=5),
    ):
        with pytest.raises(openai.RateLimitError):
            ask(client)
        assert ask(client)
        assert ask(client)
    seen = [(r.attempt, r.client_retry, r.status) for r in server.requests]
    assert seen == [
        (1, 0, 429),
        (2, 1, 429),
        (3, 2, 429),
        (4, 0, 429),
        (5, 1, 429),
        (6, 2, 200),
        (1, 0, 200),
    ]
    assert [r.number for r in server.requests] == list(range(1, 8))
    assert all(a.at <= b.at for a, b in zip(server.requests, server.requests[1:], strict=False))


def test_records_tell_question_and_answer(server: PracticeServer, client: openai.OpenAI) -> None:
    text = ask(client, "What is a fountain pen?")
    (record,) = server.requests
    assert record.path == "/v1/chat/completions"
    assert record.model == MODEL
    assert record.prompt == "What is a fountain pen?"
    assert record.answer == text[:200]
    assert record.prompt_tokens > 0
    assert record.completion_tokens > 0
    assert record.mind_error is None
    assert not record.stream
    server.clear()
    assert server.requests == []


def test_control_over_http(server: PracticeServer, client: openai.OpenAI) -> None:
    with httpx.Client(base_url=server.root_url, headers=HEADERS) as control:
        order = {"faults": [{"kind": "rate_limit", "retry_after": 2}, None], "times": 2}
        assert control.post("/_practice/faults", json=order).status_code == 201
        (active,) = control.get("/_practice/faults").json()["active"]
        assert active["left"] == 4
        with pytest.raises(openai.RateLimitError):
            ask(client)
        listed = control.get("/_practice/requests").json()["requests"]
        assert [one["status"] for one in listed] == [429]
        assert control.delete("/_practice/faults").status_code == 200
        assert control.get("/_practice/faults").json() == {"active": []}
        ask(client)
        ask(client)
        assert control.delete("/_practice/requests").status_code == 200
        assert control.get("/_practice/requests").json() == {"requests": []}
        for wrong in (
            {},
            {"faults": []},
            {"faults": [{"kind": "explosion"}]},
            {"faults": [{"kind": "stall", "seconds": -1}]},
            {"faults": [None], "rate": 0.5},
            {"faults": [None], "times": 0},
            {"faults": [None], "where": {"colour": "red"}},
            [],
        ):
            answer = control.post("/_practice/faults", json=wrong)
            assert answer.status_code == 400, wrong
            assert answer.json()["error"]["message"]
        assert control.get("/_practice/other").status_code == 404
    assert httpx.get(f"{server.root_url}/_practice/requests").status_code == 401


@pytest.mark.slow
def test_hundred_clients_at_once(server: PracticeServer) -> None:
    """Each of them gets an answer or the fault it was dealt, and all are recorded."""
    results: list[int] = []

    def call() -> None:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
        answer = httpx.post(
            f"{server.base_url}/chat/completions", json=body, headers=HEADERS, timeout=60
        )
        results.append(answer.status_code)

    with server.inject(Fault.server_error(), times=30):
        threads = [threading.Thread(target=call) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == [200] * 70 + [500] * 30
    assert len(server.requests) == 100
