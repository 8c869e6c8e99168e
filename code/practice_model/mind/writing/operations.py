"""The table of operations: what the model obeys, what it declines, and the card of both."""

from dataclasses import dataclass

from practice_model.mind.reading.phrases import CLASSES, LEXICON, clauses, find
from practice_model.mind.reading.text import sentences, word_count, words
from practice_model.mind.writing import conditions
from practice_model.mind.writing.contents import CONTENTS, speaks_of
from practice_model.mind.writing.demand import Demand, Desk, Operation
from practice_model.mind.writing.edits import EDITS, protected
from practice_model.mind.writing.formats import FORMATS
from practice_model.mind.writing.frames import FRAMES
from practice_model.mind.writing.limits import LIMIT, without_limits
from practice_model.mind.writing.piece import NOTE, Piece, parse
from practice_model.mind.writing.voice import (
    is_clause,
    is_question,
    questions,
    statement,
    to_reader,
)

OPERATIONS: tuple[Operation, ...] = (LIMIT, *FORMATS, *CONTENTS, *FRAMES, *EDITS)
MOST = 100
"""How many sentences of instructions, and parts of one, are read."""
_ACT = next(op for op in CONTENTS if op.name == "act")
_EXCLUSIVE = {
    "only": "mention", "step": "end", "replace": "mention", "move": "mention", "title": "mention",
    "subject": "mention", "one_word": "limit", "order": "begin",
}  # fmt: skip


@dataclass(frozen=True)
class Declined:
    """Something the model can't do: what it says instead."""

    name: str
    says: str
    example: str
    told: str

    @property
    def patterns(self) -> list[str]:
        """Return the patterns of the lexicon."""
        found: list[str] = LEXICON["declined"][self.name]["patterns"]
        return found


DECLINED = tuple(
    Declined(name, entry["says"], entry["example"], entry["told"])
    for name, entry in LEXICON["declined"].items()
)


def of_clause(clause: str, acts: bool = True) -> list[Demand]:
    """Return what one instruction asks for; without its speech acts if `acts` is false."""
    found: list[Demand] = []
    bare = without_limits(clause)
    for operation in OPERATIONS:
        if acts or operation is not _ACT:
            found += operation.read(operation, bare if operation is _ACT else clause)
    names = {demand.operation.name for demand in found}
    gone = {other for name, other in _EXCLUSIVE.items() if name in names}
    if "act" in names and names & {"mention"}:
        gone.add("mention")
    if "limit" in names:
        gone.add("shorten")
    if "omit" in names:
        gone |= names - {"omit", "limit", "no_exclamation", "plain", "replace", "one_paragraph"}
    if names & {"no_exclamation", "plain", "replace", "bare", "one_paragraph", "limit"}:
        gone.add("omit")
    return [demand for demand in found if demand.operation.name not in gone]


def of_text(text: str, about: str = "") -> list[Demand]:
    """Return what instructions ask for; one under a condition counts if it holds of `about`."""
    found: list[Demand] = []
    for sentence in sentences(text)[:MOST]:
        if find(LEXICON["telling"], sentence):
            continue
        condition, rest, negated = conditions.split(sentence)
        if condition:
            later = conditions.concerns_writer(condition)
            if later or conditions.holds(condition, about, check) == negated:
                continue
            sentence = rest
        sentence, said = colon(sentence.replace(" but not ", "; without "))
        for clause in clauses(sentence)[:MOST]:
            found += of_clause(clause)
        found += [Demand(_ACT, sentence, told, "they") for told in said]
    return settled(found)


def colon(sentence: str) -> tuple[str, list[str]]:
    """Part "Write a note to Sam: the keys are here" into the order and what it is to say."""
    head, found, tail = sentence.partition(": ")
    drafts = (words(head) or [""])[0] in CLASSES["drafting"] or find(
        LEXICON["intents"]["draft"], head
    )
    whole = tail.rstrip().endswith(".") and tail[:1].isupper() and len(tail.split()) > 3
    if not found or not drafts or not (is_clause(tail) or whole) or '"' in head[-1:]:
        return sentence, []
    parts = [part.strip().removeprefix("and ") for part in tail.split(", ")]
    every = parts if len(parts) > 1 and all(map(is_clause, parts)) else [tail]
    return head, [statement(to_reader(one)) for one in every]


def settled(found: list[Demand]) -> list[Demand]:
    """Drop repetitions; of two limits or names for the same thing the later one counts."""
    single = ("greet", "sign", "subject", "title", "end", "begin", "formal", "friendly")
    made: dict[tuple[str, str], Demand] = {}
    for demand in found:
        name = demand.operation.name
        key = demand.value if name not in single else ""
        if name == "limit":
            key += "min" if demand.other == "min" else ""
        made.pop((name, key), None)
        made[name, key] = demand
    return list(made.values())


def check(condition: str, text: str) -> bool | None:
    """Check a condition that operations know; None if it names none of them."""
    for many in (False, True):
        if find(LEXICON["conditions"]["several" if many else "single"], condition):
            return (things(text) > 1) == many
    checked = LEXICON["judging"]["checked"]
    found = [d for d in of_clause(condition, acts=False) if d.operation.name in checked]
    return all(demand.met(text) for demand in found) if found else None


def things(text: str) -> int:
    """Count the things that a text asks for: its questions, or the topics it wants mentioned."""
    topics = [d for d in of_text(text) if d.operation.name == "mention"]
    asked = [part for q in questions(text) if is_question(q) for part in q.split(", ")]
    return max(len(topics), len(asked), 1)


def declined(text: str) -> list[str]:
    """Return a sentence for each thing asked for that the model can't do."""
    told = []
    for entry in DECLINED:
        every = ((one, find(entry.patterns, one)) for one in sentences(text))
        match = next(
            (m for one, m in every if m and not find(LEXICON["negating"], one[: m.start])), None
        )
        if match:
            told.append(entry.told.format(x=match["x"] or match["language"].capitalize()))
    return told


def obey(piece: Piece, demands: list[Demand], desk: Desk, refused: list[str]) -> str:
    """Apply the demands in their order, check each, and say in one sentence what is unmet."""
    staged = sorted(demands, key=lambda demand: demand.operation.stage)
    for demand in staged:
        if demand.operation.stage < 6:
            piece = demand.apply(piece, desk)
    piece = protected(piece, demands)
    finishing = [demand for demand in staged if demand.operation.stage >= 6]
    for note in refused:
        desk.say(note)
    if not piece.body and piece.form != "letter":
        desk.say("Nothing is left to say then.")
    text = _finished(piece, finishing, desk, spare=sum(word_count(n) for n in desk.notes))
    barred = [d.value for d in demands if d.operation.name == "omit"]
    unmet = [
        d
        for d in demands
        if not d.met(text)
        and not _said(d, desk)
        and not (d.operation is _ACT and any(speaks_of(d.value, one) for one in barred))
    ]
    if unmet:
        desk.say(f"Not done: {'; '.join(d.change.rstrip('.') for d in unmet)}.")
    quiet = any(d.operation.name in ("json", "one_word", "bare", "yes_no") for d in demands)
    if quiet and not refused:
        return text
    note = f"{NOTE}{' '.join(desk.notes)}" if text.strip() else " ".join(desk.notes)
    return "\n\n".join([text, note]).strip() if desk.notes else text


def _said(demand: Demand, desk: Desk) -> bool:
    topic = demand.value.removeprefix("her ").removeprefix("his ").removeprefix("the ")
    return any(topic in note for note in desk.notes)


def _finished(piece: Piece, finishing: list[Demand], desk: Desk, spare: int) -> str:
    """Apply limits and final formats; a note beside the text is counted with it."""
    for demand in finishing:
        limited = demand.operation is LIMIT and demand.value == "word" and demand.other == "max"
        if limited and spare and demand.number - spare >= 5:
            demand = Demand(LIMIT, demand.source, "word", "max", demand.number - spare)
        piece = demand.apply(piece, desk)
    return piece.text


def tidy(text: str, demands: list[Demand], facts: list[str] | None = None) -> str:
    """Bring an answer into the form that instructions ask for."""
    formal = [d for d in demands if d.operation.stage >= 5 or d.operation.name == "omit"]
    return text if not formal else obey(parse(text), formal, Desk(facts or []), [])


def card() -> str:
    """Return what the model obeys and what it can't do, with an example of each, as markdown."""
    lines = ["**It obeys**", ""]
    lines += [f"- It {op.says}: *{op.example}*" for op in OPERATIONS]
    lines += ["", "**It says that it can't**", ""]
    lines += [f"- {entry.says}: *{entry.example}*" for entry in DECLINED]
    return "\n".join(lines)
