"""Small tools for English text: words, stems, sentences, citations, blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from practice_model.brain.words import kinship
from practice_model.brain.words import stem as general_stem

STOPWORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "nor",
        "so",
        "yet",
        "if",
        "then",
        "than",
        "that",
        "this",
        "these",
        "those",
        "there",
        "here",
        "it",
        "its",
        "it's",
        "he",
        "she",
        "they",
        "them",
        "their",
        "his",
        "her",
        "him",
        "we",
        "us",
        "our",
        "you",
        "your",
        "yours",
        "i",
        "me",
        "my",
        "mine",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "doing",
        "have",
        "has",
        "had",
        "having",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "not",
        "no",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "to",
        "into",
        "onto",
        "with",
        "without",
        "within",
        "about",
        "over",
        "under",
        "above",
        "below",
        "between",
        "through",
        "during",
        "before",
        "after",
        "again",
        "further",
        "once",
        "as",
        "such",
        "both",
        "each",
        "few",
        "more",
        "most",
        "other",
        "some",
        "any",
        "all",
        "only",
        "own",
        "same",
        "too",
        "very",
        "just",
        "also",
        "how",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "whether",
        "one",
        "ones",
        "up",
        "out",
        "off",
        "down",
        "because",
        "while",
        "until",
        "against",
        "per",
        "via",
        "s",
        "t",
        "don",
        "now",
        "get",
        "got",
        "please",
        "make",
        "makes",
        "made",
        "let",
        "lets",
        "like",
    ]
)

CITATION = re.compile(r"\[(?!\s)([^\[\]\n]{1,60}?)\](?!\()")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|mr|mrs|ms|dr|prof|st|vs|approx|no|nos|fig|inc|ltd|co|jan|feb|mar|apr"
    r"|jun|jul|aug|sept|sep|oct|nov|dec|a\.m|p\.m)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?:\s*\[[^\[\]\n]{1,60}\])*(?=\s+|$)")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | {"fifteen": 15, "twenty": 20, "single": 1, "thirty": 30, "fifty": 50, "hundred": 100}
NUMERALS = frozenset(_NUMBERS) - {"one", "single"} | {
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "forty",
}
NUMBER_WORD = "(?:\\d+|" + "|".join(_NUMBERS) + ")"


def number(text: str) -> int:
    """The value of a numeral or a number word."""
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]


def words(text: str) -> list[str]:
    """The words of a text in lower case, numbers included, citations left out."""
    found = re.findall(r"[^\W_]+(?:['’.,:@/-][^\W_]+)*", CITATION.sub(" ", text))
    return [word.lower().replace("’", "'") for word in found]


def count_words(text: str) -> int:
    """How many words a reader counts: tokens between spaces that hold a letter or digit.

    Citations do not count.
    """
    return sum(1 for token in CITATION.sub(" ", text).split() if re.search(r"\w", token))


def count_tokens(text: str) -> int:
    """How many tokens stand between spaces, citations and bullet marks included."""
    return len(text.split())


def stem(word: str) -> str:
    """A word without its usual English endings; good for comparing, not for reading."""
    word = word.removesuffix("'s")
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending, instead in (
        ("ations", "at"), ("ation", "at"), ("ities", "it"), ("ingly", ""), ("iness", "y"),
        ("ments", ""), ("ment", ""), ("ness", ""), ("ies", "y"), ("ied", "y"), ("ing", ""),
        ("ers", ""), ("edly", ""), ("ed", ""), ("er", ""), ("ly", ""), ("sses", "ss"),
        ("ions", ""), ("ion", ""), ("es", ""), ("s", ""), ("e", ""),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            if ending == "s" and word.endswith(("ss", "us", "is")):
                break
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 4 and word.endswith("y"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word


def stems(text: str) -> set[str]:
    """Stems of the words that carry meaning; parts of hyphened words too."""
    found: set[str] = set()
    for word in words(text):
        for part in {word, *re.split(r"[-/]", word)}:
            if part not in STOPWORDS and part:
                found.add(stem(part))
    return found


def overlap(wanted: set[str], given: set[str]) -> float:
    """Share of `wanted` found in `given`, 0 to 1; 0 when nothing is wanted."""
    return len(wanted & given) / len(wanted) if wanted else 0.0


_DURATION = re.compile(
    r"\b(?:minutes?|hours?|days?|weeks?|months?|years?|o'clock|\d{1,2}:\d\d)\b", re.I
)
_MONEY = re.compile(r"[€$£]|\b(?:euros?|dollars?|pounds?|cents?|free of charge|for free)\b", re.I)


def covers(point: str, sentence: str) -> float:
    """How far a sentence takes up a point, 0 to 1: the share of its words with a word near it.

    A price is taken up by an amount of money, a time by a length of time.
    """
    point = re.sub(
        r"^that\s+|\b(?:readers?|customers?|texts?|drafts?)\b", " ", point.strip(), flags=re.I
    )
    wanted = stems(point)
    if not wanted:
        return 0.0
    given = stems(sentence)
    near = {general_stem(word) for word in words(sentence)}
    total = 0.0
    for word in words(point):
        own = stem(word)
        if own not in wanted:
            continue
        wanted.discard(own)
        if own in given:
            total += 1
        elif (own in {"pric", "cost", "fe", "charg"} and _MONEY.search(sentence)) or (
            own in {"tim", "duration", "long", "hour"} and _DURATION.search(sentence)
        ):
            total += 0.9
        elif max((kinship(general_stem(word), other) for other in near), default=0.0) >= 0.6:
            total += 0.8
    return total / len(stems(point))


def alike(one: str, other: str) -> float:
    """How alike two sentences are: the shared part of their stems, 0 to 1."""
    a, b = stems(one), stems(other)
    return len(a & b) / len(a | b) if a | b else 1.0


def sentences(text: str) -> list[str]:
    """Split a text into sentences; lines are never joined across blank lines or bullets.

    A citation after the full stop stays with its sentence.
    """
    found: list[str] = []
    for line in _logical_lines(text):
        start = 0
        for match in _BOUNDARY.finditer(line):
            piece = line[start : match.end()].strip()
            after = line[match.end() :].lstrip()
            bare = re.sub(r"[\"'”’)\]]*(?:\s*\[[^\[\]]*\])*$", "", piece)
            if bare.endswith(".") and _ABBREVIATION.search(bare) and after[:1].islower():
                continue
            if bare.endswith(".") and re.search(
                r"(?:\b(?:e\.g|i\.e|mr|mrs|ms|dr|no|prof|vs|st|mt))\.$", bare, re.I
            ):
                continue
            if piece:
                found.append(piece)
            start = match.end()
        rest = line[start:].strip()
        if rest:
            found.append(rest)
    return found


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    join = False
    for raw in text.splitlines():
        line = raw.strip()
        if not line or re.fullmatch(r"[-=*_]{3,}", line):
            join = False
            continue
        if _BULLET.match(raw):
            lines.append(_BULLET.sub("", raw).strip())
            join = True
        elif line.startswith("#"):
            lines.append(line.lstrip("# ").strip())
            join = False
        elif join and not re.match(r"[A-Z][\w ]{0,20}:", line):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
            join = True
    return lines


def citations(text: str) -> list[str]:
    """The ids cited in a text as ``[id]``, in order, each once."""
    found: list[str] = []
    for inside in CITATION.findall(text):
        for part in re.split(r"\s*[,;]\s*", inside):
            if is_id(part) and part not in found:
                found.append(part)
    return found


def is_id(text: str) -> bool:
    """Whether a text in brackets looks like a source's id, not like a placeholder."""
    return bool(re.fullmatch(r"[\w#§.:/-]{1,50}", text)) and text.lower() not in {"x", ""}


def strip_citations(text: str) -> str:
    """The text without its citations."""
    return re.sub(r"\s+([.,;!?])", r"\1", re.sub(r"\s{2,}", " ", CITATION.sub("", text))).strip()


def cite(sentence: str, source: str) -> str:
    """The sentence with ``[source]`` before its full stop, unless it cites that already."""
    if source in citations(sentence):
        return sentence
    body = sentence.rstrip()
    match = re.search(r"([.!?]+)([\"'”’)]*)((?:\s*\[[^\]]*\])*)$", body)
    if match and not match.group(3):
        return f"{body[: match.start()]}{match.group(2)} [{source}]{match.group(1)}"
    return f"{body} [{source}]"


def tidy_citations(sentence: str) -> str:
    """Moves citations that follow the full stop before it: ``Fact. [a]`` -> ``Fact [a].``"""
    match = re.search(r"([.!?])((?:\s*\[[^\]\n]*\])+)$", sentence.strip())
    if not match:
        return sentence.strip()
    head = sentence.strip()[: match.start()]
    return f"{head} {match.group(2).strip()}{match.group(1)}"


def finish(sentence: str) -> str:
    """The sentence with a capital letter at its start and a full stop at its end."""
    sentence = sentence.strip().rstrip(",;:")
    if not sentence:
        return ""
    if re.match(r"[a-z]+(?:\s|$|[,'’-])", sentence):
        sentence = sentence[0].upper() + sentence[1:]
    bare = re.sub(r"(?:\s*\[[^\]]*\])+$", "", sentence)
    if bare != sentence and bare.endswith((".", "!", "?")):
        return sentence
    return sentence if sentence.endswith((".", "!", "?", "…", '."', ".”")) else sentence + "."


def capital(text: str) -> str:
    """The text with its first letter in upper case; a word such as eBay stays as it is spelt."""
    if re.match(r"[a-z]+[A-Z]", text):
        return text
    return text[:1].upper() + text[1:]


def listing(items: Iterable[str]) -> str:
    """Items as running text: a, b and c."""
    listed = list(items)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


@dataclass
class Block:
    """A paragraph, bullet, heading, greeting, sign-off, subject line or verse line."""

    kind: Literal["para", "bullet", "number", "heading", "greeting", "signoff", "subject"]
    sentences: list[str] = field(default_factory=list)
    mark: str = ""


_GREETING = re.compile(
    r"^(?:dear|hello|hi|hey|good (?:morning|afternoon|evening)|greetings)\b[^.?!]{0,60}[,!:]?$",
    re.I,
)
_SIGNOFF = re.compile(
    r"^(?:best|kind|warm|many|with)?\s*(?:regards|wishes|thanks|sincerely|yours|cheers|best)\b[^.?!]{0,40},?$"
    r"|^(?:yours|sincerely|cheers|thanks|best),?.{0,30}$",
    re.I,
)


_LEAVE = re.compile(
    r"^(?:(?:(?:with |my )?(?:best|kind|warm|many) )?(?:regards|wishes|thanks)|cheers|"
    r"(?:all the )?best|sincerely(?: yours)?|yours(?: sincerely| truly| faithfully)?)"
    r"(?:,\s*[A-ZÀ-Þ][\w’'-]*(?: [A-ZÀ-Þ][\w’'-]*){0,3})?,?\W*$",
    re.I,
)


def is_signoff(line: str) -> bool:
    """Whether a line or sentence takes leave: "Best regards, Tom"."""
    return bool(_LEAVE.match(line.strip()))


def blocks(text: str) -> list[Block]:
    """Split a text into its parts; `render` puts them together again."""
    found: list[Block] = []
    closing = False
    for chunk in re.split(r"\n\s*\n", text.strip()):
        paragraph: list[str] = []

        def flush(paragraph: list[str] = paragraph) -> None:
            if paragraph:
                found.append(Block("para", sentences(" ".join(paragraph))))
                paragraph.clear()

        lines = [line for line in chunk.splitlines() if line.strip()]
        for position, line in enumerate(lines):
            stripped = line.strip()
            if stripped.startswith("#"):
                flush()
                mark = re.match(r"#+", stripped)
                found.append(
                    Block("heading", [stripped.lstrip("# ")], mark.group() if mark else "#")
                )
            elif re.match(r"subject:\s", stripped, re.I):
                flush()
                found.append(Block("subject", [stripped.split(":", 1)[1].strip()]))
            elif _BULLET.match(line):
                flush()
                kind: Literal["number", "bullet"] = (
                    "number" if re.match(r"\s*\d", line) else "bullet"
                )
                found.append(Block(kind, sentences(_BULLET.sub("", line))))
            elif not closing and len(stripped.split()) <= 6 and _GREETING.match(stripped):
                flush()
                found.append(Block("greeting", [stripped]))
            elif len(stripped) < 60 and _SIGNOFF.match(stripped) and len(lines) - position <= 3:
                flush()
                found.append(Block("signoff", [entry.strip() for entry in lines[position:]]))
                closing = True
                break
            else:
                paragraph.append(stripped)
        flush()
    return found


def render(parts: Sequence[Block]) -> str:
    """The text of the parts: paragraphs apart, bullets of one list together."""
    text = ""
    previous = ""
    count = 0
    for part in parts:
        if not part.sentences and part.kind != "signoff":
            continue
        if part.kind == "heading":
            piece = f"{part.mark or '#'} {part.sentences[0]}"
        elif part.kind == "subject":
            piece = f"Subject: {part.sentences[0]}"
        elif part.kind == "bullet":
            piece = "- " + " ".join(part.sentences)
        elif part.kind == "number":
            count = count + 1 if previous == "number" else 1
            piece = f"{count}. " + " ".join(part.sentences)
        elif part.kind == "signoff":
            piece = "\n".join(part.sentences)
        else:
            piece = " ".join(part.sentences)
        together = previous == part.kind and part.kind in ("bullet", "number")
        text += ("" if not text else "\n" if together else "\n\n") + piece
        previous = part.kind
    return text
