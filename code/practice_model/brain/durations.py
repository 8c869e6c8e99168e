"""Spans of time as people say them, and the same span in the unit that a parameter wants."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from practice_model.brain import entities
from practice_model.brain.parameters import Parameter
from practice_model.brain.words import stem

_SECONDS = {
    "millisecond": 0.001, "ms": 0.001, "second": 1, "sec": 1, "s": 1, "minute": 60, "min": 60,
    "hour": 3600, "hr": 3600, "h": 3600, "day": 86400, "week": 604800, "fortnight": 1209600,
}  # fmt: skip
_BY_STEM = {stem(word): size for word, size in _SECONDS.items()}
_UNIT = (
    r"(?P<unit>milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|weeks?|"
    r"fortnights?)"
)
_NUMBER = r"\d+(?:[.,]\d+)?|" + "|".join(sorted(entities.NUMBER_WORDS, key=len)[::-1])
_SPAN = re.compile(
    rf"\b(?:(?P<count>{_NUMBER}|an?|half(?: an?)?|a quarter of an|three quarters of an|"
    rf"a couple of|half a dozen|(?:past|last)(?= hour))"
    rf"[ -]?{_UNIT}\b(?P<more> and a (?:half|quarter)\b)?"
    rf"(?: (?:and )?(?P<rest>{_NUMBER}) ?(?P<small>minutes?|mins?|seconds?|secs?)\b)?)",
    re.I,
)
_SAID = {
    "half": 0.5, "half a": 0.5, "half an": 0.5, "a quarter of an": 0.25,
    "three quarters of an": 0.75, "a couple of": 2, "half a dozen": 6, "a": 1, "an": 1,
    "past": 1, "last": 1,
}  # fmt: skip


class Span(NamedTuple):
    """A span of time in seconds, and where it is told."""

    seconds: float
    start: int
    end: int


@lru_cache(maxsize=512)
def read(text: str) -> tuple[Span, ...]:
    """The spans of time that a text tells: "half an hour", "2 weeks", "an hour and a half"."""
    found = []
    for match in _SPAN.finditer(text):
        said = match["count"].lower()
        count = _SAID.get(said, entities.numeric(said))
        size = _BY_STEM.get(stem(match["unit"]))
        if count is None or size is None:
            continue
        if match["more"]:
            count += 0.5 if match["more"].endswith("half") else 0.25
        seconds = count * size
        if match["rest"]:
            seconds += (entities.numeric(match["rest"]) or 0) * _BY_STEM[stem(match["small"])]
        found.append(Span(seconds, match.start(), match.end()))
    return tuple(found)


_IN_SECONDS = re.compile(r"(?<![^\W_])(?:seconds|secs?)(?![^\W_])", re.I)  # "second" is an ordinal


def wanted_unit(parameter: Parameter) -> float | None:
    """The seconds in the unit that a number is wanted in; None for what is no span of time."""
    if parameter.kind not in ("integer", "number"):
        return None
    told = str(parameter.schema.get("description") or "")
    for words, text in ((parameter.cues, parameter.name), (parameter.hints, told)):
        sizes = {_BY_STEM[word] for word in words if word in _BY_STEM}
        if _IN_SECONDS.search(text):
            sizes.add(1)
        if len(sizes) == 1:
            return sizes.pop()
    return None


def in_unit(span: Span, size: float) -> float | int:
    """A span's length in a unit, whole where it comes out whole."""
    value = round(span.seconds / size, 4)
    return int(value) if value == int(value) else value
