"""Drafts: letters, pages, posts and notes from what the request tells, and their revisions."""

import re
from dataclasses import replace

from practice_model.mind.evidence.ranking import best
from practice_model.mind.evidence.statements import Statement
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find
from practice_model.mind.reading.text import (
    capital,
    content,
    cover,
    ended,
    listed,
    sentences,
    words,
)
from practice_model.mind.reading.values import of_kind, spans
from practice_model.mind.writing import answering, material
from practice_model.mind.writing.contents import enumerated
from practice_model.mind.writing.demand import Demand, Desk, ranked
from practice_model.mind.writing.operations import (
    colon,
    declined,
    obey,
    of_clause,
    of_text,
    settled,
)
from practice_model.mind.writing.piece import Part, Piece, is_step, parse
from practice_model.mind.writing.voice import from_user, is_clause, questions, to_reader

_FORMS = LEXICON["forms"]
_BODY = 3.0
MOST_PAIRS = 3
"""Contradictions that are told; twenty alike lines would make 190."""


def form_of(text: str) -> str:
    """Return the form a request asks for: letter, page, list or text."""
    for form, patterns in _FORMS:
        if find(patterns, text):
            return str(form)
    return "text"


def addressee(reading: Reading) -> str:
    """Return the name of the person a letter goes to, if the request tells it."""
    for pattern in LEXICON["addressed"]:
        every = (find([pattern], s) for s in sentences(material.asked(reading)))
        match = next((m for m in every if m), None)
        if match is None:
            continue
        given = match["x"].split()
        names = []
        for word in given:
            if not word[:1].isupper() or word.lower() in CLASSES["asking"]:
                break
            names.append(word.rstrip(".,:;'s") if word.endswith("'s") else word.strip(".,:;"))
        first = names[0].lower() if names else ""
        if first and first not in ("tell", "that", "she", "he", "the", "i", "we"):
            return " ".join(names[:3])
    head = sentences(material.asked(reading))[:1]
    for span in of_kind(head[0].split(" that ")[0].split(": ")[0], "name") if head else []:
        if span.before in ("to", "for") and find(LEXICON["intents"]["draft"], head[0]):
            return span.text.strip(" .,")
    sender = _SENDER.search(reading.request.text)
    if sender:
        return sender[1]
    incoming = material.labelled(reading, "incoming")
    signed = of_kind(incoming, "name")[-1:] if incoming else []
    last = incoming.rstrip(" .!").split("\n")[-1] if incoming else ""
    return signed[0].text if signed and last.endswith(signed[0].text) else ""


_SENDER = re.compile(
    r"^[A-Z]\w+ from ((?:(?:Mrs?|Ms|Miss|Mx|Dr|Prof)\.? )?[A-Z]\w+(?: [A-Z]\w+){0,2}):", re.M
)


def topic_of(reading: Reading) -> str:
    """Return what a text is to be about."""
    told = material.labelled(reading, "topic")
    for sentence in [] if told else sentences(material.asked(reading)):
        match = find(LEXICON["topic"], sentence)
        if match:
            return match["x"].split(", ")[0].strip(" .")
    return told.split("\n")[0].strip(" .")


def draft(reading: Reading) -> str:
    """Write what a request asks for, from what it tells."""
    asked = material.instructions(reading)
    if material.commissioned(reading):
        return _commission(reading, asked)
    about = material.labelled(reading, "incoming") or reading.request.text
    demands = of_text(asked, about)
    form = form_of(material.asked(reading))
    if form == "text" and (
        addressee(reading) or any(d.operation.name == "act" and d.other for d in demands)
    ):
        form = "letter"
    cite = any(d.operation.name == "sources" for d in demands)
    desk = Desk(material.facts(reading, cite), letter=form == "letter")
    refused = declined(asked)
    demands = greeted(demands, addressee(reading))
    piece = _framed(reading, form, desk)
    body = _statements(reading, form, desk, demands)
    piece = piece.with_body(body)
    for one, other in contradictions([part.text for part in body])[:MOST_PAIRS]:
        desk.say(f'The notes contradict each other: "{one}" and "{other}"')
    if not body and not _speaks(demands):
        asked = material.asked(reading)
        items = [] if colon(asked)[1] else _enumeration(reading)
        subject = _about(reading, form) or asked.partition(": ")[2].strip()
        if not items and not subject:
            return _nothing(reading, refused)
        for told in items or [subject]:
            piece = piece.add(told)
    elif form == "letter":
        piece = _with_topic(piece, _about(reading, form) or "", demands)
    return obey(piece, demands, desk, refused)


def _commission(reading: Reading, orders: str) -> str:
    """Write what the system orders from the notes, in whatever layout the request gives them."""
    demands = of_text(orders, reading.request.text)
    form = form_of(orders)
    every = material.items(reading)
    name = addressee(reading) if form == "letter" else ""
    few = any(d.operation.name == "limit" and d.value == "sentence" for d in demands)
    body: list[Part] = []
    for item in every:
        acts = of_clause(item) if words(item)[0] in CLASSES["instructing"] else []
        demands += [d for d in acts if d.operation.name == "omit"]
        told = [d.value for d in acts if d.operation.name == "act"]
        told = told or ([] if acts else [to_reader(item) if form == "letter" else item])
        body += [Part(capital(ended(one)), "body", 4.0 if few else _BODY) for one in told]
    piece = _framed(reading, form, Desk())
    if name:
        piece = piece.set(Part(f"Dear {name},", "greeting", 4.2))
    desk = Desk([part.text for part in body], letter=form == "letter", names=_names(every))
    return _HANDED_IN.sub("", obey(piece.with_body(body), settled(demands), desk, declined(orders)))


_HANDED_IN = re.compile(r"^[A-Z][\w ]{0,40} \(\w+\): ", re.M)
"""How a worker's part is labelled: "Section by worker 1 (costs): …"."""


def _names(lines: list[str]) -> list[str]:
    """Return the names of people in notes; a line's first word is one if others begin small."""
    found = [span.text for line in lines for span in of_kind(line, "name")]
    small = any(line[:1].islower() for line in lines)
    heads = [line.split()[0] for line in lines]
    return found + [head for head in heads if small and head.istitle()]


def named(reading: Reading) -> str:
    """Return the person whom a request, or an earlier one, writes to."""
    earlier = [s.text for p in reading.passages for s in p.of("name") if " " in s.text]
    return addressee(reading) or next(iter(earlier), "")


def greeted(demands: list[Demand], name: str) -> list[Demand]:
    """Put the name in the place of "first name" in what is asked of a greeting."""
    made = []
    for demand in demands:
        if demand.operation.name == "greet" and "first name" in f"{demand.value} {demand.source}":
            if not name:
                continue
            demand = replace(demand, value=name.split()[0])
        made.append(demand)
    return made


def _with_topic(piece: Piece, about: str, demands: list[Demand]) -> Piece:
    """Begin a letter with its topic if that holds a number that nothing else says."""
    new = {word for word in words(about) if any(char.isdigit() for char in word)}
    said = set(words(piece.text + " ".join(demand.value for demand in demands)))
    return piece.add(about, first=True) if new - said else piece


def _speaks(demands: list[Demand]) -> bool:
    return any(
        d.operation.name == "act"
        or (
            d.operation.name == "mention"
            and (is_clause(d.value) or any(c.isdigit() for c in d.value))
        )
        for d in demands
    )


def _framed(reading: Reading, form: str, desk: Desk) -> Piece:
    if form == "letter":
        name = addressee(reading)
        greeting = f"Dear {name}," if name else "Hello,"
        return Piece(
            (
                Part(greeting, "greeting", 4.2),
                Part(f"{LEXICON['phrases']['closing']}", "closing", 2.5),
            ),
            "letter",
        )
    topic = topic_of(reading)
    if form == "page" and topic:
        return Piece((Part(f"# {capital(topic)}", "title", 2.0),), "page")
    return Piece((), form)


def _statements(reading: Reading, form: str, desk: Desk, demands: list[Demand]) -> list[Part]:
    own = any(s.mood == "statement" and material.is_fact(s.text) for s in reading.request.prose)
    handed = material.data(reading) or reading.since or material.handed(reading) or own
    if form == "letter" and not handed:
        return []
    topics = [d.value for d in demands if d.operation.name == "mention"]
    topic = topic_of(reading)
    facts = list(desk.facts)
    if topics or topic:
        near = [f for t in [topic, *topics] if t for f in ranked(t, facts, 3, 0.3)]
        rest = [f for f in facts if f not in near] if handed else []
        facts = [f for f in facts if f in near or f in rest]
        if topics:
            facts = sorted(facts, key=lambda f: _place(f, topics))
    incoming = material.labelled(reading, "incoming")
    if incoming:
        replies = [
            k
            for q in questions(incoming)
            if q.endswith("?")
            if (k := best(q, [Statement(f) for f in desk.facts]))
        ]
        facts = [k.text for k in replies] or (facts if handed else [])
    made = [
        Part(
            capital(ended(to_reader(f) if form == "letter" else f)),
            "next" if is_step(f) else "body",
            2.0 if is_step(f) else _BODY,
        )
        for f in dict.fromkeys(facts)
    ]
    return sorted(made, key=lambda part: part.kind == "next")


def _place(fact: str, topics: list[str]) -> int:
    return next((i for i, t in enumerate(topics) if cover(content(t), fact) >= 0.5), len(topics))


def _about(reading: Reading, form: str) -> str | None:
    topic = topic_of(reading)
    told = any(char.isdigit() for char in topic) or is_clause(topic)
    if not topic or (form != "letter" and not told):
        return None
    return f"This is about {to_reader(topic)}."


def _nothing(reading: Reading, refused: list[str]) -> str:
    topic = topic_of(reading)
    about = f" about {topic}" if topic else ""
    return " ".join(
        [
            *refused,
            f"I have no facts{about}, and I invent none. Give me notes, and I "
            "write the text from them.",
        ]
    )


def _enumeration(reading: Reading) -> list[str]:
    _, found, rest = material.asked(reading).partition(": ")
    if not found:
        return []
    told = rest.split(". ")[0]
    clausal = [part.strip().removeprefix("and ") for part in told.split(", ")]
    items = clausal if len(clausal) > 2 and all(map(is_clause, clausal)) else enumerated(told)
    return items if len(items) > 1 else []


def contradictions(facts: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of facts that say the same of different values."""
    found = []
    kinds = {
        fact: {s.kind: s.text for s in spans(fact) if s.kind in LEXICON["contradicting"]}
        for fact in facts
    }
    bare = {fact: content(fact) - content(" ".join(kinds[fact].values())) for fact in facts}
    for place, one in enumerate(facts):
        for other in facts[place + 1 :]:
            shared = len(bare[one] & bare[other])
            differ = any(kinds[other].get(k, v) != v for k, v in kinds[one].items())
            if differ and shared and shared >= 0.8 * max(len(bare[one]), len(bare[other])):
                found.append((one, other))
    return found


_HELLO = re.compile(r"^(?:hi|hello|hey|good \w+)(?: there)?[,!.]? *", re.I)


def summarise(reading: Reading) -> str:
    """Summarise a text that was given, or list its points."""
    asked = material.instructions(reading)
    demands = of_text(asked, reading.request.text)
    cite = any(d.operation.name == "sources" for d in demands)
    handed = material.labelled(reading, "text") or material.draft_of(reading)
    talked = find(LEXICON["conversation"], asked) and any(reading.earlier("assistant"))
    if talked:
        told = material.said_before(reading) + sentences(next(reading.earlier("assistant")).text)
        said = (_HELLO.sub("", one) for one in told if not one.endswith("?"))
        handed = " ".join(capital(from_user(ended(one))) for one in said if words(one))
    if material.commissioned(reading):
        handed = ". ".join(material.items(reading))
    facts = [capital(ended(s)) for s in sentences(handed)] or material.facts(reading, cite, True)
    if not facts:
        return "There is no text to summarise: give me one."
    left_out = [d for d in demands if d.operation.name == "omit"]
    facts = [f for f in facts if all(d.met(f) for d in left_out)] or facts
    limits = {d.value: d.number for d in demands if d.operation.name == "limit"}
    listing = "point" in limits or any(d.operation.name in ("bullets", "numbered") for d in demands)
    most = (
        limits.get("sentence")
        or limits.get("point")
        or max(1, min(4 if talked else 3, round(len(facts) / (1 if talked else 2))))
    )
    if listing and "point" not in limits:
        most = max(most, min(len(facts), 5))
    if talked:
        fullest = sorted(facts, key=lambda fact: -len(content(fact)))[:most]
        facts = [fact for fact in facts if fact in fullest]
    chosen = facts if len(facts) <= most else answering.summary(facts, topic_of(reading), most)
    piece = Piece(tuple(Part(c, "body", _BODY - i / 20) for i, c in enumerate(chosen)))
    return obey(
        piece,
        [d for d in demands if d.operation.name != "act"],
        Desk(facts),
        declined(reading.wish.text),
    )


def _bear_on(task: str, topics: list[str], facts: list[str]) -> bool:
    """Tell that a fact has most of what some point of a task is about, or that it has no point."""
    lists = [s.partition(" ")[2] for s in sentences(task) if words(s)[:1] == ["mention"]]
    points = [p for t in [*topics, *lists] for p in t.replace(" and ", ", ").split(", ") if p]
    return not points or any(cover(content(p), fact) > 0.5 for p in points for fact in facts)


def notes(reading: Reading) -> str:
    """Write notes from what the tools found: one finding a line, each with its source."""
    demands = of_text(material.instructions(reading), "")
    task = material.labelled(reading, "task") or reading.wish.text
    topics = [d.value for d in of_text(task) if d.operation.name == "mention"]
    topics = topics or [topic_of(reading)]
    facts = [f for call in reading.since for f in material.of_result(call, cite=True)]
    found = [f for t in [topic_of(reading), *topics] if t for f in ranked(t, facts, 4, 0.3)]
    found = list(dict.fromkeys(found)) or (facts[:8] if _bear_on(task, topics, facts) else [])
    found.sort(key=facts.index)
    missing = [t for t in topics if t and not ranked(t, facts, 1, 0.3)]
    lines = [f"- {ended(f)}" for f in found] or ["I found nothing about it."]
    if missing and found:
        lines.append(f"I found nothing about {listed(missing)}.")
    keep = [d for d in demands if d.operation.name == "limit"]
    return obey(parse("\n".join(lines)), keep, Desk(facts), [])
