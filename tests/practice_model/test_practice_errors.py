"""What the practice model refuses, and in which words."""

import json
import socket
from typing import Any

import httpx
import openai
import pytest

from practice_model import PracticeServer

MODEL = "gpt-4.1-mini"
HEADERS = {"authorization": "Bearer practice"}
HELLO = {"role": "user", "content": "Hello"}


def tool(name: str = "look", **function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **function}}


def call(identity: str, name: str = "look") -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": "{}"}}


def said(*calls: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": content}
    return {**message, "tool_calls": list(calls)} if calls else message


def got(identity: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": "seen"}


def error_of(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["message"]
    assert "Traceback" not in answer.text
    return dict(body["error"])


def refused(server: PracticeServer, body: object, path: str = "/chat/completions") -> Any:
    answer = httpx.post(f"{server.base_url}{path}", json=body, headers=HEADERS)
    assert answer.status_code == 400, answer.text
    error = error_of(answer)
    assert error["type"] == "invalid_request_error"
    return error


def chat(**more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [HELLO], **more}


@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": 2.5}, "temperature", "decimal_above_max_value"),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"n": 1.5}, "n", "invalid_type"),
        ({"n": True}, "n", "invalid_type"),
        ({"colour": "red"}, "colour", "unknown_parameter"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "Hello"}, "messages", "invalid_type"),
        ({"messages": None}, "messages", "invalid_type"),
        ({"messages": ["Hello"]}, "messages[0]", "invalid_type"),
        ({"messages": [{"content": "a"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "poet", "content": "a"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "user", "content": []}]}, "messages[0].content", "empty_array"),
        (
            {"messages": [{**HELLO, "name": "two words"}]},
            "messages[0].name",
            "invalid_value",
        ),
        ({"messages": [{**HELLO, "mood": "good"}]}, "messages[0].mood", "unknown_parameter"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
            "missing_required_parameter",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "smell", "text": "a"}]}]},
            "messages[0].content[0].type",
            "invalid_value",
        ),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", None),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"tools": []}, "tools", "empty_array"),
        ({"tools": [{"type": "hammer"}]}, "tools[0].type", "invalid_value"),
        (
            {"tools": [{"type": "function"}]},
            "tools[0].function",
            "missing_required_parameter",
        ),
        ({"tools": [tool("two words")]}, "tools[0].function.name", "invalid_value"),
        ({"tools": [tool("a" * 65)]}, "tools[0].function.name", "string_above_max_length"),
        ({"tools": [tool(), tool()]}, "tools[1].function.name", None),
        (
            {"tools": [tool(parameters={"type": "banana"})]},
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            {"tools": [tool(parameters={"type": "string"})]},
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            {"tools": [tool(strict=True, parameters={"type": "object", "properties": {"a": {}}})]},
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        ({"tool_choice": "auto"}, "tool_choice", None),
        ({"parallel_tool_calls": False}, "parallel_tool_calls", None),
        ({"tools": [tool()], "tool_choice": "always"}, "tool_choice", "invalid_value"),
        (
            {
                "tools": [tool()],
                "tool_choice": {"type": "function", "function": {"name": "jump"}},
            },
            "tool_choice",
            None,
        ),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_object"}}, "messages", None),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a b"}}},
            "response_format.json_schema.name",
            "invalid_value",
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "a", "schema": {"type": "array"}},
                }
            },
            "response_format",
            None,
        ),
        ({"logprobs": True}, "logprobs", "unsupported_parameter"),
        ({"functions": [{"name": "look"}]}, "functions", "unsupported_parameter"),
        ({"modalities": ["text", "audio"]}, "modalities", "unsupported_parameter"),
    ],
)
def test_malformed_chat_requests(
    shared_server: PracticeServer, more: dict[str, Any], param: str, code: str | None
) -> None:
    error = refused(shared_server, chat(**more))
    assert error["param"] == param
    if code:
        assert error["code"] == code


def test_missing_model_and_messages(shared_server: PracticeServer) -> None:
    assert "model" in refused(shared_server, {"messages": [HELLO]})["message"]
    assert refused(shared_server, {"model": MODEL})["param"] == "messages"


@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, said(call("c1"))],
        [HELLO, said(call("c1"), call("c2")), got("c1")],
        [HELLO, said(call("c1")), {"role": "user", "content": "And now?"}],
        [HELLO, said(call("c1")), {"role": "user", "content": "And now?"}, got("c1")],
        [HELLO, said(call("c1")), said(call("c2")), got("c2")],
    ],
)
def test_a_tool_call_needs_its_tool_message(
    shared_server: PracticeServer, messages: list[dict[str, Any]]
) -> None:
    error = refused(shared_server, {"model": MODEL, "messages": messages})
    assert "must be followed by tool messages" in error["message"]
    assert "c2" in error["message"] or "c1" in error["message"]


@pytest.mark.parametrize(
    ("messages", "words", "param"),
    [
        ([HELLO, got("c1")], "must be a response to a preceeding message", "messages.[1].role"),
        ([got("c1")], "must be a response to a preceeding message", "messages.[0].role"),
        (
            [HELLO, said(call("c1")), got("c1"), said(content="Done."), got("c1")],
            "must be a response to a preceeding message",
            "messages.[4].role",
        ),
        (
            [HELLO, said(call("c1")), got("c9")],
            "not found in 'tool_calls' of previous message",
            "messages.[2].tool_call_id",
        ),
        ([HELLO, said()], "expected a string, got null", "messages.[1].content"),
    ],
)
def test_a_tool_message_needs_its_call(
    shared_server: PracticeServer, messages: list[dict[str, Any]], words: str, param: str
) -> None:
    error = refused(shared_server, {"model": MODEL, "messages": messages})
    assert words in error["message"]
    assert error["param"] == param


@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, said(call("c1"), call("c2")), got("c2"), got("c1")],
        [HELLO, said(call("c1")), got("c1"), said(call("c1")), got("c1"), HELLO],
        [HELLO, said(content="Good day."), HELLO],
        [{"role": "developer", "content": "Be short."}, HELLO],
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                ],
            },
        ],
    ],
)
def test_good_transcripts_are_answered(
    shared_server: PracticeServer, messages: list[dict[str, Any]]
) -> None:
    body = {"model": MODEL, "messages": messages, "tools": [tool()]}
    answer = httpx.post(f"{shared_server.base_url}/chat/completions", json=body, headers=HEADERS)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a", 5]}, "input[1]"),
        ({"input": [5, "a"]}, "input[1]"),
        ({"input": [[1], []]}, "input[1]"),
        ({"input": [-1]}, "input[0]"),
        ({"input": 5}, "input"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "dimensions": 5000}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": "a " * 9000}, "input"),
        ({"input": ["a", "b " * 9000]}, "input[1]"),
    ],
)
def test_malformed_embeddings_requests(
    shared_server: PracticeServer, more: dict[str, Any], param: str
) -> None:
    body = {"model": "text-embedding-3-small", **more}
    assert refused(shared_server, body, "/embeddings")["param"] == param


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"model": "gpt-4.1-mini"',
        b'{"model": NaN}',
        b"\xff\xfe\x00",
        b'{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 150 + b"1" + b"}" * 150,
    ],
    ids=range(11),
)
@pytest.mark.parametrize("path", ["/chat/completions", "/embeddings"])
def test_bodies_that_are_no_json_object(
    shared_server: PracticeServer, path: str, body: bytes
) -> None:
    answer = httpx.post(f"{shared_server.base_url}{path}", content=body, headers=HEADERS)
    assert answer.status_code == 400
    error_of(answer)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "You didn't provide an API key"),
        ({"authorization": "practice"}, "You didn't provide an API key"),
        ({"authorization": "Basic practice"}, "You didn't provide an API key"),
        ({"authorization": "Bearer"}, "You didn't provide an API key"),
        ({"authorization": "Bearer wrong"}, "Incorrect API key provided: wrong"),
        ({"authorization": "Bearer sk-0123456789abcdef"}, "sk-************cdef"),
        ({"authorization": "Bearer practice2"}, "Incorrect API key"),
        ({"authorization": "Bearer präctice".encode("latin-1")}, "Incorrect API key"),
    ],
)
def test_keys(shared_server: PracticeServer, headers: dict[str, Any], words: str) -> None:
    answer = httpx.post(f"{shared_server.base_url}/chat/completions", json=chat(), headers=headers)
    assert answer.status_code == 401
    assert words in error_of(answer)["message"]


def test_a_key_of_ones_own() -> None:
    with PracticeServer(api_key="another") as server:
        for key, status in (("practice", 401), ("another", 200)):
            headers = {"authorization": f"Bearer {key}"}
            answer = httpx.get(f"{server.base_url}/models", headers=headers)
            assert answer.status_code == status


def test_the_clients_exceptions(client: openai.OpenAI) -> None:
    messages: Any = [HELLO]
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-99", messages=messages)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-99")
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="text-embedding-3-small", messages=messages)
    with pytest.raises(openai.PermissionDeniedError):
        client.embeddings.create(model=MODEL, input="a")
    with pytest.raises(openai.NotFoundError, match="use_responses_api=True"):
        client.chat.completions.create(model="gpt-5-pro", messages=messages)
    with pytest.raises(openai.BadRequestError) as malformed:
        client.chat.completions.create(model=MODEL, messages=messages, temperature=9)
    assert malformed.value.param == "temperature"
    with pytest.raises(openai.AuthenticationError) as unknown:
        client.with_options(api_key="wrong").chat.completions.create(model=MODEL, messages=messages)
    assert unknown.value.code == "invalid_api_key"


def test_too_much_to_read(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "word " * 130_000}]
        )
    assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/chat", 404),
        ("POST", "/v1/chat/completions/", 404),
        ("POST", "/v2/chat/completions", 404),
        ("GET", "/v1/..%2f..%2fetc/passwd", 404),
        ("GET", "/v1/models/gpt%2F4", 404),
        ("GET", "/v1/chat/completions", 405),
        ("DELETE", "/v1/models/gpt-4.1", 405),
        ("POST", "/v1/models", 405),
        ("POST", "/health", 405),
        ("PUT", "/_practice/faults", 405),
    ],
)
def test_unknown_paths_and_methods(
    shared_server: PracticeServer, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, f"{shared_server.root_url}{path}", headers=HEADERS)
    assert answer.status_code == status
    error_of(answer)
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large(chunked: bool) -> None:
    text = json.dumps(chat(user="x" * 5000)).encode()
    with PracticeServer(max_body_bytes=4000) as server, httpx.Client(headers=HEADERS) as client:
        for _ in range(2):  # and the connection stays usable
            answer = client.post(
                f"{server.base_url}/chat/completions",
                content=iter([text[:3000], text[3000:]]) if chunked else text,
            )
            assert answer.status_code == 413
            assert error_of(answer)["code"] == "request_too_large"
        small = client.post(f"{server.base_url}/chat/completions", json=chat())
        assert small.status_code == 200
        assert [record.status for record in server.requests] == [413, 413, 200]


@pytest.mark.parametrize(
    "garbage",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 4_000,
    ],
    ids=range(4),
)
def test_what_is_not_http(shared_server: PracticeServer, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as connection:
        connection.sendall(garbage)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["type"] == "invalid_request_error"
