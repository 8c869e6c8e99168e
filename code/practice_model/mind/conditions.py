"""Conditions in requests, held against what results of tools say."""

import re
from collections.abc import Sequence
from typing import Any

from practice_model.lexicon import table
from practice_model.mind.parameters import name_words
from practice_model.mind.reading.measures import convert
from practice_model.mind.reading.model import Fact
from practice_model.mind.reading.tokens import stem, tokens, word_set
from practice_model.mind.reading.values import fits, sign_of
from practice_model.mind.vectors import similarity

_NOT = re.compile(
    r"\b(?:not|no|n't|isn't|hasn't|wasn't|aren't|haven't|doesn't|never|none|nothing)\b|n't\b", re.I
)
_YES, _NOS = (frozenset(table("senses")["states"][key]) for key in ("yes", "no"))
_LIGHT = {"yet", "already", "still", "order", "if"}


def holds(condition: str, facts: Sequence[Fact]) -> bool | None:
    """Decide a condition on newest facts; None where they don't tell."""
    now = [f for f in facts if f.age == 0 and not isinstance(f.value, dict | list)]
    if not now:
        return None
    unless = bool(re.match(r"\s*unless\b", condition, re.I))
    decided = _numeric(condition, now)
    if decided is None:
        decided = _state(condition, now)
    return decided if decided is None or not unless else not decided


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    match = re.fullmatch(r"[^\w-]{0,3}(-?\d+(?:\.\d+)?)(?:\s*[^\d\s]{0,12})?", str(value).strip())
    return float(match[1]) if match else None


def _numeric(condition: str, facts: Sequence[Fact]) -> bool | None:
    from practice_model.mind.reading.spans import scan

    sign = sign_of(condition)
    scanned = scan(condition)
    amounts = [s for s in scanned.spans if isinstance(s.value, int | float) and s.kind != "ordinal"]
    if not sign or not amounts:
        return None
    limit = float(amounts[0].value)
    words = word_set(condition)
    best, top = None, -1.0
    for fact in facts:
        amount = _amount(fact.value)
        keys = {stem(w) for w in name_words(fact.key)}
        if amount is None or keys & {"id", "number", "card", "phon", "zip", "year"}:
            continue
        near = 2.0 * len(keys & words) + similarity(" ".join(name_words(fact.key)), condition)
        if near > top:
            best, top = amount, near
    if best is None:
        return None
    if amounts[0].kind == "duration":
        limit = convert(limit, "second", amounts[0].unit) or limit
    return fits(sign, best, limit)


def _state(condition: str, facts: Sequence[Fact]) -> bool | None:
    denied = bool(_NOT.search(condition)) or bool(re.search(r"\bstill\b.*\bun\w+", condition))
    wanted = word_set(condition) - _LIGHT
    for fact in facts:
        keys = {stem(w) for w in name_words(fact.key)}
        said = str(fact.value).lower()
        if keys & wanted and (isinstance(fact.value, bool) or said in _YES | _NOS):
            yes = fact.value is True or said in _YES
            return yes != denied
    for fact in facts:
        said = str(fact.value).lower()
        stems = {stem(t.low) for t in tokens(said[:300]) if t.is_word}
        if stems & wanted and not isinstance(fact.value, bool):
            negative = bool(_NOT.search(said)) or "out of" in said
            return (not negative) != denied
    for fact in facts:
        amount = _amount(fact.value)
        keys = {stem(w) for w in name_words(fact.key)}
        if amount is not None and keys & wanted:
            return (amount > 0) != denied
    return None
