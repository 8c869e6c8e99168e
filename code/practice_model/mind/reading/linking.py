"""Spans that belong together: enumerations, corrections, and what stands after "that" or ":"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from practice_model.lexicon import table
from practice_model.lexicon import words as word_list
from practice_model.mind.reading.model import Sentence, Span
from practice_model.mind.reading.scanner import MAX_TEXT
from practice_model.mind.reading.tagging import Tagger

_JOIN = re.compile(
    r"\s{0,4}(?:,|\band\b|\bor\b|&|/|\bplus\b|\bas well as\b)[\s,]{0,6}"
    r"(?:(?:and|or|then)\b\s*)?(?:(?:of|to|in|for|from|with|on|at)\b\s*)?"
    r"(?:(?:the|an?|our|my|some|its|their|her|his)\b\s*)?",
    re.I,
)
_DET = re.compile(r"\b(?:the|an?|our|my|some|its|their|her|his)\b", re.I)
_KIND_GROUPS = {"name": "thing", "noun": "thing"}
_KIND_GROUPS |= dict.fromkeys(("id", "handle", "version", "slug"), "id")


def _group(span: Span) -> str:
    return _KIND_GROUPS.get(span.kind, span.kind)


def enumerate_spans(text: str, spans: list[Span], tagger: Tagger) -> list[Span]:
    """Count the enumerations; later members share the roles of the first."""
    found: list[Span] = []
    group = 0
    labels = {
        s.end
        for s in spans
        if s.kind == "noun"
        and any(o.start == s.end + 1 and o.kind in ("number", "id", "quote") for o in spans)
    }
    for span in spans:
        if span.end in labels:
            found.append(span)
            continue
        previous = next((s for s in reversed(found[-3:]) if s.end <= span.start), None)
        if previous is not None and _group(previous) == _group(span):
            gap = text[previous.end : span.start]
            if previous.kind != span.kind and _DET.search(gap):
                gap = "."  # "Luis Ortega, his role": two different things
            if gap.strip() and len(gap) < 30 and _JOIN.fullmatch(gap) and ("." not in gap):
                if previous.group < 0:
                    group += 1
                    found[found.index(previous)] = previous = replace(previous, group=group)
                span = replace(
                    span,
                    group=previous.group,
                    before=span.before or previous.before,
                    label=span.label or previous.label,
                )
        found.append(span)
    joined = {
        s.group
        for s in found
        if s.group >= 0
        and re.search(
            r"(?:\band\b|\bor\b|&|/|\bplus\b|\bas well as\b)\W{0,3}(?:\w+ ){0,2}$",
            text[max(0, s.start - 20) : s.start],
        )
    }
    lone = {s.group for s in found if s.kind == "name" and s.group not in joined}
    return [replace(s, group=-1) if s.group in lone else s for s in found]


_CUE = re.compile(
    r"\b(?:no,? wait|wait,? no|wait|sorry|i mean(?:t)?|scratch that|correction|or rather|"
    r"make (?:that|it)|no)\b[,:]?|\b(?:actually)\b,?",
    re.I,
)
_INSTEAD = re.compile(r"\b(?:instead of|rather than|not)\s+(?:the |a |for |on |at |to )*$", re.I)
_VALUES = (*table("words")["linking_values"].split(),)


def correct(text: str, spans: list[Span]) -> list[Span]:
    """Mark what a later correction withdraws: "12.90, no wait, 14.90", "60 instead of 40"."""
    dead: set[int] = set()
    values = [i for i, s in enumerate(spans) if s.kind in _VALUES]
    for cue in _CUE.finditer(text[:MAX_TEXT]):
        after = next((i for i in values if spans[i].start >= cue.end()), None)
        if after is None or spans[after].start - cue.end() > 40:
            continue
        strong = cue[0].lower().rstrip(",:") not in ("no", "actually", "make it")
        gap = text[cue.end() : spans[after].start]
        if any(c in gap for c in ".!?\n") or (not strong and len(gap.split()) > 3):
            continue
        weak_head = not strong and text[max(0, cue.start() - 2) : cue.start()].strip()[
            -1:
        ] not in word_list("words", "linking_correct")
        if weak_head:
            continue
        before = [
            i
            for i in values
            if spans[i].end <= cue.start()
            and _alike(spans[i], spans[after])
            and cue.start() - spans[i].end < 60
        ]
        dead |= set(before[-1:])
    for i in values:
        if _INSTEAD.search(text[max(0, spans[i].start - 24) : spans[i].start]) and any(
            j != i
            and j not in dead
            and _alike(spans[i], spans[j])
            and spans[j].start - spans[i].end < 60
            and spans[i].start - spans[j].end < 60
            for j in values
        ):
            dead.add(i)
    return [replace(s, corrected=True) if i in dead else s for i, s in enumerate(spans)]


def _alike(first: Span, second: Span) -> bool:
    amounts = ("number", "money", "quantity", "duration")
    return (
        first.kind == second.kind
        or (first.kind in amounts and second.kind in amounts)
        or ({first.kind, second.kind} == {"number", "id"})
        or ({first.kind, second.kind} == {"number", "time"})
    )


_OPENERS = re.compile(
    r"\b(?:(?:tell|inform|remind) (?:him|her|them|us|[A-Z]\w+(?: [A-Z]\w+)?)|"
    r"let \S{1,40}(?: [A-Z]\w+)? know) "
    r"(?=(?:the|a|an|it|it's|his|her|"
    r"their|we|we're|our|my|i|i'm|that's|there)\b)|\b(that|because(?: of)?|since|as|"
    r"saying|says?|asking|ask(?: them| him| her)?(?: if| whether)?|telling|"
    r"about|regarding|for|on|if|whether|so that|due to)\b(?!-)|:(?=\s)",
    re.I,
)


def _clause(text: str, start: int, end: int, before: str) -> Span:
    return Span(start, end, "clause", text[start:end], text[start:end], before=before)


def subordinate(
    text: str, sentences: Sequence[Sentence], tagger: Tagger, spans: Sequence[Span]
) -> list[Span]:
    """Add what stands after "that", "because", "about", ":" up to the end of its sentence."""
    found = []
    moments = {s.start for s in spans if s.kind in ("date", "time", "duration")}
    for sentence in sentences[:400]:
        end = sentence.end
        while end > sentence.start and text[end - 1] in ".!?;":
            end -= 1
        for match in _OPENERS.finditer(text, sentence.start, end):
            start = match.end()
            while start < end and text[start] in " ,\n":
                start += 1
            if match[0].lower() == "that" and re.match(
                r"(?:in|on|at|to|for|with|by|up)\b", text[start:end]
            ):
                continue
            if text[start : start + 1] in "\"“'‘":
                continue
            if (end - start < 6 and " " not in text[start:end]) or start in moments:
                continue
            if start < end and start - match.end() < 4:
                before = (match[1] or (":" if match[0] == ":" else "that")).lower()
                found.append(_clause(text, start, end, before))
            if len(found) > 300:
                return found
        first = max(0, tagger.index_at(sentence.start))
        for index in range(first, min(first + 200, len(tagger.tokens) - 1)):
            token = tagger.tokens[index]
            if token.start >= end:
                break
            if token.low == "to" and tagger.verb[index + 1]:
                found.append(_clause(text, tagger.starts[index + 1], end, "to"))
    return found
