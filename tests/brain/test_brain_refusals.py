"""What is not to be done is not done, and what is only asked about neither."""

import pytest
from tests.brain.heldout.case import flag, record, text, tool

from practice_model.brain import polarity, respond
from practice_model.brain.parameters import leaves
from practice_model.brain.phrases import Clause

BILLS = [
    tool("pay_bill", "Pay a bill", bill=text("e.g. B-12")),
    tool("get_bill", "Show a bill", bill=text("e.g. B-12")),
    tool("void_bill", "Void a bill", bill=text("e.g. B-12")),
]


def calls(request: str) -> list[tuple[str, dict]]:
    made = respond([{"role": "user", "content": request}], tools=BILLS).tool_calls
    return [(call.name, call.arguments) for call in made]


@pytest.mark.parametrize(
    "request_",
    [
        "What does B-77 say? Do not void it, I just want to read it.",
        "Look at B-77. Don't pay it yet.",
        "Show me B-77. Don't void B-6 and B-7.",
        "Don't pay B-77 and B-78.",
    ],
)
def test_a_refusal_behind_a_wish_calls_nothing_that_it_refuses(request_: str) -> None:
    assert {name for name, _ in calls(request_)} <= {"get_bill"}


def test_what_stands_before_a_refusal_is_still_answered() -> None:
    asked = "What is in B-77? Do not void it, I just want to read it."
    assert calls(asked) == [("get_bill", {"bill": "B-77"})]


def test_what_is_not_to_be_forgotten_is_to_be_done() -> None:
    assert calls("Don't forget to pay B-77") == [("pay_bill", {"bill": "B-77"})]


@pytest.mark.parametrize(
    "request_",
    [
        "What does it mean to void a bill?",
        "What would happen if I void a bill?",
        "What happens when I pay B-77?",
        "Explain what it means to void a bill.",
    ],
)
def test_a_question_about_a_deed_does_not_do_it(request_: str) -> None:
    assert {name for name, _ in calls(request_)} <= {"get_bill"}


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("they didn't take the signature", False),
        ("we haven't got our signature", False),
        ("don't forget the signature", True),
        ("they took the signature", True),
    ],
)
def test_a_verb_may_stand_between_the_denial_and_the_thing(said: str, value: bool) -> None:
    signed = leaves(record(signature=flag("Whether somebody signed")))[0]
    assert polarity.read(signed, Clause(said)) is value
