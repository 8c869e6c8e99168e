"""Who gets a request: what is asked for decides, not what is mentioned, and nobody is forced."""

from __future__ import annotations

import json
from typing import Any

import pytest

from practice_model.brain import classify, languages, matter, respond, routing
from practice_model.brain.conversation import is_notice
from practice_model.brain.writing.limits import check_limits
from practice_model.brain.writing.model import Limits

DESKS = {
    "accounts": "payments, refunds and invoices",
    "transport": "ferries, parcels and delivery",
    "kitchen": "meals, menus and birthday cards",
    "returns": "returning goods",
}
FRONT = "You are the reception. Hand every guest over to the colleague whose subject it is."
TRIAGE = "Choose the desk for a message.\n" + "\n".join(f"- {n}: {d}" for n, d in DESKS.items())


def desk_tool(name: str, told: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": f"transfer_to_{name}",
            "description": f"Hand over to {name}: {told}.",
            "parameters": {"type": "object", "properties": {"brief": {"type": "string"}}},
        },
    }


TOOLS = [desk_tool(name, told) for name, told in DESKS.items()]


def handed(message: str) -> str:
    messages = [{"role": "system", "content": FRONT}, {"role": "user", "content": message}]
    reply = respond(messages, tools=TOOLS)
    if reply.tool_calls:
        return reply.tool_calls[0].name.removeprefix("transfer_to_")
    return reply.content or ""


def chosen(message: str) -> str:
    schema = {
        "type": "object",
        "properties": {"desk": {"type": "string", "enum": [*DESKS, "none"]}},
        "required": ["desk"],
    }
    said = respond(
        [{"role": "system", "content": TRIAGE}, {"role": "user", "content": message}],
        response_format={"type": "json_schema", "json_schema": {"name": "Desk", "schema": schema}},
    ).content
    return str(json.loads(said or "{}")["desk"])


REQUESTS = [
    ("My soup was cold and I want my money back.", "accounts"),
    ("The ferry was late and the menu was wrong, I want a refund.", "accounts"),
    ("I was charged twice on my bank card.", "accounts"),
    ("Please don't send me to accounts, I only want to know when the ferry leaves.", "transport"),
    ("I'd like to send this kettle back.", "returns"),
    ("Could I get a birthday card?", "kitchen"),
]


@pytest.mark.parametrize(("message", "desk"), REQUESTS)
def test_what_is_asked_for_decides(message: str, desk: str) -> None:
    assert handed(message) == desk
    assert chosen(message) == desk


@pytest.mark.parametrize("message", ["Good morning!", "Do you tune pianos?", "Wo ist mein Koffer?"])
def test_nobody_is_forced_where_one_may_decline(message: str) -> None:
    assert handed(message) not in DESKS
    assert chosen(message) == "none"


def test_a_handoff_is_no_answer() -> None:
    call = {"name": "transfer_to_accounts", "arguments": "{}"}
    messages = [
        {"role": "user", "content": "I want a refund."},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "a", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "a", "content": "Successfully transferred to accounts"},
    ]
    assert "transferred" not in (respond(messages).content or "")


def test_what_hands_over_is_known_by_its_words() -> None:
    assert is_notice("Successfully transferred to night_desk")
    assert is_notice("Transferring back to supervisor")
    assert not is_notice("We transferred 40 euros to your account.")


def test_a_reviewer_takes_a_transfer_for_no_claim() -> None:
    system = "You are the reviewer. Check the draft: every claim cites a source as [id]."
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": "Write two sentences on moss."},
        {"role": "assistant", "name": "writer", "content": "Moss is green [m]. It is old [m]."},
        {"role": "assistant", "name": "writer", "content": "Transferring back to supervisor"},
    ]
    assert (respond(messages).content or "").startswith("Approved")


@pytest.mark.parametrize(
    "words",
    [
        "I would approve it if it named the year.",
        "Once the title is shorter, I'll approve it.",
        "Approved, but please add the price.",
        "Accepted subject to a new title.",
        "I cannot approve this.",
    ],
)
def test_an_approval_on_a_condition_is_none(words: str) -> None:
    assert routing.wants_changes(words)


@pytest.mark.parametrize(
    "words", ["Approved. No change is needed.", "I approve it as it stands.", "Approved once more."]
)
def test_a_plain_approval_is_one(words: str) -> None:
    assert not routing.wants_changes(words)


def test_what_is_mentioned_weighs_less_than_what_is_wanted() -> None:
    weighed = matter.of("The train was late, I want a window seat.").weights
    assert weighed["window"] > weighed["train"]
    assert matter.refuses("Please don't put me through to sales.", "sales")
    assert not matter.refuses("My sales report did not arrive.", "sales")


def test_a_shared_word_with_other_companions_counts_little() -> None:
    card = classify.affinity("post", "birthday cards", "My library card is lost.")
    assert card < 0.5 < classify.affinity("post", "birthday cards", "I need a birthday card.")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Ich hätte gern ein Zimmer mit Blick auf den See.", True),
        ("Où est la gare, s'il vous plaît ?", True),
        ("¿Cuánto cuesta una noche para dos?", True),
        ("Где мой чемодан?", True),
        ("Say 'wo ist mein Koffer' to the porter", False),
        ("Write about El Niño", False),
        ("Two nights in La Paz", False),
    ],
)
def test_other_languages_are_known(text: str, foreign: bool) -> None:
    assert languages.is_foreign(text) is foreign
    if foreign:
        assert respond([{"role": "user", "content": text}]).content == languages.ANSWER


def test_counts_agree_with_their_nouns() -> None:
    (finding,) = check_limits("It rains.", Limits(min_sentences=2))
    assert finding.problem == "The text has 1 sentence; at least 2 are asked for."
    (finding,) = check_limits("It rains. It pours.", Limits(max_sentences=1))
    assert finding.problem == "The text has 2 sentences; at most 1 is allowed."


def test_a_team_hands_back_the_approved_text() -> None:
    system = "You are the supervisor of a team with a writer and a reviewer."
    said = respond(
        [
            {"role": "system", "content": system},
            {"role": "user", "content": "Write a sentence on moss."},
            {"role": "assistant", "name": "writer", "content": "Moss is green."},
            {"role": "assistant", "name": "reviewer", "content": "Approved."},
        ],
        tools=[desk_tool("writer", "writes"), desk_tool("reviewer", "checks")],
    ).content
    assert said == "Moss is green."


HOTEL = {
    "reception": "check-in, check-out and room keys",
    "housekeeping": "cleaning, towels and bed linen",
    "restaurant": "breakfast, dinner and table reservations",
    "accounts": "bills, payments and refunds",
    "spa": "massages, sauna and pool",
}


@pytest.mark.parametrize(
    ("message", "desk"),
    [
        ("There are no towels in my room.", "housekeeping"),
        ("I'd like to book a massage for tomorrow.", "spa"),
        ("The sauna was cold and the breakfast poor; please reimburse me.", "accounts"),
        ("I don't want to talk to reception, I need a table for two.", "restaurant"),
        ("I lost my key card.", "reception"),
    ],
)
def test_one_word_counts_once_and_a_modifier_less(message: str, desk: str) -> None:
    scores = {name: classify.affinity(name, told, message) for name, told in HOTEL.items()}
    assert max(scores, key=lambda name: scores[name]) == desk


@pytest.mark.parametrize(
    ("desk", "told", "message"),
    [
        ("canteen", "lunches and allergies", "My son is allergic to nuts."),
        ("exams", "grades and tests", "The bus was late and she missed her test, may she sit it?"),
        ("transfers", "payments and standing orders", "I sent money to a friend."),
    ],
)
def test_words_of_one_root_and_what_is_only_mentioned_still_tell(
    desk: str, told: str, message: str
) -> None:
    options = {desk: told, "garden": "trees and lawns"}
    assert classify.choose({**options, "none": ""}, message)[0] == desk


def test_a_desk_is_no_stage_of_a_work() -> None:
    told = {"library": "books and loans", "exams": "grades, tests", "none": ""}
    assert routing.stage("exams", told["exams"]) is None
    assert routing.stage("anna", "writes and revises") == 2


def test_a_description_outweighs_a_name_that_is_mentioned() -> None:
    system = "Choose the desk.\n- cards: bank cards and PINs\n- security: fraud and phishing"
    schema = {
        "type": "object",
        "properties": {"desk": {"type": "string", "enum": ["cards", "security"]}},
        "required": ["desk"],
    }
    said = respond(
        [
            {"role": "system", "content": system},
            {"role": "user", "content": "Somebody used my cards, I think it is fraud."},
        ],
        response_format={"type": "json_schema", "json_schema": {"name": "Desk", "schema": schema}},
    ).content
    assert json.loads(said or "{}") == {"desk": "security"}
