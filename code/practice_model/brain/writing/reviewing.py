"""A verdict on a draft from what can be checked, and changes that a revision can obey."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.writing import general
from practice_model.brain.writing.drafting import supported
from practice_model.brain.writing.limits import body_sentences, check_limits, counted
from practice_model.brain.writing.model import Finding, Review, Task
from practice_model.brain.writing.ranking import is_statement
from practice_model.brain.writing.relevance import content, on_subject, shared, within
from practice_model.brain.writing.text import (
    NUMBER_WORD,
    blocks,
    citations,
    covers,
    is_signoff,
    listing,
    number,
    stems,
    strip_citations,
)

_OPEN = re.compile(
    r"\b(?:the sources (?:given here |found )?say nothing|the sources (?:found )?do not (?:say|answer|tell|deal with)|my search found nothing|no source was found|(?:no|nothing) (?:sources?|else) (?:came|says?|was|is)|nothing is claimed|details are still to be added|points to take up|"
    r"first look at|this text is about|it is written for|thank you|please|reply to this message|write to us|"
    r"i am writing|look forward|if (?:anything|you)|for example, (?:imagine|take)|in short|let us know|sorry|apologi[sz]e|more (?:is|in)\b)",
    re.IGNORECASE,
)


_BOLD = re.compile(
    r"\b(?:best|greatest|finest|cheapest|fastest|perfect|guaranteed|unique|revolutionary|always|never|"
    r"everybody|everyone|nobody|world(?:'s|-class)|\d+ ?(?:%|percent))\b",
    re.IGNORECASE,
)


def is_claim(sentence: str) -> bool:
    """Whether a sentence asserts something about the subject that would need a source."""
    bare = strip_citations(sentence)
    if (
        is_signoff(bare)
        or _OPEN.search(bare)
        or bare.rstrip().endswith("?")
        or not is_statement(sentence)
    ):
        return False
    return not re.match(
        r"(?:please|thank|ask|write|visit|contact|see|read|try|have a|look)\b", bare, re.I
    )


def needed_sources(task: Task) -> int | None:
    """How many sources a text must cite, when the task says so."""
    text = "\n".join([task.request, *task.criteria])
    match = re.search(
        rf"\b(?:at least |cites? |citing |from |names? )?({NUMBER_WORD}) (?:different |distinct |separate )?(?:sources?|citations?|references?|documents?)\b",
        text,
        re.I,
    )
    return number(match.group(1).lower()) if match else None


def review(text: str, task: Task) -> Review:
    """Check a draft against its task: length, format, citations, support, points, words to avoid.

    Every finding carries a change that `revise` can obey, so that revising and reviewing again
    comes to an end.
    """
    findings: list[Finding] = []
    strengths: list[str] = []
    checks = 0
    if not text.strip():
        empty = Finding("coverage", "There is no draft to review.", "Write a draft first.")
        return _verdict([empty], [], 1)
    limits = check_limits(text, task.limits)
    named = [
        name for name, value in vars(task.limits).items() if value is not None and name != "items"
    ]
    checks += len(named)
    findings += limits
    if named and not limits:
        strengths.append("It keeps to the length and format asked for.")
    body = body_sentences(text)
    bag = stems(text)
    for point in task.points:
        checks += 1
        if (
            not is_open(point, body)
            and not is_open(task.topic, body)
            and not any(takes_up(point, s, task) for s in body)
        ):
            findings.append(
                Finding(
                    "coverage", f"It does not mention {_named(point)}.", f"Mention {_named(point)}."
                )
            )
    wanted = [*task.points, *([task.topic] if content(task.topic) else [])]
    if task.points and all(any(takes_up(w, s, task) for s in body) for w in wanted):
        strengths.append("It covers every point asked for.")
    if content(task.topic) and not citations(text):
        checks += 1
        if not names(task.topic, text):
            subject = general.about(task.topic)
            findings.append(
                Finding(
                    "coverage", f"It does not name its subject, {subject}.", f"Mention {subject}."
                )
            )
    for word in task.avoid:
        checks += 1
        if stems(word) and stems(word) <= bag and any(stems(word) <= stems(s) for s in body):
            findings.append(
                Finding(
                    "avoid", f"It mentions {word}, which was to be left out.", f'Remove "{word}".'
                )
            )
    findings_before = len(findings)
    checks += _citations(text, body, task, findings)
    if len(findings) == findings_before and citations(text):
        strengths.append(f"It names its sources: {listing(citations(text))}.")
    checks += _extras(text, task, findings)
    bold = [s for s in body if _BOLD.search(s) and not citations(s) and not is_signoff(s)]
    if not task.cite and not task.sources:
        checks += bool(bold)
        for sentence in bold:
            findings.append(
                Finding(
                    "support",
                    f'A large claim has no source: "{sentence}"',
                    f'Add a source or remove the claim: "{sentence}"',
                )
            )
    if not checks:
        checks += 1
        if len(body) < 2:
            findings.append(
                Finding(
                    "clarity",
                    "The text is a single sentence.",
                    "Expand the text to at least 2 sentences.",
                )
            )
        else:
            strengths.append("It is short and readable.")
    return _verdict(findings, strengths, checks)


def takes_up(point: str, sentence: str, task: Task) -> bool:
    """Whether a sentence says something on a point, by the words of its subject."""
    if _OPEN.search(sentence) and not citations(sentence):
        return False
    known = {source.id for source in task.sources if source.id}
    if known and citations(sentence):
        topics = (within(task, point), task.topic)
        return any(on_subject(point, sentence, topic=topic) for topic in topics)
    return covers(point, sentence) >= 0.5


def names(topic: str, text: str) -> bool:
    """Whether a text names its topic: with half of its words at least."""
    wanted = content(topic)
    return 2 * len(shared(topic, text, exactly=True)) >= len(wanted)


def is_open(point: str, body: list[str]) -> bool:
    """Whether the text says openly that nothing is known about a point."""
    return bool(point) and any(
        re.search(
            r"say nothing about|sources (?:found )?do not (?:say|answer|tell|deal with)|still to be added|found nothing about|no source was found on",
            s,
            re.I,
        )
        and covers(point, s) >= 0.5
        for s in body
    )


def _named(point: str) -> str:
    point = point.strip().rstrip(".")
    if general.is_clause(point) and not point.startswith("that "):
        return f"that {general.lower_article(point)}"
    return point if point.startswith("that ") else general.lower_article(point)


def _citations(text: str, body: list[str], task: Task, findings: list[Finding]) -> int:
    """Checks that claims name a source and that the source bears them out."""
    checks = 0
    known = {source.id for source in task.sources if source.id}
    if task.cite or known:
        checks += 1
        bare = [s for s in body if is_claim(s) and not citations(s)]
        for sentence in bare:
            findings.append(
                Finding(
                    "citations",
                    f'A claim has no source: "{strip_citations(sentence)}"',
                    f'Add a source or remove the claim: "{strip_citations(sentence)}"',
                )
            )
    needed = needed_sources(task)
    if needed is not None:
        checks += 1
        count = len(citations(text))
        if count < needed:
            findings.append(
                Finding(
                    "citations",
                    f"It cites {count} of at least {counted(needed, 'source')}.",
                    f"Cite at least {counted(needed, 'different source')}.",
                )
            )
    if known:
        checks += 1
        for entry in citations(text):
            if entry not in known:
                findings.append(
                    Finding(
                        "citations",
                        f"No source has the id [{entry}].",
                        f"Remove the citation [{entry}].",
                    )
                )
        for sentence in body:
            cited = [entry for entry in citations(sentence) if entry in known]
            if cited and is_claim(sentence) and not supported(sentence, task.sources):
                findings.append(
                    Finding(
                        "support",
                        f'{listing(f"[{e}]" for e in cited)} does not say this: "{strip_citations(sentence)}"',
                        f'Remove the unsupported claim: "{strip_citations(sentence)}"',
                    )
                )
    return checks


def _extras(text: str, task: Task, findings: list[Finding]) -> int:
    """Greeting, sign-off, title, example, next step: checked when the criteria name them."""
    request = task.request if task.criteria else ""
    for subject in (task.topic, *task.points):
        request = request.replace(subject, " ") if subject else request
    wanted = "\n".join([*task.criteria, request]).lower()
    kinds = {part.kind for part in blocks(text)}
    checks = 0
    for pattern, there, name in (
        (r"\bgreeting\b|\bsalutation\b", "greeting" in kinds, "a greeting"),
        (r"\bsign[- ]?off\b|\bclosing line\b", "signoff" in kinds, "a sign-off"),
        (
            r"\b(?:a|has|have|with|needs a|the) (?:\w+ )?(?:title|headline|heading)\b",
            "heading" in kinds or "subject" in kinds,
            "a title",
        ),
        (
            r"\b(?:an|one|concrete) example\b|\bfor example\?",
            bool(re.search(r"\bfor (?:example|instance)\b|\be\.g\.", text, re.I)),
            "an example",
        ),
        (
            r"\b(?:next step|call to action|what (?:the reader|to) do(?:es)? next)\b",
            bool(
                re.search(
                    r"\b(?:next step|reply to this|write to us|contact us|please (?:reply|write|call|contact|let|order|visit|send)|ask us)\b|(?:^|[.!?] )(?:Order|Visit|Call|Write|Ask|Send|Choose) ",
                    text,
                    re.I,
                )
            ),
            "a next step for the reader",
        ),
    ):
        if re.search(pattern, wanted) and not re.search(
            rf"\b(?:no|without|not)\b[^.\n]{{0,20}}(?:{pattern})", wanted
        ):
            checks += 1
            if not there:
                findings.append(
                    Finding("format", f"It has no {name.split(' ', 1)[1]}.", f"Add {name}.")
                )
    return checks


def _verdict(findings: list[Finding], strengths: list[str], checks: int) -> Review:
    unique = list({finding.change: finding for finding in findings}.values())
    score = round(max(0.0, 1 - len(unique) / max(checks, len(unique) + 1)), 2) if unique else 1.0
    if not unique:
        words = " ".join(["Approved.", *strengths, "No change is needed."])
    else:
        lines = [f"- {finding.problem} {finding.change}" for finding in unique]
        words = "\n".join(["Changes needed:", *lines])
    return Review(not unique, tuple(unique), tuple(strengths), score, words)
