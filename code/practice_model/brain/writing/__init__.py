"""Writing for the practice model: drafts, revisions, reviews, summaries, plans, notes, replies.

Pure functions, deterministic, English. Nothing here knows a topic: a text says what the
conversation and its sources say, and where there is no source it says only what holds for any
topic of that sort.

For the dispatcher, three functions take the request as it came (`messages`, Chat Completions
dicts, tool messages included) and do the reading themselves:

- `kind(messages)` tells whether the last request asks for a piece of writing, and which.
- `write(messages)` answers it as text; None when it is none.
- `review_values(messages)` gives the values of a review (``approved: bool``, ``changes:
  list[str]``, ``feedback: str``, ``problems``, ``strengths``, ``score: 0..1``) when the
  request is a review, for filling a schema; None otherwise. Map them onto schema fields by
  name and type: a boolean ``approved``/``ok``/``passes``; an enum by its meaning (approve,
  accept, pass against revise, reject, fail); a list of strings gets ``changes``, a string
  ``feedback``; a number is ``score`` scaled to the field's bounds.

For any other schema with a text field (``draft``, ``summary``, ``title``, ``body``,
``steps``, ``key_points``), fill the field with `write_as(messages, kind)`.
"""

from __future__ import annotations

import re
from typing import Any

from practice_model.brain.writing.address import addressee, to_you
from practice_model.brain.writing.drafting import (
    best_statements,
    draft,
    notes,
    plan,
    reply,
    titles,
)
from practice_model.brain.writing.errands import read_errand, subject_line
from practice_model.brain.writing.model import (
    Finding,
    Kind,
    Limits,
    Review,
    Source,
    Task,
)
from practice_model.brain.writing.questions import as_topic, named
from practice_model.brain.writing.ranking import points, summarise
from practice_model.brain.writing.reading import (
    Messages,
    is_assignment,
    kind,
    read_sources,
    read_task,
)
from practice_model.brain.writing.reviewing import review
from practice_model.brain.writing.revising import revise
from practice_model.brain.writing.text import sentences as split

__all__ = [
    "Finding",
    "Kind",
    "Limits",
    "Review",
    "Source",
    "Task",
    "answer",
    "as_said",
    "best_statements",
    "draft",
    "is_assignment",
    "kind",
    "notes",
    "plan",
    "points",
    "read_sources",
    "read_task",
    "reply",
    "review",
    "review_values",
    "revise",
    "split",
    "statements",
    "summarise",
    "titles",
    "to_reader",
    "write",
    "write_as",
]


def as_said(question: str) -> str:
    """A question as it stands after "about"."""
    return named(as_topic(question))


def write(messages: Messages) -> str | None:
    """Answer a request for writing; None when the conversation asks for none."""
    wanted = kind(messages)
    return write_as(messages, wanted) if wanted else None


def write_as(messages: Messages, kind: Kind) -> str:
    """Answer as one kind of writing, whatever the conversation seems to ask for."""
    task = read_task(messages, kind)
    return answer(task) if task else ""


def statements(request: str) -> tuple[tuple[str, ...], str]:
    """What a message is to say, as sentences to its reader, and a subject line for it."""
    errand = read_errand(request)
    subject = errand.subject or (subject_line(errand.says[0]) if errand.says else "")
    says = errand.says
    if (
        says
        and re.search(r"\bapolog|\bsorry\b", request, re.I)
        and not re.search(r"\bsorry\b|\bapologi", " ".join(says), re.I)
    ):
        says = (*says, "We apologise for the trouble.")
    return says, subject


def to_reader(text: str, request: str) -> str:
    """Say to a message's reader what the request says of them ("his parcel": "your parcel").

    Left as it stands where the pronouns are of two people, or may be another's.
    """
    men = re.search(r"\b(?:he|his|him)\b", text, re.I)
    women = re.search(r"\b(?:she|her|hers)\b", text, re.I)
    if men and women:
        return text
    return to_you(text, addressee(request))


def answer(task: Task) -> str:
    """The text that a task asks for, whatever its kind."""
    if task.kind == "revise" and task.draft:
        return revise(task.draft, task.feedback, task)
    if task.kind == "review":
        return review(task.draft, task).text
    if task.kind == "summary":
        return summarise(task.draft, task.limits) or "There is no text to summarise."
    if task.kind == "points":
        listed = points(task.draft, task.limits.items or task.limits.bullets)
        return (
            "\n".join(f"- {entry}" for entry in listed) or "There is no text to take points from."
        )
    if task.kind == "plan":
        return "\n".join(f"{place}. {step}" for place, step in enumerate(plan(task), start=1))
    if task.kind == "titles":
        listed = titles(task)
        if len(listed) == 1:
            return listed[0]
        return "\n".join(f"{place}. {entry}" for place, entry in enumerate(listed, start=1))
    if task.kind == "notes":
        return notes(task)
    if task.kind == "reply":
        return reply(task)
    return draft(task)


def review_values(messages: Messages) -> dict[str, Any] | None:
    """Values of a review for filling a schema (see the module's text); None when none is asked."""
    if kind(messages) != "review":
        return None
    task = read_task(messages, "review")
    return review(task.draft, task).as_values() if task else None
