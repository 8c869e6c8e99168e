"""Patterns of tokens: how instructions are recognised without regular expressions.

A pattern is a line of the lexicon. Its parts, separated by spaces: a word; ``a|b`` either;
``[a|b]`` may be missing; ``word*`` any word that begins so; ``{n}`` a number; ``{x}`` one or more
tokens, as few as possible; ``{w}`` one word; ``<class>`` a word of a class of the lexicon; ``^``
the beginning and ``$`` the end of the clause; ``#id`` a source in brackets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from practice_model.lexicon import table
from practice_model.mind.reading.tokens import Token

LEXICON = table("writing")
CLASSES: dict[str, frozenset[str]] = {
    name: frozenset(text.split()) for name, text in LEXICON["classes"].items()
}
NUMBERS: dict[str, int] = LEXICON["numbers"]
_TOKEN = re.compile(
    r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|(?<!\w)'[^'\n]{1,300}'(?!\w)|`[^`\n]{1,300}`"
    r"|\[[\w.:-]{1,40}\]|[^\W_]+(?:[-'’.,:/@_&][^\W_]+)*|[^\s\w]|_+"
)
_LONGEST = 120


@dataclass(frozen=True)
class Match:
    """A pattern found: its slots as written, and where it stands."""

    slots: dict[str, str]
    start: int
    end: int

    def __getitem__(self, name: str) -> str:
        return self.slots.get(name, "")

    @property
    def number(self) -> int:
        """Return the number in the slot {n}."""
        return number(self.slots.get("n", "")) or 0


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """Split a text into words, quotations and marks."""
    return tuple(
        Token(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)
    )


def number(text: str) -> int | None:
    """Read a whole number in digits or words."""
    low = text.lower().strip()
    return int(low) if low.isdecimal() and len(low) < 7 else NUMBERS.get(low)


def unquoted(text: str) -> str:
    """Return the quotation that a text begins with, or the text."""
    text = text.strip()
    first = tokens(text[:400])[:1]
    return first[0].text[1:-1].strip() if first and first[0].quoted else text


@lru_cache(maxsize=2048)
def _parts(pattern: str) -> tuple[tuple[str, str, bool], ...]:
    """Compile a pattern to (kind, value, optional)."""
    made = []
    for part in pattern.split():
        optional = part.startswith("[") and part.endswith("]")
        part = part[1:-1] if optional else part
        if part in ("^", "$"):
            made.append((part, "", False))
        elif part.startswith("{"):
            made.append(("slot", part[1:-1], optional))
        elif part.startswith("<"):
            made.append(("class", part[1:-1], optional))
        else:
            made.append(("word", part, optional))
    return tuple(made)


def _fits(kind: str, value: str, token: Token) -> bool:
    if kind == "class":
        return token.low in CLASSES[value]
    for word in value.split("|"):
        if word == "#id" and token.low[0] == "[" and len(token.low) > 2:
            return True
        if token.low == word or (word.endswith("*") and token.low.startswith(word[:-1])):
            return True
    return False


def _match(
    parts: Sequence[tuple[str, str, bool]], every: Sequence[Token], at: int, slots: dict[str, Any]
) -> int | None:
    if not parts:
        return at
    (kind, value, optional), rest = parts[0], parts[1:]
    if kind == "^":
        return _match(rest, every, at, slots) if at == 0 else None
    if kind == "$":
        left = [t for t in every[at:] if t.low not in ".!?;,"]
        return None if left else len(every)
    if kind == "slot" and value not in ("n", "w"):
        if optional and (skipped := _match(rest, every, at, slots)) is not None:
            return skipped
        for stop in range(at + 1, len(every) + 1):
            after = _match(rest, every, stop, slots) if rest else len(every)
            if after is not None:
                slots[value] = (at, stop if rest else len(every))
                return after
        return None
    if at < len(every):
        token = every[at]
        fits = (
            (value == "w" or number(token.low) is not None)
            if kind == "slot"
            else _fits(kind, value, token)
        )
        if fits:
            after = _match(rest, every, at + 1, slots)
            if after is not None:
                name = value if kind in ("slot", "class") else ""
                if name:
                    slots[name] = (at, at + 1)
                return after
    return _match(rest, every, at, slots) if optional else None


@lru_cache(maxsize=4096)
def _needs(pattern: str) -> tuple[frozenset[str], ...]:
    """Return the sets of words of which a text must have one each to match a pattern."""
    return tuple(
        frozenset(value.split("|"))
        for kind, value, optional in _parts(pattern)
        if kind == "word" and not optional and "*" not in value and "#" not in value
    )


def find(patterns: Sequence[str], text: str) -> Match | None:
    """Find the first pattern of a list that stands somewhere in a clause."""
    every = tokens(text)[:_LONGEST]
    low = {token.low for token in every}
    for pattern in patterns:
        if any(low.isdisjoint(need) for need in _needs(pattern)):
            continue
        parts = _parts(pattern)
        for at in range(1 if parts[0][0] == "^" and every else len(every)):
            slots: dict[str, Any] = {}
            after = _match(parts, every, at, slots)
            if after is not None:
                spoken = {
                    name: text[every[a].start : every[b - 1].end].strip(" .,;:!?") if b > a else ""
                    for name, (a, b) in slots.items()
                }
                end = every[after - 1].end if after else 0
                return Match(spoken, every[at].start, end)
    return None


def clauses(text: str) -> list[str]:
    """Split a sentence where a new instruction begins: after ; or before a verb of instruction."""
    every = tokens(text)
    verbs, turns = CLASSES["instructing"], CLASSES["turning"]
    found: list[str] = []
    start = 0
    for place, token in enumerate(every):
        if place == 0 or token.low not in turns or token.start < start:
            continue
        follow = place + 1
        while follow < len(every) and every[follow].low in CLASSES["filling"]:
            follow += 1
        if token.low == ";" or (follow < len(every) and every[follow].low in verbs):
            if token.low == "to":
                continue
            found.append(text[start : token.start])
            start = token.end
    found.append(text[start:])
    return [one.strip(" ,;") for one in found if one.strip(" ,;.")]
