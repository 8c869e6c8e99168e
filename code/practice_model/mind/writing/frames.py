"""The frame of a text: beginning, end, greeting, signature, title, sources, order of topics."""

from dataclasses import replace

from practice_model.mind import vectors
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, tokens, unquoted
from practice_model.mind.reading.text import (
    capital,
    content,
    cover,
    has_phrase,
    sentences,
    sources,
    uncited,
    words,
)
from practice_model.mind.writing.contents import as_topic, last_paragraph, speaks_of
from practice_model.mind.writing.demand import Demand, Desk, Operation, mentions
from practice_model.mind.writing.piece import Part, Piece, is_step, parse
from practice_model.mind.writing.voice import is_clause, statement, to_reader


def begin_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Begin with given words, or with what the facts say of them."""
    said = _said(demand, piece, desk)
    if said is None:
        return piece
    said += ":" if f"{said}:" in demand.source else ""
    moved = [p for p in piece.body if p.text != said]
    first = Part(said, "body", 7.0, moved[0].paragraph if moved else 0)
    if words(said)[:1] and words(said)[0] in CLASSES["greeting"] and len(said.split()) < 5:
        return piece.set(Part(said, "greeting", 8.0))
    quoted = demand.value in demand.source and demand.source.count('"') > 1
    if quoted:
        bare = [p for p in piece.parts if p.kind not in ("greeting", "subject", "title")]
        return replace(piece, parts=(replace(first, text=unquoted(demand.value)), *bare))
    return piece.with_body([first, *moved])


def read_begin(operation: Operation, clause: str) -> list[Demand]:
    """Recognise given first words; a list's mark or "Subject:" asks for that form instead."""
    match = find(operation.patterns, clause)
    if match is None:
        return []
    said = unquoted(match["x"])
    if not words(said):
        return []
    if said.lower().startswith("subject"):
        rest = said.partition(":")[2].strip(" .…")
        return [Demand(SUBJECT, clause, rest)]
    return [operation.demand(clause, match)]


def read_headings(operation: Operation, clause: str) -> list[Demand]:
    """Recognise the headings that a text is to have, in their order."""
    match = find(operation.patterns, clause)
    told = [unquoted(t.text) for t in tokens(match["x"] if match else "") if t.quoted]
    told = told or [unquoted(t.text) for t in tokens(clause) if t.quoted and t.text[1:3] == "##"]
    return [Demand(operation, clause, " | ".join(told))] if told else []


def headings_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Put each statement under the heading it is nearest to."""
    heads = demand.value.split(" | ")
    under: dict[str, list[Part]] = {head: [] for head in heads}
    for part in piece.body:
        near = vectors.similarity
        under[max(heads, key=lambda h: near(h, part.text) + cover(content(h), part.text))] += [part]
    body: list[Part] = []
    for place, head in enumerate(heads):
        sign = "" if head.startswith(("#", "*")) else "## "
        body.append(Part(f"{sign}{head}", "heading", 7.0, 2 * place))
        body += [replace(p, paragraph=2 * place + 1, weight=6.0) for p in under[head]]
    return replace(piece.with_body(body), form="page")


def headings_met(demand: Demand, text: str) -> bool:
    """Check that every heading has a line of its own."""
    lines = {line.strip("#* ") for line in text.splitlines()}
    return all(head.strip("#* ") in lines for head in demand.value.split(" | "))


def end_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """End with given words: after everything if they are quoted, else as the last statement."""
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
    desk.say(f"I have nothing to say about {as_topic(value)}.")
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


def step_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """End with a next step: one that the facts give, else the general one."""
    body = [p for p in piece.body if not p.framing]
    own = [p for p in body if p.kind == "next"]
    given = (
        own[-1].text
        if own
        else next((s for fact in desk.facts for s in sentences(fact) if is_step(s)), "")
    )
    step = Part(given or LEXICON["phrases"]["step"], "next", 6.0, last_paragraph(piece))
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
    text = unquoted(demand.value) or (headline(piece.body[0].text) if piece.body else "")
    return piece.set(Part(f"# {capital(text).rstrip('.')}", "title", 7.0)) if text else piece


def headline(text: str) -> str:
    """Make a short line of a statement."""
    return " ".join(uncited(text).strip(" .!").split()[:9])


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
                desk.say(f'I left out "{part.text.rstrip(".")}": it has no source.')
    if not cited and not sources(piece.text):
        desk.say("I was given no sources to cite.")
    return piece


def unsourced(text: str) -> list[str]:
    """Return the claims of a text that cite no source; requests to the reader claim nothing."""
    body = parse(text).body
    return [p.text for p in body if not sources(p.text) and not is_step(p.text)]


def order_apply(demand: Demand, piece: Piece, desk: Desk) -> Piece:
    """Put the statements in the order asked for; the rest keeps its place behind them."""
    topics = demand.value.split(" | ")
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


SUBJECT = Operation("subject", "writes a subject line", "Add a subject line.", subject_apply,
                    lambda _d, text: text.startswith("Subject:"),
                    "Add a subject line.", 3)  # fmt: skip
FRAMES = (
    Operation("greet", "greets somebody by name", "Address her as Clara.", greet_apply, greet_met,
              "Greet {value} by name.", 3),
    Operation("sign", "signs with a name", "Sign as Priya.", sign_apply, sign_met,
              "Sign as {value}.", 3),
    SUBJECT,
    Operation("headings", "writes under the headings named", 'Use the headings "Done" and "Open".',
              headings_apply, headings_met, "Use these headings: {value}.", 4, read_headings),
    Operation("title", "writes a title", "Give it a title.", title_apply,
              lambda _d, text: parse(text).of("title") is not None, "Add a title.", 3),
    Operation("begin", "begins with given words", "Begin with \"Good news\".", begin_apply,
              lambda d, text: _edge(d, text, False), "Begin with {value}.", 4, read_begin),
    Operation("end", "ends with given words or a thank-you", "End with \"See you soon.\"",
              end_apply, lambda d, text: _edge(d, text, True), "End with {value}.", 4),
    Operation("step", "ends with a next step for the reader", "End with a next step.", step_apply,
              step_met, "End with a next step for the reader.", 4),
    Operation("sources", "keeps the source of each claim as [id]",
              "Cite the source of every claim as [id].", sources_apply,
              lambda _d, text: bool(sources(text)) and not unsourced(text),
              "Cite a source as [id] for every claim.", 2),
    Operation("order", "keeps an order of topics", "First the price, then the delivery time.",
              order_apply, order_met, "Put it in this order: {value}.", 3, read_order),
)  # fmt: skip
