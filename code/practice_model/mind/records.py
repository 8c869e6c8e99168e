"""Records that results list, and the one that a request points at."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from practice_model.lexicon import table
from practice_model.lexicon import words as word_list
from practice_model.mind.assign import Binding
from practice_model.mind.parameters import name_words
from practice_model.mind.reading.model import Fact, Reading
from practice_model.mind.reading.tokens import word_set
from practice_model.mind.sources import best_fact, fact_value
from practice_model.mind.tools import Choice, Planned

OTHER = re.compile(r"\b(?:the )?other (?:one|two)?|\banother one\b", re.I)
_IT = re.compile(r"\b(?:it|one|that)\b", re.I)
_EACH = re.compile(r"\b(?:each|every|all|both|them|those|these)\b", re.I)
_SUPERLATIVE = re.compile(
    r"\b(cheaper|earlier|nearer|closer|shorter|smaller|quicker|faster|later|longer|larger|bigger|"
    r"cheapest|lowest|least expensive|earliest|soonest|nearest|closest|shortest|smallest|quickest|"
    r"fastest|most expensive|dearest|highest|latest|longest|largest|biggest|best(?:-| )?rated|best|"
    r"newest|oldest)\b",
    re.I,
)
_DOWN = frozenset(word_list("words", "falling")) | {"least expensive"}


def records(facts: Sequence[Fact], newest_only: bool = True) -> list[list[Fact]]:
    """Group facts into the records of a list that a result gave, in their order."""
    grouped: dict[tuple[int, str, int], list[Fact]] = {}
    for fact in facts:
        parts = fact.path.split(".")
        index = next((i for i, part in enumerate(parts) if part.isdigit()), None)
        if index is not None:
            stem_ = f"{fact.source}:{'.'.join(parts[:index])}"
            grouped.setdefault((fact.age, stem_, int(parts[index])), []).append(fact)
    heads: dict[tuple[int, str], list[list[Fact]]] = {}
    for (age, head, _), members in sorted(
        grouped.items(), key=lambda kv: (kv[0][0], kv[0][1], kv[0][2])
    ):
        heads.setdefault((age, head), []).append(members)
    several = [r for r in heads.values() if r]
    return several[0] if several else []


def picked_record(reading: Reading, text: str) -> list[Fact]:
    """Return the record that a text points at: an ordinal, a superlative, words of its own."""
    found = records(reading.facts)
    if not found:
        return []
    ordinals = [s for s in reading.request.spans if s.kind == "ordinal"]
    best = _SUPERLATIVE.search(text)
    if best:
        return _extreme(found, best[1].lower())
    if ordinals and re.search(
        r"\b(?:first|second|third|fourth|fifth|last) (?:one|hit|result|option|"
        r"\w+)\b|\b(?:first|second|third|last)\W*$",
        text,
        re.I,
    ):
        at = ordinals[0].value
        at = at - 1 if at > 0 else len(found) - 1
        return found[at] if at < len(found) else []
    said = word_set(text.replace("-", " "))
    shared = [
        len(said & word_set(" ".join(str(f.value) for f in r if isinstance(f.value, str))))
        for r in found
    ]
    if max(shared) and shared.count(max(shared)) == 1 and len(found) > 1:
        return found[shared.index(max(shared))]
    return []


def answered(reading: Reading) -> str:
    """Return what an earlier result says of the record and field that a question names."""
    asks = any(c.mood == "question" for c in reading.request.clauses)
    text, said = reading.request.text.lower(), word_set(reading.request.text)
    if not asks or reading.since:
        return ""
    for record in records([f for f in reading.facts if f.age > 0]):
        named = [f.value for f in record if isinstance(f.value, str) and f.value.lower() in text]
        for fact in record if named else []:
            if fact.value not in named and word_set(fact.key) & said:
                label = " ".join(name_words(fact.key)).capitalize()
                return f"{label} of {named[0]}: {fact.value}."
    return ""


def _extreme(found: list[list[Fact]], word: str) -> list[Fact]:
    kinds = table("families")
    last = word.split()[-1].split("-")[0]
    kind = next((k for k, cues in kinds["extremes"].items() if last in cues.split()), "")
    keys = kinds["measured"].get(kind, "").split()
    types = (int, float, str) if kind == "time" else (int, float)
    measured: dict[int, tuple[Any, list[Fact]]] = {}
    for place, record in enumerate(found):
        for fact in record:
            named = not keys or any(key in fact.key.lower() for key in keys)
            if named and isinstance(fact.value, types) and not isinstance(fact.value, bool):
                measured.setdefault(place, (fact.value, record))
    text = any(isinstance(value, str) for value, _ in list(measured.values())[:1])
    alike = [m for m in measured.values() if isinstance(m[0], str) == text]
    pick = min if word in _DOWN else max
    return pick(alike, key=lambda pair: pair[0])[1] if alike else []


def each_record(reading: Reading, item: Planned) -> list[Choice]:
    """Make one call for each record a result lists, or for the one that the deed points at."""
    newest = [f for f in reading.facts if f.age == 0] or list(reading.facts)
    found = records(newest)
    if not found:
        return []
    one = picked_record(reading, item.deed.text) or (
        picked_record(reading, reading.request.text) if _IT.search(item.deed.text) else []
    )
    return _filled_each(item, [one] if one else found if _EACH.search(item.deed.text) else [])


def _filled_each(item: Planned, chosen_: Sequence[Sequence[Fact]]) -> list[Choice]:
    calls = []
    for record in chosen_:
        filled = list(item.choice.bindings)
        for param in item.choice.missing:
            fact = best_fact(param, record, item.choice.tool)
            if fact is not None:
                filled.append(Binding(param, fact_value(param, fact), None, 0.7))
        choice = replace(item.choice, bindings=tuple(filled))
        if not choice.missing:
            calls.append(choice)
    return calls
