"""How well a span suits a form's field by what is said around it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from practice_model.lexicon import table
from practice_model.lexicon import words as lexicon
from practice_model.mind.evidence.flags import segments
from practice_model.mind.evidence.lists import listings
from practice_model.mind.evidence.nearness import nearest, telling
from practice_model.mind.evidence.people import addressed, speakers
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.moments import MONTHS
from practice_model.mind.reading.phrases import LEXICON, find
from practice_model.mind.reading.tokens import is_verb, stem
from practice_model.mind.scoring import is_language, labelled, role_fit
from practice_model.mind.vectors import is_word, similarity

_EVIDENCE = table("evidence")
_SELF = frozenset(_EVIDENCE["self"].split())
_INSTITUTIONS = frozenset(_EVIDENCE["institutions"].split())
_VAGUE = frozenset(_EVIDENCE["vague"].split())
_SUBJECT = re.compile(rf"\b(?:{'|'.join(_EVIDENCE['subjects'].split())}) $", re.I)
_DETERMINERS = lexicon("words", "determiners") - {"which", "that"} | {"about"}
_RUN_TOGETHER = {w.replace("'", "") for w in lexicon("words", "contractions")}
_WHAT = {"who": "person", "whom": "person", "where": "place", "when": "moment", "why": "reason"}

_JOBS = frozenset(stem(w) for w in ["job", "profession", "occupation"])
_AS = re.compile(r"(?:\bam|['’]?m|\bbeen|\bis|\bas|\bbe) (?:an? )?$", re.I)
_BECAUSE = re.compile(r"\b(?:because(?: of)?|since|due to|as) ([^.!?\n]{3,200})", re.I)
_MODAL = re.compile(r"\b(?:will|must|should|needs? to|has to|have to|please|is to)\b", re.I)
_PEOPLE = frozenset(["who", "whom", "people", "names", "persons", "members", "participants"])
_LISTED = 0.25
"""An enumeration must suit a field this well."""
Extra = Callable[[Param, Span], float]


def sensed(param: Param) -> Param:
    """Give a field without a sense the one that its description asks for: "Where they live"."""
    first = (name_words(param.description) or [""])[0]
    if first == "what" and param.sense == "person" and not _named_so(param, "person"):
        param = replace(param, sense="")
    timed = set(name_words(param.name)) & set(_EVIDENCE["timed"].split())
    if param.kind != "string" or param.options:
        return param
    if first in _WHAT and param.sense not in ("email", "phone", "date", "time", "datetime"):
        return replace(param, sense=_WHAT[first])
    return (
        replace(param, sense="moment") if timed and param.sense in ("", "text", "name") else param
    )


def _named_so(param: Param, sense: str) -> bool:
    """Tell that a field's name itself has its sense, not only its description."""
    return bool(set(name_words(param.name)) & set(table("senses")["senses"][sense].split()))


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
    members = {m for listing in listings(text) for m in listing.members if not listing.labelled}
    moments = [p for p in tool.params if p.sense in ("date", "moment", "time", "bound")]

    def extra(param: Param, span: Span) -> float:
        if param.kind != "string":
            return 0.0
        total = _around(words_of.get(param.path, []), span, text)
        total += _looks(span, text)
        if param.sense in ("", "title", "name", "text"):
            total += 0.15 * (1 - span.start / (1 + len(text)))
            total -= 0.25 * (span.kind == "noun" and span.text in members)
            total -= 0.3 * (asks_what(param) and span.kind == "name")
            if not {stem(w) for w in name_words(span.text)} & param.words:
                total += 0.5 * max(0.0, similarity(param.label, span.text) - 0.15)
        if span.kind != "name" and _job(param) and _AS.search(text[: span.start][-12:]):
            total += 0.6
        if span.kind == "name":
            total += _role(param, span, selves, other)
        if len(moments) > 1 and param in moments and span.before in ("from", "to", "until", "till"):
            second = moments.index(param) > 0
            total += 0.7 if second == (span.before != "from") else -0.7
        return total

    return extra


def asks_what(param: Param) -> bool:
    """Tell that a field asks what happened or what is so, not for a name."""
    return param.description.lower().startswith(("what ", "why "))


def told(param: Param, text: str, least: float = 0.0) -> str:
    """Return the piece of a text that tells what a field asks: "What was decided"; "" if none."""
    because = _BECAUSE.search(text) if param.description.lower().startswith("why ") else None
    if because:
        return because[1].strip()
    best, top = "", least
    deed = {"done", "do", "action", "task", "step"} & set(
        name_words(param.name + " " + param.description)
    )
    for place, segment in enumerate(segments(text)):
        if len(segment.split()) < 3:
            continue
        score = 0.2 + similarity(param.description, segment) - 0.01 * place
        score += 0.1 * (find(LEXICON["verb_like"], segment) is not None)
        score += 0.3 * bool(deed and _MODAL.search(segment))
        if score > top:
            best, top = segment, score
    return best


def supported(param: Param, tool: Tool, span: Span, text: str) -> bool:
    """Tell that something around a span speaks for a field, beside that its kind fits."""
    sure = ("email", "phone", "url", "date", "time", "moment", "id", "quote", "duration", "address")
    dated = param.sense in ("date", "moment") and {*MONTHS} & set(span.text.lower().split())
    if span.kind in sure or dated or (param.sense == "org" and "&" in span.text):
        return True
    if any(a < span.end and span.start < b for a, b in speakers(text)):
        return True
    if (
        similarity(param.label, span.text) >= 0.25
        or role_fit(param, span) > 0
        or labelled(param, span) > 0
    ):
        return True
    return _around(wanted(param, tool), span, text) > 0.15 or bool(
        _job(param) and _AS.search(text[: span.start][-12:])
    )


def _job(param: Param) -> bool:
    return bool((param.words | param.about) & _JOBS)


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


def verbal(span: Span, text: str) -> bool:
    """Tell that a word has an object behind it, as verbs have: "hit a shelf", "rang about"."""
    after = re.match(r" (\w+)", text[span.end : span.end + 20])
    return bool(after and (after[1].lower() in _DETERMINERS or after[1].isdigit()))


def _looks(span: Span, text: str) -> float:
    """Mark down what only looks like a name or a noun."""
    before = text[: span.start]
    opens = not before.strip() or before.rstrip()[-1:] in ".!?:\n" or before.endswith("\n")
    low = span.text.lower()
    objected = verbal(span, text)
    if span.kind == "name":
        if len(span.text) < 2 or low in MONTHS:
            return -1.0
        if span.text.isupper() and len(span.text) > 2 and is_word(low):
            return -0.6
        common = opens and " " not in span.text and is_word(low)
        return -2.0 if common and objected else -0.5 * common
    if span.kind != "noun" or " " in span.text:
        return 0.0
    deed = _SUBJECT.search(before[-8:]) or (opens and is_verb(low)) or objected
    return -0.6 if deed or low in _RUN_TOGETHER else 0.0


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
    people = _named_so(param, "person") or set(name_words(param.description)) & _PEOPLE
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
