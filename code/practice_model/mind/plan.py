"""The plan for a request with tools: which calls to make now, or what to ask for."""

from collections.abc import Sequence
from dataclasses import replace

from practice_model.mind import arithmetic, follow
from practice_model.mind.derive import derived
from practice_model.mind.execute import Decision, distributed, execute
from practice_model.mind.lists import parts
from practice_model.mind.parameters import Tool, kind_of, name_words, resolve
from practice_model.mind.reading.model import Clause, Passage, Reading
from practice_model.mind.reading.tokens import stem
from practice_model.mind.records import answered
from practice_model.mind.reply import ToolCall
from practice_model.mind.sources import complete
from practice_model.mind.tools import (
    CALL,
    Choice,
    Deed,
    Planned,
    deed_of,
    looks,
    points,
    rank,
    verbal,
)

TELLS = 1.45  # a statement has to fit a tool better than a command does
POINTS = 0.4  # "cancel both": the verb is all there is
SURE = 3.2  # beside a command, a statement is mostly its context


def decide(reading: Reading, tools: Sequence[Tool], *, required: bool = False) -> Decision:
    """Decide on the calls for a request."""
    sums = arithmetic.decide(reading, tools)
    if sums is not None:
        return Decision(sums)
    if answered(reading) and not required:
        return Decision()
    planned = plan(reading, tools)
    changed = follow.updated(reading, tools, planned)
    if changed:
        return Decision(changed)
    if not planned or follow.refers(reading):
        again = follow.follow_up(reading, tools, planned)
        if again is not None:
            calls = _fresh(reading, again)
            return Decision(calls)
    if not planned and required:
        planned = _forced(reading, tools)
    return execute(reading, tools, planned)


def plan(reading: Reading, tools: Sequence[Tool]) -> list[Planned]:
    """Turn the request's clauses into calls, in order."""
    passage = reading.request
    picked: list[tuple[Deed, Choice]] = []
    for clause in passage.clauses:
        if clause.prohibited or not clause.text.strip():
            continue
        deed = deed_of(passage, clause)
        best = _best(deed, tools)
        least = TELLS if clause.mood == "statement" else POINTS if points(deed) else CALL
        if (
            best is not None
            and best.score >= least
            and (least > POINTS or verbal(deed, best.tool) > 0.5)
        ):
            picked.append((deed, best))
            picked += _beside(deed, best, tools)
    if any(d.clause and d.clause.mood != "statement" for d, _ in picked):
        picked = [
            (d, c)
            for d, c in picked
            if (d.clause and d.clause.mood != "statement") or (c.score >= SURE and not c.missing)
        ]
    if not picked:
        whole = _whole(passage)
        best = _best(whole, tools) if whole else None
        if best is not None and whole and best.score >= TELLS and not best.missing:
            picked = [(whole, best)]
    found: list[Planned] = []
    for deed, choice in picked:
        found += _expanded(reading, deed, choice, picked)
    return [p for p in found if not _prohibited(p, passage, tools)]


def _beside(deed: Deed, choice: Choice, tools: Sequence[Tool]) -> list[tuple[Deed, Choice]]:
    """Find the further objects of one verb: "book a flight to Oslo and a room at the Lark"."""
    used = [b.span for b in choice.bindings if b.span is not None]
    others = [t for t in tools if t.name != choice.tool.name]
    found = []
    for start, end in parts(deed)[1:]:
        spans = tuple(s for s in deed.spans if start <= s.start and s.end <= end)
        shared = {s.group for s in used if s.group >= 0} & {s.group for s in spans}
        if len(spans) < 2 or shared or any(s.start < end and start < s.end for s in used):
            continue
        lead = f"{deed.verb} "
        part = replace(
            deed, text=lead + deed.source[start:end], spans=spans, start=start - len(lead)
        )
        best = _best(part, others) if others else None
        if best is not None and best.score >= CALL and not best.missing:
            found.append((part, best))
    return found


def _best(deed: Deed, tools: Sequence[Tool]) -> Choice | None:
    ranked = rank(deed, tools)
    return ranked[0] if ranked else None


def _whole(passage: Passage) -> Deed | None:
    allowed = [c for c in passage.clauses if not c.prohibited]
    if len(allowed) < 2:
        return None
    start, end = allowed[0].start, allowed[-1].end
    verb = next((c.verb for c in allowed if c.verb), "")
    clause = Clause(start, end, passage.text[start:end], verb, "command")
    return deed_of(passage, clause)


def _prohibited(planned: Planned, passage: Passage, tools: Sequence[Tool]) -> bool:
    for clause in passage.clauses:
        if not clause.prohibited:
            continue
        deed = deed_of(passage, clause)
        best = _best(replace(deed, verb=""), tools)
        if (best is None or best.score < CALL) and "anything" in clause.text.lower():
            return not looks(planned.choice.tool)
        if best is None or best.tool.name != planned.name or best.score < CALL:
            continue
        values = [
            s.value for s in deed.spans if s.kind in ("id", "name", "number", "email", "date")
        ]
        bound = [b.value for b in planned.choice.bindings]
        if not values or any(v in bound for v in values):
            return planned.deed.start < clause.start or not values
    return False


def _expanded(
    reading: Reading, deed: Deed, choice: Choice, picked: list[tuple[Deed, Choice]]
) -> list[Planned]:
    """Make one call of a deed, or several: per elliptic part, per member of an enumeration."""
    tool = choice.tool
    if not any(
        kind_of(resolve(p.schema.get("items") or {}, tool.schema)) == "object"
        for p in tool.params
        if p.kind == "array"
    ):
        segments = elliptic(deed)
        each = [rank(segment, [tool])[0] for segment in segments]
        lacks = {tuple(p.path for p in c.missing) for c in each}
        if len(each) > 1 and len(lacks) == 1 and all(len(c.bindings) > 1 for c in each):
            return [
                Planned(_completed(reading, segment, c, picked), segment)
                for segment, c in zip(segments, each, strict=True)
            ]
    choice = _completed(reading, deed, choice, picked)
    return [Planned(c, deed) for c in distributed(choice, reading.request.spans)]


def _completed(
    reading: Reading, deed: Deed, choice: Choice, picked: list[tuple[Deed, Choice]]
) -> Choice:
    passage = reading.request
    own = (deed.start, deed.start + len(deed.text))
    busy = [(d.start, d.start + len(d.text)) for d, _ in picked if d is not deed]
    banned = [own, *((c.start, c.end) for c in passage.clauses if c.prohibited)]
    choice = complete(_unspent(choice, reading), passage, [*banned, *busy])
    if choice.missing and busy:
        lacking = {
            p.path
            for p in choice.missing
            if p.sense in ("id", "email", "person", "place", "org", "path", "", "name", "date")
        }
        more = complete(choice, passage, banned, optional=False)
        kept = [
            b
            for b in more.bindings
            if b in choice.bindings
            or (
                b.param.path in lacking
                and (b.score >= 0.7 or b.param.sense in ("id", "email", "date"))
            )
        ]
        choice = replace(choice, bindings=tuple(kept))
    return derived(reading, deed, choice)


def _unspent(choice: Choice, reading: Reading) -> Choice:
    """Free a name that an earlier step has used in another part, if there is another name."""
    spent = {
        str(value): {stem(w) for w in name_words(name)}
        for call in reading.since
        for name, value in call.arguments.items()
    }
    names = {s.text for s in reading.request.of("name")} - set(spent)
    kept = tuple(
        b
        for b in choice.bindings
        if not (b.span and b.span.kind == "name" and names and b.value in names | set(spent))
        or b.param.words & spent.get(str(b.value), b.param.words)
    )
    return replace(choice, bindings=kept)


_SIGN = {
    kind: sign
    for sign, kinds in (
        ("n", "number quantity money duration range"),
        ("t", "time date"),
        ("x", "name noun id handle"),
    )
    for kind in kinds.split()
} | {"option": "o", "quote": "q", "email": "e"}


def elliptic(deed: Deed) -> list[Deed]:
    """Split "the lawn for 20 minutes and the orchard for 45" into a deed for each part."""
    stretches = parts(deed)
    inner = [[s for s in deed.spans if start <= s.start < end] for start, end in stretches]
    signs = [{_SIGN[s.kind] for s in spans if s.kind in _SIGN} for spans in inner]
    routes = all({"from", "to"} <= {s.before for s in spans} for spans in inner)
    if (
        len(stretches) < 2
        or (len(signs[-1]) < 2 and not routes)
        or any(s != signs[-1] for s in signs[1:])
        or not signs[-1] <= signs[0]
    ):
        return [deed]
    told = [s.start for s in deed.spans if _SIGN.get(s.kind) in signs[-1]]
    head = deed.source[deed.start : min([at for at in told if at >= deed.start] or [deed.start])]
    found = []
    for (start, end), spans in zip(stretches, inner, strict=True):
        lead = "" if start == deed.start else head
        kept = tuple(s for s in spans if s.kind != "clause")
        text = lead + deed.source[start:end]
        found.append(replace(deed, text=text, spans=kept, start=start - len(lead)))
    return found


def _forced(reading: Reading, tools: Sequence[Tool]) -> list[Planned]:
    passage = reading.request
    clause = Clause(0, len(passage.text), passage.text, "", "command")
    deed = deed_of(passage, clause)
    best = _best(deed, tools)
    return [Planned(derived(reading, deed, best), deed)] if best else []


def _fresh(reading: Reading, calls: list[ToolCall]) -> list[ToolCall]:
    made = [(c.name, c.arguments) for c in reading.since]
    return [c for c in calls if (c.name, c.arguments) not in made]


__all__ = ["Decision", "decide", "plan"]
