"""Revisions: a draft changed as the feedback says, and nothing else."""

from dataclasses import replace

from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import LEXICON, find
from practice_model.mind.reading.text import capital, content, ended, sentences, words
from practice_model.mind.reading.values import spans
from practice_model.mind.writing import material
from practice_model.mind.writing.demand import Desk, ranked
from practice_model.mind.writing.drafting import greeted, named, topic_of
from practice_model.mind.writing.edits import mapped
from practice_model.mind.writing.operations import declined, obey, of_text
from practice_model.mind.writing.piece import Piece, parse
from practice_model.mind.writing.voice import is_clause, spelled, to_reader


def revise(reading: Reading) -> str:
    """Change a draft as the feedback says, and nothing else; say what was not understood."""
    old = material.draft_of(reading)
    feedback = material.labelled(reading, "feedback") or material.asked(reading)
    demands = of_text(feedback, old)
    standing = [
        d
        for d in of_text(material.instructions(reading), old)
        if d.operation.name
        in ("limit", "omit", "upper", "lower", "plain", "json", "bullets", "numbered")
    ]
    demands = greeted(demands, named(reading))
    known = {(d.operation.name, d.value) for d in demands}
    demands += [d for d in standing if (d.operation.name, d.value) not in known]
    if any(d.operation.name == "only" for d in demands):
        demands = [d for d in demands if d.operation.name != "shorten"]
    refused = declined(feedback)
    facts = material.facts(reading, cite=True)
    desk = Desk([f for f in facts if not of_text(spelled(f), old)], letter=True)
    piece = parse(old)
    piece = _weighed(piece, reading)
    missed = _missed(feedback, old, refused)
    for line in missed:
        fixed = _corrected(piece, line)
        if fixed is not None:
            piece = fixed
            continue
        desk.say(f'I don\'t know how to do this: "{line}".')
    return obey(piece, demands, desk, refused)


def _weighed(piece: Piece, reading: Reading) -> Piece:
    """Weigh statements by the task's topics, so that others are left out first."""
    task = material.asked(reading)
    topics = [d.value for d in of_text(task) if d.operation.name == "mention"]
    texts = [part.text for part in piece.body]
    best = {text for topic in topics for text in ranked(topic, texts, 1, context=topic_of(reading))}
    parts = [
        p
        if p.framing
        else replace(p, weight=5.0 if p.text in best else 2.4 if p.kind == "next" else 3.0)
        for p in piece.parts
    ]
    return replace(piece, parts=tuple(parts))


def _missed(feedback: str, old: str, refused: list[str]) -> list[str]:
    lost = []
    for one in sentences(feedback):
        bare = find(LEXICON["no_change"], one)
        if bare or not words(one) or of_text(one, old) or (refused and declined(one)):
            continue
        lost.append(one.strip())
    return lost


def corrects(piece: Piece, text: str) -> bool:
    """Tell that a statement corrects a value of a text."""
    return _corrected(piece, text) is not None


def _corrected(piece: Piece, line: str) -> Piece | None:
    """Take the value of a statement for the draft's only value of its kind ("it's at 20:00")."""
    for part in piece.body:
        own, told = content(part.text), content(line)
        if own != told and len(own & told) >= 0.6 * max(len(own), len(told)) and is_clause(line):
            return piece.swapped(part, replace(part, text=capital(ended(to_reader(line)))))
    for new in (s for s in spans(line) if s.kind in LEXICON["contradicting"] + ["money"]):
        old = [s for part in piece.body for s in spans(part.text) if s.kind == new.kind]
        if len(old) == 1 and old[0].text != new.text:
            return mapped(piece, old[0].text, new.text)
    return None
