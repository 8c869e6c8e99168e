"""Whether a sentence of a source is about what is asked: one shared everyday word is not enough."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from practice_model.brain.words import kinship
from practice_model.brain.words import stem as general_stem
from practice_model.brain.writing.model import Source, Task
from practice_model.brain.writing.questions import as_topic, is_question, named
from practice_model.brain.writing.text import (
    NUMERALS,
    STOPWORDS,
    listing,
    sentences,
    stem,
    stems,
    strip_citations,
    words,
)

_EVERYDAY = """customer customers client clients people person everyone everybody somebody anybody someone reader readers
    help page pages text texts thing things way ways use uses used using need needs needed want wants wanted
    know say says said tell told give gives given take takes taken go goes come comes find finds found see look
    work works working good better best new old big small large great many much lot different various certain
    day days week weeks month months monthly weekly daily year years yearly hour hours minute minutes time times long
    price prices cost costs fee fees charge charges euro euros money amount number figure figures percent
    part parts kind kinds sort sorts type types example examples information details detail question questions
    answer answers point points topic subject note notes source sources team staff us our own every each
    write writing written read mention include cover covers explain describe allow allowed able possible
    happen happens happened matter means mean keep keeps reason reasons thank thanks sorry next step steps first second last
    third half quarter it not never always often usually about fast quick quickly slow soon high low short
    letter e-mail mail message post article leaflet guide blog report memo list haiku poem apology announcement"""
GENERIC = frozenset(_EVERYDAY.split())
"""Words that any two texts may share; what they have in common says nothing about their subjects."""

_PRICE = re.compile(
    r"[€$£]|\b(?:euros?|dollars?|pounds?|cents?|free of charge|for free|costs?)\b", re.I
)
_PRICED = re.compile(r"\b(?:prices?|costs?|fees?|charges?|money|amounts?|how much)\b", re.I)
_LENGTH = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|o'clock|\d{1,2}:\d\d)\b", re.I
)
_FAR_AWAY = """japan china india korea australia canada brazil mexico argentina chile egypt kenya nigeria morocco israel turkey
    thailand vietnam indonesia singapore malaysia philippines usa america states zealand africa asia overseas abroad
    iceland russia ukraine"""
_COUNTRY = frozenset(_FAR_AWAY.split())
"""Places for which a text may speak of countries, without naming each."""
_NEARBY = """france spain portugal germany italy austria switzerland belgium netherlands holland luxembourg denmark sweden norway
    finland poland czechia slovakia hungary slovenia croatia serbia romania bulgaria greece ireland estonia latvia lithuania
    malta cyprus albania paris berlin madrid rome vienna lisbon amsterdam brussels copenhagen oslo stockholm helsinki warsaw
    prague budapest athens dublin zurich milan barcelona munich hamburg lyon"""
_EUROPE = frozenset(_NEARBY.split())
_GOODS = re.compile(r"\b(?:goods|items?|products?|articles|merchandise|purchases?)\b", re.I)
"""Words that stand for whatever somebody has bought."""
_HANDLED = re.compile(
    r"\b(?:return|exchang|refund|replac|send\w* back|give\w* back)\w*\s+(?:for )?(?!(?:of|in|on|to|from|within|by|at|is|are|was|were)\b)"
    r"(?P<what>(?:[\w'’-]+ ?){1,4})",
    re.I,
)
"""What is given back or exchanged, as in "returning a worn coat"."""
_OPENING = re.compile(r"\b(?:opening|business|office) (?:hours|times)\b", re.I)
_CONTACT = re.compile(
    r"\b(?:how to|how (?:do|can) (?:i|we|one)|where to|to) (?:contact|reach|e-?mail|write to)\b|"
    r"\bcontact (?:details|address|information|data)\b|\be-?mail address\b",
    re.I,
)
_CLOCK = re.compile(
    r"\b\d{1,2}:\d\d\b|\b\d{1,2} ?(?:am|pm|a\.m|p\.m)\b|o'clock|\b\d{1,2} (?:to|until) \d{1,2} on\b|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
    re.I,
)
_YEAR = re.compile(
    r"(?<![\d.,:])(?:1\d|20)\d\d(?![\d.,:]*\d)(?! ?(?:%|euros?|dollars?|pounds?|grams?|words?|km|kg|people|pieces|metres|miles|times|parcels|orders))"
)


def content(text: str) -> dict[str, str]:
    """The words of a text that tell its subject, by stem; everyday words and figures are none."""
    found: dict[str, str] = {}
    for word in words(strip_citations(text)):
        parts = re.split(r"[-/]", word.removesuffix("'s"))
        for part in [word] if STOPWORDS & set(parts[:-1]) else parts:
            if (
                len(part) > 1
                and part not in STOPWORDS
                and part not in GENERIC
                and part not in NUMERALS
                and not part[0].isdigit()
            ):
                found.setdefault(stem(part), part)
    return found


def shared(asked: str, given: str, *, exactly: bool = False) -> set[str]:
    """The subject words of `asked`, as stems, that `given` has too: itself, or a near relation.

    A country is named by "countries" too, or by its continent; what one buys and returns is named
    by "goods". With `exactly`, near relations do not count.
    """
    here = content(given)
    europe = re.search(r"\beurope\b", given, re.I)
    handled = None if exactly or not _GOODS.search(given) else _HANDLED.search(asked)
    goods = content(handled["what"]) if handled else {}
    near = () if exactly else tuple(general_stem(word) for word in here.values())
    found = set()
    for own, word in content(asked).items():
        if (
            own in here
            or _same_root(own, here)
            or (word in _COUNTRY and re.search(r"\bcountries\b", given, re.I))
            or (word in _EUROPE and europe)
            or own in goods
            or any(kinship(general_stem(word), other) >= 0.6 for other in near)
        ):
            found.add(own)
    return found


def _spread(asked: str, found: set[str]) -> int:
    """How many words of `asked` the stems found in it come from: "left-handed" is one word."""
    return sum(bool(content(token).keys() & found) for token in strip_citations(asked).split())


def _same_root(own: str, here: dict[str, str]) -> bool:
    """Approval and approve, delivery and delivered: five letters and more in common."""
    return len(own) >= 5 and any(
        other[: min(len(own), len(other), 7)] == own[: min(len(own), len(other), 7)]
        for other in here
        if len(other) >= 5
    )


def on_subject(asked: str, sentence: str, title: str = "", topic: str = "") -> bool:
    """Whether a sentence, with the title it stands under, is about what is asked.

    Two words of the subject must be shared, or the only one there is. Where what is asked has one
    such word and stands within a larger `topic`, a word of the topic must be shared too. A price
    is taken up by an amount of money, a time by a length of time.
    """
    if not set(_YEAR.findall(asked)) <= set(_YEAR.findall(f"{title} {sentence}")):
        return False
    wanted = set(content(_CONTACT.sub(" ", _OPENING.sub(" ", asked))))
    wanted = wanted - set(content(" ".join(_GOODS.findall(asked)))) or wanted
    around = set(content(topic)) - wanted
    if len(stems(asked)) >= 2 and stems(asked) <= stems(sentence):
        return True
    own = shared(asked, sentence) & wanted
    both = own | (shared(asked, title) & wanted)
    if not wanted:
        has = facet(asked, sentence)
        if has is None or not around:
            return bool(has) or bool(around and on_subject(topic, sentence, title))
        near = shared(topic, sentence) | shared(topic, title)
        return has and len(near) >= min(2, len(around))
    if facet(asked, sentence) is False:
        return False
    named = stems(asked) <= stems(title) and not wanted & set(content(topic))
    if named and len(stems(asked)) >= 2 and (own or facet(asked, sentence)):
        return True
    exact = shared(asked, sentence, exactly=True) | shared(asked, title, exactly=True)
    priced = _PRICED.search(asked) and shared(asked, title) & wanted
    known = shared(topic, f"{title} {sentence}", exactly=True)
    akin = bool(own and around) and around <= known
    if not exact & wanted and not akin and not (priced and _spread(asked, wanted) == 1):
        return False
    if _spread(asked, wanted) == 1:
        near = shared(topic, sentence) | shared(topic, title)
        return bool(own or near) and (not around or bool(near - wanted))
    return _spread(asked, both) >= 2 and bool(own)


def facet(asked: str, sentence: str) -> bool | None:
    """Whether a sentence has the sum or the time that is asked for; None when none is."""
    if _CONTACT.search(asked):
        return bool(re.search(r"\S@\S|\+?\d[\d /-]{6,}\d|https?://", sentence))
    if _OPENING.search(asked):
        return bool(_CLOCK.search(sentence) or _OPENING.search(sentence))
    if _PRICED.search(asked):
        return bool(_PRICE.search(sentence))
    if re.search(r"\bhow long\b.*\blasts?\b", asked, re.I):
        return bool(_LENGTH.search(sentence) or re.search(r"\blasts?\b", sentence))
    if re.search(r"^when\b|\b(?:times?|how long|duration|how fast|how soon)\b", asked, re.I):
        return bool(_LENGTH.search(sentence))
    return None


def within(task: Task, point: str) -> str:
    """The topic that a statement on a point must share too: of what a search found, anything may
    be about something else, while notes that somebody gathered for a text are about its topic.

    A point without a subject of its own ("where to find it") is about the topic in any case.
    """
    own = content(point) or facet(point, "") is not None
    return "" if own and not task.searched else task.topic


def about(task: Task, sentence: str, source: Source) -> bool:
    """Whether a sentence of a source belongs in a text: it is about a point, or about the topic."""
    title = source.title or ""
    if task.points:
        if any(
            on_subject(point, with_prior(sentence, source, point), title, task.topic)
            for point in task.points
        ):
            return True
        return (
            bool(content(task.topic))
            and on_subject(task.topic, with_prior(sentence, source, task.topic), title)
            and _has_head(task.topic, title, task.sources)
        )
    asked = subjects(task)
    return (
        any(
            _on_topic(entry, with_prior(sentence, source, entry), title, task.sources)
            for entry in asked
        )
        if asked
        else True
    )


@lru_cache(maxsize=256)
def bound(sources: tuple[Source, ...]) -> dict[str, frozenset[str]]:
    """Words that always stand before the same noun in the sources, which is their meaning there:
    the fountain of "fountain pen".
    """
    text = " . ".join(f"{source.title or ''} . {source.text}" for source in sources)
    tokens = strip_citations(text).split()
    followers: dict[str, list[str]] = {}
    for token, after in pairwise([*tokens, "."]):
        for own in content(token):
            ends = token[-1:] in ".,;:!?" or not content(after)
            followers.setdefault(own, []).append("" if ends else next(iter(content(after))))
    return {
        own: frozenset(found)
        for own, found in followers.items()
        if len(found) >= 2 and len(set(found)) == 1 and "" not in found
    }


def _elsewhere(asked: str, sources: tuple[Source, ...]) -> set[str]:
    """The words of what is asked that mean something else in the sources."""
    own = set(content(asked))
    return {word for word, after in bound(sources).items() if word in own and not after & own}


@lru_cache(maxsize=256)
def subjects(task: Task) -> tuple[str, ...]:
    """What a text without points may speak of: its topic, the parts that the topic joins, or, where
    nothing found speaks of those, what stands before "for" and "from" in it.
    """
    asked = task.topic if content(task.topic) else task.request
    if not content(asked):
        return ()
    wanted = (asked, *joined(asked), *_several(task))
    given = [
        (with_prior(entry, source, asked), source.title or "")
        for source in task.sources
        for entry in sentences(source.text)
    ]
    if any(_on_topic(entry, *pair, task.sources) for entry in wanted for pair in given):
        return wanted
    head, rest = _head(asked)
    near = " ".join(f"{title} {entry}" for entry, title in given)
    known = shared(rest, near, exactly=True)
    if head and list(content(rest))[-1:] and list(content(rest))[-1] in known:
        return (head,)
    return wanted


_AND = re.compile(
    r",?\s+(?:and|as well as|together with|compared (?:with|to)|versus|vs\.?)\s+|,\s+", re.I
)
_LEAD = re.compile(
    r"^(?:how|where|when|whether|who)(?: can| may)? (?:to |one |\w+s? (?=an? ))?"
    r"(?:get|obtain|claim|ask for|have|receive|apply for|request)?\s*",
    re.I,
)
_RELATES = re.compile(r"\s+(?:for|from|with|after|because of)\s+", re.I)


def joined(topic: str) -> tuple[str, ...]:
    """The things that a topic names side by side: "a lamp and two chairs"; empty when it is one."""
    if re.match(r"(?:how|why|what|when|where|whether|who|which|if)\b", topic, re.I) or "?" in topic:
        return ()
    pieces = [piece.strip() for piece in _AND.split(topic) if piece.strip()]
    first = pieces[0] if pieces else ""
    lead, *after = re.split(r"\s+(?=(?:to|from|in|for|with|at)\s)", first, maxsplit=1)
    for place, piece in enumerate(pieces[1:], start=1):
        if after and re.match(r"(?:to|from|in|for|with|at)\s", piece):
            pieces[place] = f"{lead} {piece}"
        elif not content(piece) and facet(piece, "") is not None and content(first):
            pieces[place] = " ".join([*content(first).values(), piece])
    head = _HEAD.match(first)
    for place, piece in enumerate(pieces[1:], start=1):
        if head and not _HEAD.match(piece) and (head["deed"] or shared(piece, first, exactly=True)):
            pieces[place] = f"{head[0]} {piece}"
    whole = 2 <= len(pieces) <= 5 and all(content(piece) for piece in pieces)
    return tuple(pieces) if whole else ()


def _several(task: Task) -> tuple[str, ...]:
    """The single questions of a task that asks several; empty when it asks one or none."""
    asked = task.topic if "?" in task.topic else task.request
    pieces = separate(asked) if is_question(asked) else []
    return tuple(pieces) if len(pieces) > 1 else ()


def on_part(part: str, sentence: str, source: Source) -> bool:
    """Whether a sentence speaks of one of the things that a topic names."""
    return _on_topic(part, with_prior(sentence, source, part), source.title or "", (source,))


def missing_parts(task: Task) -> list[str]:
    """The parts of a topic that nothing found speaks of, where something speaks of the others."""
    asked = task.topic if content(task.topic) else task.request
    if task.points or not content(asked):
        return []
    given = [
        (with_prior(entry, source, asked), source.title or "")
        for source in task.sources
        for entry in sentences(source.text)
    ]
    speaks = subjects(task)
    parts = joined(asked)
    if speaks and speaks[0] != asked:
        rest = _head(asked)[1]
        return [rest] if rest else []
    parts = parts or _several(task)
    silent = [
        entry for entry in parts if not any(_on_topic(entry, *pair, task.sources) for pair in given)
    ]
    if not 0 < len(silent) < len(parts):
        return []
    if parts == _several(task):
        return [named(as_topic(f"{entry}?")) for entry in silent]
    return [listing(silent)]


def _head(topic: str) -> tuple[str, str]:
    """A topic before and after its first "for" or "from"; both empty when it has none."""
    pieces = _RELATES.split(_LEAD.sub("", topic.rstrip("?")), maxsplit=1)
    if len(pieces) < 2 or not 1 <= len(content(pieces[0])) <= 2 or not content(pieces[1]):
        return "", ""
    return pieces[0], pieces[1]


def _on_topic(topic: str, sentence: str, title: str, sources: tuple[Source, ...]) -> bool:
    """Whether a sentence is on a topic; a topic of one word must not just stand before a noun."""
    if not on_subject(topic, sentence, title) or not _has_head(topic, title, sources):
        return False
    listed = content(topic)
    elsewhere = _elsewhere(topic, sources)
    if elsewhere:
        both = shared(topic, sentence) | shared(topic, title)
        return _spread(topic, both - elsewhere) >= 2
    if len(listed) != 1 or shared(topic, title, exactly=True):
        return True
    (own,) = listed
    tokens = strip_citations(sentence).split()
    places = [
        place
        for place, token in enumerate(tokens)
        if own in content(token) or _same_root(own, content(token))
    ]
    return not places or any(
        not _in_passing(tokens, place) and not _before_noun(tokens, place, sources)
        for place in places
    )


_HEAD = re.compile(
    r"(?:how to (?P<verb>\w+)|(?:the |an? |our )?(?:(?P<side>[\w'’-]+(?: [\w'’-]+)?) of|(?P<deed>[a-z]{3,}ing)(?= \w)))\b",
    re.I,
)
"""What is done to a thing, or which side of it is meant: "mending a coat", "the age of a coat"."""


def _has_head(topic: str, title: str, sources: Sequence[Source]) -> bool:
    """Whether a document has the deed or the side of the thing that a topic names, not the thing
    alone: what says how a coat is washed does not deal with mending a coat.
    """
    found = _HEAD.match(topic)
    head = next((group for group in found.groups() if group), "") if found else ""
    if not content(head) or facet(head, "") is not None:
        return True
    return any(
        shared(head, f"{title}. {source.text}")
        for source in sources
        if (source.title or "") == title
    )


def _before_noun(tokens: list[str], place: int, sources: Sequence[Source]) -> bool:
    """Whether a word only says of what a thing is made, or how it is: "gold rings", "light coats"."""
    after = tokens[place + 1] if place + 1 < len(tokens) and tokens[place].isalpha() else ""
    if not content(after):
        return False
    if tokens[place].lower() in _ADJECTIVES:
        return True
    own = re.escape(tokens[place])
    thing = re.escape(after.strip(".,;:").lower().removesuffix("s"))
    text = " ".join(source.text for source in sources)
    return not tokens[place].endswith("s") and bool(
        re.search(
            rf"\b(?:an?|the|every|each|no|our|your)\s+(?:(?!{own}\b)\w+\s+)?{thing}s?\b", text, re.I
        )
    )


_ADJECTIVES = frozenset(["light", "cold", "square", "level", "sound", "kind", "fine", "present", "patient", "plain", "right", "green", "blue", "red", "fast", "round", "flat", "dark", "warm", "cool", "dry", "wet", "firm", "broad", "medium"])  # fmt: skip
"""Words that are a subject where they stand alone, and a quality before a noun."""


def _in_passing(tokens: list[str], place: int) -> bool:
    """Whether a word only tells of which sort another is: "before the winter holidays"."""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    before = [token.lower() for token in tokens[max(0, place - 2) : place]]
    return (
        tokens[place].islower()
        and bool(content(after))
        and after.strip(".,;:").isalpha()
        and any(token in _PREPOSITIONS for token in before)
    ) or any(token in ("is", "are", "very", "too") for token in before[-1:])


_PREPOSITIONS = frozenset(("of", "in", "on", "at", "by", "for", "from", "with", "before", "after", "during", "to", "into"))  # fmt: skip


def separate(question: str) -> list[str]:
    """The single questions of one that asks several: "what does it cost, and who pays?"."""
    pieces = re.split(
        r"(?<=\?)\s+|,?\s+and\s+(?=(?:what|which|who|when|where|how|why|is|are|do|does|can)\b)",
        question,
        flags=re.I,
    )
    return [piece.strip(" ,.?") for piece in pieces if content(piece)] or [question]


def with_prior(sentence: str, source: Source, asked: str) -> str:
    """A sentence, together with the one before it where it points back to that and goes on about
    what is asked.
    """
    if not _INHERITS.match(sentence):
        return sentence
    listed = [_bare(entry) for entry in sentences(source.text)]
    place = listed.index(_bare(sentence)) if _bare(sentence) in listed else 0
    if not place:
        return sentence
    prior = listed[place - 1]
    wanted = set(content(asked))
    if facet(asked, sentence) is False:
        return sentence
    own = shared(asked, sentence) or wanted <= shared(asked, prior)
    return f"{prior}. {sentence}" if own else sentence


_POINTS_BACK = r"^(?:it|they|this|these|those|he|she|both|its|their)\b|^(?:[\w'’-]+ ){1,3}then\b"
_COUNT = "(?:" + "|".join(sorted(NUMERALS | {"one"})) + r"|\d+)"
_INHERITS = re.compile(_POINTS_BACK, re.I)
_LEANS = re.compile(
    rf"{_POINTS_BACK}|"
    rf"^(?:another )?{_COUNT} (?:of|in|out of) {_COUNT} \w+ (?:which|what|who|where|when|why|how|about|for|to|that|the|an?|not)\b|"
    r"^[^.]*\bthe (?:team|group|crew|department|committee)\b(?! (?:at|in|from|who|that|which|on|is called)\b)",
    re.I,
)


_SAME = re.compile(r"\bthe same (?P<what>\w+)", re.I)
_FRONTED = re.compile(
    r"^(?:if|when|unless|until|once|after|before|as soon as)\s+(?:nobody|no one|somebody|someone|anybody|anyone|everybody|everyone|you|we)\s+\w+\s+(?:it|them|this|that|him|her)\b",
    re.I,
)


def leans(sentence: str) -> bool:
    """Whether a sentence needs the one before it: "Customer service then sends a replacement".

    So do a count without its noun ("two of ten ask about refunds"), a team that is not named, a
    thing that is only told to be the same, and a case without its thing ("if nobody takes it").
    """
    text = sentence.strip()
    return bool(_LEANS.match(text) or _FRONTED.match(text)) or _same(text) is not None


def _same(sentence: str) -> str | None:
    """What a sentence says to be the same as something that it does not name."""
    found = _SAME.search(sentence)
    if not found or re.search(r"\b(?:than|that|which|as)\b", sentence[: found.start()], re.I):
        return None
    own = stem(found["what"].lower())
    inside = own in stems(sentence[: found.start()]) or re.match(
        r"\s*(?:as|that|where|who|which)\b", sentence[found.end() :]
    )
    return None if inside else own


def antecedents(listed: Sequence[str], place: int) -> list[int] | None:
    """The places of the sentences that one of a text needs before it; None when they are not there.

    "Both" and "all of them" may mean anything said so far; "the same coat" the last coat.
    """
    if not leans(listed[place]):
        return []
    if not place:
        return None
    if re.match(r"(?:both|these|those|all (?:of )?(?:them|these|those))\b", listed[place], re.I):
        return list(range(place))
    if own := _same(listed[place]):
        return next(([n] for n in range(place - 1, -1, -1) if own in stems(listed[n])), None)
    return [place - 1]


def upright(chosen: Sequence[str], sources: Sequence[Source]) -> list[bool]:
    """For each chosen sentence, whether it can be understood: what it leans on stands before it,
    and can be understood itself.
    """
    known = [
        [
            _bare(entry)
            for source in sources
            if source.id == name
            for entry in sentences(source.text)
        ]
        for name in dict.fromkeys(source.id for source in sources)
    ]
    there = [_bare(entry) for entry in chosen]
    standing: list[str] = []
    verdicts = []
    for place, entry in enumerate(there):
        listed = next((texts for texts in known if entry in texts), [entry])
        at = listed.index(entry)
        needed = antecedents(listed, at)
        before = [listed[n] for n in needed] if needed is not None else None
        stands = before is not None and all(text in standing for text in before)
        if before and needed == [at - 1] and there[place - 1] != before[0]:
            stands = False
        standing += [entry] if stands else []
        verdicts.append(stands)
    return verdicts


def _bare(sentence: str) -> str:
    return strip_citations(sentence).strip().rstrip(".")
