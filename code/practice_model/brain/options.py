"""The options that instructions list: "a, b or c", "a / b / c", bullets, "yes or no".

What counts is the shape: a list at the end of a sentence that asks for a choice, behind a colon, a
question or a verb that takes one of several. Which verb it is hardly matters.
"""

from __future__ import annotations

import re

from practice_model.brain.words import DETERMINERS, PREPOSITIONS, STOP

_WORD = r"[\"'`*]{0,2}[A-Za-z][\w&-]*[\"'`*]{0,2}"
_ITEM = rf"{_WORD}(?: {_WORD}){{0,2}}"
_OR = rf"{_ITEM}(?:,\s*{_ITEM})*,?\s+or\s+{_ITEM}"
_COMMAS = rf"{_ITEM}(?:,\s*(?:or\s+|and\s+)?{_ITEM})+"
_SLASHES = rf"{_ITEM}(?:\s*[/|]\s*{_ITEM})+"
_END = r"\s*[\])}]?[.!?]?\s*$"
_SHAPES = tuple(
    re.compile(lead + body + _END, re.I)
    for lead, body in (
        # "Choose who acts next: a, b or c", "Which department? a / b / c"
        (r"^(?P<head>[^:?]{2,90})[:?]\s*[\[({]?", rf"(?P<list>{_SLASHES}|{_OR})"),
        # "Options: a, b, c"
        (r"^(?P<head>(?:[\w']+ ){0,3}(?:options?|labels?|categor(?:y|ies)|classes|routes?|choices|"
         r"teams?|workers?|agents?|members|departments?|desks?|queues?|topics?|intents?)"
         r"(?: are)?)[:=]?\s+[\[({]?", rf"(?P<list>{_COMMAS}|{_SLASHES}|{_OR})"),
        # "Route to a, b or c"
        (r"^(?P<head>(?:\w+ )?(?:route|send|forward|assign|direct|refer|dispatch|hand|pass|triage|"
         r"transfer)(?: (?:it|this|them|(?:the|each|every|an?|incoming) [\w' -]{2,40}?))?"
         r"(?: over| on)? to) (?:either )?", rf"(?P<list>{_OR}|{_SLASHES})"),
        # "Rate the mood as a, b or c"
        (r"^(?P<head>(?:\w+ )?(?!write|explain|describe|act|draft|introduce)\w+\b[^.:?]{0,60}?"
         r"\b(?:as|into)) (?:either )?", rf"(?P<list>{_OR}|{_SLASHES})"),
        # "Grade the essay a, b or c", "Say whether it is a or b", "Is it an a or a b?"
        (r"^(?P<head>(?:\w+ )?(?:grade|rate|mark|score|label|tag|classify|judge) (?:the|this|each) "
         r"\w+) ", rf"(?P<list>{_OR}|{_SLASHES})"),
        (r"^(?P<head>(?:(?:say|tell|decide|judge|determine|answer|find out)(?: me)? (?:whether|if) "
         r"(?:it|this|the \w+) (?:is|was|sounds)|(?:is|was|does) (?:it|this|the \w+)(?: sound)?))"
         r" (?:an? |either )?", rf"(?P<list>{_OR})"),
        # "Answer a, b or c", "Reply with a or b"
        (r"^(?P<head>(?:[\w']+ ){0,3}?(?:answer|say|reply|respond|return|output|print)"
         r"(?: (?:only|just|simply|exactly|strictly))?"
         r"(?: (?:with|either|one of)(?: (?:only|just|either|exactly|one word))?)?)[:,]? ",
         rf"(?P<list>{_OR}|{_SLASHES})"),
    )
)  # fmt: skip
_TELLING = re.compile(
    r"^\W*(?:write|draft|compose|summari[sz]e|explain|describe|cover|use|avoid|never|do not|"
    r"don['’]t|"
    r"mention|tone|style|help|assist|offer|sell|handle|you|we|our|format|be|keep|include|"
    r"examples?|note|remember|add|always)\b",
    re.I,
)
_PLACEHOLDER = re.compile(
    r"(?:the |a |an )?(?:next |best |right |matching |chosen )?(?:worker|agent|option|label|"
    r"category|team|role|member|route|class|answer|department)(?:['’]s)?(?: name)?"
    r"(?: to act next)?",
    re.I,
)
_BARE = frozenset(("yes", "no", "not", "other", "none", "neither", "both", "up", "down", "it"))
_EXPLAINED = re.compile(r"(?<=[\w\"'`]) ?\([^()]{4,120}\)(?=\s*(?:[,;.|/]|$|\n|or\b|and\b))")


def split(text: str) -> list[str]:
    """The members of a list as it is written."""
    parts = re.split(r"\s*[,/|]\s*(?:or |and )?|\s+or\s+|\s+and\s+", text.strip())
    bare = [re.sub(r"^(?:an?|the) ", "", p.strip("\"'`*()[]{} ."), flags=re.I) for p in parts]
    return [part for part in bare if part]


def _option(item: str) -> bool:
    first, *rest = item.lower().split()
    if any(word in DETERMINERS or word in ("it", "them", "me", "us", "him") for word in rest):
        return False  # "approve it, or list the changes" says what to do
    if len(item) == 1:
        return item.isupper()
    return first in _BARE or (first not in STOP and first not in PREPOSITIONS)


def is_placeholder(item: str) -> bool:
    """Whether a member of a list only stands for the options: "the next worker"."""
    return bool(_PLACEHOLDER.fullmatch(item.strip()))


def listed(instructions: str) -> list[str]:
    """The options of the longest list that a sentence asks to choose from; empty when none."""
    best: list[str] = []
    plain = _EXPLAINED.sub("", instructions)
    for sentence in re.split(r"(?<=[.!])\s+|\n+|(?<=\?)\s+(?=[A-Z][a-z]+ [a-z]+)", plain):
        for shape in _SHAPES:
            found = shape.match(sentence.strip(" \t-*"))
            if not found or _TELLING.match(found["head"]):
                continue
            items = list(dict.fromkeys(split(found["list"])))
            if all(map(_option, items)) and len(best) < len(items) <= 24:
                best = items
    return best


def question(instructions: str) -> str:
    """What a yes or a no is to answer: "about animals" of "Is the request about animals?"."""
    asked = re.findall(r"[^.!?\n]+\?|\b(?:whether|if)\b[^.!?\n]+", instructions)
    if not asked:
        return ""
    about = re.search(
        r"\b(?:about|regarding|concerns?|related to|deals? with|mentions?|contains?|asks? for|"
        r"speaks? of)\s+(.+)$",
        asked[-1].strip(" ?"),
        re.I,
    )
    if about:
        return about[1]
    return re.sub(
        r"^\W*(?:whether |if )?(?:is|are|does|was|do|has)?\s*(?:the|this|it|a)?\s*"
        r"(?:request|message|text|user|customer|mail|email|ticket|review|question)?\s*(?:is|are)?\s+",
        "",
        asked[-1].strip(" ?"),
        flags=re.I,
    )
