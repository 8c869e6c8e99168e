"""What a message asks for, as against what it only mentions or does not want."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from practice_model.brain.words import STOP, name_parts, phrase_stems, split, stem

_PARTS = re.compile(
    r"[.!?;\n]+(?:\s|$)|,?\s+(?:but|so|yet)\s+|,\s+(?:and\s+)?(?=(?:i|we|please|can|could|may|just|only|how|what|where|when|which|who|do|does|is)\b)|"
    r"\s+and\s+(?=(?:i|we)(?: \w+)? (?:want|need|would|wish|demand|like)\b|(?:i|we)['’]d\b|please\b)",
    re.I,
)
_REFUSED = re.compile(
    r"^\W*(?:please |just |no,? )*(?:(?:i|we) )?(?:really )?(?:do not|don['’]?t|never|no need to|not|stop|need not|neither) (?:(?:want|need|wish|like|ask|mean|care)\b|"
    r"(?:transfer|send|hand|route|connect|put|pass|forward|refer|give|tell|offer|bother|talk|speak)\w*\b)|"
    r"^\W*(?:this|that|it) (?:is|has) (?:not|n['’]t|nothing)\b|^\W*(?:this|that|it) isn['’]t\b",
    re.I,
)
_INSTEAD = re.compile(
    r"\b(?:instead of|rather than|not(?! (?:only|just)\b))\s+(?:an? |the )?[\w-]+(?: [\w-]+)?(?=\W|$)",
    re.I,
)
_WISH = re.compile(
    r"\b(?:i|we)(?: (?:only|just|really|now|also|would|still|simply))*(?:['’]d)? (?:want|need|like|love|wish|demand|expect|request|ask)\b|\b(?:i|we) (?:think|believe|suspect|am asking|would ask)\b|\b(?:i|we)['’]d (?:like|love|rather|prefer)\b|"
    r"\bplease\b|^\W*(?:can|could|may|will|would|how|what|where|when|which|who|why|is|are|do|does|did|has|have|just|only)\b|\blooking for\b|\bask(?:ing)? for\b",
    re.I,
)
_OBJECT = re.compile(
    r"((?!(?:during|regarding|according|concerning|including|nothing|something|anything|everything|morning|evening)\b)[a-z]{2,}ing)\s+(?P<what>(?:an?|the|my|our|your|their|some|\w+s)\b.*)$|"
    r"(?:does|do|did|will|would|can|could)\s+(?:my|our|the|your)\s+(?P<whose>\w+)\s+\w+\s+(?P<of>.+)$",
    re.I | re.S,
)
"""What a deed is done to: "returning a lamp" is about returns before it is about lamps."""
_APART = re.compile(r"\b(send|give|bring|take)((?: (?!back\b)[\w'-]+){1,4}) back\b", re.I)
_COMMON = frozenset(stem(word) for word in ["people", "person", "customer", "customers", "work", "thing", "way", "day", "want", "need", "know", "please", "help", "question"])  # fmt: skip


@dataclass(frozen=True)
class Matter:
    """The words of a message with their weights, and the words for what is not wanted."""

    weights: Mapping[str, float]
    flat: Mapping[str, float]
    refused: frozenset[str]
    before: Mapping[str, frozenset[str]]
    """For each word, the words that stand right before it: "credit" for the card of "credit card"."""


@lru_cache(maxsize=512)
def of(message: str) -> Matter:
    """Weigh the words of a message: what is asked for counts most, what is refused not at all."""
    text = _APART.sub(r"\1 back\2", message)
    parts = [part for part in _PARTS.split(text) if part.strip()]
    refused: set[str] = set()
    kept: list[str] = []
    for part in parts:
        if _REFUSED.match(part):
            refused.update(phrase_stems(part))
            continue
        for found in _INSTEAD.finditer(part):
            refused.update(phrase_stems(found[0]))
        kept.append(_INSTEAD.sub(" ", part))
    wishes = [bool(_WISH.search(part)) for part in kept]
    weights: dict[str, float] = {}
    for part, wish in zip(kept, wishes, strict=True):
        weight = 1.0 if wish or not any(wishes) else 0.3
        object_ = _OBJECT.match(part.strip())
        lesser = set(phrase_stems(object_["what"] or object_["of"])) if object_ else set()
        for word in phrase_stems(part):
            if word not in _COMMON:
                share = (0.7 if object_ and object_[1] else 0.4) if word in lesser else 1.0
                weights[word] = max(weights.get(word, 0.0), weight * share)
    for phrase in [word for word in weights if "_" in word]:
        for piece in phrase.split("_"):
            weights.pop(piece, None)
    return Matter(
        weights,
        dict.fromkeys(weights, 1.0),
        frozenset(refused - weights.keys()),
        modifiers(" . ".join(kept)),
    )


def refuses(message: str, option: str) -> bool:
    """Whether a message says that it does not want an option: "not billing"."""
    return bool(of(message).refused & {stem(part) for part in name_parts(option)})


@lru_cache(maxsize=1024)
def modifiers(text: str) -> dict[str, frozenset[str]]:
    """For each word of a text, the words that stand right before it, as stems; "" for none."""
    found: dict[str, set[str]] = {}
    for piece in re.split(r"[^\w\s'’-]+|\b(?:and|or)\b", text):
        listed = split(piece)
        for first, second in pairwise(["", *listed]):
            if second not in STOP:
                found.setdefault(stem(second), set()).add("" if first in STOP else stem(first))
    return {word: frozenset(before) for word, before in found.items()}


@lru_cache(maxsize=1024)
def leading(text: str) -> frozenset[str]:
    """The words of a text that always stand before another noun: the room of "room keys"."""
    first: set[str] = set()
    last: set[str] = set()
    for piece in re.split(r"[^\w\s'’-]+|\b(?:and|or)\b", text):
        listed = split(piece)
        for word, after in pairwise([*listed, ""]):
            if word not in STOP:
                (first if after and after not in STOP else last).add(stem(word))
    return frozenset(first - last)
