"""How well a span suits a form's field by what is said around it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from practice_model.lexicon import table
from practice_model.mind.evidence.flags import segments
from practice_model.mind.evidence.lists import listings
from practice_model.mind.evidence.nearness import nearest, telling
from practice_model.mind.evidence.people import addressed, speakers
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import is_verb
from practice_model.mind.scoring import is_language
from practice_model.mind.vectors import is_word, similarity

_EVIDENCE = table("evidence")
_SELF = frozenset(_EVIDENCE["self"].split())
_INSTITUTIONS = frozenset(_EVIDENCE["institutions"].split())
_VAGUE = frozenset(_EVIDENCE["vague"].split())
_SUBJECT = re.compile(r"\b(?:i|we|you|u|he|she|they|who|it|to|was|were|been|being|be|would|will|could|can|must|has|have|had) $", re.I)
_WHAT = {"who": "person", "whom": "person", "where": "place", "when": "moment", "why": "reason"}

_LISTED = 0.45
"""An enumeration must suit a field this well."""
Extra = Callable[[Param, Span], float]


def sensed(param: Param) -> Param:
    """Give a field without a sense the one that its description asks for: "Where they live"."""
    first = (name_words(param.description) or [""])[0]
    timed = set(name_words(param.name)) & set(_EVIDENCE["timed"].split())
    if param.kind != "string" or param.options:
        return param
    if first in _WHAT and param.sense not in ("email", "phone", "date", "time", "datetime"):
        return replace(param, sense=_WHAT[first])
    return replace(param, sense="moment") if timed and param.sense in ("", "text", "name") else param


def wanted(param: Param, tool: Tool) -> list[tuple[str, float]]:
    """Return the words that lead to a field's value: those of its name weigh most."""
    shared = [w for p in tool.params if p is not param for w in name_words(p.name)]
    named = [w for w in name_words(param.name) if w not in _VAGUE and w not in shared]
    told = [w for w in telling(param.description.lower()) if w not in _VAGUE and w not in shared]
    return [(w, 1.0) for w in named] + [(w, 0.7) for w in told if w not in named]


def evidence(tool: Tool, text: str) -> Extra:
    """Return what the surroundings of a span add to its score for a field."""
    selves, other = speakers(text), addressed(text)
    words_of = {p.path: wanted(p, tool) for p in tool.params}
    moments = [p for p in tool.params if p.sense in ("date", "moment", "time", "bound")]

    def extra(param: Param, span: Span) -> float:
        if param.kind != "string":
            return 0.0
        total = _around(words_of.get(param.path, []), span, text)
        total += _looks(span, text)
        if span.kind == "name":
            total += _role(param, span, selves, other)
        if len(moments) > 1 and param in moments and span.before in ("from", "to", "until", "till"):
            second = moments.index(param) > 0
            total += 0.7 if second == (span.before != "from") else -0.7
        return total

    return extra


def _around(words_: Sequence[tuple[str, float]], span: Span, text: str) -> float:
    """Score the piece of the sentence a span stands in, and the span's own words."""
    start = max(text.rfind(c, 0, span.start) for c in ".!?\n;") + 1
    ends = [at for c in ".!?\n;" if (at := text.find(c, span.end)) >= 0]
    sentence = text[start : min(ends, default=len(text))]
    near_ = next((s for s in segments(sentence) if span.text in s), sentence)
    rest = near_.replace(span.text, " ")
    best = 0.0
    for word, weight in words_:
        best = max(best, weight * nearest(word, rest))
        if " " in span.text:
            best = max(best, 0.8 * weight * nearest(word, span.text))
    return 0.45 * best


def _looks(span: Span, text: str) -> float:
    """Mark down what only looks like a name or a noun."""
    before = text[: span.start]
    opens = not before.strip() or before.rstrip()[-1:] in ".!?:\n" or before.endswith("\n")
    low = span.text.lower()
    if span.kind == "name":
        if span.text.isupper() and len(span.text) > 2 and is_word(low):
            return -0.6
        return -0.5 if opens and " " not in span.text and is_word(low) else 0.0
    if span.kind == "noun" and " " not in span.text:
        if _SUBJECT.search(before[-8:]) or (opens and is_verb(low)):
            return -0.6
    return 0.0


def _role(
    param: Param, span: Span, selves: Sequence[tuple[int, int]], other: tuple[int, int] | None
) -> float:
    """Tell the one who writes from the one who is written to, and both from others."""
    low = set(name_words(param.name)) | set(name_words(param.description))
    own = set(name_words(param.name)) <= {"name", "full"} or bool(low & _SELF)
    def within(place: tuple[int, int]) -> bool:
        return place[0] < span.end and span.start < place[1]

    if any(map(within, selves)):
        return 0.5 if own and param.sense in ("person", "name", "") else -0.3
    if other and within(other):
        return -0.7 if own else 0.0
    if param.sense == "person" and set(name_words(span.text)[-1:]) & _INSTITUTIONS:
        return -0.5
    return 0.0


def listed(param: Param, tool: Tool, text: str) -> list[str]:
    """Return the members of the enumeration that a field asks for; [] where there is none."""
    words_ = wanted(param, tool)
    people = {"who", "whom"} & set(name_words(param.description)) or param.sense == "person"
    about = " ".join([param.label, param.description])
    best: list[str] = []
    top = _LISTED
    for listing in listings(text):
        members = [m for m in listing.members if not (tongue(param) and not is_language(m))]
        named = sum(m[:1].isupper() for m in members) / max(1, len(members))
        score = max((w * nearest(word, listing.lead) for word, w in words_), default=0.0)
        score += similarity(about, " ".join(members)) + 0.1 * min(3, len(members))
        score += 0.5 * named - 0.3 if people else 0.0
        score += 0.3 * listing.labelled * (score > 0.7)
        score -= 0.4 * (listing.labelled and len(members) == 1)
        score += 0.4 * (not listing.lead)
        if members and score > top:
            best, top = members, score
    return best


def tongue(param: Param) -> bool:
    """Tell that a field takes languages."""
    return bool({"language", "languages"} & set(name_words(f"{param.name} {param.description}")))
