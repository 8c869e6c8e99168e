"""Enumerations of a text: what is joined by commas and "and", with what stands before it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from practice_model.lexicon import words
from practice_model.mind.reading.numerals import ORDINALS
from practice_model.mind.reading.sentences import sentences
from practice_model.mind.reading.tokens import Token, function_word, is_verb, singular, tokens

_JOINT = re.compile(
    r"\s{0,4}(?:,\s{0,4}(?:and|or|plus|&)\b|[,;\n&+]|\b(?:and|or|plus|as well as)\b)\s{0,4}", re.I
)
_LABEL = re.compile(r"\s{0,4}([A-Za-z][\w '/()-]{0,40}?)\s?[:=]\s")
_LEADS = words("words", "determiners")
_CLAUSE = words("words", "auxiliaries") | words("words", "contractions") | words("words", "polite")
_CLAUSE |= words("words", "pronouns") | words("words", "interjections")
_CLAUSE |= {w.replace("'", "") for w in words("words", "contractions")} - {"well", "were"}
_SUBJECTS = frozenset(["i", "we", "you", "he", "she", "they", "u"])
_WORDS = 5


@dataclass(frozen=True)
class Listing:
    """The members of an enumeration, and what leads to it: a label, or the words before."""

    lead: str
    members: tuple[str, ...]
    labelled: bool = False


@lru_cache(maxsize=256)
def listings(text: str) -> tuple[Listing, ...]:
    """Return the enumerations of a text in order; what a label has alone is one too."""
    found: list[Listing] = []
    for sentence in sentences(text[:20_000])[:200]:
        label = _LABEL.match(sentence.text)
        body = sentence.text[label.end() :] if label else sentence.text
        found += _runs(body.strip(" .!?"), label[1] if label else "")
    return tuple(found)


def _runs(body: str, label: str) -> list[Listing]:
    cuts = [(m.start(), m.end()) for m in _JOINT.finditer(body)][:60]
    starts = [0, *(end for _, end in cuts)]
    pieces = [body[a:b] for a, b in zip(starts, [*(a for a, _ in cuts), len(body)], strict=True)]
    words_between = [any(c.isalpha() or c in "&+" for c in body[a:b]) for a, b in cuts]
    if label and all(0 < len(p.split()) <= _WORDS and _noun_like(p) for p in pieces):
        return [Listing(label, tuple(map(bare, pieces)), True)]
    made: list[Listing] = []
    place = 0
    while place < len(pieces) - 1:
        head, first = _opened(pieces[place])
        members = [first] if first else []
        at = place + 1
        while members and at < len(pieces):
            core, rest = _closed(pieces[at])
            if core:
                members.append(core)
            at += bool(core)
            if rest or not core:
                break
        whole = len(members) == len(pieces) and not head
        joined = any(words_between[place : at - 1])
        if len(members) > 1 and (joined or len(members) > 2 or whole or label):
            lead = " ".join([*pieces[:place], head])
            made.append(Listing(f"{label} {lead}".strip(), tuple(members), bool(label)))
        place = max(at - 1, place + 1) if len(members) > 1 else place + 1
    return made


def _noun_like(piece: str) -> bool:
    return not set(piece.lower().split()) & (_CLAUSE - set(ORDINALS))


def _opened(piece: str) -> tuple[str, str]:
    """Part "we bring apples" into what leads to a first member, and the member."""
    every = [t for t in tokens(piece) if t.is_word or t.text[0].isdigit() or t.text in ":("]
    if not every or every[-1].low in _CLAUSE or function_word(every[-1].low):
        return piece, ""
    start = len(every) - 1
    while start and not _opens(every, start - 1, True) and len(every) - start < _WORDS:
        start -= 1
    cut = every[start].start
    return piece[:cut].strip(" :("), piece[cut:].strip(" .\"'()")


def _closed(piece: str) -> tuple[str, str]:
    """Part "pears on Friday" into a member and what follows; no member where a clause begins."""
    every = tokens(piece)
    start = 0
    while start < len(every) - 1 and every[start].low in _LEADS:
        start += 1
    if not every or every[start].low in _CLAUSE - set(ORDINALS) or _closed_class(every[start].low):
        return "", piece
    end = start + 1
    while end < len(every) and every[end].is_word and not every[end].low.endswith("ly"):
        last = end == len(every) - 1 and not _closed_class(every[end].low)
        if _opens(every, end) and not last:
            break
        end += 1
    rest = every[end:]
    goes_on = rest and (rest[0].low in _CLAUSE or _verb(rest[0].low))
    if goes_on or end - start > _WORDS or (start and not rest and end == start):
        return "", piece
    core = piece[every[start].start : every[end - 1].end].strip(" .\"'()")
    return core, piece[every[end - 1].end :].strip(" .!?)\"'")


def _opens(every: list[Token], place: int, first: bool = False) -> bool:
    token = every[place]
    if token.low == "of" and 0 < place < len(every) - 1:
        return False
    before = every[place - 1].low if place else ""
    tells = place > 0 and singular(token.low) != token.low and token.low.isalpha()
    if before in _SUBJECTS or (first and tells and place < len(every) - 1):
        return True
    return (
        token.text in ":("
        or _closed_class(token.low)
        or (_verb(token.low) and before not in _LEADS)
    )


def _closed_class(low: str) -> bool:
    return function_word(low) and low not in ORDINALS


def _verb(low: str) -> bool:
    root = singular(low)
    return is_verb(low) or (root != low and is_verb(root)) or low in words("words", "predicates")


def bare(member: str) -> str:
    """Return a member without its determiner and marks."""
    head, _, tail = member.strip(" .!?\"'").partition(" ")
    return tail if tail and head.lower() in _LEADS else member.strip(" .!?\"'")
