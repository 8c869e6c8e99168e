"""Formats: one word, bare value, JSON, bullets, numbers, letter case, tone, plain text."""

import json
from collections.abc import Callable
from dataclasses import replace

from practice_model.mind.reading.phrases import CLASSES, LEXICON, find
from practice_model.mind.reading.text import capital, mark, words
from practice_model.mind.writing.demand import Demand, Desk, Operation, always
from practice_model.mind.writing.edits import replaced
from practice_model.mind.writing.limits import as_points
from practice_model.mind.writing.piece import Part, Piece
from practice_model.mind.writing.voice import to_reader

Doing = Callable[[Demand, Piece, Desk], Piece]


def _same(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    return piece


def read_bare(operation: Operation, clause: str) -> list[Demand]:
    """Recognise "answer with the number only"; "answer only from the context" is no format."""
    found = [m for p in operation.patterns if (m := find([p], clause))]
    limits = any(words(m["x"])[:1] in _NO_BARE for m in found)
    return [operation.demand(clause, found[0])] if found and not limits else []


_NO_BARE = [[w] for w in ["from", "using", "with", "based", "in", "if", "when", "what"]]


def _texts(change: Callable[[str], str]) -> Doing:
    return lambda _demand, piece, _desk: replace(
        piece, parts=tuple(replace(p, text=change(p.text)) for p in piece.parts)
    )


def _listed(sign: str) -> Doing:

    def apply(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
        piece = as_points(piece, sign=sign)
        return replace(
            piece, parts=tuple(replace(p, mark=sign) if p.mark else p for p in piece.parts)
        )

    return apply


def _paragraph_form(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    return replace(
        piece, form="text", parts=tuple(replace(p, mark="", paragraph=0) for p in piece.parts)
    )


def _marked(text: str, digits: bool) -> bool:
    marks = [mark(line) for line in text.splitlines() if mark(line)]
    return bool(marks) and all(one[0].isdigit() == digits for one in marks)


def _to_json(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    body = [part.text for part in piece.body]
    told: dict[str, object] = {}
    if piece.form == "list" and len(body) > 1:
        told["points"] = body
    else:
        told["text"] = " ".join(p.text for p in piece.parts if p.kind not in ("title", "subject"))
    return Piece((Part(json.dumps(told, ensure_ascii=False)),))


def is_json(text: str) -> bool:
    """Tell that a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _plain(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    parts = [
        replace(p, text=p.text.replace("**", "").lstrip("# ").replace("`", ""), mark="")
        for p in piece.parts
    ]
    return replace(piece, parts=tuple(parts))


def _swap_words(text: str, pairs: list[list[str]]) -> str:
    """Put words of one tone in the place of the other's; each keeps its capital."""
    for old, new in pairs:
        text = replaced(text, old, new)
    return text


def _toned(tone: str, piece: Piece) -> Piece:
    pairs = LEXICON["tone"][tone]
    parts = []
    for part in piece.parts:
        text = _swap_words(part.text, pairs)
        if tone == "formal":
            text = text.replace("!", "," if part.kind == "greeting" else ".")
            text = "Dear Sir or Madam," if text == "Dear," else text
        parts.append(replace(part, text=text))
    return replace(piece, parts=tuple(parts))


def _formal(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    piece = _toned("formal", piece)
    asks = CLASSES["instructing"]
    parts = tuple(
        replace(p, text=f"Please {p.text[0].lower()}{p.text[1:]}")
        if p.text.split(" ")[0].lower() in asks and not p.framing
        else replace(p, text=capital(p.text))
        for p in piece.parts
    )
    return replace(piece, parts=parts)


def _friendly(_demand: Demand, piece: Piece, desk: Desk) -> Piece:
    piece = _toned("friendly", piece)
    warm = LEXICON["phrases"]["warm"]
    if piece.form == "letter" and warm not in piece.text:
        closing = Part(warm, "body", 2.0, max((p.paragraph for p in piece.body), default=0))
        piece = piece.with_body([*piece.body, closing])
    return piece


def _keeps(tone: str, text: str) -> bool:
    return _swap_words(text, LEXICON["tone"][tone]) == text


def _sorted(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    body = piece.body
    if len(body) == 1 and ", " in body[0].text:
        items = sorted(one.strip(" .") for one in body[0].text.replace(" and ", ", ").split(","))
        return piece.swapped(body[0], replace(body[0], text=", ".join(i for i in items if i)))
    return piece.with_body(sorted(body, key=lambda part: part.text.lower()))


def _comma(_demand: Demand, piece: Piece, _desk: Desk) -> Piece:
    body = [part.text.rstrip(".") for part in piece.body]
    return Piece((Part(", ".join(body)),))


FORMATS = (
    Operation("one_word", "answers in one word", "Answer in one word.", _same,
              lambda _d, text: len(text.split()) == 1, "Make it one word.", 8),
    Operation("bare", "gives a bare name, number or value, and nothing else",
              "Answer with the number only.", _same,
              lambda _d, text: len(text.split()) < 9 and "\n" not in text, "Give the bare value.",
              8, read_bare),
    Operation("yes_no", "answers with yes or no", "Answer with yes or no.", _same,
              lambda _d, text: text.strip(" .!").lower() in ("yes", "no"),
              "Answer with yes or no.", 8),
    Operation("json", "writes JSON", "Answer as JSON.", _to_json,
              lambda _d, text: is_json(text), "Write it as JSON.", 9),
    Operation("numbered", "writes a numbered list", "Use a numbered list.", _listed("1. "),
              lambda _d, text: _marked(text, digits=True), "Number the points.", 5),
    Operation("bullets", "writes bullet points", "Use bullet points.", _listed("- "),
              lambda _d, text: _marked(text, digits=False), "Write it as bullet points.", 5),
    Operation("one_paragraph", "writes running text in place of a list",
              "Write it as one paragraph.", _paragraph_form,
              lambda _d, text: not any(mark(line) for line in text.splitlines()),
              "Write it as running text.", 5),
    Operation("comma", "separates items with commas", "Separate them with commas.", _comma,
              lambda _d, text: "\n" not in text, "Separate the items with commas.", 7),
    Operation("upper", "writes in capital letters", "Write it in upper case.", _texts(str.upper),
              lambda _d, text: text == text.upper(), "Write it in upper case.", 9),
    Operation("lower", "writes in lower case", "Write it in lower case.", _texts(str.lower),
              lambda _d, text: text == text.lower(), "Write it in lower case.", 9),
    Operation("plain", "leaves out markdown", "Use plain text, no markdown.", _plain,
              lambda _d, text: not any(s in text for s in ("**", "# ", "`", "\n- ")),
              "Leave out the markdown.", 7),
    Operation("no_exclamation", "avoids exclamation marks", "Don't use exclamation marks.",
              _texts(lambda text: text.replace("!", ".").replace("..", ".")),
              lambda _d, text: "!" not in text, "Leave out the exclamation marks.", 7),
    Operation("formal", "takes a formal tone: greeting, closing, no contractions",
              "Make it formal.", _formal,
              lambda _d, text: "!" not in text and _keeps("formal", text),
              "Make it more formal.", 4),
    Operation("second_person", "speaks to the reader as you", "Write it in the second person.",
              _texts(lambda text: capital(to_reader(text, "they"))), always,
              "Speak to the reader as you.", 3),
    Operation("sort", "sorts items by the alphabet", "Sort them alphabetically.", _sorted, always,
              "Sort it alphabetically.", 5),
    Operation("friendly", "takes a friendly tone: greeting and closing", "Make it friendly.",
              _friendly, lambda _d, text: _keeps("friendly", text), "Make it friendlier.", 4),
)  # fmt: skip
