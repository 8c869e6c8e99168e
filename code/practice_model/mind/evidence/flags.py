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
_FREE = frozenset(["free", "without", "no", "non", "not"])
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
    """Decide a yes-or-no field by the words of a text; None where none is about it."""
    named = [w for w in name_words(param.name) if w not in _STATUS]
    told = [w for w in telling(param.description.lower()) if w not in _STATUS]
    status = [
        w for w in words(f"{param.name.replace('_', ' ')} {param.description}") if w in _STATUS
    ]
    for wanted in (named, told):
        if wanted and (segment := _nearest(wanted, told, status, text)):
            return _affirms(segment, name_words(param.name) if wanted is named else wanted)
    return None


def likely(param: Param, text: str) -> bool | None:
    """Decide a yes-or-no field by the sentence nearest in meaning; None where none is near."""
    about = " ".join(dict.fromkeys([*name_words(param.name), *telling(param.description.lower())]))
    about = " ".join(w for w in about.split() if w not in _STATUS)
    every = [(vectors.similarity(about, s.text), s.text) for s in sentences(text[:20_000])[:100]]
    top, best = max(every, default=(0.0, ""))
    return not denies(best) if top >= _ALIKE else None


def _nearest(wanted: list[str], told: list[str], status: list[str], text: str) -> str:
    """Return the piece of a text that has most of a field's words; "" if none has enough."""
    best, top = "", 0.0
    for place, segment in enumerate(segments(text)):
        hits = [nearest(w, segment) for w in wanted]
        more = sum(nearest(w, segment) for w in told) / (1 + len(told))
        score = sum(hits) / len(hits) + 0.4 * more - 0.001 * place
        score += 0.25 * any(near(w, other) == 1 for w in status for other in words(segment))
        if max(hits) >= 0.5 and score > top:
            best, top = segment, score
    return best if top >= 0.5 else ""


def _affirms(segment: str, wanted: list[str]) -> bool:
    """Tell that a piece affirms what it speaks of: "un-" or "not" deny it, both do not."""
    opposite = any(
        w.startswith(("un", "non-")) and near(w.removeprefix("un").removeprefix("non-"), one) == 1
        for w in words(segment)
        for one in wanted
        if not one.startswith("un")
    )
    opposite |= bool(_FREE & set(wanted)) and not _FREE & set(words(segment))
    return denies(segment) == opposite
