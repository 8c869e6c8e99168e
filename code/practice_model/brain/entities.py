"""Things that a text names: addresses, dates, numbers, codes, quoted text, proper names."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from practice_model.brain.words import is_common, is_deed, is_everyday

_NUMBER_LINE = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty
"""
NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBER_LINE.split())} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
    "dozen": 12,
}

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in names
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "euro": "EUR", "euros": "EUR",
    "dollar": "USD", "dollars": "USD", "us dollar": "USD", "us dollars": "USD", "bucks": "USD",
    "pound": "GBP", "pounds": "GBP", "british pounds": "GBP", "sterling": "GBP", "yen": "JPY",
    "franc": "CHF", "francs": "CHF", "swiss franc": "CHF", "swiss francs": "CHF",
    "rupee": "INR", "rupees": "INR", "yuan": "CNY", "renminbi": "CNY", "krona": "SEK",
    "kronor": "SEK", "swedish krona": "SEK", "swedish kronor": "SEK", "norwegian krone": "NOK",
    "norwegian kroner": "NOK", "danish krone": "DKK", "danish kroner": "DKK", "zloty": "PLN",
    "canadian dollars": "CAD", "canadian dollar": "CAD", "australian dollars": "AUD",
    "australian dollar": "AUD", "mexican pesos": "MXN", "pesos": "MXN", "real": "BRL",
    "reais": "BRL", "won": "KRW", "lira": "TRY", "koruna": "CZK", "forint": "HUF",
}  # fmt: skip
_CODES = frozenset(CURRENCIES.values()) | {"NZD", "ZAR", "SGD", "HKD", "AED", "THB", "RUB", "ILS"}
_LANGUAGE_WORDS = """
english german french spanish italian portuguese dutch swedish norwegian danish finnish polish
czech slovak hungarian romanian bulgarian greek turkish russian ukrainian arabic hebrew hindi
bengali urdu chinese mandarin cantonese japanese korean vietnamese thai indonesian malay swahili
latin welsh irish gaelic catalan basque icelandic croatian serbian slovenian lithuanian latvian
estonian persian farsi tagalog python javascript typescript java rust ruby kotlin go
"""
LANGUAGES = frozenset(_LANGUAGE_WORDS.split())


@dataclass(frozen=True)
class Entity:
    """A span of text with its kind and its value.

    Kinds: email, url, path, code, quoted, date, time, money, percent, number, currency,
    language, id, host, domain, street, name, when.
    """

    kind: str
    value: Any
    start: int
    end: int
    unit: str = ""


_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WORDNUM = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_MONEY_WORD = "|".join(
    re.escape(word) for word in sorted(CURRENCIES, key=len, reverse=True) if word.isascii()
    and word[0].isalpha() and word not in ("real", "won")
)  # fmt: skip
_NUM = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("code", re.compile(r"```(?:\w+\n)?(.+?)```|`([^`\n]+)`", re.S)),
    ("url", re.compile(r"\b(?:https?|ftp|postgresql|sqlite|s3)://[^\s<>\"'`)\]]+")),
    ("email", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")),
    (
        "quoted",
        re.compile(
            r"\"([^\"\n]+)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|‘([^’\n]+)’(?!\w)"
            r"|(?<![\w'’])'((?:[^'\n]|(?<=\w)'(?=\w))+)'(?!\w)"
        ),
    ),
    (
        "date",
        re.compile(
            rf"\b(\d{{4}})-(\d\d)-(\d\d)\b"
            rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?({_MONTH})\b\.?,?(?: (\d{{4}}))?"
            rf"|\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?"
            r"|\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b"
            r"|\b(\d{1,2})/(\d{1,2})/(\d{4})\b",
            re.I,
        ),
    ),
    ("time", re.compile(
        r"(?<![€$£¥])(?<![€$£¥] )\b([01]?\d|2[0-3])[:.]([0-5]\d)(?!\.?\d)"
        rf"(?! ?(?:[€$£¥%]|(?:{_MONEY_WORD}|percent|kg|km|EUR|USD|GBP|CHF|JPY)\b))"
        r"(?: ?([ap])\.?m\b\.?)?"
        r"|\b(1[0-2]|0?[1-9]) ?([ap])\.?m\b\.?"
        r"|\b(half|quarter|five|ten|twenty) (past|to) (\w+)\b(?=\W|$)"
        r"|\b(1?\d|2[0-3]) ?o'?clock\b|\b(noon|midday|midnight)\b", re.I)),
    ("path", re.compile(
        r"(?<![\w/])(?:~|\.{1,2})?/(?:[\w.+-]+/)*[\w.+-]*\w/?|\b[A-Za-z]:\\[\w.\\-]+"
        r"|\b(?:[\w-]+/)+[\w-]+(?:\.\w+)+|\b[\w-]+\.(?:txt|md|csv|json|ya?ml|toml|py|pdf|docx?|"
        r"xlsx?|html?|log|png|jpe?g|sql|ini|cfg|ipynb|zip|gz|sh|js|ts)\b")),
    ("when", re.compile(
        r"\b(today|tonight|tomorrow|day after tomorrow|yesterday|"
        r"(?:next|this|last) (?:week|month|year|monday|tuesday|wednesday|thursday|friday|"
        r"saturday|sunday)|in (?:\d+|an?|one|two|three|four|five|ten) "
        r"(?:minutes?|hours?|days?|weeks?|months?)|"
        r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b", re.I)),
    ("slashed", re.compile(
        r"(?<![\w./])(?!(?:and|either|he|she|his|him|yes|on|true|km|client|input|read)/)"
        r"[A-Za-z][\w.-]*(?:/[A-Za-z][\w.-]*)+(?<![.-])\b(?!/)")),
    ("domain", re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|example|eu|de|uk|info|ai)\b")),
    ("version", re.compile(r"\bv\d+(?:\.\d+)*\b|(?<![\w.])\d+(?:\.\d+){2,}\b")),
    ("id", re.compile(r"(?<![\w.+-])#?\d{2,}(?:-\d{3,})+\b(?![-.:]\d)")),
    ("id", re.compile(r"(?<![\w.])[A-Za-z]+(?:[-_][A-Za-z0-9]+)*[-_]\d+(?:\.\d+)+\b")),
    ("id", re.compile(
        r"(?<![\w.])#?(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?!\d+(?:st|nd|rd|th|am|pm|kg|km|cm|mm|g|m|h|"
        r"s|min|ms|px|mb|gb|k|l|ml|c|f|x|%)\b)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\b(?![.:]\d)",
        re.I)),
    ("percent", re.compile(rf"(?<![\w.])-?({_NUM}) ?(?:%|percent\b|per cent\b)")),
    ("money", re.compile(
        rf"([€$£¥]) ?({_NUM})|(?<![\w.])({_NUM}) ?([€£¥$]|(?:{_MONEY_WORD}|[A-Z]{{3}})\b)", re.I)),
    ("dimension", re.compile(rf"(?<![\w.])({_NUM}) ?(kg|km|cm|mm|ml|mb|gb|g|m|l|h|min|ms|s|x)\b")),
    ("street", re.compile(
        r"\b[A-ZÀ-Þ](?=[A-Z]*[a-zß-ÿ])[\w'-]+(?: [A-ZÀ-Þ][\w'-]+)? \d{1,4}[a-z]?\b(?=,| in |\n)"
        r"|\b\d{1,5} (?:[A-Z][\w'-]+ )+(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way|Square)\b")),
    ("number", re.compile(rf"(?<![\w.])[-−]?(?:{_NUM})(?!\w|[-./]\d)")),
    ("number", re.compile(rf"\b(?:{_WORDNUM})\b(?!-)", re.I)),
    ("currency", re.compile(rf"\b(?:{_MONEY_WORD})\b|\b[A-Z]{{3}}\b", re.I)),
    ("host", re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")),
    ("host", re.compile(r"(?<![\w#&/])#[a-z][\w-]*\b")),
    ("host", re.compile(r"\b(?!e-mail)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+\b")),
)  # fmt: skip
_NAME = re.compile(
    r"(?<![\w'’])(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\. )?[^\W\d_a-zß-öø-ÿ][\w'’&-]*"
    r"(?:(?: (?:van|von|de|der|del|della|di|da|dos|la|le|of|the|&|bin|al))*"
    r" [^\W\d_a-zß-öø-ÿ][\w'’&-]*)*(?:, [A-Z]{2}\b(?! ?[-\d]))?"
)
_POINTING_ONE = re.compile(
    r"\b(?:no|which|this|that|any|every|each|some|the|another|last|next|first|other|only)\W+$", re.I
)
_OWNED = re.compile(r"\b(?i:my|our|your|his|her|their) [a-z]+ $")  # "my dog Biscuit"
_NUMBER_NOUN = re.compile(r"[ -]+(?:more |extra |additional |new |last |error )?([A-Za-z]{2,})")


def numeric(text: str) -> int | float | None:
    """Read a number written in digits or as a word."""
    lower = text.lower().strip()
    if lower in NUMBER_WORDS:
        return NUMBER_WORDS[lower]
    try:
        value = float(lower.replace(",", "").replace("−", "-"))
    except ValueError:
        return None
    return int(value) if value.is_integer() and "." not in lower else value


def _date(match: re.Match[str], year: int) -> str | None:
    g = match.groups()
    if g[0]:
        y, m, d = int(g[0]), int(g[1]), int(g[2])
    elif g[3]:
        y, m, d = int(g[5] or year), MONTHS[g[4].lower()], int(g[3])
    elif g[6]:
        y, m, d = int(g[8] or year), MONTHS[g[6].lower()], int(g[7])
    elif g[9]:
        y, m, d = int(g[11]), int(g[10]), int(g[9])
    else:
        y, m, d = int(g[14]), int(g[12]), int(g[13])
        if m > 12:
            m, d = d, m
    try:
        return dt.date(y, m, d).isoformat()
    except ValueError:
        return None


def _time(match: re.Match[str]) -> str | None:
    hour_text, minute, half, hour12, half12, part, side, spoken, oclock, word = match.groups()
    if part:
        return _spoken_time(part.lower(), side.lower(), spoken)
    if word:
        return "00:00" if word.lower() == "midnight" else "12:00"
    hour = int(hour_text or hour12 or oclock)
    half = (half or half12 or "").lower()
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    return f"{hour:02d}:{int(minute or 0):02d}"


def _spoken_time(part: str, side: str, spoken: str) -> str | None:
    """ "Quarter past six" as 06:15, "twenty to nine" as 08:40."""
    hour = numeric(spoken)
    if not isinstance(hour, int) or not 1 <= hour <= 12:
        return None
    minutes = {"half": 30, "quarter": 15}.get(part) or int(NUMBER_WORDS[part])
    if side == "to":
        if part == "half":
            return None
        hour, minutes = (hour - 1) or 12, 60 - minutes
    return f"{hour:02d}:{minutes:02d}"


def _relative(word: str, today: dt.date | None) -> str | None:
    if today is None:
        return None
    word = word.lower()
    days = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}
    if word in days:
        return (today + dt.timedelta(days=days[word])).isoformat()
    if word == "next week":
        return (today + dt.timedelta(days=7)).isoformat()
    if found := re.match(r"in (\w+) (day|week)", word):
        count = numeric(found[1]) or 1
        size = 7 if found[2] == "week" else 1
        return (today + dt.timedelta(days=int(count) * size)).isoformat()
    day = word.split()[-1]
    if day in WEEKDAYS:
        ahead = (WEEKDAYS.index(day) - today.weekday()) % 7 or 7
        return (today + dt.timedelta(days=ahead)).isoformat()
    return None


@lru_cache(maxsize=2048)
def find(text: str, today: dt.date | None = None) -> tuple[Entity, ...]:
    """Return what a text names, in order of place; spans never overlap.

    Without `today`, relative days ("tomorrow") stay words of kind `when`; dates without a
    year take `today`'s year, else 2026.
    """
    taken = bytearray(len(text))
    found: list[Entity] = []
    year = today.year if today else 2026

    def take(kind: str, value: Any, start: int, end: int, unit: str = "") -> None:
        if value is None or any(taken[start:end]):
            return
        taken[start:end] = b"\x01" * (end - start)
        found.append(Entity(kind, value, start, end, unit))

    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if taken[start]:
                continue
            raw = match.group()
            if kind == "code":
                take(kind, (match[1] or match[2]).strip(), start, end)
            elif kind == "quoted":
                take(kind, next(g for g in match.groups() if g).strip(), start, end)
            elif kind == "url":
                trimmed = raw.rstrip(".,;:!?")
                take(kind, trimmed, start, start + len(trimmed))
            elif kind == "date":
                take(kind, _date(match, year), start, end)
            elif kind == "when":
                day = _relative(raw, today)
                take("date" if day else "when", day or raw, start, end)
            elif kind == "time":
                take(kind, _time(match), start, end)
            elif kind == "percent":
                take(kind, numeric(match[1]), start, end)
            elif kind == "money":
                mark, amount, amount2, unit = match.groups()
                name = (mark or unit or "").lower()
                code = CURRENCIES.get(name) or (name.upper() if name.upper() in _CODES else "")
                if code:
                    take(kind, numeric(amount or amount2), start, end, code)
            elif kind == "dimension":
                take("number", numeric(match[1]), start, end, match[2])
            elif kind == "number":
                noun = _NUMBER_NOUN.match(text, end)
                unit = noun[1].lower() if noun else ""
                if raw.lower() == "one" and (
                    unit in ("", "of", "more", "is", "for", "and", "or", "to", "in", "on")
                    or _POINTING_ONE.search(text[:start])
                ):
                    continue
                take(kind, numeric(raw), start, end, unit)
            elif kind == "currency":
                code = CURRENCIES.get(raw.lower()) or (raw if raw in _CODES else "")
                if code and (raw.isupper() or not raw[0].isupper() or " " in raw):
                    take(kind, code, start, end)
            elif kind == "id":
                take(kind, raw.lstrip("#"), start, end)
            elif kind == "street":
                if not is_common(raw.split()[0]) and not is_deed(raw.split()[0]):
                    take(kind, raw, start, end)
            elif kind == "slashed":
                take("host", raw, start, end, "slashed")
            elif kind == "version":
                take("id", raw, start, end, "version")
            else:
                take(kind, raw, start, end)
    _names(text, taken, take)
    return tuple(sorted(found, key=lambda entity: entity.start))


def _names(text: str, taken: bytearray, take: Any) -> None:
    for match in _NAME.finditer(text):
        start, end = match.span()
        raw = match.group()
        for possessive in ("'s", "’s", "'", "’"):
            if raw.endswith(possessive):
                raw = raw[: -len(possessive)]
                break
        opening = _opens_sentence(text, start)
        words = raw.split(" ")
        owned = bool(_OWNED.search(text[max(0, start - 40) : start])) and not is_everyday(words[0])
        while words and (
            words[0] in ("I", "I'm", "I'd", "I've", "I'll")
            or (is_common(words[0].strip(".'’")) and (opening or len(words) == 1) and not owned)
            or (opening and len(words) > 1 and words[0].lower() in ("and", "or", "the"))
            or (opening and is_deed(words[0]))
        ):
            if words[0].rstrip(".") in ("Dr", "Mr", "Mrs", "Ms", "Prof", "St"):
                break
            start += len(words[0]) + 1
            words.pop(0)
            opening = False
            while words and words[0] in ("of", "the", "de", "la", "&"):
                start += len(words[0]) + 1
                words.pop(0)
        while words and words[-1] in ("of", "the", "de", "la", "&"):
            words.pop()
        if not words or (words[0].rstrip(".") in ("Dr", "Mr") and len(words) == 1):
            continue
        raw = " ".join(words)
        end = start + len(raw)
        if any(taken[start:end]):
            for piece in re.finditer(r"\S+", text[start:end]):
                a, b = start + piece.start(), start + piece.end()
                if not any(taken[a:b]) and piece[0][0].isupper() and not is_common(piece[0]):
                    take("name", piece[0], a, b)
            continue
        lower = raw.lower()
        take("language" if lower in LANGUAGES else "name", raw, start, end)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'“‘(*-\t")
    return not before or before[-1] in ".!?\n:;"
