"""What a text is about: questions as topics, parts that nothing is known of, one shared word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from practice_model.brain import respond, writing
from practice_model.brain.writing.model import Source, Task
from practice_model.brain.writing.questions import as_topic, looked_at, named
from practice_model.brain.writing.relevance import (
    about,
    antecedents,
    joined,
    leans,
    missing_parts,
    on_subject,
    separate,
    upright,
)

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
WRITER = "You are the writer. Write the text that the task asks for, from the notes alone."


def ask(system: str, user: str, found: list[dict[str, str]] | None = None) -> str:
    """The answer to a request, after a search with these documents when there are any."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": user}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    tools = []
    if found is not None:
        call = {"name": "search_archive", "arguments": json.dumps({"query": user})}
        made = [{"id": "a", "type": "function", "function": call}]
        messages += [
            {"role": "assistant", "content": None, "tool_calls": made},
            {"role": "tool", "tool_call_id": "a", "content": json.dumps(found)},
        ]
        tools = [SEARCH]
    said = respond(messages, tools=tools, tool_choice="none" if tools else None).content
    assert said is not None
    return said


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Why do owls turn their heads?", "why owls turn their heads"),
        ("What is jealousy?", "what jealousy is"),
        ("What's the depth of the lake?", "the depth of the lake"),
        ("How do I oil a hinge?", "how to oil a hinge"),
        ("Do snails sleep?", "whether snails sleep"),
        ("Who painted the ceiling?", "who painted the ceiling"),
        ("What is known about mosses?", "what is known about mosses"),
        ("When does the ferry leave?", 'the question "When does the ferry leave?"'),
        ("Can I bring my dog?", 'the question "Can I bring my dog?"'),
        ("why the moon isn't square?", "why the moon isn't square"),
    ],
)
def test_a_question_becomes_a_phrase_or_stays_in_quotes(question: str, topic: str) -> None:
    assert named(as_topic(question)) == topic


def test_a_question_is_looked_at_as_a_question() -> None:
    assert looked_at("how to oil a hinge") == "the question of how to oil a hinge"
    assert looked_at("old hinges") == "old hinges"
    text = ask("", "Write a short article about how to oil a hinge")
    assert "a first look at the question of how to oil a hinge." in text
    assert "This text is about" not in text


@pytest.mark.parametrize(
    ("topic", "heading", "said"),
    [
        ("rowing vs. sailing", "# Rowing vs. sailing", "first look at rowing vs. sailing."),
        ("eBay auctions", "# eBay auctions", "first look at eBay auctions."),
        ("Do snails sleep?", "# Whether snails sleep", "whether snails sleep."),
    ],
)
def test_a_topic_is_kept_as_it_is_spelt(topic: str, heading: str, said: str) -> None:
    text = ask("", f"Write a short article about {topic}")
    assert text.startswith(heading + "\n")
    assert said in text


FERRY = [
    {
        "id": "f1",
        "title": "The ferry",
        "text": "A ticket to the rest of Europe costs 40 euros. The office answers from Monday to "
        "Friday, 8:00 to 12:00. Lotte leads the team of six.",
    },
    {
        "id": "f2",
        "title": "Dogs",
        "text": "Dogs travel free. They need a muzzle on deck and a lead inside.",
    },
]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the price of a ticket to Norway?", "costs 40 euros [f1]"),
        ("What are the opening hours of the ferry office?", "8:00 to 12:00 [f1]"),
        ("Who leads the ferry?", "Lotte leads the team of six [f1]"),
        ("Do dogs need a muzzle?", "They need a muzzle on deck and a lead inside [f2]"),
    ],
)
def test_a_plain_question_gets_the_answer_that_was_found(question: str, said: str) -> None:
    notes = ask(RESEARCHER, f"Task: {question}", FERRY)
    assert said in notes
    draft = ask(WRITER, f"Task: {question}\n\nNotes:\n{notes}")
    assert said in draft


def test_a_search_that_found_something_near_did_not_find_nothing() -> None:
    said = ask(RESEARCHER, "Task: Do dogs get seasick?", FERRY)
    assert said == "The sources found do not say whether dogs get seasick."
    assert ask(RESEARCHER, "Task: Do dogs get seasick?", []) == (
        "My search found nothing about whether dogs get seasick."
    )


def test_a_desk_says_when_its_answer_is_only_near() -> None:
    system = "You are the ferry desk. Search the documents and answer with the source as [id]."
    said = ask(system, "Do you carry dogs?", FERRY)
    assert said == "The sources do not answer this directly. Dogs travel free [f2]."


def test_a_year_names_one_thing() -> None:
    assert not on_subject("the flood of 1812", "A flood blocks the road for two days.")
    assert on_subject("the flood of 1812", "The flood of 1812 took the bridge.")
    assert on_subject("orders of 1500 euros", "Orders above 1000 euros are insured.")


def test_goods_stand_for_what_is_bought() -> None:
    assert on_subject("returning a worn jacket", "You may return unworn goods within a week.")
    assert not on_subject("washing a worn jacket", "The goods arrive within a week.")


def test_one_word_before_a_noun_is_in_passing() -> None:
    source = Source("In the week before the summer fair, the bridge is closed.", "b1", "The bridge")
    task = Task("notes", "summer", sources=(source,), searched=True)
    assert not about(task, source.text, source)
    task = Task("notes", "the fair", sources=(source,), searched=True)
    assert about(task, source.text, source)


def test_counts_without_a_noun_and_unnamed_teams_lean() -> None:
    assert leans("Three of ten ask about the tide.")
    assert leans("Lotte leads the team of six.")
    assert not leans("Three of ten passengers are late.")
    assert not leans("The team at the lighthouse is small.")


def test_what_nothing_was_found_on_is_named_part_by_part() -> None:
    assert joined("a dog and three parrots") == ("a dog", "three parrots")
    assert joined("how to feed cats and dogs") == ()
    notes = ask(RESEARCHER, "Task: Write an article about dogs and three parrots.", FERRY)
    assert "Dogs travel free [f2]" in notes
    assert "My search found nothing about three parrots." in notes


def test_the_head_of_a_topic_is_answered_where_its_rest_is_not() -> None:
    source = Source("Refunds are paid within a week. Tickets are sent by post.", "t1", "Money")
    task = Task("notes", "how to get a refund for a torn ticket", sources=(source,), searched=True)
    assert about(task, "Refunds are paid within a week.", source)
    assert missing_parts(task) == ["a torn ticket"]


def test_a_word_bound_to_another_does_not_stand_alone() -> None:
    source = Source("A spring onion is cut fine. Wash each spring onion.", "s1", "Onions")
    spring = Task("notes", "washing in spring", sources=(source,), searched=True)
    onion = Task("notes", "cutting a spring onion", sources=(source,), searched=True)
    assert not about(spring, "Wash each spring onion.", source)
    assert about(onion, "A spring onion is cut fine.", source)


def test_a_hyphened_word_is_one_word() -> None:
    assert not on_subject("cross-country runners", "Cross-country skis are waxed.")
    assert on_subject("cross-country skis", "Cross-country skis are waxed.")
    assert not on_subject("the return of the beaver", "Customers may return goods.")


def test_several_questions_are_answered_one_by_one() -> None:
    assert separate("What does a ticket cost, and who leads the office?") == [
        "What does a ticket cost",
        "who leads the office",
    ]


PRICES = [
    {
        "id": "p1",
        "title": "Sending trunks",
        "text": "A trunk to all other countries costs 90 euros. A lock lasts for some hundred "
        "uses.",
    }
]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Do you send trunks to Kenya?", "to all other countries costs 90 euros [p1]"),
        ("How long does a lock last?", "lasts for some hundred uses [p1]"),
        ("What is the colour of a trunk?", "The sources found do not tell the colour of a trunk."),
    ],
)
def test_an_answer_may_be_there_in_other_words(question: str, said: str) -> None:
    assert said in ask(RESEARCHER, f"Task: {question}", PRICES)


def test_an_empty_search_is_told_as_one() -> None:
    system = "You are the porter's desk. Search the archive and answer with the source as [id]."
    said = ask(system, "How do I reach the roof?", [])
    assert said == "My search found nothing about how to reach the roof."
    said = ask(system, "I lost my umbrella on the roof.", [])
    assert said == "My search found nothing about that."
    assert "nothing to search with" in ask("", "Research the habits of moles")


POST = [
    {"id": "q1", "title": "Speed", "text": "Delivery of trunks takes three days. Nobody waits."},
    {
        "id": "q2",
        "title": "Shipping",
        "text": "A parcel costs 4 euros. Write to post@hill.example.",
    },
]


def test_each_part_of_a_topic_gets_its_statement() -> None:
    task = "Task: Write a page about delivery times and prices."
    notes = ask(RESEARCHER, task, POST)
    assert "takes three days [q1]" in notes
    assert "costs 4 euros [q2]" in notes
    draft = ask(WRITER, f"{task}\n\nNotes:\n{notes}")
    assert "costs 4 euros [q2]" in draft


def test_an_address_answers_how_to_reach_somebody() -> None:
    assert on_subject("how to contact the post", "Write to the post at post@hill.example.")
    assert not on_subject("how to contact the post", "The post is a small house.")


def test_parts_of_a_topic_are_named_in_full() -> None:
    assert joined("letters to Rome and to the Moon") == ("letters to Rome", "letters to the Moon")


def test_how_long_a_text_is_is_no_wish() -> None:
    messages = (
        "Task: Write two sentences about trunks.\n\nNotes:\n- Trunks are heavy [q1].\n"
        "- Trunks have two locks [q1].\n\nDraft:\nTrunks are heavy [q1].\n\n"
        "Feedback:\n- The text has 1 sentence; at least 2 are asked for. "
        "Expand the text to at least 2 sentences."
    )
    assert ask(WRITER, messages) == "Trunks are heavy [q1]. Trunks have two locks [q1]."


@pytest.mark.parametrize(
    ("request_", "topic", "audience", "points"),
    [
        ("Write a page for sailors about knots.", "knots", "sailors", ()),
        ("Write a guide for our oldest members on falling.", "falling", None, ()),
        ("Write for beginners about sewing.", "sewing", "beginners", ()),
        ("Write a page about sewing for absolute beginners.", "sewing", "absolute beginners", ()),
        ("Write a page about a torn tent cover.", "a torn tent cover", None, ()),
        ("Write a page about street names in Rome.", "street names in Rome", None, ()),
        ("Write a page about the state of the roads.", "the state of the roads", None, ()),
        ("Write a page about covering a chair.", "covering a chair", None, ()),
        ("Write a page about tents. Cover the pegs.", "tents", None, ("the pegs",)),
        ("Write about tents. Mention 2.5 litres and 1,200 pegs.", "tents", None,
         ("2.5 litres", "1,200 pegs")),
    ],
)  # fmt: skip
def test_readers_nouns_and_figures_are_read_for_what_they_are(
    request_: str, topic: str, audience: str | None, points: tuple[str, ...]
) -> None:
    task = writing.read_task([{"role": "user", "content": f"Task: {request_}"}], "draft")
    assert task is not None
    assert (task.topic, task.points) == (topic, points)
    assert audience is None or task.audience == audience


def test_a_heading_is_a_whole_phrase() -> None:
    long = "the repair of the old stone bridge over the river Test in the winter of the great flood"
    first = ask("", f"Write a short article about {long}").splitlines()[0]
    assert first == "# The repair of the old stone bridge over the river Test"


BRIDGE = Source(
    "The east tower is oak. The west tower is elm. Oak lasts longer. Both towers are tarred. "
    "The bell hangs on the same tower. If nobody rings it, the guard comes.",
    "b1",
)


def test_what_a_sentence_leans_on_is_all_that_it_means() -> None:
    said = writing.split(BRIDGE.text)
    assert [antecedents(said, place) for place in range(6)] == [[], [], [], [0, 1, 2], [3], [4]]
    assert antecedents(["They are tarred."], 0) is None
    assert upright([said[2], said[3]], [BRIDGE]) == [True, False]
    assert upright([said[3], said[4], said[5]], [BRIDGE]) == [False, False, False]
    assert upright(said, [BRIDGE]) == [True] * 6


@pytest.mark.parametrize(
    ("sentence", "leaning"),
    [
        ("The guard leaves on the same day.", True),
        ("What comes by a given day leaves on the same day.", False),
        ("New oak needs more tar than elm needs in the same yard.", False),
        ("If nobody rings it, the guard comes.", True),
        ("If the bell rings, the guard comes.", False),
    ],
)
def test_the_same_and_an_open_case_lean(sentence: str, leaning: bool) -> None:
    assert leans(sentence) is leaning


TOWERS = [
    {
        "id": "t1",
        "title": "The towers",
        "text": "The east tower was mended in May. A tower key costs 4 euros.",
    },
    {"id": "t2", "title": "Painting times", "text": "A coat dries in six hours."},
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("Write a page about the tower. Mention its height.", "deal with the height of the tower."),
        ("Write a page about building a tower.", "found do not deal with building a tower."),
        ("Write a page about the price of a tower.", "A tower key costs 4 euros [t1]"),
        ("Write a page about the tower. Mention painting times.", "dries in six hours"),
        ("Write a page about bread.", "My search found nothing about bread."),
        ("Write a page about the tower. Mention the coat.",
         "deal with the coat in connection with the tower."),
        ("What does a tower key cost, and do you sell rope?", '"Do you sell rope?"'),
    ],
)  # fmt: skip
def test_a_search_is_told_as_it_went(task: str, said: str) -> None:
    assert said in ask(RESEARCHER, f"Task: {task}", TOWERS)


@pytest.mark.parametrize("missed", ["towers and bells", "this subject"])
def test_one_desk_that_finds_nothing_does_not_speak_for_the_others(missed: str) -> None:
    task = "Write a help page. Mention towers and bells."
    notes = "- The east tower was mended in May [t1].\n- My search found nothing about bells."
    notes = f"{notes}\nMy search found nothing about {missed}."
    text = ask(WRITER, f"Task: {task}\n\nNotes:\n{notes}")
    assert text == "The east tower was mended in May [t1]. No source was found on bells."


REVIEWER = "You are the reviewer. Check the draft: it ends with a next step for the reader."


def test_a_reviewer_asks_for_the_subject_and_for_nothing_that_a_topic_names() -> None:
    step = "Please write to us if anything is left open."
    said = ask(REVIEWER, f"Task: Write a page about kites.\n\nDraft:\n{step}")
    assert "does not name its subject, kites" in said
    card = f"A greeting is free of charge [g1]. {step}"
    said = ask(REVIEWER, f"Task: Write a page about the greeting of guests.\n\nDraft:\n{card}")
    assert said.startswith("Approved")


def test_a_draft_that_says_customs_are_open_mentions_them() -> None:
    draft = "Kites fly [k1]. No source was found on customs. Please write to us."
    task = "Write a page about kites. Mention customs."
    said = ask(REVIEWER, f"Task: {task}\n\nDraft:\n{draft}\n\nNotes:\n- Kites fly [k1].")
    assert said.startswith("Approved")


@pytest.mark.parametrize(
    "feedback",
    [
        "- The text has 97 words; at most 30 are allowed. Shorten the text to at most 30 words.",
        "The text has 97 words; at most 30 are allowed.",
    ],
)
def test_a_shortened_text_keeps_its_subject_and_has_no_feedback_in_it(feedback: str) -> None:
    draft = ask("", "Write a short article about paper boats")
    task = "Write a short article about paper boats."
    text = ask(WRITER, f"Task: {task}\n\nDraft:\n{draft}\n\nFeedback:\n{feedback}")
    assert "first look at paper boats" in text
    assert "allowed" not in text
    assert len(text.split()) <= 30


def test_a_next_step_fits_into_one_sentence() -> None:
    draft = "No source was found on kites."
    task = "Write a page about kites, in one sentence."
    feedback = "- It has no next step for the reader. Add a next step for the reader."
    text = ask(WRITER, f"Task: {task}\n\nDraft:\n{draft}\n\nFeedback:\n{feedback}")
    assert text.startswith("No source was found on kites; ")


def test_every_point_is_looked_up() -> None:
    points = ["masts", "sails", "ropes", "oars", "nets", "lamps", "flags", "bells", "buoys"]
    task = f"Write a page about boats. Mention {', '.join(points)}."
    calls = respond(
        [{"role": "system", "content": RESEARCHER}, {"role": "user", "content": f"Task: {task}"}],
        tools=[SEARCH],
    ).tool_calls
    asked = " ".join(str(call.arguments["query"]) for call in calls)
    assert all(point in asked for point in points)
