"""Arrays in structured output: values enumerated in a text, and records told one after another."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from practice_model.lexicon import words as word_list
from practice_model.mind.assign import assign
from practice_model.mind.evidence.fields import listed
from practice_model.mind.filling import Filling
from practice_model.mind.options import named
from practice_model.mind.parameters import (
    Param,
    Schema,
    Tool,
    kind_of,
    name_words,
    read_tool,
    resolve,
)
from practice_model.mind.reading import passage as read_passage
from practice_model.mind.reading.model import Passage, Sentence, Span
from practice_model.mind.reading.phrases import number
from practice_model.mind.reading.tokens import singular
from practice_model.mind.scoring import FIT
from practice_model.mind.tools import deed_of, rank
from practice_model.mind.values import value_for

MOST = 50
NEAR = 0.6
"""The share of the best score that another choice of a menu needs."""
_COUNT = re.compile(
    r"\b(?:list|give|name|generate|create|suggest|produce|write|find|return)\b[^.]{0,40}?"
    r"\b(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.I,
)
_TOPIC = re.compile(
    r"\b(?:topic|subject|theme|related to|about|on)\b(?: this topic)?\s*:?\s*"
    r"[\"'“]?([A-Za-z][\w -]{1,40}?)[\"'”]?(?=[.,;\n?!]|$)",
    re.I,
)
_MARKED = re.compile(
    r"\b(?:leave out|skip|ignore|exclude)\b[^.\n]{0,60}\b(?:marked|labelled|flagged)(?: as)? (\w+)",
    re.I,
)
_ABOUT_USER = re.compile(r"\b(?:i|my|i'm|i've|me|we|our)\b", re.I)


def fill(filler: Filling, param: Param, tool: Tool, passage: Passage, depth: int) -> list[Any]:
    """Fill an array from a passage."""
    items = resolve(param.schema.get("items") or {}, filler.root)
    kind = kind_of(items)
    branches = [b for key in ("anyOf", "oneOf") for b in items.get(key) or []]
    if param.options:
        values: list[Any] = named(param.options, passage.text)
    elif menu := _menu(items):
        values = _chosen(menu, passage)
    elif kind == "object" or branches:
        values = _records(filler, param, items, passage, depth)
    else:
        values = _values(filler, param, tool, items, passage)
    most = param.schema.get("maxItems")
    values = values[: min(MOST, most) if isinstance(most, int) and most >= 0 else MOST]
    least = param.schema.get("minItems")
    while isinstance(least, int) and len(values) < least:
        values.append(filler.value(items, passage, f"{singular(param.name)}", depth + 1))
    return values


def _menu(items: Schema) -> dict[Any, str]:
    """Return what each name of a menu stands for; empty if the items are no menu.

    A menu is a union of constants, each with a description.
    """
    branches = [b for key in ("anyOf", "oneOf") for b in items.get(key) or []]
    if not all(isinstance(b, dict) and "const" in b for b in branches):
        return {}
    return {b["const"]: str(b.get("description") or "") for b in branches}


def _chosen(menu: dict[Any, str], passage: Passage) -> list[Any]:
    """Return the names that suit a passage, the best first."""
    tools = [read_tool(str(name), about, {}) for name, about in menu.items()]
    names = {str(name): name for name in menu}
    scores: dict[Any, float] = {}
    for clause in passage.clauses:
        for choice in rank(deed_of(passage, clause), tools):
            name = names[choice.tool.name]
            scores[name] = max(scores.get(name, 0.0), choice.score)
    best = max(scores.values(), default=0.0)
    ranked = sorted(scores, key=lambda name: -scores[name])
    return [name for name in ranked if scores[name] > 0 and scores[name] >= NEAR * best]


def _values(
    filler: Filling, param: Param, tool: Tool, items: Schema, passage: Passage
) -> list[Any]:
    kind = kind_of(items)
    schema = {**items, "type": kind if kind in ("number", "integer") else "string"}
    section = passage.section(
        *{singular(w) for w in name_words(param.name)}, *name_words(param.name)
    )
    asked = _generated(param, filler.reading.wish.text or passage.text)
    if asked:
        return asked
    if section is not None:
        inner = read_passage(section.body)
        gone = _MARKED.search(filler.reading.system.text)
        bullets = [
            s.text for s in inner.sentences if s.bullet and not (gone and f"({gone[1]})" in s.text)
        ]
        if bullets:
            return bullets
    if kind in ("number", "integer"):
        found = [
            value_for(param, s, schema)
            for s in passage.spans
            if s.kind in ("number", "money", "quantity", "duration") and not s.corrected
        ]
        return [v for v in found if v is not None]
    if param.sense in ("text", "query", "reason") or set(name_words(param.name)) & word_list(
        "words", "items_values"
    ):
        return _sentences(passage)
    return _spans(param, tool, schema, passage)


def _sentences(passage: Passage) -> list[str]:
    handed = [s for s in passage.sentences if s not in passage.prose]
    source = handed or [s for s in passage.prose if s.mood == "statement"] or list(passage.prose)
    bullets = [s for s in source if s.bullet]
    from practice_model.mind.writing.talk import small_talk

    orders = [c.text for c in passage.clauses if c.mood == "command"]
    told = [s.text.strip() for s in bullets or source]
    if not bullets and len(orders) > len(told):
        return orders[:MOST]
    return [one for one in told if bullets or small_talk(one) is None][:MOST]


def _spans(param: Param, tool: Tool, schema: Schema, passage: Passage) -> list[Any]:
    fits = FIT.get(param.sense, FIT[""])
    kinds = (
        [k for k in fits if fits[k] >= 0.7 and k != "number"]
        if param.sense
        else ["name", "id", "noun"]
    )
    found: list[Any] = []
    groups = [s for s in passage.spans if s.group >= 0 and fits.get(s.kind, 0) >= 0.5]
    told = listed(param, tool, passage.text)
    coded = param.sense in ("email", "url", "date", "id", "phone", "money")
    if told and not (coded and any(c.isdigit() or c == "@" for c in "".join(told))):
        return list(told)
    typed = param.sense in ("email", "url", "path", "date", "id", "person", "phone", "money")
    source: Sequence[Span] = (
        groups if groups and not typed else [s for s in passage.spans if s.kind in kinds] or groups
    )
    for span in source:
        value = value_for(param, span, schema)
        if value is not None and not span.corrected and not span.negated and value not in found:
            found.append(value)
    return found


def _generated(param: Param, wish: str) -> list[str]:
    from practice_model.mind.vectors import related

    count, topic = _COUNT.search(wish), _TOPIC.search(wish)
    if (
        not count
        or not topic
        or not re.search(r"\b(?:related|topic|about|ideas|subjects|examples)\b", wish)
    ):
        return []
    return related(topic[1].strip(), min(number(count[1]) or MOST, MOST))


def _records(
    filler: Filling, param: Param, items: Schema, passage: Passage, depth: int
) -> list[Any]:
    tool = filler.tool(items, param.name)
    plain = [p for p in tool.params if p.kind in ("string", "number", "integer") and not p.options]
    if (
        len(tool.params) <= 2
        and any(p.sense == "text" for p in plain)
        and not any(p.sense in ("person", "money", "date") or p.kind != "string" for p in plain)
    ):
        return [_single(filler, items, passage, s, depth) for s in _told(passage)]
    best: list[tuple[int, int]] = []
    top = 0.0
    for cuts in _cuts(passage):
        good = 0.0
        kept = []
        for start, end in cuts:
            spans = [
                s
                for s in passage.spans
                if start <= s.start and s.end <= end and s.kind != "clause" and not s.corrected
            ]
            bound = assign(plain, spans, tool)
            need = [p for p in plain if p.required and p.sense not in ("text", "reason")] or plain
            share = len([b for b in bound if b.param in need]) / max(1, len(need))
            if share > 0.6 and bound and passage.text[start:end].rstrip()[-1:] != ":":
                kept.append((start, end))
                good += share * share
        if good > top + 0.01:
            best, top = kept, good
    return [
        filler.value(items, _part(passage, a, b), param.name, depth + 1) for a, b in best[:MOST]
    ]


def _told(passage: Passage) -> list[Sentence]:
    said = [s for s in passage.sentences if s.mood == "statement" and s.words > 2]
    return [s for s in said if _ABOUT_USER.search(s.text)] or said


def _single(
    filler: Filling, items: Schema, passage: Passage, sentence: Sentence, depth: int
) -> Any:
    value = filler.value(items, _part(passage, sentence.start, sentence.end), "item", depth + 1)
    if isinstance(value, dict):
        tool = filler.tool(items, "item")
        for param in tool.params:
            if (
                param.kind == "string"
                and not param.options
                and (param.sense == "text" or len(tool.params) == 1)
            ):
                value[param.name] = sentence.text.strip()
    return value


def _cuts(passage: Passage) -> list[list[tuple[int, int]]]:
    """Return the ways to cut a passage: lines, sentences, parts of enumerations, the whole."""
    bullets = [(s.start, s.end) for s in passage.sentences if s.bullet]
    sentences = [(s.start, s.end) for s in passage.sentences]
    pieces: list[tuple[int, int]] = []
    for start, end in sentences:
        at = start
        for match in re.finditer(
            r",\s*(?:and\s+)?|;\s*|\band\b\s*|:\s+|\s[-–]\s", passage.text[start:end]
        ):
            if not any(
                s.start < start + match.start() < s.end
                for s in passage.spans
                if s.kind in ("number", "money", "date", "quote", "name", "quantity")
            ):
                pieces.append((at, start + match.start()))
                at = start + match.end()
        pieces.append((at, end))
    pairs = [(a[0], b[1]) for a, b in itertools.pairwise(pieces)][::2]
    whole = [(0, len(passage.text))]
    return [c for c in (whole, bullets, sentences, pairs, pieces) if c]


_Piece = TypeVar("_Piece", Span, Sentence)


def _within(pieces: Sequence[_Piece], start: int, end: int) -> tuple[_Piece, ...]:
    inner = [p for p in pieces if start <= p.start and p.end <= end]
    return tuple(replace(p, start=p.start - start, end=p.end - start) for p in inner)


def _part(passage: Passage, start: int, end: int) -> Passage:
    sentences = _within(passage.sentences, start, end)
    spans = _within(passage.spans, start, end)
    return Passage(passage.text[start:end], sentences, spans, (), sentences)
