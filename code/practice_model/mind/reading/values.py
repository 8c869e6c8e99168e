"""Kinds of value in a text: money, dates, numbers, durations, names, addresses."""

import operator
from functools import lru_cache
from typing import Any

from practice_model.mind.reading import passage
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find
from practice_model.mind.reading.text import content, cover, words

_KINDS: dict[str, list[str]] = LEXICON["value_kinds"]
_NAMES: dict[str, list[str]] = LEXICON["value_names"]
_SIGNS = {"most": operator.le, "least": operator.ge, "under": operator.lt, "over": operator.gt}


@lru_cache(maxsize=512)
def spans(text: str) -> tuple[Span, ...]:
    """Return the spans of a text."""
    return tuple(span for span in passage(text).spans if not span.corrected)


def kind_of(topic: str) -> str:
    """Return the kind of value that a topic names: "the price" is money; "" if none."""
    low = words(topic)
    if not low or len(low) > 4:
        return ""
    return next((kind for kind, names in _NAMES.items() if low[-1] in names), "")


def of_kind(text: str, kind: str) -> list[Span]:
    """Return the values of a kind ("money", "when", "number" …) in a text."""
    wanted = _KINDS.get(kind, [kind])
    return [span for span in spans(text) if span.kind in wanted]


def has_kind(text: str, topic: str) -> bool:
    """Tell that a text holds a value as a topic names it ("delivery time": "takes two days")."""
    kind = kind_of(topic)
    rest = content(" ".join(w for w in words(topic)[:-1] if w not in _NAMES.get(kind, [])))
    if kind == "number":
        return any(char.isdigit() for char in text) and (not rest or cover(rest, text) == 1.0)
    if kind == "colour":
        return bool(set(words(text)) & CLASSES["colours"])
    if not kind or (rest and cover(rest, text) < 1.0):
        return False
    return bool(of_kind(text, kind)) or (bool(rest) and any(char.isdigit() for char in text))


def wanted(question: str) -> str:
    """Return the kind of value a question asks for: "when", "money", "name" …; "" if any."""
    kinds = LEXICON["asking"]["kinds"].items()
    return next((kind for kind, patterns in kinds if find(patterns, question)), "")


def sign_of(condition: str) -> str:
    """Return how a condition compares: "most", "least", "under", "over", or "" for not at all."""
    return next((sign for sign, told in LEXICON["compare"].items() if find(told, condition)), "")


def fits(sign: str, value: Any, limit: Any) -> bool:
    """Tell that a value keeps a limit."""
    return bool(_SIGNS[sign](value, limit))
