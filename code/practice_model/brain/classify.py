"""Choosing one of several labels for a text: by cues, by kinship of words, by mood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

from practice_model.brain import languages, matter, thesaurus
from practice_model.brain.languages import is_foreign
from practice_model.brain.small_talk import is_small_talk
from practice_model.brain.words import (
    alike,
    kinship,
    name_parts,
    phrase_stems,
    split,
    stem,
    subjects,
)

_POSITIVE = frozenset(stem(w) for w in thesaurus.POSITIVE)
_NEGATIVE = frozenset(stem(w) for w in thesaurus.NEGATIVE)
_URGENT = frozenset(stem(w) for w in thesaurus.URGENT)
_CALM = frozenset(stem(w) for w in thesaurus.CALM)
_NOT = frozenset(("not", "no", "never", "don't", "doesn't", "didn't", "isn't", "wasn't", "hardly",
                  "can't", "cannot", "won't", "without", "nothing"))  # fmt: skip


@lru_cache(maxsize=512)
def mood(text: str) -> float:
    """From -1 (angry, sad) to 1 (pleased); 0 is neutral."""
    score = 0.0
    words = split(text)
    for position, word in enumerate(words):
        root = stem(word)
        value = (root in _POSITIVE) - (root in _NEGATIVE)
        if value and any(w in _NOT for w in words[max(0, position - 3) : position]):
            value = -value
        score += value
    return max(-1.0, min(1.0, score / 2))


@lru_cache(maxsize=512)
def urgency(text: str) -> float:
    """From 0 (whenever) to 1 (now)."""
    roots = [stem(word) for word in split(text)]
    hot = sum(root in _URGENT for root in roots)
    calm = sum(root in _CALM for root in roots)
    angry = mood(text) < 0
    shout = "!" in text
    score = 0.35 + 0.3 * hot - 0.2 * calm + 0.15 * angry + 0.1 * shout
    return max(0.0, min(1.0, score))


def urgent_words(text: str) -> list[str]:
    """The words of a text that sound urgent, in order."""
    return list(dict.fromkeys(word for word in split(text) if stem(word) in _URGENT))[:3]


TROUBLE = re.compile(
    r"\b(?:(?:do|does|did|is|are)(?: not|n['’]t) (?:work|start|open|load|respond|print)\w*|"
    r"crash\w*|errors?|fail(?:s|ed|ure)?|freez\w*|frozen|bugs?|stuck|broken|"
    r"(?:cannot|can['’]t) (?:log|sign|open|install|connect|start|print)\w*)\b",
    re.I,
)
"""Words that tell of something that does not work as it should."""
_SELLING = re.compile(
    r"\b(?:buy|price|pricing|quote|discount|upgrade|purchase|licen[cs]es?|demo|offer)\b", re.I
)


_SCALES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("urgency", ("lowest", "trivial", "low", "minor", "p4", "sev4", "routine", "normal", "medium",
                 "moderate", "p3", "sev3", "standard", "high", "major", "p2", "sev2", "urgent",
                 "critical", "p1", "sev1", "emergency", "p0", "blocker", "severe")),
    ("mood", ("very negative", "very_negative", "angry", "negative", "sad", "frustrated",
              "unhappy", "mixed", "neutral", "calm", "happy", "satisfied", "positive", "pleased",
              "very positive", "very_positive")),
)  # fmt: skip
_YES = frozenset(
    (
        "yes",
        "true",
        "approve",
        "approved",
        "accept",
        "pass",
        "relevant",
        "grounded",
        "supported",
        "correct",
        "allow",
        "safe",
        "y",
        "valid",
        "spam",
        "ok",
        "useful",
    )
)
_NO = frozenset(("no", "false", "reject", "rejected", "refuse", "fail", "irrelevant", "ungrounded",
                 "unsupported", "incorrect", "block", "unsafe", "n", "invalid", "ham", "not spam",
                 "deny", "not_relevant", "not relevant", "revise"))  # fmt: skip


def scaled(options: Sequence[str], text: str) -> str | None:
    """The option on a scale of urgency or mood that suits a text; None for other options."""
    lower = [option.lower() for option in options]
    for scale, steps in _SCALES:
        if len(lower) >= 2 and all(option in steps for option in lower):
            ranked = sorted(lower, key=steps.index)
            if scale == "urgency":
                level = urgency(text)
                index = min(int(level * len(ranked)), len(ranked) - 1)
                return options[lower.index(ranked[index])]
            feeling = mood(text)
            middle = [o for o in ranked if o in ("neutral", "mixed", "calm")]
            if abs(feeling) < 0.2 and middle:
                return options[lower.index(middle[0])]
            pole = ranked[-1] if feeling > 0 else ranked[0]
            if "very" in pole and abs(feeling) < 1 and len(ranked) > 2:
                pole = ranked[-2] if feeling > 0 else ranked[1]
            return options[lower.index(pole)]
    return None


def is_yes_no(options: Sequence[str]) -> bool:
    """Whether options are a yes and a no."""
    lower = {option.lower() for option in options}
    return len(lower) == 2 and bool(lower & _YES) and bool(lower & _NO)


def yes_of(options: Sequence[str]) -> str:
    """The option that agrees."""
    return next((o for o in options if o.lower() in _YES), options[0])


def no_of(options: Sequence[str]) -> str:
    """The option that disagrees."""
    return next((o for o in options if o.lower() in _NO), options[-1])


_SPAM = re.compile(
    r"\b(?:you(?:['’]ve| have)? won|prize|click (?:here|now|the link)|lottery|free (?:money|gift)|"
    r"act now|winner|casino|limited offer|100% free)\b",
    re.I,
)


def is_spam(text: str) -> bool:
    """Whether a text sounds like an advertisement that nobody asked for."""
    return bool(_SPAM.search(text))


_DESKS = {
    "hr": "staff, salary, vacation, hiring, contract, sick leave",
    "it": "computer, laptop, password, software, login, screen, network, printer",
    "pr": "press, newspaper, journalist, interview",
    "qa": "test, bug, quality",
    "ops": "server, deploy, outage",
    "finance": "invoice, expense, budget, reimburse, tax, payment",
    "legal": "contract, law, court, lawyer",
    "support": "error, crash, broken, help, login, not working",
    "sales": "buy, price, quote, offer, demo",
}
"""What departments do whose names alone do not say it."""


_SUM = re.compile(
    r"\d\s*[-+*/×÷^]\s*\d|\d+ (?:plus|minus|times|divided by|percent of|% of)\b"
    r"|\b(?:sum|product|square root|integral|equation) of\b",
    re.I,
)
_OTHERS = frozenset(
    (
        "other",
        "general",
        "unknown",
        "none",
        "misc",
        "miscellaneous",
        "default",
        "neutral",
        "general_inquiry",
        "general inquiry",
        "generic",
        "unclear",
        "small_talk",
        "fallback",
        "none_of_these",
        "none of these",
        "none_of_the_above",
        "no_match",
        "out_of_scope",
        "off_topic",
        "nobody",
        "decline",
    )
)


def affinity(option: str, told: str, text: str, *, flat: bool = False) -> float:
    """How well a label, with what is told of it, suits a text.

    What the text asks for outweighs what it only mentions; what it refuses does not count. Being
    of one subject is a weaker sign than a word in common, and counts once. With `flat`, all words
    of the text weigh the same.
    """
    about = matter.of(text)
    named = " ".join(name_parts(option))
    near: dict[str, float] = {}
    loose: dict[str, list[float]] = {}
    apart: list[tuple[float, str]] = []
    weights = about.flat if flat else about.weights
    for weight, source in ((1.6, named), (1.0, told)):
        before, leading = matter.modifiers(source), matter.leading(source)
        for cue in set(phrase_stems(source)):
            found = False
            for word, share in weights.items():
                kin = max(kinship(cue, word), _told(cue, word))
                if kin:
                    found = True
                    whole = 0.75 if cue == word and cue in leading else 1.0
                    sense = _sense(cue, word, before, about.before)
                    near[word] = max(near.get(word, 0.0), weight * share * kin * whole * sense)
            if not found:
                apart.append((weight, cue))
    score = sum(near.values())
    for word, share in weights.items():
        of = subjects(word)
        for weight, cue in apart:
            if (word not in near or weight > 1) and of & subjects(cue):
                loose.setdefault(word, []).append(0.45 * weight * share)
    score += min(sum(max(found) + 0.05 * (len(found) - 1) for found in loose.values()), 0.9)
    if matter.refuses(text, option):
        score -= 1.5
    return score / (1 + 0.02 * len(told.split()))


def _told(cue: str, word: str) -> float:
    """A phrase that means the same ("money back", refund) is a surer sign than a word would be;
    and words of one root belong together: allergic and allergies.
    """
    if "_" in word:
        return 0.9 if kinship(cue, word) else 0.0
    root = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(cue, word, strict=False)))
    if root >= 5 and cue != word and {cue[root:], word[root:]} <= _ENDINGS:
        return 0.8
    return 0.0


_ENDINGS = frozenset(("", "ic", "y", "i", "al", "ical", "ous", "ity", "ist", "ive"))


def _sense(
    cue: str, word: str, told: Mapping[str, frozenset[str]], said: Mapping[str, frozenset[str]]
) -> float:
    """Less than 1 where a word goes with different words: a greeting card and a credit card."""
    here, there = told.get(cue, frozenset()), said.get(word, frozenset())
    if not here or not there or "" in here | there or here & there:
        return 1.0
    return 0.3


_WRITING = re.compile(
    r"^\W*(?:please )?(?:write|draft|compose|prepare|create)\s+(?:me |us )?(?:an?|the)\s+"
    r"(?:[\w-]+ ){0,2}?(?:page|article|post|text|leaflet|guide|faq|report|note|letter|e-?mail|"
    r"message|essay|paragraph)\s+(?:about|on)\s+",
    re.I,
)


def _subject(options: Mapping[str, str], text: str) -> str:
    """What a text is wanted on, where none of the labels has to do with writing."""
    found = _WRITING.match(text)
    if not found:
        return text
    told = {
        cue
        for name, said in options.items()
        for cue in phrase_stems(f"{' '.join(name_parts(name))} {said}")
    }
    return text if told & _TEXTUAL else text[found.end() :]


_ABOUT_TEXTS = "write writer text page article draft author content web website"
_TEXTUAL = frozenset(stem(word) for word in _ABOUT_TEXTS.split())


def suited(options: Mapping[str, str], text: str) -> dict[str, float]:
    """How well each label suits a text: by what it asks for, or else by all that it mentions."""
    text = _subject(options, text)
    scores = {name: affinity(name, told, text) for name, told in options.items()}
    if max(scores.values(), default=0.0) < ENOUGH:
        scores = {name: affinity(name, told, text, flat=True) for name, told in options.items()}
    return scores


ENOUGH = 0.35
"""The least affinity that a label needs."""


def choose(options: Mapping[str, str], text: str) -> tuple[str, float]:
    """The label that suits a text best, and how well; a label for the rest when none does."""
    options = {name: told or _DESKS.get(name.lower(), "") for name, told in options.items()}
    names = list(options)
    if {name.lower() for name in names} in ({"spam", "not spam"}, {"spam", "ham"}):
        return (yes_of if is_spam(text) else no_of)(names), 1.0
    spoken = languages.choose(names, text)
    if spoken is not None:
        return spoken, 1.0
    rest = next((name for name in names if name.lower() in _OTHERS), None)
    if rest and (is_small_talk(text) or is_foreign(text)):
        return rest, 0.0
    on_scale = scaled(names, text)
    if on_scale is not None:
        return on_scale, 1.0
    scores = suited({n: told for n, told in options.items() if n.lower() not in _OTHERS}, text)
    scores = {name: scores.get(name, 0.0) for name in names}
    for name in names:
        low = name.lower()
        if re.search(r"math|calcul|arithm|number", low) and _SUM.search(text):
            scores[name] += 1.5
        if re.search(r"support|technical|tech\b|bug|troubleshoot|fault", low) and TROUBLE.search(
            text
        ):
            scores[name] += 0.8
        if re.search(r"\bsales|_sales|commercial", low) and _SELLING.search(text):
            scores[name] += 0.8
        if re.search(r"complain|negative|angry", low) and mood(text) < 0:
            scores[name] += 1.2
        if re.search(r"prais|compliment|positive|thank", low) and mood(text) > 0:
            scores[name] += 1.2
        if re.search(r"question|inquiry|enquiry", low) and "?" in text:
            scores[name] += 0.4
        if re.search(r"simple", low) or re.search(r"complex", low):
            scores[name] += complexity(text) if "complex" in low else 1 - complexity(text)
    best = max(names, key=lambda name: scores[name])
    if rest and scores[best] < 0.25:
        return rest, 0.0
    return best, scores[best]


_WORK = re.compile(
    r"\b(research|design|build|develop|implement|write|code|test|document|analy[sz]e|compare|plan|"
    r"create|prepare|evaluate|integrate|deploy|migrate|review|report)\w*\b",
    re.I,
)


def is_sum(text: str) -> bool:
    """Whether a text holds a sum to work out."""
    return bool(_SUM.search(text))


@lru_cache(maxsize=512)
def complexity(text: str) -> float:
    """From 0 (one plain thing) to 1 (many steps)."""
    kinds = {found.lower()[:4] for found in _WORK.findall(text)}
    size = len(split(text))
    score = 0.25 * max(0, len(kinds) - 1) + size / 80
    if re.search(r"\b(and then|steps|several|complete|full|whole|system|end-to-end)\b", text, re.I):
        score += 0.3
    if listed := re.search(
        r"\b(mention|include|cover|explain|answer|name|about|on)\b([^.?!\n]+)", text, re.I
    ):
        each = 0.35 if listed[1].lower() in ("mention", "include", "cover") else 0.2
        score += each * len(re.findall(r",\s*(?:and\s+)?|\s+and\s+", listed[2]))
        score += 0.35 * len(re.findall(r"\band about\b", listed[2], re.I))
    asked = r",?\s+and\s+(?:what|which|who|when|where|how|why|is|are|do|does|can)\b[^?]*\?"
    score += 0.5 * len(re.findall(asked, text, re.I))
    return min(1.0, score)


_SUMS = (
    (r"([-\d.,]+)\s*(?:plus|added to|\+)\s*([-\d.,]+)", "+"),
    (r"([-\d.,]+)\s*(?:minus|less|−)\s*([-\d.,]+)", "-"),
    (r"([-\d.,]+)\s*(?:times|multiplied by|x|×)\s*([-\d.,]+)", "*"),
    (r"([-\d.,]+)\s*(?:divided by|over|÷)\s*([-\d.,]+)", "/"),
    (r"(?:sum of|add)\s+([-\d.,]+)\s*(?:and|to|,)\s*([-\d.,]+)", "+"),
    (r"(?:product of|multiply)\s+([-\d.,]+)\s*(?:and|by|with|,)\s*([-\d.,]+)", "*"),
    (r"divide\s+([-\d.,]+)\s*by\s*([-\d.,]+)", "/"),
    (r"([-\d.,]+) ?(?:%|percent) of\s*([-\d.,]+)", "%"),
)


def spoken_sum(text: str) -> str:
    """Write "4 plus 5" as "4 + 5"; empty when the text holds no such sum."""
    for pattern, sign in _SUMS:
        if found := re.search(pattern, text, re.I):
            a, b = (g.strip(".,").replace(",", "") for g in found.groups())
            if not re.fullmatch(r"-?\d+(?:\.\d+)?", a) or not re.fullmatch(r"-?\d+(?:\.\d+)?", b):
                continue
            return f"{a} / 100 * {b}" if sign == "%" else f"{a} {sign} {b}"
    return ""


def same_subject(a: str, b: str) -> bool:
    """Whether two texts share a word, a synonym or a subject."""
    first, second = set(phrase_stems(a)), set(phrase_stems(b))
    if first & second:
        return True
    groups: set[Any] = {g for w in first for g in alike(w)} | {
        g for w in first for g in subjects(w)
    }
    return any(groups & (alike(w) | subjects(w)) for w in second)
