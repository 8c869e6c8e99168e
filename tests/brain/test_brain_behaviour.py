"""What the brain does with routes, labels, memories, given texts, results and mistakes."""

import json
from typing import Any

import pytest

from practice_model.brain import respond


def user(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


def system(text: str) -> dict[str, Any]:
    return {"role": "system", "content": text}


def filled(messages: list[dict[str, Any]], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    value: dict[str, Any] = json.loads(respond(messages, response_format=form).content or "")
    return value


TASK = user("Write a short article on tidal power.")
TEAMS = [("researcher", "writer", "reviewer"), ("fact_finder", "copywriter", "editor")]


@pytest.mark.parametrize("team", TEAMS)
@pytest.mark.parametrize("structured", [True, False])
def test_a_supervisor_calls_its_workers_in_a_sensible_order(
    team: tuple[str, str, str], structured: bool
) -> None:
    finder, maker, judge = team
    rules = (
        f"You supervise a team: {', '.join(team)}. Given the conversation, decide who acts next. "
        f"Respond with one word only: {finder}, {maker}, {judge} or FINISH."
    )
    turns = [
        (finder, said("Notes: tides move water.", name=finder)),
        (maker, said("Draft: Tides move water.", name=maker)),
        (judge, said("Please revise: name a source.", name=judge)),
        (maker, said("Draft: Tides move water [1].", name=maker)),
        (judge, said("Approved.", name=judge)),
        ("FINISH", None),
    ]
    messages = [system(rules), TASK]
    for expected, turn in turns:
        if structured:
            options = {"type": "string", "enum": [*team, "FINISH"]}
            assert filled(messages, next=options)["next"] == expected
        else:
            assert respond(messages).content == expected
        if turn:
            messages.append(turn)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("My parcel has not arrived yet", "shipping"),
        ("The app crashes when I log in", "technical"),
        ("I was charged twice for my subscription", "billing"),
        ("zzz qqq", "other"),
    ],
)
def test_a_message_gets_the_label_nearest_in_meaning(text: str, label: str) -> None:
    rules = "Classify the message into one of: billing, technical, shipping, other. One word only."
    assert respond([system(rules), user(text)]).content == label
    options = {"type": "string", "enum": ["billing", "technical", "shipping", "other"]}
    assert filled([system("You sort mail."), user(text)], label=options)["label"] == label


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I love this pen, it is wonderful", "positive"),
        ("It broke after a day, terrible", "negative"),
        ("The box is blue", "neutral"),
        ("This is not good at all", "negative"),
    ],
)
def test_moods_are_told_apart(text: str, mood: str) -> None:
    options = {"type": "string", "enum": ["positive", "negative", "neutral"]}
    assert filled([user(text)], sentiment=options)["sentiment"] == mood


def test_urgent_matters_rank_above_small_ones() -> None:
    levels = {"type": "string", "enum": ["low", "medium", "high", "critical"]}
    hot = filled([user("The shop is down and nobody can order! Urgent!")], priority=levels)
    cold = filled([user("A minor typo, whenever you have time")], priority=levels)
    assert (hot["priority"], cold["priority"]) == ("critical", "low")


def test_what_the_user_told_is_remembered() -> None:
    talk = [user("My name is Noor. My favourite colour is teal and my order number is 5512."),
            said("Noted.")]  # fmt: skip
    assert "Noor" in (respond([*talk, user("What is my name?")]).content or "")
    assert "teal" in (respond([*talk, user("What's my favourite colour?")]).content or "")
    assert "5512" in (respond([*talk, user("What was my order number?")]).content or "")
    assert "not told me" in (respond([user("What is my name?")]).content or "")


CONTEXT = """Answer only from the context.

Context:
[returns] Items may be returned within 30 days of delivery.
[norway] Parcels to Norway take six working days.
"""


def test_answers_come_from_the_context_with_their_source() -> None:
    answer = respond([system(CONTEXT), user("How long do parcels to Norway take?")]).content or ""
    assert "six working days" in answer
    assert "[norway]" in answer
    unknown = respond([system(CONTEXT), user("Who designed the logo of the shop?")]).content or ""
    assert "does not say" in unknown


def test_it_says_what_it_is() -> None:
    for question in ("Are you a real person?", "Who are you?", "Which language model are you?"):
        assert "rule-based" in (respond([user(question)]).content or "")


def test_extraction_leaves_the_unsaid_null() -> None:
    value = filled(
        [user("Anna Kowalski is 34 years old and lives in Gdansk. Write to anna@example.com.")],
        name={"type": "string"},
        age={"type": "integer"},
        city={"type": "string"},
        email={"type": "string"},
        phone={"anyOf": [{"type": "string"}, {"type": "null"}]},
    )
    assert value == {
        "name": "Anna Kowalski", "age": 34, "city": "Gdansk", "email": "anna@example.com",
        "phone": None,
    }  # fmt: skip


def test_json_mode_uses_the_keys_asked_for() -> None:
    reply = respond(
        [user("Give me JSON with the keys 'name' and 'age'. Bob is 41 years old.")],
        response_format={"type": "json_object"},
    )
    assert set(json.loads(reply.content or "")) == {"name", "age"}


def test_sums_are_worked_out() -> None:
    assert "391" in (respond([user("What is 17 * 23?")]).content or "")
    assert "12" in (respond([user("How much is 15% of 80?")]).content or "")


def test_parallel_calls_can_be_forbidden() -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather in a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
    request = [user("How is the weather in Oslo and in Rome?")]
    assert len(respond(request, tools=[tool]).tool_calls) == 2
    assert len(respond(request, tools=[tool], parallel_tool_calls=False).tool_calls) == 1
