"""Small programs of the kinds that public courses are made of run to their end on this mind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, Field

from practice_model.mind import Reply, respond

Function = Callable[..., Any]


def tool(function: Function) -> dict[str, Any]:
    """Describe a function with annotated arguments as a tool."""
    kinds = {
        int: "integer",
        float: "number",
        str: "string",
        "int": "integer",
        "float": "number",
        "str": "string",
    }
    arguments = {
        k: {"type": kinds[v]} for k, v in function.__annotations__.items() if k != "return"
    }
    return {
        "type": "function",
        "function": {
            "name": function.__name__,
            "description": function.__doc__ or "",
            "parameters": {"type": "object", "properties": arguments, "required": list(arguments)},
        },
    }


def agent(
    functions: list[Function], *messages: dict[str, Any], **options: Any
) -> list[dict[str, Any]]:
    """Let the mind call functions until it answers in text; return all messages."""
    known = {f.__name__: f for f in functions}
    history = list(messages)
    for _ in range(10):
        reply = respond(history, tools=[tool(f) for f in functions], **options)
        if not reply.tool_calls:
            return [*history, {"role": "assistant", "content": reply.content}]
        calls = [
            {
                "id": f"call_{len(history)}_{i}",
                "type": "function",
                "function": {"name": c.name, "arguments": json.dumps(c.arguments)},
            }
            for i, c in enumerate(reply.tool_calls)
        ]
        history.append({"role": "assistant", "content": None, "tool_calls": calls})
        for made, call in zip(calls, reply.tool_calls, strict=True):
            result = known[call.name](**call.arguments)
            history.append({"role": "tool", "tool_call_id": made["id"], "content": str(result)})
    pytest.fail(f"no end after ten turns: {history}")


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def add(a: int, b: int) -> int:
    """Adds a and b."""
    return a + b


def multiply(a: int, b: int) -> int:
    """Multiply a and b."""
    return a * b


def divide(a: int, b: int) -> float:
    """Divide a by b."""
    return a / b


def made(history: list[dict[str, Any]]) -> list[str]:
    return [c["function"]["name"] for m in history for c in m.get("tool_calls") or []]


def test_an_arithmetic_agent_works_step_by_step() -> None:
    system = {
        "role": "system",
        "content": "You are a helpful assistant tasked with performing "
        "arithmetic on a set of inputs.",
    }
    history = agent(
        [add, multiply, divide],
        system,
        user("Add 3 and 4. Multiply the output by 2. Divide the output by 5"),
        parallel_tool_calls=False,
    )
    assert made(history) == ["add", "multiply", "divide"]
    assert "2.8" in history[-1]["content"]


def test_it_remembers_the_last_result_in_the_next_turn() -> None:
    history = agent([add, multiply, divide], user("Add 3 and 4."))
    assert "7" in history[-1]["content"]
    history = agent([add, multiply, divide], *history, user("Multiply that by 2."))
    assert "14" in history[-1]["content"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Divide the sum of 10 and 20 by 5.", "6"),
        ("What is 2 + 3 * 4?", "14"),
        ("What is 7 minus... no wait, what is 6 times 7?", "42"),
        ("Multiply 2 and 3, then add 4 to it", "10"),
    ],
)
def test_the_order_of_operations_is_right(asked: str, answer: str) -> None:
    assert answer in agent([add, multiply, divide], user(asked))[-1]["content"]


def structured(schema: type[BaseModel], *messages: dict[str, Any]) -> Any:
    form = {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "schema": schema.model_json_schema()},
    }
    return schema.model_validate_json(respond(list(messages), response_format=form).content or "")


class Profile(BaseModel):
    """Profile of a user."""

    user_name: str = Field(description="The user's preferred name")
    user_location: str | None = Field(None, description="Where the user lives")
    interests: list[str] = Field(description="The user's interests")


def forced(schema: type[BaseModel], *messages: dict[str, Any]) -> Reply:
    offered = {
        "type": "function",
        "function": {
            "name": schema.__name__,
            "description": schema.__doc__,
            "parameters": schema.model_json_schema(),
        },
    }
    choice = {"type": "function", "function": {"name": schema.__name__}}
    return respond(list(messages), tools=[offered], tool_choice=choice)


def test_a_profile_is_extracted_by_a_forced_tool() -> None:
    reply = forced(
        Profile, user("My name is Lance. I live in Berlin and I like biking, bread and jazz.")
    )
    profile = Profile.model_validate(reply.tool_calls[0].arguments)
    assert (profile.user_name, profile.user_location) == ("Lance", "Berlin")
    assert profile.interests == ["biking", "bread", "jazz"]


class JsonPatch(BaseModel):
    """A JSON Patch document represents an operation to be performed on a JSON document."""

    op: str = Field(json_schema_extra={"enum": ["add", "remove", "replace"]})
    path: str
    value: Any = None


class PatchDoc(BaseModel):
    """Update a document by JSON patches."""

    json_doc_id: str = Field(
        description="Identify the json_doc_id of the document you are patching."
    )
    planned_edits: str = Field(
        description="Write a bullet-point list of each edit you intend to make."
    )
    patches: list[JsonPatch]


def test_a_profile_is_patched_under_its_document_id() -> None:
    system = {
        "role": "system",
        "content": "Generate JSONPatches to update the existing schema instances.\n"
        '<existing><schema id="doc-7" type="Profile">{"user_name": "Lance", "user_location": '
        '"Berlin", "interests": ["biking"]}</schema></existing>',
    }
    reply = forced(PatchDoc, system, user("I moved: I live in Lisbon now."))
    patch = PatchDoc.model_validate(reply.tool_calls[0].arguments)
    assert patch.json_doc_id == "doc-7"
    assert [(p.op, p.path, p.value) for p in patch.patches] == [
        ("replace", "/user_location", "Lisbon")
    ]


class Subjects(BaseModel):
    """Sub-topics of a topic."""

    subjects: list[str]


class Best(BaseModel):
    """The id of the best joke."""

    id: int


def test_map_reduce_maps_a_topic_to_subjects_and_reduces_to_one() -> None:
    asked = "Generate a list of 3 sub-topics that are all related to this overall topic: animals."
    subjects = structured(Subjects, user(asked)).subjects
    assert len(subjects) == len({s.lower() for s in subjects}) == 3
    texts = [respond([user(f"Generate a joke about {s}")]).content or "" for s in subjects]
    assert all(texts)
    listed = "\n\n".join(f"{i}: {text}" for i, text in enumerate(texts))
    best = structured(
        Best, user(f"Select the best joke, starting 0 as the ID for the first.\n\n{listed}")
    )
    assert 0 <= best.id < 3


class Memory(BaseModel):
    """A memory of the user."""

    content: str = Field(description="The main content of the memory.")


class Memories(BaseModel):
    """Memories of the user."""

    memories: list[Memory]


def test_memories_are_what_the_user_said() -> None:
    said = "Hi, I'm Lance. This morning I had a nice ride on my bike. After, I went to Tartine."
    found = [m.content for m in structured(Memories, user(said)).memories]
    assert any("ride on my bike" in one for one in found)
    assert any("Tartine" in one for one in found)


def search_memory(query: str) -> str:
    """Search saved facts about the user."""
    return "The user is allergic to peanuts."


def save_memory(content: str) -> str:
    """Save a fact about the user for later."""
    return "Saved."


def test_a_memory_agent_saves_and_recalls() -> None:
    history = agent([search_memory, save_memory], user("Remember that I'm allergic to peanuts."))
    assert made(history) == ["save_memory"]
    history = agent([search_memory, save_memory], user("What am I allergic to?"))
    assert made(history) == ["search_memory"]
    assert "peanuts" in history[-1]["content"]
