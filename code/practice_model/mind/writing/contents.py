"""Contents: what a text must say, must not say, how it begins and ends, and in which order."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from practice_model.mind.reading.phrases import CLASSES, LEXICON, Match, find, tokens, unquoted
from practice_model.mind.reading.text import (
    capital,
    content,
    ended,
    sentences,
    sources,
    stem,
    uncited,
    words,
)
from practice_model.mind.reading.values import has_kind, kind_of, of_kind
from practice_model.mind.writing.demand import Demand, Desk, Operation, always, mentions, nearest
from practice_model.mind.writing.piece import Piece
from practice_model.mind.writing.voice import is_clause, person, spoken, statement, to_reader


def enumerated(text: str) -> list[str]:
    """Split an enumeration ("the price, the delivery time and what to do")."""
    if text.startswith(('"', "“", "'")):
        return [unquoted(text)]
    parts: list[str] = []
    for piece in text.replace(", and ", ", ").replace(", or ", ", ").split(", "):
        halves = piece.split(" and ") if " and " in piece else piece.split(" or ")
        begins = all((words(h) or [""])[0] in CLASSES["opening"] for h in halves[1:])
        splits = all(words(h) for h in halves) and (begins or not is_clause(piece))
        parts += halves if splits else [piece]
    return [p.strip(" .,;") for p in parts if p.strip(" .,;")]


# Speech acts: tell, apologise, thank, ask, offer …


def read_acts(operation: Operation, clause: str) -> list[Demand]:
    """Recognise a speech act and turn it into the sentence it stands for."""
    if find(LEXICON["operations"]["omit"], clause):
        return []
    clause, gerund = _plain_verbs(clause)
    found: list[tuple[int, int, dict[str, Any], Match]] = []
    for place, act in enumerate(LEXICON["acts"]):
        match = find(act["patterns"], clause)
        leads = match and (match.start in gerund or _leads(clause[: match.start]))
        if match and leads and (not act.get("clause") or is_clause(match["x"])):
            found.append((match.start, place, act, match))
    if not found:
        return []
    _, _, act, match = min(found, key=lambda entry: entry[:2])
    said = match["x"].strip(" .")
    who = match["who"] or match["pronoun"]
    made = []
    for one in said.split(" and that ") if act.get("form") == "statement" else [said]:
        told = to_reader(one, who.lower())
        told = statement(told) if act.get("form") == "statement" else told
        sentence = spoken(act["say"], person(clause), x=told, y=match["wh"])
        made.append(Demand(operation, clause, ended(sentence), who, act.get("first", 0)))
    return made


def _plain_verbs(clause: str) -> tuple[str, set[int]]:
    """Put the plain form of acts for their gerunds ("asking for": "ask for"); and say where."""
    made, places, shift = clause, set(), 0
    for token in tokens(clause):
        base = token.low.removesuffix("ing")
        verb = next((v for v in (base, f"{base}e") if v in CLASSES["instructing"]), "")
        if verb and base != token.low:
            made = made[: token.start + shift] + verb + made[token.end + shift :]
            places.add(token.start + shift)
            shift += len(verb) - len(token.low)
    return made, places


def _leads(before: str) -> bool:
    """Tell that words before an act only introduce it ("write to Clara and", "please")."""
    low = words(before)
    return not low or low[-1] in CLASSES["leading"] or low[0] in CLASSES["drafting"]


def act_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Say it once; what comes first comes first."""
    if demand.value.rstrip(".") in piece.text:
        return piece
    return piece.add(demand.value, weight=5.0, first=bool(demand.number))


def last_paragraph(piece: Piece) -> int:
    """Return the number of the last paragraph of statements."""
    return max((part.paragraph for part in piece.body), default=0)


# What must be in it, and what must not.


def read_mention(operation: Operation, clause: str) -> list[Demand]:
    """Recognise what a text must mention, one demand each."""
    if find(LEXICON["operations"]["omit"], clause):
        return []
    match = find(operation.patterns, clause)
    if match is None or match["x"].lower().startswith(("that ", "with ")):
        return []
    if tags := re.findall(r"#\w+", clause):
        return [Demand(operation, clause, tag) for tag in tags]
    said = [_AFTER.sub("", topic) for topic in enumerated(match["x"]) if words(topic)]
    topics = [subject_of(topic) for topic in said]
    if topics and find(["next step"], topics[-1]):
        return []
    return [
        Demand(operation, clause, topic) for topic in topics if topic.lower() not in ("it", "none")
    ]


def mention_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Say what the facts tell of it; without a fact, say aloud that there is none."""
    topic = demand.value
    for part in piece.body:
        if mentions(part.text, topic) or (kind_of(topic) and has_kind(part.text, topic)):
            return piece.swapped(part, replace(part, weight=max(part.weight, 5.0)))
    if topic[:1] == "#":
        return piece.add(topic, weight=5.0)
    for name, sentence in LEXICON["phrases"]["named"].items():
        if words(topic)[-1:] == [name]:
            return piece.add(sentence, weight=5.0, first=name == "apology")
    found = desk.about(topic, 1)
    if found:
        same = next((p for p in piece.body if p.text == found[0]), None)
        if same is not None:
            return piece.swapped(same, replace(same, weight=5.0))
        return piece.add(found[0], weight=5.0)
    if is_clause(topic) or any(c.isdigit() for c in topic) or topic != topic.lower():
        return piece.add(statement(to_reader(topic)), weight=5.0)
    if "something" in demand.source and words(topic)[0] in CLASSES["determiner"]:
        return piece.add(f"There is also {to_reader(topic)}", weight=5.0)
    desk.say(f"I have no source for {as_topic(topic)}.")
    return piece


def as_topic(topic: str) -> str:
    """Return a topic as the writer says it of somebody else."""
    return topic.replace("her ", "the ").replace("his ", "the ").replace("your ", "the ")


_NAMING = ["not|never|don't|without|avoid name|naming any|anybody|anyone|people", "no names"]


def read_omit(operation: Operation, clause: str) -> list[Demand]:
    """Recognise what a text must not say, one demand each."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    every = [
        _AFTER.sub("", one)
        for one in enumerated(match["x"])
        if not (words(one)[:1] and words(one)[0] in _SPEAKERS and is_clause(one))
    ]
    return [Demand(operation, clause, subject_of(one)) for one in every if one]


_AFTER = re.compile(r" (?:please|instead|too|as well|any ?more|though|tho)$", re.I)
_SPEAKERS = frozenset(["i", "he", "she", "it", "we", "they", "you"])


def subject_of(text: str) -> str:
    """Take the noun out of "the word X", "the sentence about X", "anything about X"."""
    match = find(LEXICON["subject_of"], text)
    return unquoted(match["x"]) if match else unquoted(text)


_FRAMES = {"greeting": "greeting", "salutation": "greeting", "closing": "closing",
           "signature": "sign", "subject": "subject", "title": "title"}  # fmt: skip


def frame_of(topic: str) -> str:
    """Return the part of the frame that a topic names."""
    return next((_FRAMES[word] for word in words(topic) if word in _FRAMES), "")


def speaks_of(text: str, topic: str) -> bool:
    """Tell that a sentence speaks of a topic, by its words or by a value of its kind."""
    return mentions(text, topic) or (bool(kind_of(topic)) and has_kind(text, topic))


def omit_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Leave out what speaks of it: the clause if it can be cut, else the sentence."""
    frame = frame_of(demand.value)
    if frame:
        gone = (frame, "closing") if frame == "sign" else (frame,)
        return replace(piece, parts=tuple(p for p in piece.parts if p.kind not in gone))
    if find(_NAMING, demand.source):
        return unnamed(piece, demand.value, desk.names)
    counted = find(["^ [the] <ordinal> sentence|line|point|statement"], demand.value)
    if counted and piece.body:
        place = {"first": 0, "second": 1, "third": 2, "last": -1}[counted["ordinal"].lower()]
        there = -len(piece.body) <= place < len(piece.body)
        return piece.without(piece.body[place]) if there else piece
    near = ""
    if find(["about|sentence|part|bit"], demand.source) and not speaks_of(piece.text, demand.value):
        near = nearest(demand.value, [part.text for part in piece.body])
    for part in piece.parts:
        if part.text == near:
            piece = piece.without(part)
        if part.kind == "sign" or not speaks_of(part.text, demand.value):
            continue
        rest = cut_out(part.text, demand.value)
        piece = piece.swapped(part, replace(part, text=rest)) if rest else piece.without(part)
    return piece


def unnamed(piece: Piece, whose: str, names: Sequence[str]) -> Piece:
    """Put "an employee" in the place of an employee's name, so that the fact stays."""
    noun = words(whose)[-1] if words(whose) else "people"
    said = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    said = "somebody" if noun in ("names", "people", "anybody", "anyone") else said
    said = f"a member of {noun}" if noun in ("staff", "crew") else said
    for part in piece.body:
        text = part.text
        for name in names or [s.text for s in of_kind(text, "name")]:
            text = re.sub(rf"\b{re.escape(name)}\b", said, text)
        piece = piece.swapped(part, replace(part, text=capital(text)))
    return piece


def cut_out(text: str, topic: str) -> str:
    """Cut the prepositional phrase, or the single adverb, that names a topic."""
    cited = " ".join(sources(text))
    bare = uncited(text)
    every = tokens(bare)
    wanted = content(topic) or set(words(topic))
    starts = {span.start for span in of_kind(bare, kind_of(topic))} if kind_of(topic) else set()
    at = next(
        (
            i
            for i, t in enumerate(every)
            if stem(t.low) in wanted or t.low in wanted or t.start in starts
        ),
        None,
    )
    if at is None:
        return ""
    start = at
    while start > 0 and every[start].low not in CLASSES["preposition"] and at - start < 4:
        start -= 1
    adverb = every[at].low.endswith("ly")
    if every[start].low not in CLASSES["preposition"] or start == 0:
        start = at
        if not adverb:
            return ""
    stop = at + 1
    while stop < len(every) and start != at and every[stop].low not in CLASSES["stopping"]:
        stop += 1
    if any(token.low in CLASSES["instructing"] for token in every[at + 1 : stop]):
        return ""  # a verb: what is left would be no sentence
    if stop < len(every) and every[stop].low == "," and start == at:
        stop += 1
    tail = bare[every[stop].start :] if stop < len(every) else ""
    rest = f"{bare[: every[start].start].rstrip()} {tail}".replace(" .", ".").strip()
    stands = is_clause(rest) and not speaks_of(rest, topic)
    return " ".join([capital(ended(rest)), cited]).strip() if stands else ""


def omit_met(demand: Demand, text: str) -> bool:
    """Check that nothing speaks of it."""
    if find(["^ [the] <ordinal> sentence|line|point|statement"], demand.value):
        return True
    if find(_NAMING, demand.source):
        return True
    return not any(speaks_of(one, demand.value) for one in sentences(text))


def only_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Keep nothing but the statements about some topics."""
    topics = demand.value.split(" | ")
    kept = [p for p in piece.body if any(speaks_of(p.text, topic) for topic in topics)]
    return piece.with_body(kept) if kept else piece


def read_only(operation: Operation, clause: str) -> list[Demand]:
    """Recognise "keep only A and B" as one demand."""
    match = find(operation.patterns, clause)
    return [Demand(operation, clause, " | ".join(enumerated(match["x"])))] if match else []


CONTENTS = (
    Operation("only", "keeps nothing but the topics named", "Keep only the price.", only_apply,
              always, "Keep only {value}.", 2, read_only),
    Operation("omit", "leaves out a subject or a word", "Don't mention the price.", omit_apply,
              omit_met, "Leave out {value}.", 2, read_omit),
    Operation("act", "tells, apologises, thanks, asks, offers, confirms in a letter's own words",
              "Apologise for the delay.", act_apply, lambda d, text: mentions(text, d.value),
              "Say: {value}", 0, read_acts),
    Operation("mention", "mentions what is asked for, from the facts it has",
              "Mention the tracking number.", mention_apply,
              lambda d, text: mentions(text, d.value) or has_kind(text, d.value),
              "Mention {value}.", 1, read_mention),
)  # fmt: skip
