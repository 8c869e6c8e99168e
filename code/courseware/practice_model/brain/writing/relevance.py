"""Whether a sentence of a source is about what is asked: one shared everyday word is not enough."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Sequence

from courseware.practice_model.brain.words import kinship
from courseware.practice_model.brain.words import stem as general_stem
from courseware.practice_model.brain.writing.model import Source, Task
from courseware.practice_model.brain.writing.text import (
    NUMERALS,
    STOPWORDS,
    sentences,
    stem,
    stems,
    strip_citations,
    words,
)

_EVERYDAY = """customer customers client clients people person everyone everybody somebody anybody someone reader readers
    help page pages text texts thing things way ways use uses used using need needs needed want wants wanted
    know say says said tell told give gives given take takes taken go goes come comes find finds found see look
    work works working good better best new old big small large great many much lot different various certain
    day days week weeks month months monthly weekly daily year years yearly hour hours minute minutes time times long
    price prices cost costs fee fees charge charges euro euros money amount number figure figures percent
    part parts kind kinds sort sorts type types example examples information details detail question questions
    answer answers point points topic subject note notes source sources team staff us our own every each
    write writing written read mention include cover covers explain describe allow allowed able possible
    happen happens happened matter means mean keep keeps reason reasons thank thanks sorry next step steps first second last
    third half quarter it not never always often usually about fast quick quickly slow soon high low short
    letter e-mail mail message post article leaflet guide blog report memo list haiku poem apology announcement"""
GENERIC = frozenset(_EVERYDAY.split())
"""Words that any two texts may share; what they have in common says nothing about their subjects."""

_PRICE = re.compile(
    r"[€$£]|\b(?:euros?|dollars?|pounds?|cents?|free of charge|for free|costs?)\b", re.I
)
_LENGTH = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|o'clock|\d{1,2}:\d\d)\b", re.I
)
_FAR_AWAY = """japan china india korea australia canada brazil mexico argentina chile egypt kenya nigeria morocco israel turkey
    thailand vietnam indonesia singapore malaysia philippines usa america states zealand africa asia overseas abroad
    iceland russia ukraine"""
_COUNTRY = frozenset(_FAR_AWAY.split())
"""Places for which a text may speak of countries, without naming each."""


def content(text: str) -> dict[str, str]:
    """The words of a text that tell its subject, by stem; everyday words and figures are none."""
    found: dict[str, str] = {}
    for word in words(strip_citations(text)):
        for part in re.split(r"[-/]", word.removesuffix("'s")):
            if (
                len(part) > 1
                and part not in STOPWORDS
                and part not in GENERIC
                and part not in NUMERALS
                and not part[0].isdigit()
            ):
                found.setdefault(stem(part), part)
    return found


def shared(asked: str, given: str, *, exactly: bool = False) -> set[str]:
    """The subject words of `asked`, as stems, that `given` has too: itself, or a near relation.

    A country is named by "countries" too. With `exactly`, near relations do not count.
    """
    here = content(given)
    near = () if exactly else tuple(general_stem(word) for word in here.values())
    found = set()
    for own, word in content(asked).items():
        if (
            own in here
            or _same_root(own, here)
            or (word in _COUNTRY and re.search(r"\bcountries\b", given, re.I))
            or any(kinship(general_stem(word), other) >= 0.6 for other in near)
        ):
            found.add(own)
    return found


def _same_root(own: str, here: dict[str, str]) -> bool:
    """Approval and approve, delivery and delivered: five letters and more in common."""
    return len(own) >= 5 and any(
        other[: min(len(own), len(other), 7)] == own[: min(len(own), len(other), 7)]
        for other in here
        if len(other) >= 5
    )


def on_subject(asked: str, sentence: str, title: str = "", topic: str = "") -> bool:
    """Whether a sentence, with the title it stands under, is about what is asked.

    Two words of the subject must be shared, or the only one there is. Where what is asked has one
    such word and stands within a larger `topic`, a word of the topic must be shared too. A price
    is taken up by an amount of money, a time by a length of time.
    """
    wanted = set(content(asked))
    around = set(content(topic)) - wanted
    if len(stems(asked)) >= 2 and stems(asked) <= stems(sentence):
        return True
    own = shared(asked, sentence)
    both = own | shared(asked, title)
    if not wanted:
        facet = _facet(asked, sentence)
        if facet is None or not around:
            return bool(facet) or bool(around and on_subject(topic, sentence, title))
        near = shared(topic, sentence) | shared(topic, title)
        return facet and len(near) >= min(2, len(around))
    if _facet(asked, sentence) is False:
        return False
    exact = shared(asked, sentence, exactly=True) | shared(asked, title, exactly=True)
    if not exact:
        return False
    if len(wanted) == 1:
        near = shared(topic, sentence) | shared(topic, title)
        return bool(own or near) and (not around or bool(near - wanted))
    return len(both) >= 2 and bool(own)


def _facet(asked: str, sentence: str) -> bool | None:
    """Whether a sentence has the sum or the time that is asked for; None when none is."""
    if re.search(r"\b(?:prices?|costs?|fees?|charges?|money|how much)\b", asked, re.I):
        return bool(_PRICE.search(sentence))
    if re.search(r"^when\b|\b(?:times?|how long|duration|how fast|how soon)\b", asked, re.I):
        return bool(_LENGTH.search(sentence))
    return None


def within(task: Task) -> str:
    """The topic that a statement must share too: of what a search found, anything may be about
    something else, while notes that somebody gathered for a text are about its topic.
    """
    return task.topic if task.searched else ""


def about(task: Task, sentence: str, source: Source) -> bool:
    """Whether a sentence of a source belongs in a text: it is about a point, or about the topic."""
    title = source.title or ""
    if task.points:
        if any(on_subject(point, sentence, title, task.topic) for point in task.points):
            return True
        return bool(content(task.topic)) and on_subject(task.topic, sentence, title)
    asked = task.topic or task.request
    return on_subject(asked, sentence, title) if content(asked) else True


_LEANS = re.compile(
    r"^(?:it|they|this|these|those|he|she|both|its|their)\b|^(?:[\w'’-]+ ){1,3}then\b", re.I
)


def leans(sentence: str) -> bool:
    """Whether a sentence needs the one before it: "Customer service then sends a replacement"."""
    return bool(_LEANS.match(sentence.strip()))


def upright(chosen: Sequence[str], sources: Sequence[Source]) -> list[bool]:
    """For each chosen sentence, whether it can be understood: what it leans on stands before it."""
    known = [
        [
            _bare(entry)
            for source in sources
            if source.id == name
            for entry in sentences(source.text)
        ]
        for name in dict.fromkeys(source.id for source in sources)
    ]
    there = [_bare(entry) for entry in chosen]
    verdicts = []
    for place, entry in enumerate(there):
        prior = next(
            (
                listed[listed.index(entry) - 1]
                for listed in known
                if entry in listed and listed.index(entry)
            ),
            None,
        )
        verdicts.append(not leans(entry) or (place > 0 and there[place - 1] == prior))
    return verdicts


def _bare(sentence: str) -> str:
    return strip_citations(sentence).strip().rstrip(".")
