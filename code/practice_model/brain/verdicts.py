"""What somebody who checked a piece of work says of it: all is well, or something is to change."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain import thesaurus
from practice_model.brain.words import split, stem

_EDITS = (
    r"(?:add|fix|change|shorten|cite|name|remove|drop|cut|rewrite|revise|replace|correct|delete|move|mention|explain|"
    r"rename|reword|redo|repeat|expand|trim|tighten|lengthen|simplify|clarify)"
)
_REVISE = re.compile(
    r"\b(?:revis\w*|rewrite|rework|needs? (?:work|changes?|improvement|revision|more)|not (?:yet )?"
    r"(?:approved|ready|good enough|acceptable)|changes? (?:requested|needed)|request(?:s|ed)? "
    r"changes|reject\w*|missing|must be)\b",
    re.I,
)
_DEMAND = re.compile(
    rf"(?:\bplease|\bjust|\bonly|[:;,]|^|(?<=[.!?])\s+)\s*{_EDITS} (?:the|a|an|its|this|that|these|those|every|each|some|more|one|two|all|\w+ing|it|them)\b|"
    r"\b(?:should|must|needs? to|has to|have to|ought to)\b(?! (?:be )?(?:published|sent|released|shipped|approved|kept|fine|please|do\b|work\b))|"
    r"\btoo (?:long|short|formal|informal|vague|dry|cold|weak|thin|wordy|many|much|few|little|late|early|loud|salty|big|small)\b",
    re.I | re.M,
)
_PLAIN = re.compile(
    r"\bas it should\b|\b(?:nothing|no \w+) (?:must|should|needs? to|has to)\b", re.I
)
_APPROVE = re.compile(
    r"\b(?:approved?|looks good|good to go|accept(?:ed)?|no (?:changes|problems|issues)|lgtm|"
    r"ready to (?:publish|send)|passes|nothing to change)\b",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:would|could|might|will|can|['’]ll|['’]d|shall)\b[^.!?\n]{0,20}?\b(?:approve|accept|pass|sign)\b"
    r"[^.!?\n]*\b(?:if|once|when|after|provided|as soon as|unless|but)\b|"
    r"\b(?:if|once|when|after|provided|as soon as|unless|until)\b[^.!?\n]*\b(?:would|could|might|will|can|['’]ll|['’]d)"
    r"[^.!?\n]{0,20}?\b(?:approve|accept|pass|sign)\b|"
    r"\b(?:approved?|accept(?:ed)?|looks good|good to go|ready)\b[^.!?\n]*?\b(?:if|once(?! more| again)|only after|only when|provided|as soon as|unless|"
    r"on condition|subject to|except|apart from|other than|save for|with (?:one|two|three|some|a few|a|an|minor|small|these|the following) (?:\w+ )?(?:changes?|exceptions?|conditions?|reservations?|corrections?|remarks?))\b|"
    r"\b(?:cannot|can['’]t|could not|couldn['’]t|won['’]t|will not|do not|don['’]t|not yet|almost|nearly|before I(?: can)?)\b"
    r"[^.!?\n]{0,20}\b(?:approved?|accept(?:ed)?)\b|"
    rf"\b(?:approved?|looks good|accept(?:ed)?)\b[^.!?\n]*\b(?:but|though|although|however)\b[^.!?\n]*\b(?:{_EDITS}|needs?|missing|must|should|too)\b|"
    r"(?:^|[.!?]\s+)(?:almost|nearly|not quite|not yet)\b",
    re.I,
)
"""An approval that depends on something: "I'd approve it if it had a source"."""
_NONE = r"(?:no|not|never|nothing|none|without|free of|zero|neither|nor|hardly any)"
_FAULT = re.compile(
    r"\b(?:bugs?|defects?|errors?|mistakes?|faults?|flaws?|wrong|broken|fail(?:s|ed|ure|ures|ing)?|crash\w*|incorrect|"
    r"unsafe|objections?|objects?|complain\w*|problems?|unhappy|dissatisfied|disagree\w*|refus\w*|declin\w*|unsupported|contradict\w*|missing)\b",
    re.I,
)
_GOOD = (
    r"(?:happy|content|satisfied|pleased|convinced|right|correct|good|fine|ok|okay|well|sure|ready|done|enough|acceptable|"
    r"approved?|accept(?:ed)?|agree[ds]?|pass(?:es|ed)?|supported|true|safe)"
)
_UNWELL = re.compile(
    rf"\b(?:not|isn['’]t|aren['’]t|am not|don['’]t|doesn['’]t|didn['’]t|cannot|can['’]t|never|no longer)\b(?: \w+){{0,3}}? {_GOOD}\b",
    re.I,
)
_WELL = re.compile(
    rf"\b{_GOOD}\b|\b(?:holds|works|great|excellent|perfect|delicious|lovely|tasty|splendid)\b|\b{_NONE}\b[^.!?\n]{{0,20}}?(?:{_FAULT.pattern}|\bto (?:add|change|object|say)\b)",
    re.I,
)
_BAD = frozenset(stem(word) for word in thesaurus.NEGATIVE)


def wants_changes(said: str) -> bool:
    """Whether a reviewer's words ask for changes; an approval on a condition does."""
    if _CONDITION.search(said):
        return True
    if re.search(r"\bnot (?:yet )?approved?\b|\bverdict\W+(?:revise|reject)", said, re.I):
        return True
    denied = re.search(
        r"\bapproved?[\"'\s]*[:=][\"'\s]*(?:false|no)\b(?! (?:more |further |other )?\w)",
        said,
        re.I,
    )
    demand = _DEMAND.search(_PLAIN.sub(" ", _unquoted(said)))
    if _APPROVE.search(said) and not denied and not demand:
        return False
    return bool(_REVISE.search(said)) or bool(denied) or bool(demand)


def approves(said: str) -> bool:
    """Whether words name an approval at all, on a condition or not."""
    return bool(_APPROVE.search(said))


def objects(said: str) -> bool:
    """Whether somebody is not content with a piece of work, whatever the work is.

    No words are no objection.
    """
    text = _unquoted(said)
    if _UNWELL.search(text):
        return True
    if wants_changes(said):
        return True
    spoken = re.sub(
        rf"\b{_NONE}\b[^.!?\n]{{0,20}}?{_FAULT.pattern}|\b{_NONE} to \w+\b[^.!?\n]*",
        " ",
        text,
        flags=re.I,
    )
    if _FAULT.search(spoken):
        return True
    return not _WELL.search(text) and any(stem(word) in _BAD for word in split(spoken))


def _unquoted(said: str) -> str:
    """The words of somebody without those that they only quote."""
    return re.sub(r"[\"“][^\"”\n]*[\"”]", " ", said)
