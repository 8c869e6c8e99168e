"""What the practice model takes from a library is on the subject; the rest it did not find."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from courseware.lessons.shop import library, search
from practice_model.brain import respond

SEARCH = {
    "type": "function",
    "function": {
        "name": "search_library",
        "description": "Search the library.",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
        },
    },
}
RESEARCHER = (
    "You are the researcher. Search the library for each point of the task, and answer with "
    "notes: one finding per line, each with its source as [id]. Claim nothing that the library "
    "does not say."
)
ALONE = (
    "You write help pages. Search the library for each point of the task, then write the page "
    "from what it says, with the source of each claim as [id]."
)


def answered(system: str, task: str) -> str:
    """What the model says in the end, its searches carried out."""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": system},
        {"role": "user", "content": f"Task: {task}"},
    ]
    for _ in range(4):
        reply = respond(messages, tools=[SEARCH])
        if not reply.tool_calls:
            return reply.content or ""
        calls, results = [], []
        for number, call in enumerate(reply.tool_calls):
            name = f"{len(messages)}-{number}"
            made = {"name": call.name, "arguments": json.dumps(call.arguments)}
            calls.append({"id": name, "type": "function", "function": made})
            found = [vars(entry) for entry in search(call.arguments["query"])]
            results.append({"role": "tool", "tool_call_id": name, "content": json.dumps(found)})
        messages += [{"role": "assistant", "content": None, "tool_calls": calls}, *results]
    raise AssertionError("It never stops searching.")


NOWHERE = [
    "Write a help page about vegan notebooks. Mention the glue and the cover.",
    "Write a help page about subscription boxes for teachers. Mention the price.",
    "Write a help page about a monthly subscription of notebooks.",
    "Write a page about discounts for students. Mention the percentage and the proof.",
    "Write a page about quantum computing for our team.",
    "Write a leaflet about beekeeping. Mention the months and the boxes.",
    "Write a page about the migration of storks.",
    "Write a page about gluten-free bread. Mention what customers need.",
    "Write a guide to sailing boats. Mention the covers.",
    "Write a help page about piano lessons for children.",
]
SOMEWHERE = [
    ("Write a help page about gift wrapping for forty notebooks.", "Gift wrapping costs 2.50"),
    ("Write a page about what happens when the web shop is down at night.", "on-call desk"),
    ("Write a help page about when a refund is paid.", "within five working days"),
    ("Write a help page about refunds of 600 euros. Mention who approves them.", "Ines"),
    ("Write a help page about how to clean a clogged nib.", "dirty nib"),
    ("Write a help page about the cost of parcels to Japan.", "14.00 euros"),
    ("Write a help page about lost parcels.", "no movement for seven days"),
    ("Write a help page about drying times of inks.", "ten seconds"),
    ("Write a help page about delivery to Europe. Mention the delivery time.", "four to six"),
    ("Write a page about storing paper.", "18 to 22 degrees"),
]


@pytest.mark.parametrize("system", [RESEARCHER, ALONE])
@pytest.mark.parametrize("task", NOWHERE)
def test_nothing_is_taken_from_documents_on_something_else(system: str, task: str) -> None:
    text = answered(system, task)
    assert not re.search(r"\[[a-z]+-\d+\]", text), text
    assert re.search(
        r"found nothing about|No source was found on|The sources found do not deal with", text
    )


@pytest.mark.parametrize("system", [RESEARCHER, ALONE])
@pytest.mark.parametrize(("task", "said"), SOMEWHERE)
def test_what_a_document_says_is_found(system: str, task: str, said: str) -> None:
    text = answered(system, task)
    assert said in text
    assert not re.search(r"nothing about|No source|sources found do not", text)


@pytest.mark.parametrize("task", [task for task, _ in SOMEWHERE])
def test_no_sentence_leans_on_one_that_is_left_out(task: str) -> None:
    text = answered(ALONE, task)
    for document in library().values():
        for before, sentence in zip(document.sentences, document.sentences[1:], strict=False):
            if re.match(r"(?:\w+ ){1,3}then\b|(?:Both|It|They)\b", sentence):
                stem = sentence.rstrip(".")
                assert stem not in text or before.rstrip(".") in text


def test_the_instructions_of_a_writer_are_no_points_of_its_text() -> None:
    text = answered(ALONE, "Write a help page for customers. Mention drying times of inks.")
    assert "[id]" not in text
    assert "claim" not in text
