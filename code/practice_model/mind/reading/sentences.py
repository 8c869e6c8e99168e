"""Sentences and labelled sections of a text."""

import re

from practice_model.lexicon import table, words
from practice_model.mind.reading.model import Section, Sentence
from practice_model.mind.reading.spans import quotations
from practice_model.mind.reading.tokens import is_verb, opens_command, tokens

_END = re.compile(
    r"[.!?…]+[\"'”’)\]]*(?: ?\[[\w.:-]{1,40}\])*(?=\s|$)|\n+|;(?=\s)"
)  # a source stays with the sentence in front of it
_BULLET = re.compile(r"[ \t]{0,12}(?:[-*•–]|\(?\d{1,2}[.)])[ \t]{1,8}")
_TAG = re.compile(r"<([A-Za-z][\w -]{0,40})>")
_HEADING = re.compile(r"^(?:#{1,6}[ \t]+([^\n]{1,80})|\*\*([^\n*]{1,60})\*\*:?)$", re.M)
_FENCE = re.compile(r"^```[ \t]*([\w-]*)[ \t]*$", re.M)
_LABEL = re.compile(r"^[ \t]*(?:\*\*)?([A-Z][\w'’ /()-]{0,40}?)(?:\*\*)?:(?:\*\*)?(?=\s|$)", re.M)
_INLINE = re.compile(r"(?<=[.!?:] )([A-Z][a-z]+(?: [a-z]+)?): ")
_QUESTION = table("words")["questions"].split()
_POLITE = words("words", "polite")


def mood(text: str) -> str:
    """Tell a question, a command and a statement apart."""
    if text.rstrip(" \"'”’)").endswith("?"):
        return "question"
    found = tokens(text[:200])
    for index, token in enumerate(found):
        if token.low in _POLITE:
            continue
        after = found[index + 1].low if index + 1 < len(found) else ""
        if after == ":":
            return "statement"
        if token.low in ("don't", "do", "let's") or opens_command(token.low, after):
            return "command"
        return "question" if token.low in _QUESTION[:9] and "," not in text[:40] else "statement"
    return "statement"


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """Split a stretch of a text into sentences; the lines of a list are sentences."""
    end = len(text) if end is None else end
    stretch = text[start:end]
    told = quotations(stretch, single=False)
    quotes = [(a, b - 1) for a, b in told if "\n\n" not in stretch[a:b]]
    found: list[Sentence] = []
    begin, at = start, 0
    for match in _END.finditer(text, start, end):
        low = match.start() - start
        while at < len(quotes) and quotes[at][1] < low:
            at += 1
        inside = at < len(quotes) and quotes[at][0] < low < quotes[at][1]
        closes = inside and quotes[at][1] < match.end() - start
        runs_on = closes and text[match.end() : match.end() + 2].strip()[:1].islower()
        if (
            (inside and not closes)
            or runs_on
            or _is_abbreviation(text, match.start(), match.end(), end)
        ):
            continue
        _append(found, text, begin, match.end())
        begin = match.end()
    _append(found, text, begin, end)
    return found


def _is_abbreviation(text: str, dot: int, after: int, end: int) -> bool:
    if text[dot] != "." or after - dot > 1:
        return False
    head = dot
    while head > 0 and (text[head - 1].isalpha() or text[head - 1] == ".") and dot - head < 12:
        head -= 1
    word = text[head:dot].lower()
    following = text[after : after + 2].strip()
    if word in words("words", "abbreviations"):
        return (
            word not in ("etc", "no", "ltd", "inc", "co")
            or following[:1].islower()
            or (word == "no" and following[:1].isdigit())
        )
    if len(word) == 1 and word.isalpha() and text[head].isupper():
        return following[:1].isupper()
    if dot and text[dot - 1].isdigit() and (dot < 3 or "\n" in text[max(0, dot - 4) : dot]):
        return True  # the number of a list's item
    return following[:1].islower() and len(word) < 4


def _append(found: list[Sentence], text: str, begin: int, end: int) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    line = text[text.rfind("\n", 0, begin) + 1 : begin]
    mark = None if line.strip() else _BULLET.match(text, begin, end)
    begin = mark.end() if mark else begin
    if end > begin and any(c.isalnum() for c in text[begin:end]):
        body = text[begin:end]
        found.append(Sentence(begin, end, body, mood(body), mark is not None))


def sections(text: str) -> list[Section]:
    """Find the labelled parts of a text; tags first, then headings, fences and label lines."""
    found: list[Section] = []
    taken: list[tuple[int, int]] = []

    def add(label: str, start: int, end: int, body: tuple[int, int], markup: str) -> None:
        if any(a < end and start < b for a, b in taken):
            return
        taken.append((start, end))
        label = " ".join(label.lower().replace("_", " ").replace("*", " ").split())
        found.append(Section(label, text[body[0] : body[1]].strip(), start, end, markup))

    for match in _TAG.finditer(text):
        close = text.find(f"</{match[1]}>", match.end())
        if close >= 0:
            add(match[1], match.start(), close + len(match[1]) + 3, (match.end(), close), "tag")
    fences = list(_FENCE.finditer(text))
    for first, last in zip(fences[::2], fences[1::2], strict=False):
        add(first[1] or "text", first.start(), last.end(), (first.end(), last.start()), "fence")
    known = words("words", "section_labels")
    opening = next(
        (m.start() for m in _LABEL.finditer(text) if set(m[1].lower().split()) & known), len(text)
    )
    heads = [m for m in _HEADING.finditer(text) if m.start() < opening]
    for index, match in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        add((match[1] or match[2]).rstrip(" :#"), match.start(), end, (match.end(), end), "heading")
    for label, start, body, end in _colon_sections(text):
        add(label, start, end, (body, end), "colon")
    return sorted(found, key=lambda section: section.start)


def _colon_sections(text: str) -> list[tuple[str, int, int, int]]:
    marks = [(m[1], m.start(), m.end()) for m in _LABEL.finditer(text) if _is_label(m[1])]
    known = words("words", "section_labels")
    for match in _INLINE.finditer(text):
        if set(match[1].lower().split()) & known:
            marks.append((match[1], match.start(), match.end()))
    marks.sort(key=lambda mark: mark[1])
    ends = [start for _, start, _ in marks[1:]] + [len(text)]
    return [
        (label, start, body, _trimmed(text, body, end))
        for (label, start, body), end in zip(marks, ends, strict=False)
    ]


def _is_label(label: str) -> bool:
    parts = label.lower().split()
    known = words("words", "section_labels")
    return (
        len(parts) <= 4
        and (len(parts) <= 2 or bool(set(parts) & known))
        and not (is_verb(parts[0]) and parts[0] not in known)
    )


def _trimmed(text: str, body: int, end: int) -> int:
    """End a section before a last paragraph that is a request again."""
    cut = text.rfind("\n\n", body, end)
    if cut <= body or not text[body:cut].strip():
        return end
    last = text[cut:end].strip()
    if (
        last
        and not _BULLET.match(last)
        and len(last) < 600
        and mood(last) in ("command", "question")
    ):
        return cut
    return end
