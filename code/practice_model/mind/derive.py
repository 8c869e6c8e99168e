"""Texts that a call needs and the request holds in other words: bodies, subjects, reasons."""

import re
from dataclasses import replace

from practice_model.mind.assign import Binding
from practice_model.mind.parameters import Param
from practice_model.mind.reading.model import Reading
from practice_model.mind.tools import Choice, Deed
from practice_model.mind.values import length_fits

WRITING = ("text", "title", "reason", "query")


def derived(reading: Reading, deed: Deed, choice: Choice) -> Choice:
    """Bind texts from what a deed tells, and a subject from the text beside it."""
    human = choice.tool.words & {"human", "person", "expert", "operator", "assistanc"}
    found = [
        _widened(b, deed, choice)
        for b in choice.bindings
        if not (human and b.param.sense in WRITING and b.score < 1.2)
    ]
    for param in replace(choice, bindings=tuple(found)).missing:
        if param.sense not in WRITING or param.options or param.kind != "string":
            continue
        text = ""
        body = next(
            (b for b in found if b.param.sense == "text" and isinstance(b.value, str)), None
        )
        if human:
            text = " ".join(reading.request.text.split())
        elif param.sense == "title" and body is not None:
            text = headline(body.value)
        elif param.sense in ("text", "reason"):
            text = _reported(reading, deed, choice, param)
        if text and length_fits(text, param.schema):
            found.append(Binding(param, text, None, 0.5))
    return replace(choice, bindings=tuple(found))


_SEARCHED = {"query", "quer", "search", "keyword", "question", "term", "q"}


def _widened(binding: Binding, deed: Deed, choice: Choice) -> Binding:
    span = binding.span
    if not binding.param.words & _SEARCHED or span is None or span.kind not in ("noun", "name"):
        return binding
    ends = [b.span.start for b in choice.bindings if b.span and b is not binding]
    things = [
        s
        for s in deed.spans
        if s.kind in ("noun", "name", "id", "number", "quote", "slug")
        and not any(s.start >= e for e in ends)
    ]
    first = min((s.start for s in things), default=span.start)
    head = deed.source[first : span.start]
    start = (
        first
        if re.fullmatch(r"(?:[\w'’ -]+ )?(?:in|of|on|for|about|from|at|with|the|and|a) ?", head)
        else (span.start)
    )
    end = min([e for e in ends if e > span.end] or [deed.start + len(deed.text)])
    told = deed.source[start:end]
    lead = re.search(r"(\w+ed) $", deed.source[max(deed.start, start - 16) : start])
    found = f"{lead[1] if lead else ''} {told}".strip(" .?!,").split(" ")
    text = " ".join(found)
    return replace(binding, value=text) if text else binding


def headline(text: str) -> str:
    """Make a subject line of a text's first words."""
    first = re.split(r"(?<=[.!?])\s|\n", text.strip())[0].strip(" .!?")
    words = first.split()
    line = " ".join(words if len(words) <= 9 else words[:8])
    return line[:1].upper() + line[1:]


def _reported(reading: Reading, deed: Deed, choice: Choice, param: Param) -> str:
    """Use what the request tells beside the command: a story told is the text of a report."""
    passage = reading.request
    end = deed.start + len(deed.text)
    told = [
        c.text
        for c in passage.clauses
        if not c.prohibited
        and not c.verb
        and c.mood == "statement"
        and not (deed.start <= c.start < end)
    ]
    if told:
        return ". ".join(t.strip() for t in told)
    if deed.clause is not None and deed.clause.mood == "statement":
        return deed.text.strip()
    from practice_model.mind.results import stated

    if reading.since and any(w in deed.text.lower() for w in (" it", " them", "that", "result")):
        return stated(reading)
    return ""
