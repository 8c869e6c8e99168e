"""Contents: what a text must say, must not say, how it begins and ends, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from practice_model.mind.writing.demand import Demand, Desk, Operation, always, mentions, nearest
from practice_model.mind.writing.phrases import CLASSES, LEXICON, Match, clauses, find, tokens, unquoted
from practice_model.mind.writing.piece import Part, Piece, is_step, parse
from practice_model.mind.writing.text import (
    capital,
    content,
    ended,
    has_phrase,
    sentences,
    sources,
    split_line,
    stem,
    words,
)
from practice_model.mind.writing.values import has_kind, kind_of, of_kind
from practice_model.mind.writing.voice import is_clause, person, spoken, statement, to_reader


def enumerated(text: str) -> list[str]:
    """Split an enumeration ("the price, the delivery time and what to do")."""
    if text.startswith(("\"", "“", "'")):
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
        if match and (match.start in gerund or _leads(clause[: match.start])):
            if not act.get("clause") or is_clause(match["x"]):
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
    if is_step(demand.value):
        body = [*piece.body, Part(demand.value, "next", 4.5, _last(piece))]
        return piece.with_body(body)
    return piece.add(demand.value, weight=5.0, first=bool(demand.number))


def _last(piece: Piece) -> int:
    return max((part.paragraph for part in piece.body), default=0)


def act_met(demand: Demand, text: str) -> bool:
    """Check that a sentence says it."""
    return mentions(text, demand.value)


# What must be in it, and what must not.


def read_mention(operation: Operation, clause: str) -> list[Demand]:
    """Recognise what a text must mention, one demand each."""
    if find(LEXICON["operations"]["omit"], clause):
        return []
    match = find(operation.patterns, clause)
    if match is None or match["x"].lower().startswith(("that ", "with ")):
        return []
    topics = [topic for topic in enumerated(match["x"]) if words(topic)]
    if topics and find(["next step"], topics[-1]):
        return []
    return [Demand(operation, clause, topic) for topic in topics if topic.lower() not in ("it",)]


def mention_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Say what the facts tell of it; without a fact, say aloud that there is none."""
    topic = demand.value
    for part in piece.body:
        if mentions(part.text, topic) or (kind_of(topic) and has_kind(part.text, topic)):
            return piece.swapped(part, replace(part, weight=max(part.weight, 5.0)))
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
    desk.say(f"I have no source for {_as_topic(topic)}.")
    return piece


def _as_topic(topic: str) -> str:
    return topic.replace("her ", "the ").replace("his ", "the ").replace("your ", "the ")


def mention_met(demand: Demand, text: str) -> bool:
    """Check that a text speaks of a topic or has a value of its kind."""
    return mentions(text, demand.value) or has_kind(text, demand.value)


def read_omit(operation: Operation, clause: str) -> list[Demand]:
    """Recognise what a text must not say, one demand each."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    return [Demand(operation, clause, subject_of(one)) for one in enumerated(match["x"]) if one]


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
        return replace(piece, parts=tuple(p for p in piece.parts if p.kind != frame))
    counted = find(["^ [the] <ordinal> sentence|line|point|statement"], demand.value)
    if counted and piece.body:
        place = {"first": 0, "second": 1, "third": 2, "last": -1}[counted["ordinal"].lower()]
        return piece.without(piece.body[place]) if -len(piece.body) <= place < len(piece.body) else piece
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


def cut_out(text: str, topic: str) -> str:
    """Cut the clauses that speak of a topic out of a sentence; nothing if none would stand."""
    cited = " ".join(sources(text))
    bare = text
    for source in sources(text):
        bare = bare.replace(source, "")
    for joint in ("; ", ", and ", ", but ", ", ", " and ", " but "):
        halves = bare.split(joint)
        if len(halves) < 2:
            continue
        kept = [one for one in halves if not speaks_of(one, topic)]
        if kept and len(kept) < len(halves) and all(is_clause(one) for one in kept):
            return " ".join([capital(ended(joint.join(kept).strip())), cited]).strip()
    return _phrase_cut(bare, topic, cited)


def _phrase_cut(bare: str, topic: str, cited: str) -> str:
    """Cut the prepositional phrase, or the single adverb, that names a topic."""
    every = tokens(bare)
    wanted = content(topic) or set(words(topic))
    starts = {span.start for span in of_kind(bare, kind_of(topic))} if kind_of(topic) else set()
    at = next((i for i, t in enumerate(every) if stem(t.low) in wanted or t.low in wanted
               or t.start in starts), None)
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
    if stop < len(every) and every[stop].low == "," and start == at:
        stop += 1
    tail = bare[every[stop].start :] if stop < len(every) else ""
    rest = f"{bare[: every[start].start].rstrip()} {tail}".replace(" .", ".").strip()
    stands = is_clause(rest) and not speaks_of(rest, topic)
    return " ".join([capital(ended(rest)), cited]).strip() if stands else ""


def omit_met(demand: Demand, text: str) -> bool:
    """Check that nothing speaks of it."""
    frame = frame_of(demand.value)
    if find(["^ [the] <ordinal> sentence|line|point|statement"], demand.value):
        return True
    if frame:
        return parse(text).of(frame) is None
    return not any(speaks_of(one, demand.value) for one in sentences(text))


# Beginning, end, greeting, signature, subject, title, next step, sources.


def begin_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Begin with given words, or with what the facts say of them."""
    said = _said(demand, piece, desk)
    if said is None:
        return piece
    moved = [p for p in piece.body if p.text != said]
    first = Part(said, "body", 7.0, moved[0].paragraph if moved else 0)
    quoted = demand.value in demand.source and demand.source.count('"') > 1
    if quoted:
        bare = [p for p in piece.parts if p.kind not in ("greeting", "subject", "title")]
        return replace(piece, parts=(replace(first, text=unquoted(demand.value)), *bare))
    return piece.with_body([first, *moved])


def end_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """End with given words: after everything if they are quoted, else as the last statement."""
    if is_step_name(demand.value):
        return step_apply(demand, piece, desk)
    said = _said(demand, piece, desk)
    if said is None:
        return piece
    kept = [p for p in piece.body if p.text != said]
    last = Part(said, "next", 7.0, kept[-1].paragraph if kept else 0)
    if unquoted(demand.value) == said:
        bare = [p for p in piece.with_body(kept).parts if p.kind not in ("closing", "sign")]
        return replace(piece, parts=(*bare, last))
    return piece.with_body([*kept, last])


def _said(demand: Demand, piece: Piece, desk: Desk) -> str | None:
    value = demand.value
    for name, sentence in LEXICON["phrases"]["named"].items():
        if name in words(value) and unquoted(value) == value:
            return str(sentence)
    if any(sign in demand.source for sign in "\"“'‘") or value[:1].isupper():
        return unquoted(value)
    for part in piece.body:
        if mentions(part.text, value):
            return part.text
    found = desk.about(value, 1)
    if found:
        return found[0]
    if is_clause(value):
        return statement(to_reader(value))
    desk.say(f"I have nothing to say about {_as_topic(value)}.")
    return None


def _edge(demand: Demand, text: str, last: bool) -> bool:
    parts = parse(text).parts
    body = [p.text for p in parts if not p.framing] or [text]
    one = body[-1] if last else body[0]
    value = unquoted(demand.value)
    for name, sentence in LEXICON["phrases"]["named"].items():
        if name in words(value) and value == demand.value:
            return str(sentence) in text
    edge = text.rstrip().endswith(value) if last else text.lstrip().startswith(value)
    return edge or has_phrase(value, one)


def end_met(demand: Demand, text: str) -> bool:
    """Check the end of a text."""
    return step_met(demand, text) if is_step_name(demand.value) else _edge(demand, text, True)


def begin_met(demand: Demand, text: str) -> bool:
    """Check the beginning of a text."""
    return _edge(demand, text, False)


def is_step_name(value: str) -> bool:
    """Tell that words name a next step or a call to action."""
    return find(LEXICON["step_names"], value) is not None


def step_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """End with a next step: one that the facts give, else the general one."""
    body = [p for p in piece.body if not p.framing]
    own = [p for p in body if p.kind == "next"]
    given = own[-1].text if own else next(
        (s for fact in desk.facts for s in split_line(fact) if is_step(s)), ""
    )
    step = Part(given or LEXICON["phrases"]["step"], "next", 6.0, _last(piece))
    return piece.with_body([*[p for p in body if p.text != step.text], step])


def step_met(demand: Demand, text: str) -> bool:
    """Check that the last statement asks the reader to do something."""
    body = parse(text).body
    return bool(body) and is_step(body[-1].text)


def greet_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Greet somebody by name."""
    name = unquoted(demand.value).strip(" .,")
    if name == "name":
        return piece
    if words(name)[:1] and words(name)[0] in CLASSES["greeting"]:
        greeting = f"{capital(name)},"
    else:
        old = piece.of("greeting")
        word = old.text.split()[0].strip(",") if old else "Dear"
        greeting = f"{word} {name},"
    return replace(piece.set(Part(greeting, "greeting", 8.0)), form="letter")


def greet_met(demand: Demand, text: str) -> bool:
    """Check that the first line has the name."""
    if demand.value == "name":
        return any(word[:1].isupper() for word in text.split("\n")[0].split()[1:])
    return words(demand.value)[-1] in words(text.splitlines()[0]) if text.strip() else False


def sign_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Sign with a name."""
    if piece.of("closing") is None and piece.form == "letter":
        piece = piece.set(Part(LEXICON["phrases"]["closing"], "closing", 2.5))
    kept = replace(piece, parts=tuple(p for p in piece.parts if p.kind != "sign"))
    return kept.set(Part(unquoted(demand.value).strip(" .,"), "sign", 8.0))


def sign_met(demand: Demand, text: str) -> bool:
    """Check that the last line has the name."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and content(demand.value) <= content(" ".join(lines[-2:]))


def subject_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Give it a subject line."""
    if demand.value:
        text = unquoted(demand.value)
    elif piece.body:
        text = headline(piece.body[0].text)
    else:
        return piece
    return piece.set(Part(f"Subject: {capital(text).rstrip('.')}", "subject", 7.0))


def title_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Give it a title."""
    if piece.of("title") is not None and not demand.value:
        old = piece.of("title")
        return piece.swapped(old, replace(old, weight=7.0)) if old else piece
    text = unquoted(demand.value) or (headline(piece.body[0].text) if piece.body else "")
    return piece.set(Part(f"# {capital(text).rstrip('.')}", "title", 7.0)) if text else piece


def headline(text: str) -> str:
    """Make a short line of a statement."""
    bare = text
    for source in sources(text):
        bare = bare.replace(source, "")
    return " ".join(bare.strip(" .!").split()[:9])


def sources_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Leave out claims that no source bears, or take their source from the facts."""
    cited = [fact for fact in desk.facts if sources(fact)]
    own = bool(sources(piece.text))
    for part in piece.body:
        if part.kind == "next" or sources(part.text) or not content(part.text):
            continue
        same = next((f for f in cited if content(part.text) <= content(f)), None)
        if same:
            text = f"{part.text} {' '.join(sources(same))}"
            piece = piece.swapped(part, replace(part, text=text))
        elif (cited or own) and not is_step(part.text):
            piece = piece.without(part)
            if not cited:
                desk.say(f"I left out \"{part.text.rstrip('.')}\": it has no source.")
    if not cited and not sources(piece.text):
        desk.say("I was given no sources to cite.")
    return piece


def unsourced(text: str) -> list[str]:
    """Return the claims of a text that cite no source; requests to the reader claim nothing."""
    body = parse(text).body
    return [p.text for p in body if not sources(p.text) and not is_step(p.text)]


def sources_met(demand: Demand, text: str) -> bool:
    """Check that each claim cites a source."""
    return bool(sources(text)) and not unsourced(text)


def order_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Put the statements in the order asked for; the rest keeps its place behind them."""
    topics = [topic for topic in demand.value.split(" | ")]
    body = list(piece.body)

    def rank(part: Part) -> int:
        return next((i for i, t in enumerate(topics) if speaks_of(part.text, t)), len(topics))

    ranked = sorted(body, key=rank)
    spread = [replace(p, paragraph=body[i].paragraph) for i, p in enumerate(ranked)]
    return piece.with_body(spread)


def read_order(operation: Operation, clause: str) -> list[Demand]:
    """Recognise an order of topics: "first A, then B", "A before B", "start with A"."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    found = [match[name] for name in ("x", "y", "z") if match[name]]
    made = [topic for one in found for topic in one.split(", then ")]
    return [Demand(operation, clause, " | ".join(made))] if len(made) > 1 else []


def order_met(demand: Demand, text: str) -> bool:
    """Check that the topics appear in their order."""
    body = [p.text for p in parse(text).body]
    places = []
    for topic in demand.value.split(" | "):
        places.append(next((i for i, one in enumerate(body) if speaks_of(one, topic)), -1))
    there = [place for place in places if place >= 0]
    return there == sorted(there)


def clauses_of(text: str) -> list[str]:
    """Return the single instructions of a text."""
    return [one for sentence in sentences(text) for one in clauses(sentence)]


def only_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Keep nothing but the statements about some topics."""
    topics = demand.value.split(" | ")
    kept = [p for p in piece.body if any(speaks_of(p.text, topic) for topic in topics)]
    texts = [part.text for part in piece.body]
    near = {nearest(topic, texts) for topic in topics}
    found = kept or [p for p in piece.body if p.text in near]
    return piece.with_body(found) if found else piece


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
              "Apologise for the delay.", act_apply, act_met, "Say: {value}", 0, read_acts),
    Operation("mention", "mentions what is asked for, from the facts it has",
              "Mention the tracking number.", mention_apply, mention_met, "Mention {value}.", 1,
              read_mention),
    Operation("greet", "greets somebody by name", "Address her as Clara.", greet_apply, greet_met,
              "Greet {value} by name.", 3),
    Operation("sign", "signs with a name", "Sign as Priya.", sign_apply, sign_met,
              "Sign as {value}.", 3),
    Operation("subject", "writes a subject line", "Add a subject line.", subject_apply,
              lambda _d, text: text.startswith("Subject:"), "Add a subject line.", 3),
    Operation("title", "writes a title", "Give it a title.", title_apply,
              lambda _d, text: parse(text).of("title") is not None, "Add a title.", 3),
    Operation("begin", "begins with given words", "Begin with \"Good news\".", begin_apply,
              begin_met, "Begin with {value}.", 4),
    Operation("end", "ends with given words or a thank-you", "End with \"See you soon.\"",
              end_apply, end_met, "End with {value}.", 4),
    Operation("step", "ends with a next step for the reader", "End with a next step.", step_apply,
              step_met, "End with a next step for the reader.", 4),
    Operation("sources", "keeps the source of each claim as [id]",
              "Cite the source of every claim as [id].", sources_apply, sources_met,
              "Cite a source as [id] for every claim.", 2),
    Operation("order", "keeps an order of topics", "First the price, then the delivery time.",
              order_apply, order_met, "Put it in this order: {value}.", 3, read_order),
)  # fmt: skip
