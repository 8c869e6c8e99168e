"""What people ask of a letter when they look at it."""

from __future__ import annotations

import pytest

from practice_model.brain import respond
from practice_model.brain.writing.text import is_signoff

LETTER = """Subject: Your garden table

Hello,

I am sorry that the garden table you ordered is delayed. It arrives on Friday.

If anything is unclear, please reply to this message.

Best regards"""


def revised(wish: str, letter: str = LETTER) -> str:
    prompt = f"Revise this e-mail.\n\nE-mail:\n{letter}\n\nFeedback: {wish}"
    return respond([{"role": "user", "content": prompt}]).content or ""


@pytest.mark.parametrize(
    ("wish", "there"),
    [
        ("Address him as Oskar", "Hello Oskar,"),
        ("Please greet her by her first name, Ada.", "Hello Ada,"),
        ("Sign with Tomás", "Best regards,\nTomás"),
        ("Add an apology.", "Please accept our apologies."),
        ("Do not say sorry", "\nThe garden table you ordered is delayed."),
        ("Thank him for his patience.", "Thank you for your patience."),
        ("Ask whether he wants another colour.", "tell us whether you want another colour"),
        ("Tell him about the new bench.", "the new bench"),
        ("Offer a voucher of 5 euros.", "We can offer you a voucher of 5 euros."),
        ("Start with thanks", "Hello,\n\nThank you"),
        ("Mention that it can be cancelled for free.", "It can be cancelled for free."),
    ],
)
def test_a_wish_is_granted_and_nothing_else_happens(wish: str, there: str) -> None:
    text = revised(wish)
    assert there in text
    assert "Not done" not in text
    assert "Friday" in text


def test_several_wishes_at_once() -> None:
    text = revised("Too cold. Apologise more, sign as Priya, and offer the green one.")
    assert "very sorry" in text
    assert "We can offer you the green one." in text
    assert "Warm regards,\nPriya" in text or "We are glad" in text
    assert "Not done" not in text


def test_what_is_not_understood_is_said_once() -> None:
    text = revised("Write it in Finnish. Address him as Oskar.")
    assert "Hello Oskar," in text
    assert text.endswith(
        '[Not done, since the writer did not understand it: "Write it in Finnish"]'
    )
    again = revised("Make it shorter", text)
    assert "Not done" not in again


def test_praise_is_no_wish() -> None:
    assert "Not done" not in revised("Very good, no changes.")


def test_a_draft_in_quotes_and_its_feedback_may_stand_on_one_line() -> None:
    request = "Revise this: 'Hello Ida, the lamp is late.' Feedback: apologise and mention Monday."
    said = respond([{"role": "user", "content": request}]).content or ""
    assert said.startswith("Hello Ida, the lamp is late.")
    assert "apologies" in said
    assert "Monday" in said
    assert "Feedback" not in said
    assert "'" not in said


@pytest.mark.parametrize(
    ("sentence", "leaves"),
    [
        ("Best regards, Ada Byron", True),
        ("Yours sincerely", True),
        ("Thanks, Bo", True),
        ("Best pen in town.", False),
        ("Thanks to you the shop is open.", False),
    ],
)
def test_taking_leave_is_no_claim(sentence: str, leaves: bool) -> None:
    assert is_signoff(sentence) is leaves
    request = f"Review this draft: 'Hello Bo, your lamp arrives on Monday. {sentence}'"
    said = respond([{"role": "user", "content": request}]).content or ""
    assert ("large claim" in said) is (sentence == "Best pen in town.")
