"""A text as its parts: title, greeting, statements, next step, closing, signature."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from practice_model.mind.reading.phrases import CLASSES, LEXICON, find
from practice_model.mind.reading.text import capital, ended, mark, sentences, sources, words

NOTE = "Note: "
"""How a sentence beside the text begins; it is no part of the text."""
FRAME = ("title", "subject", "greeting", "closing", "sign")
"""The kinds of part around the statements."""


@dataclass(frozen=True)
class Part:
    """One part of a text. Those with the lowest weight are left out first."""

    text: str
    kind: str = "body"  # title subject greeting body next closing sign heading
    weight: float = 3.0
    paragraph: int = 0
    mark: str = ""

    @property
    def framing(self) -> bool:
        """Tell that it is no statement."""
        return self.kind in FRAME or self.kind == "heading"


@dataclass(frozen=True)
class Piece:
    """A text in parts. `form` is "letter", "page", "list" or "text"."""

    parts: tuple[Part, ...] = ()
    form: str = "text"

    @property
    def body(self) -> list[Part]:
        """Return the statements."""
        return [part for part in self.parts if not part.framing]

    def of(self, kind: str) -> Part | None:
        """Return the first part of a kind."""
        return next((part for part in self.parts if part.kind == kind), None)

    def without(self, *parts: Part) -> Self:
        """Leave parts out."""
        gone = {id(part) for part in parts}
        return replace(self, parts=tuple(p for p in self.parts if id(p) not in gone))

    def swapped(self, old: Part, *new: Part) -> Self:
        """Put parts in the place of one."""
        made: list[Part] = []
        for part in self.parts:
            made += new if part is old else [part]
        return replace(self, parts=tuple(made))

    def set(self, part: Part) -> Self:
        """Put the only part of its kind where that kind stands; an old one goes."""
        kept = [p for p in self.parts if p.kind != part.kind]
        order = ("subject", "title", "greeting", "heading", "body", "next", "closing", "sign")
        rank = order.index(part.kind)
        place = next((i for i, p in enumerate(kept) if order.index(p.kind) > rank), len(kept))
        kept.insert(place, part)
        return replace(self, parts=tuple(kept))

    def with_body(self, body: Iterable[Part]) -> Self:
        """Put other statements between the frame's parts."""
        before = [p for p in self.parts if p.kind in ("title", "subject", "greeting")]
        after = [p for p in self.parts if p.kind in ("closing", "sign")]
        return replace(self, parts=(*before, *body, *after))

    def add(self, text: str, weight: float = 4.0, first: bool = False) -> Self:
        """Add a statement at the end, before the next step, or at the beginning."""
        body = [p for p in self.parts if p.kind not in FRAME]
        tagged = body[-1].mark if body else ""
        said = text if text[:1] == "#" else capital(ended(text))
        part = Part(said, "body", weight, body[-1].paragraph if body else 0, tagged)
        steps = [p for p in body if p.kind == "next"]
        rest = [p for p in body if p.kind != "next"]
        return self.with_body([part, *rest, *steps] if first else [*rest, part, *steps])

    @property
    def text(self) -> str:
        """Return the text as it is sent."""
        return render(self)


def render(piece: Piece) -> str:
    """Write a piece down: marks and headings on lines, statements joined to paragraphs."""
    lines: list[str] = []
    last: Part | None = None
    number = 0
    for part in piece.parts:
        text = part.text
        if part.mark:
            number += 1
            text = (f"{number}. " if part.mark[0].isdigit() else part.mark) + text
        glued = (
            last is not None
            and not (part.framing or last.framing or part.mark or last.mark)
            and part.paragraph == last.paragraph
        )
        if glued:
            lines[-1] += f" {text}"
        elif last is None:
            lines.append(text)
        else:
            tight = (part.mark and last.mark) or (part.kind == "sign" and last.kind == "closing")
            lines.append(("\n" if tight else "\n\n") + text)
        last = part
    return "".join(lines)


def _is_greeting(line: str) -> bool:
    first = words(line)[:1]
    most = 7 if line[-1] in ",:!" else 3
    greets = bool(first) and first[0] in CLASSES["greeting"]
    return greets and len(line.split()) <= most and "," not in line[:-1]


def is_step(text: str) -> bool:
    """Tell that a sentence asks its reader to do something."""
    return find(LEXICON["next_step"], text) is not None


def parse(text: str) -> Piece:
    """Take a text apart."""
    made: list[Part] = []
    paragraph = 0
    for raw in text.strip().splitlines():
        line = raw.strip()
        if not line or line.startswith(NOTE):
            paragraph += 1
            continue
        after = made[-1].kind if made else ""
        if after in ("closing", "sign"):
            made.append(Part(line, "sign", 6.0, paragraph))
        elif line.startswith("#") or (line.startswith("**") and line.endswith("**")):
            made.append(Part(line, "heading" if made else "title", 2.0, paragraph))
        elif line.lower().startswith("subject:"):
            made.append(Part(line, "subject", 5.0, paragraph))
        elif _is_greeting(line) and after in ("", "subject", "title"):
            made.append(Part(line, "greeting", 4.0, paragraph))
        elif len(line.split()) <= 5 and find(LEXICON["closing"], line) is not None:
            made.append(Part(line, "closing", 2.5, paragraph))
        elif not made and "\n" in text.strip() and len(line.split()) < 9 and line[-1] not in ".!?:":
            made.append(Part(line, "title", 2.0, paragraph))
        else:
            sign = mark(line)
            for one in sentences(line[len(sign) :]):
                kind = "next" if is_step(one) and not sources(one) else "body"
                made.append(Part(one, kind, 3.0, paragraph, sign))
                sign = ""
            if mark(line):
                paragraph += 1
    kinds = {part.kind for part in made}
    marked = [part for part in made if part.mark]
    form = "letter" if "greeting" in kinds or "closing" in kinds else "text"
    if form == "text":
        form = "page" if "title" in kinds else ("list" if len(marked) > 1 else "text")
    return Piece(tuple(made), form)
