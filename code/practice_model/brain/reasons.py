"""Why a choice was made, in the words of what was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from practice_model.brain import classify, extracts, routing
from practice_model.brain.conversation import Conversation
from practice_model.brain.verdicts import objects, wants_changes
from practice_model.brain.words import STOP, split

_DONE = {
    0: "planned it",
    1: "researched it",
    2: "written it",
    3: "tested or refined it",
    4: "reviewed it",
    5: "finished it for delivery",
}


def of_route(chosen: str, options: Sequence[str], conv: Conversation) -> str:
    """Why this worker acts next, or why the work is done."""
    said = routing.spoken(list(options), conv)
    names = [name for name, _ in said]
    stages = {name: routing.stage(name) for name in options}
    last, words = said[-1] if said else ("", "")
    if routing.is_finish(chosen):
        if stages.get(last) == 4:
            return f"The {_plain(last)} has approved, so nothing is left to do."
        if last:
            return f"The {_plain(last)} has answered, and nobody else is needed."
        return "Nothing in the request is left for anyone to do."
    if not said:
        if stages.get(chosen) in _DONE:
            return f"Nobody has {_DONE[stages[chosen] or 0]} yet."
        return _by_words(chosen, options, conv)
    if (stages.get(last) == 4 and wants_changes(words)) or (chosen in names and objects(words)):
        asked = re.split(r"(?<=[.!?])\s|\n", words.strip())[0].rstrip(".!:")
        return f"The {_plain(last)} asks for changes: {_short(asked)}."
    if stages.get(chosen) == 4 and names.count(last) > 1:
        return f"The {_plain(last)} has changed the text, so it needs another look."
    if chosen not in names and stages.get(chosen) in _DONE:
        return f"The {_plain(last)} is done, and nobody has {_DONE[stages[chosen] or 0]} yet."
    return f"The {_plain(last)} is done; {_plain(chosen)} comes next."


def of_choice(chosen: str, options: Sequence[str], text: str) -> str:
    """What in a text speaks for one of several labels."""
    cues = speaking(chosen, options, text)
    if classify.scaled(options, text) is not None:
        urgent = classify.urgent_words(text)
        if re.search(r"positive|negative|neutral|happy|angry|calm", " ".join(options), re.I):
            return _of_mood(text)
        if urgent:
            return f"The text says {_listed(urgent)}."
        return "Nothing in the text sounds urgent."
    if cues:
        return f"The text says {_listed(cues)}, which points to {_plain(chosen)}."
    if re.search(r"math|calcul|arithm|number", chosen, re.I) and classify.is_sum(text):
        return "The text holds a sum to work out."
    if re.search(r"simple", chosen, re.I):
        return "The request asks for one thing only."
    if re.search(r"complex|multi", chosen, re.I):
        return "The request asks for several kinds of work."
    if re.search(r"positive|negative|complain|prais", chosen, re.I):
        return _of_mood(text)
    if found := classify.TROUBLE.search(text):
        return f"The text tells of a fault: {_listed([found[0]])}."
    return f"Nothing in the text speaks for another choice than {_plain(chosen)}."


def _of_mood(text: str) -> str:
    mood = classify.mood(text)
    how = "pleased" if mood > 0 else "displeased" if mood < 0 else "neither pleased nor displeased"
    return f"The words of the text are {how}."


def _by_words(chosen: str, options: Sequence[str], conv: Conversation) -> str:
    text = routing.subject_text(conv)
    cues = speaking(chosen, options, text)
    if cues:
        return f"The request says {_listed(cues)}, which is work for {_plain(chosen)}."
    if re.search(r"math|calcul|arithm|number", chosen, re.I) and classify.is_sum(text):
        return f"The request holds a sum, which is work for {_plain(chosen)}."
    topic = extracts.query(conv.request)
    return f"Of those named, {_plain(chosen)} fits the request best: {_short(topic)}."


def speaking(chosen: str, options: Sequence[str], text: str) -> list[str]:
    """The words of a text that speak for one option more than for the others."""
    found: list[str] = []
    for word in split(text):
        if len(word) < 3 or word in found or word in STOP:
            continue
        own = classify.affinity(chosen, "", word)
        rival = max((classify.affinity(o, "", word) for o in options if o != chosen), default=0.0)
        if own >= 0.7 and own > rival:
            found.append(word)
    return found[:3]


def _listed(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _plain(name: str) -> str:
    return " ".join(part for part in re.split(r"[_\W]+", name) if part)


def _short(text: str, most: int = 90) -> str:
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0] + " …"
