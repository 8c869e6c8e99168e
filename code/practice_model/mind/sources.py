"""Where a missing argument may come from: the request's other clauses, results, earlier turns."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from practice_model.mind.assign import Binding, trimmed
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Fact, Passage, Reading
from practice_model.mind.reading.tokens import stem
from practice_model.mind.scoring import ACCEPT, score
from practice_model.mind.tools import Choice, Deed, bind
from practice_model.mind.values import shape, value_for

STRONG = 0.85  # an optional argument from elsewhere needs a sure sign


def complete(
    choice: Choice, passage: Passage, banned: Sequence[tuple[int, int]], optional: bool = True
) -> Choice:
    """Bind what a choice lacks to the rest of the request, outside of some stretches."""
    text = list(passage.text)
    for start, end in banned:
        text[start:end] = " " * (min(end, len(text)) - start)
    limits = [passage.text.find(c.condition) for c in passage.clauses if c.condition]
    spans = [
        s
        for s in passage.spans
        if not any(a <= s.start < b for a, b in banned)
        and not s.quoted
        and not (
            s.kind == "number"
            and any(
                0 <= at <= s.start < at + len(c.condition)
                for at, c in zip(limits, [c for c in passage.clauses if c.condition], strict=True)
            )
        )
    ]
    used = [b.span for b in choice.bindings if b.span is not None]
    spans = [s for s in spans if not any(u.start < s.end and s.start < u.end for u in used)]
    deed = Deed("".join(text), "", tuple(spans), passage.text)
    bound = {b.param.path for b in choice.bindings}
    found: list[Binding] = []
    for binding in bind(deed, choice.tool):
        said = binding.param.sense in ("text", "title", "reason", "query")
        strong = binding.score >= STRONG and not said
        flag = binding.param.kind == "boolean" or binding.param.options
        if binding.param.path not in bound and (
            binding.param.required or (optional and (strong or flag))
        ):
            found.append(binding)
    return replace(choice, bindings=(*choice.bindings, *found))


def from_facts(choice: Choice, facts: Sequence[Fact], ages: range) -> Choice:
    """Bind what a choice requires to values that results gave, the newest first."""
    found = list(choice.bindings)
    for param in choice.missing:
        one = replace(param, kind="string") if param.kind == "array" else param
        fact = best_fact(one, [f for f in facts if f.age in ages], choice.tool)
        if fact is not None:
            value = fact_value(one, fact)
            found.append(Binding(param, [value] if one is not param else value, None, 0.7))
    return replace(choice, bindings=tuple(found))


def fact_value(param: Param, fact: Fact) -> Any:
    """Return a fact's value in the parameter's type, or None."""
    value = fact.value
    if param.kind in ("number", "integer"):
        if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        value = int(value) if float(value).is_integer() else value
        return None if param.kind == "integer" and not isinstance(value, int) else value
    if param.kind == "boolean":
        return value if isinstance(value, bool) else None
    if param.kind == "string" and not isinstance(value, dict | list | bool) and value is not None:
        text = str(value)
        if param.options:
            return next((o for o in param.options if str(o).lower() == text.lower()), None)
        return text
    return None


def best_fact(param: Param, facts: Sequence[Fact], tool: Tool) -> Fact | None:
    """Return the fact whose name and kind suit a parameter best."""
    best, top = None, 0.5
    about = param.words | param.about
    for index, fact in enumerate(facts):
        if fact_value(param, fact) is None:
            continue
        keys = {stem(w) for w in name_words(fact.key)}
        source = {stem(w) for w in name_words(fact.source)}
        total = 0.0
        if "_".join(name_words(fact.key)) == "_".join(name_words(param.name)):
            total = 1.6
        elif keys & param.words:
            total = 0.6 + 0.5 * len(keys & param.words) / max(len(keys), len(param.words))
        elif (
            any(w.startswith(k) and len(k) > 2 for k in keys for w in param.words)
            or (keys & param.about)
            or (keys <= {"id", "number", "cod", "key", "ref"} and (source & about))
        ):
            total = 0.6
        total += _kind_match(param, fact)
        total -= 0.12 * fact.age + 0.004 * index
        if total > top:
            best, top = fact, total
    return best


def _kind_match(param: Param, fact: Fact) -> float:
    text = str(fact.value)
    if param.sense == "email":
        return 0.6 if re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text) else -1.0
    if param.sense == "url":
        return 0.6 if text.startswith(("http", "www.")) else -1.0
    if param.sense == "money" and param.kind in ("number", "integer"):
        keys = set(name_words(fact.key))
        return (
            0.7 if keys & {"total", "amount", "price", "paid", "cost", "sum", "fee", "due"} else 0.0
        )
    if param.sense in ("date", "time"):
        return 0.3 if re.match(r"\d{4}-\d\d-\d\d|\d\d?:\d\d", text) else -0.8
    if param.examples and any(shape(e) == shape(text) for e in param.examples):
        return 0.5
    return 0.0


def from_past(choice: Choice, reading: Reading) -> Choice:
    """Bind what a choice requires to arguments of earlier calls and words of earlier turns."""
    found = list(choice.bindings)
    calls = [*reversed(reading.since), *reversed(reading.before)]
    for param in choice.missing:
        value = _past_argument(param, calls, choice.tool)
        if value is None:
            value = _past_words(param, reading, choice)
        if value is not None:
            found.append(Binding(param, value, None, 0.6))
    return replace(choice, bindings=tuple(found))


def _past_argument(param: Param, calls: Sequence[Any], tool: Tool) -> Any:
    for call in calls:
        if param.name in call.arguments and not isinstance(call.arguments[param.name], dict | list):
            return call.arguments[param.name]
    return None


def _past_words(param: Param, reading: Reading, choice: Choice) -> Any:
    if param.sense in ("text", "query", "reason") or param.kind == "boolean" or param.options:
        return None
    for turn, said in reversed(
        list(zip(reading.turns, reading.passages, strict=True))[: max(reading.request_index, 0)]
    ):
        if turn.role == "tool":
            continue
        spans = [trimmed(s, choice.tool) for s in said.spans if s.kind not in ("noun", "clause")]
        spans.sort(key=lambda s: -s.start if turn.role == "assistant" else s.start)
        best = max(spans, key=lambda s: score(param, s, choice.tool.words), default=None)
        if best is not None:
            sure = score(param, best, choice.tool.words)
            need = 0.6 if param.sense in ("email", "date", "time", "url", "path") else 0.95
            if sure >= max(ACCEPT, need):
                return value_for(param, best)
    return None
