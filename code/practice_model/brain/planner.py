"""From a conversation and its tools to the next calls, or to the question for what is missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from practice_model.brain import (
    arguments,
    deeds,
    extracts,
    knowledge,
    polarity,
    writing,
)
from practice_model.brain import schema as schemas
from practice_model.brain.conversation import Conversation, PastCall
from practice_model.brain.entities import numeric
from practice_model.brain.parameters import Parameter, make
from practice_model.brain.phrases import (
    Clause,
    condition,
    is_negated,
    pieces,
    strip_determiners,
)
from practice_model.brain.reply import ToolCall
from practice_model.brain.schema import MISSING
from practice_model.brain.small_talk import is_small_talk
from practice_model.brain.tools import ENOUGH, Tool, scores, takes_body, tells
from practice_model.brain.words import kinship, name_parts, stem

Values = dict[tuple[str, ...], tuple[Any, float]]


@dataclass
class Wanted:
    """A call that the request asks for, as far as it is known."""

    tool: Tool
    clause: Clause
    values: Values
    missing: list[Parameter] = field(default_factory=list)
    condition: str = ""
    waits: bool = False

    def call(self) -> ToolCall:
        """The call with the arguments known so far, made valid."""
        return ToolCall(self.tool.name, _arguments(self.tool, self.values))


@dataclass(frozen=True)
class Decision:
    """Calls to make now, or what to ask the user; neither when nothing is to be called."""

    calls: list[ToolCall] = field(default_factory=list)
    ask: tuple[Tool, list[Parameter]] | None = None


_TODAY = re.compile(
    r"\b(?:today(?:['’]s date)?|current date|date)\b(?: is|:)?\s*(?:\w+day,? )?(?:the )?", re.I
)


def today_of(conv: Conversation) -> dt.date | None:
    """The current day, where the instructions or the user tell it."""
    for text in (conv.system, conv.request):
        if found := _TODAY.search(text):
            from practice_model.brain import entities

            for entity in entities.find(text[found.end() : found.end() + 40]):
                if entity.kind == "date" and entity.start < 12:
                    return dt.date.fromisoformat(entity.value)
    return None


def decide(
    conv: Conversation, tools: Sequence[Tool], *, required: bool = False, parallel: bool = True
) -> Decision:
    """Choose the next calls."""
    if not tools or conv.request_index < 0:
        return Decision()
    today = today_of(conv)
    if not required and is_small_talk(conv.request):
        return Decision()
    wanted = _wanted(conv, tools, today)
    _complete(wanted, conv)
    wanted = [each for item in wanted for each in _for_each(item, conv)]
    ready, pending = _schedule(wanted, conv, tools)
    if not ready and required:
        fallback = _best_guess(conv, tools, today)
        ready = [] if fallback is None else [fallback]
    if ready:
        calls: list[ToolCall] = []
        for item in ready:
            call = item.call()
            if call not in calls:
                calls.append(call)
        return Decision(calls if parallel else calls[:1])
    asking = next((w for w in pending if w.missing and not w.waits), None)
    if asking is not None and not any(call.failed for call in conv.since):
        return Decision(ask=(asking.tool, asking.missing))
    return Decision()


def _wanted(conv: Conversation, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    request = conv.request
    found = _from_text(request, tools, today, conv)
    follow = _follow_up(conv, tools, today)
    if follow and (not found or _looks_like_follow_up(request)):
        return follow
    if not any(_whole(item) for item in found):
        joined = _answered_question(conv, tools, today)
        if joined and (not found or all(_whole(item) for item in joined)):
            return joined
    if not found:
        found = _by_instruction(conv, tools, today)
    return found


def _whole(item: Wanted) -> bool:
    return all(p.path in item.values for p in item.tool.required)


def _from_text(
    text: str, tools: Sequence[Tool], today: dt.date | None, conv: Conversation
) -> list[Wanted]:
    by_name = {tool.name: tool for tool in tools}
    groups: list[list[Any]] = []  # [tool, start, end, condition]
    pending_condition = ""
    lead_start: int | None = None
    spans = pieces(text)
    for start, end in spans:
        body = text[start:end]
        bare = re.sub(r"^\W*(?:and|but|then|also)\b\W*", "", body)
        if re.match(r"(?:only )?(?:if|unless|when|in case)\b", bare, re.I) and not re.search(
            r"\b(?:you can|possible|you could)\b", bare, re.I
        ):
            pending_condition = re.sub(r"^(?:only )?(?:if|when|in case)\b", "", bare, flags=re.I)
            if bare.lower().startswith("unless"):
                pending_condition = "not " + bare[6:]
            pending_condition = pending_condition.strip(" ,")
            continue
        if is_negated(body):
            if groups and _refuses_extra(by_name[groups[-1][0]], body):
                groups[-1][2] = end  # "a room for two, no breakfast": still the same call
            elif groups:
                groups[-1].append("closed")
            continue
        action, its_condition = condition(body)
        clause = Clause(action, today)
        table = scores(clause, tools)
        name, score = max(table.items(), key=lambda item: item[1])
        if _declarative(body):
            score *= 0.4 if by_name[name].acts and _owned(body) else 0.5
        current = groups[-1] if groups and "closed" not in groups[-1] else None
        if current is not None and _swallows(
            by_name[current[0]], text[current[1] : start], body, tools
        ):
            current[2] = end
            continue
        if (
            current is not None
            and score < ENOUGH
            and _once_more(by_name[current[0]], text[current[1] : current[2]], clause)
        ):
            groups.append([current[0], start, end, ""])
            continue
        if score < ENOUGH or (
            current is not None
            and _continues(text[current[2] : start], clause, by_name, current[0], name, score)
        ):
            if current is not None:
                current[2] = end
                if its_condition:
                    current[3] = its_condition
            elif lead_start is None and not _declarative(body):
                lead_start = start
            continue
        if lead_start is not None and not re.search(r"[.!?]\s|\n", text[lead_start:start]):
            start = lead_start
        if not groups and any(p.kind == "array" for p in by_name[name].required):
            start = max(m.end() for m in re.finditer(r"^|[.!?]\s|\n", text[:start]))
        lead_start = None
        groups.append([name, start, end, pending_condition or its_condition])
        pending_condition = ""
    found: list[Wanted] = []
    for group in groups:
        body, its_condition = text[group[1] : group[2]], group[3]
        if its_condition and its_condition in body:
            body = condition(body)[0]
        found.extend(_with_values(by_name[group[0]], Clause(body, today), its_condition))
    _shared_tail(found)
    if found:
        found = _asked_before(text[: groups[0][1]], tools, today) + found
    text = _without_refusals(text)
    if not found and re.search(r"\w", text):
        whole = Clause(text, today)
        if not is_negated(text) and not _declarative(text):
            table = scores(whole, tools)
            name, score = max(table.items(), key=lambda item: item[1])
            if score >= ENOUGH + 0.5 and len(text) < 400:
                found.extend(_with_values(by_name[name], whole, ""))
    return (
        found
        or _by_searching(text, tools, today)
        or _by_fit(text, tools, today)
        or _by_evidence(text, tools, today)
        or _of_state(text, tools, today)
        or _open_question(text, tools, today, conv)
    )


def _without_refusals(text: str) -> str:
    """A text without what is not to be done: "See the bill. Don't pay it, just read it."

    A refusal ends with its sentence; a text that is one from its start on stays as it is.
    """
    refused = [(start, end) for start, end in pieces(text) if is_negated(text[start:end])]
    if is_negated(text) and (not refused or refused[0][0] == 0):
        return text
    for start, end in reversed(refused):
        rest = re.search(r"[.!?](?=\s)|\n|$", text[end - 1 :])
        text = text[:start] + text[end - 1 + (rest.end() if rest else 0) :].lstrip()
    return text.strip()


def _by_evidence(text: str, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """A weak sign is enough where the request gives all that a tool needs."""
    clause = Clause(text, today)
    if is_negated(text) or _declarative(text) or len(text) > 300:
        return []
    table = scores(clause, tools)
    if _STATE.match(text):
        table = {t.name: table[t.name] + 0.7 * _shares_ideas(text, t) for t in tools}
    for tool in sorted(tools, key=lambda t: -table[t.name]):
        if table[tool.name] < 1.2:
            break
        needed = [p for p in tool.required if p.role not in ("query", "title", "text", "body")]
        found = _with_values(tool, clause, "")
        if needed and not [p for p in tool.required if p.path not in found[0].values]:
            return found
    return []


_STATE = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|hey|hi|please)\W+)*(?:(?:can|could) you (?:tell me|check|see) "
    r"|(?:tell me|check|see|find out) |i wonder |do you know )?"
    r"(?:if|whether|is|are|was|were|has|have|does|do|did|will|when|where|who|whose|how|what|which|"
    r"at what|can (?:i|we)|any)\b",
    re.I,
)


def _of_state(text: str, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """A question of how something is goes to the tool that tells of such things.

    "Is GX-14 back yet?" says none of the words of "Location of a bicycle", but it names all that
    the tool needs, and no other tool that tells something takes a code of that shape.
    """
    if not _STATE.match(text) or is_negated(text) or len(text) > 200:
        return []
    clause = Clause(text, today)
    coded = [e for e in clause.entities if e.kind in ("id", "email", "url", "path", "quoted")]
    table = scores(clause, tools)
    fitting: list[tuple[float, list[Wanted]]] = []
    for tool in tools:
        if tool.acts or tool.open_search:
            continue
        found = _with_values(tool, clause, "")
        values = found[0].values
        if any(p.path not in values or values[p.path][1] < 1.5 for p in tool.required):
            continue
        told = [str(values[p.path][0]) for p in tool.required]
        by_code = any(str(e.value) in told or text[e.start : e.end] in told for e in coded)
        score = table[tool.name] + 2.0 * by_code + 0.6 * max(len(told) - 1, 0)
        score += 0.7 * _shares_ideas(text, tool)
        said = [p for p in tool.parameters if p.role == "choice" and p.path in values]
        if not tool.required and not said and (tool.parameters or not _shares_ideas(text, tool)):
            continue
        score += 1.0 * bool(said)
        if score >= 0.5:
            fitting.append((score, found))
    fitting.sort(key=lambda item: -item[0])
    if not fitting or (len(fitting) > 1 and fitting[0][0] - fitting[1][0] < 0.3):
        return []
    return fitting[0][1]


def _asked_before(text: str, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """Questions of state in front of what else is asked for: "Is GX-14 back? And book …"."""
    questions = re.findall(r"[^.!?\n]+\?(?=\s|$)", text)
    return [w for question in questions[:5] for w in _of_state(question.strip(), tools, today)]


_STATE_WORDS = """
late delay delayed punctual on_time running behind
leave leaves departs departure departures depart go goes next
open opens close closes closed hours shut
free occupied taken available availability vacant busy booked full spots places seats slots spaces
arrive arrives arrival eta here get gets there when
where location position whereabouts located
when hours times schedule timetable showtimes on time
who members owner people names belongs belong
result outcome pass passed fail failed succeed succeeded green red
warm humid hot cold temperature climate humidity degrees wet dry
many much level balance left remaining count number
done ready finished shipped working up down status state condition progress
far distance range reach mileage
mean means meaning definition define defined
healthy sick ill health vaccinated vaccination vaccinations
cost costs price much fee rate
weather forecast coat jacket umbrella gloves scarf sunscreen sunglasses rain snow
"""
_IDEAS = [
    frozenset(stem(word) for word in line.split()) for line in _STATE_WORDS.strip().split("\n")
]


def _shares_ideas(question: str, tool: Tool) -> int:
    """How many ideas of state a question shares with a tool that tells of them, two at most."""
    if tool.acts:
        return 0
    told = f"{' '.join(name_parts(tool.name))} {tool.description}"
    asked, known = (
        {stem(w) for w in re.findall(r"[^\W\d_]+", t.lower())} for t in (question, told)
    )
    return min(2, sum(bool(idea & asked and idea & known) for idea in _IDEAS))


def _refuses_extra(tool: Tool, body: str) -> bool:
    """Whether a negated piece only says what the call before it is to leave out."""
    if len(body.split()) > 4:
        return False
    clause = Clause(body)
    return any(
        polarity.read(p, clause) is False for p in tool.parameters if p.role == "flag"
    )  # fmt: skip


def _shared_tail(found: list[Wanted]) -> None:
    """What stands behind the last of several belongs to all: "hire Ada and Bo as cooks"."""
    for earlier, later in zip(found[-2::-1], found[:0:-1], strict=False):
        if earlier.tool is not later.tool or re.search(r"[.!?;]$", earlier.clause.text.strip()):
            continue
        opener = deeds.opening(later.clause.text)
        if opener is not None and any(
            deeds.same(opener.verb, verb) or opener.verb == verb
            for verb in deeds.of_tool(later.tool.name, later.tool.description)
        ):
            continue
        for parameter in earlier.tool.required:
            if parameter.path not in earlier.values and parameter.path in later.values:
                earlier.values[parameter.path] = later.values[parameter.path]


_TYPED = frozenset(
    ("email", "url", "date", "time", "datetime", "amount", "choice", "percent", "count", "number")
)


def _by_fit(text: str, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """A request that gives all that one tool needs, and no other's needs, asks for that tool.

    At least two of the values must be of a kind that does not come about by chance: a date, an
    address, an amount, a number with its unit, one of a few options.
    """
    if is_negated(text) or _declarative(text) or len(text) > 200 or _STATE.match(text):
        return []
    clause = Clause(text, today)
    fitting = []
    for tool in tools:
        if len(tool.required) < 2 or tool.open_search:
            continue
        found = _with_values(tool, clause, "")
        values = found[0].values
        if all(p.path in values for p in tool.required):
            sure = [
                p
                for p in tool.required
                if values[p.path][1] >= 3.5
                and (p.role in _TYPED or (p.role == "place" and p.direction))
            ]
            if len(sure) >= 2:
                fitting.append(found)
    return fitting[0] if len(fitting) == 1 else []


_LOOKING = re.compile(
    r"^(?:show(?: me| us)?|find(?: me| us)?|search(?: for)?|look(?:ing)? for|list|"
    r"(?:do|have) (?:you|we) (?:have |got |sell |stock |carry |offer )?"
    r"(?:anything|something|any)\b|"
    r"(?:i am|i['’]m|we are|we['’]re) (?:looking|searching) for|got any|"
    r"(?:is|are) there (?:any(?:thing)?|some)\b)\W+(?!you\b|your\b)\w",
    re.I,
)


def _by_searching(text: str, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """Who wants to be shown things goes to the one tool that searches for things."""
    searching = [tool for tool in tools if tool.searches] or [
        tool for tool in tools if tool.parameters and not tool.required and not tool.acts
    ]
    if len(searching) != 1 or is_negated(text) or not _LOOKING.match(extracts.strip_polite(text)):
        return []
    clause = Clause(text, today)
    table = scores(clause, tools)
    if any(table[t.name] >= 1.2 for t in tools if t is not searching[0]):
        return []
    found = _with_values(searching[0], clause, "")
    named = any(e.kind in ("name", "quoted", "id") for e in clause.entities)
    return found if searching[0].searches or (named and found[0].values) else []


_SWALLOW = re.compile(
    r"\b(?:that|saying|says|stating|because|asking|reading|tell(?:ing)? (?:him|her|them|us))\b|:\s",
    re.I,
)


def _swallows(tool: Tool, so_far: str, body: str, tools: Sequence[Tool]) -> bool:
    """Whether a piece still belongs to the sentence that a tool sends or notes."""
    if not any(p.role in ("body", "reason", "text", "title", "query") for p in tool.parameters):
        return False
    if re.search(r"[.!?]\s*$|;\s*$", so_far) or not _SWALLOW.search(so_far):
        return False
    first = re.match(r"\W*(?:and |then |also |please |finally )*([\w-]+)", body, re.I)
    verb = stem(first[1]) if first else ""
    if tells(body) and any(takes_body(other) for other in tools):
        return False
    if not _SAYING.search(so_far) and any(
        kinship(verb, word) >= 0.6 for other in tools for word in other.name_words[:1]
    ):
        return False
    return not any(other.name_words[:1] == (verb,) for other in tools)


_SAYING = re.compile(
    r"\b(?:that|saying|says|stating|asking|reading|tell(?:ing)? (?:him|her|them|us))\b|:\s", re.I
)


def _declarative(text: str) -> bool:
    return bool(
        re.match(
            r"\W*(?:hello,? |hi,? )?(?:(?:my|the|our|this|that) (?:[\w'-]+ ){1,4}"
            r"(?:is|are|was|were|has|have|had|arrived|came|does|did|will)|"
            r"i['’]?m|i am|it|it['’]s|he|she|they|we|"
            r"i (?:ordered|bought|was|have|had|am|got|work|live|paid|think|already))\b"
            r"(?! (?:want|need|would|['’]d|have to|must|should|to)\b)",
            text,
            re.I,
        )
    ) and not text.rstrip().endswith("?")


def _owned(text: str) -> bool:
    """Whether a statement says what one has or how it is, so that nothing is to be done."""
    return bool(
        re.match(r"\W*(?:my|our) (?:[\w'-]+ ){1,4}(?:has|have|had|is|was)\b", text, re.I)
    ) and not re.search(r"\b(?:please|wants?|needs?|should|must)\b", text, re.I)


def _continues(
    between: str, clause: Clause, by_name: dict[str, Tool], current: str, name: str, score: float
) -> bool:
    """Whether a piece adds to the call before it rather than asking for another."""
    tool = by_name[name]
    if name != current:
        first = re.match(r"\W*(?:and |then |also |please )*(\w+)", clause.text, re.I)
        verb = stem(first[1]) if first else ""
        imperative = any(kinship(verb, w) >= 0.6 for w in (*tool.name_words, *tool.told))
        asks = bool(
            re.match(
                r"\W*(?:and )?(?:how|what|who|where|when|is|are|can|could|tell|i)\b",
                clause.text,
                re.I,
            )
        )
        return not (imperative or asks or score >= 3.6)
    values = arguments.assign(tool.parameters, clause)
    needed = [p for p in tool.required if p.role not in ("title", "reason", "query", "text")]
    if not needed:
        return not re.match(
            r"\W*(?:and )?(?:how|what|who|where|when|find|search|look)\b", clause.text, re.I
        )
    return not all(p.path in values for p in needed)


def _once_more(tool: Tool, so_far: str, clause: Clause) -> bool:
    """Whether a piece without a verb asks for the last call once more.

    It does where both tell all that the tool needs, two things at least, and not the same:
    "water the lawn for 20 minutes and the orchard for 45".
    """
    needed = [p for p in tool.required if p.exclusive and p.kind != "array"]
    if len(needed) < 2 or any(p.kind == "array" for p in tool.required):
        return False
    fresh = arguments.assign(needed, clause)
    before = Clause(so_far, clause.today)
    known = arguments.assign(needed, before, _verb_end(tool, before))
    return all(p.path in fresh and p.path in known for p in needed) and any(
        fresh[p.path][0] != known[p.path][0] for p in needed
    )


def _verb_end(tool: Tool, clause: Clause) -> int:
    """Where the words that name the tool's deed end, so that its object begins there.

    0 when they stand behind it, as in "When does the harbour office open?".
    """
    end = _deed_end(tool, clause)
    opener = deeds.opening(clause.text)
    if opener is not None and end > opener.end and _names_before(clause, end):
        return 0  # "move the Elm Street order": the deed's word stands behind its object
    if opener is None and tool.acts and re.match(r"\W*(?:my|our|the)\b", clause.text, re.I):
        return 0  # what is spoken of comes first
    if end and opener is None and not tool.acts and _names_before(clause, end):
        return 0
    if end and not tool.acts and re.match(r"\W*(?:is|are|was|were|has|have)\b", clause.text, re.I):
        return 0  # "is the north pier closed": what is asked after stands before or around it
    if end and re.match(
        r"\W*(?:and |so |but )?"
        r"(?:when|where|how|is|are|does|do|whose|compare|show|list|what|which|give|get|tell)\b",
        clause.text,
        re.I,
    ):
        named = [e for e in clause.entities if e.kind in ("name", "id", "host", "quoted")]
        if named and all(e.end <= end for e in named):
            return 0
    return end


def _names_before(clause: Clause, end: int) -> bool:
    return any(e.end <= end and e.kind in ("name", "id", "host") for e in clause.entities)


def _deed_end(tool: Tool, clause: Clause) -> int:
    for word in re.finditer(r"[^\W\d_]+", clause.text):
        root = stem(word.group())
        if any(kinship(root, own) >= 0.6 for own in tool.name_words[:1]):
            return word.end()
    opener = deeds.opening(clause.text)
    things = {cue for p in tool.parameters for cue in p.cues}
    own_verbs = deeds.of_tool(tool.name, tool.description)
    if opener is not None and any(
        opener.verb == verb or deeds.same(opener.verb, verb) for verb in own_verbs
    ):
        return opener.end
    for word in re.finditer(r"[^\W\d_]+", clause.text):
        root = stem(word.group())
        if any(kinship(root, own) >= 0.6 for own in (*tool.name_words, *tool.told)):
            if tool.acts and opener is not None and opener.end < word.start() and root in things:
                return opener.end  # the tool's object, not its deed
            return word.end()
    return 0


def _with_values(tool: Tool, clause: Clause, its_condition: str) -> list[Wanted]:
    values = arguments.assign(
        tool.parameters, clause, _verb_end(tool, clause), frozenset(tool.name_words[1:])
    )
    _lists(tool, clause, values)
    found = [Wanted(tool, clause, values, condition=its_condition)]
    if not tool.open_search:
        found.extend(
            Wanted(tool, clause, other, condition=its_condition)
            for other in _repeated(tool, clause, values)
        )
    return found


def _lists(tool: Tool, clause: Clause, values: Values) -> None:
    schema = tool.schema
    for parameter in tool.parameters:
        if parameter.kind != "array" or parameter.path in values:
            continue
        items, _ = schemas.settle(parameter.schema.get("items", {}), schema)
        if schemas.kind_of(items) == "object":
            records = extracts_records(items, schema, clause)
            if records:
                values[parameter.path] = (records, 3.0)
                _unclaimed(tool, records, values)
            continue
        item = make((*parameter.path, "0"), items, schema, True)
        taken = [value for value, _ in values.values() if isinstance(value, str)]
        found = extracts.listed(parameter, item, clause, taken)
        fitted = [v for v in (arguments.fit(value, item) for value in found) if v is not MISSING]
        told = parameter.required or item.role == "choice" or _mentions(parameter, clause)
        plain = {item.role, extracts.parameter_role(parameter)} & _PLAIN_KINDS
        told = told or bool(plain)
        fitted = [v for v in fitted if v not in taken]
        if fitted and told:
            values[parameter.path] = (fitted, 3.0)


def _unclaimed(tool: Tool, records: list[Any], values: Values) -> None:
    """Take back from optional numbers what a list of records told: its quantities, its prices."""
    numbers = [v for r in records if isinstance(r, dict) for v in r.values() if _is_count(v)]
    for parameter in tool.parameters:
        if parameter.required or parameter.kind not in ("integer", "number"):
            continue
        value, score = values.get(parameter.path, (None, 0.0))
        if value in numbers and score < 4:
            del values[parameter.path]


def _is_count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_PLAIN_KINDS = {"email", "url"}  # what is one needs no other word to be told


def _mentions(parameter: Parameter, clause: Clause) -> bool:
    words = [stem(w) for w in re.findall(r"[^\W\d_]+", clause.text.lower())]
    return any(kinship(cue, word) >= 0.6 for cue in parameter.cues for word in words)


def extracts_records(items: dict[str, Any], root: dict[str, Any], clause: Clause) -> list[Any]:
    """Records told in a coordination: "3 desks at 210 each and 12 chairs at 89 each"."""
    properties = items.get("properties")
    if not isinstance(properties, dict):
        return []
    required = items.get("required")
    required = required if isinstance(required, list) else list(properties)
    leaves = [make((name,), inner, root, name in required) for name, inner in properties.items()]
    text = clause.text
    if ": " in text:
        text = text.split(": ", 1)[1]
    found = []
    for start, end in pieces(text):
        part = _counted(Clause(text[start:end].strip(" ."), clause.today))
        values = arguments.assign(leaves, part)
        _measure(leaves, part, values)
        _remaining_noun(leaves, part, values)
        if all((name,) in values for name in required):
            found.append({path[0]: value for path, (value, _) in values.items()})
    return found


def _counted(part: Clause) -> Clause:
    """A piece from its first number on, where a thing follows: "invoice Ada for 3 lamps at 40"."""
    first = next((e for e in part.entities if e.kind == "number"), None)
    rest = part.text[first.end :] if first is not None else ""
    if first is None or not re.match(r"\W{0,2}(?!at\b|for\b|each\b)[^\W\d]", rest):
        return part
    return Clause(part.text[first.start :], part.today)


def _measure(leaves: list[Parameter], part: Clause, values: Values) -> None:
    """Give the unit of "2 kg of sand" to the text that is for a unit, and the 2 to the number."""
    unit = next((p for p in leaves if p.kind == "string" and p.cues == {stem("unit")}), None)
    found = re.search(r"(\d[\d.,]*) ?([^\W\d_]+) of \w", part.text)
    if unit is None or found is None:
        return
    numbers = [p for p in leaves if p.kind in ("integer", "number")]
    told = [(unit, found[2]), *((p, numeric(found[1])) for p in numbers if len(numbers) == 1)]
    for parameter, value in told:
        fitted = arguments.fit(value, parameter)
        if fitted is not MISSING:
            values[parameter.path] = (fitted, 3.0)


def _remaining_noun(leaves: list[Parameter], part: Clause, values: Values) -> None:
    """Give the one text that is still missing the words that no other value took."""
    strings = [p for p in leaves if p.kind == "string" and not p.schema.get("enum")]
    if len(strings) != 1:
        return
    text = list(part.text)
    for entity in part.entities:
        if entity.kind in ("number", "money", "percent", "date", "time"):
            text[entity.start : entity.end] = " " * (entity.end - entity.start)
    plain = re.sub(
        r"\b(?:at|for|each|apiece|of|x|times|a|an|the|and|per|costing|with|to|add|by)\b",
        " ",
        "".join(text),
    )
    words = re.findall(r"[\w'’-]+", plain)
    if words:
        values[strings[0].path] = (" ".join(words), 2.0)


_BETWEEN = re.compile(
    r"\W*(?:,|and|or|&|/|vs\.?|versus|as well as|plus|,? and also)*\W*"
    r"(?:(?:also|in|for|of|to|the|order|orders|number|with|both|on|about|weather|that)\W+)*\W*",
    re.I,
)


def _repeated(tool: Tool, clause: Clause, values: Values) -> list[Values]:
    """The same call for the other members of "Bergen and Malmö" or "orders 1 and 2"."""
    taken = [value for value, _ in values.values()]
    for parameter in tool.parameters:
        if not parameter.required or parameter.path not in values or parameter.direction:
            continue
        if parameter.role == "choice" and (others := _more_choices(parameter, clause, values)):
            return [{**values, parameter.path: (other, 3.0)} for other in others]
        if parameter.role not in (
            "place",
            "id",
            "person",
            "name",
            "thing",
            "language",
            "path",
            "url",
            "email",
            "domain",
            "idnumber",
        ):
            continue
        value = values[parameter.path][0]
        first = next(
            (
                e
                for e in clause.entities
                if str(e.value) == str(value) or clause.text[e.start : e.end] == str(value)
            ),
            None,
        )
        if first is None:
            if others := _more_things(str(value), parameter, clause):
                return [{**values, parameter.path: (other, 3.0)} for other in others]
            continue
        found: list[Values] = []
        kinds = {first.kind} | ({"id", "number"} if first.kind in ("id", "number") else set())
        previous = first.end
        after = first.start
        for entity in reversed(clause.entities):  # "A and B prices", where B was taken
            between = clause.text[entity.end : after]
            if entity.end > after or entity.kind not in kinds:
                continue
            fitted = arguments.fit(entity.value, parameter)
            if not _BETWEEN.fullmatch(between) or not re.search(
                r",|\band\b|\bor\b|&|/|vs", between
            ):
                break
            if fitted is MISSING or fitted in taken:
                break
            own = values[parameter.path]
            found.append({**values, parameter.path: own})
            values[parameter.path] = (fitted, 3.0)
            after = entity.start
        found.reverse()
        for entity in clause.entities:
            if entity.start < previous or entity.kind not in kinds:
                continue
            between = clause.text[previous : entity.start]
            if not re.search(
                r"\band\b|\bor\b|&|/|\bvs\b|versus|plus|as well", clause.text[previous:], re.I
            ):
                break
            if not _BETWEEN.fullmatch(between) or not re.search(
                r",|\band\b|\bor\b|&|/|vs|plus|well", between
            ):
                break
            raw = clause.text[entity.start : entity.end]
            other: Any = entity.value
            if entity.kind == "number" and parameter.kind == "string":
                other = raw
            fitted = arguments.fit(other, parameter)
            if fitted is MISSING or fitted in taken:
                break
            found.append({**values, parameter.path: (fitted, 3.0)})
            previous = entity.end
        if found:
            return found
    return []


def _more_choices(parameter: Parameter, clause: Clause, values: Values) -> list[Any]:
    """The other options of "in Europe and Asia", one of which is the value."""
    named = sorted(extracts.choices(parameter, clause), key=lambda option: option[2])
    between = [clause.text[a[3] : b[2]] for a, b in pairwise(named)]
    if not between or not all(_LISTED.fullmatch(text) for text in between):
        return []
    values[parameter.path] = (named[0][1], 3.0)
    return [option for _, option, _, _ in named[1:]]


_LISTED = re.compile(r"\W*(?:,|\band\b|&|/|\bvs\b|\bas well as\b)\W*(?:in |for |the |on )*", re.I)


def _more_things(value: str, parameter: Parameter, clause: Clause) -> list[str]:
    """The other members of "the hall, the attic and the cellar", one of which is the value."""
    if parameter.role not in ("place", "thing", "name"):
        return []
    word = r"(?!and\b|or\b)[a-z][\w'’-]*"
    member = rf"(?:the|my|our|his|her|their) {word}(?: {word}){{0,2}}"
    run = (
        rf"{member}(?:, {member})*,? (?:and|or|&|as well as) {member}"
        r"(?=[,.;:!?]|\s(?:on|off|at|in|for|please|to)\b|$)"
    )
    for found in re.finditer(run, clause.text):
        parts = re.split(r",? (?:and|or|&|as well as) |, ", found[0])
        things = [strip_determiners(part) for part in parts]
        things = [
            re.sub(r"(?: (?:on|off|at|in|for|please|to)\b.*)$", "", thing) for thing in things
        ]
        at = next((t for t in things if t == value or value in t.split()), None)
        if at is not None:
            return [thing for thing in things if thing != at]
    return []


_INFORMATION = re.compile(
    r"^\W*(?:what|who|whom|which|where|when|why|how|is|are|was|were|does|do|did|tell me|explain|"
    r"describe|find|search|research|look|investigate|summari[sz]e|compare|give me|write|prepare|"
    r"topic|question|task)\b",
    re.I,
)
_ABOUT_US = re.compile(
    r"\b(?:you|your|yourself|my|me|i|we|our|us)\b(?! (?:know|tell|find|explain|think))", re.I
)


def _open_question(
    text: str, tools: Sequence[Tool], today: dt.date | None, conv: Conversation
) -> list[Wanted]:
    """A question that no tool is made for goes to the tool that searches everything."""
    searching = [tool for tool in tools if tool.open_search]
    if not searching or not text.strip() or is_negated(text):
        return []
    bare = extracts.strip_polite(text)
    personal = _ABOUT_US.search(re.sub(r"\btell me\b|\bgive me\b", "", bare, flags=re.I))
    told = any(tool.name in conv.system for tool in searching) or re.search(
        r"\b(?:search|research|look up|use (?:the |your )?tools?|retrieve|"
        r"knowledge base|find facts)",
        conv.system,
        re.I,
    )
    if knowledge.arithmetic(text) is not None:
        return []
    if not told and (not _INFORMATION.match(bare) or personal):
        return []
    if told and personal and re.search(r"\bmy name\b|\bwho am i\b|\bare you\b", bare, re.I):
        return []
    tool = searching[0]
    clause = Clause(text, today)
    return [Wanted(tool, clause, arguments.assign(tool.parameters, clause))]


def _by_instruction(
    conv: Conversation, tools: Sequence[Tool], today: dt.date | None
) -> list[Wanted]:
    """Tools that the instructions say to use for every request."""
    found = []
    for tool in tools:
        pattern = (
            rf"\b(?:always|first|must|use|call|begin)\b[^.\n]{{0,40}}\b{re.escape(tool.name)}\b"
        )
        if re.search(pattern, conv.system, re.I):
            clause = Clause(conv.request, today)
            values = arguments.assign(tool.parameters, clause)
            if tool.required and all(p.path in values for p in tool.required):
                found.append(Wanted(tool, clause, values))
    return found[:1]


_FOLLOW = re.compile(
    r"^\W*(?:and|what about|how about|same|also|now|then|actually|no,|sorry|make (?:it|that)|"
    r"change (?:it|that)|instead|rather|i meant|correction|wait|or|the same|for|in|but)\b",
    re.I,
)


def _looks_like_follow_up(text: str) -> bool:
    return bool(_FOLLOW.match(text)) and len(text.split()) <= 9


def _follow_up(conv: Conversation, tools: Sequence[Tool], today: dt.date | None) -> list[Wanted]:
    """ "And in Genoa?", "Actually, make it 60": the last call again, with what changed."""
    if not conv.before or not _looks_like_follow_up(conv.request):
        return []
    last = conv.before[-1]
    tool = next((t for t in tools if t.name == last.name), None)
    if tool is None:
        return []
    clause = Clause(conv.request, today)
    table = scores(clause, tools)
    best = max(table, key=lambda name: table[name])
    if best != tool.name and table[best] >= ENOUGH:
        return []
    fresh = arguments.assign(tool.parameters, clause)
    changed = {
        path: found
        for path, found in fresh.items()
        if found[0] != _at(last.arguments, path)
        and not (isinstance(found[0], str) and len(found[0].split()) > 6)
    }
    roles = {p.path: p.role for p in tool.parameters}
    if not tool.searches:
        changed = {path: v for path, v in changed.items() if roles[path] not in ("query", "body")}
    if not changed:
        return []
    values: Values = {}
    for parameter in tool.parameters:
        old = _at(last.arguments, parameter.path)
        if parameter.path in changed:
            values[parameter.path] = changed[parameter.path]
        elif old is not MISSING:
            values[parameter.path] = (old, 3.0)
    found = [Wanted(tool, clause, values)]
    found.extend(Wanted(tool, clause, other) for other in _repeated(tool, clause, values))
    return found


def _answered_question(
    conv: Conversation, tools: Sequence[Tool], today: dt.date | None
) -> list[Wanted]:
    """An answer to what was asked for completes the request before it."""
    asked = conv.earlier_assistant_text()
    earlier = conv.earlier_user_texts()
    if "?" not in asked or not earlier or len(conv.request.split()) > 25:
        return []
    for text in earlier[:2]:
        found = _from_text(text, tools, today, conv)
        if not found:
            continue
        for item in found:
            late = Clause(conv.request, today)
            open_ones = [p for p in item.tool.parameters if p.path not in item.values]
            ordered = [p for p in open_ones if p.required] or open_ones
            item.values.update(arguments.assign(ordered, late))
            left = [p for p in ordered if p.required and p.path not in item.values]
            if not open_ones or not any(p.required for p in open_ones):
                _named_now(item, late)
            if len(left) == 1:
                answer = conv.request.strip().rstrip(".!")
                answer = re.sub(
                    r"^(?:it['’]s|it is|on|at|to|for|in|the|please|yes,?|sure,?)\s+",
                    "",
                    answer,
                    flags=re.I,
                )
                answer = re.sub(r",? please$", "", answer, flags=re.I)
                fitted = arguments.fit(answer, left[0])
                if fitted is not MISSING and len(answer.split()) <= 12:
                    item.values[left[0].path] = (fitted, 2.0)
        return found
    return []


def _named_now(item: Wanted, answer: Clause) -> None:
    """A name or a code given for an answer takes the place of what was only described."""
    if len(answer.entities) != 1 or len(answer.text.split()) > 6:
        return
    entity = answer.entities[0]
    if entity.kind not in ("id", "name", "host", "quoted", "path", "number"):
        return
    for parameter in item.tool.required:
        value = item.values[parameter.path][0]
        if parameter.role in ("thing", "name", "id", "person", "place") and str(value).islower():
            fitted = arguments.fit(entity.value, parameter)
            if fitted is not MISSING:
                item.values[parameter.path] = (fitted, 3.0)
            return


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value


def _complete(wanted: list[Wanted], conv: Conversation) -> None:
    """Fill what a clause leaves open from the rest of the request and the conversation."""
    for item in wanted:
        missing = [p for p in item.tool.required if p.path not in item.values]
        for parameter in missing:
            value = knowledge.supply(parameter, item.clause, conv, item.tool)
            if value is MISSING and parameter.role == "reason":
                value = arguments.fit(_cause(conv.request), parameter)
            if value is not MISSING:
                item.values[parameter.path] = (value, 1.5)
        if len(wanted) == 1:
            _told_beside(item, conv, draws=bool(missing))
        _drafted(item)
        _addressed(item, conv)
        for parameter in item.tool.required:
            if parameter.role == "title" and parameter.path not in item.values:
                body = next(
                    (
                        v
                        for p, (v, _) in item.values.items()
                        if any(q.path == p and q.role == "body" for q in item.tool.parameters)
                    ),
                    "",
                )
                if isinstance(body, str) and re.match(r"\W|[^.]{0,80};", body) and conv.since:
                    body = " ".join(name_parts(conv.since[-1].name))
                if isinstance(body, str) and body:
                    item.values[parameter.path] = (extracts.heading(body), 1.5)
        item.missing = [p for p in item.tool.required if p.path not in item.values]


_EACH = re.compile(r"\b(?:each|every|all|both)\b|\bthem\b", re.I)


def _for_each(item: Wanted, conv: Conversation) -> list[Wanted]:
    """The call once for each record of a list that the last call found, where all are meant."""
    if len(item.tool.required) != 1 or not conv.since or not _EACH.search(item.clause.text):
        return [item]
    parameter = item.tool.required[0]
    value, _ = item.values.get(parameter.path, (MISSING, 0.0))
    for call in reversed(conv.since):
        records = call.data
        if isinstance(records, dict):
            records = next((v for v in records.values() if isinstance(v, list)), None)
        if call.failed or not isinstance(records, list):
            continue
        for key in records[0] if records and isinstance(records[0], dict) else ():
            column = [r.get(key) for r in records if isinstance(r, dict)]
            fitted = [arguments.fit(entry, parameter) for entry in column]
            if value in fitted and len(fitted) > 1 and MISSING not in fitted:
                made = [{**item.values, parameter.path: (entry, 1.5)} for entry in fitted]
                return [replace(item, values=values) for values in made]
    return [item]


def _told_beside(item: Wanted, conv: Conversation, draws: bool) -> None:
    """Fill what is missing from the statement that stands beside the wish, where there is one.

    "My dog Rex coughs. Book a visit for Monday.": its one name, and itself as the reason. A call
    that draws on it for what it must have takes its date too.
    """
    sentences = re.split(r"(?<=[.!?])\s+", conv.request.replace(item.clause.text, "\n"))
    told = [s.strip() for s in sentences if _declarative(s.strip()) and not is_negated(s)]
    if len(told) != 1:
        return
    beside = Clause(told[0], item.clause.today)
    names = [e.value for e in beside.entities if e.kind == "name"]
    missing = [p for p in item.tool.required if p.path not in item.values]
    item.values.update(arguments.assign([p for p in missing if p.role == "choice"], beside))
    if draws and not any(e.kind in ("date", "when") for e in item.clause.entities):
        dates = [p for p in item.tool.parameters if p.role == "date"]
        open_dates = [p for p in dates if p.path not in item.values]
        item.values.update(arguments.assign(open_dates, beside))
    for role, value in (("name", names[0] if len(names) == 1 else None), ("reason", told[0])):
        kin = ("name", "person", "thing") if role == "name" else (role,)
        open_ones = [p for p in missing if p.role in kin]
        fitted = arguments.fit(value, open_ones[0]) if len(open_ones) == 1 else MISSING
        if fitted is not MISSING:
            item.values[open_ones[0].path] = (fitted, 1.5)


def _told(item: Wanted, body: Parameter) -> bool:
    """Fill a message with what its request says, sentence by sentence, to its reader."""
    quoted = {e.value for e in item.clause.entities if e.kind == "quoted"}
    if body.path in item.values and item.values[body.path][0] in quoted:
        return False
    says, subject = writing.statements(item.clause.text)
    text = " ".join(says)
    if not text or arguments.fit(text, body) is MISSING:
        return False
    item.values[body.path] = (text, 2.0)
    title = next((p for p in item.tool.required if p.role == "title"), None)
    if title is not None and (
        title.path not in item.values or item.values[title.path][0] not in quoted
    ):
        item.values[title.path] = (subject or extracts.heading(text), 2.0)
    return True


def _addressed(item: Wanted, conv: Conversation) -> None:
    """A message speaks to its reader, also where the request speaks of them."""
    takers = [p for p in item.tool.parameters if p.role in ("email", "person", "thing", "id")]
    if not takers or not any(p.role == "body" for p in item.tool.parameters):
        return
    before = conv.request[: max(conv.request.find(item.clause.text), 0)]
    if any(e.kind == "name" for e in Clause(before).entities):
        return  # the pronouns may be of somebody named there
    for parameter in item.tool.parameters:
        if parameter.role not in ("body", "title") or parameter.path not in item.values:
            continue
        value, score = item.values[parameter.path]
        if not isinstance(value, str) or any(
            e.kind == "quoted" and e.value == value for e in item.clause.entities
        ):
            continue
        said = writing.to_reader(value, item.clause.text)
        item.values[parameter.path] = (said[:1].upper() + said[1:], score)


_TROUBLE = re.compile(
    r"\b(?:broken?|damaged|late|wrong|missing|torn|leak\w*|defect\w*|lost|delay\w*|faulty|twice|"
    r"cracked|scratched|never|not (?:arrive|come|work)\w*)\b",
    re.I,
)


def _cause(request: str) -> str | None:
    """What went wrong, where a request tells of it apart from what is to be done."""
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", request):
        found = re.search(
            r"\b(?:wrote|writes|says?|said|complain\w*|report\w*|told us|claims?)\b"
            r"(?: to us)?:?(?: that)?\s+(.+)$",
            sentence,
        )
        told = found[1] if found else sentence if _declarative(sentence) else ""
        if told and _TROUBLE.search(told):
            return told.strip(" .\"'“”!")
    return None


def _drafted(item: Wanted) -> None:
    """Write the message oneself where a request says what it is to be, but not its words."""
    open_ones = [p for p in item.tool.required if p.path not in item.values]
    body = next((p for p in item.tool.required if p.role == "body"), None)
    if body is not None and tells(item.clause.text) and _told(item, body):
        return
    if body not in open_ones:
        return
    if body is None or not _WRITE.search(item.clause.text):
        return
    written = writing.write_as([{"role": "user", "content": item.clause.text}], "draft")
    subject = re.match(r"Subject: (.+)\n+", written)
    text = written[subject.end() :] if subject else written
    fitted = arguments.fit(text.strip(), body)
    if not text.strip() or fitted is MISSING:
        return
    item.values[body.path] = (fitted, 1.5)
    title = next((p for p in open_ones if p.role == "title"), None)
    if subject and title is not None and arguments.fit(subject[1], title) is not MISSING:
        item.values[title.path] = (arguments.fit(subject[1], title), 1.5)


_WRITE = re.compile(r"\b(?:write|draft|compose|apolog\w*|thank|congratulat\w*|invite)\b", re.I)


def _done(item: Wanted, made: list[PastCall]) -> bool:
    """Whether a call was made already since the request; a mended one may be made once more."""
    mine = item.call().arguments
    same = [call for call in made if call.name == item.tool.name]
    for call in same:
        if _alike(mine, call.arguments):
            return True
        if (
            call.failed
            and len(same) < 2
            and re.search(r"valid|format|must be|expected|pattern|missing", call.result or "", re.I)
        ):
            continue
    return False


def _alike(a: dict[str, Any], b: dict[str, Any]) -> bool:
    shared = set(a) & set(b)
    if not shared:
        return not a or not b
    return all(str(a[key]).strip(" .").lower() == str(b[key]).strip(" .").lower() for key in shared)


def _schedule(
    wanted: list[Wanted], conv: Conversation, tools: Sequence[Tool]
) -> tuple[list[Wanted], list[Wanted]]:
    made = conv.since
    counts: dict[str, int] = {}
    for item in wanted:
        counts[item.tool.name] = counts.get(item.tool.name, 0) + 1
    left = []
    for item in wanted:
        same = [call for call in made if call.name == item.tool.name]
        retry = len(same) == 1 and same[0].failed and _mendable(same[0]) and not item.missing
        if _done(item, made) or (len(same) >= counts[item.tool.name] and not retry):
            continue
        left.append(item)
    ready: list[Wanted] = []
    pending: list[Wanted] = []
    for item in left:
        if item.condition:
            if not any(not call.failed for call in made):
                check = _checker(item, tools, conv)
                if check is not None:
                    ready.append(check)
                    item.waits = True
                    continue
                if len(left) > 1:
                    item.waits = True
                    continue
            elif not knowledge.holds(item.condition, conv):
                continue
        if item.missing:
            provider = _provider(item, tools, made, conv)
            if provider is not None:
                ready.append(provider)
                item.waits = True
            pending.append(item)
            continue
        if _needs_results(item) and not made and len(left) > 1:
            item.waits = True
            pending.append(item)
            continue
        ready.append(item)
    if ready:
        for item in pending:
            item.waits = True
    return ready, pending


def _mendable(call: PastCall) -> bool:
    return bool(re.search(r"valid|format|must be|expected|pattern", call.result or "", re.I))


def _needs_results(item: Wanted) -> bool:
    """Whether a call speaks of something that another call has yet to find."""
    bodies = [
        p
        for p in item.tool.parameters
        if p.role in ("body", "text") and (p.required or p.path in item.values)
    ]
    if not bodies:
        return False
    return bool(
        re.search(
            r"\b(?:the (?:results?|answer|summary|findings|total|sum|outcome|forecast|status|"
            r"translation|information|price)|"
            r"(?:its|their) (?:status|totals?|prices?|details|state)|"
            r"it|them|what you found|this)\b",
            item.clause.text,
            re.I,
        )
    )


def _checker(item: Wanted, tools: Sequence[Tool], conv: Conversation) -> Wanted | None:
    """The call that finds out whether a condition holds."""
    others = [tool for tool in tools if tool.name != item.tool.name]
    if not others:
        return None
    clause = Clause(item.condition, item.clause.today)
    table = scores(clause, others)
    name = max(table, key=lambda key: table[key])
    if table[name] < 1.2:
        return None
    tool = next(t for t in others if t.name == name)
    values = arguments.assign(tool.parameters, clause, _verb_end(tool, clause))
    check = Wanted(tool, clause, values)
    for parameter in tool.required:
        if parameter.path not in values:
            for path, found in item.values.items():
                if path[-1:] == parameter.path[-1:]:
                    values[parameter.path] = found
    _complete([check], conv)
    return None if check.missing or _done(check, conv.since) else check


def _provider(
    item: Wanted, tools: Sequence[Tool], made: list[PastCall], conv: Conversation
) -> Wanted | None:
    """A call to another tool that finds what is missing (a person's address, say)."""
    for parameter in item.missing:
        needs = parameter.cues | parameter.hints | {parameter.role}
        for tool in tools:
            if tool.name == item.tool.name or any(call.name == tool.name for call in made):
                continue
            if not tool.required or any(p.role == parameter.role for p in tool.required):
                continue
            own = {*tool.name_words, *tool.told}
            if not own & _FINDING:
                continue
            if not any(kinship(need, word) >= 0.6 for need in needs for word in own):
                continue
            values = arguments.assign(tool.parameters, item.clause)
            if all(p.path in values for p in tool.required):
                return Wanted(tool, item.clause, values)
    return None


_FINDING = frozenset(
    stem(w) for w in ("find", "look", "lookup", "get", "search", "fetch", "list", "look_up", "read",
                      "check", "query", "directory")
)  # fmt: skip


def _arguments(tool: Tool, values: Values) -> dict[str, Any]:
    def find(path: tuple[str, ...], schema: dict[str, Any]) -> Any:
        if path and path[-1] == "*":
            head = path[:-1]
            for known, (value, _) in values.items():
                if known[: len(head)] == head:
                    return value
            return MISSING
        return values[path][0] if path in values else MISSING

    made = schemas.build(tool.schema, find)
    return made if isinstance(made, dict) else {}


def _best_guess(conv: Conversation, tools: Sequence[Tool], today: dt.date | None) -> Wanted | None:
    """The likeliest call when one must be made."""
    clause = Clause(conv.request, today)
    table = scores(clause, tools)
    unused = [t for t in tools if not any(call.name == t.name for call in conv.since)] or list(
        tools
    )
    best = max(unused, key=lambda t: table[t.name] + (1.1 if t.open_search else 0))
    values = arguments.assign(best.parameters, clause, _verb_end(best, clause))
    _lists(best, clause, values)
    item = Wanted(best, clause, values)
    _complete([item], conv)
    for parameter in item.missing:
        if parameter.kind == "string":
            text = extracts.query(conv.request)
            fitted = arguments.fit(text, parameter)
            if fitted is not MISSING:
                item.values[parameter.path] = (fitted, 0.5)
    return item


def question(tool: Tool, missing: Sequence[Parameter]) -> str:
    """Ask for what a call still needs."""
    wanted = [_described(parameter) for parameter in missing]
    listed = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} and {wanted[-1]}"
    deed = " ".join(name_parts(tool.name))
    return f"To {deed} I still need {listed}. Could you tell me?"


def _described(parameter: Parameter) -> str:
    name = " ".join(name_parts(parameter.name))
    told = str(parameter.schema.get("description") or "").strip().rstrip(".")
    options = parameter.schema.get("enum")
    if options:
        return f"the {name} ({', '.join(map(str, options))})"
    if told and told.lower() != name and len(told) < 60:
        return f"the {name} ({told[:1].lower() + told[1:] if told[1:2].islower() else told})"
    return f"the {name}"
