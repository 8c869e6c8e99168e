"""Words of a text: tokens with offsets, stems, and the closed classes they belong to."""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property

from practice_model.lexicon import table, words

TOKEN = re.compile(
    r"[^\W\d_]+(?:['’.][^\W\d_]+)*(?:-[^\W_]+)*['’]?|\d+(?:[.,]\d+)*|[^\w\s]|_+|[\w]+"
)
_QUOTES = "\"'“‘”’`"


@dataclass(frozen=True)
class Token:
    """A word, number or mark of a text."""

    start: int
    end: int
    text: str

    @cached_property
    def low(self) -> str:
        """Return the word in lower case, with a straight apostrophe."""
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        """Tell a word from a number or mark."""
        return self.text[:1].isalpha()

    @property
    def quoted(self) -> bool:
        """Tell a quotation with its marks."""
        return len(self.text) > 2 and self.text[0] in _QUOTES and self.text[-1] in _QUOTES


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Split a text into words, numbers and marks."""
    found = []
    for match in TOKEN.finditer(text, start, len(text) if end is None else end):
        body, low = match[0], match.start()
        if body[-1] in "'’" and len(body) > 1:
            found += [
                Token(low, match.end() - 1, body[:-1]),
                Token(match.end() - 1, match.end(), "'"),
            ]
        elif body[:-2] and body[-2] in "'’" and body[-1] in "sS" and not contraction(body):
            found += [
                Token(low, match.end() - 2, body[:-2]),
                Token(match.end() - 2, match.end(), "'s"),
            ]
        else:
            found.append(Token(low, match.end(), body))
    return found


def contraction(word: str) -> bool:
    """Tell "it's" and "don't" from a possessive."""
    return word.lower().replace("’", "'") in words("words", "contractions")


def word_set(text: str) -> set[str]:
    """Return the stems of a text's content words."""
    return {stem(t.low) for t in tokens(text) if t.is_word and not function_word(t.low)}


@cache
def function_word(word: str) -> bool:
    """Tell a word of a closed class: determiners, prepositions, pronouns, auxiliaries."""
    return any(
        word in words("words", key) for key in (*table("words")["tokens_function_word"].split(),)
    )


@cache
def families(word: str) -> frozenset[str]:
    """Return the families of verbs that a word belongs to."""
    root = stem(word)
    return frozenset(
        name
        for name, members in table("verbs")["families"].items()
        if word in members.split() or root in {stem(member) for member in members.split()}
    )


@cache
def _verbs() -> frozenset[str]:
    found = set(table("verbs")["more"]["words"].split())
    for members in table("verbs")["families"].values():
        found |= set(members.split())
    return frozenset(found - {*table("words")["tokens_verbs"].split()})


OFFERED: ContextVar[frozenset[str]] = ContextVar("OFFERED", default=frozenset())
"""The verbs of the tools offered: they open commands too."""


def is_verb(word: str) -> bool:
    """Tell a base form that can open a command."""
    return word in _verbs() or word in OFFERED.get()


_OBJECTS = words("words", "objects")


def opens_command(word: str, after: str) -> bool:
    """Tell that a sentence's first word is a verb: a known one, or one with an object behind it."""
    if is_verb(word):
        return True
    return (
        after in _OBJECTS
        and word.isalpha()
        and not function_word(word)
        and not word.endswith(("ing", "ly", "ed", "s"))
    )


@cache
def stem(word: str) -> str:
    """Strip the endings that don't change what a word is about."""
    root = word.lower().replace("e-mail", "email")
    for ending in ("'s", "’s"):
        root = root.removesuffix(ending)
    if len(root) <= 3:
        return root
    root = singular(root)
    for ending in ("ization", "isation", "ation", "ition", "ion", "ment", "ing", "ed"):
        if root.endswith(ending) and len(root) - len(ending) >= 3:
            root = root[: -len(ending)]
            if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
                root = root[:-1]
            break
    if root.endswith("y") and len(root) > 4:
        root = root[:-1]
    return root.removesuffix("e") if len(root) > 3 else root


def singular(word: str) -> str:
    """Return the singular of a regular plural."""
    low = word.lower()
    if len(low) <= 3 or low.endswith(("ss", "us", "is")):
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("sses", "xes", "ches", "shes")):
        return low[:-2]
    return low.removesuffix("s")
