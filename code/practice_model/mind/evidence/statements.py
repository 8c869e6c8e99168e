"""Everything a model was told, as statements: who said each, and what later words made of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from practice_model.lexicon import table
from practice_model.mind.evidence.people import speakers
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import find
from practice_model.mind.reading.text import content, words
from practice_model.mind.reading.values import spans

_EVIDENCE = table("evidence")
_RETRACT: list[str] = _EVIDENCE["retracting"]
_CORRECT: list[str] = _EVIDENCE["correcting"]
_SUBJECT: list[str] = _EVIDENCE["subject"]
_ASKING = frozenset(_EVIDENCE["asking"].split())
_THIRD = frozenset(["she", "he", "it", "they"])
_VALUES = frozenset(_EVIDENCE["values"].split())
_NOT = re.compile(
    r"(?P<x>(?:(?P<prep>for|on|in|at|with|to|from|by) )?[^,.;]{1,40}?),? (?:and )?not "
    r"(?P<y>(?:(?:for|on|in|at|with|to|from|by) )?[^,.;]{2,40})$",
    re.I,
)


@dataclass(frozen=True)
class Statement:
    """Something that was said, by the user, the assistant, or in a text given."""

    text: str
    speaker: str = "given"
    turn: int = -1
    context: str = ""

    @property
    def own(self) -> bool:
        """Tell what the user says of themselves, or a memory says of the user."""
        low = words(self.text)[:2]
        told = low[:1] in (["i"], ["my"], ["i'm"], ["i've"], ["user"], ["user's"])
        return self.speaker == "user" or told or low in (["the", "user"], ["the", "user's"])


def revised(every: Sequence[Statement]) -> list[Statement]:
    """Apply corrections and retractions to what was said before them."""
    made: list[Statement] = []
    gone, last = "", -1
    for one in every:
        if one.speaker == "user" and (cue := find(_RETRACT, one.text)):
            last = max(
                (m.turn for m in made if m.speaker == "user" and m.turn < one.turn), default=-1
            )
            rest = one.text[cue.end :].strip(" ,.;:–—-")
            gone = " ".join(m.text for m in made if m.turn == last and m.speaker == "user")
            made = [m for m in made if m.turn < last or m.speaker == "given"]
            if len(rest.split()) < 3:
                continue
            one = replace(one, text=rest)
        if one.speaker == "user":
            made = _corrected(made, one)
        made.append(replace(one, context=gone) if one.turn > last >= 0 else one)
    return made


def _corrected(made: list[Statement], new: Statement) -> list[Statement]:
    if swap := _contrast(new.text):
        return [replace(m, text=_swapped(m.text, *swap)) for m in made]
    cue = find(_CORRECT, new.text) or any(
        m.turn == new.turn and find(_CORRECT, m.text) for m in made[-2:]
    )
    if not cue and not _bare(new.text):
        return made
    for value in (s for s in spans(new.text) if s.kind in _VALUES and not s.negated):
        for place in range(len(made) - 1, -1, -1):
            there = [s for s in spans(made[place].text) if s.kind == value.kind]
            if value.kind == "name":  # only one that the same turn speaks of goes
                near = " ".join(m.text for m in made if m.turn == new.turn)
                there = [s for s in there if s.text in near]
            if there and made[place].turn < new.turn and made[place].speaker != "assistant":
                old = there[0].text
                made = [
                    replace(m, text=m.text.replace(old, value.text)) if m.turn < new.turn else m
                    for m in made
                ]
                break
    return made


def _bare(text: str) -> bool:
    """Tell that a sentence says hardly more than a value: "it is MF-78"."""
    values = [s for s in spans(text) if s.kind in _VALUES]
    return bool(values) and len(content(text) - content(values[0].text)) == 0


def _contrast(text: str) -> tuple[str, str] | None:
    match = _NOT.search(text.rstrip(" .!"))
    if match is None:
        return None
    return match["y"], match["x"]


def _swapped(text: str, old: str, new: str) -> str:
    """Put a new value for an old one, whose determiner may differ ("my son", "his son")."""
    old, new = (old.split() or [old])[-1], (new.split() or [new])[-1]
    return re.sub(rf"\b{re.escape(old)}\b", lambda _: new, text, flags=re.I)


def of_reading(reading: Reading, given: Sequence[str]) -> list[Statement]:
    """Return all statements, the oldest first; each knows the one before it."""
    made = [Statement(text) for text in given]
    for place, turn in enumerate(reading.turns[: max(reading.request_index, 0)]):
        if turn.role not in ("user", "assistant"):
            continue
        if turn.role == "user":
            names = [turn.text[a:b] for a, b in speakers(turn.text)[:1]]
            made += [Statement(f"My name is {name}.", "user", place) for name in names]
        for s in reading.passages[place].sentences:
            hollow = turn.role == "assistant" and find(_EVIDENCE["hollow"], s.text)
            asks = s.mood == "question" or (words(s.text) or [""])[0] in _ASKING
            if not asks and not hollow:
                made.append(Statement(s.text, turn.role, place))
    return revised(made)


def told_apart(every: Sequence[Statement], parts: Callable[[str], list[str]]) -> list[Statement]:
    """Split statements by `parts`, put their subjects for pronouns, and add their contexts."""
    made: list[Statement] = []
    for one in every:
        for part in parts(one.text):
            first = (words(part) or [""])[0]
            subject = find(_SUBJECT, made[-1].text) if made and first in _THIRD else None
            if subject:
                head = made[-1].text[: made[-1].text.index(subject["x"]) + len(subject["x"])]
                part = f"{head} {part.partition(' ')[2]}"
            before = " ".join(m.text for m in made[-2:] if m.turn == one.turn)
            made.append(replace(one, text=part, context=f"{one.context} {before}".strip()))
    return made
