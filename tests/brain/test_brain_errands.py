"""Requests as a stranger types them: messages with something to say, small work, honest limits."""

import json

import pytest

from practice_model.brain import respond

MAIL = {
    "type": "function",
    "function": {
        "name": "send_email",
        "description": "Send an e-mail",
        "parameters": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("to", "subject", "body")},
            "required": ["to", "subject", "body"],
        },
    },
}
CREDIT = {
    "type": "function",
    "function": {
        "name": "credit",
        "description": "Credit an amount to an account",
        "parameters": {
            "type": "object",
            "properties": {
                "account_id": {"type": "string"},
                "amount": {"type": "number"},
                "reason": {"type": "string"},
            },
            "required": ["account_id", "amount", "reason"],
        },
    },
}


def said(request: str, system: str = "") -> str:
    start = [{"role": "system", "content": system}] if system else []
    return respond([*start, {"role": "user", "content": request}]).content or ""


def called(request: str) -> list[tuple[str, dict]]:
    reply = respond([{"role": "user", "content": request}], tools=[MAIL, CREDIT])
    return [(call.name, call.arguments) for call in reply.tool_calls]


def test_a_message_says_what_its_request_says_and_says_it_to_its_reader() -> None:
    text = said(
        "Write an e-mail to Ms. Amari: her booking K-90 moves to Sunday, offer her a free lunch."
    )
    assert "your booking K-90 moves to Sunday" in text.replace("Your", "your")
    assert "offer you a free lunch" in text
    assert text.splitlines()[2] == "Hello Ms. Amari,"
    assert " her " not in text.lower()


def test_of_somebody_only_described_the_description_is_the_news() -> None:
    assert "that your lamp is lost." in said("Write a letter to a customer whose lamp is lost.")


def test_a_reply_takes_up_name_number_and_question_and_promises_nothing() -> None:
    text = said(
        "Reply to this e-mail:\n\nHello, my kettle (order K-31) leaks. Can I send it back?\n\n"
        "Regards,\nIdo Baum"
    )
    assert text.startswith("Hello Ido Baum,")
    assert "order K-31" in text
    assert "whether you can send it back" in text
    assert "refund" not in text.lower()


def test_a_sent_message_speaks_to_its_reader() -> None:
    ((name, arguments),) = called("E-mail uma@reed.example that her chair is ready.")
    assert name == "send_email"
    assert arguments["to"] == "uma@reed.example"
    assert arguments["body"] == "Your chair is ready."
    assert arguments["subject"] == "Your chair is ready"


def test_deeds_told_in_one_story_are_all_done() -> None:
    made = called(
        "Credit account 31-B with 7.50 euros because the lamp was broken and e-mail "
        "uma@reed.example that the money is on its way."
    )
    assert [name for name, _ in made] == ["credit", "send_email"]
    assert made[0][1]["amount"] == 7.5
    assert made[0][1]["reason"] == "the lamp was broken"
    assert made[1][1]["body"] == "The money is on its way."


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("Classify: 'The door sticks.' Labels: repair, payment", "repair"),
        ("Is this comment positive or negative? 'I hate the awful colour.'", "negative"),
        ("Extract the e-mail addresses from: a@b.example, d@e.example", "a@b.example, d@e.example"),
        ("Sort alphabetically: pear, fig, apple", "apple, fig, pear"),
        ("Rewrite formally: can u call me asap?", "Could you please call me as soon as possible?"),
        ("Fix the spelling: i beleive teh box arived", "I believe the box arrived."),
    ],
)  # fmt: skip
def test_small_work_on_given_text_is_done(request_: str, answer: str) -> None:
    assert said(request_) == answer


def test_a_list_has_the_asked_form_and_says_how_general_it_is() -> None:
    text = said("List four risks of opening a second shop.")
    assert sum(line.startswith("- ") for line in text.splitlines()) == 4
    assert "nothing particular about opening a second shop" in text


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("Translate 'good night' into Finnish.", "cannot translate"),
        ("Cancel my newspaper", "cannot cancel your newspaper"),
        ("Who painted the ceiling?", "don't know"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(request_: str, part: str) -> None:
    assert part in said(request_)


def test_two_things_remembered_are_both_told() -> None:
    reply = respond(
        [
            {"role": "user", "content": "My locker number is 77 and I live in Graz."},
            {"role": "assistant", "content": "Noted."},
            {"role": "user", "content": "What is my locker number, and where do I live?"},
        ]
    )
    assert "77" in (reply.content or "")
    assert "Graz" in (reply.content or "")


def test_reasons_of_a_route_say_what_was_seen() -> None:
    schema = {
        "type": "object",
        "properties": {
            "next": {"enum": ["researcher", "writer", "reviewer", "FINISH"], "type": "string"},
            "why": {"type": "string"},
        },
        "required": ["next", "why"],
    }
    format_ = {"type": "json_schema", "json_schema": {"name": "Route", "schema": schema}}
    talk = [
        {"role": "system", "content": "You are the supervisor of researcher, writer, reviewer."},
        {"role": "user", "content": "Write a note on moss."},
    ]
    reasons = []
    for who, words in (("researcher", "Moss has no roots."), ("writer", "Moss has no roots."),
                       ("reviewer", "Please add a title."), ("", "")):  # fmt: skip
        value = json.loads(respond(talk, response_format=format_).content or "{}")
        reasons.append(value["why"])
        talk.append({"role": "assistant", "content": f"{who}: {words}"})
    assert reasons[0].startswith("Nobody has researched")
    assert "Please add a title" in reasons[3]
    assert len(set(reasons)) == 4


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("Extract all email addresses: ask a@b.example or c@d.example", "a@b.example, c@d.example"),
        ("List the dates: we met on 3 May and again on 9 June 2026.", "3 May, 9 June 2026"),
        ("Find the phone numbers: ring 030 123 4567, or Eva.", "030 123 4567"),
    ],
)
def test_what_a_text_names_is_listed_whatever_the_verb(request_: str, answer: str) -> None:
    assert said(request_) == answer


def test_kinds_asked_for_as_json_are_its_keys() -> None:
    request = "Extract the names and prices as JSON: Ines sold a lamp to Bo for 40 euros."
    for shape in ({"type": "json_object"}, None):
        reply = respond([{"role": "user", "content": request}], response_format=shape)
        assert json.loads(reply.content or "") == {"names": ["Ines", "Bo"], "prices": ["40 euros"]}


def test_a_part_of_a_word_is_no_kind_to_list() -> None:
    assert "no id" not in said("Extract the main idea: bees make honey.")


def test_two_questions_on_what_was_told_get_an_answer_each() -> None:
    told = [
        {"role": "user", "content": "My locker number is L-40."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "I also love plum jam."},
        {"role": "assistant", "content": "Noted."},
    ]
    asked = {"role": "user", "content": "What is my locker number and which jam do I love?"}
    answer = respond([*told, asked]).content or ""
    assert "locker number is L-40" in answer
    assert "plum jam" in answer
    assert "which" not in answer
    asked = {"role": "user", "content": "What is my locker number and what is my shoe size?"}
    answer = respond([*told, asked]).content or ""
    assert "L-40" in answer
    assert "not told me" in answer
