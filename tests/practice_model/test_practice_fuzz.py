"""Whatever a client sends, it gets an answer: no connection error and no 5xx nobody asked for."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from practice_model import PracticeServer

FUZZ = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "enum": ["Lisbon", "Tokyo"]},
        "days": {"type": "array", "items": {"type": "integer", "minimum": 1}},
        "place": {"$ref": "#/$defs/place"},
        "maybe": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    },
    "required": ["city", "days", "place", "maybe"],
    "additionalProperties": False,
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "inside": {"$ref": "#/$defs/place"}},
            "required": ["street"],
        }
    },
}
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Weather.", "parameters": SCHEMA},
}
CHAT: dict[str, Any] = {
    "model": "gpt-4.1-mini",
    "messages": [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": [{"type": "text", "text": "Weather in Lisbon?"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city": "Lisbon"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sunny, 21 degrees"},
        {"role": "user", "content": "And in Tokyo, for 3 days?"},
    ],
    "tools": [TOOL],
    "tool_choice": "auto",
    "n": 2,
    "temperature": 0.5,
    "stop": ["\n\n"],
    "max_tokens": 200,
    "seed": 3,
}
FORMATTED: dict[str, Any] = {
    "model": "gpt-4.1-mini",
    "messages": [{"role": "user", "content": "Lisbon, 3 days, in json"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "plan", "schema": SCHEMA}},
    "stream": True,
    "stream_options": {"include_usage": True},
}
EMBEDDINGS: dict[str, Any] = {
    "model": "text-embedding-3-small",
    "input": ["a red bicycle", "tax law"],
    "dimensions": 16,
    "encoding_format": "float",
}
RESPONSE: dict[str, Any] = {
    "model": "gpt-5-mini",
    "instructions": "You help.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Weather in Lisbon?"}]},
        {
            "type": "function_call",
            "call_id": "c1",
            "name": "get_weather",
            "arguments": '{"city": "Lisbon"}',
        },
        {"type": "function_call_output", "call_id": "c1", "output": "sunny, 21 degrees"},
        {"type": "message", "role": "user", "content": "And in Tokyo, for 3 days?"},
    ],
    "tools": [{"type": "function", **TOOL["function"]}],
    "tool_choice": "auto",
    "max_output_tokens": 200,
    "temperature": 0.5,
}
FORMED: dict[str, Any] = {
    "model": "gpt-4.1-mini",
    "input": "Lisbon, 3 days",
    "text": {"format": {"type": "json_schema", "name": "plan", "schema": SCHEMA}},
    "stream": True,
    "store": False,
}
SEEDS = [
    ("/responses", RESPONSE),
    ("/responses", FORMED),
    ("/chat/completions", CHAT),
    ("/chat/completions", FORMATTED),
    ("/embeddings", EMBEDDINGS),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
)
words = st.sampled_from(
    ["", "json", "function", "tool", "user", "assistant", "object", "array", "string", "$ref", "#"]
)
values = st.recursive(
    scalars | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(words | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in items:
            yield from _places(child, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A valid request in which some places were replaced, removed, doubled or moved."""
    path, seed = draw(st.sampled_from(SEEDS))
    body = copy.deepcopy(seed)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(body))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        parent = body
        for step in way:
            parent = parent[step]
        action = draw(st.sampled_from(["replace", "remove", "double", "wrap", "other"]))
        if action == "remove":
            del parent[last]
        elif action == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        elif action == "wrap":
            parent[last] = [parent[last]]
        elif action == "other":
            other = draw(st.sampled_from([CHAT, RESPONSE]))
            parent[last] = copy.deepcopy(other[draw(st.sampled_from(sorted(other)))])
        else:
            parent[last] = draw(values)
    return path, body


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[PracticeServer]:
    with PracticeServer() as server:
        yield server


@pytest.fixture(scope="module")
def http(fuzzed: PracticeServer) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer practice"}
    with httpx.Client(
        base_url=fuzzed.base_url, headers=headers, timeout=30, trust_env=False
    ) as http:
        yield http


def check(answer: httpx.Response, server: PracticeServer) -> None:
    """The answer is a valid success or an error in the API's shape, and the model did not fail."""
    if answer.status_code == 200:
        _valid(answer)
    else:
        assert 400 <= answer.status_code < 500, answer.text
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    record = server.requests[-1]
    assert record.mind_error is None
    assert record.outcome in ("answered", "refused")


_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def _valid(answer: httpx.Response) -> None:
    if answer.headers["content-type"].startswith("text/event-stream"):
        if answer.request.url.path.endswith("/responses"):
            for frame in filter(None, answer.text.split("\n\n")):
                _EVENT.validate_json(frame.partition("data: ")[2], strict=True)
            return
        *events, done = [line[6:] for line in answer.text.split("\n\n") if line]
        assert done == "[DONE]"
        for event in events:
            ChatCompletionChunk.model_validate_json(event, strict=True)
    elif answer.request.url.path.endswith("/responses"):
        Response.model_validate_json(answer.content, strict=True)
    elif answer.request.url.path.endswith("/chat/completions"):
        ChatCompletion.model_validate_json(answer.content, strict=True)
    elif answer.json()["data"] and isinstance(answer.json()["data"][0]["embedding"], list):
        CreateEmbeddingResponse.model_validate_json(answer.content, strict=True)


Sender = Callable[[str, bytes], None]


@pytest.fixture
def send(fuzzed: PracticeServer, http: httpx.Client) -> Sender:
    def send(path: str, content: bytes) -> None:
        check(http.post(path, content=content), fuzzed)

    return send


@pytest.mark.parametrize(("path", "body"), SEEDS)
def test_the_seeds_themselves_are_answered(
    http: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    _valid(answer)


@pytest.mark.slow
@settings(FUZZ, max_examples=1000)
@given(request=mutated())
def test_mutated_requests(send: Sender, request: tuple[str, Any]) -> None:
    path, body = request
    send(path, json.dumps(body).encode())


@pytest.mark.slow
@FUZZ
@given(path=st.sampled_from(["/chat/completions", "/responses", "/embeddings"]), body=values)
def test_any_json(send: Sender, path: str, body: Any) -> None:
    send(path, json.dumps(body).encode())


@FUZZ
@given(
    path=st.sampled_from(["/chat/completions", "/responses", "/embeddings"]),
    body=st.binary(max_size=200),
)
def test_any_bytes(send: Sender, path: str, body: bytes) -> None:
    send(path, body)


@FUZZ
@given(data=st.data(), which=st.sampled_from(SEEDS))
def test_damaged_bytes(send: Sender, data: st.DataObject, which: tuple[str, Any]) -> None:
    path, seed = which
    body = bytearray(json.dumps(seed).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    send(path, bytes(body[: data.draw(st.integers(1, len(body)))]))


@pytest.mark.slow
@FUZZ
@given(
    texts=st.lists(st.text(max_size=200), min_size=1, max_size=4),
    schema=st.sampled_from([None, SCHEMA]),
    stream=st.booleans(),
    limit=st.none() | st.integers(1, 30),
)
def test_any_conversation(
    send: Sender, texts: list[str], schema: dict[str, Any] | None, stream: bool, limit: int | None
) -> None:
    messages: list[dict[str, Any]] = []
    for index, text in enumerate(texts):
        role = ["system", "user", "assistant", "user"][index % 4]
        messages.append({"role": role, "content": text})
    body: dict[str, Any] = {"model": "gpt-4.1-mini", "messages": messages, "stream": stream}
    if schema:
        body["tools"] = [TOOL]
    if limit:
        body["max_tokens"] = limit
    send("/chat/completions", json.dumps(body).encode())


@FUZZ
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"]),
    path=st.lists(
        st.sampled_from(
            ["models", "chat", "completions", "embeddings", "responses", "x", "..", "%00", "é"]
        ),
        max_size=4,
    ),
)
def test_any_path(http: httpx.Client, method: str, path: list[str]) -> None:
    answer = http.request(method, "/" + "/".join(path))
    assert answer.status_code < 500
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.json()["error"]["message"]
