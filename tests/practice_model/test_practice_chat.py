"""Chat completions, as the openai client sees them."""

import json
import re
from typing import Any

import httpx
import openai
import pytest
from langchain_openai.data._profiles import _PROFILES
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from pydantic import BaseModel

from practice_model import PracticeServer
from practice_model.server.schema import ChatRequest
from practice_model.server.tokens import count, tokenize

MODEL = "gpt-4.1-mini"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}},
            "required": ["city"],
        },
    },
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Get the local time in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}},
            "required": ["city"],
        },
    },
}


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def post(server: PracticeServer, path: str, body: object) -> httpx.Response:
    return httpx.post(
        f"{server.base_url}{path}", json=body, headers={"authorization": "Bearer practice"}
    )


def test_answer_is_valid_against_openais_types(shared_server: PracticeServer) -> None:
    answer = post(
        shared_server, "/chat/completions", {"model": MODEL, "messages": user("Good morning!")}
    )
    completion = ChatCompletion.model_validate(answer.json(), strict=True)
    choice = completion.choices[0]
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason == "stop"
    assert completion.model == MODEL
    assert completion.usage is not None
    assert completion.usage.completion_tokens == count(choice.message.content)
    assert completion.usage.prompt_tokens > count("Good morning!")
    assert (
        completion.usage.total_tokens
        == completion.usage.prompt_tokens + completion.usage.completion_tokens
    )


def events(text: str) -> list[str]:
    return [line.removeprefix("data: ") for line in text.split("\n\n") if line]


@pytest.mark.parametrize("usage", [True, False])
def test_stream_is_valid_against_openais_types(shared_server: PracticeServer, usage: bool) -> None:
    body: dict[str, Any] = {"model": MODEL, "messages": user("Good morning!"), "stream": True}
    if usage:
        body["stream_options"] = {"include_usage": True}
    answer = post(shared_server, "/chat/completions", body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *objects, done = events(answer.text)
    assert done == "[DONE]"
    chunks = [ChatCompletionChunk.model_validate_json(one, strict=True) for one in objects]
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    if usage:
        last = chunks.pop()
        assert last.choices == []
        assert last.usage is not None
        assert last.usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    del body["stream"]
    body.pop("stream_options", None)
    whole = post(shared_server, "/chat/completions", body).json()
    assert streamed == whole["choices"][0]["message"]["content"]


def test_parallel_tool_calls_whole_and_streamed(client: openai.OpenAI) -> None:
    arguments: dict[str, Any] = {
        "model": MODEL,
        "messages": user("What is the weather in Lisbon, and what time is it in Tokyo?"),
        "tools": [WEATHER, TIME],
    }
    whole = client.chat.completions.create(**arguments).choices[0]
    assert whole.finish_reason == "tool_calls"
    calls = whole.message.tool_calls or []
    seen = {(call.function.name, json.loads(call.function.arguments)["city"]) for call in calls}
    assert seen == {("get_weather", "Lisbon"), ("get_time", "Tokyo")}
    assert len({call.id for call in calls}) == 2

    with client.chat.completions.stream(**arguments) as stream:
        streamed = stream.get_final_completion().choices[0]
    assert [
        (call.function.name, call.function.arguments) for call in streamed.message.tool_calls or []
    ] == [(call.function.name, call.function.arguments) for call in calls]
    assert streamed.finish_reason == "tool_calls"

    arguments["parallel_tool_calls"] = False
    one = client.chat.completions.create(**arguments).choices[0].message.tool_calls or []
    assert len(one) == 1


def test_tool_choice(client: openai.OpenAI) -> None:
    arguments: dict[str, Any] = {"model": MODEL, "tools": [WEATHER, TIME]}
    none = client.chat.completions.create(
        **arguments, messages=user("What is the weather in Lisbon?"), tool_choice="none"
    )
    assert none.choices[0].message.tool_calls is None
    assert none.choices[0].message.content
    forced = client.chat.completions.create(
        **arguments,
        messages=user("What is the weather in Lisbon?"),
        tool_choice={"type": "function", "function": {"name": "get_time"}},
    )
    assert [c.function.name for c in forced.choices[0].message.tool_calls or []] == ["get_time"]
    required = client.chat.completions.create(
        **arguments, messages=user("Hello!"), tool_choice="required"
    )
    assert required.choices[0].message.tool_calls
    allowed = client.chat.completions.create(
        **arguments,
        messages=user("What is the weather in Lisbon?"),
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "get_time"}}],
            },
        },
    )
    assert {c.function.name for c in allowed.choices[0].message.tool_calls or []} == {"get_time"}


class Person(BaseModel):
    name: str
    age: int


def test_structured_output_parses(client: openai.OpenAI) -> None:
    completion = client.chat.completions.parse(
        model=MODEL,
        messages=user("Ada Lovelace is 36 years old. Extract the person."),
        response_format=Person,
    )
    person = completion.choices[0].message.parsed
    assert isinstance(person, Person)
    assert person.age == 36


def test_json_object(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=user("Give me a JSON object with the key 'city' for Lisbon."),
        response_format={"type": "json_object"},
    )
    assert isinstance(json.loads(completion.choices[0].message.content or ""), dict)


def test_stop_ends_the_answer_before_the_sequence(client: openai.OpenAI) -> None:
    messages = user("Please tell me something about bicycles and rivers.")
    whole = client.chat.completions.create(model=MODEL, messages=messages)
    text = whole.choices[0].message.content or ""
    word = text.split()[2]
    cut = client.chat.completions.create(model=MODEL, messages=messages, stop=["\0", word])
    assert cut.choices[0].message.content == text[: text.index(word)]
    assert cut.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_token_limit_cuts_the_answer(client: openai.OpenAI, name: str) -> None:
    messages = user("Please tell me something about bicycles and rivers.")
    whole = client.chat.completions.create(model=MODEL, messages=messages)
    cut = client.chat.completions.create(model=MODEL, messages=messages, **{name: 3})
    text = whole.choices[0].message.content or ""
    assert cut.choices[0].message.content == "".join(tokenize(text)[:3])
    assert cut.choices[0].finish_reason == "length"
    assert cut.usage is not None
    assert cut.usage.completion_tokens == 3


def test_token_limit_cuts_tool_arguments(client: openai.OpenAI) -> None:
    cut = client.chat.completions.create(
        model=MODEL, messages=user("Weather in Lisbon?"), tools=[WEATHER], max_tokens=5
    )
    assert cut.choices[0].finish_reason == "length"
    assert cut.usage is not None
    assert cut.usage.completion_tokens == 5


def test_n_gives_that_many_choices_whole_and_streamed(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=user("Name a colour."), n=3)
    assert [choice.index for choice in whole.choices] == [0, 1, 2]
    texts = dict.fromkeys(range(3), "")
    for chunk in client.chat.completions.create(
        model=MODEL, messages=user("Name a colour."), n=3, stream=True
    ):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == {choice.index: choice.message.content for choice in whole.choices}


def test_the_same_request_gets_the_same_answer_and_its_own_ids(client: openai.OpenAI) -> None:
    first, second = (
        client.chat.completions.create(
            model=MODEL, messages=user("Weather in Lisbon?"), tools=[WEATHER], seed=7
        )
        for _ in range(2)
    )
    one, two = (answer.choices[0].message.tool_calls or [] for answer in (first, second))
    assert [call.function for call in one] == [call.function for call in two]
    assert first.id != second.id
    assert one[0].id != two[0].id


def test_ids_repeat_in_a_new_server() -> None:
    seen = []
    for _ in range(2):
        with PracticeServer() as server:
            seen.append(
                post(
                    server, "/chat/completions", {"model": MODEL, "messages": user("Hello")}
                ).json()["id"]
            )
    assert seen[0] == seen[1]


async def test_async_client(async_client: openai.AsyncOpenAI) -> None:
    answer = await async_client.chat.completions.create(model=MODEL, messages=user("Hello"))
    assert answer.choices[0].message.content
    text = ""
    stream = await async_client.chat.completions.create(
        model=MODEL, messages=user("Hello"), stream=True
    )
    async for chunk in stream:
        text += chunk.choices[0].delta.content or ""
    assert text == answer.choices[0].message.content
    vectors = await async_client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    assert len(vectors.data) == 2


def test_models(shared_server: PracticeServer, client: openai.OpenAI) -> None:
    headers = {"authorization": "Bearer practice"}
    listing = httpx.get(f"{shared_server.base_url}/models", headers=headers).json()
    names = {Model.model_validate(one, strict=True).id for one in listing["data"]}
    assert {"gpt-4.1-mini", "gpt-4.1-nano", "text-embedding-3-small"} <= names
    assert client.models.retrieve("gpt-4.1-mini").id == "gpt-4.1-mini"
    assert {model.id for model in client.models.list()} == names


@pytest.mark.parametrize(
    "name",
    [
        "gpt-3.5-turbo",
        "gpt-4o-2024-08-06",
        "gpt-5",
        "gpt-5-mini-2025-08-07",
        "gpt-6-sol",
        "o4-mini",
    ],
)
def test_names_old_new_and_dated(client: openai.OpenAI, name: str) -> None:
    assert client.models.retrieve(name).id == name
    answer = client.chat.completions.create(model=name, messages=user("Hello"))
    assert answer.model == name


def test_every_model_that_langchain_knows_for_text_is_there(client: openai.OpenAI) -> None:
    known = {
        name
        for name, profile in _PROFILES.items()
        if profile.get("text_inputs") and profile.get("tool_calling")
    }
    other = re.compile("realtime|spark|daybreak|pro$|codex")
    for name in (one for one in known if not other.search(one)):
        assert client.models.retrieve(name).id == name


def test_health_needs_no_key(shared_server: PracticeServer) -> None:
    answer = httpx.get(f"{shared_server.root_url}/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_embeddings_in_both_encodings(shared_server: PracticeServer, client: openai.OpenAI) -> None:
    body = {"model": "text-embedding-3-small", "input": ["a red bicycle", "tax law"]}
    raw = post(shared_server, "/embeddings", {**body, "encoding_format": "float"}).json()
    plain = CreateEmbeddingResponse.model_validate(raw, strict=True)
    assert [one.index for one in plain.data] == [0, 1]
    assert all(len(one.embedding) == 1536 for one in plain.data)
    packed = client.embeddings.create(model="text-embedding-3-small", input=body["input"])
    for one, other in zip(plain.data, packed.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert sum(x * x for x in plain.data[0].embedding) == pytest.approx(1.0)
    assert plain.usage.prompt_tokens == count("a red bicycle") + count("tax law")


def test_embeddings_of_chosen_size_and_of_tokens(client: openai.OpenAI) -> None:
    small = client.embeddings.create(
        model="text-embedding-3-small", input="a red bicycle", dimensions=64
    )
    assert len(small.data[0].embedding) == 64
    one = client.embeddings.create(model="text-embedding-3-small", input=[5, 6, 7])
    two = client.embeddings.create(model="text-embedding-3-small", input=[[5, 6, 7], [8]])
    assert one.data[0].embedding == two.data[0].embedding
    assert one.usage.prompt_tokens == 3
    assert two.usage.prompt_tokens == 4


def test_every_parameter_of_the_client_is_known() -> None:
    known = set(ChatRequest.model_fields)
    assert set(CompletionCreateParamsBase.__annotations__) <= known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, world!",
        "def f(x):\n        return x ** 2\n",
        "今日は天気がいい。",
        "naïve 🙂 42",
    ],
)
def test_tokens_make_up_the_text(text: str) -> None:
    assert "".join(tokenize(text)) == text
