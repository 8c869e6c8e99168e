"""Demands: what an instruction asks of a text, how it is done, and how it is checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from practice_model.mind import vectors
from practice_model.mind.reading.phrases import LEXICON, Match, find
from practice_model.mind.reading.text import COMMON, alike, content, cover, stem, uncited, words
from practice_model.mind.reading.values import has_kind, kind_of
from practice_model.mind.writing.piece import Piece

_MARGIN = 0.2
"""Words whose vectors are less alike have nothing to do with each other."""


@dataclass
class Desk:
    """What a writer has at hand: facts to write from, and what has to be said aloud."""

    facts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    letter: bool = False
    names: list[str] = field(default_factory=list)

    def say(self, note: str) -> None:
        """Keep a sentence that must be said beside the text."""
        if note not in self.notes:
            self.notes.append(note)

    def about(self, topic: str, most: int = 2) -> list[str]:
        """Return the facts that speak of a topic, the best first."""
        return ranked(topic, self.facts, most)


def ranked(
    topic: str, facts: list[str], most: int = 2, least: float = 0.34, context: str = ""
) -> list[str]:
    """Return the facts that share rare words with a topic, best first; none below `least`.

    Of equal ones, that which shares more with the context comes first.
    """
    wanted = content(topic)
    if not wanted:
        return []
    have = [content(uncited(fact)) for fact in facts]
    rarity = {
        one: 1 / (1 + sum(any(alike(one, other) for other in each) for each in have))
        for one in wanted
    }
    total = sum(rarity.values())
    scored = []
    for place, fact in enumerate(facts):
        if near_miss(topic, have[place]):
            continue
        near = cover(content(context), fact)
        if has_kind(fact, topic):
            scored.append((-1.5, -near, place, fact))
            continue
        hit = sum(rarity[one] for one in wanted if any(alike(one, o) for o in have[place]))
        if hit / total >= least:
            scored.append((-hit, -near, place, fact))
    return [fact for *_, fact in sorted(scored)[:most]]


def near_miss(topic: str, there: set[str]) -> bool:
    """Tell that stems have what a noun is qualified by, and nothing like the noun itself.

    Steel nibs are no source on "steel drums".
    """
    every = words(topic)
    if len(every) != 2 or every[1] in COMMON or kind_of(topic):
        return False
    head = stem(every[1])
    if any(alike(head, one) for one in there):
        return False
    return max((vectors.similarity(every[1], one) for one in there), default=0.0) < _MARGIN


def nearest(topic: str, texts: Sequence[str]) -> str:
    """Return the text whose meaning is clearly nearest to a topic; nothing if none is."""
    scored = sorted(((vectors.similarity(topic, t), t) for t in texts), reverse=True)
    clear = (
        scored and scored[0][0] > 0.15 and (len(scored) == 1 or scored[0][0] - scored[1][0] > 0.06)
    )
    return scored[0][1] if clear else ""


@dataclass(frozen=True)
class Demand:
    """One thing that an instruction asks for."""

    operation: "Operation"
    source: str
    value: str = ""
    other: str = ""
    number: int = 0

    def apply(self, piece: Piece, desk: Desk) -> Piece:
        """Do it to a text."""
        return self.operation.apply(self, piece, desk)

    def met(self, text: str) -> bool:
        """Check a finished text."""
        return self.operation.met(self, text)

    @property
    def change(self) -> str:
        """Say what a text must change that fails the check."""
        told = self.operation.asks
        return told.format(value=self.value, other=self.other, n=self.number)


Reader = Callable[["Operation", str], list[Demand]]


def by_patterns(operation: "Operation", clause: str) -> list[Demand]:
    """Recognise an operation by its patterns; the slots x and y become value and other."""
    match = find(operation.patterns, clause)
    return [operation.demand(clause, match)] if match else []


@dataclass(frozen=True)
class Operation:
    """A thing the model can be told to do: recogniser, doing and check."""

    name: str
    says: str
    example: str
    apply: Callable[[Demand, Piece, Desk], Piece]
    met: Callable[[Demand, str], bool]
    asks: str = ""
    stage: int = 3
    read: Reader = by_patterns

    @property
    def patterns(self) -> list[str]:
        """Return the patterns of the lexicon."""
        found: list[str] = LEXICON["operations"].get(self.name, [])
        return found

    def demand(self, clause: str, match: Match) -> Demand:
        """Make a demand from a pattern that was found."""
        return Demand(self, clause, match["x"], match["y"], match.number)


def always(_demand: Demand, _text: str) -> bool:
    """Pass: the operation leaves nothing to check in a text alone."""
    return True


def mentions(text: str, topic: str) -> bool:
    """Tell that a text speaks of a topic: all its meaningful words, or most of a long one."""
    for joint in (" such as ", " like ", " for example "):
        if joint in topic:
            named = topic.split(joint, 1)[1].replace(" or ", ", ").replace(" and ", ", ")
            return any(mentions(text, one) for one in named.split(", ") if one.strip())
    wanted = content(topic)
    if not wanted:
        return topic.lower() in text.lower()
    least = 1.0 if len(wanted) < 3 else 0.66
    return cover(wanted, text) >= least
