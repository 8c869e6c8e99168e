"""Arguments out of words: which part of a clause each parameter takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from practice_model.brain import (
    conversions,
    deeds,
    durations,
    extracts,
    measures,
    polarity,
)
from practice_model.brain import schema as schemas
from practice_model.brain.entities import MONTHS, WEEKDAYS, Entity, numeric
from practice_model.brain.parameters import Parameter
from practice_model.brain.phrases import Clause, Phrase, strip_determiners
from practice_model.brain.schema import MISSING
from practice_model.brain.words import (
    DETERMINERS,
    PREPOSITIONS,
    STOP,
    is_common,
    kinship,
    stem,
)

THRESHOLD = 1.5

_FIT: dict[str, dict[str, float]] = {
    "email": {"email": 5},
    "url": {"url": 5, "domain": 2.5},
    "path": {"path": 5, "quoted": 1.6, "code": 1.6, "host": 1.5, "name": 1.5},
    "domain": {"domain": 5, "url": 2},
    "date": {"date": 5, "when": 3},
    "time": {"time": 5},
    "datetime": {"date": 4.5, "time": 2.2, "when": 2},
    "when": {"when": 4, "date": 4, "time": 3},
    "id": {"id": 4, "number": 3, "host": 1.8, "quoted": 1.5, "code": 1.5, "name": 0.4},
    "currency": {"currency": 5, "money": 3},
    "language": {"language": 5, "name": 1},
    "place": {"name": 3, "quoted": 1.5, "host": 0.2},
    "street": {"street": 5},
    "person": {"name": 3, "quoted": 1.6, "host": 1.6, "email": 1.2},
    "name": {"name": 3, "quoted": 3, "id": 1.6, "host": 1.6, "code": 1.5, "path": 2.5,
             "domain": 1.5},
    "thing": {"host": 2.4, "id": 2.2, "code": 2.2, "quoted": 2.4, "name": 2.1, "domain": 1.5,
              "language": 1.6},
    "number": {"number": 3, "time": 1.6, "money": 2, "percent": 2, "idnumber": 1},
    "count": {"number": 3, "percent": 0.5},
    "amount": {"money": 5, "number": 2.4, "time": 1.6},
    "percent": {"percent": 5, "number": 2.4},
    "idnumber": {"number": 3},
}  # fmt: skip
_LEADS: dict[str, tuple[str, ...]] = {
    "place": ("in", "at", "for", "of", "near", "around", "to", "from"),
    "person": ("for", "to", "with", "by", "from", "of"),
    "date": ("on", "for", "by"),
    "time": ("at", "by", "for"),
    "datetime": ("on", "at", "for"),
    "language": ("into", "in", "to"),
    "currency": ("in", "into", "to", "from"),
    "name": ("at", "for", "of", "called", "in"),
    "thing": ("of", "for", "in"),
    "id": ("for", "of", "on"),
}
_FROM_LEADS = ("from", "between", "since", "starting")
_TO_LEADS = ("to", "into", "in", "until", "till", "towards", "through")


@dataclass(frozen=True)
class Candidate:
    """A value for a parameter, how well it suits, and the span it comes from."""

    index: int
    score: float
    value: Any
    start: int
    end: int
    order: float


def assign(
    parameters: Sequence[Parameter],
    clause: Clause,
    verb_end: int = 0,
    own: frozenset[str] = frozenset(),
) -> dict[tuple[str, ...], tuple[Any, float]]:
    """Give each parameter the best part of a clause that no other has: path to (value, score).

    `own` are the stems of the thing that the tool is named for; it is no argument by itself.
    """
    pool: list[Candidate] = []
    labelled = extracts.labels(clause.text)
    for index, parameter in enumerate(parameters):
        pool.extend(_candidates(index, parameter, clause, verb_end, labelled, own))
    _object_first(parameters, pool, clause, own)
    pool.extend(_converted(parameters, clause))
    pool = [c for c in pool if not _told_elsewhere(c, parameters, clause)]
    pool.sort(key=lambda c: (-round(c.score, 3), c.order, c.start))
    chosen: dict[int, Candidate] = {}
    taken: list[tuple[int, int]] = []
    for candidate in pool:
        if candidate.index in chosen or candidate.score < THRESHOLD:
            continue
        if parameters[candidate.index].exclusive and any(
            a < candidate.end and candidate.start < b for a, b in taken
        ):
            continue
        chosen[candidate.index] = candidate
        if parameters[candidate.index].exclusive:
            taken.append((candidate.start, candidate.end))
    _swap(parameters, pool, chosen)
    taken = [(c.start, c.end) for i, c in chosen.items() if parameters[i].exclusive]
    _in_order(parameters, chosen, clause)
    made = {parameters[i].path: (c.value, c.score) for i, c in chosen.items()}
    _lone_phrase(parameters, clause, taken, made, own)
    extracts.free_text(parameters, clause, taken, made)
    return made


_IDIOM_WORDS = """
once moment while minute second advance case fact general time way now least last first all any
day today future again soon sure good ever long short hand behalf favour favor course reason
"""
_IDIOMS = frozenset(_IDIOM_WORDS.split())


def _lone_phrase(
    parameters: Sequence[Parameter],
    clause: Clause,
    taken: Sequence[tuple[int, int]],
    made: dict[tuple[str, ...], tuple[Any, float]],
    own: frozenset[str],
) -> None:
    """The one thing still open takes the one phrase that nothing else took: "on the top shelf"."""
    open_ones = [p for p in parameters if p.required and p.path not in made]
    if len(open_ones) != 1 or open_ones[0].role not in ("thing", "name", "place"):
        return
    if len(clause.text.split()) > 16:
        return
    left = []
    for phrase in [*clause.phrases, *_belonging(clause)]:
        if not phrase.lead or phrase.lead in ("about", "as", "by", "without", "per"):
            continue
        if any(a < phrase.end and phrase.start < b for a, b in taken):
            continue
        if any(
            phrase.start <= e.start < phrase.end and e.kind not in ("name", "host")
            for e in clause.entities
        ):
            continue
        words = phrase.text.split()
        determined = re.match(r"\s*(?:the|my|our|his|her|their)\b", clause.text[phrase.start :])
        if not determined or not 0 < len(words) <= 3 or not _valuelike(words[-1]):
            continue
        if words[-1].lower() in _IDIOMS or {stem(w) for w in words} <= own:
            continue
        left.append(phrase)
    if len(left) == 1:
        fitted = fit(left[0].text, open_ones[0])
        if fitted is not MISSING:
            made[open_ones[0].path] = (fitted, 1.6)


def _belonging(clause: Clause) -> list[Phrase]:
    """What stands behind "of" in a phrase, as a phrase: "the lamps of the upper deck"."""
    return [
        Phrase("of", strip_determiners(found[1]), found.start(1), found.end(1))
        for phrase in clause.phrases
        for found in re.finditer(
            r"(?<=\bof)( [^,.;]+)$", clause.text[: phrase.end].rstrip(" .,;!?")
        )
        if found.start(1) > phrase.start
    ]


def _told_elsewhere(candidate: Candidate, parameters: Sequence[Parameter], clause: Clause) -> bool:
    """Whether a value belongs by its words to another parameter.

    An adjective that a choice or a boolean is about ("a draft letter") is no name, and what is
    titled so is the title, where there is one.
    """
    parameter = parameters[candidate.index]
    if parameter.role not in ("thing", "name", "place", "person", "id"):
        return False
    before = clause.before(candidate.start, 1)
    if before and before[0] in _TITLED and any(p.role == "title" for p in parameters):
        return True
    word = str(candidate.value)
    quoted = any(e.kind == "quoted" and e.value == word for e in clause.entities)
    said = len(word.split()) > 3 or before[:1] in _SAYING
    if quoted and said and any(p.role in ("body", "text") for p in parameters):
        return True  # a sentence in quotes is what is to be said, no name
    if parameter.role in ("thing", "name") and word.islower() and stem(word) in parameter.cues:
        return True
    if " " in word or not word.islower():
        return False
    root = stem(word)
    for other in parameters:
        if other.role == "flag" and root in other.cues:
            return True
        if other.role == "choice" and root in {stem(str(o)) for o in other.schema.get("enum", [])}:
            return True
    return False


def _object_first(
    parameters: Sequence[Parameter], pool: list[Candidate], clause: Clause, own: frozenset[str]
) -> None:
    """The name that stands right behind the verb goes to the first parameter that takes names.

    "Transfer Ada to Sales" and "hire Ada for Sales" both speak of Ada first, as do the tools.
    A parameter that the tool is named for comes before: `enrol_child(course, child)`.
    """
    opener = deeds.opening(clause.text)
    if opener is None:
        return
    takers = [
        index for index, p in enumerate(parameters)
        if p.required
        and p.role in ("person", "thing", "name", "place", "title", "query", "text")
        and not p.direction
    ]  # fmt: skip
    says = any(p.role in ("body", "text") for p in parameters)
    quotes = {e.start for e in clause.entities if e.kind == "quoted"} if says else set()
    namesake = (i for i in takers if own & {stem(part) for part in parameters[i].path})
    first = next(namesake, takers[0] if takers else None)
    for number, candidate in enumerate(pool):
        between = clause.text[opener.end : candidate.start]
        if (
            candidate.index == first
            and candidate.score < 5
            and candidate.start not in quotes
            and 0 < len(between) <= 16
            and re.fullmatch(r"\W*(?:(?:the|our|my|a|an|mr|mrs|ms|dr)\b\W*)*", between, re.I)
            and candidate.start >= opener.end
        ):
            pool[number] = replace(candidate, score=candidate.score + 1.0)


def _converted(parameters: Sequence[Parameter], clause: Clause) -> list[Candidate]:
    """The number and the two units of a conversion, where the parameters take such."""
    taking = conversions.unit_parameters(parameters)
    asked = conversions.read(clause.text) if taking else None
    if taking is None or asked is None:
        return []
    found = []
    values = (asked.amount, asked.source, asked.target)
    for parameter, value, (start, end) in zip(taking, values, asked.spans, strict=True):
        fitted = fit(value, parameter)
        if fitted is not MISSING:
            index = parameters.index(parameter)
            found.append(Candidate(index, 8.0, fitted, start, end, index))
    return found


def _swap(
    parameters: Sequence[Parameter], pool: list[Candidate], chosen: dict[int, Candidate]
) -> None:
    """Give a parameter that went away empty what another can do without."""

    def clash(a: Candidate, b: Candidate) -> bool:
        return a.start < b.end and b.start < a.end

    for wanted in pool:
        if wanted.index in chosen or wanted.score < THRESHOLD:
            continue
        if not parameters[wanted.index].exclusive or not parameters[wanted.index].required:
            continue
        rivals = [c for i, c in chosen.items() if parameters[i].exclusive and clash(c, wanted)]
        if len(rivals) != 1:
            continue
        rest = [c for i, c in chosen.items() if i != rivals[0].index and parameters[i].exclusive]
        other = next(
            (
                c
                for c in pool
                if c.index == rivals[0].index
                and c.score >= THRESHOLD
                and not clash(c, wanted)
                and not any(clash(c, r) for r in rest)
            ),
            None,
        )
        if other is not None:
            chosen[other.index], chosen[wanted.index] = other, wanted


def _in_order(
    parameters: Sequence[Parameter], chosen: dict[int, Candidate], clause: Clause
) -> None:
    """Values that suit parameters of one role equally well go to them in the order written."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index in chosen:
        parameter = parameters[index]
        if not parameter.direction and parameter.role in ("number", "count", "amount"):
            groups.setdefault((parameter.role, ""), []).append(index)
    for members in groups.values():
        scores = {round(chosen[i].score, 1) for i in members}
        if len(members) > 1 and len(scores) == 1:
            spans = sorted((chosen[i] for i in members), key=lambda c: c.start)
            if re.search(r"\b(?:subtract|take|deduct)\w*\b.*\bfrom\b", clause.text, re.I):
                spans.reverse()
            for index, candidate in zip(sorted(members), spans, strict=True):
                chosen[index] = candidate


def _candidates(
    index: int,
    parameter: Parameter,
    clause: Clause,
    verb_end: int,
    labelled: dict[str, tuple[str, int, int]],
    own: frozenset[str],
) -> list[Candidate]:
    found: list[Candidate] = []

    def offer(score: float, value: Any, start: int, end: int) -> None:
        fitted = fit(value, parameter)
        if fitted is not MISSING:
            found.append(Candidate(index, score, fitted, start, end, index))

    for label, (value, start, end) in labelled.items():
        parts = label.split()
        if (
            parameter.cues
            and all(any(kinship(cue, part) >= 0.7 for part in parts) for cue in parameter.cues)
            and len([p for p in parts if p not in STOP]) <= len(parameter.cues) + 1
        ):  # "Page the storage team: …" is a sentence, "Team: …" a label
            offer(7, _labelled_value(value, parameter, clause, start, end), start, end)
    if parameter.role == "choice":
        for score, value, start, end in extracts.choices(parameter, clause):
            if parameter.direction:
                lead = clause.lead(start)
                score += _direction_bonus(parameter, lead)
            offer(score, value, start, end)
        return found
    if parameter.role == "flag":
        flag = polarity.read(parameter, clause)
        if flag is not None:
            offer(3, flag, 0, 0)
        return found
    if size := durations.wanted_unit(parameter):
        for span in durations.read(clause.text):
            offer(5.6, durations.in_unit(span, size), span.start, span.end)
    for quantity in measures.converted(clause.text, parameter):
        offer(5.6, *quantity)
    fits = _FIT.get(parameter.role, {})
    for entity in clause.entities:
        base = fits.get(entity.kind, 0.0)
        if not base:
            continue
        value = _value(entity, parameter, clause)
        if value is None:
            continue
        if entity.kind == "name" and entity.end <= verb_end:
            continue
        score = (
            base
            + _cue_bonus(parameter, entity, clause)
            + _lead_bonus(parameter, _lead_of(entity, clause))
            + _region_bonus(parameter, entity, clause)
        )
        if (
            entity.kind == "number"
            and entity.unit
            and parameter.role == "id"
            and not _near(parameter, clause, entity)
            and not re.match(
                r"[^\w]*(in|on|at|to|for|and|is|was|has|because|that)\b", clause.text[entity.end :]
            )
        ):
            score -= 2
        if entity.unit == "version":
            score += 2.5 if parameter.cues & _VERSION_CUES else -1.5
        if entity.unit == "slashed" and parameter.role in ("path", "name"):
            score += 2.5 if parameter.role == "path" else 1.0
        if entity.kind == "number" and (coded := _coded(entity, parameter, clause)):
            offer(base + 2.0, coded[0], coded[1], entity.end)
        if parameter.role == "path" and entity.kind in ("name", "host") and not entity.unit:
            score = score if _near(parameter, clause, entity) else 0.0
        start, end = entity.start, entity.end
        if entity.kind == "quoted" and clause.before(start, 1)[:1] in _CALLED:
            score += 2.5
        if entity.kind == "money" and parameter.role == "currency":
            start = end  # the unit, beside the amount that another parameter takes
        offer(score, value, start, end)
    if parameter.role in ("thing", "name"):
        for entity in clause.entities:
            if entity.kind == "number" and (coded := _coded(entity, parameter, clause)):
                offer(4.0, coded[0], coded[1], entity.end)
    if parameter.role == "path" and parameter.cues:
        for noun in re.finditer(r"\b([a-z]+) ([A-Z]\w+)\b", clause.text):
            if stem(noun[1]) in parameter.cues:
                offer(3.0, noun[2], noun.start(2), noun.end(2))
    if parameter.role in ("place", "thing", "name", "person", "id", "language", "street"):
        for score, value, start, end in _noun_phrases(parameter, clause, verb_end, own):
            offer(score, value, start, end)
    return found


def _coded(entity: Entity, parameter: Parameter, clause: Clause) -> tuple[str, int] | None:
    """A number with the capitals before it, where a code is wanted: "flight BA 207"."""
    if parameter.kind != "string":
        return None
    found = re.search(r"(?<![\w-])([A-Z]{1,4}(?:-[A-Z]{1,3})?) $", clause.text[: entity.start])
    if not found or found[1] in ("I", "A") or stem(found[1]) in parameter.cues:
        return None
    told = str(parameter.schema.get("description") or "")
    if parameter.role != "id" and not re.search(r"\b[A-Z]{1,4} ?\d|(?i:number|code|\bid\b)", told):
        return None
    return clause.text[found.start(1) : entity.end], found.start(1)


def _lead_of(entity: Entity, clause: Clause) -> str:
    """The preposition before an entity; in "from Ghent, Belgium" both have the same."""
    lead = clause.lead(entity.start)
    if lead or entity.kind != "name":
        return lead
    town = _town_before(entity, clause)
    return clause.lead(town.start) if town else ""


def _town_before(entity: Entity, clause: Clause) -> Entity | None:
    """The place that another is told to lie in: Ghent in "Ghent, Belgium"."""
    for other in clause.entities:
        if other.kind == "name" and clause.text[other.end : entity.start] == ", ":
            return other if clause.lead(other.start) else None
    return None


def _region_bonus(parameter: Parameter, entity: Entity, clause: Clause) -> float:
    """A town stands before its country, where both are told."""
    if parameter.role != "place" or entity.kind != "name":
        return 0.0
    inner = any(
        e.kind == "name" and _town_before(e, clause) is entity for e in clause.entities
    )  # fmt: skip
    outer = _town_before(entity, clause) is not None
    wide = bool(parameter.cues & _REGIONS)
    return 1.0 if (wide and outer) or (not wide and inner) else -1.0 if inner or outer else 0.0


def _labelled_value(value: str, parameter: Parameter, clause: Clause, start: int, end: int) -> Any:
    inside = [e for e in clause.entities if start <= e.start < end]
    fits = _FIT.get(parameter.role, {})
    if parameter.role in ("date", "time", "number", "count", "amount", "percent", "email", "url"):
        for entity in inside:
            if entity.kind in fits:
                return _value(entity, parameter, clause)
    if parameter.role == "choice":
        options = [o for o in parameter.schema.get("enum", []) if isinstance(o, str)]
        return next((o for o in options if o.lower() in value.lower()), value)
    return value.strip(" \"'")


def fit(value: Any, parameter: Parameter) -> Any:
    """The value in the parameter's own form, or `MISSING` when it cannot be one."""
    if value is None:
        return MISSING
    if parameter.kind == "integer" and isinstance(value, float) and not value.is_integer():
        return MISSING
    return schemas.conform(value, parameter.schema, strict=True)


def _value(entity: Entity, parameter: Parameter, clause: Clause) -> Any:
    raw = clause.text[entity.start : entity.end]
    role = parameter.role
    if entity.kind == "time" and role in ("amount", "number"):  # "a fine of 4.20"
        return float(raw) if re.fullmatch(r"\d+\.\d\d", raw) else None
    if entity.kind == "number" and parameter.kind == "string":
        return raw if raw[:1].isdigit() else str(entity.value)
    if entity.kind == "money" and role == "currency":
        return entity.unit or None
    if entity.kind == "money" and parameter.kind == "string" and role == "amount":
        digits = re.search(r"\d+(?:[.,]\d+)*", raw)  # an amount as text, without its unit
        return digits[0] if digits else raw
    if role == "datetime":
        return extracts.moment(entity, clause, parameter)
    if role == "when":
        return extracts.when(clause)
    if entity.kind == "id" and role in ("idnumber",):
        return None
    return entity.value


def _near(parameter: Parameter, clause: Clause, entity: Entity) -> bool:
    words = clause.before(entity.start, 3) + clause.after(entity.end, 2)
    return any(kinship(cue, word) >= 0.6 for cue in parameter.cues for word in words)


def _cue_bonus(parameter: Parameter, entity: Entity, clause: Clause) -> float:
    before = clause.before(entity.start, 4)
    after = clause.after(entity.end, 2)
    bound = _BOUND.match(clause.text, entity.end)  # "X based on Y" speaks of Y's part
    if entity.kind in ("name", "quoted", "id", "host") and after[:1] and after[0] in PREPOSITIONS:
        after = []  # "Macbeth in row F": the row is what follows
    best = 0.0
    for weight, cues in ((1.8, parameter.cues), (0.9, parameter.hints)):
        for cue in cues:
            for distance, word in enumerate(before):
                near = kinship(cue, word)
                if near:
                    best = max(best, weight * near * (1 - 0.2 * distance))
            for distance, word in enumerate(after):
                near = kinship(cue, word)
                if near and not (bound and not distance):
                    best = max(best, weight * near * (1.1 - 0.3 * distance))
    words = str(entity.value).split() if entity.kind == "name" else []
    if len(words) > 1 and any(kinship(cue, stem(words[-1])) >= 1.0 for cue in parameter.cues):
        best = max(best, 1.5)  # "the Harbour Club", where a club is wanted
    if entity.unit and entity.kind == "number":
        unit = stem(entity.unit)
        if any(kinship(cue, unit) >= 0.6 for cue in parameter.cues):
            best = max(best, 2.5)
        elif parameter.role in ("count", "number") and any(
            kinship(cue, unit) >= 0.6 for cue in parameter.hints
        ):
            best = max(best, 1.5)
        elif _UNITS.get(unit) and parameter.cues & _UNITS[unit]:
            best = max(best, 2.5)
        elif unit in _UNIT_STEMS:
            best -= 1.0
    return best


_UNITS: dict[str, set[str]] = {
    "kg": {"weight", "kg", "mass", "kilogram"},
    "kilogram": {"weight", "kg", "mass"},
    "minut": {"minut", "dur", "length", "min"},
    "min": {"minut", "dur", "length"},
    "hour": {"hour", "dur", "length"},
    "day": {"day", "dur", "ahead"},
    "night": {"night", "dur"},
    "km": {"dist", "distanc", "km"},
    "person": {"guest", "person", "party", "size", "seat"},
    "degree": {"temperatur", "degree", "temp"},
    "x": {"width"},
}
_UNIT_STEMS = frozenset(
    ("kg", "minut", "min", "hour", "day", "km", "degree", "euro", "dollar", "percent", "week")
)


def _direction_bonus(parameter: Parameter, lead: str) -> float:
    leads = (_FROM_LEADS, _TO_LEADS)
    own, other = leads if parameter.direction == "from" else leads[::-1]
    return 1.5 if lead in own else -1.5 if lead in other else 0.0


def _lead_bonus(parameter: Parameter, lead: str) -> float:
    if parameter.direction and parameter.role in (
        "place",
        "currency",
        "date",
        "datetime",
        "time",
        "person",
        "email",
        "id",
        "thing",
        "name",
    ):
        leads = (_FROM_LEADS, _TO_LEADS)
        own, other = leads if parameter.direction == "from" else leads[::-1]
        if lead in own:
            return 1.5
        if lead in other and not (parameter.role == "currency" and lead == "in"):
            return -1.5
        return 0.3 if parameter.direction == "from" else 0.0
    if lead == parameter.name or (lead == "on" and parameter.cues & _HOST_CUES):
        return 1.5
    usual = _LEADS.get(parameter.role, ())
    if parameter.role == "name" and parameter.cues & _EMPLOYERS:
        usual = ("from", "at", "with", "of", "for")
    if lead in usual:
        return 0.8 - 0.1 * usual.index(lead)
    if lead and parameter.role == "place" and lead in ("with", "by", "about"):
        return -1.6
    return 0.0


_REGIONS = frozenset(map(stem, ("country", "state", "region", "province")))
_TITLED = frozenset(map(stem, ("titled", "entitled", "headed")))
_SAYING = [[stem(w)] for w in ("say", "post", "send", "write", "announce", "publish", "reply")]
_BOUND = re.compile(r"\W*\w+ed (?:on|off|from|to|as|by|with)\b", re.I)
_EMPLOYERS = frozenset(map(stem, ("company", "organisation", "organization", "employer", "firm")))
_KINDS = frozenset(map(stem, ("genre", "category", "kind", "type", "style", "cuisine", "sort")))
_VERSION_CUES = frozenset(map(stem, ("version", "release", "tag", "revision", "build")))
_PARTICLES = frozenset(("back", "up", "down", "off", "on", "out", "away", "aside", "over", "now"))
_HOST_CUES = frozenset(("host", "server", "machin", "node", "environ", "cluster", "branch", "page"))


def _noun_phrases(
    parameter: Parameter, clause: Clause, verb_end: int, nouns: frozenset[str]
) -> list[tuple[float, str, int, int]]:
    """Values told by grammar alone: "the mailer service", "called X", the verb's object."""
    found: list[tuple[float, str, int, int]] = []
    text = clause.text
    tokens = [(m.group(), m.start(), m.end()) for m in re.finditer(r"[\w'’.-]*\w", text)]
    solid = [(e.start, e.end) for e in clause.entities if e.kind in ("quoted", "code", "url")]
    own = parameter.cues | ({"service"} if "servic" in parameter.cues else set())
    for position, (word, start, end) in enumerate(tokens):
        if any(a <= start < b for a, b in solid):
            continue
        if any(kinship(cue, stem(word)) >= 1.0 for cue in own):
            named = position > 1 and tokens[position - 1][0][0].isupper()
            if position + 1 < len(tokens):
                follower, a, b = tokens[position + 1]
                if named and follower.islower():
                    pass  # "the Harbour branch open": the name stands before
                elif text[end:a].strip() in ("", ":", "=", "#") and _valuelike(follower):
                    extra = 0.6 if not is_common(follower) else 0.0
                    found.append((2.2 + extra, follower, a, b))
            if position:
                previous, a, b = tokens[position - 1]
                if text[b:start].strip() == "" and _valuelike(previous) and a >= verb_end:
                    described = (
                        position > 1
                        and tokens[position - 2][0].lower() in DETERMINERS
                        and not is_common(previous)
                    )
                    score = 3.0 if described else 2.4
                    if word[0].isupper() and previous[0].isupper():
                        pass  # the cue is part of a name: "the Rowing Club"
                    elif previous.lower() in _PLACED and stem(word) in _SPACES:
                        found.append((score, text[a:end], a, end))  # "the back door"
                    else:
                        found.append((score, previous, a, b))
    if parameter.role == "person" and (taker := _TAKER.match(extracts.strip_polite(text))):
        at = text.find(taker[1])
        if not is_common(taker[1]):
            found.append((2.6, taker[1], at, at + len(taker[1])))
    called = re.search(r"\b(?:called|named|titled)\s+([\w-]+(?: [A-Z][\w-]*)*)", text)
    if called and parameter.role in ("name", "thing", "person"):
        found.append((4.2, called[1], called.start(1), called.end(1)))
    if parameter.role in ("thing", "name"):
        for pattern in _COUNTED:
            if counted := re.search(pattern, text, re.I):
                body = strip_determiners(counted[1])
                first, _, rest = body.partition(" ")
                if rest and numeric(first) is not None:
                    body = re.sub(r"^[\w-]+ of (?:the )?", "", rest)  # "two metres of silk"
                if body and len(body.split()) <= 4:
                    end = counted.end(1)
                    start = max(text.rfind(body, 0, end), counted.start(1))
                    found.append((2.0, body, start, end))
                    break
    if verb_end and parameter.role in ("thing", "name") and not parameter.cues & _HOST_CUES:
        after = next(((w, a, b) for w, a, b in tokens if a >= verb_end), None)
        if (
            after
            and not is_common(after[0])
            and _valuelike(after[0])
            and not any(e.start <= after[1] < e.end for e in clause.entities)
        ):
            found.append((2.3, *after))
    if parameter.name in ("value", "new_value", "val") and (
        given := re.search(r"\b(?:to|=|as) ['\"`]?([\w./:-]*\w)", text)
    ):
        found.append((4.0, given[1], given.start(1), given.end(1)))
    if parameter.role in ("thing", "name"):
        for measured in re.finditer(_MEASURED, text):
            found.append((2.6, measured[1].strip(), measured.start(1), measured.end(1)))
    for phrase in clause.phrases:
        body = _PARTICIPLE.split(phrase.text)[0].strip()
        body = re.sub(r" (?:today|tonight|tomorrow|yesterday|now|right now)$", "", body, flags=re.I)
        if parameter.role == "thing" and (inner := re.search(r" of (?:the )?([\w-]+)$", body)):
            at = text.find(inner[0], phrase.start)
            if at >= 0 and _valuelike(inner[1]):
                end = at + len(inner[0])
                found.append((2.0, inner[1], end - len(inner[1]), end))
        if any(a <= phrase.start < b for a, b in solid) or not body:
            continue
        if (
            any(
                e.kind in ("number", "money", "percent")
                and phrase.start <= e.start < phrase.end
                and not (phrase.end - phrase.start > len(body) + 12)
                for e in clause.entities
            )
            and parameter.role in ("thing", "name")
            and not parameter.required
        ):
            continue
        unled = not phrase.lead or phrase.start < verb_end < phrase.end  # "to" of an infinitive
        if unled and parameter.role in ("thing", "name") and phrase.end > verb_end:
            cut = text[max(phrase.start, verb_end) : phrase.end]
            body = strip_determiners(re.sub(r"^\W*of\b", "", cut))
            words = body.split()
            while words and words[0].lower() in _PARTICLES:
                words.pop(0)
            words = strip_determiners(" ".join(words)).split()
            known = nouns - parameter.cues - parameter.hints
            while len(words) > 1 and any(kinship(noun, stem(words[0])) >= 1.0 for noun in known):
                words.pop(0)
            while words and any(kinship(noun, stem(words[-1])) >= 1.0 for noun in known):
                words.pop()
            while len(words) > 1 and any(
                kinship(cue, stem(words[0])) >= 1.0 for cue in parameter.cues
            ):
                words.pop(0)
            while len(words) > 1 and (
                words[-1].lower() in _PARTICLES
                or any(e.value == words[-1] for e in clause.entities)
            ):
                words.pop()
            body = " ".join(words)
            if 0 < len(words) <= 3 and _valuelike(words[-1]) and verb_end:
                host_like = bool(parameter.cues & _HOST_CUES)
                start = max(text.find(body, max(phrase.start, verb_end)), 0)
                common = all(is_common(word) for word in words)
                score = 1.3 if host_like else 1.6 if common else 1.9
                if parameter.cues & _KINDS and body.islower():
                    score += 0.3  # "jazz" is a genre before it is an album
                found.append((score, body, start, start + len(body)))
        if not body or not phrase.lead or len(body.split()) > 4:
            continue
        if phrase.lead in ("as", "without"):
            continue
        words = body.split()
        if not _valuelike(words[0]):
            continue
        proper = (
            parameter.role in ("place", "name")
            and all(word[0].isupper() for word in words)
            and not _calendar(words[0])
        )
        if is_common(words[0]) and parameter.role != "thing" and not proper:
            continue
        bonus = _lead_bonus(parameter, phrase.lead)
        if parameter.role == "place" and bonus > 0:
            body = " ".join(words[:3]).title() if body.islower() else body
            found.append((1.2 + bonus * 0.7, body, phrase.start, phrase.end))
        elif proper and bonus > 0:
            found.append((1.2 + bonus * 0.7, body, phrase.start, phrase.end))
        elif parameter.role == "thing" and bonus > 0 and len(words) <= 2:
            found.append((0.9 + bonus, body, phrase.start, phrase.end))
        elif phrase.lead == "on" and parameter.cues & _HOST_CUES:
            found.append((2.2, body, phrase.start, phrase.end))
    return found


_TAKER = re.compile(
    r"(?:give|grant|tell|ask|invite|message|notify|inform|remind|assign|promote|add|remove|text|ping)"
    r" ([a-z][\w.-]+)(?= (?:that|to|read|write|admin|full|access|as|from|about|the|a|an)\b)",
    re.I,
)
_MEASURED = re.compile(
    r"\d ?(?:[a-z]+|[A-Z]) of ((?!(?:the|my|our|it|them|this|that|these|those)\b)[a-z][\w-]*"
    r"(?: (?!(?:and|or|for|to|in|on|at|from|with|by|please|into|per|is|are)\b)[a-z][\w-]*){0,2})"
)
_PARTICIPLE = re.compile(
    r"\s+(?:over the|during|since|titled|entitled|based|called|named|labell?ed|tagged|costing|"
    r"sorted|priced|starting|ending)\b.*",
    re.I | re.S,
)
_PLACED_WORDS = """
back front side main rear upper lower left right top bottom north south east west inner outer
living dining sitting waiting guest spare bath laundry utility garden cellar
"""
_PLACED = frozenset(_PLACED_WORDS.split())
_SPACE_WORDS = "room door gate window hall garden field lawn yard bed wall zone"
_SPACES = frozenset(map(stem, _SPACE_WORDS.split()))
_CALLED = ([stem("called")], [stem("named")], [stem("titled")])
_COUNTED = (
    r"\bhow (?:many|much) \w+(?: \w+)? (?:do|does|did) (?:an? |the |my |our )?(.+?)"
    r" (?:have|has|contain|cost|weigh|hold|take|need|contains)\b",
    r"\bhow much (?:do|does|did|would|will|is|are) (?:an? |the |my |our )?(.+?) "
    r"(?:cost|weigh|come to|be)\b",
    r"\bhow much (?:is|are) (?:an? |the |my |our )?((?!left|there|it|that|this)[^?.,]+?)"
    r"(?= (?:left|in|at|for|per|now)\b|[?.,]|$)",
    r"\bhow (?:many|much)(?: of)?(?: the)? (.+?)"
    r"(?= (?:are|is|do|did|does|have|has|left|remain|can)\b|[?.]|$)",
    r"\bany (?:more )?(.+?)(?= (?:left|in|available|remaining)\b|[?.]|$)",
    r"\b(?:is|are) (?:the |our )?(.+?) "
    r"(?:in stock|available|sold out|out of stock|reachable|up|down)",
)


def _calendar(word: str) -> bool:
    return word.lower() in MONTHS or word.lower() in WEEKDAYS


def _valuelike(word: str) -> bool:
    lower = word.lower()
    if lower in STOP or lower in PREPOSITIONS:
        return False
    return lower not in _NO_VALUES


_NO_VALUE_WORDS = """
number numbers id name details status please order orders new next last first service services
file files date time day weather forecast information data results result there right wrong
department city address code value values article item items called named titled
"""
_NO_VALUES = frozenset(_NO_VALUE_WORDS.split())
