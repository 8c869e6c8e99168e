"""The practice model writes what it is asked for, from what it is given, within the limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice_model.brain import writing
from practice_model.brain.writing import Limits, Source, Task
from practice_model.brain.writing.limits import body_sentences, read_limits
from practice_model.brain.writing.text import blocks, citations, render, sentences, stems

WRITER = "You are a writer. Write short texts from the notes and cite the sources as [id]."
REVIEWER = (
    "You are a reviewer. Check that the text has at most 40 words, cites at least two sources "
    "and mentions the opening hours."
)
NOTES = """- The harbour museum was founded in 1902. [h1]
- The museum shows model ships and maps. [h2]
- The opening hours are 10 to 17 on weekdays. [h3]
- Admission is free for children. [h4]"""


def chat(user: str, system: str | None = None) -> list[dict[str, Any]]:
    messages = [{"role": "system", "content": system}] if system else []
    return [*messages, {"role": "user", "content": user}]


def written(user: str, system: str | None = None) -> str:
    answer = writing.write(chat(user, system))
    assert answer is not None
    return answer


TOPICS = [
    ("Write a short article about the migration of storks.", "storks"),
    ("Write a blog post on repairing an old bicycle for beginners", "bicycle"),
    ("Draft an e-mail to the team about the new coffee machine.", "coffee machine"),
    ("Write a report about noise in open-plan offices, at least 150 words.", "noise"),
    ("Write a LinkedIn post about our first year in business in under 60 words", "first year"),
    ("Compose a letter to my landlord asking for a quieter heating system", "heating"),
    ("Explain how tides work in three sentences", "tides"),
    ("Write a press release announcing the opening of a second workshop in Leeds", "Leeds"),
    ("Write a newsletter item: the library stays open until 9 pm on Thursdays", "9 pm"),
    ("Write a paragraph about the ethics of zoos", "zoos"),
    ("Write a thank-you note to Priya for her help with the move", "your help with the move"),
    ("Write an invitation to our summer party on 12 July", "12 July"),
    ("Create a FAQ about composting", "composting"),
    ("Write a speech about friendship", "friendship"),
    ("Write a guide to keeping tomatoes alive in five bullet points", "tomatoes"),
    ("Write about chess openings", "chess"),
    ("Can you write me something about quantum computers?", "quantum"),
    ("Write a story about a lighthouse keeper", "lighthouse"),
    ("Draft a memo on why meetings run over time", "why meetings run over"),
    ("Write 80 words about whales, include their diet and their songs", "songs"),
    ("Write a tagline for a bakery", "bakery"),
    ("Please prepare a briefing on the price of copper", "copper"),
    ("Write a haiku about snow", "snow"),
    ("Write an apology to a customer for the late delivery of order 4711", "4711"),
]


@pytest.mark.parametrize(("request_", "named"), TOPICS)
def test_a_topic_without_sources_is_named_and_nothing_is_invented_about_it(
    request_: str, named: str
) -> None:
    text = written(request_)
    assert named.lower() in text.lower()
    figures = {word for word in text.split() if any(c.isdigit() for c in word)}
    assert all(figure.strip(".,:") in request_ for figure in figures)
    assert "None" not in text
    assert "  " not in text
    # Capitalised words inside sentences are names: only those of the request may appear.
    for sentence in body_sentences(text):
        for word in sentence.split()[1:]:
            if word[:1].isupper() and word.strip(".,!?") != "I":
                assert word.strip(".,!?:") in request_ or sentence.count(":"), word


def test_the_same_request_gets_the_same_text() -> None:
    assert written(TOPICS[0][0]) == written(TOPICS[0][0])


@pytest.mark.parametrize("greeting", ["Hello", "What is the capital of France?", "Thanks!"])
def test_what_asks_for_no_text_is_left_alone(greeting: str) -> None:
    assert writing.write(chat(greeting)) is None


def test_sources_are_cited_and_nothing_else_is_said() -> None:
    text = written(f"Write a paragraph about the harbour museum.\n\nNotes:\n{NOTES}", WRITER)
    known = stems(NOTES)
    for sentence in sentences(text):
        assert citations(sentence)
        assert stems(sentence) <= known
    assert set(citations(text)) <= {"h1", "h2", "h3", "h4"}


def test_an_uncovered_point_is_named_as_open() -> None:
    text = written(
        f"Write about the harbour museum, mention the café.\n\nSources:\n{NOTES}", WRITER
    )
    assert "No source was found on the café." in text


def test_json_tool_results_are_sources() -> None:
    messages = [
        {"role": "system", "content": "You are a researcher. Answer with notes, cite [id]."},
        {"role": "user", "content": "Which glue holds on glass?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
            ],
        },
        {
            "role": "tool",
            "tool_call_id": "1",
            "content": '[{"id": "g7", "title": "Glues", "text": "Epoxy glue holds on glass."}]',
        },
    ]
    assert writing.write(messages) == "- Epoxy glue holds on glass [g7]."


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("in at most 80 words", Limits(max_words=80)),
        ("in under fifty words", Limits(max_words=49)),
        ("in no more than two sentences", Limits(max_sentences=2)),
        ("between 50 and 80 words", Limits(min_words=50, max_words=80)),
        ("in three sentences", Limits(min_sentences=3, max_sentences=3)),
        ("as bullet points", Limits(bullets=0)),
        ("in two short paragraphs", Limits(paragraphs=2)),
        ("under 280 characters", Limits(max_chars=280)),
    ],
)
def test_limits_are_read_from_plain_english(phrase: str, expected: Limits) -> None:
    assert read_limits(f"Write about tea {phrase}.") == expected


@given(words=st.integers(6, 200), sentences_=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_drafts_keep_within_their_limits(words: int, sentences_: int) -> None:
    sources = tuple(Source(line[2:-6], line[-4:-1].strip("[]")) for line in NOTES.splitlines())
    task = Task(
        "draft",
        "the harbour museum",
        limits=Limits(max_words=words, max_sentences=sentences_),
        sources=sources,
        cite=True,
    )
    text = writing.draft(task)
    assert text
    assert len(text.split()) <= words
    assert len(body_sentences(text)) <= sentences_


LETTER = "Hi Bo,\n\nThe ink can't be sent today. It's sold out. We'll write again.\n\nBest,\nAda"


@pytest.mark.parametrize(
    ("feedback", "there", "gone"),
    [
        ("Make it more formal.", ["cannot", "It is", "Dear Bo"], ["can't", "Hi Bo"]),
        ("Mention that the shop opens again on Monday.", ["opens again on Monday"], []),
        ("Remove the second sentence.", ["write again"], ["sold out"]),
        ("Replace ink with paper.", ["The paper"], ["ink"]),
        ('Write "tomorrow" instead of "today".', ["tomorrow"], ["today"]),
        ("Add an example.", ["For example"], []),
        ("Add a title.", ["# "], []),
        ("Do not mention that it is sold out.", ["write again"], ["sold out"]),
        ("Our phone is answered from nine to five.", ["from nine to five"], []),
        ("End with a call to action.", ["next step"], []),
    ],
)
def test_a_revision_does_what_the_feedback_says(
    feedback: str, there: list[str], gone: list[str]
) -> None:
    text = writing.revise(LETTER, [feedback])
    for piece in there:
        assert piece in text
    for piece in gone:
        assert piece not in text
    assert "Bo" in text


def test_shorter_and_longer_are_shorter_and_longer() -> None:
    text = written("Write an article about kites in 90 words.")
    assert len(writing.revise(text, ["Make it shorter."]).split()) < len(text.split())
    assert len(writing.revise(text, ["Make it longer."]).split()) > len(text.split())
    assert len(writing.revise(text, ["Cut it to at most 30 words."]).split()) <= 30


def test_revising_as_a_conversation_changes_the_last_answer() -> None:
    messages = [
        *chat("Write an e-mail to Bo saying that the parcel is on its way."),
        {"role": "assistant", "content": "Hello Bo,\n\nThe parcel is on its way.\n\nBest regards"},
        {"role": "user", "content": "Mention that it arrives on Friday, and make it more formal."},
    ]
    text = writing.write(messages)
    assert text is not None
    assert "Dear Bo" in text
    assert "arrives on Friday" in text
    assert "on its way" in text


def test_review_and_revision_come_to_an_end() -> None:
    task = f"Task: Write about the harbour museum.\n\nNotes:\n{NOTES}"
    text = "The harbour museum was founded in 1902. It has a restaurant with a sea view [h2]."
    for _ in range(5):
        review = writing.write(chat(f"{task}\n\nDraft:\n{text}", REVIEWER))
        values = writing.review_values(chat(f"{task}\n\nDraft:\n{text}", REVIEWER))
        assert review is not None
        assert values is not None
        if values["approved"]:
            break
        assert values["changes"]
        text = written(f"{task}\n\nDraft:\n{text}\n\nFeedback:\n{review}", WRITER)
    assert values["approved"]
    assert "restaurant" not in text
    assert "opening hours" in text
    assert len(citations(text)) >= 2
    assert len(text.split()) <= 48


@pytest.mark.parametrize(
    ("draft", "aspect"),
    [
        ("The museum shows model ships and maps.", "citations"),
        ("The museum shows forty whales [h2].", "support"),
        ("The museum shows model ships and maps [h9].", "citations"),
        (f"{'The museum shows model ships and maps [h2]. ' * 12}", "length"),
    ],
)
def test_a_review_finds_what_is_wrong(draft: str, aspect: str) -> None:
    request = f"Task: Write about the harbour museum.\n\nNotes:\n{NOTES}\n\nDraft:\n{draft}"
    task = writing.read_task(chat(request, REVIEWER))
    assert task is not None
    found = writing.review(task.draft, task)
    assert not found.approved
    assert aspect in {finding.aspect for finding in found.findings}
    assert found.score < 1


def test_a_good_draft_is_approved() -> None:
    draft = "It shows model ships and maps [h2]. The opening hours are 10 to 17 on weekdays [h3]."
    request = f"Task: Write about the museum.\n\nNotes:\n{NOTES}\n\nDraft:\n{draft}"
    values = writing.review_values(chat(request, REVIEWER))
    assert values is not None
    assert values["approved"]
    assert values["changes"] == []
    assert values["score"] == 1


STORY = (
    "The bakery opened in 1987. It sells bread. The bakery bread is baked by Marta Lund every "
    "morning. The street is long. Last year the bakery sold 40,000 loaves of bread."
)


def test_a_summary_is_made_of_the_texts_own_sentences() -> None:
    summary = written(f"Summarise in two sentences: {STORY}")
    assert len(sentences(summary)) == 2
    assert all(sentence in STORY for sentence in sentences(summary))
    assert "The street is long" not in summary
    assert len(written(f"Summarise this text in at most 8 words.\n\n{STORY}").split()) <= 8


def test_points_titles_and_plans_come_in_the_number_asked_for() -> None:
    assert written(f"Extract three key points from this text:\n\n{STORY}").count("- ") == 3
    assert len(written("Suggest four titles for an article about rain").splitlines()) == 4
    plan = written("Make a plan: find a hall, invite the guests, and order the cake.")
    assert plan.splitlines() == ["1. Find a hall.", "2. Invite the guests.", "3. Order the cake."]


def test_a_reply_answers_from_the_sources_or_says_that_it_will_be_looked_into() -> None:
    mail = "Reply to this e-mail:\n\nHello, what does a mug cost?\n\nRegards,\nBo"
    facts = "\n\nFacts:\n- A mug costs 9 euros.\n- A plate costs 12 euros."
    assert "A mug costs 9 euros." in written(mail + facts)
    assert "plate" not in written(mail + facts)
    assert "Hello Bo" in written(mail)
    assert "come back to you" in written(mail)


def test_words_to_avoid_are_avoided() -> None:
    text = written(f"Write about the museum. Do not mention children.\n\nNotes:\n{NOTES}", WRITER)
    assert "children" not in text
    assert "1902" in text


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_it(text: str) -> None:
    for system in (None, WRITER, REVIEWER, "You are a researcher.", "You summarise."):
        writing.write(chat(text, system))
    writing.revise(text, [text])
    assert isinstance(writing.summarise(text), str)


@given(
    st.lists(st.sampled_from(["The sun is hot.", "Rain falls [r1].", "- a point here"]), max_size=6)
)
@settings(max_examples=50, deadline=None)
def test_parts_put_together_give_the_same_parts(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    assert blocks(render(blocks(text))) == blocks(text)
