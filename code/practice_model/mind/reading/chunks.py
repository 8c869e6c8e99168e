"""Names, noun chunks and subordinate clauses, and the roles that all spans play."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from practice_model.lexicon import words
from practice_model.mind.reading.linking import correct, enumerate_spans, subordinate
from practice_model.mind.reading.model import Sentence, Span
from practice_model.mind.reading.numerals import ORDINALS
from practice_model.mind.reading.scanner import Scanner
from practice_model.mind.reading.spans import inside
from practice_model.mind.reading.tagging import Tagger
from practice_model.mind.reading.tokens import Token, contraction, families, function_word, is_verb

_DETERMINERS = words("words", "determiners")
_PREPOSITIONS = words("words", "prepositions")
_PARTICIPLES = words("words", "participles")
_NEGATORS = words("words", "negators")
_PREDICATES = words("words", "predicates")
_COPULAS = words("words", "copulas")


def chunk(scanner: Scanner, sentences: Sequence[Sentence]) -> tuple[list[Span], Tagger]:
    """Add names, nouns and clauses to a scanner's spans; return all with their roles."""
    tagger = Tagger(scanner.text, sentences)
    _names(scanner, tagger, {s.start for s in sentences})
    _nouns(scanner, tagger)
    _addresses(scanner)
    spans = sorted(scanner.spans, key=lambda s: (s.start, -s.end))
    spans = [_role(span, scanner, tagger) for span in spans]
    spans = _counted(scanner.text, spans)
    spans = enumerate_spans(scanner.text, spans, tagger)
    spans = correct(scanner.text, spans)
    spans += subordinate(scanner.text, sentences, tagger, spans)
    return [
        replace(s, quoted=s.kind != "quote" and inside(scanner.quotes, s.start, s.end))
        for s in spans
    ], tagger


def _names(scanner: Scanner, tagger: Tagger, heads: set[int]) -> None:
    toks, text, at = tagger.tokens, scanner.text, 0
    while at < len(toks):
        last = at
        if _opens_name(scanner, tagger, at, heads):
            last = _name_end(scanner, toks, at)
            if last > at or not _plain_opening(text, toks[at], toks[at].start in heads):
                start, end = toks[at].start, toks[last].end
                scanner.add(start, end, "name", text[start:end])
        at = last + 1


def _capital(scanner: Scanner, token: Token) -> bool:
    return (
        token.is_word
        and token.text[0].isupper()
        and not any(scanner.taken[token.start : token.end])
    )


def _opens_name(scanner: Scanner, tagger: Tagger, at: int, heads: set[int]) -> bool:
    toks = tagger.tokens
    token = toks[at]
    if not _capital(scanner, token) or (tagger.verb[at] and token.start in heads):
        return False
    if token.text == "I" or contraction(token.low):
        return False
    if not function_word(token.low):
        return True
    title = toks[at + 1 : at + 3]  # "The Blue Door"
    opens = token.start in heads or (at > 0 and toks[at - 1].text in ('"', "“", "'", ":"))
    return (
        (token.low == "the" or (opens and token.low in ("a", "le", "la")))
        and len(title) == 2
        and all(t.is_word and t.text[0].isupper() for t in title)
    )


def _name_end(scanner: Scanner, toks: list[Token], last: int) -> int:
    """Return the index of the last word of a name: "Dr. Weiss", "House of Tea", "Luigi's Bar"."""
    first = last
    while last + 1 < len(toks):
        link = toks[last + 1]
        joins = (
            link.low in words("words", "chunks_continues")
            or (link.text == "'s" and last == first)
            or (link.text == "." and _is_title(toks[last]))
        )
        after = toks[last + 1 + joins] if last + 1 + joins < len(toks) else None
        gap = scanner.text[toks[last].end : after.start] if after else "\n"
        if joins:
            gap = gap.replace(link.text, "", 1)
        if after is None or gap.strip(" ") or after.text == "I" or not _capital(scanner, after):
            break
        last += 1 + joins
    return last


def _is_title(token: Token) -> bool:
    return token.low in words("words", "titles") or token.low == "st"


def _plain_opening(text: str, token: Token, head: bool) -> bool:
    """Tell that a single capitalised word is no name, but how a sentence or label begins."""
    after = text[token.end : token.end + 40]
    if (
        head
        and (
            re.match(r" #?(?:\d|[A-Z]{1,4}-?\d)", after)  # "Room 412": a label
            or _common(token.low)
            or (after[:1] == ":" and token.low in words("words", "section_labels"))
            or token.low in words("words", "interjections")
        )
    ):
        return True
    before = text[max(0, token.start - 4) : token.start].rstrip(" \"'“")
    return (head or before[-1:] == ":") and _opens_phrase(after)


_FOLLOWS = re.compile(r" ([a-z][a-z-]+)(?= [a-z]|[.:,!?]|$)")


def _opens_phrase(after: str) -> bool:
    """Tell that a sentence's first word belongs to a common noun: "Lentil soup", "New member"."""
    word = _FOLLOWS.match(after)
    return bool(
        word
        and not _common(word[1])
        and word[1] not in _PREDICATES
        and (word[1][-1] != "s" or after[word.end() : word.end() + 1] in ".:")
    )


def _common(word: str) -> bool:
    return function_word(word) or is_verb(word) or word.endswith(("ing", "ly", "ed"))


def _nouns(scanner: Scanner, tagger: Tagger) -> None:
    run: list[Token] = []
    for index, token in enumerate([*tagger.tokens, Token(0, 0, "\n")]):
        content = (
            (
                token.is_word
                and not function_word(token.low)
                and not tagger.verb[index]
                and not any(scanner.taken[token.start : token.end])
                and token.low not in _PARTICIPLES
                and token.low not in _PREDICATES
                and not (is_verb(token.low) and _pronoun_after(tagger.tokens, index))
                and not (token.low.endswith("ed") and len(token.low) > 5)
            )
            if token.end
            else False
        )
        gap = scanner.text[run[-1].end : token.start] if run and token.end else ""
        if token.low in ("back", "front") and 0 < index < len(tagger.tokens) - 1:
            after = tagger.tokens[index + 1]
            content = (
                tagger.tokens[index - 1].low in _DETERMINERS
                and after.is_word
                and not (function_word(after.low))
            )
        slug = content and _is_slug(token)
        if run and (not content or gap.strip() or slug):
            cue = run[0].low in words("words", "interjections") and run[0].text[0].isupper()
            if not all(t.low in ORDINALS for t in run) and not cue:
                scanner.add(
                    run[0].start, run[-1].end, "noun", scanner.text[run[0].start : run[-1].end]
                )
            run = []
        if slug:
            scanner.add(token.start, token.end, "slug", token.text)
        elif content:
            run.append(token)


def _pronoun_after(every: list[Token], index: int) -> bool:
    return index + 1 < len(every) and every[index + 1].low in ("it", "them", "that", "this")


_SLUG_TAILS = words("words", "compound_tails")


def _is_slug(token: Token) -> bool:
    """Tell a name such as "checkout-api" from a compound such as "double-sided"."""
    parts = token.low.split("-")
    return (
        len(parts) > 1
        and parts[-1] not in _SLUG_TAILS
        and parts[0] not in ("e", "non", "re", "pre", "co", "self", "well", "half")
        and not parts[-1].endswith(("ed", "ing"))
    )


_STREET = words("words", "street")


def _addresses(scanner: Scanner) -> None:
    """Join a street's name and its number: "Storgata 12, Oslo", "12 Mill Lane"."""
    spans = sorted(scanner.spans, key=lambda s: s.start)
    for first, second in itertools.pairwise(spans):
        gap = scanner.text[first.end : second.start]
        if gap != " " or {first.kind, second.kind} != {"name", "number"}:
            continue
        name = first if first.kind == "name" else second
        street = name.text.lower().rsplit(None, 1)[-1].endswith(tuple(_STREET))
        listed = (
            first is name
            and scanner.text[: first.start].rstrip()[-1:] == ","
            and (scanner.text[second.end : second.end + 1] in (",", "", "."))
        )
        if street or listed:
            scanner.spans.remove(first)
            scanner.spans.remove(second)
            text = scanner.text[first.start : second.end]
            scanner.spans.append(Span(first.start, second.end, "address", text, text))


def _role(span: Span, scanner: Scanner, tagger: Tagger) -> Span:
    label: list[str] = []
    before, negated = "", False
    index = tagger.index_at(span.start)
    index -= index >= 0 and tagger.starts[index] >= span.start
    end = span.start
    for _ in range(7):
        if index < 0:
            break
        token = tagger.tokens[index]
        gap = scanner.text[token.end : end]
        if (
            "\n" in gap
            or token.text in ",;.!?)"
            or (token.end <= span.start and _in_other(scanner, token, span))
        ):
            break
        low = token.low
        if low in ("no", "not", "without", "non") and (not label or low != "no"):
            negated = True
        if low in _PREPOSITIONS and low != "no":
            before = low
            earlier = tagger.tokens[index - 1].low if index else ""
            negated = negated or earlier in ("not", "never")  # "not on Friday"
            break
        if (
            tagger.verb[index]
            and span.kind in ("name", "email", "handle")
            and not label
            and (families(low) & {"send", "assign", "remind"} or low in ("give", "tell", "ask"))
        ):
            before = "to"
            break
        if tagger.verb[index] and (not label or low not in ("order", "book", "card", "ticket")):
            before = before or low if not label else before
            break
        if token.text in ":=#(\"'“‘" or low in _DETERMINERS or low in _COPULAS or low in _NEGATORS:
            if low in ("number", "id", "code") and not label:
                label.insert(0, low)
        elif low in _PARTICIPLES:
            label.insert(0, low)
            break
        elif token.is_word and not function_word(low) and len(label) < 3:
            label.insert(0, low)
        else:
            break
        end, index = token.start, index - 1
    bound = _BOUND.search(scanner.text, max(0, span.start - 24), span.start)
    if bound and span.kind in ("number", "money", "quantity", "duration"):
        before = "under" if bound[1] else "over"
    return replace(span, before=before, label=" ".join(label), negated=negated)


_BOUND = re.compile(
    r"\b(?:(at most|under|below|up to|less than|fewer than|no more than|max(?:imum)?(?: of)?|"
    r"cheaper than|not more than)|at least|over|above|more than|min(?:imum)?(?: of)?) $",
    re.I,
)


def _in_other(scanner: Scanner, token: Token, span: Span) -> bool:
    return any(
        s.start <= token.start < s.end and s.kind not in ("noun", "ordinal") and s.end <= span.start
        for s in scanner.spans[-400:]
    ) and bool(scanner.taken[token.start])


def _counted(text: str, spans: list[Span]) -> list[Span]:
    """Give bare numbers the noun that they count: "two more suitcases", "six frames of brood"."""
    nouns = {s.start: s for s in spans if s.kind in ("noun", "name")}
    found = []
    for span in spans:
        if span.kind == "number":
            gap = re.match(
                r"[ -](?:(?:more|new|other|of the|of|extra|additional|free|full) )?",
                text[span.end : span.end + 20],
            )
            noun = nouns.get(span.end + len(gap[0])) if gap else None
            if re.match(r" of (?:them|these|those|it)\b", text[span.end : span.end + 10]):
                span = replace(span, unit="piece")
            if noun is not None and (noun.kind == "noun" or "of" not in (gap[0] if gap else "")):
                span = replace(span, unit=noun.text.lower())
        found.append(span)
    return found
