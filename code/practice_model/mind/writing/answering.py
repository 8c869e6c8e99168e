"""Answers to questions, from what was given: text, memories, earlier turns, tools' results."""

import re
from collections.abc import Sequence

from practice_model.mind.evidence import talk
from practice_model.mind.evidence.ranking import best
from practice_model.mind.evidence.statements import Statement, of_reading, told_apart
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, unquoted
from practice_model.mind.reading.text import (
    alike,
    capital,
    content,
    ended,
    sentences,
    uncited,
    words,
)
from practice_model.mind.reading.values import of_kind, spans, wanted
from practice_model.mind.writing import conditions, material
from practice_model.mind.writing.voice import from_user, is_clause, is_question, questions

_ASK = LEXICON["asking"]
_MINE = re.compile(r"\b(?:my|our) \w+(?!['’\w])", re.I)
_HIS = re.compile(r"\b(?:his|her|its|their)\b", re.I)


def known(reading: Reading, cite: bool = False) -> list[Statement]:
    """Return all statements at hand, the oldest first; each knows the one before it."""
    every = of_reading(reading, material.facts(reading, cite, True))
    return told_apart(every, _claims)


def said(statement: Statement) -> str:
    """Return a statement as it is said to the user."""
    bare = statement.text.removeprefix("A: ").removeprefix("Q: ")
    return capital(ended(from_user(bare) if statement.own else bare))


def _claims(text: str) -> list[str]:
    """Split "I'm A and my wife is B" into its two statements."""
    for joint in (", and ", " and ", ", "):
        head, found, tail = text.partition(joint)
        first = (words(tail) or [""])[0]
        if found and first in CLASSES["subject"] and is_clause(head) and is_clause(tail):
            return [head, *_claims(tail)]
    return [text]


def single(reading: Reading) -> str:
    """Return the only short value that tools gave for a request; nothing otherwise."""
    found = [one for call in reading.since for one in material.of_result(call)]
    plain = len(found) == 1 and len(found[0].split()) <= 4 and ":" not in found[0]
    return found[0] if plain else ""


def value_in(question: str, statement: Statement) -> str:
    """Return the bare value that answers a question, out of the statement that holds it."""
    text = uncited(statement.text)
    kind = wanted(question)
    asked = content(from_user(question))
    fresh = [s for s in (of_kind(text, kind) if kind else []) if not content(s.text) <= asked]
    if fresh:
        near = [s for s in fresh if _close(text, s.start, asked)] or fresh
        near = [s for s in fresh if s.before == "to" and find(["moved|changed"], text)] or near
        return near[0].text.strip(" .")
    span = find(["from {x} to|until {y}"], text)
    if span and kind in ("when", "span", "number"):
        ends = find(["until|end|close|closes|latest"], question)
        return span["y"].split()[0] if ends else span["x"]
    match = find(LEXICON["asking"]["complement"], text)
    if match:
        bare = match["x"]
        lead = bare.split(" ", 1)
        return lead[1] if lead[0].lower() in CLASSES["determiner"] and len(lead) > 1 else bare
    return text


def _close(text: str, at: int, asked: set[str]) -> bool:
    return any(alike(a, b) for a in asked for b in content(text[max(0, at - 30) : at]))


def yes_or_no(question: str, statement: Statement) -> str:
    """Return "Yes", "No" or nothing for a question that asks to confirm."""
    if find(_ASK["confirm"], question) is None:
        return ""
    bound = _bounded(question, statement.text)
    if bound is not None:
        return "Yes" if bound else "No"
    asked_not = find(_ASK["negative"], question) is not None
    said_not = find(_ASK["negative"], statement.text) is not None
    for one, other in _ASK["opposites"]:
        low, said = words(question), words(statement.text)
        if (one in low and other in said) or (other in low and one in said):
            said_not = not said_not
    return "Yes" if asked_not == said_not else "No"


def _bounded(question: str, text: str) -> bool | None:
    """Compare a number of the question with the limit that a statement sets ("within 30 days")."""
    kinds = ("duration", "quantity", "money", "number")
    for asked in (s for s in spans(question) if s.kind in kinds and s.amount is not None):
        for limit in (s for s in spans(text) if s.kind == asked.kind and s.amount is not None):
            before = " ".join(text[: limit.start].lower().split()[-2:])
            if asked.amount is None or limit.amount is None or asked.unit != limit.unit:
                continue
            if before.endswith(tuple(_ASK["upper"])):
                return asked.amount <= limit.amount
            if before.endswith(tuple(_ASK["lower"])):
                return asked.amount >= limit.amount
            permits = bool(find(_ASK["permit"], question)) and asked.amount < limit.amount
            return permits or asked.amount == limit.amount
    return None


def answer(reading: Reading, bare: bool = False, cite: bool = False) -> str:
    """Answer the questions of a request; say so where nothing at hand does."""
    every = known(reading, cite)
    asked_text = material.asked(reading)
    asked = [q for q in questions(asked_text) if is_question(q)] or [asked_text]
    for s in reading.wish.sentences:  # a heading in front of a question is no part of it
        if s.mood == "question" and len(asked) == 1 and asked[0].endswith(s.text):
            asked = [s.text]
    if spoken := talk.answered(reading, asked[-1]):
        return spoken
    told: list[str] = []
    found: Statement | None = None
    earlier = [t.text for t in reading.earlier("user") if t.text.rstrip().endswith("?")]
    before = sentences(earlier[0])[-1] if earlier else ""
    for question in asked:
        again = found is not None and {"it", "he", "she", "they"} & set(words(question))
        own = _MINE.search(" ".join(asked[: asked.index(question)]))
        question = _HIS.sub(f"{own[0]}'s", question) if own else question
        kind = wanted(question)
        if not (again and found and kind and of_kind(found.text, kind)):
            others = [k for k in every if words(k.text) != words(question)]
            found = best(question, others, before, _compared(question, others))
        before = question
        if found is None:
            told.append(_unknown(question, every, reading))
        elif bare:
            told.append(yes_or_no(question, found) or value_in(question, found))
        else:
            lead = yes_or_no(question, found)
            told.append(f"{lead}. {said(found)}" if lead else said(found))
    return (", " if bare else " ").join(dict.fromkeys(told))


def _compared(question: str, every: Sequence[Statement]) -> list[float]:
    """Score statements by the limit that a question sets ("Which one costs under 50?")."""
    if find(["which|who|what"], question) is None:
        return []
    results = (conditions.compare(question, one.text) for one in every)
    return [0.0 if one is None else 0.5 if one else -0.5 for one in results]


def _unknown(question: str, every: Sequence[Statement], reading: Reading) -> str:
    for one in sentences(material.instructions(reading)):
        condition, rest, negated = conditions.split(one)
        lacks = condition and (negated or find(LEXICON["if_lacking"], condition))
        match = find(LEXICON["if_unknown"], rest) if lacks or not condition else None
        if match and match["x"] != "so" and (lacks or find(LEXICON["otherwise"], rest)):
            return ended(_in_my_words(unquoted(match["x"])))
    if {"my", "i", "me"} & set(words(question)) and not find(_ASK["given"], question):
        return "I don't know: you haven't told me."
    if every:
        return "I don't know: what I was given does not say."
    return "I don't know: I know nothing about the world beyond what you tell me."


def _in_my_words(text: str) -> str:
    """Turn "that you don't know" into what is said then."""
    return capital(text.replace("that you ", "you ").replace("you ", "I ").replace("your ", "my "))


def recall(reading: Reading) -> str:
    """Return all that the user has told of themselves, or the conversation so far."""
    own = [said(k) for k in known(reading) if k.own]
    return " ".join(dict.fromkeys(own)) or "You haven't told me anything about yourself yet."


def summary(facts: Sequence[str], topic: str, most: int) -> list[str]:
    """Return the statements that say most: those that share words with many others, in order."""
    stems = [content(uncited(fact)) for fact in facts]
    about = content(topic)
    scores = []
    for place, own in enumerate(stems):
        others = [other for i, other in enumerate(stems) if i != place]
        shared = sum(len(own & other) for other in others) / (1 + len(own)) ** 0.5
        lead = 1.0 if place == 0 else 0.5 / (1 + place)
        kinds = ("money", "date", "number")
        valued = 0.3 * len([s for s in spans(facts[place]) if s.kind in kinds])
        lead -= 2.0 if facts[place].endswith("?") else 0.0
        scores.append((shared + lead + min(valued, 0.9) + 2 * len(own & about), -place))
    chosen = sorted(-place for _, place in sorted(scores, reverse=True)[:most])
    return [facts[place] for place in chosen]
