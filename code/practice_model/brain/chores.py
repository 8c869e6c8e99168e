"""Small work on a text that the request itself gives: label, extract, count, sort, list."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import json
import re
from collections.abc import Callable

from practice_model.brain import classify, entities
from practice_model.brain.phrases import Clause

_QUOTED = re.compile(
    r"[\"“]([^\"”]{3,})[\"”]|(?<!\w)['‘]((?:[^'’\n]|(?<=\w)['’](?=\w)){3,})['’](?!\w)", re.S
)


def given(request: str) -> tuple[str, str]:
    """The text that a request gives to work on, and the words around it; empty when none."""
    quotes = [m for m in _QUOTED.finditer(request) if len(m[0]) > 4]
    if quotes:
        best = max(quotes, key=lambda m: len(m[0]))
        return (best[1] or best[2]).strip(), request[: best.start()] + " " + request[best.end() :]
    for seam in (r":\s*\n+", r"\n\s*\n", r"(?<!\d):\s+", r"\n", r"\?\s+(?=\S+ \S)"):
        if found := re.search(seam, request):
            head, tail = request[: found.end()].strip(), request[found.end() :].strip()
            if (
                head
                and len(tail.split()) >= 1
                and not re.match(
                    r"(?:labels?|options|categories)$", (head[:-1].split() or [""])[-1], re.I
                )
            ):
                return tail, head
    return "", request


_MEMBER = r"[\"'`]?[A-Za-z][\w-]*(?: [\w-]+){0,2}?[\"'`]?"
_LIST = rf"{_MEMBER}(?:\s*[,/|]\s*(?:or |and )?{_MEMBER})*(?:,?\s+(?:or|and)\s+{_MEMBER})?"
_OPTIONS = (
    re.compile(rf"\b(?:(?:labels?|categor(?:y|ies)|options?|classes|choices)\b(?: are\b|\s*[:=])|one of(?: these| the following)?\b\s*:?)\s*[(\[]?({_LIST})(?=[)\].?:\n]|$)", re.I),
    re.compile(rf"\b(?:as|into|between|among|either)\s+(?:either |one of )?({_MEMBER}(?:\s*,\s*{_MEMBER})*,?\s+(?:or|and)\s+[\"'`]?[\w-]+[\"'`]?)(?=[\s).?:\n]|$)", re.I),
    re.compile(r"\b(?:is|are|was|does|sounds?)\b[^?.\n]{0,60}?\s([\w-]+(?:, [\w-]+)*,? or [\w-]+)\s*(?=\?|:|$)", re.I),
    re.compile(rf"[(\[]({_MEMBER}(?:\s*[,/|]\s*{_MEMBER})+(?:,?\s+or\s+{_MEMBER})?)[)\]]", re.I),
)  # fmt: skip
_JUDGING = re.compile(
    r"\b(?:classify|categori[sz]e|label|sort (?:this|the following)|tag|sentiment|triage|which (?:category|label|class|one)|"
    r"is (?:this|the (?:following|review|message|text|mail|e-?mail|ticket|comment))|decide whether|judge)\b",
    re.I,
)  # fmt: skip


def label(request: str) -> str | None:
    """One of the labels that the request names, for the text that it gives."""
    if not _JUDGING.search(request):
        return None
    text, around = given(request)
    if not text:
        return None
    named: list[str] = []
    for pattern in _OPTIONS:
        if found := pattern.search(around) or pattern.search(request.replace(text, "")):
            parts = re.split(r"\s*[,/|]\s*(?:or |and )?|\s+or\s+|\s+and\s+", found[1])
            named = [part.strip("\"'`() ") for part in parts if part.strip("\"'`() ")]
            if len(named) >= 2:
                break
    if len(named) < 2 and re.search(r"\bsentiment|\bmood\b|\btone\b", around, re.I):
        named = ["positive", "negative", "neutral"]
    if len(named) < 2:
        return None
    if named[-1].lower() == "not" and len(named) == 2:
        named[1] = f"not {named[0]}"
    return classify.choose(dict.fromkeys(named, ""), text)[0]


_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"e-?mail(?: address(?:es)?)?s?", ("email",)),
    (r"(?:web ?addresses|urls?|links?|websites?)", ("url", "domain")),
    (r"(?:tele)?phone numbers?", ("phone",)),
    (r"(?:dates?|days?|deadlines?)", ("date", "when")),
    (r"times?", ("time",)),
    (r"(?:prices?|amounts?(?: of money)?|sums?|costs?)", ("money",)),
    (r"(?:percentages?)", ("percent",)),
    (r"(?:order|invoice|ticket|article|part|customer|booking|tracking)[ -](?:numbers?|ids?)|ids?|codes?", ("id", "number")),
    (r"(?:numbers?|figures?)", ("number", "money", "percent")),
    (r"(?:names?|people|persons?|cities|places|countries|companies)", ("name",)),
)  # fmt: skip
_EXTRACT = re.compile(
    r"^\W*(?:please |can you |could you )*(?:extract|list|find|give me|pull out|get|return|show|name|"
    r"identify|what|which)\b",
    re.I,
)


def extracted(request: str) -> dict[str, list[str]] | None:
    """What a text names, by the kinds that the request asks for, in their order."""
    if not _EXTRACT.match(request):
        return None
    text, around = given(request)
    points = (
        r"\b(?:from|in|of|mentioned|here|this|following)\b|"
        r"^\W*(?:please )?(?:extract|list|find|give me|return|get|name|identify|pull out)"
        r"(?: [\w-]+){1,6}:\W*$"
    )
    if not text or not re.search(points, around, re.I):
        return None
    head = re.split(r"\b(?:from|in|mentioned|are|is)\b", around, maxsplit=1, flags=re.I)[0]
    found: list[tuple[int, str, list[str]]] = []
    taken = head
    for pattern, kinds in _KINDS:
        asked = re.search(rf"\b(?:{pattern})\b", taken, re.I)
        if not asked:
            continue
        taken = taken[: asked.start()] + " " * len(asked[0]) + taken[asked.end() :]
        values = [
            text[e.start : e.end]
            for e in Clause(text).entities
            if e.kind in kinds and (e.kind != "number" or re.search(r"\d", text[e.start : e.end]))
        ]
        if kinds[0] == "phone":
            values = re.findall(r"(?<!\w)\+?\d[\d ()/-]{4,}\d\b", text)
        if kinds[0] == "id":
            known = [e for e in entities.find(text) if e.kind == "id"]
            values = [text[e.start : e.end] for e in known] or values
        found.append((asked.start(), asked[0], list(dict.fromkeys(values))))
    return {name: values for _, name, values in sorted(found)} or None


def extract(request: str) -> str | None:
    """What a text names, of the kinds that the request asks for, in words or as JSON."""
    found = extracted(request)
    if found is None:
        return None
    if re.search(r"\bjson\b", request, re.I):
        return json.dumps(found, ensure_ascii=False)
    if len(found) == 1:
        name, values = next(iter(found.items()))
        return ", ".join(values) if values else f"The text names no {name.rstrip('s')}."
    return "\n".join(f"{n[:1].upper()}{n[1:]}: {', '.join(v) or 'none'}" for n, v in found.items())


def _members(text: str) -> list[str]:
    parts = re.split(r"\n+|\s*[,;]\s*(?:and )?", text.strip(" ."))
    return [part.strip(" -*•") for part in parts if part.strip(" -*•")]


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n+", text) if s.strip()]


def _counted(text: str, around: str) -> str:
    for name, pattern in (("word", r"\S+"), ("letter", r"[^\W\d_]"), ("character", r"."),
                          ("sentence", r"[^.!?\s][^.!?]*"), ("line", r"[^\n]+")):  # fmt: skip
        if re.search(rf"\b{name}s?\b", around, re.I):
            count = len(re.findall(pattern, text))
            return f"{count} {name}{'' if count == 1 else 's'}."
    count = len(_members(text))
    return f"{count}."


_WORKS: tuple[tuple[str, Callable[[str, str], str]], ...] = (
    (r"\b(?:count|how many (?:words|letters|characters|sentences|lines))\b", _counted),
    (r"\bsort\b|\balphabetical", lambda t, _: ", ".join(sorted(_members(t), key=str.lower))),
    (r"\bupper ?case\b|\bcapital letters\b|\ball caps\b", lambda t, _: t.upper()),
    (r"\blower ?case\b|\bsmall letters\b", lambda t, _: t.lower()),
    (r"\breverse (?:the |this )?(?:list|order)\b", lambda t, _: ", ".join(_members(t)[::-1])),
    (r"\breverse (?:the |this )?(?:text|string|word)\b", lambda t, _: t[::-1]),
    (r"\b(?:bullets?|bullet points|bulleted list)\b", lambda t, _: "\n".join(f"- {s}" for s in _sentences(t))),
    (r"\bnumbered list\b", lambda t, _: "\n".join(f"{n}. {s}" for n, s in enumerate(_sentences(t), 1))),
)  # fmt: skip


def work(request: str) -> str | None:
    """Count, sort, change case, reverse or list what the request gives."""
    if found := re.match(
        r"\W*(?:please )?(?:repeat|say|write) (?:the word |the words )?[\"']?([\w ]+?)[\"']? "
        r"(two|three|four|five|six|\d) times\W*$",
        request,
        re.I,
    ):
        return " ".join([found[1]] * int(entities.numeric(found[2]) or 1))
    text, around = given(request)
    if not text or len(around) > 120 or re.search(r"\bsummar|\bwrite\b|\bdraft\b", around, re.I):
        return None
    for pattern, deed in _WORKS:
        if re.search(pattern, around, re.I):
            return deed(text, around)
    return None


def answer(request: str) -> str | None:
    """Do the small work that a request asks for on its own text; None when it asks for none."""
    return label(request) or extract(request) or work(request)
