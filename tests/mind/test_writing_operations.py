"""Each operation: recognised in several phrasings, done, and checked by a check that can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from practice_model.mind.reading import read
from practice_model.mind.writing import answer, card
from practice_model.mind.writing.operations import DECLINED, OPERATIONS, of_text

CASES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "operations.yaml").read_text(encoding="utf-8")
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
ASKED = [(name, ask) for name, entry in CASES.items() for ask in entry["ask"]]
DONE = [(name, ask) for name, ask in ASKED if "text" in CASES[name]]


def revised(text: str, feedback: str) -> str:
    request = f"Revise this text.\n\nDraft:\n{text}\n\nFeedback: {feedback}"
    return answer(read([{"role": "user", "content": request}]))


def test_every_operation_has_phrasings() -> None:
    assert set(CASES) == set(BY_NAME)


@pytest.mark.parametrize(("name", "ask"), ASKED)
def test_an_operation_is_recognised(name: str, ask: str) -> None:
    assert name in [demand.operation.name for demand in of_text(ask)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_example_of_the_card_is_recognised(operation: Any) -> None:
    assert operation.name in [demand.operation.name for demand in of_text(operation.example)]
    assert f"*{operation.example}*" in card()


@pytest.mark.parametrize(("name", "ask"), DONE)
def test_an_operation_is_done_and_its_check_can_fail(name: str, ask: str) -> None:
    entry = CASES[name]
    demand = next(d for d in of_text(ask) if d.operation.name == name)
    assert not demand.met(entry["text"])
    text = revised(entry["text"], ask)
    assert demand.met(text), text
    assert all(words.lower() in text.lower() for words in entry.get("contains", [])), text
    assert not any(words.lower() in text.lower() for words in entry.get("excludes", [])), text
    assert ask.rstrip(".").lower() not in text.lower()


@pytest.mark.parametrize("entry", DECLINED, ids=lambda entry: entry.name)
def test_a_wish_it_cannot_grant_is_declined_aloud(entry: Any) -> None:
    said = answer(read([{"role": "user", "content": entry.example}]))
    assert entry.told.split(" {x}")[0].split(",")[0][:20] in said or "can't" in said
    assert entry.says in card()


def test_a_declined_wish_does_not_stop_the_rest() -> None:
    said = answer(
        read(
            [
                {
                    "role": "user",
                    "content": (
                        "Write to Clara in German that her pen has arrived. Sign as Priya."
                    ),
                }
            ]
        )
    )
    assert "Your pen has arrived." in said
    assert "Priya" in said
    assert "German" in said


def test_an_unknown_wish_is_named_and_not_pasted() -> None:
    said = revised("Hello,\n\nThe pen is blue.\n\nKind regards", "Make it sparkle.")
    letter, _, note = said.rpartition("\n\n")
    assert "sparkle" not in letter
    assert "sparkle" in note


def test_a_limit_that_cannot_be_kept_is_named() -> None:
    said = revised("The pen is blue.", "Write it in exactly five sentences.")
    assert "5 sentences" in said
