"""Spans: the pieces of a text that have a kind and a value of their own."""

import re

from practice_model.lexicon import words
from practice_model.mind.reading import measures, moments, numerals
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.scanner import MAX_TEXT, Scanner

_URL = re.compile(
    r"\b(?:https?|ftp|postgres(?:ql)?|sqlite|file)://[^\s<>\"'`]+|\bwww\.[^\s<>\"'`]+"
)
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[\w-]+(?:\.[\w-]+)+")
_BACKTICK = re.compile(r"```[^\n]*\n(?P<fence>.*?)```|`(?P<tick>[^`\n]{1,2000})`", re.S)
_PATH = re.compile(
    r"(?<![\w/@.:-])(?:[~.]{0,2}/[\w.~-]{1,80}(?:/[\w.~-]{0,80}){0,20}|"
    r"[\w~-][\w.-]{0,80}(?:/[\w.-]{1,80}){1,20}|"
    r"[\w-]{1,80}(?:\.[\w-]{1,40}){0,4}\.[A-Za-z][A-Za-z0-9]{0,5})(?![\w/@])"
)
_TLD = words("words", "tld")
_EXTENSION = words("words", "extension")
_VERSION = re.compile(
    r"(?<![\w.])(?:v\d+(?:\.\d+){0,3}(?:-[\w.]+)?|\d+\.\d+\.\d+(?:-[\w.]+)?)(?![\w])"
)
_HANDLE = re.compile(r"(?<![\w#@/])[#@][A-Za-z][\w-]*")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d[\d ()/.-]{6,18}\d|\(?0\d[\d()/-]*[ /()-][\d ()/-]{4,14}\d|"
    r"\d{3}[- .]\d{3}[- .]\d{4}|\d{3}-\d{4})(?!\w|,\d)"
)
_ID = re.compile(
    r"(?<![\w/.@-])#?(?=[\w-]*[\d_])[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*(?:\.\d+)*(?![\w@/]|-\w)"
)
_COUNTED = re.compile(r"\d+(?:st|nd|rd|th|s|x|am|pm|h|k|m|c|f|g|l)?|\d+[-](?:[a-z]+)|\d+[a-z]{1,3}")
_TRAIN = re.compile(r"\b[A-Z]{1,4} \d{1,5}\b(?![.,]\d|:\d)")
_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{6,40}\b")
_PLACEHOLDER = {"e.g", "i.e", "p.m", "a.m", "u.s", "no.1"}


def scan(text: str, today: str = "") -> Scanner:
    """Find everything in a text but names, nouns and clauses."""
    scanner = Scanner(text, today)
    _handed(scanner)
    _paths(scanner)
    _moments(scanner)
    _labels(scanner)
    measures.find(scanner)
    return scanner


def _handed(scanner: Scanner) -> None:
    for match in _BACKTICK.finditer(scanner.text):
        body = (match["fence"] if match["tick"] is None else match["tick"]).strip("\n")
        if scanner.add(match.start(), match.end(), "quote", body):
            scanner.quotes.append((match.start(), match.end()))
    scanner.each(_URL, "url", lambda m: m[0].rstrip(".,;:!?)"))
    scanner.each(_EMAIL, "email", lambda m: m[0].rstrip("."))
    for start, end in quotations(scanner.text):
        if any(scanner.taken[start : start + 1]) or any(scanner.taken[end - 1 : end]):
            continue
        inner = scanner.text[start + 1 : end - 1]
        scanner.quotes.append((start, end))
        scanner.taken[start] = scanner.taken[end - 1] = 1
        scanner.spans.append(Span(start, end, "quote", scanner.text[start:end], inner.strip()))


_PAIRS = {"“": "”", "„": "“”", "«": "»", '"': '"', "‘": "’", "'": "'"}


def quotations(text: str, single: bool = True) -> list[tuple[int, int]]:
    """Find quotations with their marks; an apostrophe inside a word closes none."""
    found, at = [], 0
    while at < len(text):
        mark = text[at]
        one = mark in "'‘"
        opens = mark in _PAIRS and not (one and (not single or (at and text[at - 1].isalnum())))
        end = _closing(text, at, _PAIRS[mark], one) if opens else -1
        if end >= 0:
            found.append((at, end + 1))
        at = max(at, end) + 1
    return found


def _closing(text: str, start: int, close: str, single: bool) -> int:
    """Return where the quotation that opens at `start` ends, or -1."""
    if start + 1 >= len(text) or text[start + 1].isspace():
        return -1
    limit = min(len(text), start + 4000)
    best = -1
    for at in range(start + 1, limit):
        if text[at] == "\n" and text[at : at + 2] == "\n\n" and single:
            break
        if single and best >= 0 and text[at] in "'‘" and text[at - 1].isspace():
            break  # the next quotation opens
        if text[at] not in close:
            continue
        if not single:
            return at if at > start + 1 else -1
        after = text[at + 1 : at + 2]
        if text[at - 1].isspace() or after.isalnum():
            continue
        if not (text[at - 1] in "sS" and after == " " and text[at + 2 : at + 3].islower()):
            return at
        best = at  # may be a plural's apostrophe: a later mark is better
    return best


def _moments(scanner: Scanner) -> None:
    today = scanner.today
    scanner.each(moments.ISO, "date", lambda m: moments._iso(int(m[1]), int(m[2]), int(m[3])))
    scanner.each(moments.NUMERIC, "date", moments.numeric_date)
    scanner.each(
        moments.DAY_MONTH, "date", lambda m: moments.written_date(m[2], m[1], m[3], today) or m[0]
    )
    scanner.each(
        moments.MONTH_DAY, "date", lambda m: moments.written_date(m[1], m[2], m[3], today) or m[0]
    )
    scanner.each(_VERSION, "version", lambda m: m[0])
    scanner.each(moments.CLOCK, "time", lambda m: moments.clock_time(m, scanner.evening))
    scanner.each(moments.SPOKEN, "time", lambda m: moments.spoken_time(m, scanner.evening))

    def relative(match: re.Match[str]) -> str | None:
        if match[3] and _part_of_name(match):
            return None
        word = (match[4] or match[6] or "").lower()
        read = numerals.from_words([word])
        amount = int(word) if word.isdecimal() else read[0] if read else 1 if word == "a" else None
        if word and amount is None:
            return None
        told = moments.relative_date(match, today, amount)
        return told or (match[0] if not word or match[8] else None)

    scanner.each(moments.RELATIVE, "date", relative)


def _part_of_name(match: re.Match[str]) -> bool:
    """Tell that a weekday belongs to a name: "Blue Monday", "Sunday Drive"."""
    text = match.string
    after = re.match(r" ([A-Z][a-z]+)", text[match.end() : match.end() + 20])
    before = re.search(r"([A-Z][a-z]+) $", text[max(0, match.start() - 20) : match.start()])
    first = before and text[: match.start() - len(before[0])].rstrip()[-1:] in ("", ".", "!", "?")
    return bool(after and after[1].lower() not in moments.MONTHS) or bool(before and not first)


def _paths(scanner: Scanner) -> None:
    scanner.each(_HANDLE, "handle", lambda m: m[0])
    for match in _PATH.finditer(scanner.text, 0, MAX_TEXT):
        kind = _path_kind(match[0])
        if kind:
            scanner.add(
                match.start(), match.start() + len(match[0].rstrip(".")), kind, match[0].rstrip(".")
            )


def _labels(scanner: Scanner) -> None:
    scanner.each(_PHONE, "phone", lambda m: m[0] if _is_phone(m[0]) else None)
    scanner.each(_TRAIN, "id", lambda m: m[0] if m[0].split()[0] not in measures.CODES else None)
    scanner.each(_HEX, "id", lambda m: m[0])
    scanner.each(_ID, "id", _identifier)


def _path_kind(text: str) -> str:
    text = text.rstrip(".")
    if text.lower() in _PLACEHOLDER or text.lower() in ("and/or", "either/or", "km/h", "yes/no"):
        return ""
    tail = text.rpartition(".")[2].lower()
    if "/" not in text:
        if tail in _TLD and tail not in _EXTENSION:
            return "domain"
        return "path" if tail in _EXTENSION and len(text) > len(tail) + 1 else ""
    if all(part.isdigit() for part in text.split("/")) or (
        text.count("/") == 1 and (text.split("/")[0][:1].isdigit())
    ):
        return ""
    head = text.split("/")[0]
    if head.rpartition(".")[2].lower() in _TLD and "." in head and not head.startswith("."):
        return "url"
    return "path"


def _is_phone(text: str) -> bool:
    return 7 <= sum(c.isdigit() for c in text) <= 15


def _identifier(match: re.Match[str]) -> str | None:
    text = match[0]
    body = text.lstrip("#")
    if text[0] == "#" and body.isdigit():
        return body
    if body.isdigit() and not (
        len(body) > numerals.MAX_DIGITS or (body[0] == "0" and len(body) > 2)
    ):
        return None
    if "." in body and body.replace(".", "").isdigit():
        return None
    if _COUNTED.fullmatch(body.lower()) and not body[-1].isupper() and not body[0].isalpha():
        return None
    if all(numerals.is_number_word(p) for p in body.lower().split("-")):
        return None
    if not any(c.isalpha() for c in body) and ("-" in body) and "_" not in body:
        parts = body.split("-")
        return text if len(parts) > 2 or any(len(p) > 3 for p in parts) else None
    return text


def inside(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell that a stretch lies within one of some others."""
    return any(a < start and end < b for a, b in spans)
