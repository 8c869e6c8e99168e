"""Names, noun chunks and subordinate clauses, and the roles that all spans play."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from practice_model.lexicon import words
from practice_model.lexicon import words as word_list
from practice_model.mind.reading.linking import correct, enumerate_spans, subordinate
from practice_model.mind.reading.model import Sentence, Span
from practice_model.mind.reading.numerals import ORDINALS
from practice_model.mind.reading.scanner import Scanner
from practice_model.mind.reading.spans import inside
from practice_model.mind.reading.tagging import Tagger
from practice_model.mind.reading.tokens import Token, contraction, families, function_word, is_verb

_LINKS = words("words", "name_links")
_DETERMINERS = words("words", "determiners")
_PREPOSITIONS = words("words", "prepositions")
_PARTICIPLES = words("words", "participles")
_NEGATORS = words("words", "negators")
_PREDICATES = words("words", "predicates")
_COPULAS = words("words", "copulas")


def chunk(scanner: Scanner, sentences: Sequence[Sentence]) -> tuple[list[Span], Tagger]:
    """Add names, nouns and clauses to a scanner's spans; return all with their roles."""
    tagger = Tagger(scanner.text, sentences)
    _introduced(scanner)
    _names(scanner, tagger, {s.start for s in sentences})
    _nouns(scanner, tagger)
    _addresses(scanner)
    spans = sorted(scanner.spans, key=lambda s: (s.start, -s.end))
    spans = [_role(span, scanner, tagger) for span in spans]
    spans = _counted(scanner.text, spans)
    spans = enumerate_spans(scanner.text, spans, tagger)
    spans = correct(scanner.text, spans)
    spans += subordinate(scanner.text, sentences, tagger, spans)
    starts = [s.start for s in sentences]
    return [
        replace(
            s,
            sentence=max(0, bisect_right(starts, s.start) - 1),
            quoted=s.kind != "quote" and inside(scanner.quotes, s.start, s.end),
        )
        for s in spans
    ], tagger


def _names(scanner: Scanner, tagger: Tagger, heads: set[int]) -> None:
    run: list[Token] = []
    toks = tagger.tokens
    for index, token in enumerate([*toks, Token(len(scanner.text), len(scanner.text), "\n")]):
        if run and not _continues(scanner, run, token, toks, index):
            _add_name(scanner, run, heads)
            run = []
        free = token.end <= len(scanner.taken) and not any(scanner.taken[token.start : token.end])
        capital = token.is_word and token.text[0].isupper() and free
        if not capital or (not run and tagger.verb[index] and token.start in heads):
            if (run and free and (token.low in _LINKS or token.text == "'s") and token.end) or (
                run and free and token.text.isdigit()
            ):
                run.append(token)
            continue
        opens = token.start in heads or (index > 0 and toks[index - 1].text in ('"', "“", "'", ":"))
        if not run and (
            token.text == "I"
            or contraction(token.low)
            or (
                function_word(token.low)
                and not (opens and _title_follows(toks, index))
                and not (token.low in ("the", "may", "will") and _title_follows(toks, index))
            )
        ):
            continue
        if run and token.text == "I":
            continue
        run.append(token)


def _title_follows(toks: list[Token], index: int) -> bool:
    following = toks[index + 1 : index + 3]
    return (
        len(following) == 2
        and toks[index].low in ("the", "a", "le", "la")
        and all(t.is_word and t.text[0].isupper() for t in following)
    )


def _continues(
    scanner: Scanner, run: list[Token], token: Token, toks: list[Token], at: int
) -> bool:
    gap = scanner.text[run[-1].end : token.start]
    if gap.strip(" ") not in ("", ".") or (gap.strip() == "." and not _is_title(run[-1])):
        return False
    if token.text == "." and _is_title(run[-1]):
        return True
    if token.text == "'s" and len(run) == 1 and at + 1 < len(toks):
        after = toks[at + 1]
        return after.text[:1].isupper() and after.start - token.end == 1 and after.is_word
    if any(scanner.taken[token.start : min(token.end, len(scanner.taken))]):
        return False
    if token.is_word and token.text[0].isupper():
        return True
    if (
        token.text == "&"
        or token.low in _LINKS - {"on", "in", "at", "for"}
        or token.low in ("in", "on")
    ):
        following = toks[at + 1] if at + 1 < len(toks) else None
        joins = token.low in word_list("words", "chunks_continues")
        return bool(
            joins
            and following
            and following.text[:1].isupper()
            and not scanner.text[token.end : following.start].strip()
        )
    return False


def _is_title(token: Token) -> bool:
    return token.low in words("words", "titles") or token.low == "st"


def _add_name(scanner: Scanner, run: list[Token], heads: set[int]) -> None:
    while run and (run[-1].low in _LINKS and run[-1].text[0].islower()):
        run = run[:-1]
    if (
        run
        and run[0].start in heads
        and len(run) == 1
        and re.match(r" #?(?:\d|[A-Z]{1,4}-?\d)", scanner.text[run[0].end : run[0].end + 3])
    ):
        return  # "Room 412": a label
    if (
        run
        and run[0].start in heads
        and len(run) == 1
        and (
            _common(run[0].low)
            or (
                scanner.text[run[0].end : run[0].end + 1] == ":"
                and run[0].low in words("words", "section_labels")
            )
        )
    ):
        return
    if len(run) == 1 and run[0].start in heads and run[0].low in words("words", "interjections"):
        return
    opens = run and (
        run[0].start in heads or scanner.text[: run[0].start].rstrip(" \"'“")[-1:] == ":"
    )
    if opens and len(run) == 1 and _opens_phrase(scanner.text[run[0].end : run[0].end + 40]):
        return
    if run:
        scanner.add(run[0].start, run[-1].end, "name", scanner.text[run[0].start : run[-1].end])


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


_INTRODUCED = re.compile(
    r"\b(?:(?:name|surname)(?:'s| is|:)|(?:is|am|are) (?:called|named)|call me|"
    r"(?P<weak>this is|it's|i'm|i am|from)) "
    r"(?P<name>[a-z][\w'-]+(?: (?!(?:from|and|of|at|in|on|with|for|who|but|or)\b)[a-z][\w'-]+)?)"
    r"(?= from| of| and| at| in| here|[.,;!?\n]|$)"
)


def _introduced(scanner: Scanner) -> None:
    """Claim names in lower case behind what introduces them: "my name is carla ruiz"."""
    from practice_model.mind.vectors import is_word

    for match in _INTRODUCED.finditer(scanner.text):
        said = match["name"].split()
        if any(function_word(w) for w in said) or (
            match["weak"] and (len(said) < 2 or all(map(is_word, said)))
        ):
            continue
        text = " ".join(w.capitalize() for w in said)
        scanner.add(match.start("name"), match.end("name"), "name", text)


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
