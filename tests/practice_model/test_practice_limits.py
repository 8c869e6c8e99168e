"""What one request may cost, and who may ask."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

from practice_model import Fault, PracticeServer, mind
from practice_model.mind.errors import TooMuch
from practice_model.server.demand import demanded
from practice_model.server.errors import PracticeError, UnknownFault
from practice_model.server.faults import FaultKind

MODEL = "gpt-4.1-mini"
HEADERS = {"authorization": "Bearer practice"}
Eventually = Callable[[Callable[[], object]], None]


def asked(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def post(server: PracticeServer, body: object, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.base_url}/chat/completions", json=body, headers=HEADERS | headers, timeout=60
    )


def formed(schema: dict[str, Any]) -> dict[str, Any]:
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    return asked("Fill it.", response_format=form)


def having(schema: object, *, required: bool = True) -> dict[str, Any]:
    needs = ["a"] if required else []
    return {"type": "object", "properties": {"a": schema}, "required": needs}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(depth):
        schema = {"type": "array", "minItems": 10, "items": schema}
    return schema


DOUBLING = {
    f"d{number}": {
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/d{number + 1}"} for name in "xy"},
        "required": ["x", "y"],
    }
    for number in range(60)
}
GREEDY: dict[str, dict[str, Any]] = {
    "a long string": having({"type": "string", "minLength": 1e9}),
    "a long string that may be left out": having({"minLength": 10**12}, required=False),
    "arrays in arrays": having(nested(9)),
    "two of two of two": {**having({"$ref": "#/$defs/d0"}), "$defs": DOUBLING},
    "itself in itself": having({"$ref": "#"}),
    "many contained": having({"type": "array", "contains": {}, "minContains": 10**7}),
    "many properties": {"type": "object", "minProperties": 10**9},
    "all of them": having({"allOf": [{"type": "string"}, {"type": "string", "minLength": 1e8}]}),
    "ten thousand parts": {"type": "object", "properties": {f"p{n}": {} for n in range(10_001)}},
}
MODEST: dict[str, dict[str, Any]] = {
    "a string": having({"type": "string", "minLength": 20, "maxLength": 10**9}),
    "arrays in arrays": having(nested(3)),
    "a tree": having({"type": "array", "items": {"$ref": "#"}}),
    "a list that ends": having({"anyOf": [{"$ref": "#"}, {"type": "null"}]}),
    "two that need each other, and may end": {
        "type": "object",
        "properties": {"t": {"$ref": "#/$defs/T"}, "b": {"$ref": "#/$defs/B"}},
        "required": ["t", "b"],
        "$defs": {
            "T": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]},
            "B": {"type": "object", "properties": {"s": {"$ref": "#/$defs/T"}}, "required": ["s"]},
        },
    },
    "a choice": having({"enum": ["x" * 10, "y"]}),
}


@pytest.mark.parametrize("name", GREEDY)
def test_greedy_schemas_are_refused(shared_server: PracticeServer, name: str) -> None:
    schema = GREEDY[name]
    function = {"name": "f", "parameters": schema}
    tool = asked(tools=[{"type": "function", "function": function}])
    for body, param in (
        (formed(schema), "response_format"),
        (tool, "tools[0].function.parameters"),
    ):
        answer = post(shared_server, body)
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert (error["code"], error["param"]) == ("too_much_work", param)


@pytest.mark.parametrize("name", MODEST)
def test_modest_schemas_are_filled(shared_server: PracticeServer, name: str) -> None:
    assert demanded(MODEST[name]) < 10_000
    answer = post(shared_server, formed(MODEST[name]))
    assert answer.status_code == 200, answer.text
    assert shared_server.requests[-1].mind_error is None


def test_numbers_of_thirty_thousand_digits(shared_server: PracticeServer) -> None:
    long = "9" * 30_000
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": long}}
    for messages in (
        [{"role": "user", "content": f"Add 1 and {long}."}],
        [{"role": "user", "content": [{"type": "text", "text": f"{long}%"}]}],
        [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "done"},
        ],
    ):
        answer = post(shared_server, {"model": MODEL, "messages": messages})
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert (error["code"], error["param"]) == ("too_much_work", "messages[0]")
        assert "30000 digits" in error["message"]
    assert post(shared_server, asked("Is 1" + "0" * 900 + " even?")).status_code == 200


def test_an_answer_that_takes_too_long_is_refused_and_its_work_ends(
    monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    """One request that never ends, beside ones that do."""
    usual = mind.respond
    begun = threading.Event()

    def endless(messages: Any, **rest: Any) -> mind.Reply:
        if messages[-1]["content"] != "Think for ever.":
            return usual(messages, **rest)
        begun.set()
        while True:
            try:
                sum(range(100))
            except Exception:  # what stops it is no Exception
                continue

    monkeypatch.setattr(mind, "respond", endless)
    got: list[httpx.Response] = []
    with PracticeServer(answer_seconds=1.5) as server:
        caller = threading.Thread(target=lambda: got.append(post(server, asked("Think for ever."))))
        caller.start()
        assert begun.wait(10)
        assert post(server, asked()).status_code == 200
        assert not got
        caller.join()
        assert got[0].status_code == 400
        assert got[0].json()["error"]["code"] == "too_much_work"
        assert "1.5 seconds" in got[0].json()["error"]["message"]
        assert post(server, asked()).status_code == 200
        eventually(lambda: all(one.name != "practice-answer" for one in threading.enumerate()))


def test_the_end_of_the_server_ends_the_work(
    monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    begun = threading.Event()

    def endless(messages: Any, **rest: Any) -> mind.Reply:
        begun.set()
        while True:
            sum(range(100))

    monkeypatch.setattr(mind, "respond", endless)
    server = PracticeServer().start()

    def call() -> None:
        with pytest.raises(httpx.TransportError):
            post(server, asked())

    caller = threading.Thread(target=call)
    caller.start()
    assert begun.wait(10)
    server.stop()
    caller.join()
    eventually(lambda: all(one.name != "practice-answer" for one in threading.enumerate()))


def test_what_is_too_much_for_the_mind_is_a_400(
    monkeypatch: pytest.MonkeyPatch, server: PracticeServer, client: openai.OpenAI
) -> None:
    def refuse(messages: Any, **rest: Any) -> mind.Reply:
        raise TooMuch("The table has more cells than can be read.")

    monkeypatch.setattr(mind, "respond", refuse)
    for call in (
        lambda: client.chat.completions.create(**asked()),
        lambda: client.responses.create(model=MODEL, input="Hello"),
    ):
        with pytest.raises(openai.BadRequestError, match="more cells") as caught:
            call()
        assert caught.value.code == "too_much_work"
    assert all(record.mind_error is None for record in server.requests)


def test_a_failing_mind_says_so_and_is_recorded(
    monkeypatch: pytest.MonkeyPatch, server: PracticeServer, client: openai.OpenAI
) -> None:
    def fail(messages: Any, **rest: Any) -> mind.Reply:
        raise KeyError("lost")

    monkeypatch.setattr(mind, "respond", fail)
    answer = client.responses.create(model=MODEL, input="Hello")
    assert "could not work out" in answer.output_text
    assert server.requests[-1].mind_error == "KeyError: 'lost'"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "evil.example"}, "host_not_allowed"),
        ({"host": "evil.example:8123"}, "host_not_allowed"),
        ({"host": "127.0.0.1.evil.example"}, "host_not_allowed"),
        ({"host": "localhost@evil.example"}, "host_not_allowed"),
        ({"host": "10.0.0.1"}, "host_not_allowed"),
        ({"host": "[::1"}, "host_not_allowed"),
        ({"origin": "https://evil.example"}, "origin_not_allowed"),
        ({"origin": "http://localhost.evil.example:8888"}, "origin_not_allowed"),
        ({"origin": "null"}, "origin_not_allowed"),
    ],
)
@pytest.mark.parametrize("path", ["/health", "/v1/models", "/_practice/faults"])
def test_other_names_are_refused(
    shared_server: PracticeServer, headers: dict[str, str], code: str, path: str
) -> None:
    answer = httpx.get(f"{shared_server.root_url}{path}", headers=HEADERS | headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == code
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"host": "LOCALHOST:8123"},
        {"host": "[::1]:8123"},
        {"origin": "http://localhost:8888"},
        {"origin": "http://127.0.0.1:8888"},
    ],
)
def test_names_of_this_machine_are_served(
    shared_server: PracticeServer, headers: dict[str, str]
) -> None:
    answer = httpx.get(f"{shared_server.base_url}/models", headers=HEADERS | headers)
    assert answer.status_code == 200


def test_names_that_are_allowed_are_served_as_behind_a_proxy() -> None:
    with PracticeServer(allowed_hosts=["model.example"]) as server:
        for name, status in (("model.example", 200), ("other.example", 403)):
            given = {"host": name, "origin": f"https://{name}", "x-forwarded-for": "10.1.2.3"}
            answer = httpx.get(f"{server.base_url}/models", headers=HEADERS | given)
            assert answer.status_code == status
    with PracticeServer(allowed_hosts=["*"]) as server:
        anywhere = HEADERS | {"host": "any.example"}
        assert httpx.get(f"{server.base_url}/models", headers=anywhere).status_code == 200


def test_a_request_of_http_1_0_needs_no_host(shared_server: PracticeServer) -> None:
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.recv(65_536).split(b"\r\n")[0]


def test_a_wrong_fault_name_is_answered_with_the_right_ones(server: PracticeServer) -> None:
    names = [str(name) for name in FaultKind.__args__]  # type: ignore[attr-defined]
    told = []
    with pytest.raises(UnknownFault) as unknown:
        Fault.ratelimit()
    assert isinstance(unknown.value, PracticeError)
    told.append(str(unknown.value))
    for wrong in ("explosion", "ratelimit"):
        with pytest.raises(ValueError, match=wrong) as invalid:
            Fault(kind=wrong)  # type: ignore[arg-type]
        told.append(str(invalid.value))
    with pytest.raises(ValueError, match=r"Fault\.NAME") as bare:
        server.inject("rate_limit")  # type: ignore[arg-type]
    told.append(str(bare.value))
    for faults in ([{"kind": "explosion"}], [{"kind": 5}], [None, {"kind": "rate-limit"}]):
        answer = httpx.post(
            f"{server.root_url}/_practice/faults", json={"faults": faults}, headers=HEADERS
        )
        assert answer.status_code == 400
        told.append(answer.json()["error"]["message"])
    for message in told:
        assert all(name in message for name in names), message
    assert server.injections == []


def test_a_large_body_is_read_once_and_refused_by_its_size(shared_server: PracticeServer) -> None:
    long = json.dumps(asked("x" * (4 * 1024 * 1024)))
    answer = httpx.post(
        f"{shared_server.base_url}/chat/completions", content=long.encode(), headers=HEADERS
    )
    assert answer.status_code == 413
