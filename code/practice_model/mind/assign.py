"""One assignment of spans to parameters: a matrix of scores, solved for the best sum."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from practice_model.mind.parameters import Param, Tool
from practice_model.mind.reading.measures import currency, unit_of
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import stem, tokens
from practice_model.mind.scoring import ACCEPT, labelled, score
from practice_model.mind.values import value_for


@dataclass(frozen=True)
class Binding:
    """A parameter with its value, the span it came from, and how sure that is."""

    param: Param
    value: Any
    span: Span | None
    score: float


def solve(matrix: Sequence[Sequence[float]]) -> list[int]:
    """Return for each row the column that makes the sum of scores greatest (-1: none).

    The Hungarian method with potentials (Kuhn 1955), on a matrix padded to a square.
    """
    rows = len(matrix)
    columns = max((len(row) for row in matrix), default=0)
    size = max(rows, columns)
    cost = [
        [-matrix[i][j] if i < rows and j < columns else 0.0 for j in range(size)]
        for i in range(size)
    ]
    u, v = [0.0] * (size + 1), [0.0] * (size + 1)
    match, way = [0] * (size + 1), [0] * (size + 1)
    for i in range(1, size + 1):
        match[0], j0 = i, 0
        least = [float("inf")] * (size + 1)
        used = [False] * (size + 1)
        while True:
            used[j0] = True
            i0, delta, j1 = match[j0], float("inf"), 0
            for j in range(1, size + 1):
                if not used[j]:
                    slack = cost[i0 - 1][j - 1] - u[i0] - v[j]
                    if slack < least[j]:
                        least[j], way[j] = slack, j0
                    if least[j] < delta:
                        delta, j1 = least[j], j
            for j in range(size + 1):
                if used[j]:
                    u[match[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            j0 = j1
            if match[j0] == 0:
                break
        while j0:
            match[j0], j0 = match[way[j0]], way[j0]
    found = [-1] * rows
    for j in range(1, columns + 1):
        if 0 < match[j] <= rows and matrix[match[j] - 1][j - 1] > 0:
            found[match[j] - 1] = j - 1
    return found


def trimmed(span: Span, tool: Tool) -> Span:
    """Cut the words of the tool itself off a noun: "payments service" -> "payments"."""
    if span.kind != "noun":
        return span
    own = set(tool.words)
    for param in tool.params:
        own |= param.words
    toks = [t for t in tokens(span.text) if t.is_word]
    first, last = 0, len(toks)
    while last - first > 1 and stem(toks[last - 1].low) in own:
        last -= 1
    if last == len(toks):
        while last - first > 1 and stem(toks[first].low) in own:
            first += 1
    if (first, last) == (0, len(toks)) or (toks[last:] and toks[last].low == "room"):
        return span
    start, end = toks[first].start, toks[last - 1].end
    text = span.text[start:end]
    return replace(span, text=text, value=text, start=span.start + start, end=span.start + end)


def composites(spans: Sequence[Span], text: str) -> list[Span]:
    """Join a day and a time that stand together into one moment."""
    moments = [s for s in spans if s.kind in ("date", "time") and not s.corrected]
    found = []
    for first, second in itertools.pairwise(moments):
        if first.kind != second.kind and 0 <= second.start - first.end <= 6:
            day, time = sorted((first, second), key=lambda s: s.kind)
            both = f"{day.value} {time.value}"
            told = text[first.start : second.end]
            found.append(replace(first, kind="moment", end=second.end, value=both, text=told))
    return found


def currencies(spans: Sequence[Span]) -> list[Span]:
    """Add spans for currencies: of amounts, and named alone: "in Swiss francs", "to JPY"."""
    found = []
    for span in spans:
        if span.kind == "money" and span.unit:
            found.append(replace(span, kind="currency", value=span.unit, before="from", label=""))
        elif span.kind in ("name", "noun", "id"):
            code = next((c for w in span.text.split() if (c := currency(w))), "")
            if code:
                found.append(replace(span, kind="currency", value=code, text=code))
    return found


def units(spans: Sequence[Span], tool: Tool) -> list[Span]:
    """Add spans for units, where a tool converts them: "12 ounces", "how many grams"."""
    if not {"convert", "unit", "convers"} & (tool.words | {stem(v) for v in tool.verbs}):
        return []
    found = []
    for span in spans:
        measured = span.kind in ("quantity", "duration") or "pound" in span.text
        text = ""
        if measured:
            text = span.text.lstrip("0123456789.,- ") or span.unit
        elif span.kind in ("noun", "name"):
            text = next((w for w in span.text.split() if unit_of(w)), "")
        before = "from" if measured or span.before == "from" else "to"
        if text:
            unit = replace(span, kind="unit", value=text, text=text, before=before, label="")
            found.append(unit)
    return found


def assign(
    params: Sequence[Param],
    spans: Sequence[Span],
    tool: Tool,
    extra: Callable[[Param, Span], float] | None = None,
) -> list[Binding]:
    """Bind spans to parameters so that the sum of scores is greatest; `extra` adds to each."""
    leaves = [
        p for p in params if p.kind in ("string", "number", "integer", "any") and not p.options
    ]
    cut = [trimmed(span, tool) for span in spans][:60]
    own = own_words(tool)
    if not leaves or not cut:
        return []
    labels = [[labelled(param, span) for span in cut] for param in leaves[:60]]
    named = [
        span.kind == "quote" and any(told == 0.6 for told in column) and " " not in span.label
        for span, column in zip(cut, zip(*labels, strict=True), strict=True)
    ]
    matrix = []
    for param, told in zip(leaves[:60], labels, strict=True):
        row = []
        for index, span in enumerate(cut):
            value = score(param, span, own) - (0.8 if named[index] and not told[index] else 0.0)
            value += extra(param, span) if extra and value > 0 else 0.0
            order = 0.02 * (1 - abs(param.order / max(1, len(leaves)) - index / max(1, len(cut))))
            row.append(value + order + 0.15 * param.required if value >= ACCEPT else 0.0)
        matrix.append(row)
    found: list[Binding] = []
    taken: list[Span] = []
    columns = solve(matrix)
    ranked = sorted(
        range(len(columns)), key=lambda i: -(matrix[i][columns[i]] if columns[i] >= 0 else 0)
    )
    for index in ranked:
        if columns[index] < 0:
            continue
        param, span = leaves[index], cut[columns[index]]
        if any(_overlap(span, other) for other in taken if param.sense != "currency"):
            _rebind(param, cut, taken, tool, found)
            continue
        taken += [span] if param.sense != "currency" else []
        found.append(Binding(param, value_for(param, span), span, matrix[index][columns[index]]))
    return sorted((_shortened(b, taken) for b in found), key=lambda b: b.param.order)


def own_words(tool: Tool) -> frozenset[str]:
    """Return the words that a tool itself is told in: they are no values."""
    options = {stem(w) for p in tool.params for o in p.options for w in str(o).lower().split()}
    return tool.words.union(options, *(p.words for p in tool.params))


def _shortened(binding: Binding, taken: Sequence[Span]) -> Binding:
    """Cut a moment that has its own parameter off the end of a clause."""
    span = binding.span
    if span is None or span.kind != "clause":
        return binding
    for other in taken:
        if (
            other.kind in ("date", "time", "moment")
            and span.start < other.start
            and (other.end >= span.end - 1)
        ):
            text = span.text[: other.start - span.start].rstrip(" ,")
            text = text.rsplit(" ", 1)[0] if text.endswith((" on", " at", " for", " by")) else text
            return replace(binding, value=text)
    return binding


def _rebind(
    param: Param, cut: Sequence[Span], taken: list[Span], tool: Tool, found: list[Binding]
) -> None:
    """Give a parameter its best span among those that overlap no span in use."""
    free = [s for s in cut if not any(_overlap(s, other) for other in taken)]
    best = max(free, key=lambda s: score(param, s, tool.words), default=None)
    if best is not None and (sure := score(param, best, tool.words)) >= ACCEPT:
        taken.append(best)
        found.append(Binding(param, value_for(param, best), best, sure))


def _overlap(first: Span, second: Span) -> bool:
    if "clause" in (first.kind, second.kind) and (
        {first.kind, second.kind} & {"date", "time", "moment"}
    ):
        return False
    return (
        first.start < second.end
        and second.start < first.end
        and not ({first.kind, second.kind} & {"currency", "unit"})
    )
