"""Changes to a draft: replace, correct a value, shorten, lengthen, move."""

from dataclasses import replace

from practice_model.mind.reading.phrases import CLASSES, find, tokens, unquoted
from practice_model.mind.reading.text import content, ended, word_count, words
from practice_model.mind.reading.values import kind_of, of_kind, spans
from practice_model.mind.writing.contents import speaks_of, subject_of
from practice_model.mind.writing.demand import Demand, Desk, Operation, always, nearest
from practice_model.mind.writing.limits import trimmed
from practice_model.mind.writing.piece import Part, Piece, parse
from practice_model.mind.writing.voice import is_clause


def mapped(piece: Piece, old: str, new: str) -> Piece:
    """Replace words in every part of a piece."""
    parts = tuple(replace(part, text=replaced(part.text, old, new)) for part in piece.parts)
    return replace(piece, parts=parts)


def replaced(text: str, old: str, new: str) -> str:
    """Put one string in the place of another, whatever its case, never inside a word."""
    low, wanted = text.lower(), old.lower()
    at = low.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(old)
        inside = (at and low[at - 1].isalnum()) or (end < len(low) and low[end].isalnum())
        if not inside:
            put = new[:1].upper() + new[1:] if text[at].isupper() and old[0].islower() else new
            text = text[:at] + put + text[end:]
            low, end = text.lower(), at + len(put)
        at = low.find(wanted, end)
    return text


def read_replace(operation: Operation, clause: str) -> list[Demand]:
    """Recognise "replace X by Y", "X instead of Y", "X should be Y", "it's Y, not X"."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    old, new = match["x"] or "the name", unquoted(match["y"])
    for end in (" in the ", " in this ", " of the "):
        old = old.split(end)[0]
    for lead in ("every ", "each ", "all ", "any ", "the word ", "the name "):
        old = old.removeprefix(lead)
    old = unquoted(old)
    for lead in ("the word ", "the ", "to "):
        new = new.removeprefix(lead) if is_value(new.removeprefix(lead)) else new
    told = [t for t in tokens(clause) if t.quoted]
    if len(told) > 2 and len(told) % 2 == 0 and clause.count(" with ") == len(told) // 2:
        bare = [unquoted(t.text) for t in told]
        return [Demand(operation, clause, a, b) for a, b in zip(bare[::2], bare[1::2], strict=True)]
    return [Demand(operation, clause, old, new)] if old and new else []


def is_value(text: str) -> bool:
    """Tell that words are a value: a number, a name, a date."""
    return any(char.isdigit() for char in text) or text[:1].isupper() or bool(spans(text))


def replace_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Replace words; or, when they name a kind of value, the value of that kind."""
    old, new = demand.value, demand.other
    if old.lower() in piece.text.lower() and not (kind_of(old) and is_value(new)):
        return mapped(piece, old, new)
    if kind_of(old) in ("money", "number") and not of_kind(new, "number"):
        desk.say(f'I can\'t read a number in "{new}", so I left {old} as it is.')
        return piece
    target = target_value(piece, old, new)
    if target:
        return mapped(piece, target, new)
    for part in piece.body:
        if speaks_of(part.text, old) and is_clause(new):
            return piece.swapped(part, replace(part, text=ended(new)))
    desk.say(f"I found no {old.removeprefix('the ')} to change.")
    return piece


def target_value(piece: Piece, name: str, new: str) -> str:
    """Return the value that a name such as "the amount" means; one of the new value's kind."""
    kind = kind_of(name)
    fresh = {span.kind for span in spans(new)}
    greeting = piece.of("greeting")
    if kind == "name" and greeting is not None and "name" in words(name):
        found = of_kind(greeting.text, "name")
        if found:
            return found[0].text.split(" ", 1)[-1] if "Dear " in found[0].text else found[0].text
    if words(name)[-1:] and words(name)[-1] in CLASSES["place"]:
        places = [
            s
            for p in piece.body
            for s in of_kind(p.text, "name")
            if s.before in CLASSES["preposition"]
        ]
        return places[-1].text if places else ""
    near = [p for p in piece.body if content(name) & content(p.text)] + piece.body
    for part in near:
        there = of_kind(part.text, kind) if kind else []
        there = there or [span for span in spans(part.text) if span.kind in fresh - {"noun"}]
        fitting = [span for span in there if span.text.lower() != new.lower()]
        if fitting:
            return fitting[0].text
    return ""


def shorten_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Take a third of the words out: tails first, then the lightest statements, latest first."""
    before = word_count(piece.text)
    for part in piece.body:
        piece = piece.swapped(part, replace(part, text=trimmed(part.text)))
    while word_count(piece.text) > 0.7 * before and len(piece.body) > 1:
        least = min(part.weight for part in piece.body)
        weakest = [part for part in piece.body if part.weight == least][-1]
        piece = piece.without(weakest)
    if word_count(piece.text) >= before:
        desk.say("I can't make it shorter without losing what it says.")
    return piece


def lengthen_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Add the facts that are not in it yet."""
    fresh = [fact for fact in desk.facts if fact not in piece.text]
    for fact in fresh[:3]:
        piece = piece.add(fact, weight=3.0)
    if not fresh:
        desk.say("I have no more facts, so I can't make it longer.")
    return piece


def move_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Move the statement about a topic to the beginning or the end."""
    found = [part for part in piece.body if speaks_of(part.text, demand.value)]
    near = nearest(demand.value, [part.text for part in piece.body])
    found = found or [part for part in piece.body if part.text == near]
    if not found:
        desk.say(f"I found nothing about {demand.value} to move.")
        return piece
    rest = [part for part in piece.body if all(part is not one for one in found)]
    first = demand.other == "first"
    place = (rest or found)[0 if first else -1].paragraph
    moved = [replace(part, paragraph=place, weight=5.0) for part in found]
    return piece.with_body([*moved, *rest] if first else [*rest, *moved])


def read_move(operation: Operation, clause: str) -> list[Demand]:
    """Recognise "put X first", "move X to the end"."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    first = words(match["end"] or "first")[-1] in ("first", "start", "beginning", "top", "front")
    return [Demand(operation, clause, subject_of(match["x"]), "first" if first else "last")]


def move_met(demand: Demand, text: str) -> bool:
    """Check the first or the last statement."""
    body = parse(text).body
    edge = body[0 if demand.other == "first" else -1].text if body else ""
    return speaks_of(edge, demand.value) or edge == nearest(demand.value, [p.text for p in body])


def protected(piece: Piece, demands: list[Demand]) -> Piece:
    """Raise the weight of what the demands ask for, so that shortening spares it."""

    def weigh(part: Part) -> Part:
        asked = any(
            d.operation.name in ("mention", "act", "end")
            and d.value
            and speaks_of(part.text, d.value)
            for d in demands
        )
        return replace(part, weight=max(part.weight, 5.0)) if asked else part

    return replace(piece, parts=tuple(weigh(part) for part in piece.parts))


EDITS = (
    Operation("reverse", "turns an order round", "Swap the two sentences.",
              lambda _d, piece, _desk: piece.with_body(reversed(piece.body)), always,
              "Turn the order round.", 3),
    Operation("replace", "replaces words, or corrects an amount, a date or a name",
              "Replace \"blue\" by \"green\".", replace_apply,
              lambda d, text: d.other.lower() in text.lower() or "I can't read" in text,
              "Replace {value} by {other}.", 2, read_replace),
    Operation("shorten", "shortens a text", "Make it shorter.", shorten_apply, always,
              "Make it shorter.", 6),
    Operation("lengthen", "adds the facts that are left, and no others", "Make it longer.",
              lengthen_apply, always, "Add more detail.", 1),
    Operation("move", "moves a statement to the beginning or the end",
              "Put the price at the end.", move_apply, move_met, "Move {value}.", 3, read_move),
)  # fmt: skip
