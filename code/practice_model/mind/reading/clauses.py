"""Clauses of a text: the single things that its sentences ask for or tell."""

import re
from collections.abc import Sequence

from practice_model.lexicon import words
from practice_model.mind.reading.model import Clause, Sentence, Span
from practice_model.mind.reading.tagging import Tagger
from practice_model.mind.reading.tokens import Token

_CONNECT = words("words", "connect")
_LIGHT = words("words", "light")
_ASKING = words("words", "asking")
_IF = {"if", "unless", "when", "whenever", "once", "provided", "in"}
_NO = re.compile(
    r"^(?:please )?(?:just )?(?:don't|do not|never|not|no need to|without)\b"
    r"|^(?:you )?(?:must|should|may|can) ?not\b|^(?:i|we) (?:don't|do not) want\b"
    r"|^leave\b.*\b(?:as (?:it is|is)|alone|on in|off in|unchanged)\b",
    re.I,
)
_GO_ON = re.compile(r"\b(?:any ?more|any further|any longer)\b", re.I)
_HEAD = re.compile(
    r"^(?:[\s,;:—–-]|\b(?:and|then|but|also|or|so|plus|afterwards|please|after that|"
    r"finally|first|next)\b[ ,]*)+",
    re.I,
)


def clauses(
    text: str, sentences: Sequence[Sentence], tagger: Tagger, spans: Sequence[Span]
) -> list[Clause]:
    """Split sentences into clauses where a new verb or question begins."""
    quotes = [(s.start, s.end) for s in spans if s.kind == "quote"]
    found: list[Clause] = []
    for sentence in sentences[:300]:
        cuts = _cuts(text, sentence, tagger, quotes)
        condition = ""
        for start, end in zip(cuts, [*cuts[1:], sentence.end], strict=True):
            clause, condition = _clause(text, start, end, sentence, tagger, condition)
            if clause is not None:
                found.append(clause)
    return found


def _cuts(
    text: str, sentence: Sentence, tagger: Tagger, quotes: list[tuple[int, int]]
) -> list[int]:
    cuts = [sentence.start]
    first = tagger.index_at(sentence.start)
    first += first < 0 or tagger.starts[first] < sentence.start
    toks = tagger.tokens
    for index in range(first + 1, len(toks)):
        token = toks[index]
        if token.start >= sentence.end:
            break
        if any(a <= token.start < b for a, b in quotes):
            continue
        link = _link(toks, index, first)
        if link is None or toks[link].start <= cuts[-1]:
            continue
        asks = token.low in _ASKING and (toks[link].low != "," or _inverted(toks, index))
        begins = tagger.verb[index]
        condition = token.low in _IF - {"in", "when", "once"} and toks[link].low in (
            ",",
            "and",
            "but",
        )
        turns = toks[link].low == "but"
        if (begins or asks or condition or turns) and toks[index - 1].low != "to":
            cuts.append(toks[link].start)
    return cuts


def _inverted(toks: list[Token], index: int) -> bool:
    after = toks[index + 1].low if index + 1 < len(toks) else ""
    return after in words("words", "determiners") | {"i", "it", "there", "we", "much", "many", "is"}


def _link(toks: list[Token], index: int, first: int) -> int | None:
    at = index - 1
    while at > first and toks[at].low in _LIGHT and index - at < 5:
        at -= 1
    if at <= first or toks[at].low not in _CONNECT:
        return index - 1 if toks[index - 1].low in ("then", "also") and index - 1 > first else None
    while at - 1 > first and index - at < 9 and toks[at - 1].low in _CONNECT:
        at -= 1
    return at


def _clause(
    text: str, start: int, end: int, sentence: Sentence, tagger: Tagger, pending: str
) -> tuple[Clause | None, str]:
    body = text[start:end]
    head = _HEAD.match(body)
    start += head.end() if head else 0
    body = text[start:end].rstrip(" ,;.!\n")
    end = start + len(body)
    condition = pending
    opening = re.match(r"(if|unless|when|whenever|once|provided|in case)\b", body, re.I)
    if opening:
        comma = _condition_end(body)
        if comma < 0:
            if opening[1].lower() not in ("when", "once") or sentence.mood != "question":
                return None, body
        else:
            condition = body[:comma].strip(" ,")
            rest = _HEAD.match(body[comma:])
            start += comma + (rest.end() if rest else 0)
            body = text[start:end]
    else:
        tail = re.search(
            r",? \b(if|unless|provided|as long as)\b (?!you (?:can|could|like|please)\b)"
            r"(?!possible|there is)",
            body,
        )
        if tail and tail.start() > 3:
            condition = body[tail.start() :].strip(" ,")
            end = start + tail.start()
            body = text[start:end]
    if not any(c.isalnum() for c in body):
        return None, condition
    prohibited = bool(_NO.match(body))
    verb = _verb(start, end, tagger)
    if prohibited and _GO_ON.search(body):
        prohibited, verb = False, "stop"
    mood = (
        "question"
        if text[end : end + 1] == "?" or (sentence.mood == "question" and not verb)
        else ("command" if verb else "statement")
    )
    return Clause(start, end, body, verb, mood, prohibited, condition), ""


def _condition_end(body: str) -> int:
    depth = 0
    for match in re.finditer(r"[,(]|\)| then ", body):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] in (",", " then ") and depth <= 0:
            return match.start()
    return -1


def _verb(start: int, end: int, tagger: Tagger) -> str:
    index = max(0, tagger.index_at(start))
    asks = tagger.tokens[index].low in ("what", "why", "how", "which") if tagger.tokens else False
    while index < len(tagger.tokens) and tagger.tokens[index].start < end:
        token = tagger.tokens[index]
        infinitive = asks and index and tagger.tokens[index - 1].low == "to"
        if token.start >= start and tagger.verb[index] and not infinitive:
            if token.low in ("do", "let", "have", "need", "want") and index + 1 < len(
                tagger.tokens
            ):
                index += 1
                continue
            return token.low
        index += 1
    return ""
