"""How well a span suits a parameter: kind and sense, unit, role words, labels, examples."""

from functools import cache

from practice_model.lexicon import table, words
from practice_model.mind.parameters import Param, name_words
from practice_model.mind.reading.measures import unit_of
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import stem, tokens
from practice_model.mind.values import NUMERIC, value_for
from practice_model.mind.vectors import similarity

ACCEPT = 0.42  # a lower score is no binding


# How well a kind of span suits a sense of parameter; kinds not named don't suit it at all.
FIT: dict[str, dict[str, float]] = {"": table("senses")["fit"]["any"], **table("senses")["fit"]}


@cache
def _roles(preposition: str) -> frozenset[str]:
    found = table("senses")["prepositions"].get(preposition, "")
    return frozenset(stem(w) for w in found.split())


def role_fit(param: Param, span: Span) -> float:
    """Score the preposition in front of a span against the parameter's words."""
    if not span.before:
        return 0.0
    if (
        span.before == "to"
        and span.kind in ("name", "email")
        and param.sense in ("title", "text", "query")
    ):
        return -0.4
    roles = _roles(span.before)
    if roles & param.words:
        return 0.35
    if roles & param.about:
        return 0.22
    return 0.0


def labelled(param: Param, span: Span) -> float:
    """Score the noun in front of a span against the parameter's words."""
    stems = {stem(w) for w in span.label.replace("-", " ").split()}
    if not stems:
        return 0.0
    if stems & param.words or _kin(stems, param.words):
        return 0.6
    if stems & param.about:
        return 0.35
    return 0.0


def _kin(stems: set[str], others: frozenset[str]) -> bool:
    """Tell that a word is of another's family: "allergic" and "allergy"."""
    return any(len(a) > 4 and len(b) > 4 and a[:6] == b[:6] for a in stems for b in others)


_COUNTS = words("words", "counting")


def _unit_fit(param: Param, span: Span, tool_words: frozenset[str]) -> float | None:
    """Score a number's unit against the parameter's; None where they exclude each other."""
    counted = stem(span.unit.rsplit(" ", 1)[-1]) if span.unit else ""
    if span.kind == "money":
        wants = param.sense == "money" or {"eur", "price", "cost", "amount"} & param.words
        return 0.4 if wants else -0.3 if param.kind == "number" else -0.45
    real = unit_of(span.unit) if span.unit else None
    wanted = unit_of(param.unit) if param.unit else None
    if real and wanted:
        return 0.55 if real[0] == wanted[0] else None
    if real:
        if {stem(real[1]), stem(real[0])} & (param.words | param.about):
            return 0.55
        return -0.1 if span.kind == "quantity" or param.sense != "money" else -0.6
    if span.kind == "number" and counted:
        if counted in param.words or any(stem(w) in param.words for w in span.unit.split()):
            return 0.5
        if counted in param.about or any(stem(w) in param.about for w in span.unit.split()):
            return 0.35
        if counted in tool_words:
            return 0.45 if param.words & _COUNTS else 0.1
        near = similarity(span.unit, " ".join([*param.words, param.description]))
        return 0.25 if near > 0.45 else -0.05
    return 0.05 if wanted else 0.0


def score(param: Param, span: Span, tool_words: frozenset[str]) -> float:
    """Score one span for one parameter; 0 where it cannot be its value."""
    if span.corrected or value_for(param, span) is None:
        return 0.0
    if param.kind in ("number", "integer"):
        if span.kind not in NUMERIC and span.kind != "id":
            return 0.0
        fit = _unit_fit(param, span, tool_words)
        if fit is None:
            return 0.0
        base = 0.6 if span.kind != "id" else 0.5
        if param.sense == "id" and span.kind in ("money", "duration", "quantity"):
            return 0.0
        total = base + fit + role_fit(param, span) + labelled(param, span)
        denied = span.negated and span.kind == "number"
        return max(0.0, total - 0.3 * span.quoted - 0.6 * denied)
    base = FIT.get(param.sense, FIT[""]).get(span.kind, 0.0)
    if (
        param.sense == "id"
        and span.kind == "name"
        and name_words(param.name)[-1] in ("id", "number", "code", "sku")
    ):
        base = 0.05
    if span.kind in _example_kinds(param.examples):
        base = max(base, 0.8)
    elif (
        base <= 0
        and span.kind in ("path", "id", "handle", "domain", "version", "slug")
        and (param.sense in ("person", "org", "place", "title", "name"))
    ):
        base = 0.45
    if span.kind == "number" and span.unit and param.sense == "":
        base += 0.3 * (similarity(span.unit, param.label) > 0.3)
    if param.sense == "time" and span.kind == "number":
        base = 0.75 if span.before == "at" and not span.unit else 0.0
    if span.kind == "unit" and param.sense in ("", "name", "id"):
        base = 0.5
    if base <= 0:
        return 0.0
    total = base + labelled(param, span)
    total += role_fit(param, span) if span.kind != "clause" else 0.0
    if span.kind == "clause":
        total += _clause_fit(param, span)
    elif span.kind in ("noun", "name"):
        total += _noun_fit(param, span, tool_words)
    elif span.kind in NUMERIC and span.label == "" and param.sense == "id" and span.unit:
        total -= 0.6
    if param.sense == "language" and span.kind in ("name", "noun") and not is_language(span.text):
        total -= 0.7
    return max(0.0, total - 0.3 * span.quoted - 0.5 * span.negated)


def is_language(text: str) -> bool:
    """Tell that a text names a language."""
    return text.lower() in words("things", "languages")


@cache
def _example_kinds(examples: tuple[str, ...]) -> frozenset[str]:
    from practice_model.mind.reading.spans import scan

    kinds = {
        s.kind
        for example in examples
        for s in scan(example).spans
        if s.end - s.start == len(example)
    }
    return frozenset(kinds - {"number", "noun", "name", "ordinal", "quantity"})


_CLAUSES: dict[str, dict[str, float]] = table("senses")["clauses"]


def _clause_fit(param: Param, span: Span) -> float:
    fits = _CLAUSES.get(param.sense, {})
    for head, value in fits.items():
        if span.before.startswith(head):
            return value
    return -0.6


def _noun_fit(param: Param, span: Span, tool_words: frozenset[str]) -> float:
    stems = {stem(t.low) for t in tokens(span.text) if t.is_word}
    if (
        stems <= param.words
        or (len(stems) == 1 and _kin(stems, param.words))
        or (stems <= param.about and param.sense != "query")
    ):
        return -0.5  # the noun is the parameter's own name
    if stems <= tool_words:
        return -0.5  # or the thing the tool is about
    return 0.15 * max(0.0, similarity(span.text, param.label)) if span.kind == "noun" else 0.0
