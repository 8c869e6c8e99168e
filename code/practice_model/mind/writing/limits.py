"""Limits of words, sentences, points, lines, characters and paragraphs."""

import re
from dataclasses import replace

from practice_model.mind import vectors
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, number
from practice_model.mind.reading.text import CITATION, capital, ended, mark, word_count
from practice_model.mind.writing.demand import Demand, Desk, Operation
from practice_model.mind.writing.piece import Piece, parse


def unit_of(word: str) -> str:
    """Return the unit a word stands for."""
    for unit in ("word", "sentence", "point", "line", "character", "paragraph"):
        if word in CLASSES[unit]:
            return unit
    return ""


def read_limit(operation: Operation, clause: str) -> list[Demand]:
    """Read the limits of a clause: each names a unit, a bound and a number."""
    found: list[Demand] = []
    plain = " ".join(_unhyphened(word) for word in clause.split())
    for bound, shift in (("max", 0), ("less", -1), ("min", 0), ("more", 1), ("exact", 0)):
        match = find(LEXICON["limits"][bound], plain)
        if match is None or not unit_of(match["unit"].lower()):
            continue
        unit = unit_of(match["unit"].lower())
        kind = {"less": "max", "more": "min"}.get(bound, bound)
        if kind == "exact" and unit in ("word", "character") and match.number > 1:
            kind = "max" if "exactly" not in plain.lower() else "exact"
        after = plain[match.end :].split()[:1]
        if match.number == 1 and (unit == "word" or after in (["per"], ["on"], ["a"])):
            continue  # "one word" and "one step per line" are formats
        if kind == "min" and bound == "more" and find(LEXICON["negating"], plain[: match.start]):
            kind, shift = "max", 0
        if all(demand.value != unit for demand in found):
            found.append(Demand(operation, clause, unit, kind, match.number + shift))
    return found


def without_limits(clause: str) -> str:
    """Return a clause without its limits: "Say in at most 10 words that …" says "that …"."""
    for bound in ("max", "less", "min", "more", "exact"):
        match = find(LEXICON["limits"][bound], clause)
        if match and unit_of(match["unit"].lower()) and len(clause) - (match.end - match.start) > 9:
            head = _LEAD.sub("", clause[: match.start])
            clause = f"{head.rstrip(' ,')} {clause[match.end :].lstrip(' ,')}".strip()
    return clause


_LEAD = re.compile(r"(?:,? ?\b(?:in|with|within|using|of|as|exactly|only|just))* ?$", re.I)


def _unhyphened(word: str) -> str:
    head, _, tail = word.partition("-")
    both = number(head) is not None and unit_of(tail.strip(".,;:").lower())
    return f"{head} {tail}" if both else word


def count(text: str, unit: str) -> int:
    """Count the units of a text."""
    lines = [line for line in text.splitlines() if line.strip()]
    if unit == "word":
        return word_count(text)
    if unit == "character":
        return len(text)
    if unit == "line":
        return len(lines)
    if unit == "paragraph":
        return len({p.paragraph for p in parse(text).body})
    if unit == "point":
        return len([line for line in lines if mark(line)])
    return len([p for p in parse(text).parts if not p.framing])


def _each(demand: Demand) -> bool:
    return demand.value == "word" and bool(
        find(["each|every {y} {n} <unit>", "{n} <unit> each|per"], demand.source)
    )


def limit_met(demand: Demand, text: str) -> bool:
    """Check a text against its limit."""
    if _each(demand):
        return all(word_count(part.text) <= demand.number for part in parse(text).body)
    there = count(text, demand.value)
    if demand.other == "max":
        return there <= demand.number
    if demand.other == "min":
        return there >= demand.number
    return there == demand.number


def limit_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Bring a piece within its limit."""
    unit, bound, most = demand.value, demand.other, demand.number
    if _each(demand):
        for part in piece.body:
            short = _tightened(Piece((replace(part, mark=""),)), most).text
            piece = piece.swapped(part, replace(part, text=short))
        return piece
    if unit == "point":
        piece = as_points(piece)
    elif unit == "line":
        piece = piece.with_body(replace(p, paragraph=i) for i, p in enumerate(piece.body))
    elif unit == "paragraph":
        piece = _paragraphs(piece, most)
    if bound in ("min", "exact") and unit in ("word", "sentence", "point"):
        piece = _lengthened(demand, piece, desk)
    sign = piece.of("closing")
    if unit == "sentence" and sign is not None and piece.of("sign") is None:
        piece = piece.without(sign)
    if bound in ("max", "exact"):
        piece = _shortened(demand, piece)
    return piece


def _lengthened(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    for fact in desk.facts:
        if count(piece.text, demand.value) >= demand.number:
            break
        if fact not in piece.text:
            piece = piece.add(fact, weight=2.0)
    return piece


def _shortened(demand: Demand, piece: Piece) -> Piece:
    unit, most = demand.value, demand.number
    while count(piece.text, unit) > most:
        weakest = min(enumerate(piece.parts), key=lambda e: (e[1].weight, -e[0]), default=None)
        body = piece.body
        if unit == "sentence" and len(body) > 1 and body[-1].weight >= 4:
            piece = _joined(piece)
            continue
        if weakest is None or len(piece.parts) == 1 or weakest[1].weight >= 4:
            break
        if len(body) == 1 and weakest[1] is body[0]:
            break
        piece = piece.without(weakest[1])
    if unit == "word" and count(piece.text, unit) > most:
        piece = _tightened(piece, most)
    if unit == "character":
        piece = _cut(piece, most)
    return piece


def _joined(piece: Piece) -> Piece:
    first, second = piece.body[-2:]
    cited = "".join(f" {source}" for source in CITATION.findall(first.text))
    words = second.text.split(" ", 1)
    low = words[0].lower() in CLASSES["lowerable"] or (
        vectors.is_word(words[0].lower()) and words[-1][:1].islower()
    )
    tail = second.text[0].lower() + second.text[1:] if low else second.text
    text = f"{CITATION.sub('', first.text).strip().rstrip('.!')}{cited}, and {tail}"
    return piece.without(second).swapped(first, replace(first, text=text))


def _tightened(piece: Piece, most: int) -> Piece:
    """Cut subordinate tails of the longest statements, then whole words at the end."""
    for part in sorted(piece.body, key=lambda p: -word_count(p.text)):
        if word_count(piece.text) <= most:
            return piece
        short = trimmed(part.text)
        if short != part.text:
            piece = piece.swapped(part, replace(part, text=short))
    while word_count(piece.text) > most and len(piece.body) > 1:
        weakest = min(reversed(piece.body), key=lambda p: p.weight)
        piece = piece.without(weakest)
    if word_count(piece.text) > most and piece.body:
        part = piece.body[0]
        kept = part.text.split()[: max(1, most - word_count(piece.without(part).text))]
        cited = " ".join(CITATION.findall(part.text))
        piece = piece.swapped(part, replace(part, text=f"{ended(' '.join(kept))} {cited}".strip()))
    return piece


def trimmed(text: str) -> str:
    """Leave out what a sentence can spare: brackets, and a tail such as ", which …"."""
    cited = CITATION.findall(text)
    bare = CITATION.sub("", text).strip()
    while "(" in bare and ")" in bare[bare.index("(") :]:
        bare = bare[: bare.index("(")].rstrip() + bare[bare.index(")", bare.index("(")) + 1 :]
    for word in LEXICON["tails"]:
        place = bare.find(f", {word} ")
        if place > 12:
            bare = bare[:place]
            break
    head, found, tail = bare.partition(", ")
    if found and find(LEXICON["fronted"], head) and len(tail.split()) > 3:
        bare = capital(tail)
    return " ".join([ended(bare), *cited])


def _cut(piece: Piece, most: int) -> Piece:
    while len(piece.text) > most and len(piece.parts) > 1:
        weakest = min(reversed(piece.parts), key=lambda p: p.weight)
        piece = piece.without(weakest)
    if len(piece.text) > most and piece.parts:
        part = piece.parts[0]
        kept = part.text[: most - 1]
        kept = kept[: kept.rfind(" ")] if " " in kept else kept
        piece = piece.swapped(part, replace(part, text=ended(kept)))
    return piece


def as_points(piece: Piece, sign: str = "- ") -> Piece:
    """Make every statement a point, and every step of a single statement."""
    body = [part for part in piece.body if part.kind != "next"] or piece.body
    if len(body) == 1 and len(steps := _steps(body[0].text)) > 2:
        body = [replace(body[0], text=step, kind="body") for step in steps]
    old = next((part.mark for part in body if part.mark), sign)
    kept = [replace(part, mark=old) for part in body]
    last = [part for part in piece.body if part.kind == "next" and part.weight >= 4]
    last = [part for part in last if all(part.text != one.text for one in kept)]
    return replace(piece.with_body([*kept, *last]), form="list")


_THEN = re.compile(r"[,;]? (?:and )?(?:then|finally|after that|next) |[,;] (?:and )?| and ", re.I)
_FIRSTLY = re.compile(r"^(?:first|firstly|then|next|finally),? ", re.I)


def _steps(text: str) -> list[str]:
    parts = _THEN.split(text.strip(" ."))
    listed = "," in text and all(len(p.split()) < 9 for p in parts)
    return [_FIRSTLY.sub("", p).strip() for p in parts if p.strip()] if listed else []


def _paragraphs(piece: Piece, most: int) -> Piece:
    body = piece.body
    each = -(-len(body) // max(most, 1))
    spread = [replace(part, paragraph=place // max(each, 1)) for place, part in enumerate(body)]
    return piece.with_body(spread)


LIMIT = Operation(
    "limit", "keeps to a limit of words, sentences, points, lines, characters or paragraphs",
    "Use at most 12 words.", limit_apply, limit_met, "Keep to the limit: {other} {n} {value}s.",
    stage=6, read=read_limit,
)  # fmt: skip
