"""The one reading of a request: plain data that every other part of the mind works from.

`read(messages)` in `practice_model.mind.reading` makes a `Reading`. Nothing downstream
parses messages again. Offsets count characters of the text the object belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Kinds of spans. `value` is normalised as noted; `text` is always what was written.
#   number    int or float ("two dozen" -> 24, "minus 5" -> -5, "45,50" -> 45.5)
#   quantity  number with a `unit` of measurement ("kg", "%", "degree", "page" for counted nouns)
#   money     number; `unit` is the ISO code
#   range     (low, high), both numbers; `unit` as above ("3-5 days")
#   date      ISO date "2026-05-17"; a weekday or "tomorrow" stays as written if no today is known
#   time      "HH:MM"
#   duration  seconds; `unit` is the unit as written, singular ("minute")
#   email url path domain phone id version handle   str
#   quote     the text between the quotation marks
#   address   a street with its number
#   name      capitalised words that belong together
#   noun      a chunk of lower-case content words ("rear brake"), without its determiner
#   slug      a lower-case name with hyphens ("checkout-api")
#   ordinal   int ("the second one" -> 2)
#   clause    what is said after "that", "because", "saying", "about" or ":", to the clause's end


@dataclass(frozen=True)
class Span:
    """A piece of a text with a kind and a normalised value."""

    start: int
    end: int
    kind: str
    text: str
    value: Any = None
    unit: str = ""
    before: str = ""  # the preposition in front, lower case ("from", "to")
    label: str = ""  # the noun right in front ("order" in "order 55172"), lower case
    group: int = -1  # spans in one enumeration ("leeks, potatoes and cream") share a number
    quoted: bool = False  # stands inside a quotation
    negated: bool = False  # "no projector", "without a bag"
    corrected: bool = False  # withdrawn by a later correction: never use it

    @property
    def amount(self) -> float | int | None:
        """Return the number in the span, if it holds exactly one."""
        return self.value if isinstance(self.value, int | float) else None


@dataclass(frozen=True)
class Sentence:
    """A sentence or list item of a text."""

    start: int
    end: int
    text: str
    mood: str = "statement"  # statement | question | command
    bullet: bool = False  # a line of a list, without its mark

    @property
    def words(self) -> int:
        """Count the words."""
        return len(self.text.split())


@dataclass(frozen=True)
class Clause:
    """One thing asked or told within a sentence: "cancel order 8802".

    `verb` is its command's verb ("" for questions and statements); `condition` the text of an "if"
    that governs it; `prohibited` is set for "don't …", "but not …".
    """

    start: int
    end: int
    text: str
    verb: str = ""
    mood: str = "statement"
    prohibited: bool = False
    condition: str = ""


@dataclass(frozen=True)
class Section:
    """A labelled part of a text: "Notes: …", <notes>…</notes>, "## Notes", fenced blocks.

    `label` is lower case without markup ("notes", "draft", "customer message").
    """

    label: str
    body: str
    start: int
    end: int
    markup: str  # colon | tag | heading | fence


@dataclass(frozen=True)
class Passage:
    """One text that was read: its sentences, spans and labelled sections.

    `prose` are the sentences outside all sections: what was said rather than handed over.
    """

    text: str
    sentences: tuple[Sentence, ...] = ()
    spans: tuple[Span, ...] = ()
    sections: tuple[Section, ...] = ()
    prose: tuple[Sentence, ...] = ()
    clauses: tuple[Clause, ...] = ()  # of the prose

    def of(self, *kinds: str) -> Iterator[Span]:
        """Yield the valid spans of these kinds in order."""
        return (s for s in self.spans if s.kind in kinds and not s.corrected)

    def section(self, *labels: str) -> Section | None:
        """Return the last section with one of these words in its label."""
        for section in reversed(self.sections):
            words = section.label.split()
            if any(label == section.label or label in words for label in labels):
                return section
        return None


@dataclass(frozen=True)
class PastCall:
    """A tool call of an earlier turn; `result` is None while it has not been answered."""

    name: str
    arguments: dict[str, Any]
    result: str | None
    data: Any = None  # the result read as JSON, or its text
    failed: bool = False


@dataclass(frozen=True)
class Turn:
    """One message that is no instruction: role, text, speaker's name and its calls."""

    role: str  # user | assistant | tool
    text: str
    name: str = ""
    calls: tuple[PastCall, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One value out of a tool result or a JSON text: `path` ("orders.0.total"), newest age 0."""

    path: str
    value: Any
    source: str  # the tool's name, or "user"/"system" for JSON in a message
    age: int = 0  # 0: given since the last request; n: before the n-th last request
    record: int = 0  # facts of one object share it

    @property
    def key(self) -> str:
        """Return the last name in the path that is no index."""
        parts = [part for part in self.path.split(".") if not part.isdigit()]
        return parts[-1] if parts else ""


@dataclass(frozen=True)
class Wish:
    """What is asked last: the request's own words, without what was handed over with it."""

    text: str
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Everything a request tells, read once."""

    system: Passage
    request: Passage  # the last user message
    wish: Wish
    turns: tuple[Turn, ...] = ()
    passages: tuple[Passage, ...] = ()  # of the turns, index for index
    request_index: int = -1  # of the request among the turns
    facts: tuple[Fact, ...] = ()  # newest first
    since: tuple[PastCall, ...] = ()  # calls made for this request
    before: tuple[PastCall, ...] = ()  # calls made for earlier requests
    today: str = ""  # ISO date, if a message tells it

    @property
    def answered(self) -> bool:
        """Tell that the newest message is a tool's result."""
        return bool(self.turns) and self.turns[-1].role == "tool"

    def earlier(self, role: str) -> Iterator[Turn]:
        """Yield the turns of a role before the request, newest first."""
        return (t for t in reversed(self.turns[: max(self.request_index, 0)]) if t.role == role)
