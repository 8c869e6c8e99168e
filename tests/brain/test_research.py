"""Research by the practice model: what it looks up, and what it answers from documents."""

from __future__ import annotations

import json
from typing import Any

from practice_model.brain import respond

SEARCH = {
    "type": "function",
    "function": {
        "name": "search_archive",
        "description": "Search the documents of the archive.",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
        },
    },
}
RESEARCHER = "You are the researcher. Search the archive and answer with notes, each with its [id]."
TASK = "Write a leaflet about the old mill. Mention its age, the owner and the opening hours."


def messages(system: str, user: str, *found: list[dict[str, str]]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = [
        {"role": "system", "content": system},
        {"role": "user", "content": user},
    ]
    for number, documents in enumerate(found):
        call = {"name": "search_archive", "arguments": json.dumps({"query": f"query {number}"})}
        listed += [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": str(number), "type": "function", "function": call}],
            },
            {"role": "tool", "tool_call_id": str(number), "content": json.dumps(documents)},
        ]
    return listed


def test_each_point_of_a_request_is_looked_up_at_once() -> None:
    calls = respond(messages(RESEARCHER, TASK), tools=[SEARCH]).tool_calls
    queries = [call.arguments["query"] for call in calls]
    assert len(queries) == 3
    assert all("the old mill" in query for query in queries)
    assert [query for query in queries if "owner" in query]


def test_without_parallel_calls_they_come_one_after_the_other() -> None:
    calls = respond(messages(RESEARCHER, TASK), tools=[SEARCH], parallel_tool_calls=False)
    assert len(calls.tool_calls) == 1


MILL = [
    {
        "id": "m1",
        "text": "The old mill was built in 1740. It belongs to Hanna Berg. It grinds rye.",
    },
    {"id": "m2", "text": "The opening hours of the old mill are 10 to 16 on Sundays. Dogs wait."},
]


def test_questions_are_answered_from_the_documents_with_their_ids() -> None:
    system = "You are the guide. Search the archive and answer from it, with the source as [id]."
    said = respond(messages(system, "Who owns the old mill?", MILL), tools=[SEARCH]).content
    assert said is not None
    assert "[m1]" in said
    said = respond(messages(system, "What are the opening hours?", MILL), tools=[SEARCH]).content
    assert said is not None
    assert "10 to 16 on Sundays [m2]" in said


def test_what_the_documents_do_not_say_is_not_answered() -> None:
    system = "You are the guide. Search the archive and answer from it, with the source as [id]."
    said = respond(messages(system, "Which tram stops there?", MILL), tools=[SEARCH]).content
    assert said == "The documents found do not say that."


def test_a_handoff_carries_the_whole_request() -> None:
    tools = [
        {
            "type": "function",
            "function": {
                "name": f"transfer_to_{name}",
                "description": f"Hand over to {name}: {subject}.",
                "parameters": {
                    "type": "object",
                    "properties": {"brief": {"type": "string"}},
                    "required": ["brief"],
                },
            },
        }
        for name, subject in (("garden", "plants, trees"), ("kitchen", "meals, cooking"))
    ]
    system = "You are the porter. Hand every request over to the colleague whose subject it is."
    request = "The trees by the gate need water before Friday."
    (call,) = respond(messages(system, request), tools=tools).tool_calls
    assert call.name == "transfer_to_garden"
    assert call.arguments["brief"] == request


def test_a_supervisor_who_is_asked_in_words_answers_in_words() -> None:
    system = "You are the supervisor of a team with a researcher, a writer and a reviewer. "
    asked = messages(system + "Say who should work next.", "Task: a leaflet about mills.")
    assert respond(asked).content == "The researcher should work next."
