"""The Responses API, as the openai client and LangChain's ChatOpenAI see it."""

import json
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from pydantic import BaseModel, TypeAdapter

from practice_model import Fault, PracticeServer
from practice_model.server.responses_schema import ResponsesRequest

MODEL = "gpt-4.1-mini"
HEADERS = {"authorization": "Bearer practice"}
WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name of the city"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def post(server: PracticeServer, body: object) -> httpx.Response:
    return httpx.post(f"{server.base_url}/responses", json=body, headers=HEADERS)


def test_a_response_is_valid_against_openais_types(shared_server: PracticeServer) -> None:
    raw = post(shared_server, {"model": MODEL, "input": "Good morning!"}).json()
    response = Response.model_validate(raw, strict=True)
    assert response.status == "completed"
    assert response.output_text
    assert response.usage is not None
    assert response.usage.input_tokens + response.usage.output_tokens == response.usage.total_tokens
    chat = httpx.post(
        f"{shared_server.base_url}/chat/completions",
        json={"model": MODEL, "messages": [{"role": "user", "content": "Good morning!"}]},
        headers=HEADERS,
    ).json()
    assert response.output_text == chat["choices"][0]["message"]["content"]
    assert response.usage.total_tokens == chat["usage"]["total_tokens"]


def streamed(server: PracticeServer, body: dict[str, Any]) -> list[Any]:
    answer = post(server, {**body, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = []
    adapter: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
    for frame in filter(None, answer.text.split("\n\n")):
        name, data = frame.split("\n")
        event = adapter.validate_json(data.removeprefix("data: "), strict=True)
        assert name == f"event: {event.type}"
        events.append(event)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    return events


def test_a_stream_is_valid_and_grows_into_the_whole_response(
    shared_server: PracticeServer,
) -> None:
    body = {"model": MODEL, "input": "Weather in Lisbon?", "tools": [WEATHER]}
    for asked in ({"model": MODEL, "input": "Good morning!"}, body):
        events = streamed(shared_server, asked)
        first, *_, last = events
        assert first.type == "response.created"
        assert first.response.output == []
        assert last.type == "response.completed"
        text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        calls = "".join(
            e.delta for e in events if e.type == "response.function_call_arguments.delta"
        )
        assert text == last.response.output_text
        assert calls == "".join(
            item.arguments for item in last.response.output if item.type == "function_call"
        )
        assert text or calls
        whole = post(shared_server, asked).json()
        assert [item.type for item in last.response.output] == [
            item["type"] for item in whole["output"]
        ]


def test_the_clients_stream_helper(client: openai.OpenAI) -> None:
    with client.responses.stream(model=MODEL, input="Weather in Lisbon?", tools=[WEATHER]) as made:
        final = made.get_final_response()
    (call,) = final.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "Lisbon"}


def test_tools_and_their_outputs(client: openai.OpenAI) -> None:
    given: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    first = client.responses.create(model=MODEL, input=given, tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    given += [
        call.model_dump(exclude_none=True),
        {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees, sunny"},
    ]
    by_items = client.responses.create(model=MODEL, input=given, tools=[WEATHER])
    by_id = client.responses.create(
        model=MODEL, input=given[2:], tools=[WEATHER], previous_response_id=first.id
    )
    assert "18" in by_items.output_text
    assert by_id.output_text == by_items.output_text
    assert by_id.usage == by_items.usage


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("none", []),
        ("required", ["get_weather"]),
        ({"type": "function", "name": "get_weather"}, ["get_weather"]),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "get_weather"}],
            },
            ["get_weather"],
        ),
    ],
)
def test_tool_choice(client: openai.OpenAI, choice: Any, names: list[str]) -> None:
    response = client.responses.create(
        model=MODEL, input="The weather in Oslo?", tools=[WEATHER], tool_choice=choice
    )
    assert [item.name for item in response.output if item.type == "function_call"] == names


def test_structured_output(client: openai.OpenAI) -> None:
    parsed = client.responses.parse(
        model=MODEL, input="Ada Lovelace is 36 years old.", text_format=Person
    )
    assert isinstance(parsed.output_parsed, Person)
    assert parsed.output_parsed.age == 36
    free = client.responses.create(
        model=MODEL,
        input="Give me a JSON object with the key 'city' for Lisbon.",
        text={"format": {"type": "json_object"}},
    )
    assert isinstance(json.loads(free.output_text), dict)


def test_instructions_hold_for_one_response(client: openai.OpenAI) -> None:
    plain = client.responses.create(model=MODEL, input="My name is Ada Lovelace.")
    told = client.responses.create(
        model=MODEL,
        input="What is my name?",
        instructions="You are a helpful clerk.",
        previous_response_id=plain.id,
    )
    assert "Ada" in told.output_text
    assert told.instructions == "You are a helpful clerk."
    after = client.responses.create(
        model=MODEL, input="What is my name?", previous_response_id=told.id
    )
    assert after.instructions is None
    assert told.usage is not None
    assert after.usage is not None
    assert client.responses.input_tokens.count(
        model=MODEL, input="What is my name?", previous_response_id=told.id
    ).input_tokens == (after.usage.input_tokens)


def test_stored_responses(client: openai.OpenAI) -> None:
    made = client.responses.create(model=MODEL, input="Hello")
    assert client.responses.retrieve(made.id) == made
    replayed = list(client.responses.retrieve(made.id, stream=True))
    assert replayed[-1].type == "response.completed"
    (item,) = client.responses.input_items.list(made.id).data
    assert item.type == "message"
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(made.id)
    forgotten = client.responses.create(model=MODEL, input="Hello", store=False)
    assert forgotten.id != made.id
    for identity in (made.id, forgotten.id):
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.create(model=MODEL, input="And?", previous_response_id=identity)
        assert caught.value.code == "previous_response_not_found"


def test_an_item_by_reference(client: openai.OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Weather in Lisbon?", tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    assert call.id is not None
    second = client.responses.create(
        model=MODEL,
        tools=[WEATHER],
        input=[
            {"role": "user", "content": "Weather in Lisbon?"},
            {"type": "item_reference", "id": call.id},
            {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"},
        ],
    )
    assert "21" in second.output_text


def test_a_limit_leaves_the_response_incomplete(
    client: openai.OpenAI, shared_server: PracticeServer
) -> None:
    text = "Please tell me something about bicycles and rivers, and about fountain pens and ink."
    cut = client.responses.create(model=MODEL, input=text, max_output_tokens=16)
    assert cut.status == "incomplete"
    assert cut.incomplete_details is not None
    assert cut.incomplete_details.reason == "max_output_tokens"
    assert cut.usage is not None
    assert cut.usage.output_tokens == 16
    body = {"model": MODEL, "input": text, "max_output_tokens": 16}
    assert streamed(shared_server, body)[-1].type == "response.incomplete"


def test_truncation_drops_the_oldest_messages(client: openai.OpenAI) -> None:
    turns: list[Any] = [
        {"role": "user", "content": f"{who} likes {'kettles ' * 900}"} for who in ("Ada", "Bo")
    ] * 3
    name: Any = {"role": "user", "content": "My name is Cleo."}
    question: Any = {"role": "user", "content": "What is my name?"}
    asked: dict[str, Any] = {"model": "gpt-4", "input": [*turns, name, question]}
    with pytest.raises(openai.BadRequestError):
        client.responses.create(**asked)
    response = client.responses.create(**asked, truncation="auto", instructions="You are a clerk.")
    assert response.usage is not None
    assert 4_000 < response.usage.input_tokens <= 8_192
    assert "Cleo" in response.output_text
    question["content"] = "word " * 9_000
    with pytest.raises(openai.BadRequestError):
        client.responses.create(**asked, truncation="auto")


CALL = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{}"}
HELLO = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("more", "param", "words"),
    [
        ({"input": None}, "input", "must be provided"),
        ({"input": 5}, "input", "a string"),
        ({"input": []}, "input", "must be provided"),
        ({"input": [{"role": "poet", "content": "a"}]}, "input[0].role", "'poet'"),
        ({"input": [{"type": "smell"}]}, "input[0].type", "'smell'"),
        ({"input": [{"role": "user"}]}, "input[0].content", "Missing"),
        ({"input": [HELLO, CALL]}, "input", "No tool output found for function call c1."),
        (
            {"input": [{"type": "function_call_output", "call_id": "c9", "output": "a"}]},
            "input",
            "No tool call found for function call output with call_id c9.",
        ),
        ({"colour": "red"}, "colour", "Unknown parameter"),
        ({"max_output_tokens": 2}, "max_output_tokens", ">= 16"),
        ({"messages": [HELLO]}, "messages", "Unknown parameter"),
        ({"background": True}, "background", "Unsupported"),
        ({"conversation": "conv_1"}, "conversation", "previous_response_id"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", "web_search"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "Missing"),
        (
            {"tools": [{"type": "function", "name": "a", "parameters": {"type": "banana"}}]},
            "tools[0].parameters",
            "Invalid schema for function 'a'",
        ),
        ({"tools": [WEATHER, WEATHER]}, "tools[1].name", "twice"),
        ({"tool_choice": "required"}, "tool_choice", "only allowed"),
        ({"tools": [WEATHER], "tool_choice": "always"}, "tool_choice", "Supported values"),
        ({"text": {"format": {"type": "json_object"}}}, "input", "'json'"),
        (
            {"text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "array"}}}},
            "text.format",
            "type",
        ),
        ({"previous_response_id": "resp_x"}, "previous_response_id", "not found"),
        ({"stream_options": {"include_obfuscation": False}}, "stream_options", "stream"),
    ],
)
def test_malformed_requests(
    shared_server: PracticeServer, more: dict[str, Any], param: str, words: str
) -> None:
    answer = post(shared_server, {"model": MODEL, "input": "Hello", **more})
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["param"] == param
    assert words in error["message"]


def test_errors_and_faults_are_the_clients_own(
    server: PracticeServer, client: openai.OpenAI
) -> None:
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="gpt-99", input="Hello")
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="text-embedding-3-small", input="Hello")
    with pytest.raises(openai.BadRequestError) as long:
        client.responses.create(model="gpt-4", input="word " * 9_000)
    assert long.value.code == "context_length_exceeded"
    with server.inject(Fault.rate_limit(2)), pytest.raises(openai.RateLimitError):
        client.responses.create(model=MODEL, input="Hello")
    with server.inject(Fault.truncated()), pytest.raises(json.JSONDecodeError):
        client.responses.create(model=MODEL, input="Hello")
    with server.inject(Fault.drop_mid(after_chunks=5)), pytest.raises(openai.APIConnectionError):
        list(client.responses.create(model=MODEL, input="Hello", stream=True))
    client.responses.create(model="gpt-5-pro", input=[{"role": "user", "content": "Hello"}])
    record = server.requests[-1]
    assert (record.path, record.model, record.prompt) == ("/v1/responses", "gpt-5-pro", "Hello")
    assert record.answer
    assert record.completion_tokens > 0
    assert server.requests[-2].outcome == "cut"


def test_every_parameter_of_the_client_is_known() -> None:
    assert set(ResponseCreateParamsBase.__annotations__) <= set(ResponsesRequest.model_fields)


@tool
def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"18 degrees and sunny in {city}"


@pytest.fixture
def llm(server: PracticeServer) -> ChatOpenAI:
    return ChatOpenAI(
        model=MODEL,
        base_url=server.base_url,
        api_key="practice",
        use_responses_api=True,
        max_retries=0,
    )


def test_langchain_invokes_and_streams(llm: ChatOpenAI, server: PracticeServer) -> None:
    answer = llm.invoke("Good morning!")
    assert answer.text
    assert answer.usage_metadata is not None
    assert answer.response_metadata["id"].startswith("resp_")
    whole: AIMessageChunk | None = None
    for chunk in llm.stream("Good morning!"):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    assert whole.text == answer.text
    assert whole.usage_metadata == answer.usage_metadata
    assert {request.path for request in server.requests} == {"/v1/responses"}


@pytest.mark.parametrize("by_id", [False, True])
def test_langchain_calls_tools(llm: ChatOpenAI, by_id: bool) -> None:
    llm.use_previous_response_id = by_id
    bound = llm.bind_tools([get_weather])
    messages: list[Any] = [HumanMessage("What is the weather in Lisbon?")]
    for _ in range(2):
        answer = bound.invoke(messages)
        assert isinstance(answer, AIMessage)
        messages.append(answer)
        messages += [get_weather.invoke(call) for call in answer.tool_calls]
        if not answer.tool_calls:
            break
    assert [type(message) for message in messages] == [
        HumanMessage,
        AIMessage,
        ToolMessage,
        AIMessage,
    ]
    assert "18" in messages[-1].text
    chunks = list(bound.stream("What is the weather in Oslo?"))
    streamed: Any = chunks[0]
    for chunk in chunks[1:]:
        streamed = streamed + chunk
    assert [call["args"] for call in streamed.tool_calls] == [{"city": "Oslo"}]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_langchain_gets_structured_output(llm: ChatOpenAI, method: Any) -> None:
    person = llm.with_structured_output(Person, method=method).invoke(
        "Ada Lovelace is 36 years old. Answer in JSON with the keys name and age."
    )
    assert isinstance(person, Person)
    assert person.age == 36


async def test_langchain_asks_async(llm: ChatOpenAI) -> None:
    answer = await llm.ainvoke("Good morning!")
    pieces = [chunk.text async for chunk in llm.astream("Good morning!")]
    assert "".join(pieces) == answer.text
