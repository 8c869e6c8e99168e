"""Lists as arguments: enumerations of values, and of small records."""

import copy
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from practice_model.mind.assign import Binding, trimmed
from practice_model.mind.forms import ARTICLE
from practice_model.mind.options import named
from practice_model.mind.parameters import Param, Tool, kind_of, read_tool, resolve
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import stem
from practice_model.mind.scoring import FIT, labelled, role_fit
from practice_model.mind.values import value_for

_SPLIT = re.compile(
    r"\s{0,4}(?:,\s{0,4}(?:and|or|plus)\b|,|;|\band\b|\bor\b|\bplus\b|&|\n)\s*", re.I
)
_FITS = {"name": 0.7, "quote": 0.7, "noun": 0.62, "id": 0.6, "handle": 0.6, "domain": 0.5}


def lists(tool: Tool, deed: Any, taken: Sequence[Span]) -> list[Binding]:
    """Bind every array parameter that the deed has an enumeration for."""
    found: list[Binding] = []
    for param in [p for p in tool.params if p.kind == "array"]:
        items = resolve(param.schema.get("items") or {}, tool.schema)
        kind = kind_of(items)
        used = [*taken, *(b.span for b in found if b.span is not None)]
        if kind == "object":
            binding = _records(param, items, deed, tool)
        elif param.options:
            chosen = named(param.options, deed.text)
            binding = Binding(param, chosen, None, 0.8) if chosen else None
        elif kind in ("number", "integer"):
            binding = _numbers(param, items, deed)
        else:
            binding = _strings(param, items, deed, tool, used)
        if binding is not None:
            found.append(binding)
    return found


def _numbers(param: Param, items: dict[str, Any], deed: Any) -> Binding | None:
    spans = [s for s in deed.spans if s.kind in ("number", "money", "quantity") and not s.corrected]
    groups = [s for s in spans if s.group >= 0] or spans
    values = [
        v
        for s in groups
        if (v := value_for(param, s, {**items, "type": kind_of(items)})) is not None
    ]
    if not values:
        return None
    whole = Span(groups[0].start, groups[-1].end, "list", "", values)
    return Binding(param, values, whole, 0.8)


def _strings(
    param: Param, items: dict[str, Any], deed: Any, tool: Tool, used: Sequence[Span]
) -> Binding | None:
    schema = {**items, "type": "string"}
    fits = FIT.get(param.sense, FIT[""]) if param.sense in ("email", "url", "path") else _FITS
    best, top = None, 0.0
    for span in deed.spans:
        base = fits.get(span.kind, 0.0)
        if (
            base <= 0
            or span.corrected
            or any(u.start < span.end and span.start < u.end for u in used)
        ):
            continue
        trimmed(span, tool)
        total = (
            base
            + role_fit(param, span)
            + labelled(param, span)
            + 0.35 * (span.group >= 0)
            - (0.5 if {stem(w) for w in span.text.lower().split()} <= tool.words else 0.0)
        )
        if total > top:
            best, top = span, total
    if best is None or top < (0.6 if param.required else 0.85):
        return None
    if best.group >= 0:
        members = [s for s in deed.spans if s.group == best.group and s.kind != "clause"]
    elif param.sense == "email":
        members = [s for s in deed.spans if s.kind == "email"]
    else:
        members = [best]
    values = _members(param, schema, members, deed)
    return (
        Binding(param, values, Span(members[0].start, members[-1].end, "list", "", values), top)
        if (values)
        else None
    )


def _members(param: Param, schema: dict[str, Any], members: list[Span], deed: Any) -> list[Any]:
    if any(s.kind == "noun" for s in members) and len(members) > 1:
        start, end = members[0].start, members[-1].end
        region = deed.source[start:end]
        parts = [ARTICLE.sub("", p).strip() for p in _SPLIT.split(region)]
        first = parts[0].split()
        while len(first) > 1 and stem(first[0].lower()) in param.words:
            first = first[1:]
        parts[0] = " ".join(first)
        return [p for p in parts if p]
    return [v for s in members if (v := value_for(param, s, schema)) is not None]


def _records(param: Param, items: dict[str, Any], deed: Any, tool: Tool) -> Binding | None:
    from practice_model.mind.assign import assign

    one = read_tool(param.name, param.description, items)
    one = replace(
        one,
        params=tuple(
            replace(p, sense="") if p.sense in ("text", "title") else p for p in one.params
        ),
    )
    values, first, last = [], -1, -1
    stretches = parts(deed)
    inner = [
        [s for s in deed.spans if a <= s.start and s.end <= b and s.kind != "clause"]
        for a, b in stretches
    ]
    usual = len(inner[-1])
    for (start, end), spans in zip(stretches, inner, strict=True):
        if len(spans) > usual and len(stretches) > 1:
            spans = spans[-usual:]  # what stands before belongs to the request
            start = spans[0].start
        pieces = [
            Span(s.start, s.end, "unit", s.unit, s.unit)
            for s in spans
            if s.kind == "number" and deed.source[s.end : s.end + len(s.unit) + 5].endswith(" of ")
        ]
        spans = [
            s
            for s in spans
            if s.text.lower() not in {p.unit or p.text for p in pieces}
            and not (s.kind == "noun" and {stem(w) for w in s.text.split()} <= tool.words)
        ]
        bound = assign(one.params, [*spans, *_units(spans), *pieces], one)
        if {p.path for p in one.required} <= {b.param.path for b in bound} and bound:
            values.append(build(bound))
            first = start if first < 0 else first
            last = end
    if not values:
        return None
    return Binding(param, values, Span(first, last, "list", "", values), 0.9)


def _units(spans: Sequence[Span]) -> list[Span]:
    return [Span(s.start, s.end, "unit", s.unit, s.unit) for s in spans if s.kind == "quantity"]


def parts(deed: Any) -> list[tuple[int, int]]:
    """Split a deed at its commas and conjunctions, outside of spans."""
    cuts = [deed.start]
    busy = [(s.start, s.end) for s in deed.spans if s.kind not in ("clause", "list")]
    for match in _SPLIT.finditer(deed.source, deed.start, deed.start + len(deed.text)):
        if not any(a < match.start() and match.end() < b for a, b in busy):
            cuts += [match.start(), match.end()]
    cuts.append(deed.start + len(deed.text))
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def build(bindings: Sequence[Binding], changed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Build an object from its leaves; or change those of another one, in a copy."""
    value: dict[str, Any] = copy.deepcopy(changed or {})
    for binding in bindings:
        place = value
        for part in binding.param.path[:-1]:
            place = place.setdefault(part, {})
        place[binding.param.path[-1]] = binding.value
    return value
