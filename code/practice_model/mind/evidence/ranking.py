"""The statement that answers a question: the nearest in words and meaning, if near enough."""

import re
from collections.abc import Sequence

from practice_model.lexicon import table
from practice_model.lexicon import words as lexicon
from practice_model.mind import vectors
from practice_model.mind.evidence.flags import denies
from practice_model.mind.evidence.nearness import near, telling
from practice_model.mind.evidence.statements import Statement
from practice_model.mind.reading.moments import DAYS, MONTHS
from practice_model.mind.reading.phrases import LEXICON, find
from practice_model.mind.reading.text import alike, content, cover, stem, uncited, words
from practice_model.mind.reading.values import of_kind, wanted

_ASK = LEXICON["asking"]
_EMPTY = frozenset(_ASK["empty"].split()) | lexicon("words", "adverbs")
_EMPTY -= {"today", "tonight", "tomorrow", "yesterday", "later", "soon"}
_INSTITUTIONS = frozenset(table("evidence")["institutions"].split())
_PRONOUNS = frozenset(
    ["it", "they", "them", "he", "she", "him", "his", "her", "their", "its", "there", "both"]
)
_KIN = frozenset(table("evidence")["kin"].split())
_OWNER = re.compile(r"\b(?:my|our|his|her|their) ((?:\w+ )?\w+)['’]s\b", re.I)
_LEAST = 0.45


def asked_words(question: str, before: str = "") -> dict[str, float]:
    """Return the words that a question turns on; those of the question before it weigh less."""
    own = {w: 1.0 for w in telling(question) if w not in _EMPTY and stem(w) not in _EMPTY}
    if len(own) > 1:
        return own
    own |= {w: 0.6 for w in telling(question) if w not in own}
    more = [w for w in telling(before) if w not in _EMPTY and w not in own]
    return own | dict.fromkeys(more, min(0.4, 0.8 / max(1, len(more))))


def best(
    question: str, every: Sequence[Statement], before: str = "", fits: Sequence[float] = ()
) -> Statement | None:
    """Return the statement that answers a question; of contradicting ones the newest.

    `fits` adds to the score of each statement what only the caller can tell.
    """
    asked = asked_words(question, before)
    if not asked:
        return None
    kind = wanted(question)
    texts = [uncited(k.text) for k in every]
    rare = {w: share * _weight(w, question, texts) for w, share in asked.items()}
    total = sum(rare.values()) or 1.0
    exact = {w for w in rare if any(_near(w, text) == 1.0 for text in texts)}
    mine = bool({"my", "i", "me", "we", "our"} & set(words(question)))
    days = [w for w in asked if w.removesuffix("s") in DAYS]
    scored: list[tuple[float, int]] = []
    for place, statement in enumerate(every):
        if not possible(question, statement, kind, set(asked)):
            continue
        carried = 0.9 if _PRONOUNS & set(words(texts[place])) else 0.6
        hit = sum(
            weight * max(_hit(w, texts[place], exact), carried * _hit(w, statement.context, exact))
            for w, weight in rare.items()
        )
        sim = vectors.similarity(" ".join(sorted(asked)), texts[place])
        score = 1.2 * hit / total + 0.6 * sim + (fits[place] if fits else 0.0)
        held = (
            [s for s in of_kind(texts[place], kind) if kind != "place" or s.before] if kind else []
        )
        score += (0.25 if held else -0.1) if kind else 0.0
        score += 0.25 * (denies(question) and denies(texts[place]))
        score += 0.25 * any(_near(w, texts[place]) == 1.0 for w in days)
        score += 0.2 * (statement.own and mine) - 0.1 * (statement.speaker == "assistant")
        if hit / total >= 0.3 or sim > 0.5:
            scored.append((score, place))
    return _settled(scored, every, rare, texts)


def _settled(
    scored: list[tuple[float, int]],
    every: Sequence[Statement],
    rare: dict[str, float],
    texts: Sequence[str],
) -> Statement | None:
    if not scored:
        return None
    top, place = max(scored)
    have = [content(t) for t in texts]
    both = [*texts, every[place].context]
    missing = [w for w, weight in rare.items() if weight >= 0.7 and not _anywhere(w, both)]
    told = f"{texts[place]} {every[place].context if every[place].speaker == 'user' else ''}"
    telltale = any(_near(w, told) == 1.0 for w in rare)
    if top < _LEAST + (0.0 if telltale and not missing else 0.2):
        return None
    for score, later in sorted(scored, key=lambda entry: entry[1]):
        newer = later > place and every[later].speaker != "assistant"
        if newer and score >= 0.8 * top and _same_matter(have[place], have[later]):
            place = later
    while every[place].text.endswith("?") and place + 1 < len(every):
        place += 1
    return every[place]


def possible(question: str, statement: Statement, kind: str, asked: set[str]) -> bool:
    """Tell that a statement can hold the answer: a value of the kind, the owner, the code."""
    lacking = kind in _ASK["exact"] and not _has_value(question, statement.text, kind, asked)
    if lacking and not statement.text.endswith("?"):
        return False
    both = content(uncited(statement.text)) | content(statement.context)
    match = _OWNER.search(question)
    if match and content(match[1]) - both:
        return False
    coded = [w for w in asked if any(c.isdigit() for c in w) and any(c.isalpha() for c in w)]
    return all(any(alike(stem(w), o) for o in both) for w in coded)


def _has_value(question: str, text: str, kind: str, asked: set[str]) -> bool:
    stems = {stem(w) for w in asked}
    if kind == "name" and "name" not in stems:  # "who": a name, or a role
        told = [s for s in of_kind(text, kind) if s.text.lower() not in MONTHS]
        told = [s for s in told if s.text.lower().split()[-1] not in _INSTITUTIONS]
        told = [s for s in told if s.text.lower().removesuffix("s") not in DAYS]
        if _KIN & set(words(text)) - asked:
            return True
        return any(not content(s.text) <= stems for s in told) or (
            len(stems) > 1 and cover(stems, text) == 1.0
        )
    wanted_kinds = {"money": "number"}
    there = [s for s in of_kind(text, wanted_kinds.get(kind, kind)) if not content(s.text) <= stems]
    if kind == "money" and find(_ASK["priced"], question):
        there = [s for s in there if s.kind == "money" or not s.unit]
    return bool(there) or (kind == "money" and "free" in words(text))


def _near(word: str, text: str) -> float:
    return max((near(word, other) for other in telling(text)), default=0.0)


def _hit(word: str, text: str, exact: set[str]) -> float:
    """Return how near a text comes to a word; half of it where another has the very word."""
    found = _near(word, text)
    return found if found == 1.0 or word not in exact else 0.5 * found


def _anywhere(word: str, texts: Sequence[str]) -> bool:
    return any(_near(word, text) >= 0.5 for text in texts)


def _weight(word: str, question: str, texts: Sequence[str]) -> float:
    """Weigh a word of a question: rare ones most; absent ones little unless they are names."""
    times = sum(any(near(word, other) == 1.0 for other in telling(text)) for text in texts)
    if times:
        return 1 / (1 + times)
    if word.replace(".", "").isdigit():
        return 0.0
    named = any(w[:1].isupper() and w.strip("?.,!").lower() == word for w in question.split()[1:])
    kind = find(["which|what {w}"], question)
    typed = kind is not None and word in words(question[kind.start : kind.end])
    from practice_model.mind.reading.tokens import is_verb

    return 1.5 if named else 0.3 if typed or is_verb(word) or is_verb(stem(word)) else 0.7


def _same_matter(one: set[str], other: set[str]) -> bool:
    """Tell that two statements are about the same thing, so that the newer one counts."""
    shared = sum(any(alike(a, b) for b in other) for a in one)
    return shared >= max(1, 0.5 * min(len(one), len(other)))
