"""Which sentences matter: central ones for a summary, fitting ones for a topic."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from practice_model.brain.writing.limits import too_long
from practice_model.brain.writing.model import Limits, Source
from practice_model.brain.writing.text import (
    alike,
    citations,
    count_words,
    finish,
    overlap,
    sentences,
    stems,
    strip_citations,
)

_META = re.compile(
    r"^(?:i (?:searched|looked|found|will|can|could|have|think|'ll)|here (?:is|are)|let me|sure\b|of course|"
    r"no (?:documents?|results?|matches|sources?)\b|sources?:|notes?:|the (?:sources|notes) say nothing|the sources (?:found )?do not (?:say|answer|tell|deal with)|my search found nothing|\d+ results?|found \d+|nothing (?:was )?found)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """A sentence of a source, with its place and how well it fits (0 and more)."""

    text: str
    source: int
    place: int
    fit: float


def is_statement(sentence: str) -> bool:
    """Whether a sentence states something, as opposed to asking or talking about the search."""
    bare = strip_citations(sentence)
    return (
        not bare.rstrip("\"')").endswith(("?", ":"))
        and len(stems(bare)) >= 2
        and count_words(bare) >= 3
        and not _META.match(bare)
    )


def central(text: Sequence[str]) -> list[float]:
    """How central each sentence is: weight of the stems it shares with the others, and place."""
    bags = [stems(sentence) for sentence in text]
    frequency = Counter(stem for bag in bags for stem in bag)
    scores = []
    for place, bag in enumerate(bags):
        weight = sum(math.log(1 + frequency[stem]) for stem in bag)
        scores.append(weight / math.sqrt(len(bag) + 3) + 0.35 / (1 + place))
    return scores


def rank(sources: Sequence[Source], query: str, also: Sequence[str] = ()) -> list[Finding]:
    """The statements of all sources, the best for the query first; near-repetitions left out.

    A statement fits by the rare stems it shares with the query and with each text in `also`,
    and, more faintly, by the title of its source and by coming early.
    """
    listed: list[tuple[str, int, int]] = []
    for number, source in enumerate(sources):
        statements = [entry for entry in sentences(source.text) if is_statement(entry)]
        listed.extend((entry, number, place) for place, entry in enumerate(statements))
    bags = [stems(entry) for entry, _, _ in listed]
    frequency = Counter(stem for bag in bags for stem in bag)
    wanted = [stems(query), *(stems(entry) for entry in also)]
    found: list[Finding] = []
    for (entry, number, place), bag in zip(listed, bags, strict=True):
        fit = 0.0
        for group in wanted:
            fit += sum(
                math.log(1 + (len(listed) + 1) / frequency[stem]) for stem in group & bag
            ) / math.sqrt(len(group) + 1)
        if fit:
            fit += 0.1 / (1 + place)
        fit += 0.3 * overlap(wanted[0], stems(sources[number].title or ""))
        found.append(Finding(finish(entry), number, place, fit))
    found.sort(key=lambda entry: (-entry.fit, entry.source, entry.place))
    kept: list[Finding] = []
    for candidate in found:
        if all(alike(candidate.text, other.text) < 0.75 for other in kept):
            kept.append(candidate)
    return kept


def compress(sentence: str, max_words: int | None = None, max_chars: int | None = None) -> str:
    """A shorter sentence with the same core: asides and trailing clauses are cut.

    When that is not enough, it is cut after the last word that fits and ends in an ellipsis.
    """

    def fits(text: str) -> bool:
        return (max_words is None or len(text.split()) <= max_words) and (
            max_chars is None or len(text) <= max_chars
        )

    text = sentence.strip()
    for pattern in (
        r"\s*\((?![^)]*\[)[^()]*\)",
        r"^(?:However|Moreover|Furthermore|In addition|Also|Therefore|Besides|For example|In fact|Of course),\s*",
        r",\s+(?:which|who|although|because|while|whereas|so that|where|including|such as)\b[^,.;]*(?=[,.;])",
        r"\s+(?:—|–|--)\s+[^.]*(?=\.)",
        r";[^.]*(?=\.)",
        r",\s+(?:and|but|so|or)\s[^.\[]*(?=\s*(?:\[[^\]]*\])*\.)",
    ):
        if fits(text):
            return finish(text)
        text = re.sub(pattern, "", text)
    if fits(text):
        return finish(text)
    cited = "".join(f" [{entry}]" for entry in citations(text))
    tokens = strip_citations(text).rstrip(".").split()
    while tokens and not fits(" ".join(tokens) + "…" + cited):
        tokens.pop()
    while len(tokens) > 3 and tokens[-1].lower().strip(",;") in {
        "a", "an", "the", "and", "or", "of", "to", "in", "on", "for", "with", "by", "at", "that",
    }:  # fmt: skip
        tokens.pop()
    return " ".join(tokens).rstrip(",;:") + "…" + cited if tokens else ""


def summarise(text: str, limits: Limits | None = None) -> str:
    """Shorten a text to its most central sentences, in their order.

    Without limits, three sentences. Citations stay. Names and numbers count as central.
    """
    limits = limits or Limits()
    statements = [finish(entry) for entry in sentences(text)]
    statements = [s for s in statements if is_statement(s)] or statements
    if not statements:
        return ""
    if limits.bullets is not None or (limits.items and limits.max_sentences is None):
        count = limits.bullets or limits.items or 3
        return "\n".join(f"- {entry}" for entry in points(text, count))
    scores = central(statements)
    for place, entry in enumerate(statements):
        if re.search(r"\d", strip_citations(entry)):
            scores[place] += 0.25
        if re.search(r"(?<=\s)[A-Z][a-z]+", entry):
            scores[place] += 0.1
    order = sorted(range(len(statements)), key=lambda place: (-scores[place], place))
    unbounded = limits.max_words is None and limits.max_chars is None
    most = limits.max_sentences or (
        3 if unbounded and limits.min_words is None else len(statements)
    )
    chosen: list[int] = []
    for place in order:
        if len(chosen) >= most:
            break
        trial = " ".join(statements[entry] for entry in sorted([*chosen, place]))
        if not too_long(trial, limits) and all(
            alike(statements[place], statements[other]) < 0.7 for other in chosen
        ):
            chosen.append(place)
    if not chosen:
        return compress(statements[order[0]], limits.max_words, limits.max_chars)
    return " ".join(statements[place] for place in sorted(chosen))


def points(text: str, count: int | None = None) -> list[str]:
    """The main points of a text, in their order; without a count as many as a third, 3 to 7."""
    statements = [finish(entry) for entry in sentences(text)]
    statements = [s for s in statements if is_statement(s)] or statements
    if count is None:
        count = min(7, max(3, math.ceil(len(statements) / 3)))
    scores = central(statements)
    order = sorted(range(len(statements)), key=lambda place: (-scores[place], place))
    chosen: list[int] = []
    for place in order:
        if len(chosen) < count and all(
            alike(statements[place], statements[other]) < 0.7 for other in chosen
        ):
            chosen.append(place)
    return [statements[place] for place in sorted(chosen)]
