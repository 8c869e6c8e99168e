"""How long a text shall be, read from plain English, and whether a text keeps to it."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re
from dataclasses import replace

from practice_model.brain.writing.model import Finding, Limits
from practice_model.brain.writing.text import (
    NUMBER_WORD,
    blocks,
    count_tokens,
    count_words,
    number,
    sentences,
)

_AT_MOST = (
    r"(?:at most|at the most|no more than|not more than|up to|a maximum of|maximum of|maximum|max\.?|"
    r"within|not exceed(?:ing)?|limit(?:ed)? (?:of|to)|limit:?|shorter than or equal to|cap of|stay(?:s)? within)"
)
_BELOW = r"(?:under|below|less than|fewer than|shorter than)"
_AT_LEAST = (
    r"(?:at least|no less than|no fewer than|a minimum of|minimum of|minimum|min\.?|not less than)"
)
_ABOVE = r"(?:more than|over|longer than|above)"
_ABOUT = r"(?:about|around|approximately|roughly|circa|some|ca\.)"
_WORDS = r"[\s-]+words?\b"
_SENTENCES = r"[\s-]+(?:short |plain |full |simple |complete |brief )*(?:sentences?)\b"


def read_limits(text: str) -> Limits:
    """The limits that a request names; later ones win over earlier ones of the same sort."""
    text = text.lower()
    limits = Limits()
    limits = _words(text, limits)
    limits = _sentences(text, limits)
    match = _last(
        rf"\b({NUMBER_WORD})[\s-]+(?:\w+ ){{0,2}}?(?:bullet(?: point)?s?|bulleted points)\b", text
    )
    if match:
        limits = replace(limits, bullets=number(match))
    elif re.search(r"\b(?:bullets|bullet points|bulleted list|bullet list)\b", text):
        limits = replace(limits, bullets=0)
    match = _last(rf"\b({NUMBER_WORD})[\s-]+(?:short |brief )?paragraphs?\b", text)
    if match:
        limits = replace(limits, paragraphs=number(match))
    match = _last(rf"(?:{_AT_MOST}|{_BELOW}|in|of)\s+({NUMBER_WORD})[\s-]+characters?\b", text)
    if match:
        limits = replace(limits, max_chars=number(match))
    elif re.search(r"\btweet\b", text):
        limits = replace(limits, max_chars=280)
    match = _last(
        rf"\b({NUMBER_WORD})\s+(?:\w+ ){{0,3}}?(?:titles?|headlines?|headings?|subject lines?|names?|"
        r"ideas?|slogans?|taglines?|steps?|points?|takeaways?|facts?|options?|questions?|findings?)\b"
        r"(?!\s+(?:per|each|a|on each)\b)",
        text,
    )
    if match:
        limits = replace(limits, items=number(match))
    return limits


def _last(pattern: str, text: str) -> str | None:
    found = re.findall(pattern, text)
    return found[-1] if found else None


def _words(text: str, limits: Limits) -> Limits:
    n = f"({NUMBER_WORD})"
    between = re.search(rf"between {n} and {n}{_WORDS}|\b(\d+)\s*(?:-|–|to)\s*(\d+){_WORDS}", text)
    if between:
        low, high = [value for value in between.groups() if value]
        return replace(limits, min_words=number(low), max_words=number(high))
    if found := _last(rf"{_AT_MOST}\s+{n}{_WORDS}", text) or _last(
        rf"{n}{_WORDS} (?:or (?:less|fewer)|at most|max)", text
    ):
        limits = replace(limits, max_words=number(found))
    elif found := _last(rf"{_BELOW}\s+{n}{_WORDS}", text):
        limits = replace(limits, max_words=number(found) - 1)
    if found := _last(rf"{_AT_LEAST}\s+{n}{_WORDS}", text) or _last(rf"{n}{_WORDS} or more", text):
        limits = replace(limits, min_words=number(found))
    elif found := _last(rf"(?<!no )(?<!not ){_ABOVE}\s+{n}{_WORDS}", text):
        limits = replace(limits, min_words=number(found) + 1)
    if limits.max_words is None and limits.min_words is None:
        if found := _last(rf"{_ABOUT}\s+{n}{_WORDS}", text):
            value = number(found)
            limits = replace(limits, min_words=round(value * 0.8), max_words=round(value * 1.2))
        elif found := _last(rf"(?<!first )(?<!last )\b{n}{_WORDS}(?! (?:each|per|at a))", text):
            value = number(found)
            if value >= 5:
                limits = replace(limits, min_words=round(value * 0.7), max_words=value)
    return limits


def _sentences(text: str, limits: Limits) -> Limits:
    n = f"({NUMBER_WORD})"
    between = re.search(rf"(?:between )?{n}\s*(?:-|–|to|or|and)\s*{n}{_SENTENCES}", text)
    if between:
        return replace(
            limits,
            min_sentences=number(between.group(1)),
            max_sentences=number(between.group(2)),
        )
    if found := _last(rf"{_AT_MOST}\s+{n}{_SENTENCES}", text):
        return replace(limits, max_sentences=number(found))
    if found := _last(rf"{_BELOW}\s+{n}{_SENTENCES}", text):
        return replace(limits, max_sentences=number(found) - 1)
    if found := _last(rf"{_AT_LEAST}\s+{n}{_SENTENCES}", text):
        return replace(limits, min_sentences=number(found))
    if found := _last(rf"\b{n}{_SENTENCES}(?! each)", text):
        return replace(limits, min_sentences=number(found), max_sentences=number(found))
    if re.search(r"\ba (?:short |plain |brief )?sentence\b(?! each)", text) or re.search(
        r"\bone[- ]liner\b", text
    ):
        return replace(limits, min_sentences=1, max_sentences=1)
    return limits


def merge(first: Limits, later: Limits) -> Limits:
    """The limits of `first`, with those that `later` names in their place."""
    changed = {name: value for name, value in vars(later).items() if value is not None}
    return replace(first, **changed)


def body_sentences(text: str) -> list[str]:
    """The sentences of the text proper: no headings, greetings, sign-offs or subject lines."""
    return [
        sentence
        for block in blocks(text)
        if block.kind in ("para", "bullet", "number")
        for sentence in block.sentences
    ]


def too_long(text: str, limits: Limits) -> bool:
    """Whether a text is longer than allowed, however one counts its words."""
    return bool(
        (
            limits.max_words is not None
            and max(count_tokens(text), count_words(text)) > limits.max_words
        )
        or (limits.max_chars is not None and len(text) > limits.max_chars)
        or (limits.max_sentences is not None and len(body_sentences(text)) > limits.max_sentences)
    )


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 sentence", "2 sentences"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _are(count: int | None) -> str:
    return "is" if count == 1 else "are"


def check_limits(text: str, limits: Limits) -> list[Finding]:
    """Which limits a text breaks, each with the change that would mend it."""
    found: list[Finding] = []
    length = count_words(text)
    if limits.max_words is not None and length > limits.max_words:
        found.append(
            Finding(
                "length",
                f"The text has {counted(length, 'word')}; at most {limits.max_words} {_are(limits.max_words)} allowed.",
                f"Shorten the text to at most {counted(limits.max_words, 'word')}.",
            )
        )
    if limits.min_words is not None and length < limits.min_words:
        found.append(
            Finding(
                "length",
                f"The text has {counted(length, 'word')}; at least {limits.min_words} {_are(limits.min_words)} asked for.",
                f"Expand the text to at least {counted(limits.min_words, 'word')}.",
            )
        )
    count = len(body_sentences(text)) or len(sentences(text))
    if limits.max_sentences is not None and count > limits.max_sentences:
        found.append(
            Finding(
                "length",
                f"The text has {counted(count, 'sentence')}; at most {limits.max_sentences} {_are(limits.max_sentences)} allowed.",
                f"Shorten the text to at most {counted(limits.max_sentences, 'sentence')}.",
            )
        )
    if limits.min_sentences is not None and count < limits.min_sentences:
        found.append(
            Finding(
                "length",
                f"The text has {counted(count, 'sentence')}; at least {limits.min_sentences} {_are(limits.min_sentences)} asked for.",
                f"Expand the text to at least {counted(limits.min_sentences, 'sentence')}.",
            )
        )
    if limits.max_chars is not None and len(text) > limits.max_chars:
        found.append(
            Finding(
                "length",
                f"The text has {len(text)} characters; at most {limits.max_chars} are allowed.",
                f"Shorten the text to at most {limits.max_chars} characters.",
            )
        )
    parts = blocks(text)
    bullets = sum(part.kind in ("bullet", "number") for part in parts)
    if limits.bullets is not None and (
        bullets != limits.bullets if limits.bullets else not bullets
    ):
        wanted = counted(limits.bullets, "bullet point") if limits.bullets else "bullet points"
        found.append(
            Finding(
                "format",
                f"The text has {counted(bullets, 'bullet point')}; {wanted} {_are(limits.bullets)} asked for.",
                f"Write it as {wanted}.",
            )
        )
    paragraphs = sum(part.kind == "para" for part in parts)
    if limits.paragraphs is not None and paragraphs != limits.paragraphs and not limits.bullets:
        found.append(
            Finding(
                "format",
                f"The text has {counted(paragraphs, 'paragraph')}; {limits.paragraphs} {_are(limits.paragraphs)} asked for.",
                f"Arrange the text in {counted(limits.paragraphs, 'paragraph')}.",
            )
        )
    return found
