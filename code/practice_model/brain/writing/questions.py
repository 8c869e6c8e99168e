"""A question as what a text is about: "why cats purr", "the price of a parcel", or in quotes."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.writing.text import capital

_AUX = (
    r"(?:do|does|did|is|are|was|were|am|can|could|will|would|shall|should|may|might|must|has|have|had|"
    r"isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|won't)"
)
_WH = r"(?:what|who|whom|whose|which|when|where|why|how)"
_INVERTED = re.compile(
    rf"^(?:(?:{_WH}|(?:how|which|what|whose)(?: (?!(?:to|the|an?|i|we|you|they|it|he|she|this|that|our|my)\b)\w+){{1,2}}?) )?"
    rf"{_AUX}\b (?P<rest>\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PERSONS = re.compile(r"\b(?:i|me|my|mine|we|us|our|you|your|yours|it|they|this|that)\b", re.I)
_DETERMINER = re.compile(r"^(?:the|an?|our|its|their|these|those)\b", re.IGNORECASE)
_NO_NOUN = re.compile(
    r"^(?:\w+(?:ed|ing|wn|ght|able|ible)|new|left|wrong|right|true|best|better|good|bad|next|different|"
    r"meant|special|important|there|so|not|in|on|at|for|with|behind|inside)\b",
    re.IGNORECASE,
)
_LINKS = re.compile(
    r"\b(?:of|for|to|in|on|at|by|with|from|about|and|or|than|as|like|that|which|who)\b", re.I
)


def is_question(text: str) -> bool:
    """Whether a text is one question: it begins as one and ends in a question mark."""
    bare = text.strip()
    return bare.endswith("?") and bool(re.match(rf"(?:{_WH}|{_AUX})\b", bare, re.IGNORECASE))


def as_topic(question: str) -> str:
    """A question as a phrase that can stand after "about".

    "Why do cats purr?" becomes "why cats purr", "What is the price of tea?" "the price of tea".
    Where turning it round is not safe, it stays a question, with its question mark.
    """
    bare = " ".join(question.strip().rstrip("?!. ").split())
    bare = re.sub(rf"^({_WH})['’]s\b", r"\1 is", bare, flags=re.IGNORECASE)
    bare = bare if re.match(r"[A-Z]{2}|I\b", bare) else bare[:1].lower() + bare[1:]
    if not _INVERTED.match(bare):
        return bare
    turned = _turned(bare)
    if turned is None or (_PERSONS.search(turned) and not _PERSONS.fullmatch(turned)):
        return f"{bare}?"
    return turned


def _turned(bare: str) -> str | None:
    """The question with subject and verb in the order of a statement; None when that is unsafe."""
    if found := re.match(r"(what|who) (is|are|was|were) (.+)$", bare, re.I):
        wh, verb, rest = found[1].lower(), found[2].lower(), found[3]
        if _NO_NOUN.match(rest):
            return bare
        if _DETERMINER.match(rest):
            asks_deed = re.search(r"\w+ing$", rest) and not _LINKS.search(rest)
            return None if asks_deed else rest
        if len(rest.split()) <= 3 and not _LINKS.search(rest):
            return f"{wh} {rest} {verb}"
        return None
    if found := re.match(
        r"(how|where|what|when) (?:do|can|could|should) (?:i|you|we|one) (.+)$", bare, re.I
    ):
        return f"{found[1].lower()} to {found[2]}"
    if found := re.match(r"(how(?: \w+)?|where|when|why|what) do (?!n't\b)(.+)$", bare, re.I):
        return f"{found[1].lower()} {found[2]}"
    if found := re.match(r"do (?!n't\b)(.+)$", bare, re.I):
        return f"whether {found[1]}"
    return None


def is_clause(topic: str) -> bool:
    """Whether a topic is a question put as a clause: "how to bake bread"."""
    return bool(re.match(rf"(?:{_WH}|whether|if)\b", topic, re.IGNORECASE))


def named(topic: str) -> str:
    """A topic as it stands after "about": a question that could not be turned is quoted."""
    if topic.endswith("?"):
        return f'the question "{capital(topic)}"'
    return topic


def looked_at(topic: str) -> str:
    """A topic as it stands after "a first look at"."""
    return (
        f"the question of {topic}" if is_clause(topic) and not topic.endswith("?") else named(topic)
    )
