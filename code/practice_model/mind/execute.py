"""What of a plan can be called now: conditions, what results gave, and look-ups first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from practice_model.lexicon import words
from practice_model.mind.assign import Binding, trimmed
from practice_model.mind.conditions import holds
from practice_model.mind.lists import build
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Fact, Reading, Span
from practice_model.mind.records import each_record
from practice_model.mind.reply import ToolCall
from practice_model.mind.sources import complete, from_facts, from_past
from practice_model.mind.tools import CALL, Choice, Deed, Planned, rank
from practice_model.mind.values import shape, value_for


@dataclass(frozen=True)
class Decision:
    """Calls to make now; or what a tool lacks, to be asked for; or neither."""

    calls: list[ToolCall] = field(default_factory=list)
    ask: tuple[Tool, tuple[Param, ...]] | None = None


def distributed(choice: Choice, spans: Sequence[Span]) -> list[Choice]:
    """Repeat a call for every further member of an enumeration, and every further option."""
    for binding in choice.bindings:
        span, param = binding.span, binding.param
        if span is None or span.group < 0 or param.kind == "array" or span.kind == "list":
            continue
        if span.kind == "option":
            options = [b for b in choice.bindings if b.param.path == param.path]
            if len(options) > 1:
                return [_with(choice, b) for b in options]
            continue
        if param.sense in ("text", "title", "query", "reason"):
            continue
        used = [b.span for b in choice.bindings if b.span is not None and b.span is not span]
        members = [
            s
            for s in spans
            if s.group == span.group and s.kind != "clause" and s.start != span.start
        ]
        if not members or any(u.start < s.end and s.start < u.end for s in members for u in used):
            continue
        values = [(s, value_for(param, trimmed(s, choice.tool))) for s in members]
        found = [binding, *(replace(binding, value=v, span=s) for s, v in values if v is not None)]
        return [
            _with(choice, b) for b in sorted(found, key=lambda b: b.span.start if b.span else 0)
        ]
    return [once(choice)]


def _with(choice: Choice, binding: Binding) -> Choice:
    rest = [b for b in choice.bindings if b.param.path != binding.param.path]
    return replace(choice, bindings=(*rest, binding))


def once(choice: Choice) -> Choice:
    """Keep the first binding of each parameter."""
    firsts = {b.param.path: b for b in reversed(choice.bindings)}
    return replace(choice, bindings=tuple(firsts.values()))


def execute(reading: Reading, tools: Sequence[Tool], planned: list[Planned]) -> Decision:
    """Choose what of a plan can be called now."""
    calls: list[ToolCall] = []
    ask: tuple[Tool, tuple[Param, ...]] | None = None
    waits = False
    done = list(reading.since)
    for item in planned:
        settled = _settle(reading, item)
        if all(_take(done, s) for s in settled):
            continue
        if item.deed.condition:
            verdict = holds(item.deed.condition, reading.facts)
            if verdict is False:
                continue
            if verdict is None:
                waits = True
                if not calls:
                    calls += _look_up(reading, tools, item, done, item.deed.condition)
                continue
        for choice in settled:
            if _take(done, choice):
                continue
            if not choice.missing:
                calls.append(to_call(choice))
                continue
            first = (
                []
                if waits or (calls and item.deed.start)
                else _look_up(reading, tools, item, done, item.deed.text)
            )
            first = [c for c in first if c not in calls]
            if first:
                calls += first
            elif not calls and ask is None:
                ask = (choice.tool, choice.missing)
    unique = [call for at, call in enumerate(calls) if call not in calls[:at]]
    return Decision(unique, None if unique else ask)


def _settle(reading: Reading, item: Planned) -> list[Choice]:
    choice = _without_adjectives(item.choice, reading.facts)
    item = replace(item, choice=choice)
    if not choice.missing:
        return [choice]
    many = each_record(reading, item)
    if many:
        return many
    choice = from_facts(choice, reading.facts, range(0, 1))
    if choice.missing and reading.turns[: max(reading.request_index, 0)]:
        choice = from_past(from_facts(choice, reading.facts, range(1, 9)), reading)
    return [choice]


def _without_adjectives(choice: Choice, facts: Sequence[Fact]) -> Choice:
    """Drop words taken for an id where results gave ids of that name, which look different."""
    kept = []
    for binding in choice.bindings:
        key = name_words(binding.param.name)
        given = [str(f.value) for f in facts if name_words(f.key) == key]
        ids = bool(given) and all(any(c.isdigit() for c in g) and " " not in g for g in given)
        told = binding.span is None or binding.span.kind in ("id", "handle", "quote")
        if told or not ids or shape(str(binding.value)) in {shape(g) for g in given}:
            kept.append(binding)
    return replace(choice, bindings=tuple(kept))


def _take(done: list[Any], choice: Choice) -> bool:
    arguments = build(choice.bindings)
    same = [past for past in done if past.name == choice.tool.name]
    used = {str(v) for past in same for v in past.arguments.values()}
    if len(same) > 1 and len(arguments) > 1 and {str(v) for v in arguments.values()} <= used:
        return True  # its values are spread over the calls made
    for past in done:
        if past.name == choice.tool.name and (
            choice.missing
            or all(past.arguments.get(k) == v for k, v in arguments.items())
            or _near(past.arguments, arguments)
        ):
            return True
    return False


def _near(past: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Tell that two calls share what identifies them, though their texts may differ."""
    shared = [(str(past[k]).lower(), str(wanted[k]).lower()) for k in wanted if k in past]
    return bool(shared) and all(a in b or b in a for a, b in shared if len(b.split()) < 4)


_WHOLE = re.compile(r"\b(?:everything|all|whole|entire|rest|remaining)\b", re.I)
_ACTS = words("words", "acts")


def _look_up(
    reading: Reading, tools: Sequence[Tool], item: Planned, done: list[Any], text: str
) -> list[ToolCall]:
    from practice_model.mind.reading.tokens import families

    passage = reading.request
    best: Choice | None = None
    for tool in tools:
        own = {f for v in tool.verbs for f in families(v)}
        named = tool.name in item.choice.tool.description
        acts = families(tool.verbs[0]) & _ACTS or (own and not own & {"look", "track"})
        if tool.name == item.name or (acts and not named):
            continue
        if any(past.name == tool.name for past in done):
            continue
        spoken = [b.span for b in item.choice.bindings if b.span and b.span.kind == "option"]
        spans = tuple(
            s
            for s in item.deed.spans
            if not any(o.start <= s.start and s.end <= o.end for o in spoken)
        )
        deed = Deed(text, "", spans, passage.text, item.deed.start, item.deed.clause)
        choice = rank(deed, [tool])[0]
        choice = complete(choice, passage, [], optional=False)
        choice = from_facts(choice, reading.facts, range(0, 9))
        choice = from_past(choice, reading) if choice.missing else choice
        weak = [b for b in choice.bindings if b.param.required and b.span and b.score < 0.85]
        if (
            choice.missing
            or (weak and choice.score < CALL)
            or (tool.params and not choice.bindings)
        ):
            continue
        if any(b.span and b.span.kind == "option" for b in choice.bindings):
            choice = once(choice)
        bonus = _provides(choice, item.choice, text) if text == item.deed.text else 0.6
        if bonus <= 0:
            continue
        choice = replace(choice, score=choice.score + bonus)
        if best is None or choice.score > best.score:
            best = choice
    return [to_call(c) for c in distributed(best, passage.spans)] if best is not None else []


def _provides(found: Choice, wanted: Choice, found_text: str = "") -> float:
    """Score how well a look-up promises what is missing: by its words, or the same record's key."""
    from practice_model.mind.vectors import similarity

    best, tool = 0.0, found.tool
    keys = {b.value for b in found.bindings if b.param.sense == "id"}
    for param in wanted.missing:
        if tool.name in f"{wanted.tool.description} {param.description}":
            return 1.0  # "get them with geocode"
        ids = {b.value for b in wanted.bindings if b.param.sense == "id"}
        if param.sense in ("money", "email", "phone") and keys == ids and len(ids) == 1:
            best = max(best, 0.5)
        if param.sense in ("text", "title", "reason"):
            continue
        shared = len((param.words | param.about) & tool.words) * 0.5
        if param.sense in ("email", "id", "money", "phone", "path", "url"):
            near = similarity(f"{param.label} {param.description}", tool.description)
            best = max(best, shared + (near if near > 0.25 else 0.0))
        whole = _WHOLE.search(found_text) is not None
        best = max(best, shared if shared >= 0.5 and (param.sense or whole) else 0.0)
    return best


def to_call(choice: Choice) -> ToolCall:
    """Turn a choice into a call, its arguments in the schema's order."""
    ordered = sorted(choice.bindings, key=lambda b: b.param.order)
    return ToolCall(choice.tool.name, build(ordered))
