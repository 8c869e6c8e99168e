"""What only forms need of a text: labelled values, things, enumerations, earlier turns."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from practice_model.lexicon import words
from practice_model.mind.assign import Binding, assign, composites, currencies
from practice_model.mind.evidence.fields import evidence, sensed, verbal
from practice_model.mind.evidence.people import speakers
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Passage, Reading, Span
from practice_model.mind.reading.tokens import stem

_LABELLED = re.compile(
    r"(?:^|(?<=[\n.;,(:]))[ \t]{0,4}[-*]?[ \t]{0,4}([A-Za-z][\w'/ -]{0,28}?)[*\"']{0,2}[:=]"
    r"[ \t]{1,4}"
    r"([^\n;]{1,300}?)(?=[.,]? [A-Z][\w ]{1,20}: |[.,]?$|[.!;] |[.,]?\n)",
    re.M,
)
_MADE = re.compile(
    r"(?:\b(?:an?|the|my|our|some|\w+teen|\d+|one|two|three|four|five|six)|,) (\w+ed )$", re.I
)
_CLEARER = 0.2
"""How much better a value of an earlier turn must fit than one of the last message."""
ARTICLE = re.compile(r"^(?:the|an?|some|of|our|my|with)\s+", re.I)


def labelled(param: Param, text: str) -> str:
    """Return what stands behind a field's own name: "Skills: welding, first aid"."""
    for match in _LABELLED.finditer(text):
        label = {stem(w) for w in name_words(match[1])}
        if label and (label <= param.words or param.words <= label):
            return match[2].strip(" .\"'*")
    return ""


def spans_of(passage: Passage) -> list[Span]:
    """Return the spans that a form is filled from."""
    long_quotes = [s for s in passage.spans if s.kind == "quote" and len(s.text) > 60]
    told = []
    for span in passage.spans:
        verbal = span.text.endswith("ing") and " " not in span.text
        if span.kind == "noun" and (verbal or span.text.lower() in words("words", "generic")):
            continue
        inside = any(q.start <= span.start and span.end <= q.end for q in long_quotes)
        span = replace(span, quoted=False) if inside else span
        made = _MADE.search(passage.text[max(0, span.start - 24) : span.start])
        if made and span.kind == "noun":
            start = span.start - len(made[1])
            span = replace(span, start=start, text=passage.text[start : span.end])
        if span.before and not span.label:
            head = re.search(r"(\w{4,20}) \w{2,7} $", passage.text[: span.start][-32:])
            if head and head[1].lower().endswith(("ic", "ed", "ous", "en", "ble")):
                span = replace(span, label=head[1].lower())
        told.append(span)
    told = [s for s in told if s not in long_quotes]
    for start, end in speakers(passage.text):
        if not any(s.kind == "name" and s.start < end and start < s.end for s in told):
            name = passage.text[start:end]
            told.append(Span(start, end, "name", name, name))
    things = _things(told, passage.text)
    told = [s for s in told if len(s.text) > 1 or not any(t.end == s.end for t in things)]
    return [*told, *things, *composites(told, passage.text), *currencies(told)]


def _things(spans: Sequence[Span], text: str) -> list[Span]:
    """Join a name or number with the noun behind it: "the Atlas backpack"."""
    ordered = sorted(
        (s for s in spans if s.kind in ("name", "noun", "id")),
        key=lambda s: s.start,
    )
    return [
        replace(b, start=a.start, kind="thing", text=text[a.start : b.end], before=a.before,
                label=a.label, value=text[a.start : b.end])
        for a, b in itertools.pairwise(ordered)
        if (a.kind in ("name", "id") and b.kind == "noun" and text[a.end : b.start] == " "
            and not verbal(b, text))
        or (a.kind == "noun" and text[a.end : b.start] == " "
            and len(b.text) == 1)
        or (a.kind == "noun" and text[a.end : b.start] == " of ")
    ]  # fmt: skip


def bound(tool: Tool, passage: Passage, reading: Reading) -> dict[tuple[str, ...], Binding]:
    """Bind a form's fields: to the last message, and what that leaves open to earlier ones."""
    params = [sensed(p) for p in tool.params if not {"colour", "color"} & set(name_words(p.name))]
    tool = replace(tool, params=tuple(map(sensed, tool.params)))
    extra = evidence(tool, passage.text)
    found = {b.param.path: b for b in assign(params, spans_of(passage), tool, extra)}
    if passage is not reading.request or reading.answered:
        return found
    turns = zip(reading.turns, reading.passages, strict=False)
    for said in [p for t, p in turns if t.role == "user" and p is not passage][::-1][:8]:
        for binding in assign(params, spans_of(said), tool, evidence(tool, said.text)):
            old = found.get(binding.param.path)
            if old is None or binding.score > old.score + _CLEARER:
                found[binding.param.path] = binding
    return found
