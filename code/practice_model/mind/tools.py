"""Choice of a tool by meaning: words, verbs and vectors, and whether its arguments are there."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from practice_model.mind.assign import Binding, assign, composites, currencies, units
from practice_model.mind.options import booleans, chosen
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Clause, Passage, Span
from practice_model.mind.reading.tokens import families, function_word, stem, tokens
from practice_model.mind.vectors import similarity

CALL = 1.0  # a lower score calls no tool
W_LEX, W_VERB, W_VECTOR, W_FIT = 1.0, 0.7, 1.6, 0.9


@dataclass(frozen=True)
class Deed:
    """One clause to act on, with the spans in it and the text they came from."""

    text: str
    verb: str
    spans: tuple[Span, ...]
    source: str
    start: int = 0
    clause: Clause | None = None

    @property
    def condition(self) -> str:
        """Return the condition that governs the deed."""
        return self.clause.condition if self.clause else ""


@dataclass(frozen=True)
class Choice:
    """A tool for a deed, with its bindings and its score."""

    tool: Tool
    bindings: tuple[Binding, ...]
    score: float

    @property
    def missing(self) -> tuple[Param, ...]:
        """Return the required parameters without a value."""
        bound = {b.param.path for b in self.bindings}
        return tuple(p for p in self.tool.required if p.path not in bound)


@dataclass(frozen=True)
class Planned:
    """Hold one call of the plan, perhaps still without some arguments."""

    choice: Choice
    deed: Deed

    @property
    def name(self) -> str:
        """Return the tool's name."""
        return self.choice.tool.name


def deed_of(passage: Passage, clause: Clause) -> Deed:
    """Gather a clause's spans; what stands after "that" ends with the clause."""
    spans = []
    for span in passage.spans:
        if span.start < clause.start or span.start >= clause.end or span.quoted:
            continue
        if span.end > clause.end:
            if span.kind != "clause":
                spans.append(span)
                continue
            text = passage.text[span.start : clause.end]
            span = Span(span.start, clause.end, "clause", text, text, before=span.before)
        spans.append(span)
    verb = clause.verb or ("search" if _SEEKS.search(clause.text) else "")
    if verb == "turn" and re.search(r"\b(?:up|down) to\b|\b(?:up|down|to) \d", clause.text):
        verb = "set"
    return Deed(clause.text, verb, tuple(spans), passage.text, clause.start, clause)


_POINTS = re.compile(
    r"\b(?:it|that|this|them|those|these|both|all|everything|one|ones|first|second|third|last"
    r"|each|either)\b",
    re.I,
)


def points(deed: Deed) -> bool:
    """Tell that a command names its object by a pronoun only: "cancel both"."""
    return bool(deed.verb and _POINTS.search(deed.text)) and not any(
        s.kind in ("noun", "name", "quote", "slug") for s in deed.spans
    )


def looks(tool: Tool) -> bool:
    """Tell that a tool only reads."""
    own = {f for v in tool.verbs for f in families(v)}
    return "look" in own or "track" in own or not own


_HOWTO = re.compile(
    r"\W{0,9}(?:how (?:do|can|would|should) (?:i|you|we)|what (?:can|could|should) i)\b", re.I
)
_SEEKS = re.compile(
    r"^\W*(?:i|we)(?:'m| am|'re| are)? (?:need|want|looking for) (?:an?|some)\b|"
    r"\b(?:anything|something|information|literature) (?:on|about|by|like|regarding)\b",
    re.I,
)


def content_stems(text: str) -> set[str]:
    """Return the stems of a text's content words, parts of compounds included."""
    found = set()
    for token in tokens(text):
        if token.is_word and not function_word(token.low):
            found |= {stem(part) for part in token.low.split("-")} | {stem(token.low)}
    return found


def _weights(tools: Sequence[Tool]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for tool in tools:
        counts.update(_tool_stems(tool))
    return {word: 1.0 / number for word, number in counts.items()}


def _tool_stems(tool: Tool) -> set[str]:
    found = set(tool.words) | {stem(w) for w in name_words(tool.name)}
    for param in tool.params:
        found |= param.words
    return found


def _plain(deed: Deed, known: frozenset[str] = frozenset()) -> str:
    text = list(deed.text)
    for span in deed.spans:
        if span.kind in ("noun", "clause", "ordinal") or (
            span.kind == "name" and stem(span.text) in known
        ):
            continue
        for at in range(span.start - deed.start, min(span.end - deed.start, len(text))):
            if at >= 0:
                text[at] = " "
    return " ".join("".join(text).split())


def lexical(deed: Deed, tool: Tool, weights: dict[str, float]) -> float:
    """Score the words that a deed and a tool share."""
    said = content_stems(_plain(deed, tool.words))
    names = {stem(w) for w in name_words(tool.name)}
    total = 0.0
    for word in said:
        weight = weights.get(word, 0.0)
        if word in names:
            total += 0.5 + 0.5 * weight
        elif word in tool.words:
            total += 0.35 + 0.35 * weight
        elif any(word in p.words or word in p.about for p in tool.params):
            total += 0.2 + 0.2 * max(weight, 0.3)
        elif any(word in {stem(str(o)) for o in p.options} for p in tool.params):
            total += 0.3
    units = {s.unit for s in deed.spans if s.unit}
    for param in tool.params:
        if (param.unit and param.unit in units) or (
            param.sense == "money" and any(s.kind == "money" for s in deed.spans)
        ):
            total += 0.3
    return min(total, 2.2)


def verbal(deed: Deed, tool: Tool) -> float:
    """Score the deed's verb, or the kind of its question, against the tool's verb."""
    verbs = set(tool.verbs)
    own = {f for v in verbs for f in families(v)}
    verb = deed.verb
    if not verb:
        if deed.clause is None or deed.clause.mood == "question":
            if _HOWTO.match(deed.text) and any(
                families(t.low) & own - {"look", "change"} for t in tokens(deed.text) if t.is_word
            ):
                return 0.5
            return 0.35 if "look" in own or "track" in own or not own else -0.45
        return 0.0
    root = stem(verb)
    if root in {stem(v) for v in verbs}:
        return 1.0
    if any(
        stem(w) == root or (len(root) > 4 and w.startswith(root)) for w in name_words(tool.name)
    ):
        return 0.8
    shared = families(verb) & own
    if shared - {"look", "change"}:
        return 0.8
    if shared:
        return 0.6
    if not families(verb):
        return max(0.0, max(similarity(verb, own_verb) for own_verb in verbs))
    looks = {"look"} == (families(verb) & {"look"}) and own and "look" not in own
    return -0.35 if looks or own else 0.0


def fit(bindings: Sequence[Binding], tool: Tool) -> float:
    """Score how many of the required arguments are there, and how surely."""
    by_path = {b.param.path: b for b in bindings}
    if not tool.required:
        strong = [b for b in bindings if b.span is not None and b.score > 0.75]
        return (0.45 if bindings or not tool.params else 0.15) + min(0.4, 0.25 * len(strong))
    total = len(tool.required) * min(0.3, sum(max(0.0, min(0.2, b.score - 0.95)) for b in bindings))
    for param in tool.required:
        binding = by_path.get(param.path)
        total += 0.0 if binding is None else 0.55 + min(0.45, 0.4 * binding.score)
    return total / len(tool.required)


def unused(deed: Deed, bindings: Sequence[Binding]) -> int:
    """Count the values of a deed that no argument takes."""
    bound = [b.span for b in bindings if b.span is not None]
    texts = sum(
        s.kind == "clause"
        and s.before in ("that", "saying", ":", "because")
        and not any(b.start < s.end and s.start < b.end for b in bound)
        for s in deed.spans
    )
    return min(texts, 1) + sum(
        s.kind
        in ("id", "email", "address", "money", "date", "time", "url", "path", "domain", "quantity")
        and not s.corrected
        and not any(b.start < s.end and s.start < b.end for b in bound)
        for s in deed.spans
    )


_VALUES = frozenset(["date", "time", "money", "number", "quantity", "duration", "id", "email"])


def bind(deed: Deed, tool: Tool) -> list[Binding]:
    """Bind a deed's spans to a tool's parameters: values, options, booleans, lists."""
    from practice_model.mind.lists import lists

    spans = [
        *deed.spans,
        *composites(deed.spans, deed.source),
        *currencies(deed.spans),
        *units(deed.spans, tool),
    ]
    options = chosen(tool, deed.text, deed.spans, deed.start)
    taken = [b.span for b in options if b.span is not None]
    listed = lists(tool, deed, taken)
    covered = [b.span for b in listed if b.span is not None]
    free = [
        s
        for s in spans
        if not (s.negated and s.kind in _VALUES)
        and not any(
            o.start <= s.start and s.end <= o.end and s.kind != "clause" for o in [*taken, *covered]
        )
    ]
    plain = assign(tool.params, free, tool)
    flags = booleans(tool, deed.text, deed.verb)
    return [*plain, *options, *listed, *flags]


def rank(deed: Deed, tools: Sequence[Tool]) -> list[Choice]:
    """Rank the tools for a deed, the best first."""
    weights = _weights(tools)
    plain = _plain(deed, frozenset().union(*(t.words for t in tools))) or deed.text
    found = []
    for tool in tools:
        bindings = bind(deed, tool)
        name = " ".join(name_words(tool.name))
        near = similarity(plain, f"{name}. {tool.description[:300]}")
        fits, verb = fit(bindings, tool), verbal(deed, tool)
        if verb < 0 and not deed.verb and fits > 0.85 and tool.required:
            verb = 0.0
        shared = lexical(deed, tool, weights)
        total = (
            W_LEX * shared
            + W_VERB * verb
            + W_VECTOR * max(0.0, near - 0.05)
            + W_FIT * fits
            - 0.18 * unused(deed, bindings)
        )
        seeks = 0.5 if verb >= 0.6 and _SEEKS.search(deed.text) else 0.0
        sure = any(
            b.score >= 0.9 and b.span and b.span.kind not in ("noun", "name", "clause")
            for b in bindings
        )
        shown = seeks + shared + max(0.0, near) + 0.5 * sure
        total -= 0.5 if shown < 0.15 and not points(deed) else 0.0
        found.append(Choice(tool, tuple(bindings), total))
    return sorted(found, key=lambda choice: -choice.score)
