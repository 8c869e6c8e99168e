"""Yes or no: whether the statement nearest to a field or a question affirms it."""

import re
from functools import lru_cache

from practice_model.lexicon import table
from practice_model.mind import vectors
from practice_model.mind.evidence.nearness import near, nearest, telling
from practice_model.mind.parameters import Param, name_words
from practice_model.mind.reading.sentences import sentences
from practice_model.mind.reading.text import words

_CUT = re.compile(r"[,;:()!?]\s|\.\s|\s[-–—]\s|\b(?:but|although|though|while|because|so)\b", re.I)
_EVIDENCE = table("evidence")
_NO = frozenset(_EVIDENCE["denying"].split())
_STATUS = frozenset(_EVIDENCE["status"].split())
_ALIKE = 0.28
"""A sentence this near to a field's description in meaning tells it."""


@lru_cache(maxsize=256)
def segments(text: str) -> tuple[str, ...]:
    """Cut a text into the pieces that a "not" reaches."""
    found = [p for s in sentences(text[:20_000])[:200] for p in _CUT.split(s.text)]
    return tuple(p.strip() for p in found if telling(p) or words(p))


def denies(segment: str) -> bool:
    """Tell that a piece of a sentence says no."""
    return any(w in _NO or w.endswith("n't") for w in words(segment))


def flag(param: Param, text: str) -> bool | None:
    """Decide a yes-or-no field from a text; None where the text says nothing about it."""
    named = [w for w in name_words(param.name) if w not in _STATUS]
    told = [w for w in telling(param.description.lower()) if w not in _STATUS]
    wanted = named or told
    if not wanted:
        return None
    best, top = "", 0.0
    for place, segment in enumerate(segments(text)):
        hits = [nearest(w, segment) for w in wanted]
        more = sum(nearest(w, segment) for w in told) / (1 + len(told))
        score = sum(hits) / len(hits) + 0.4 * more - 0.001 * place
        if max(hits) >= 0.5 and score > top:
            best, top = segment, score
    if best and top >= 0.5:
        return _affirms(best, wanted)
    about = " ".join([*named, *told])
    every = sentences(text[:20_000])[:100]
    near_ones = sorted(((vectors.similarity(about, s.text), s.text) for s in every), reverse=True)
    if near_ones and near_ones[0][0] >= _ALIKE:
        return not denies(near_ones[0][1])
    return None


def _affirms(segment: str, wanted: list[str]) -> bool:
    """Tell that a piece affirms what it speaks of: "un-" and "not" deny it, both together do not."""
    opposite = any(
        w.startswith(("un", "non-")) and near(w.removeprefix("un").removeprefix("non-"), one) == 1
        for w in words(segment)
        for one in wanted
        if not one.startswith("un")
    )
    return denies(segment) == opposite
