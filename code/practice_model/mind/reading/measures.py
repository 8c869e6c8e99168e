"""Amounts: money, quantities with units, durations, percentages, ranges and bare numbers."""

import itertools
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from practice_model.lexicon import table
from practice_model.lexicon import words as word_list
from practice_model.mind.reading import numerals
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import Token, tokens

if TYPE_CHECKING:
    from practice_model.mind.reading.scanner import Scanner

SYMBOLS: dict[str, str] = table("money")["symbols"]
CODES = frozenset(table("money")["names"])
_RANGE = re.compile(r"\s{0,4}(?:-|–|—|to|through|until)\s{0,4}")


@cache
def currency(word: str) -> str:
    """Return the ISO code for a currency's name, code or symbol; "" for none."""
    if word in SYMBOLS:
        return SYMBOLS[word]
    if word.upper() == word and word in CODES:
        return word
    for code, names in table("money")["names"].items():
        if word.lower() in names.split() and word.lower() not in ("try", "real"):
            return str(code)
    return "GBP" if word.lower() in ("pound", "pounds") else ""


@cache
def unit_of(word: str) -> tuple[str, str, float] | None:
    """Return (family, unit, size) for a unit's name."""
    low = word.lower().rstrip(".")
    for family, units in table("units").items():
        for unit, entry in units.items():
            if low in entry["names"].split():
                return family, unit, float(entry["size"])
    return None


def convert(value: float, source: str, target: str) -> float | None:
    """Convert between two units of one family; None where that is impossible."""
    a, b = unit_of(source), unit_of(target)
    if a is None or b is None or a[0] != b[0]:
        return None
    if a[0] == "temperature":
        if a[1] == b[1] or "degree" in (a[1], b[1]):
            return value
        degrees = (value - 32) / 1.8 if a[1] == "fahrenheit" else value * 1.8 + 32
        return numerals.whole(round(degrees, 1))
    return numerals.whole(round(value * a[2] / b[2], 9))


def find(scanner: "Scanner") -> None:
    """Claim every amount of a text."""
    for start, end, value in _numbers(scanner):
        _claim(scanner, start, end, value)
    _articles(scanner)
    _ranges(scanner)
    _ordinals(scanner)


def _numbers(scanner: "Scanner") -> list[tuple[int, int, float | int]]:
    text = scanner.text[:60_000]
    found: list[tuple[int, int, float | int]] = []
    for match in numerals.DIGITS.finditer(text):
        start, end = match.span()
        value = numerals.from_digits(match[0])
        free = not any(scanner.taken[start:end]) and not (start and text[start - 1].isalpha())
        if value is not None and free:
            found.append((start, end, value))
    words = [t for t in tokens(text) if t.is_word]
    index = 0
    while index < len(words):
        read = _spelled(scanner, words, index)
        if read is not None:
            found.append((words[index].start, words[index + read[1] - 1].end, read[0]))
        index += read[1] if read else 1
    return sorted(_signed(text, *one) for one in found)


_MINUS = re.compile(r"\b(?:minus|negative) $", re.I)


def _signed(text: str, start: int, end: int, value: float | int) -> tuple[int, int, float | int]:
    minus = _MINUS.search(text[max(0, start - 10) : start])
    at = start - len(minus[0]) if minus else start
    return (start, end, value) if not minus or _operand(text[:at]) else (at, end, -value)


def _operand(head: str) -> bool:
    """Tell that a text ends in something that "minus" could take away from."""
    last = head.rstrip().rsplit(None, 1)[-1:] or [""]
    return last[0][-1:].isdigit() or numerals.is_number_word(last[0].lower() or "?")


def _spelled(scanner: "Scanner", words: list[Token], index: int) -> tuple[float | int, int] | None:
    first = words[index]
    if any(scanner.taken[first.start : first.end]) or not (
        numerals.is_number_word(first.low)
        or first.low in ("a", "half", "couple", "dozen", "dozens")
    ):
        return None
    window = words[index : index + 9]
    for at in range(1, len(window)):
        if scanner.text[window[at - 1].end : window[at].start].strip(" -"):
            window = window[:at]
            break
    read = numerals.from_words([w.low for w in window])
    if read is None:
        return None
    if first.low == "one" and read[1] == 1:
        before = words[index - 1].low if index else ""
        after = words[index + 1].low if index + 1 < len(words) else "of"
        lone = before in word_list("words", "measures_spelled")
        if lone or after in word_list("words", "after_one"):
            counted = re.match(r" of [A-Z]+-?\d", scanner.text[first.end : first.end + 16])
            return read if counted and before in ("and", ",", "") else None
    return read


_PREFIX = re.compile(r"((?<!\w)[-−])?([€$£¥₹]|(?<![A-Za-z])[A-Z]{3})\s{0,2}$")


def _prefixed(scanner: "Scanner", start: int, end: int, value: float | int) -> bool:
    head = max(0, start - 8)
    mark = _PREFIX.search(scanner.text[head:start])
    code = currency(mark[2]) if mark else ""
    if not mark or not code:
        return False
    scanner.add(head + mark.start(), end, "money", -value if mark[1] else value, code)
    return True


def _claim(scanner: "Scanner", start: int, end: int, value: float | int) -> None:
    text = scanner.text
    if _prefixed(scanner, start, end, value):
        return
    after = re.match(r"[ \u00a0-]?([€$£¥₹%°]?[A-Za-z°/%]*)", text[end : end + 24])
    word = after[1] if after else ""
    glued = bool(word) and not after[0].startswith((" ", "\u00a0")) if after else False
    stop = end + (len(after[0]) if after else 0)
    if (
        word
        and (code := currency(word) or currency(word[:1]))
        and not (word.lower() in ("pound", "pounds") and text[stop : stop + 4] == " of ")
    ):
        scanner.add(start, stop if currency(word) else stop - len(word) + 1, "money", value, code)
        return
    _measured(scanner, (start, end, stop), value, word, glued)


def _measured(
    scanner: "Scanner", at: tuple[int, int, int], value: float | int, word: str, glued: bool
) -> None:
    text = scanner.text
    start, end, stop = at
    unit = (
        unit_of(word) if word and (len(word) > 1 or word in "%°" or word in "glmthsCFdcw") else None
    )
    if unit is None and word in ("k", "K") and glued:
        scanner.add(start, stop, "number", value * 1000)
    elif unit is None or (len(word) == 1 and word in "dw" and not glued):
        scanner.add(start, end, "number", value)
    elif unit[0] == "temperature" and word in ("°", "degrees", "degree"):
        tail = re.match(r"\s*(celsius|centigrade|fahrenheit|[CF])\b", text[stop : stop + 14], re.I)
        name = unit_of(tail[1]) if tail else None
        stop += tail.end() if tail else 0
        scanner.add(start, stop, "quantity", value, name[1] if name else "degree")
    elif unit[0] == "time":
        half = re.match(r" and (a half|a quarter|three quarters)\b", text[stop : stop + 20])
        many = value + numerals.FRACTIONS[half[1]] if half else value
        stop += half.end() if half else 0
        scanner.add(start, stop, "duration", numerals.whole(round(many * unit[2], 6)), unit[1])
    else:
        scanner.add(start, stop, "quantity", value, unit[1])


_ARTICLE = re.compile(
    r"\b(half an?|a quarter of an|three quarters of an|an?|half a|quarter) "
    r"(hour|day|week|month|year|minute|dozen)(?! (?:rate|plan|pass|ago))\b"
    r"(?: and (a half|a quarter|three quarters)\b)?",
    re.I,
)
_SHARE = re.compile(
    r"\b(half|a quarter|a third|three quarters) of (?=the|our|my|all|its|their)", re.I
)


def _articles(scanner: "Scanner") -> None:
    size = {"half": 0.5, "a": 1, "an": 1, "quarter": 0.25, "three": 0.75}
    for match in re.finditer(r"\bhalf[ -]hour\b", scanner.text, re.I):
        scanner.add(match.start(), match.end(), "duration", 1800, "hour")
    for match in _ARTICLE.finditer(scanner.text):
        unit = unit_of(match[2])
        head = match[1].lower()
        if head in ("a", "an") and any(s.end == match.start() - 1 for s in scanner.spans):
            continue  # "980 euros a month" is a rate
        first = "quarter" if head.startswith("a quarter") else head.split()[0]
        if unit:
            many = size[first] + numerals.FRACTIONS.get(match[3] or "", 0)
            value = numerals.whole(many * unit[2])
            scanner.add(match.start(), match.end(), "duration", value, unit[1])
    shares = {"half": 50, "a quarter": 25, "a third": 33.3, "three quarters": 75}
    for match in _SHARE.finditer(scanner.text):
        scanner.add(match.start(1), match.end(1), "quantity", shares[match[1].lower()], "percent")


def _ranges(scanner: "Scanner") -> None:
    amounts = sorted(
        (s for s in scanner.spans if s.kind in ("number", "money", "quantity", "duration")),
        key=lambda s: s.start,
    )
    for first, second in itertools.pairwise(amounts):
        between = scanner.text[first.end : second.start]
        # "scale from 2 to 5" names two values; "3-5 days" and "30 to 50 euros" are one
        head = scanner.text[max(0, first.start - 8) : first.start].lower()
        if not _RANGE.fullmatch(between) or "from " in head or first.kind == "duration":
            continue
        if first.kind == "number" and isinstance(second.value, int | float):
            base = second.value
            low: Any = first.value
            if second.kind == "duration":
                unit = unit_of(second.unit)
                base = numerals.whole(second.value / unit[2]) if unit else base
            if between.strip() in ("-", "–", "—") or (low < base and between.strip() == "to"):
                scanner.spans.remove(first)
                scanner.spans.remove(second)
                whole = scanner.text[first.start : second.end]
                scanner.spans.append(
                    replace(second, start=first.start, kind="range", value=(low, base), text=whole)
                )


def _ordinals(scanner: "Scanner") -> None:
    for token in tokens(scanner.text[:60_000]):
        if token.low in numerals.ORDINALS and not any(scanner.taken[token.start : token.end]):
            value = numerals.ORDINALS[token.low]
            scanner.spans.append(Span(token.start, token.end, "ordinal", token.text, value))
