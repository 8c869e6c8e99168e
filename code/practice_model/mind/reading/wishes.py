"""Instructions in a text: what to do, what not to do, when, and within which limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from practice_model.mind.reading import numerals
from practice_model.mind.reading.model import Directive, Limit, Sentence
from practice_model.mind.reading.sentences import mood

_N = r"(\d{1,4}|[a-z]+(?:-[a-z]+)?)"
_OF = r"(words?|sentences?|points?|bullets?(?: points?)?|lines?|characters?|paragraphs?|items?)\b"
_LIMIT = re.compile(
    rf"\b(?:(at most|no more than|not more than|up to|maximum(?: of)?|max\.?|under|below|fewer than|"
    rf"less than|within|not over|no longer than|shorter than)|(at least|no fewer than|minimum(?: of)?|"
    rf"more than|over|min\.?)|(exactly|precisely|in|with|of|use|write|give|list|as|into)) "
    rf"(?:a |the |your )?{_N}(?:[- ](?:short|brief|single|bullet|numbered|full))?[- ]{_OF}", re.I)
_SUFFIX = re.compile(rf"\b{_N}[- ]{_OF} (or less|or fewer|at most|max(?:imum)?|or more|at least)\b",
                     re.I)
_ADJECTIVE = re.compile(rf"\b(?:an?|one) (one|two|three|\d{{1,3}})-(word|sentence|line|paragraph)\b",
                        re.I)
_NEVER = re.compile(r"\b(?:never|don't|do not|must not|mustn't|should not|shouldn't|may not|cannot|"
                    r"can't|avoid|without|no longer|refrain from)\b ?", re.I)
_IF = re.compile(r"\b(?:if|when|whenever|unless|once|as soon as|in case)\b ([^,;.]+?)"
                 r"(?:,(?: then)? |[;.]|$| then )", re.I)
_SOFT = re.compile(r"^(?:(?:please|kindly|also|and|then|now|so|but|always|just|only|first|next|"
                   r"finally|you (?:must|should|are to|have to|may|can)|can you|could you|would you|"
                   r"will you|i want you to|i'd like you to|i need you to|make sure (?:to|that)|"
                   r"be sure to|remember to)\b,? ?)+", re.I)


def limits(sentences: Sequence[Sentence]) -> list[Limit]:
    """Find bounds such as "at most 60 words" and "in two sentences"."""
    found = []
    for sentence in sentences:
        for match in _LIMIT.finditer(sentence.text):
            kind = "max" if match[1] else "min" if match[2] else "exact"
            number = _number(match[4])
            if number is None or (kind == "exact" and match[5].lower().startswith("character")):
                continue
            if kind != "exact" and re.match(r"(under|below|fewer|less|shorter)", match[1] or "", re.I):
                number -= 1
            if match[2] and match[2].lower() in ("more than", "over"):
                number += 1
            found.append(Limit(_thing(match[5]), kind, number, sentence.text))
        for match in _SUFFIX.finditer(sentence.text):
            number = _number(match[1])
            if number is not None:
                kind = "min" if match[3].lower() in ("or more", "at least") else "max"
                found.append(Limit(_thing(match[2]), kind, number, sentence.text))
        for match in _ADJECTIVE.finditer(sentence.text):
            number = _number(match[1])
            if number is not None:
                found.append(Limit(match[2].lower(), "exact", number, sentence.text))
    return found


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    read = numerals.from_words([word.lower()])
    if word.lower() in ("a", "single"):
        return 1
    return int(read[0]) if read else None


def _thing(word: str) -> str:
    low = word.lower()
    return "point" if low.startswith(("point", "bullet", "item")) else low.split()[0].rstrip("s")


def directives(sentences: Sequence[Sentence], origin: str) -> list[Directive]:
    """Read the instructions in some sentences; a compound sentence gives several."""
    found = []
    for sentence in sentences:
        for part in _parts(sentence.text):
            directive = _directive(part, origin, sentence.text)
            if directive is not None:
                found.append(directive)
    return found


_SPLIT = re.compile(r"(?:,? (?:and|but) (?=(?:then |never |don't |do not |always |please |end |start |"
                    r"keep |mention |use |write |answer |cite |include |add |list |give )))|; ", re.I)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SPLIT.split(text) if part.strip()]


def _directive(text: str, origin: str, sentence: str) -> Directive | None:
    condition = ""
    body = text.strip(" .!")
    match = _IF.search(body + ("" if body.endswith(".") else "."))
    if match and not _inside_quote(body, match.start()):
        condition = match[0].strip(" ,.;").removesuffix(" then")
        body = (body[: match.start()] + " " + body[match.end() :]).strip(" ,.")
    prohibits = False
    never = _NEVER.search(body)
    if never and not _inside_quote(body, never.start()) and (
        never.start() < 25 or never[0].strip().lower() != "without"
    ):
        prohibits = True
        body = body[never.end() :] if never.start() < 40 else body
    stripped = _SOFT.sub("", body).strip(" ,")
    if not stripped:
        return None
    wanted = mood(stripped) == "command" or prohibits or bool(condition) or stripped != body or (
        mood(text) == "question")
    if not wanted and origin != "system":
        return None
    return Directive(stripped, origin, prohibits, condition, sentence)


def _inside_quote(text: str, at: int) -> bool:
    return text.count('"', 0, at) % 2 == 1
