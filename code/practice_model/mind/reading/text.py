"""Words, stems and sentences of a text: what the other files of this package count and compare."""

import re
from collections.abc import Iterable
from functools import lru_cache

from practice_model.mind.reading import tokens
from practice_model.mind.reading.phrases import LEXICON
from practice_model.mind.reading.sentences import sentences as split

COMMON = frozenset(LEXICON["common"].split())
_WORD = re.compile(r"[^\W_]+(?:[-'’.,:/@_][^\W_]+)*")
CITATION = re.compile(r"\[[A-Za-z][\w.:-]{0,40}\]|\[\d{1,3}\]")
_MARK = re.compile(r"^\s{0,8}(?:[-*•–]|\d{1,2}[.)])\s+")
_IRREGULAR = {w: line.split()[0] for line in LEXICON["irregular"] for w in line.split()}


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers and ids count as words."""
    return [match.group().lower().replace("’", "'") for match in _WORD.finditer(text)]


def word_count(text: str) -> int:
    """Count words as a reader would: separated by spaces, sources in brackets left out."""
    bare = CITATION.sub(" ", text)
    return sum(1 for part in bare.split() if any(c.isalnum() for c in part))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Reduce a word to what its forms share ("ordered", "orders": "order")."""
    word = word.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    return _IRREGULAR.get(word) or tokens.stem(word)


def content(text: str) -> set[str]:
    """Return the stems of the words that carry meaning."""
    found: set[str] = set()
    for word in words(text):
        if word not in COMMON:
            found.add(stem(word))
            if "-" in word and not any(char.isdigit() for char in word):
                found.update(stem(part) for part in word.split("-") if part not in COMMON)
    return found


def cover(wanted: Iterable[str], text: str) -> float:
    """Return the share of the wanted stems that a text has, 0 to 1."""
    wanted = list(wanted)
    there = content(text)
    if not wanted:
        return 0.0
    return sum(any(alike(one, other) for other in there) for one in wanted) / len(wanted)


def alike(one: str, other: str) -> bool:
    """Tell that two stems are forms of one word ("deliver", "delivery")."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= 5 and long.startswith(short) and len(long) - len(short) <= 3


def mark(line: str) -> str:
    """Return the mark of a list item with its space, or nothing."""
    match = _MARK.match(line)
    return match.group().lstrip() if match else ""


def sentences(text: str) -> list[str]:
    """Split a text into sentences; each line of a list is at least one, without its mark."""
    return list(_sentences(text))


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[str, ...]:
    for number in range(1, 7) if " 2) " in text or " 2. " in text else ():
        for sign in (")", "."):
            text = text.replace(f" {number}{sign} ", f"\n{number}{sign} ")
    found = (one.text.lstrip("# ") for one in split(text))
    return tuple(one for one in found if one and not one.startswith("```"))


def sources(text: str) -> list[str]:
    """Return the sources that a text cites, such as "[ship-01]", in order."""
    return list(dict.fromkeys(CITATION.findall(text)))


def uncited(text: str) -> str:
    """Return a text without its sources."""
    return " ".join(CITATION.sub(" ", text).replace(" .", ".").split()).replace(" .", ".")


def capital(text: str) -> str:
    """Begin with a capital letter."""
    for place, char in enumerate(text):
        if char.isalpha():
            return text[:place] + char.upper() + text[place + 1 :]
        if char.isdigit():
            break
    return text


def ended(text: str) -> str:
    """End a sentence with a full stop if nothing ends it; sources stay behind their claim."""
    text = text.strip().rstrip(",;:")
    bare = CITATION.sub("", text).rstrip()
    return text if not bare or bare[-1] in ".!?…" else text + "."


def listed(items: Iterable[str], joiner: str = "and") -> str:
    """Join items as a person would say them."""
    every = list(items)
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {joiner} {every[-1]}"


def has_phrase(phrase: str, text: str) -> bool:
    """Tell that a text has every meaningful word of a phrase within one sentence."""
    wanted = content(phrase)
    if not wanted:
        return " ".join(words(phrase)) in " ".join(words(text))
    return any(cover(wanted, one) == 1.0 for one in sentences(text))
