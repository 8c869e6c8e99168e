"""What a request wants done, by its verb: phrasal verbs, and verbs that ask for the same deed.

The groups are wider than the near-synonyms of `thesaurus`: in "give the van to Ada" and "assign
the van" the verbs mean the same, though "give" and "assign" do not. They therefore count only for
the verb that opens a request and only against the verb that opens a tool's name or description.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from practice_model.brain import thesaurus
from practice_model.brain.extracts import strip_polite
from practice_model.brain.words import is_deed, name_parts, stem


def _stems(words: str) -> tuple[str, ...]:
    return tuple("_".join(stem(part) for part in word.split("_")) for word in words.split())


def _numbered() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(thesaurus.DEEDS.strip().splitlines()):
        for word in _stems(line):
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


_DEEDS = _numbered()
_LOOKS = frozenset(_stems(thesaurus.SHOWING))
_ACTS = (
    frozenset(_DEEDS) | frozenset(_stems(thesaurus.OTHER_DEEDS + thesaurus.MORE_DEEDS))
) - _LOOKS
_PARTICLES = frozenset(
    ("up", "down", "off", "on", "out", "in", "over", "back", "away", "through", "aside")
)
_NO_VERB_WORDS = """
how what when where who whom whose which why is are was were do does did has have had can could
will would should the a an my our your this that these those if whether there any all
"""
_NO_VERBS = frozenset(_NO_VERB_WORDS.split())
_WISH = re.compile(r"^(?:i|we)(?:['’]d| would|['’]ll| will)? (?:like|love|need|want|have)\b", re.I)
_OPENER = re.compile(r"\W*(?:(?:please|kindly|just|also|then|and|now|so)\W+)*([^\W\d_]+)", re.I)


class Deed(NamedTuple):
    """The verb that opens a clause: its stem, with its particle where it has one, and its end."""

    verb: str
    plain: str
    end: int


@lru_cache(maxsize=1024)
def opening(text: str) -> Deed | None:
    """The verb that a clause opens with, also where its particle stands behind the object."""
    bare = strip_polite(text)
    at = text.find(bare) if bare else 0
    if found := _WISH.match(bare):
        return Deed("want", "want", at + found.end())
    found = _OPENER.match(bare)
    if not found:
        return None
    if found[1].lower() in _NO_VERBS:
        return None
    verb = stem(found[1])
    if verb == "giv" and re.match(r"\W+(?:me|us)\b", bare[found.end() :], re.I):
        return Deed("show", "show", at + found.end())
    tail = re.split(r"[.;:!?](?=\s|$)|\n|\band\b", bare[found.end() :])[0]
    tail = re.sub(r"\S+@\S+", "x", tail)
    for distance, word in enumerate(re.findall(r"[^\W_]+(?:['’_-][^\W_]+)*", tail)[:6]):
        joined = f"{verb}_{word.lower()}"
        if word.lower() in _PARTICLES and joined in _DEEDS:
            if not distance:
                end = found.end() + tail.find(word) + len(word)
                return Deed(joined, verb, at + end)
            return Deed(joined, verb, at + found.end())
    return Deed(verb, verb, at + found.end())


def same(verb: str, other: str) -> bool:
    """Whether two verbs can ask for the same deed."""
    return bool(_DEEDS.get(verb, frozenset()) & _DEEDS.get(other, frozenset()))


@lru_cache(maxsize=1024)
def of_tool(name: str, description: str) -> tuple[str, ...]:
    """The verbs that open a tool's name and its description, as far as they are verbs.

    "Ship" and "ships" are; "shipment" and "shipping" name a thing.
    """
    found = re.match(r"\W*([^\W\d_]+)(?:[- ](up|down|off|on|out|in|over|back)\b)?", description)
    told = []
    for word in [*name_parts(name)[:1], *([found[1]] if found else [])]:
        verb = stem(word)
        if (
            word.lower() not in _NO_VERBS and not re.search(r"(?:ing|ment|ed|ion|al)$", word, re.I)
        ) or is_deed(word):
            told.append(verb)
    if found and found[2]:
        told.append(f"{stem(found[1])}_{found[2]}")
    return tuple(dict.fromkeys(told))


_ABOUT_TOOL = re.compile(
    r"\W*(?:this|the|an?|use|tool|function|allows?|helps?|lets?|used|call|can|will)\b|\W*$", re.I
)


def acts(name: str, description: str) -> bool:
    """Whether a tool does something rather than tell something.

    Its description says so by its first word; where it speaks of the tool first, its name does.
    """
    found = re.match(r"\W*([^\W\d_]+)", description)
    opening_word = stem(found[1]) if found else ""
    if opening_word in _LOOKS:
        return False
    if _ABOUT_TOOL.match(description):
        return any(verb in _ACTS for verb in of_tool(name, ""))
    return bool(found) and opening_word in _ACTS and opening_word in of_tool("", description)
