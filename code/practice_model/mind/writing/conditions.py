"""Conditions of instructions: "if the customer is angry", "under 80 words", "over 100 EUR"."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from practice_model.mind import vectors
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.phrases import LEXICON, find, unquoted
from practice_model.mind.reading.text import (
    COMMON,
    alike,
    content,
    cover,
    sentences,
    stem,
    words,
)
from practice_model.mind.reading.values import (
    fits,
    has_kind,
    kind_of,
    of_kind,
    sign_of,
    spans,
    wanted,
)
from practice_model.mind.values import shape

Checks = Callable[[str, str], bool | None]
"""Checks a condition that an operation knows ("has at most 60 words"); None if none does."""

_ASKING = frozenset(LEXICON["conditions"]["asking"])


def split(sentence: str) -> tuple[str, str, bool]:
    """Return the condition of an instruction, the rest, and whether it is negated (unless)."""
    bare = sentence.strip().rstrip(".!;")
    for word in ("if", "when", "whenever", "once", "unless", "in case"):
        low = bare.lower()
        if low.startswith(word + " "):
            condition, rest = _tail(bare[len(word) + 1 :])
            if rest:
                return condition, rest, word == "unless"
        for joint in (f", but only {word} ", f", {word} ", f" only {word} ", f" {word} "):
            at = low.find(joint)
            if at > 0 and not set(words(bare[:at])[-4:]) & _ASKING:
                return bare[at + len(joint) :], bare[:at], word == "unless"
    return "", sentence, False


_DEFINED = re.compile(
    r"(?:^|(?<=[.:\n] )|(?<=\n))(?:rule: )?((?:an?|the|it|every)\b[^.\n]{0,40}?) (?:is|counts as) "
    r"([a-z]+) (?:if|when) ([^.\n]{3,200})\.",
    re.I,
)


_ELSE = re.compile(
    r",? and (?:it is )?([\"“]?\w+[\"”]?) (?:if|when) (?:it (?:does|is|has)(?: not|n't)|not)\b",
    re.I,
)


def spelled_out(text: str, options: Sequence[str] = ()) -> str:
    """Put what instructions define in the place of its name.

    "It is good if it thanks. If it is good, answer A. If not, answer B" is "If it thanks, answer
    A. Otherwise, answer B".
    """
    text = _ELSE.sub(r". Otherwise, \1", text)
    for match in list(_DEFINED.finditer(text[:20_000]))[:10]:
        name, condition = match[2], match[3]
        used = re.compile(rf"\bif (?:it|the \w+) is {name}\b|(?<=\s){name}(?=:)", re.I)
        if name.lower() in [o.lower() for o in options] or not used.search(text[match.end() :]):
            continue
        rest = used.sub("If " + condition.replace("\\", r"\\"), text[match.end() :])
        rest = re.sub(
            rf"\bif (?:not|it is not|it isn't|it is not {name})(?=[,:])",
            "Otherwise",
            rest,
            flags=re.I,
        )
        text = text[: match.start()] + rest.replace(f"If {condition}:", f"If {condition},")
    return text


def _tail(text: str) -> tuple[str, str]:
    """Part "the customer is angry, apologise first" at the comma or at "then"."""
    joints = sorted(((text + j).find(j), j) for j in (", then ", ": ", ", ", " then "))
    for _, joint in sorted(joints, key=lambda pair: (pair[0], -len(pair[1]))):
        head, found, rest = text.partition(joint)
        if found and rest:
            return head, rest
    return text, ""


def holds(condition: str, text: str, checks: Checks | None = None) -> bool:
    """Tell that a condition holds of a text."""
    low = f" {condition.lower()} "
    for joint, every in ((" and ", True), (" or ", False)):
        halves = condition.split(joint)
        if len(halves) > 1 and all(len(half.split()) > 1 for half in halves):
            results = [holds(half, text, checks) for half in halves]
            return all(results) if every else any(results)
    head, without, tail = condition.partition(" without ")
    if without and compare(head, text) is not None:
        return bool(compare(head, text)) and (denied(tail, text) or not holds(tail, text, checks))
    example = _EXAMPLE.search(condition)
    if example and any(c.isdigit() for c in example[1]):
        same = shape(example[1]) in {shape(word.strip(".,;:!?()'\"")) for word in text.split()}
        return same != any(f" {word} " in low for word in LEXICON["conditions"]["negations"])
    known = checks(condition, text) if checks else None
    if known is not None:
        return known
    negated = any(f" {word} " in low for word in LEXICON["conditions"]["negations"])
    return _true(condition, text) != negated


_EXAMPLE = re.compile(r"\b(?:such as|like|e\.g\.|for example),? [\"'“]?([\w#/.-]*\w)", re.I)


_MOST = 300


def nearness(topic: str, text: str, ease: float = 0.4) -> float:
    """Return how near a text comes to a topic: each of its words to the nearest in the text.

    What a word tells counts; of topics that are met as well, that with more words is nearer.
    """
    wanted, there = _telling(topic)[:40], _telling(text)[:_MOST]
    if not (wanted and there):
        return 0.0
    near = [max(_word_nearness(one, other) for other in there) for one in wanted]
    weights = [vectors.weight(one) ** 2 for one in wanted]
    return sum(n * w for n, w in zip(near, weights, strict=True)) / (sum(weights) + ease)


def _telling(text: str) -> list[str]:
    every = words(text.replace("-", " "))
    return list(dict.fromkeys(word for word in every if word not in COMMON))


def _word_nearness(one: str, other: str) -> float:
    if alike(stem(one), stem(other)):
        return 1.0
    near = vectors.similarity(one, other)
    return near if near > 0.38 else 0.0


def denied(topic: str, text: str) -> bool:
    """Tell that a text says that it lacks something ("no receipt")."""
    noun = re.escape((words(topic) or [""])[-1])
    lacks = r"\b(?:no|without|missing|lacks?|lost)\s(?:\w+\s)?"
    return re.search(rf"{lacks}{noun}|\b{noun}:? (?:is )?missing", text, re.I) is not None


def _true(condition: str, text: str) -> bool:
    compared = compare(condition, text)
    if compared is not None:
        return compared
    low = content(condition)
    for mood in LEXICON["moods"]:
        if low & content(mood["asks"]):
            return in_mood(mood, text)
    told = _TOLD.search(condition)
    if told and (kind := wanted(f"{told[1]} is it?")):
        own = content(told[2]) - _PARTIES
        return any(of_kind(s, kind) and cover(own, s) >= 0.5 for s in sentences(text))
    match = find(LEXICON["conditions"]["topic"], condition)
    topic = unquoted(match["x"]) if match else condition
    if match and words(topic)[-1:] in (["time"], ["hour"], ["day"], ["date"]):
        clock = words(topic)[-1] in ("time", "hour")
        return any(s.kind == ("time" if clock else "date") for s in spans(text))
    if match and (has_kind(text, topic) or (kind_of(topic) and kind_of(topic) == wanted(text))):
        return True
    if match and any(nearness(one, text, 0.0) > 0.5 for one in topic.split(" or ")):
        return True
    own = content(topic) - _PARTIES or content(topic)
    return cover(own, text) >= (0.99 if len(own) < 3 else 0.6)


_TOLD = re.compile(
    r"\b(?:says?|states?|tells?|explains?|gives?|names?|mentions?) (?:\w+ )?"
    r"(when|how much|how many|how long|who|what time) (.+)",
    re.I,
)
_PARTIES = content("customer reader guest client user recipient writer sender person somebody")


def in_mood(mood: dict[str, Any], text: str) -> bool:
    """Tell that a text shows a mood of the lexicon, by its words or by shouting."""
    if find(mood["patterns"], text):
        return "happy" not in str(mood["asks"]) or not find(["would be|love"], text)
    loud = sum(1 for word in text.split() if len(word) > 3 and word.isalpha() and word.isupper())
    return bool(mood.get("loud")) and ("!!" in text or loud > 1)


def compare(condition: str, text: str) -> bool | None:
    """Compare a number of the text with the condition's limit; None without one."""
    sign = sign_of(condition)
    limits = [span for span in spans(condition) if _size(span) is not None] if sign else []
    if not limits:
        return None
    limit = limits[-1]
    same = [
        _size(span)
        for span in spans(text)
        if span.kind == limit.kind or span.unit == limit.unit != ""
    ]
    if not same and limit.kind in ("money", "number"):
        same = [_size(span) for span in of_kind(text, "number")]
    least = _size(limit)
    found = [s for s in same if s is not None and isinstance(s, str) == isinstance(least, str)]
    return bool(found) and fits(sign, max(found), least)


def _size(span: Span) -> Any:
    return span.value if span.kind == "time" else span.amount


def concerns_writer(condition: str) -> bool:
    """Tell that a condition is about feedback, results or the reader's later doings."""
    return bool(set(words(condition)) & set(LEXICON["conditions"]["later"]))
