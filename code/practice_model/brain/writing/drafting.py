"""First texts: from sources where there are any, honest and general where there are none."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from practice_model.brain.writing import general, questions
from practice_model.brain.writing.address import indirect
from practice_model.brain.writing.errands import is_bad, uncapital
from practice_model.brain.writing.limits import too_long
from practice_model.brain.writing.model import Source, Task
from practice_model.brain.writing.ranking import (
    Finding,
    compress,
    is_statement,
    points,
    rank,
)
from practice_model.brain.writing.reading import is_message
from practice_model.brain.writing.relevance import (
    about,
    antecedents,
    content,
    facet,
    joined,
    leans,
    missing_parts,
    on_part,
    on_subject,
    separate,
    shared,
    upright,
    within,
)
from practice_model.brain.writing.text import (
    NUMERALS,
    Block,
    capital,
    citations,
    cite,
    count_words,
    covers,
    finish,
    listing,
    overlap,
    render,
    sentences,
    stems,
    strip_citations,
    tidy_citations,
    words,
)

_LONG = re.compile(
    r"post|article|essay|report|guide|tutorial|newsletter|press|leaflet|documentation|briefing|brochure"
)
_SHORT = re.compile(r"tweet|slogan|tagline|caption|advert|\bad\b|product description|social|flyer")
_LISTS = re.compile(r"list|faq|outline|release note|bullet")
_DEFAULT_WORDS = 110


@dataclass
class _Item:
    """One sentence of a draft with its rank (low ranks stay longest) and its part."""

    text: str
    rank: float
    part: int = 0


def draft(task: Task) -> str:
    """Write a first text for a task.

    With sources, its sentences are taken from those that fit the topic and the points, each
    with its ``[id]``; a requested point that no source covers is named as open. Without
    sources, the text keeps to what holds for any topic. Limits are obeyed.
    """
    if re.search(r"\b(?:poem|haiku|limerick|song|verse)\b", task.form):
        return _poem(task)
    listed = re.search(r"\b(?:release notes?|changelog)\b[^:\n]*:\s*(.+)", task.request, re.I)
    if listed:
        entries = re.split(r"\s*[,;]\s*(?:and\s+)?", listed[1].strip().rstrip("."))
        return render([Block("bullet", [finish(entry)]) for entry in entries if entry])
    items = _from_sources(task) if task.sources else _without_sources(task)
    return assemble(items, task)


def assemble(items: list[_Item], task: Task) -> str:
    """Lay sentences out in the task's form, leaving out the least important until it fits."""
    kept = list(items)
    avoid = [stems(entry) for entry in task.avoid]
    if avoid:
        kept = [i for i in kept if not any(a and a <= stems(i.text) for a in avoid)] or kept[:1]
    while True:
        text = _layout(kept, task)
        if not too_long(text, task.limits) or len(kept) <= 1:
            break
        worst = max(range(len(kept)), key=lambda place: (kept[place].rank, place))
        kept.pop(worst)
    if too_long(text, task.limits) and kept:
        spare = task.limits.max_words
        if spare is not None:
            spare = max(3, spare - (len(text.split()) - len(kept[0].text.split())))
        chars = task.limits.max_chars
        if chars is not None:
            chars = max(20, chars - (len(text) - len(kept[0].text)))
        text = _layout([_Item(compress(kept[0].text, spare, chars), 0)], task)
        if too_long(text, task.limits):
            text = compress(kept[0].text, task.limits.max_words, task.limits.max_chars)
    return text


def _budget(task: Task) -> int:
    limits = task.limits
    if limits.max_words is not None:
        return limits.max_words
    if limits.min_words is not None:
        return max(limits.min_words + 15, _DEFAULT_WORDS)
    if limits.max_sentences is not None:
        return 40 * limits.max_sentences
    if re.search(
        r"\b(?:detailed|long|thorough|in depth|in-depth|comprehensive)\b", task.request.lower()
    ):
        return 220
    if re.search(r"\b(?:short|brief|concise)\b", task.request.lower()):
        return 70
    return _DEFAULT_WORDS


def _query(task: Task) -> str:
    return f"{task.topic} {task.request}"


def _from_sources(task: Task) -> list[_Item]:
    ranked = rank(task.sources, task.topic or task.request, task.points)
    if task.topic and not any(entry.fit > 0.35 for entry in ranked):
        again = rank(task.sources, _query(task), task.points)
        if any(entry.fit > 0.35 for entry in again):
            ranked = again
    useful = _useful(ranked, task)
    if task.noted and not task.searched and not task.points:
        useful = [*useful, *(entry for entry in ranked if entry not in useful)]
    if not useful:
        if (task.topic or task.points) and not _notes_only(task):
            if _is_message(task):
                return _without_sources(task)
            plain = [point for point in task.points if not general.is_clause(point)]
            told = [_Item(general.mention(p), 0.5) for p in task.points if general.is_clause(p)]
            unknown = (
                general.about(task.topic)
                if task.topic
                else listing(general.lower_article(point) for point in plain)
            )
            return [*told, _Item(silence(unknown, task), 0)]
        useful = ranked
    wanted = _budget(task) - 12
    chosen: dict[tuple[int, int], _Item] = {}
    missing: list[str] = []
    for point in task.points:
        best = _covering(point, ranked, task, chosen)
        if best is None:
            missing.append(point)
        else:
            chosen[best.source, best.place] = _Item(_cited(best, task), 1)
    used = sum(count_words(item.text) for item in chosen.values())
    per_source: dict[int, int] = {}
    order = sorted(
        useful,
        key=lambda entry: (-entry.fit, entry.source, entry.place),
    )
    named = {task.sources[entry.source].id for entry in useful} - {None}
    order += [
        entry
        for entry in ranked
        if entry not in order
        and task.sources[entry.source].id in named
        and not task.points
        and (not task.searched or _belongs(entry, task))
    ]
    position = 0
    for entry in order:
        key = (entry.source, entry.place)
        if key in chosen:
            continue
        length = count_words(entry.text)
        if used + length > wanted and chosen:
            continue
        seen = per_source.get(entry.source, 0)
        per_source[entry.source] = seen + 1
        position += 1
        chosen[key] = _Item(_cited(entry, task), 2 + position / 100 + 0.5 * min(seen, 4))
        used += length
        if task.limits.max_sentences and len(chosen) >= task.limits.max_sentences:
            break
    _support(chosen, ranked, task, wanted - used)
    items = []
    for key, item in sorted(chosen.items(), key=lambda pair: pair[0]):
        item.part = key[0]
        items.append(item)
    stands = upright([item.text for item in items], task.sources)
    items = [item for item, stand in zip(items, stands, strict=True) if stand] or items
    for point in [*missing, *_denied(task, missing, [item.text for item in items], ranked)]:
        if general.is_clause(point):
            items.insert(0, _Item(general.mention(point), 1, -1))
        else:
            items.append(_Item(silence(general.lower_article(point), task), 1.5, 10_000))
    if task.ends_with_step and items and len(items) == task.limits.max_sentences:
        items[-1].text = with_step(items[-1].text, next_step(task))
    elif task.ends_with_step:
        items.append(_Item(next_step(task), 1.2, 10_001))
    known = [stems(item.text) for item in items]
    said = [entry for entry in task.says if not any(stems(entry) <= bag for bag in known)]
    return [*(_Item(entry, 0.5, -1) for entry in said), *items]


def _support(
    chosen: dict[tuple[int, int], _Item], ranked: list[Finding], task: Task, spare: int
) -> None:
    """Adds what chosen statements lean on, as far as there is room, or where else nothing stands."""
    for entry in [e for e in ranked if (e.source, e.place) in chosen]:
        item = chosen[entry.source, entry.place]
        needed = _with_what_they_lean_on([entry], ranked, task.sources)
        needed = [e for e in needed if (e.source, e.place) not in chosen]
        length = sum(count_words(one.text) for one in needed)
        if length <= spare or len(chosen) == 1:
            chosen.update({(e.source, e.place): _Item(_cited(e, task), item.rank) for e in needed})
            spare -= length


def _notes_only(task: Task) -> bool:
    """Whether the sources are notes made for this very text, so that all of them belong in."""
    return bool(
        re.search(
            r"\b(?:these|the|following|this) (?:notes|facts|findings|information|sources|material)\b",
            task.request.lower(),
        )
    )


NEXT_STEPS = (
    "As a next step, please write to us with any question.",
    "Please write to us if anything is left open.",
    "Please contact us when you need to know more.",
    "Please ask us about anything that is not said here.",
)
"""Ends of a text that tell its reader what to do, and hold for any subject."""


def next_step(task: Task) -> str:
    """One of the ends, always the same for the same request."""
    return NEXT_STEPS[sum(map(ord, task.request or task.topic)) % len(NEXT_STEPS)]


def with_step(sentence: str, step: str) -> str:
    """A sentence with a next step tied to it, for a text that may have no further sentence."""
    return f"{sentence.rstrip('.')}; {step[:1].lower()}{step[1:]}"


def silence(what: str, task: Task) -> str:
    """Says that nothing is known about something, and no more than that.

    A search that found something near a subject did not find nothing: it found no answer. What
    notes say of that is said as they say it.
    """
    called = _called(what, task)
    if told := _told_open(what, task):
        return told
    if task.searched and _is_near(called, task):
        asks = questions.is_clause(task.topic) or "?" in task.topic
        asks = asks or questions.is_question(task.request)
        verb = (
            "answer"
            if called.startswith("the question ")
            else "say"
            if questions.is_clause(called)
            else "tell"
            if asks and called == general.about(task.topic)
            else "deal with"
        )
        return f"The sources found do not {verb} {_placed(called, task)}."
    if task.searched:
        return f"My search found nothing about {called}."
    if task.cite:
        return f"No source was found on {called}."
    return f"The sources say nothing about {called}."


def _told_open(point: str, task: Task) -> str:
    """What the notes that a text is written from say of a point without an answer; else empty."""
    called = general.lower_article(_called(point, task))
    found = (match for source in task.sources for match in _NO_ANSWER.finditer(source.text))
    listed = (m for m in found if re.match(rf"{re.escape(called)}(?!\w)", m["what"]))
    return "" if task.searched else next((f"{match[0]}." for match in listed), "")


_NO_ANSWER = re.compile(
    r"The sources found do not (?:answer|say|tell|deal with) (?P<what>(?:[^.\n]|(?<=\d)\.(?=\d))+)"
)
_NOTHING = re.compile(
    r"^\W*[-*] (?:My search found nothing about|The sources found do not (?:answer|say|tell|deal with)) "
    r"(?P<what>(?:[^.\n]|(?<=\d)\.(?=\d))+)\.",
    re.M,
)
"""A line of notes that says what was not found besides what was; notes without a find have none."""


def _is_near(what: str, task: Task) -> bool:
    """Whether what was found has a word of a subject; anything found is near one without words."""
    if not content(what):
        return bool(task.sources)
    return any(shared(what, f"{s.title or ''} {s.text}", exactly=True) for s in task.sources)


def _called(point: str, task: Task) -> str:
    """A point named so that it can be understood: "its age" as "the age of the bridge"."""
    if not task.topic or questions.is_clause(task.topic) or "?" in task.topic:
        return point
    if own := re.match(r"(?:its|their|his|her) (.+)$", point, re.I):
        return f"the {own[1]} of {task.topic}"
    return re.sub(r"\b(?:it|them)$", lambda _: task.topic, point, flags=re.I)


def _placed(point: str, task: Task) -> str:
    """A point together with the topic that it was looked up for, unless it names that itself."""
    plain = not questions.is_clause(point) and not point.startswith("the question ")
    if (
        not plain
        or point == general.about(task.topic)
        or point not in {general.lower_article(_called(p, task)) for p in task.points}
    ):
        return point
    if not content(task.topic) or shared(task.topic, point):
        return point
    return f"{point} in connection with {general.about(task.topic)}"


def _denied(task: Task, missing: list[str], said: list[str], ranked: list[Finding]) -> list[str]:
    """What else a text must own up to: a topic that nothing found speaks of, and what notes say
    that nobody found.
    """
    told = [match["what"] for source in task.sources for match in _NOTHING.finditer(source.text)]
    told += missing_parts(task) if task.searched else []
    known = [stems(_called(point, task)) for point in (*missing, *task.points)]
    found = [
        entry
        for entry in dict.fromkeys(told)
        if stems(entry.split(" in connection with ")[0]) not in known
        and (stems(entry) == stems(task.topic) or _covering(entry, ranked, task) is None)
    ]
    if not task.searched or len(content(task.topic)) < 2 or missing_parts(task):
        return found
    return found if _dealt_with(task, said) else [*found, general.about(task.topic)]


def _dealt_with(task: Task, said: list[str]) -> bool:
    """Whether what is said has a word of the topic, and half of them where they name a thing."""
    found = shared(task.topic, " ".join(said), exactly=True)
    thing = not task.points and not questions.is_clause(task.topic) and "?" not in task.topic
    return bool(found) and (not thing or 2 * len(found) >= len(content(task.topic)))


def _useful(ranked: list[Finding], task: Task) -> list[Finding]:
    """The statements that fit; where none shares a word with the topic, those that are on it by
    their meaning: "all other countries" for one of them.
    """
    fitting = [entry for entry in ranked if _belongs(entry, task)]
    close = [entry for entry in fitting if entry.fit > 0.25]
    if close and task.searched and not task.points:
        for part in joined(task.topic):
            on_it = [e for e in fitting if on_part(part, e.text, task.sources[e.source])]
            close += [] if any(e in close for e in on_it) else on_it[:1]
    if close or task.points or not task.searched or not content(task.topic or task.request):
        return close
    return [entry for entry in fitting if task.sources[entry.source].id]


def _belongs(entry: Finding, task: Task) -> bool:
    """Whether a statement is on the subject; what somebody wrote down for the text is."""
    source = task.sources[entry.source]
    return (
        not task.searched or not source.id or _notes_only(task) or about(task, entry.text, source)
    )


def _covering(
    point: str, ranked: list[Finding], task: Task, taken: Collection[tuple[int, int]] = ()
) -> Finding | None:
    """The statement that takes up a point best, rather another than one that is `taken` for a
    point; None when none is about it.
    """

    denied = _told_open(point, task)

    def fits(entry: Finding) -> bool:
        source = task.sources[entry.source]
        if not source.id:
            return covers(point, entry.text) >= 0.5
        return any(
            on_subject(point, entry.text, source.title or "", topic)
            for topic in {task.topic if denied else within(task, point), task.topic}
        )

    return max(
        (entry for entry in ranked if fits(entry)),
        key=lambda entry: (
            covers(point, entry.text),
            not leans(entry.text),
            (entry.source, entry.place) not in taken,
            len(shared(task.topic, entry.text)),
            entry.fit,
        ),
        default=None,
    )


def _cited(entry: Finding, task: Task) -> str:
    source = task.sources[entry.source]
    text = tidy_citations(entry.text)
    if task.cite and source.id:
        return cite(text, source.id)
    return text


def _without_sources(task: Task) -> list[_Item]:
    topic = task.topic
    facts = [general.mention(point) for point in task.points if general.is_clause(point)]
    named = tuple(point for point in task.points if not general.is_clause(point))
    if task.cite and not _is_message(task) and (topic or named):
        unknown = listing(general.lower_article(point) for point in named) or general.about(topic)
        said = f"No source was found on {unknown}, so nothing is claimed about it here."
        return [*[_Item(fact, 0.5) for fact in facts], _Item(said, 0)]
    if task.says and _is_message(task):
        return _told(task, facts, named)
    if _is_message(task):
        opening, *rest = general.message_sentences(task)
        items = [_Item(opening, 0 if not facts else 3)]
        items += [_Item(fact, 0.5, 1) for fact in facts]
        items += [_Item(general.mention(point), 1, 1) for point in named]
        items += [_Item(entry, 4 + n, 1) for n, entry in enumerate(rest[:-1])]
        items += [_Item(entry, 2.5, 2) for entry in rest[-1:]]
        return items
    items = [_Item(fact, 0.5) for fact in facts]
    if _SHORT.search(task.form) and not task.limits.min_words:
        called = f"about {general.about(topic)}" if topic else "more"
        items += [
            _Item(
                f"Would you like to know more {called}?"
                if topic
                else "Would you like to know more?",
                0,
            ),
            *[_Item(general.mention(point), 1) for point in named],
            _Item(
                "Have a closer look, ask us what you want to know, and decide in your own time.", 2
            ),
        ]
        return items
    if re.search(r"\b(?:story|tale|script|dialogue)\b", task.form):
        return [*items, *_story(task, named)]
    who = f" It is written for {task.audience}." if task.audience else ""
    first = f"This is a first look at {questions.looked_at(topic) or general.about('')}."
    if facts and not task.limits.min_words:
        items += [_Item(general.mention(point), 1, 1) for point in named]
        items.append(_Item("If you would like to know more, just ask us.", 3, 1))
        return items
    if topic or not named:
        items.append(_Item(first + who, 0))
    items += [_Item(general.mention(point), 1, 1) for point in named]
    wanted = _budget(task)
    used = sum(count_words(item.text) for item in items) + count_words(general.NO_SOURCES)
    fixed = [_Item(general.NO_SOURCES, 2, 9)]
    for n, sentence in enumerate(general.article_sentences(topic)):
        length = count_words(sentence)
        if used + length > wanted and n >= 2 and used >= (task.limits.min_words or 0):
            break
        items.append(_Item(sentence, 3 + n, 1 + n // 4))
        used += length
    return items + fixed


def _told(task: Task, facts: list[str], named: tuple[str, ...]) -> list[_Item]:
    """A message that has something to say: its own statements carry it."""
    opening, middle, end = general.frame(task)
    items = [_Item(opening, 2)] if opening else []
    says = list(task.says)
    complains = general.purpose(task.request) == "complaint"
    if (
        task.bad_news
        and not complains
        and is_bad(says[0])
        and not re.search(r"\bsorry\b|^[IW]e? ", says[0])
    ):
        says[0] = f"I am sorry that {uncapital(says[0])}"
    items += [_Item(entry, 0.1 + n / 100) for n, entry in enumerate(says)]
    items += [_Item(fact, 0.5, 1) for fact in facts]
    items += [_Item(general.mention(point), 1, 1) for point in named]
    items += [_Item(middle, 4, 1)] if middle else []
    return [*items, _Item(end, 2.5, 2)] if end else items


def _story(task: Task, named: tuple[str, ...]) -> list[_Item]:
    topic = general.about(task.topic)
    lines = [
        f"This is a small story about {topic}.",
        "It begins on an ordinary morning, when somebody asks a question that nobody has asked before.",
        *[general.mention(point) for point in named],
        "At first there is no answer, only a guess or two.",
        "Then a friend comes by, listens to the whole of it, and says what everyone else had missed.",
        "By the evening the question has become smaller, and the friendship has become larger.",
    ]
    return [_Item(line, n, n // 2) for n, line in enumerate(lines)]


def _poem(task: Task) -> str:
    lines = general.verse(task)
    if "haiku" in task.form:
        return "\n".join(lines)
    facts = [finish(entry.text) for entry in rank(task.sources, task.topic)[:2]]
    while lines and too_long("\n".join([*lines, *facts]), task.limits):
        if facts:
            facts.pop()
        else:
            lines.pop()
    return "\n".join([*lines, *facts])


def _is_message(task: Task) -> bool:
    return is_message(task.form)


def heading(task: Task) -> str:
    """A title: the topic, without what follows a preposition where it is long."""
    tokens = (task.topic or "Notes").split()
    if len(tokens) > 12:
        ends = [n for n in range(3, 12) if tokens[n].lower() in _LINKS]
        tokens = tokens[: ends[-1]] if ends else tokens
    return capital(" ".join(tokens).rstrip(".,;:"))


_LINKS = frozenset(["in", "on", "at", "for", "with", "from", "after", "before", "during", "without", "when", "while", "because", "since", "which", "who", "that", "if", "unless"])  # fmt: skip


def _layout(items: list[_Item], task: Task) -> str:
    limits = task.limits
    texts = [item.text for item in items]
    if limits.bullets is not None or (
        _LISTS.search(task.form) and limits.paragraphs is None and not limits.max_sentences
    ):
        count = limits.bullets or len(texts)
        return render([Block("bullet", [entry]) for entry in texts[:count]])
    if limits.max_sentences is not None and limits.max_sentences <= 3 and not _is_message(task):
        return " ".join(texts)
    if (
        _is_message(task)
        and not (limits.max_sentences and limits.max_sentences <= 3)
        and not (limits.max_words and limits.max_words < 25)
    ):
        return _message(items, task)
    paragraphs = _paragraphs(items, limits.paragraphs)
    parts = [Block("para", entry) for entry in paragraphs]
    if (
        _LONG.search(task.form)
        and limits.max_sentences is None
        and limits.paragraphs is None
        and (limits.max_words is None or limits.max_words >= 60)
    ):
        parts.insert(0, Block("heading", [heading(task)], "#"))
    return render(parts)


def _paragraphs(items: list[_Item], count: int | None) -> list[list[str]]:
    if count == 1 or (count is None and len(items) <= 3):
        return [[item.text for item in items]]
    if count is not None:
        count = min(count, len(items))
        size, more = divmod(len(items), count)
        groups, start = [], 0
        for number in range(count):
            end = start + size + (number < more)
            groups.append([item.text for item in items[start:end]])
            start = end
        return groups
    found: list[list[str]] = []
    part: int | None = None
    for item in items:
        if found and (part == item.part or len(found[-1]) < 2) and len(found[-1]) < 5:
            found[-1].append(item.text)
        else:
            found.append([item.text])
        part = item.part
    if len(found) > 1 and len(found[-1]) == 1 and len(found[-2]) < 3:
        found[-2:] = [[*found[-2], *found[-1]]]
    return found


def _message(items: list[_Item], task: Task) -> str:
    formal = bool(
        task.tone
        and re.search(r"formal|serious|professional", task.tone)
        and "informal" not in task.tone
    )
    name = task.recipient
    if not name and re.search(
        r"\bcustomers\b|\beveryone\b|\bteam\b|\bcolleagues\b|\ball\b", task.request.lower()
    ):
        name = "all"
    greeting = (
        f"Dear {name},"
        if formal and name
        else f"Hello {name},"
        if name
        else "Dear Sir or Madam,"
        if formal
        else "Hello,"
    )
    sender = task.sender or ""
    closing = ["Yours sincerely" if formal else "Best regards"]
    closing = [closing[0] + ",", sender] if sender else closing
    parts: list[Block] = []
    if re.search(r"e-?mail|newsletter", task.form) and (
        task.limits.max_words is None or task.limits.max_words >= 45
    ):
        subject = _subject(task)
        if subject:
            parts.append(Block("subject", [subject]))
    parts.append(Block("greeting", [greeting]))
    if task.sources:
        parts += [Block("para", group) for group in _paragraphs(items, task.limits.paragraphs)]
    else:
        last = [item.text for item in items if item.part == 2]
        first = [item.text for item in items if item.part != 2]
        parts.append(Block("para", first))
        if last:
            parts.append(Block("para", last))
    parts.append(Block("signoff", closing))
    return render([part for part in parts if part.sentences])


def _subject(task: Task) -> str:
    if task.subject:
        return task.subject
    if task.topic:
        subject = heading(task)
        return re.sub(r"^(?:Her|His|Their)\b", "Your", subject) if task.recipient else subject
    facts = [point for point in task.points if general.is_clause(point)]
    if facts:
        tokens = strip_citations(re.sub(r"^that\s+", "", facts[0])).split()
        return capital(" ".join(tokens[:8]).rstrip(".,;"))
    goal = general.purpose(task.request)
    return capital(goal) if goal else ""


def notes(task: Task) -> str:
    """Research notes: the fitting statements of each source, one a line, each with its ``[id]``."""
    wanted = listing(general.lower_article(p) for p in task.points if not general.is_clause(p))
    if not task.sources:
        unknown = f"nothing about {general.about(task.topic or wanted)}."
        if task.searched:
            return f"My search found {unknown}"
        return f"I have nothing to search with here, so I found {unknown}"
    query = f"{task.topic or task.request}"
    ranked = rank(task.sources, query, task.points)
    useful = _useful(ranked, task)
    if not useful:
        return silence(general.about(task.topic or wanted), replace(task, searched=True))
    budget = task.limits.items or task.limits.bullets or 8
    per_source: dict[int, int] = {}
    kept: list[Finding] = []
    for point in task.points:
        best = _covering(point, ranked, task, [(entry.source, entry.place) for entry in kept])
        if best is not None and best not in kept:
            kept.append(best)
            per_source[best.source] = per_source.get(best.source, 0) + 1
    top = useful[0].fit
    for entry in useful:
        if entry in kept:
            continue
        if len(kept) >= budget:
            break
        if per_source.get(entry.source, 0) >= 3 or (entry.fit < 0.3 * top and len(kept) >= 2):
            continue
        per_source[entry.source] = per_source.get(entry.source, 0) + 1
        kept.append(entry)
    for part in joined(task.topic) if not task.points else ():
        on_it = [e for e in useful if on_part(part, e.text, task.sources[e.source])]
        kept += [] if any(e in kept for e in on_it) else on_it[:1]
    if not task.points:
        first = useful[0].source
        more = [
            entry
            for entry in ranked
            if entry.source == first and entry not in kept and _belongs(entry, task)
        ]
        kept += more[: max(0, min(4, budget) - len(kept))]
    steady = [entry for entry in kept if not leans(entry.text) or _needed_fit(entry, ranked, task)]
    kept = _with_what_they_lean_on(steady or kept, ranked, task.sources)
    lines = [f"- {_cited(entry, task)}" for entry in kept]
    while len(lines) > 1 and too_long("\n".join(lines), task.limits):
        lines.pop()
    missing = [point for point in task.points if _covering(point, ranked, task) is None]
    for point in [*missing, *_denied(task, missing, lines, ranked)]:
        if not general.is_clause(point):
            told = silence(general.lower_article(point), replace(task, searched=True))
            lines.append(f"- {told}")
    return "\n".join(lines)


def _needed(entry: Finding, ranked: list[Finding], sources: Sequence[Source]) -> list[Finding]:
    """The statements of its document that another leans on."""
    name = sources[entry.source].id

    def same(other: Finding) -> bool:
        return other.source == entry.source or bool(name and sources[other.source].id == name)

    own = sorted((e for e in ranked if same(e)), key=lambda e: (e.source, e.place))
    places = antecedents([e.text for e in own], own.index(entry)) if entry in own else None
    return [own[place] for place in places or []]


def _needed_fit(entry: Finding, ranked: list[Finding], task: Task) -> bool:
    """Whether the statements that another leans on are there, and on the subject themselves."""
    needed = _needed(entry, ranked, task.sources)
    return bool(needed) and all(_belongs(one, task) for one in needed)


def _with_what_they_lean_on(
    kept: list[Finding], ranked: list[Finding], sources: Sequence[Source]
) -> list[Finding]:
    """Adds what statements that cannot stand alone lean on; in the order of the sources."""
    found = list(kept)
    for entry in found:
        found += [one for one in _needed(entry, ranked, sources) if one not in found]
    return sorted(found, key=lambda entry: (entry.source, entry.place))


def best_statements(sources: list[Source], question: str, most: int = 2) -> list[str]:
    """The statements that answer a question best, each with the id of its source.

    Where none is on the question's subject but one is near it, that is given, and said to be so.
    """
    ranked = rank(sources, question)
    asked = [
        Task("notes", entry, entry, sources=tuple(sources), cite=True, searched=True)
        for entry in separate(question)
    ]
    task = asked[0]
    useful = [
        entry
        for entry in ranked
        if any(about(one, entry.text, sources[entry.source]) for one in asked)
    ]
    if re.match(r"\W*(?:\w+ ){0,2}?how (?:much|many|long)|\W*when\b", question, re.I):
        useful.sort(key=lambda entry: -(entry.fit + 0.6 * covers("time price", entry.text)))
    if not useful:
        near = [
            entry
            for entry in ranked
            if 2 * len(shared(question, entry.text, exactly=True)) >= max(1, len(content(question)))
        ]
        if not near:
            return []
        return [f"The sources do not answer this directly. {_cited(near[0], task)}"]
    useful += [
        entry
        for entry in ranked
        if entry not in useful
        and entry.source == useful[0].source
        and shared(question, entry.text, exactly=True)
        and facet(question, entry.text) is True
    ]
    kept = [entry for entry in useful[:most] if entry.fit >= 0.6 * useful[0].fit]
    for one in asked:
        best = next((e for e in useful if about(one, e.text, sources[e.source])), None)
        if best is not None and best not in kept:
            kept.append(best)
    kept = _with_what_they_lean_on(kept, ranked, sources)
    return [_cited(entry, task) for entry in kept]


def plan(task: Task) -> list[str]:
    """Steps that lead to what is asked for, from its own words.

    Parts that the request names ("A, then B and C") become steps; otherwise general ones.
    """
    count = task.limits.items or 5
    pieces = _parts_of(task)
    if len(pieces) >= 2:
        return [
            finish(capital(piece))
            for piece in pieces[: max(count, len(pieces)) if not task.limits.items else count]
        ]
    topic = general.about(_object_of(task.request) or task.topic)
    steps = [
        f"Write down what is wanted and how one will see that it is done: {topic}.",
        "Collect what is known already, and note where each piece comes from.",
        "List the open questions and answer the most important one first.",
        "Do the smallest useful part and show it to somebody whom it concerns.",
        "Change what the feedback asks for, then finish the rest.",
        "Check the result against what was wanted in the first step.",
        "Note what was learned for the next time.",
    ]
    if count < len(steps):
        keep = sorted({0, 1, 3, 5, 4, 2, 6} & set([0, 1, 3, 5, 4, 2, 6][:count]))
        return [steps[place] for place in keep]
    return steps[:count]


_ACTION = (
    r"(?:research|find|look up|search|write|draft|review|check|send|translate|summari[sz]e|compare|collect|"
    r"test|document|implement|code|build|create|book|buy|call|ask|invite|order|prepare|design|publish|fix|analy[sz]e|"
    r"calculate|choose|decide|set up|install|clean|pack|print|explain|list|update|deploy|measure|plan|cook|bake|report|e-?mail)"
)


def _parts_of(task: Task) -> list[str]:
    text = re.sub(
        r"^(?:please\s+)?(?:make|write|create|give me|draft)\s+(?:me\s+)?(?:an?|the)\s+(?:[\w-]+ ){0,3}plan\s*(?:to|for|:)?\s*",
        "",
        task.request.strip(),
        flags=re.I,
    )
    text = re.sub(
        r"^(?:plan|break down|break)\s+(?:how to\s+|the task\s*:?\s*)?", "", text, flags=re.I
    )
    pieces = re.split(
        rf"(?:,\s*|;\s*|\s+)(?:and\s+|then\s+|and then\s+)?(?={_ACTION}\b)|(?<=[.!?])\s+",
        text,
        flags=re.I,
    )
    found = [
        piece.strip(" ,;.:") for piece in pieces if re.match(rf"{_ACTION}\b", piece.strip(), re.I)
    ]
    return [entry for entry in found if count_words(entry) >= 2]


def _object_of(request: str) -> str:
    first = next(iter(sentences(request)), "")
    if about := re.match(r"(.*\babout )(.+\?)$", first, re.DOTALL):
        first = about[1] + questions.named(questions.as_topic(about[2]))
    first = first.rstrip(".!?")
    return general.lower_article(
        re.sub(
            r"^(?:please\s+)?(?:(?:make|write|create|give me|draft)?\s*(?:me\s+)?(?:a|an|the)?\s*(?:\w+ )?plan\s*(?:to|for|how to|:)?|outline)\s*",
            "",
            first,
            flags=re.I,
        )
    )


def titles(task: Task, count: int | None = None) -> list[str]:
    """Headings for a topic, or for a text when the task has one."""
    topic = task.topic
    if not topic and task.draft:
        topic = " ".join(_keywords(task.draft))
    name = capital(general.about(topic))
    if re.search(r"\b(?:tagline|slogan|motto)s?\b", task.request.lower()):
        listed = [
            f"{name}: come and see for yourself",
            f"Have a closer look: {general.about(topic)}",
            f"{name}. Ask us anything",
            f"{name}, at your own pace",
        ]
        many = re.search(r"\b(?:taglines|slogans|mottos)\b", task.request.lower())
        return listed[: count or task.limits.items or (3 if many else 1)]
    listed = [
        name,
        f"{name}: a first look",
        f"Three questions about {general.about(topic)}",
        f"{name}, in plain words",
        f"What to ask about {general.about(topic)}",
        f"{name}: where to begin",
        f"A closer look: {general.about(topic)}",
        f"Notes on {general.about(topic)}",
    ]
    count = (
        count
        or task.limits.items
        or (
            1
            if re.search(
                r"\b(?:a|one|the) (?:\w+ )?(?:title|headline|subject line|tagline|slogan)\b",
                task.request.lower(),
            )
            else 3
        )
    )
    return listed[1 : count + 1] if 1 < count < len(listed) else listed[:count]


def _keywords(text: str) -> list[str]:
    best = points(text, 1)
    chosen = list(strip_citations(best[0]).rstrip(".").split()) if best else []
    return chosen[:8]


def reply(task: Task) -> str:
    """Answer a message from the sources; where they are silent, say that it will be looked into.

    Each question of the message is answered by the statement that fits it best.
    """
    incoming = task.draft or task.request
    asked = [entry for entry in sentences(incoming) if entry.rstrip().endswith("?")]
    facts = [
        strip_citations(finish(re.sub(r"^that\s+", "", point)))
        for point in task.points
        if general.is_clause(point)
    ]
    ranked = rank(task.sources, " ".join(asked) or incoming) if task.sources else []
    answers: list[_Item] = []
    open_questions = 0
    for question in asked or [incoming]:
        wanted = stems(question)
        best = max(
            ranked, key=lambda entry: (len(wanted & stems(entry.text)), entry.fit), default=None
        )
        if best is not None and len(wanted & stems(best.text)) >= min(2, len(wanted)):
            text = _cited(best, task)
            if text not in [item.text for item in answers]:
                answers.append(_Item(text, 1, 1))
        else:
            open_questions += 1
    name = task.recipient or _signed(incoming)
    complaint = re.search(
        r"\b(?:broke|damaged|late|wrong|missing|disappoint|unhappy|complain|angry|terrible|not (?:arrived|working|received|come)|still waiting|defect|refund|torn|leak|crack|scratch|stain|faulty|bent|empty|delay|twice|problem)\w*\b",
        incoming.lower(),
    )
    numbered = _reference(incoming)
    thanks = (
        f"Thank you for your message about {numbered}."
        if numbered
        else "Thank you for your message."
    )
    items = [_Item(thanks, 3)]
    if complaint:
        items.append(_Item("I am sorry for the trouble.", 2))
    items += [_Item(fact, 0.5, 1) for fact in facts]
    items += answers
    if open_questions and not facts and not answers:
        heard = _heard(asked)
        items += [_Item(heard, 1.5, 1)] if heard else []
        what = "it" if heard else "your question" if asked else "your message"
        items.append(_Item(f"I will look into {what} and come back to you with an answer.", 1, 1))
    elif open_questions and not facts and asked:
        items.append(_Item("I will look into the rest and come back to you.", 1, 1))
    items.append(_Item("If there is anything else, just reply to this message.", 4, 2))
    shaped = Task(
        kind="reply",
        topic="",
        request=task.request,
        form="message",
        tone=task.tone,
        recipient=name,
        sender=task.sender,
        limits=task.limits,
        avoid=task.avoid,
    )
    return assemble(items, shaped)


def _reference(message: str) -> str:
    """The order, invoice or ticket that a message names, as "order 5521"; else empty."""
    found = re.search(
        r"\b(order|invoice|ticket|parcel|booking|case|reservation|contract|subscription)"
        r"(?: (?:number|no\.?|nr\.?|id))?[ :#(]*((?=[\w-]*\d)[A-Z0-9][\w-]*)",
        message,
        re.I,
    )
    return f"{found[1].lower()} {found[2]}" if found else ""


def _heard(questions: list[str]) -> str:
    """What a message asks, said back to its writer; empty when it cannot be said well."""
    told = [
        indirect(re.sub(r"^(?:so|and|but|please),? ", "", q, flags=re.I)) for q in questions[:2]
    ]
    kept = [entry for entry in told if entry]
    return (
        f"You would like to know {' and '.join(kept)}." if kept and len(kept) == len(told) else ""
    )


def _signed(message: str) -> str | None:
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    if len(lines) >= 2:
        match = re.fullmatch(
            r"(?i:(?:best|kind|warm)?\s*regards|thanks|best|yours|cheers|sincerely)?[, ]*([A-ZÀ-Þ][\wÀ-ÿ'-]+(?: [A-ZÀ-Þ][\wÀ-ÿ'-]+)?)",
            lines[-1],
        )
        if match and match.group(1).lower() not in {
            "regards",
            "thanks",
            "best",
            "cheers",
            "sincerely",
        }:
            return match.group(1)
    match = re.search(
        r"(?i:regards|thanks|best wishes|best|cheers|yours|love|greetings|my name is|this is)[,!]?\s+([A-ZÀ-Þ][\wÀ-ÿ'-]+)",
        message,
    )
    return match.group(1) if match else None


def supported(sentence: str, sources: list[Source] | tuple[Source, ...]) -> bool:
    """Whether the sources bear a sentence out: its numbers and most of its words occur in one."""
    bag = stems(sentence)
    figures = {
        word
        for word in words(strip_citations(sentence))
        if any(c.isdigit() for c in word) or word in NUMERALS
    }
    cited = set(citations(sentence))
    pool = [s for s in sources if s.id in cited] if cited else list(sources)
    for source in pool:
        known = stems(source.text) | stems(source.title or "")
        given = set(words(source.text))
        if figures <= given and overlap(bag, known) >= 0.6:
            return True
    return False


__all__ = [
    "assemble", "draft", "heading", "is_statement", "notes", "plan", "reply", "supported", "titles",
]  # fmt: skip
