"""What learners type: the development set, the issue's examples, and a team at work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.mind.cases import HERE, load, wrong

from practice_model.mind.reading import read
from practice_model.mind.writing import answer, choose, prose, verdict

CASES = load(HERE / "writing_dev.yaml")
ROUNDS = load(HERE / "writing_rounds.yaml")


def ask(system: str, user: str) -> str:
    return answer(read([{"role": "system", "content": system}, {"role": "user", "content": user}]))


def test_the_development_set_is_answered_right() -> None:
    misses = [f"{case.name}: {said}" for case in CASES if (said := wrong(case, case.ask()))]
    assert len(CASES) >= 60
    assert len(misses) <= 0.05 * len(CASES), "\n".join(misses)


def test_what_the_rounds_mended_stays_mended() -> None:
    misses = [f"{case.name}: {said}" for case in ROUNDS if (said := wrong(case, case.ask()))]
    assert len(misses) <= 0.1 * len(ROUNDS), "\n".join(misses)


RULES = (
    "You are the supervisor of a team with a researcher, a writer and a reviewer. First the "
    "researcher, then the writer, then the reviewer. If the reviewer asks for changes, the writer "
    "works again, and then the reviewer. When the reviewer has approved, FINISH."
)
TEAM = ["researcher", "writer", "reviewer", "FINISH"]


@pytest.mark.parametrize(
    ("more", "progress", "wanted"),
    [
        ("", "nothing yet", "researcher"),
        ("", "researcher: notes", "writer"),
        ("", "researcher: notes\nwriter: text", "reviewer"),
        ("", "researcher: notes\nwriter: text\nreviewer: Changes needed:\n- Shorten it.", "writer"),
        ("", "writer: text\nreviewer: Changes needed: shorten it.\nwriter: text", "reviewer"),
        ("", "researcher: notes\nwriter: text\nreviewer: Approved: fine.", "FINISH"),
        (" Never choose the researcher.", "nothing yet", "writer"),
        (" FINISH at once.", "nothing yet", "FINISH"),
    ],
)
def test_a_supervisor_is_steered_by_its_rules(more: str, progress: str, wanted: str) -> None:
    reading = read(
        [
            {"role": "system", "content": RULES + more},
            {
                "role": "user",
                "content": f"Task: Write a page about ink.\nProgress so far:\n{progress}",
            },
        ]
    )
    assert choose(TEAM, reading) == wanted


NOTES = (
    "- Parcels to Europe cost 8.50 euros. [ship-01]\n"
    "- Delivery to Europe takes four days. [ship-02]\n"
    "- Damage must be reported within ten days, with a photo. [ship-03]\n"
    "- The carrier pays for damage in nine of ten cases. [ship-03]"
)
TASK = "Task: Write a page about delivery. Mention the price, the delivery time and damage."
WRITER = "You are the writer. Keep the [id] of every source. Revise the draft as the feedback says."
REVIEWER = (
    "You are the reviewer. Check the draft: it has at most 30 words, every claim cites a source as "
    "[id], and it ends with a next step for the reader. Approve it, or list the changes."
)


def test_a_writer_and_a_reviewer_agree_on_what_the_rules_say() -> None:
    first = ask(WRITER, f"{TASK}\n\nNotes:\n{NOTES}")
    assert all(source in first for source in ("[ship-01]", "[ship-02]", "[ship-03]"))
    feedback = ask(REVIEWER, f"{TASK}\n\nNotes:\n{NOTES}\n\nDraft:\n{first}")
    assert feedback.startswith("Changes needed:")
    assert "30 words" in feedback
    assert "next step" in feedback
    second = ask(WRITER, f"{TASK}\n\nNotes:\n{NOTES}\n\nDraft:\n{first}\n\nFeedback:\n{feedback}")
    assert "8.50" in second
    assert ask(REVIEWER, f"{TASK}\n\nNotes:\n{NOTES}\n\nDraft:\n{second}").startswith("Approved")


def test_a_reviewer_rejects_by_a_stated_rule() -> None:
    system = "You are the reviewer. Reject any draft that mentions Europe."
    for draft, approved in (("Parcels to Europe cost 8 euros.", False), ("Ink is wet.", True)):
        reading = read(
            [{"role": "system", "content": system}, {"role": "user", "content": f"Draft:\n{draft}"}]
        )
        assert verdict(reading).approved is approved
        assert bool(verdict(reading).reasons) is not approved


@pytest.mark.parametrize("limit", [12, 20, 40])
def test_a_writer_keeps_the_limit_it_is_told(limit: int) -> None:
    said = ask(
        f"You are the writer. Use at most {limit} words, end with a next step.",
        f"Task: Write a page about delivery.\n\nNotes:\n{NOTES}",
    )
    assert len([w for w in said.split() if not w.startswith("[")]) <= limit


@pytest.mark.parametrize(
    ("request_", "never"),
    [
        ("Tell her that delivery takes 3-5 days.", "-2"),
        ("Tell him that we are open 9-17.", "-8"),
        ("Write to Ben that his flight is MF-1042, gate 3-4, on 2026-05-17.", "2004"),
        ("Tell the team that the number is 020 7946-0958.", "-"),
    ],
)
def test_nothing_is_computed_unasked(request_: str, never: str) -> None:
    said = answer(read([{"role": "user", "content": request_}]))
    assert f"result is {never}" not in said
    assert said.split()[-1] != never


def test_prose_fills_the_fields_of_a_form() -> None:
    reading = read([{"role": "user", "content": "Write to Clara that her pen has arrived."}])
    assert "Your pen has arrived." in prose(reading, "draft", 500)
    assert len(prose(reading, "draft", 30)) <= 30


def test_json_in_words_is_json() -> None:
    said = ask("Answer with JSON with the keys name and city.", "I am Greta and I live in Oslo.")
    assert set(json.loads(said)) == {"name", "city"}


def test_the_same_request_gets_the_same_answer() -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": TASK + "\n\nNotes:\n" + NOTES}]
    assert answer(read(messages)) == answer(read(messages))
