"""A shallow reading of a request: sentences and clauses, phrases and their prepositions."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from practice_model.brain import entities
from practice_model.brain.entities import Entity
from practice_model.brain.words import DETERMINERS, PREPOSITIONS, STOP, stem

_TOKEN = re.compile(r"[^\W_]+(?:[-_'’.][^\W_]+)*|[,.;:!?()\n]")
_JOIN = frozenset(("and", "or", "but", "because", "that", "if", "then", "so", "while", "which"))
_FILLERS = frozenset(("please", "me", "us", "for me", "also", "just", "then", "now", "again"))


@dataclass(frozen=True)
class Phrase:
    """A run of words after a preposition; `lead` is empty for what stands before the first."""

    lead: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """A part of a request that asks for one thing."""

    text: str
    today: dt.date | None = None
    negated: bool = False
    condition: str = ""

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """What the clause names."""
        return entities.find(self.text, self.today)

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """The clause's phrases by preposition."""
        return tuple(_phrases(self.text, self.entities))

    def before(self, start: int, count: int = 3) -> list[str]:
        """The stems of the last `count` words before a place, nearest first."""
        head = re.split(r"[.;!?\n]", self.text[:start])[-1]
        return [stem(w) for w in re.findall(r"[^\W_]+", head.lower())[::-1][:count]]

    def after(self, end: int, count: int = 2) -> list[str]:
        """The stems of the next `count` words after a place."""
        tail = re.split(r"[.;!?\n,]", self.text[end : end + 60])[0]
        return [stem(w) for w in re.findall(r"[^\W_]+", tail.lower())[:count]]

    def lead(self, start: int) -> str:
        """The preposition that governs a place, skipping determiners and a noun or two."""
        words: list[str] = re.findall(r"[^\W_]+|[,.;:!?]", self.text[:start].lower())[::-1]
        for distance, word in enumerate(words[:5]):
            if word in PREPOSITIONS:
                return word
            if word in ",.;:!?" or distance >= 3:
                return ""
            if distance and word in ("and", "or"):
                return ""
        return ""


def _phrases(text: str, found: tuple[Entity, ...]) -> list[Phrase]:
    masked = [(e.start, e.end) for e in found if e.kind in _SOLID]
    made: list[Phrase] = []
    lead, start, end = "", 0, 0

    def close() -> None:
        body = text[start:end].strip()
        body = strip_determiners(body)
        if body:
            made.append(Phrase(lead, body, start, end))

    for match in _TOKEN.finditer(text):
        if any(a <= match.start() < b for a, b in masked):
            end = match.end()
            continue
        word = match.group().lower()
        if word in ",.;:!?()\n" or word in _JOIN:
            close()
            start = end = match.end()
            lead = lead if word in (",", "and", "or") else ""
        elif word in PREPOSITIONS and not (word == "of" and end > start):
            close()
            lead, start = word, match.end()
            end = start
        else:
            end = match.end()
    close()
    return made


_SOLID = frozenset(("quoted", "code", "email", "url", "path", "id", "host", "domain", "date"))


def strip_determiners(text: str) -> str:
    """Drop articles and fillers from a phrase's start, and fillers from its end."""
    words = text.split()
    while words and words[0].lower() in DETERMINERS | _FILLERS:
        words.pop(0)
    while words and words[-1].lower().strip(".,!?") in _FILLERS:
        words.pop()
    return " ".join(words).strip(" ,.;:!?")


_SPLIT = re.compile(
    r"(?<=[.!?])\s+(?=[^\W_a-z]|[a-z])|;\s*|\n+|"
    r",?\s+(?:and then|and also|then|but|and|as well as|plus also|also)\s+|,\s+(?=\w)",
    re.I,
)
_NEGATED = re.compile(
    r"^(?:please |but |and |just |also )*(?:(?:don['’]?t|do not)(?! forget to)|never|no need to|"
    r"without|not|rather than|instead of|you needn['’]?t|there is no need)\b|"
    r"\b(?:don['’]t|do not|doesn['’]t|does not) (?:want|need|have) (?:you )?to\b|"
    r"\b(?:isn['’]t|not) (?:necessary|needed|required)\b",
    re.I,
)
_CONDITION = re.compile(
    r"^\W*(?:and |then |but )?(?:only )?(?:if|when|unless|in case|should)\b[ ,]*(.+?)"
    r"(?:,\s*(?:then )?|\bthen\b)\s*(.+)$",
    re.I | re.S,
)
_TRAILING_CONDITION = re.compile(r"^(.+?),?\s+(only if|if|unless|in case)\s+(.+)$", re.I | re.S)


@lru_cache(maxsize=512)
def pieces(text: str) -> tuple[tuple[int, int], ...]:
    """Cut a text where a new request might begin, never inside a quote, number or address."""
    solid = bytearray(len(text))
    for entity in entities.find(text):
        if entity.kind not in ("number", "when", "id"):
            solid[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    cuts = [0]
    ends = []
    for match in _SPLIT.finditer(text):
        at = match.start()
        if any(solid[at : match.end()]):
            continue
        ends.append(at)
        cuts.append(match.end())
    ends.append(len(text))
    found = []
    for a, b in zip(cuts, ends, strict=True):
        body = text[a:b]
        if re.search(r"\w", body):
            left = len(body) - len(body.lstrip())
            found.append((a + left, a + len(body.rstrip())))
    return tuple(found)


def is_negated(piece: str) -> bool:
    """Whether a piece tells what not to do."""
    return bool(_NEGATED.search(piece))


def condition(sentence: str) -> tuple[str, str]:
    """Split "if X, do Y" and "do Y if X" into Y and X; X is empty where there is none."""
    if found := _CONDITION.match(sentence):
        negation = "not " if re.match(r"\W*(?:and |then )?unless", sentence, re.I) else ""
        return found[2].strip(), negation + found[1].strip()
    if found := _TRAILING_CONDITION.match(sentence):
        if re.match(
            r"(?:you|it)['’]?s? (?:can|could|is|possible|would|like|want|need)", found[3], re.I
        ):
            return sentence, ""
        if (
            re.match(
                r"\W*(?:check|see|tell me|find out|let me know|look|verify|ask)\b", found[1], re.I
            )
            and len(found[1].split()) <= 4
        ):
            return sentence, ""
        negation = "not " if found[2].lower() == "unless" else ""
        return found[1].strip(), negation + found[3].strip()
    return sentence, ""


def content_stems(text: str) -> list[str]:
    """Stems of the words that mean something, in order."""
    return [stem(w) for w in re.findall(r"[^\W_]+", text.lower()) if w not in STOP]
