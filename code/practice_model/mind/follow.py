"""Follow-ups: requests that name only what changes, answer a question, or point at a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from practice_model.mind.assign import Binding, assign, composites, currencies
from practice_model.mind.lists import build
from practice_model.mind.options import booleans, chosen
from practice_model.mind.parameters import Param, Tool
from practice_model.mind.reading.facts import flatten
from practice_model.mind.reading.model import Fact, PastCall, Reading
from practice_model.mind.reading.tokens import function_word, stem, tokens
from practice_model.mind.reply import ToolCall
from practice_model.mind.sources import best_fact, fact_value, from_facts, from_past
from practice_model.mind.tools import CALL, Choice, deed_of, rank

if TYPE_CHECKING:
    from practice_model.mind.plan import Planned

_REFERS = re.compile(
    r"^\W*(?:and|what about|how about|now|also|then|or|actually|no|not|sorry|same|make (?:it|that)|"
    r"ok(?:ay)?|yes|sure|right|try|instead|rather|wait)\b|\b(?:instead|as well|too|the other one|"
    r"the same (?:for|to|in|with))\W*$", re.I)
_OTHER = re.compile(r"\b(?:the )?other (?:one|two)?|\banother one\b", re.I)
_YES = re.compile(r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|go ahead|please do|do it|do that|correct|"
                  r"that's right|right|confirm(?:ed)?)\b", re.I)
_THANKS = re.compile(r"^\W*(?:thanks|thank you|great|perfect|cheers|that(?:'s| is| was) all|never ?mind|"
                     r"no,? (?:thanks|thank you|that's all))\b", re.I)
_IT = re.compile(r"\b(?:it|one|that)\b", re.I)
_EACH = re.compile(r"\b(?:each|every|all|both|them|those|these)\b", re.I)
_SUPERLATIVE = re.compile(
    r"\b(cheaper|earlier|nearer|closer|shorter|smaller|quicker|faster|later|longer|larger|bigger|"
    r"cheapest|lowest|least expensive|earliest|soonest|nearest|closest|shortest|smallest|quickest|"
    r"fastest|most expensive|dearest|highest|latest|longest|largest|biggest|best(?:-| )?rated|best|"
    r"newest|oldest)\b", re.I)
_DOWN = {"cheaper", "earlier", "nearer", "closer", "shorter", "smaller", "quicker", "faster", "cheapest", "lowest", "least expensive", "earliest", "soonest", "nearest", "closest",
         "shortest", "smallest", "quickest", "fastest", "oldest"}


def refers(reading: Reading) -> bool:
    """Tell that a request builds on what was said or done before."""
    if not reading.turns[: max(reading.request_index, 0)]:
        return False
    text = reading.request.text
    return bool(_REFERS.search(text)) and len(text.split()) <= 16


def follow_up(reading: Reading, tools: Sequence[Tool], planned: list[Planned]) -> list[ToolCall] | None:
    """Return the calls of a follow-up; None where the request is none."""
    text = reading.request.text
    if _THANKS.search(text) or reading.request_index <= 0:
        return None
    own = [p for p in planned if p.deed.clause and p.deed.clause.verb
           and p.deed.clause.verb not in ("make", "do", "try", "change", "take", "use")]
    last = {c.name for c in _last_calls(reading)}
    if own and not _OTHER.search(text) and any(
            not p.choice.missing or p.name not in last for p in own):
        return None
    asked = _asked(reading)
    calls = _last_calls(reading)
    if asked:
        answered = _answer(reading, tools)
        if answered is not None:
            return answered
    if planned and not (calls and refers(reading)):
        return None
    for past in calls:
        tool = next((t for t in tools if t.name == past.name), None)
        if tool is None:
            continue
        again = _again(reading, tool, past)
        if again:
            return again
    return None


def _asked(reading: Reading) -> bool:
    before = reading.turns[reading.request_index - 1] if reading.request_index > 0 else None
    return before is not None and before.role == "assistant" and "?" in before.text[-200:]


def _last_calls(reading: Reading) -> list[PastCall]:
    for turn in reversed(reading.turns[: reading.request_index]):
        if turn.calls:
            return list(turn.calls)
    return []


def _answer(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    """Complete the request that the assistant's question was about."""
    users = [i for i, t in enumerate(reading.turns[: reading.request_index]) if t.role == "user"]
    for index in reversed(users[-3:]):
        said = reading.passages[index]
        for clause in said.clauses:
            if clause.prohibited:
                continue
            deed = deed_of(said, clause)
            ranked = rank(deed, tools)
            if not ranked or ranked[0].score < CALL * 0.9:
                continue
            choice = _filled(reading, ranked[0])
            choice = from_past(from_facts(choice, reading.facts, range(0, 9)), reading)
            if not choice.missing:
                past = [c for c in reading.before if c.name == choice.tool.name
                        and c.arguments == build(choice.bindings)]
                if not past:
                    return [ToolCall(choice.tool.name, _ordered(choice))]
    return _accepted(reading, tools)


def _accepted(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    """Do what the assistant's question offered, after a yes."""
    if not _YES.search(reading.request.text):
        return None
    offer = reading.passages[reading.request_index - 1]
    for clause in reversed(offer.clauses):
        ranked = rank(deed_of(offer, clause), tools)
        if ranked and ranked[0].score >= CALL:
            choice = from_past(from_facts(_filled(reading, ranked[0]), reading.facts, range(0, 9)),
                               reading)
            if not choice.missing:
                return [ToolCall(choice.tool.name, _ordered(choice))]
    return None


def _ordered(choice: Choice) -> dict[str, Any]:
    return build(sorted(choice.bindings, key=lambda b: b.param.order))


def _new_bindings(reading: Reading, tool: Tool, params: Sequence[Param]) -> list[Binding]:
    """Bind what the follow-up itself says."""
    said = reading.request
    spans = [s for s in said.spans if s.kind != "clause"]
    spans = [*spans, *composites(spans, said.text), *currencies(spans)]
    found = assign(params, spans, tool)
    paths = {b.param.path for b in found}
    extra = [*chosen(tool, said.text, said.spans), *booleans(tool, said.text, "")]
    wanted = {p.path for p in params}
    return [*found, *[b for b in extra if b.param.path not in paths and b.param.path in wanted]]


def _filled(reading: Reading, choice: Choice) -> Choice:
    bound = {b.param.path for b in choice.bindings}
    lacking = [p for p in choice.tool.params if p.path not in bound]
    new = [b for b in _new_bindings(reading, choice.tool, lacking) if b.param.required or b.score > 0.8]
    return replace(choice, bindings=(*choice.bindings, *new))


def _again(reading: Reading, tool: Tool, past: PastCall) -> list[ToolCall]:
    """Repeat a call with what the follow-up changes."""
    text = reading.request.text
    picked = picked_record(reading, text)
    changes: dict[tuple[str, ...], Any] = {}
    if picked:
        for param in tool.params:
            fact = best_fact(param, picked, tool)
            if fact is not None and fact_value(param, fact) != past.arguments.get(param.name) and (
                str(past.arguments.get(param.name)) in {str(f.value) for f in reading.facts}
                or param.name not in past.arguments):
                changes[param.path] = fact_value(param, fact)
    groups: list[Binding] = []
    for binding in _new_bindings(reading, tool, tool.params):
        groups.append(binding)
        if binding.param.path not in changes:
            changes[binding.param.path] = binding.value
    differs = {p: v for p, v in changes.items() if _at(past.arguments, p) != v}
    if not differs:
        return []
    calls = [_merged(past.arguments, changes)]
    for binding in groups:
        span = binding.span
        if span is not None and span.group >= 0 and span.kind != "option":
            for other in reading.request.of(span.kind):
                if other.group == span.group and other is not span and other.start != span.start:
                    calls.append(_merged(past.arguments, {**changes, binding.param.path: other.value}))
    return [ToolCall(tool.name, arguments) for arguments in calls]


def _at(arguments: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = arguments
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _merged(arguments: dict[str, Any], changes: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    import copy

    merged = copy.deepcopy(arguments)
    for path, value in changes.items():
        place = merged
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
    return merged


def records(facts: Sequence[Fact], newest_only: bool = True) -> list[list[Fact]]:
    """Group facts into the records of a list that a result gave, in their order."""
    grouped: dict[tuple[int, str, int], list[Fact]] = {}
    for fact in facts:
        parts = fact.path.split(".")
        index = next((i for i, part in enumerate(parts) if part.isdigit()), None)
        if index is not None:
            stem_ = f"{fact.source}:{'.'.join(parts[:index])}"
            grouped.setdefault((fact.age, stem_, int(parts[index])), []).append(fact)
    heads: dict[tuple[int, str], list[list[Fact]]] = {}
    for (age, head, _), members in sorted(grouped.items(), key=lambda kv: (kv[0][0], kv[0][1], kv[0][2])):
        heads.setdefault((age, head), []).append(members)
    several = [r for r in heads.values() if r]
    return several[0] if several else []


def picked_record(reading: Reading, text: str) -> list[Fact]:
    """Return the record that a text points at: an ordinal, a superlative, "the other one"."""
    found = records(reading.facts)
    if not found:
        return []
    ordinals = [s for s in reading.request.spans if s.kind == "ordinal"]
    best = _SUPERLATIVE.search(text)
    if best:
        return _extreme(found, best[1].lower())
    if ordinals and re.search(r"\b(?:first|second|third|fourth|fifth|last) (?:one|hit|result|option|"
                              r"\w+)\b|\b(?:first|second|third|last)\W*$", text, re.I):
        at = ordinals[0].value
        at = at - 1 if at > 0 else len(found) - 1
        return found[at] if at < len(found) else []
    said = {stem(t.low) for t in tokens(text) if t.is_word and not function_word(t.low)}
    named = [r for r in found if any(isinstance(f.value, str) and said & {
        stem(w) for w in f.value.lower().split() if not function_word(w)} for f in r)]
    if len(named) == 1 and len(found) > 1:
        return named[0]
    if _OTHER.search(text) and len(found) >= 2:
        used = {str(v) for c in reading.before[-3:] for v in c.arguments.values()}
        said = " ".join(t.text for t in reading.turns[: reading.request_index]
                        if t.role in ("assistant", "user"))[-400:]
        free = [r for r in found if not any(str(f.value) in used for f in r)]
        if len(free) == len(found):
            free = [r for r in found if not any(
                isinstance(f.value, str) and len(f.value) > 2 and f.value in said for f in r)]
        return free[0] if free else []
    return []


def _extreme(found: list[list[Fact]], word: str) -> list[Fact]:
    hints = {"price": ("price", "cost", "fare", "rate", "amount", "total"),
             "time": ("time", "date", "departure", "departs", "start", "depart", "arrival", "when"),
             "distance": ("distance", "km", "duration", "minutes", "hours"),
             "rating": ("rating", "score", "stars")}
    keys = hints["price"] if word in ("cheaper", "cheapest", "least expensive", "most expensive", "dearest") else (
        hints["rating"] if word.startswith("best") else hints["time"] if word in (
            "earlier", "later", "earliest", "soonest", "latest", "newest", "oldest") else hints["distance"] if word in (
                "nearer", "closer", "shorter", "quicker", "faster", "longer", "nearest", "closest", "shortest", "quickest", "fastest", "longest") else ())

    def measure(record: list[Fact]) -> Any:
        for fact in record:
            if keys and not any(k in fact.key.lower() for k in keys):
                continue
            if isinstance(fact.value, int | float) and not isinstance(fact.value, bool):
                return fact.value
            if keys == hints["time"] and isinstance(fact.value, str):
                return fact.value
        return None

    measured = [(m, r) for r in found if (m := measure(r)) is not None]
    measured = [m for m in measured if isinstance(m[0], str) == isinstance(measured[0][0], str)]
    if not measured:
        return []
    pick = min if word in _DOWN else max
    return pick(measured, key=lambda pair: pair[0])[1]


def each_record(reading: Reading, item: Planned) -> list[Choice]:
    """Make one call for each record a result lists, or for the one that the deed points at."""
    newest = [f for f in reading.facts if f.age == 0] or list(reading.facts)
    found = records(newest)
    calls_ = [c for c in reading.since if c.result and not c.failed and isinstance(c.data, dict) and any(
        str(v) in item.deed.text for v in c.arguments.values())]
    if len(calls_) > 1 and len({c.name for c in calls_}) == 1 and calls_[0].name != item.name:
        found = [flatten(c.data, c.name, 0) for c in calls_]
        return _filled_each(item, found)
    if not found:
        return []
    one = picked_record(reading, item.deed.text) or (
        picked_record(reading, reading.request.text) if _IT.search(item.deed.text) else [])
    return _filled_each(item, [one] if one else found if _EACH.search(item.deed.text) else [])


def _filled_each(item: Planned, chosen_: Sequence[Sequence[Fact]]) -> list[Choice]:
    calls = []
    for record in chosen_:
        filled = list(item.choice.bindings)
        for param in item.choice.missing:
            fact = best_fact(param, record, item.choice.tool)
            if fact is not None:
                filled.append(Binding(param, fact_value(param, fact), None, 0.7))
        choice = replace(item.choice, bindings=tuple(filled))
        if not choice.missing:
            calls.append(choice)
    return calls
