"""On or off: which way a request turns what a boolean parameter stands for.

A boolean is told in three ways: by the state it names ("closed", "frozen"), whose opposite or
whose undoing ("open", "unfreeze") means false; by a switch ("on", "enabled", "active"), which
follows the deed ("turn off", "disable"); or by a thing that is wanted or not ("without shuffle").
"""

from __future__ import annotations

import re

from practice_model.brain import entities
from practice_model.brain.extracts import strip_polite
from practice_model.brain.parameters import Parameter
from practice_model.brain.phrases import Clause
from practice_model.brain.words import kinship, name_parts, stem

_STATES = """
on enabled enable active activated activate running run power powered state switched working
"""
_SWITCHES = frozenset(stem(word) for word in _STATES.split())
_ON = re.compile(
    r"\b(?:on|enabled?|enabling|(?:re)?activat\w+|start\w*|resume\w*|into)\b(?! [\d#])", re.I
)
_OFF = re.compile(
    r"\b(?:off|disabl\w+|deactivat\w+|stop\w*|halt\w*|kill\w*|"
    r"(?:shut|clos|pow)\w*\b[^.;]{0,30}\bdown|out of)\b",
    re.I,
)
_TURNS = re.compile(
    r"\b(?:turn|switch|put|flip|shut|power|keep|leave|set|toggle|fire|light|have|want)\w*\b"
    r"(?:(?!\b(?:turn|switch|put|flip|shut|power)\w*\b)(?:[^.;!?]|\.(?=\S)))*?"
    r"\b(?P<way>on|off|in|into|out)\b(?! (?:\d|page|branch|line)\b)",
    re.I,
)
_OPPOSITES = (
    ("open", "close"), ("open", "shut"), ("lock", "unlock"), ("up", "down"),
    ("public", "private"), ("visible", "hide"), ("show", "hide"), ("online", "offline"),
    ("allow", "forbid"), ("allow", "deny"), ("include", "exclude"), ("include", "omit"),
    ("include", "skip"), ("keep", "drop"), ("connect", "disconnect"), ("free", "occupy"),
    ("raise", "lower"), ("mute", "unmute"), ("loud", "quiet"), ("read", "unread"),
    ("ascend", "descend"), ("pause", "resume"), ("available", "busy"),
)  # fmt: skip
_UNDOING = ("un", "dis", "de", "in", "non")
_NEGATION = re.compile(
    r"(?:\b(?:no|not|never|non|without|skip\w*|except|cannot|off|disable|exclud\w+|omit\w*|"
    r"leav\w+ out|instead of|rather than|stop|quit|cease|end|no longer)|n['’]t)\W+"
    r"(?:(?:the|any|a|an|be|to|want|need|get|have|do|make|use|it|them|let|allow|it's|"
    r"necessarily|really|even|in|on|with|as)\W+){0,3}$|"
    r"n['’]t (?!forget|mind|miss)\w+ (?:the|any|an?|my|our|its|his|her|their) $",
    re.I,
)


def _stems(text: str) -> list[tuple[str, int]]:
    return [(stem(m.group()), m.start()) for m in re.finditer(r"[^\W_]+", text)]


def _opposite(a: str, b: str) -> bool:
    """Whether two stems are each other's opposite, by a list or by a prefix that undoes."""
    pairs = {(stem(x), stem(y)) for x, y in _OPPOSITES}
    if (a, b) in pairs or (b, a) in pairs:
        return True
    long, short = (a, b) if len(a) > len(b) else (b, a)
    return len(short) > 2 and any(long == prefix + short for prefix in _UNDOING)


def _own_words(parameter: Parameter) -> list[str]:
    """The words of the flag's name that mean something: `can_edit` is about editing."""
    parts = [stem(part) for part in name_parts(parameter.name)]
    digits = [str(entities.NUMBER_WORDS.get(part, part)) for part in name_parts(parameter.name)]
    joined = ["".join(digits)] if any(d.isdigit() for d in digits) else []  # three_d: "3D"
    return joined + ([p for p in parts if p not in _EMPTY] or parts)


_EMPTY = frozenset(
    stem(word)
    for word in ("is", "has", "be", "should", "can", "may", "with", "use", "only", "in", "to",
                 "the", "do", "want", "wants", "set", "flag", "mode", "need", "needs", "allow")
)  # fmt: skip


def is_switch(parameter: Parameter) -> bool:
    """Whether a boolean is the state that a deed turns rather than an extra wish."""
    return parameter.role == "flag" and bool(set(_own_words(parameter)) <= _SWITCHES)


def _told(own: list[str], clause: Clause) -> bool | None:
    """True or false where the clause has a word of the flag, its opposite or its undoing."""
    for word, start in _stems(clause.text):
        for cue in own:
            same = kinship(cue, word) >= 0.6 or (len(cue) > 4 and word[:4] == cue[:4])
            if _opposite(cue, word):
                return bool(_NEGATION.search(clause.text[:start]))
            if same or (cue.startswith("out") and word.startswith("outs")):
                return not _NEGATION.search(clause.text[:start])
    return None


def _switched(text: str) -> bool | None:
    """True for "turn on" and "enable", false for "turn off" and "disable", also with the object
    between them."""
    if found := _TURNS.search(text):
        return found["way"].lower() in ("on", "in", "into")
    off, on = _OFF.search(text), _ON.search(text)
    if off and not (on and on.start() < off.start()):
        return bool(_NEGATION.search(text[: off.start()]))
    if on and re.match(r"(?:on|into)$", on[0], re.I):
        return True if re.match(r"\W*(?:\w+\W+){0,6}on\W*$", text, re.I) else None
    if on:
        return not _NEGATION.search(text[: on.start()])
    return None


def read(parameter: Parameter, clause: Clause) -> bool | None:
    """What the clause says of a boolean parameter; None where it says nothing of it."""
    own = _own_words(parameter)
    if is_switch(parameter):
        return _switched(clause.text)
    if parameter.required and _TURNS.match(strip_polite(clause.text)):
        return _switched(clause.text)  # "switch the debug mode off" has its word, but is off
    told = _told(own, clause)
    if told is None and parameter.required:
        told = _told(_described(parameter), clause)
    if told is None and parameter.required:
        told = _switched(clause.text)
    return told


def _described(parameter: Parameter) -> list[str]:
    """The deed that the description says `true` stands for: "true to arm, false to disarm"."""
    text = str(parameter.schema.get("description") or "")
    found = re.search(r"\btrue (?:to|for|if|when|means|=)\W*(?:the |it (?:is )?)?(\w+)", text, re.I)
    return [stem(found[1])] if found else []
